"""Things as a table for a person who opens it in a spreadsheet: where they are, how to reach them, who says so.

In: rows as a page has them. Out: CSV in the words of the page, with the mark by which spreadsheets know UTF-8.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from pyoxigraph import Literal, NamedNode

from clirld.query.formats import PREFIXES
from clirld.search.around import level_of
from clirld.search.find import departements_of
from clirld.search.index import FILE
from clirld.settings import BASE
from clirld.web.documents.naming import Naming
from clirld.web.release import ServedRelease
from clirld.web.search.asked import TERRITORY
from clirld.web.search.rows import Row

MOST_ROWS = 5000
"""Things of a sheet: half a thousandth of a second each. Who wants more takes the tables of the release."""

COLUMNS = (
    *("name", "kind", "place", "commune-code", "departement-code", "departement"),
    *("street", "postcode", "post-name", "website", "facts", "sources", "record"),
)
_LOCN = "http://www.w3.org/ns/locn#"
_ADDRESS, _HOMEPAGE = NamedNode(f"{_LOCN}address"), NamedNode(f"{PREFIXES['foaf']}homepage")
_PARTS = tuple(NamedNode(f"{_LOCN}{name}") for name in ("thoroughfare", "postCode", "postName"))
_NO_MORE: Mapping[str, Sequence[str]] = MappingProxyType({})
_ACTS_IN = NamedNode(f"{BASE}ontology#actsIn")


def sheet(
    rows: Sequence[Row],
    naming: Naming,
    said: Mapping[str, str],
    release: ServedRelease,
    more: Mapping[str, Sequence[str]] = _NO_MORE,
) -> bytes:
    """The rows; `said` has the headings, `more` further columns: heading → the cell of each row.

    Raises sqlite3.DatabaseError where the index is damaged, SearchTimeout where it takes too long.
    """
    around = [_territories(one, naming) for one in rows]
    departements = departements_of(release.folder / FILE, {key for keys in around for key in keys})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*(said[f"column-{name}"] for name in COLUMNS), *more])
    for number, (row, keys) in enumerate(zip(rows, around, strict=True)):
        within = sorted({one for key in keys for one in departements.get(key, ())})
        cells = [*_cells(row, keys, within, naming), *(column[number] for column in more.values())]
        writer.writerow(cells)
    return f"\ufeff{out.getvalue()}".encode()


def sheet_headers(name: str, language: str) -> dict[str, str]:
    """The headers of a sheet that is kept under a name."""
    return {"content-language": language, "content-disposition": f'attachment; filename="{name}.csv"'}


def _cells(row: Row, keys: Sequence[str], within: Iterable[str], naming: Naming) -> Iterable[str]:
    yield "".join(piece for piece, _is_asked in row.name)
    yield row.kind[:1].upper() + row.kind[1:]
    yield row.place_name
    yield keys[0].rpartition("-")[2] if len(keys) == 1 and level_of(keys[0]) == "commune" else ""
    yield ", ".join(key.rpartition("-")[2] for key in within)
    yield ", ".join(naming.label(TERRITORY + key) for key in within)
    thing = NamedNode(row.hit.iri)
    addresses = _objects(naming, thing, _ADDRESS)
    for part in _PARTS:
        yield _one(value for one in addresses for value in _objects(naming, NamedNode(one), part))
    yield _one(_objects(naming, thing, _HOMEPAGE))
    yield ", ".join(row.facts)
    yield ", ".join(source for source, _iri in row.sources)
    yield row.hit.iri


def _territories(row: Row, naming: Naming) -> list[str]:
    """The keys of the territories that a thing is or lies in; of one that has no seat, of those that it acts in."""
    if row.hit.iri.startswith(TERRITORY):
        return [row.hit.iri.removeprefix(TERRITORY)]
    found = [row.place] if row.place else _objects(naming, NamedNode(row.hit.iri), _ACTS_IN)
    return [one.removeprefix(TERRITORY) for one in found]


def _objects(naming: Naming, subject: NamedNode, predicate: NamedNode) -> list[str]:
    quads = naming.store.quads_for_pattern(subject, predicate, None, None)
    return sorted({quad.object.value for quad in quads if isinstance(quad.object, (NamedNode, Literal))})


def _one(values: Iterable[str]) -> str:
    """What several sources say, each once, the first where they only differ in writing."""
    return " ; ".join({value.casefold(): value for value in sorted(values, reverse=True)}.values())
