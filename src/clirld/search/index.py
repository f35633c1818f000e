"""The index of a release: what its graphs say, made for finding it by words; the same bytes for the same quads.

    search.sqlite
      thing   id, iri, type, territory, gone, length, label, fr, en   those found in the same way come by their id,
                                                              which leaves room between for what comes later
      name    words, thing                                    each label, other name and notation
      text    FTS5: label, name, notation, description; of these, as of facets, it keeps the words only, each as it is
              written and without its number
      facet   FTS5: `type/…`, `territory/…`; apart from the texts, whose length counts where they are ranked
      kind    name, things                                    what `type` may be
      class   types, things                                   classes that things have together, with spaces between
      within  territory, wholes                               the territories that one is a part of, likewise

The last two are for the next release, which takes the index over and changes it (`update.py`). What its things are
stands in `things.py`.
"""

from __future__ import annotations

import errno
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from clirld.search.things import COLUMNS, FORMER, TERRITORY, Thing, kinds_of, read, territories_of
from clirld.search.words import facet, number_free

FILE = "search.sqlite"
"""Its name in the folder of a release."""

GAP = 64
"""Between the ids of two things, when the index is made: room for others."""

_SCHEMA = """
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, type TEXT, territory INTEGER,
                    gone INTEGER NOT NULL, length INTEGER NOT NULL, label TEXT, fr TEXT, en TEXT);
CREATE INDEX gone ON thing (id) WHERE gone;
CREATE TABLE name (words TEXT NOT NULL, thing INTEGER NOT NULL, PRIMARY KEY (words, thing)) WITHOUT ROWID;
CREATE TABLE kind (name TEXT PRIMARY KEY, things INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE class (types TEXT PRIMARY KEY, things INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE within (territory TEXT PRIMARY KEY, wholes TEXT NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE text USING fts5(label, name, notation, description, content='',
                                     tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE facet USING fts5(name, content='', columnsize=0, detail=none);
"""


class Entry(NamedTuple):
    """What the index has of a thing, but for what depends on others."""

    labels: tuple[str | None, ...]
    """Its name in no language, French and English."""
    length: int
    """Letters of its shortest label, as they count for its order."""
    names: list[str]
    texts: list[str]
    facets: str


def entry(iri: str, thing: Thing, territories: Iterable[str]) -> Entry:
    """What the index has of a thing in some territories, which are given by their keys."""
    keys = thing.keys()
    keys["name"] = [one for one in keys["name"] if one not in keys["label"]]
    names = sorted({*keys["label"], *keys["name"], *keys["notation"]})
    # The number-free words come after all others: between them, quoted words would not stand side by side.
    texts = [" ".join([*keys[column], *number_free(" ".join(keys[column]).split())]) for column in COLUMNS]
    facets = [f"type/{kind}" for kind in kinds_of(iri)] + [f"territory/{one}" for one in territories]
    labels = tuple(thing.label(language) for language in ("", "fr", "en"))
    return Entry(labels, thing.length, names, texts, " ".join(map(facet, facets)))


def class_of(classes: str, common: Mapping[str, int]) -> str | None:
    """The class that is shown of a thing with several: the most common one, that all of its kind have."""
    types = classes.split()
    return FORMER if FORMER in types else max(types, key=lambda one: common[one], default=None)


def common_classes(together: Mapping[str, int]) -> Counter[str]:
    """How many things have each class, by how many have which together."""
    common: Counter[str] = Counter()
    for classes, things in together.items():
        common.update(dict.fromkeys(classes.split(), things))
    return common


def write(graphs: Iterable[Path], out: Path) -> None:
    """Write the index of what some files of N-Quads, packed or not, say: a quad a line.

    Raises OSError where it cannot be written.
    """
    things = read(list(graphs))
    together = Counter(thing.classes for thing in things.values())
    common = common_classes(together)
    kinds = Counter(kind for iri, thing in things.items() if not thing.is_gone for kind in kinds_of(iri))
    wholes = {iri: thing.whole for iri, thing in things.items() if iri.startswith(TERRITORY)}

    def entry_of(iri: str) -> Entry:
        return entry(iri, things[iri], territories_of(iri, things[iri], lambda one: wholes.get(one, ())))

    order = sorted(things, key=lambda iri: things[iri].order(iri))
    ids = {iri: number * GAP for number, iri in enumerate(order, 1)}
    with writing(out) as index:
        index.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
        with index:
            for iri, number in ids.items():
                thing = things[iri]
                insert(index, number, iri, thing, entry_of(iri), class_of(thing.classes, common), ids.get(thing.place))
            index.executemany("INSERT INTO kind VALUES (?, ?)", sorted(kinds.items()))
            index.executemany("INSERT INTO class VALUES (?, ?)", sorted(together.items()))
            within = ((key(iri), " ".join(map(key, wholes[iri]))) for iri in sorted(wholes) if wholes[iri])
            index.executemany("INSERT INTO within VALUES (?, ?)", within)
            index.execute("INSERT INTO text(text) VALUES ('optimize')")
            index.execute("INSERT INTO facet(facet) VALUES ('optimize')")
        index.execute("VACUUM")


def things(index: Path) -> int:
    """How many things an index has."""
    with closing(sqlite3.connect(f"{index.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM thing").fetchone()[0])


def key(territory: str) -> str:
    """The key of a territory by its IRI."""
    return territory.removeprefix(TERRITORY)


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """An index that is written. Raises OSError where it cannot be."""
    try:
        with closing(sqlite3.connect(path)) as index:
            yield index
    except sqlite3.OperationalError as problem:
        raise OSError(errno.EIO, str(problem), str(path)) from problem


def insert(
    index: sqlite3.Connection,
    number: int,
    iri: str,
    thing: Thing,
    what: Entry,
    type_: str | None,
    place: int | None,
) -> None:
    """Put a thing into an index, under a number that is free; `place` is that of the territory where it is."""
    index.execute(
        "INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, iri, type_, place, thing.is_gone, what.length, *what.labels),
    )
    index.executemany("INSERT INTO name VALUES (?, ?)", [(words, number) for words in what.names])
    index.execute(
        "INSERT INTO text(rowid, label, name, notation, description) VALUES (?, ?, ?, ?, ?)", (number, *what.texts)
    )
    index.execute("INSERT INTO facet(rowid, name) VALUES (?, ?)", (number, what.facets))


def remove(index: sqlite3.Connection, number: int, what: Entry) -> None:
    """Take a thing out of an index: all that is had of it has to be said once more, as FTS5 keeps no texts."""
    index.execute("DELETE FROM thing WHERE id = ?", (number,))
    index.executemany("DELETE FROM name WHERE words = ? AND thing = ?", [(words, number) for words in what.names])
    index.execute(
        "INSERT INTO text(text, rowid, label, name, notation, description) VALUES ('delete', ?, ?, ?, ?, ?)",
        (number, *what.texts),
    )
    index.execute("INSERT INTO facet(facet, rowid, name) VALUES ('delete', ?, ?)", (number, what.facets))
