"""The index of a release: made once, from what its graphs say; the same bytes for the same quads.

    search.sqlite
      thing   id, iri, type, territory, gone, label, fr, en   those found in the same way come by their id
      name    words, thing                                    each label, other name and notation
      text    FTS5: label, name, notation, description; of these, as of facets, it keeps the words only, each as it is
              written and without its number
      facet   FTS5: `type/…`, `territory/…`; apart from the texts, whose length counts where they are ranked
      kind    name, things                                    what `type` may be

Things are those of the project (`…/id/`, `…/concept/`, `…/ontology`) that have a name or a description.
"""

from __future__ import annotations

import errno
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from isal import igzip
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from clirld.search.words import facet, key, number_free
from clirld.settings import BASE

FILE = "search.sqlite"
"""Its name in the folder of a release."""

_RDFS, _SKOS = "http://www.w3.org/2000/01/rdf-schema#", "http://www.w3.org/2004/02/skos/core#"
_DCT, _CLIR = "http://purl.org/dc/terms/", f"{BASE}ontology#"
COLUMNS = {
    "label": (f"{_RDFS}label", f"{_SKOS}prefLabel", f"{_DCT}title", "http://xmlns.com/foaf/0.1/name"),
    "name": (f"{_SKOS}altLabel", f"{_SKOS}hiddenLabel", f"{_DCT}alternative", "http://www.w3.org/ns/regorg#legalName"),
    "notation": (
        f"{_SKOS}notation",
        f"{_DCT}identifier",
        *(f"{_CLIR}{name}" for name in ("siren", "siret", "rna", "inseeCode")),
    ),
    "description": (
        f"{_DCT}description",
        *(f"{_SKOS}{name}" for name in ("definition", "scopeNote", "example")),
        f"{_RDFS}comment",
    ),
}
"""Column of the index → the properties that it has the texts of."""
_COLUMN_OF = {predicate: column for column, predicates in COLUMNS.items() for predicate in predicates}
_TYPE, _PART_OF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", f"{_DCT}isPartOf"
_PLACES = tuple(f"{_CLIR}{name}" for name in ("seatedIn", "actsIn", "jurisdiction", "toTerritory"))
"""Where a thing is, the first of them the one that is shown."""
_FORMER = f"{_CLIR}FormerEntity"
_TERRITORY = f"{BASE}id/territory/"
_KIND = re.compile(re.escape(BASE) + r"(?:id/territory/([a-z-]+)-|id/([^/#]+)/|(concept)/|(ontology)(?:#|$))")
_FIRST = ("initiative", "organization", "commune", "epci", "departement", "region")
"""Kinds that come first among things found in the same way."""
_AROUND = ("departement", "region", "commune", "epci")
"""Kinds of territories, those first that a territory is said to be in."""
_LINES_AT_ONCE = 20_000

_SCHEMA = """
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, type TEXT, territory INTEGER,
                    gone INTEGER NOT NULL, label TEXT, fr TEXT, en TEXT);
CREATE INDEX gone ON thing (id) WHERE gone;
CREATE TABLE name (words TEXT NOT NULL, thing INTEGER NOT NULL, PRIMARY KEY (words, thing)) WITHOUT ROWID;
CREATE TABLE kind (name TEXT PRIMARY KEY, things INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE text USING fts5(label, name, notation, description, content='',
                                     tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE facet USING fts5(name, content='', columnsize=0, detail=none);
"""


@dataclass(slots=True)
class _Thing:
    # Lists and not sets: there may be millions of things.
    texts: list[tuple[str, str, str]] = field(default_factory=list)
    """Column, text, language."""
    types: list[str] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)
    """Property, territory."""

    def label(self, language: str) -> str | None:
        return min((text for column, text, its in self.texts if (column, its) == ("label", language)), default=None)

    def keys(self, column: str) -> list[str]:
        return sorted({key(text) for one, text, _ in self.texts if one == column})

    @property
    def is_gone(self) -> bool:
        return _FORMER in self.types


def write(graphs: Iterable[Path], out: Path) -> None:
    """Write the index of what some files of N-Quads, packed or not, say: a quad a line.

    Raises OSError where it cannot be written.
    """
    things = _things(list(graphs))
    common = Counter(one for thing in things.values() for one in set(thing.types))
    order = sorted(things, key=lambda iri: _place_in_order(iri, things[iri]))
    ids = {iri: number for number, iri in enumerate(order, 1)}
    kinds = Counter(kind for iri, thing in things.items() if not thing.is_gone for kind in kinds_of(iri))
    try:
        with closing(sqlite3.connect(out)) as index:
            index.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
            with index:
                for iri, number in ids.items():
                    _insert(index, number, iri, things, ids, common)
                index.executemany("INSERT INTO kind VALUES (?, ?)", sorted(kinds.items()))
                index.execute("INSERT INTO text(text) VALUES ('optimize')")
                index.execute("INSERT INTO facet(facet) VALUES ('optimize')")
            index.execute("VACUUM")
    except sqlite3.OperationalError as problem:
        raise OSError(errno.EIO, str(problem), str(out)) from problem


_READ = frozenset(f"<{one}>".encode() for one in (*_COLUMN_OF, _TYPE, _PART_OF, *_PLACES))
_OF_PROJECT = f"<{BASE}".encode()


def is_read(line: bytes) -> bool:
    """Whether an index may be made of a line of N-Quads: of the others nothing is in it."""
    return line.startswith(_OF_PROJECT) and line.split(b" ", 2)[1] in _READ


def kinds_of(iri: str) -> list[str]:
    """What an IRI of the project names: initiative, organization, territory and commune, concept …"""
    match = _KIND.match(iri)
    if match is None:
        return []
    return ["territory", match[1]] if match[1] else [match[2] or match[3] or match[4]]


def _things(paths: Iterable[Path]) -> dict[str, _Thing]:
    """The things that have a name or a description, by IRI."""
    things: dict[str, _Thing] = {}
    for quad in _quads(paths, [one for one, column in _COLUMN_OF.items() if column != "notation"]):
        if isinstance(quad.subject, NamedNode) and kinds_of(quad.subject.value):
            _add(things.setdefault(quad.subject.value, _Thing()), quad)
    # Of the others nothing is read: most lines are of records, which have no name.
    more = (*COLUMNS["notation"], _TYPE, _PART_OF, *_PLACES)
    for quad in _quads(paths, more, {f"<{iri}>".encode() for iri in things}):
        if isinstance(quad.subject, NamedNode):
            _add(things[quad.subject.value], quad)
    return things


def _add(thing: _Thing, quad: Quad) -> None:
    predicate, said = sys.intern(quad.predicate.value), quad.object
    if isinstance(said, Literal) and predicate in _COLUMN_OF:
        thing.texts.append((_COLUMN_OF[predicate], said.value, sys.intern(said.language or "")))
    elif isinstance(said, NamedNode) and predicate == _TYPE:
        thing.types.append(sys.intern(said.value))
    elif isinstance(said, NamedNode) and said.value.startswith(_TERRITORY):
        thing.places.append((predicate, sys.intern(said.value)))


def _quads(
    paths: Iterable[Path], predicates: Iterable[str], subjects: Container[bytes] | None = None
) -> Iterator[Quad]:
    """The quads of some predicates; lines are chosen by their bytes, which takes a third of the time of parsing all."""
    wanted = {f"<{predicate}>".encode() for predicate in predicates}
    for path in paths:
        with _opened(path) as lines:
            chosen: list[bytes] = []
            for line in lines:
                subject, predicate, _ = line.split(b" ", 2)
                if predicate in wanted and (subjects is None or subject in subjects):
                    chosen.append(line)
                if len(chosen) == _LINES_AT_ONCE:
                    yield from parse(b"".join(chosen), format=RdfFormat.N_QUADS)
                    chosen.clear()
            yield from parse(b"".join(chosen), format=RdfFormat.N_QUADS)


def _opened(path: Path) -> IO[bytes]:
    return igzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[no-untyped-call]


def _place_in_order(iri: str, thing: _Thing) -> tuple[bool, int, int, str]:
    kind = kinds_of(iri)[-1]
    rank = _FIRST.index(kind) if kind in _FIRST else len(_FIRST)
    return thing.is_gone, rank, min((len(name) for name in thing.keys("label")), default=1000), iri


def _insert(
    index: sqlite3.Connection,
    number: int,
    iri: str,
    things: dict[str, _Thing],
    ids: dict[str, int],
    common: Counter[str],
) -> None:
    thing = things[iri]
    # Of several classes the most common one: that all of its kind have.
    type_ = _FORMER if thing.is_gone else max(sorted(thing.types), key=lambda one: common[one], default=None)
    place = min(thing.places, key=_shown_first, default=("", ""))[1]
    labels = [thing.label(language) for language in ("", "fr", "en")]
    index.execute(
        "INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (number, iri, type_, ids.get(place), thing.is_gone, *labels),
    )
    keys = {column: thing.keys(column) for column in COLUMNS}
    keys["name"] = [one for one in keys["name"] if one not in keys["label"]]
    named = sorted({*keys["label"], *keys["name"], *keys["notation"]})
    index.executemany("INSERT INTO name VALUES (?, ?)", [(words, number) for words in named])
    facets = [f"type/{kind}" for kind in kinds_of(iri)] + [f"territory/{one}" for one in _territories(iri, things)]
    # The number-free words come after all others: between them, quoted words would not stand side by side.
    texts = [" ".join([*keys[column], *number_free(" ".join(keys[column]).split())]) for column in COLUMNS]
    index.execute(
        "INSERT INTO text(rowid, label, name, notation, description) VALUES (?, ?, ?, ?, ?)", (number, *texts)
    )
    index.execute("INSERT INTO facet(rowid, name) VALUES (?, ?)", (number, " ".join(map(facet, facets))))


def _shown_first(place: tuple[str, str]) -> tuple[int, int, str]:
    """The seat of a thing; of a territory, the département that it is in."""
    predicate, iri = place
    order = (*_PLACES, _PART_OF)
    kind = kinds_of(iri)[-1]
    return order.index(predicate), _AROUND.index(kind) if kind in _AROUND else len(_AROUND), iri


def _territories(iri: str, things: dict[str, _Thing]) -> list[str]:
    """Keys of the territories that a thing is in, of those that these lie in, and its own."""
    found: set[str] = set()
    waiting = [iri] if iri.startswith(_TERRITORY) else []
    waiting += [place for _, place in things[iri].places]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            if place in things:
                waiting += [one for predicate, one in things[place].places if predicate == _PART_OF]
    return sorted(place.removeprefix(_TERRITORY) for place in found)
