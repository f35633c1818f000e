"""All that an index has, by IRIs and not by ids: what two ways of making it are compared by."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

_TABLES = {
    "things, in their order": """SELECT thing.iri, thing.type, place.iri, thing.gone, thing.length, thing.label,
        thing.fr, thing.en, thing.population, thing.kind, thing.filters
        FROM thing LEFT JOIN thing AS place ON place.id = thing.territory ORDER BY thing.id""",
    "names": "SELECT words, iri FROM name JOIN thing ON thing.id = thing ORDER BY 1, 2",
    "kinds": "SELECT * FROM kind ORDER BY 1",
    "classes": "SELECT * FROM class ORDER BY 1",
    "wholes": "SELECT * FROM within ORDER BY 1",
    "words": "SELECT term, iri, col, offset FROM temp.word JOIN thing ON id = doc ORDER BY 1, 2, 3, 4",
    "facets": "SELECT term, iri FROM temp.facets JOIN thing ON id = doc ORDER BY 1, 2",
    "things of words": "SELECT term, doc, cnt FROM temp.counted ORDER BY 1",
    "lengths, by which they are ranked": "SELECT iri, sz FROM text_docsize JOIN thing USING (id) ORDER BY 1",
    "average length": "SELECT block FROM text_data WHERE id = 1",
    "endings": "SELECT term, iri FROM temp.endings JOIN thing ON id = doc ORDER BY 1, 2",
    "rows": "SELECT (SELECT count(*) FROM name), (SELECT count(*) FROM text_docsize), (SELECT count(*) FROM temp.word)",
}


def described(index: Path) -> dict[str, list[Any]]:
    """All that an index has, which has to be sound."""
    with closing(sqlite3.connect(index)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for name in ("text", "ending", "facet"):
            opened.execute(f"INSERT INTO {name}({name}) VALUES ('integrity-check')")
        opened.execute("CREATE VIRTUAL TABLE temp.word USING fts5vocab(main, text, instance)")
        opened.execute("CREATE VIRTUAL TABLE temp.counted USING fts5vocab(main, text, row)")
        opened.execute("CREATE VIRTUAL TABLE temp.endings USING fts5vocab(main, ending, instance)")
        opened.execute("CREATE VIRTUAL TABLE temp.facets USING fts5vocab(main, facet, instance)")
        found = {name: opened.execute(query).fetchall() for name, query in _TABLES.items()}
        opened.rollback()
    return found
