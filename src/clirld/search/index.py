"""The index of a release: what its graphs say, made for finding it by words; the same bytes for the same quads.

    search.sqlite
      thing   id, iri, type, territory, gone, length, label, fr, en   those found in the same way come by their id,
              population, kind, filters                       which leaves room between for what comes later
      name    words, thing                                    each label, other name and notation
      text    FTS5: label, name, notation, description, around; of these, as of facets, it keeps the words only, each as
              it is written and without its number. `around` has names of where a thing is and what it is about
      ending  FTS5: the words of names, backwards: for those whose beginning is mistyped
      facet   FTS5: `type/…`, `territory/…`, `source/…`, `practice/…`; apart from the texts, whose length counts where
              they are ranked
      kind    name, things                                    what `type` may be
      class   types, things                                   classes that things have together, with spaces between
      within  part, wholes, names, spread                     the territories that one is a part of, or the concepts
                                                              broader than one, and the words of its names; of a
                                                              grouping, the territories that it has communes in
      joined  iri                                             the records that stand for others, which are in it once

The last three are for the next release, which takes the index over and changes it (`update.py`). What its things are
stands in `things.py`, what is around them in `around.py`.
"""

from __future__ import annotations

import errno
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from clirld.search.around import (
    NOTHING,
    Surroundings,
    filters,
    short,
    surroundings,
    territories_of,
    words_around,
)
from clirld.search.things import COLUMNS, FORMER, TERRITORY, Thing, filters_of, read
from clirld.search.words import backwards, facet, number_free

FILE = "search.sqlite"
"""Its name in the folder of a release."""

GAP = 64
"""Between the ids of two things, when the index is made: room for others."""

_TEXTS = "label, name, notation, description, around"
_SCHEMA = """
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, type TEXT, territory INTEGER,
                    gone INTEGER NOT NULL, length INTEGER NOT NULL, label TEXT, fr TEXT, en TEXT,
                    population INTEGER NOT NULL, kind TEXT NOT NULL, filters TEXT NOT NULL);
CREATE INDEX gone ON thing (id) WHERE gone;
CREATE TABLE name (words TEXT NOT NULL, thing INTEGER NOT NULL, PRIMARY KEY (words, thing)) WITHOUT ROWID;
CREATE INDEX names ON name (thing);
CREATE TABLE kind (name TEXT PRIMARY KEY, things INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE class (types TEXT PRIMARY KEY, things INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE within (part TEXT PRIMARY KEY, wholes TEXT NOT NULL, names TEXT NOT NULL, spread TEXT NOT NULL)
  WITHOUT ROWID;
CREATE TABLE joined (iri TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE VIRTUAL TABLE text USING fts5(label, name, notation, description, around, content='',
                                     tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE ending USING fts5(words, content='', columnsize=0, detail=none);
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
    endings: str
    facets: str
    kind: str
    filters: str
    """Those that a search is narrowed by, with spaces between; nothing of a territory."""


def entry(iri: str, thing: Thing, around: Surroundings) -> Entry:
    """What the index has of a thing, given the territories and the concepts that it may lie in or be about."""
    keys = thing.keys()
    keys["name"] = [one for one in keys["name"] if one not in keys["label"]]
    names = sorted({*keys["label"], *keys["name"], *keys["notation"]})
    territories = territories_of(iri, thing, around)
    texts = [_with_number_free(" ".join(keys[one])) for one in COLUMNS]
    texts.append(_around_with_number_free(words_around(iri, thing, territories, around)))
    endings = backwards(" ".join([*keys["label"], *keys["name"]]).split())
    asked, keys_ = filters(thing, around), [short(one) for one in territories]
    facets = [f"type/{kind}" for kind in filters_of(iri)] + [f"territory/{one}" for one in keys_] + asked
    shown = "" if iri.startswith(TERRITORY) else " ".join([*asked, *(f"territory/{one}" for one in keys_)])
    labels = tuple(thing.label(language) for language in ("", "fr", "en"))
    kind = filters_of(iri)[-1]
    return Entry(labels, thing.length, names, texts, " ".join(endings), " ".join(map(facet, facets)), kind, shown)


def _with_number_free(text: str) -> str:
    # These come after all others: between them, quoted words would not stand side by side.
    return " ".join([text, *number_free(text.split())]) if text else ""


_around_with_number_free = lru_cache(maxsize=10_000)(_with_number_free)
"""Around many things is the same."""


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
    kinds = Counter(kind for iri, thing in things.items() if not thing.is_gone for kind in filters_of(iri))
    known = surroundings(things)

    def entry_of(iri: str) -> Entry:
        return entry(iri, things[iri], lambda one: known.get(one, NOTHING))

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
            within = (
                (short(iri), " ".join(map(short, one.wholes)), one.names, " ".join(map(short, one.spread)))
                for iri, one in sorted(known.items())
            )
            index.executemany("INSERT INTO within VALUES (?, ?, ?, ?)", within)
            stands = {one.same_as for thing in things.values() for one in (thing, *thing.also) if one.same_as}
            index.executemany("INSERT INTO joined VALUES (?)", [(iri,) for iri in sorted(stands)])
            for table in ("text", "ending", "facet"):
                index.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")  # noqa: S608
        index.execute("VACUUM")


def things(index: Path) -> int:
    """How many things an index has."""
    with closing(sqlite3.connect(f"{index.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM thing").fetchone()[0])


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
        "INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(number, iri, type_, place, thing.is_gone, what.length, *what.labels),
            *(thing.population, what.kind, what.filters),
        ),
    )
    index.executemany("INSERT INTO name VALUES (?, ?)", [(words, number) for words in what.names])
    index.execute(f"INSERT INTO text(rowid, {_TEXTS}) VALUES (?, ?, ?, ?, ?, ?)", (number, *what.texts))  # noqa: S608
    index.execute("INSERT INTO ending(rowid, words) VALUES (?, ?)", (number, what.endings))
    index.execute("INSERT INTO facet(rowid, name) VALUES (?, ?)", (number, what.facets))


def remove(index: sqlite3.Connection, number: int, what: Entry) -> None:
    """Take a thing out of an index: all that is had of it has to be said once more, as FTS5 keeps no texts."""
    index.execute("DELETE FROM thing WHERE id = ?", (number,))
    index.executemany("DELETE FROM name WHERE words = ? AND thing = ?", [(words, number) for words in what.names])
    index.execute(
        f"INSERT INTO text(text, rowid, {_TEXTS}) VALUES ('delete', ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (number, *what.texts),
    )
    index.execute("INSERT INTO ending(ending, rowid, words) VALUES ('delete', ?, ?)", (number, what.endings))
    index.execute("INSERT INTO facet(facet, rowid, name) VALUES ('delete', ?, ?)", (number, what.facets))
