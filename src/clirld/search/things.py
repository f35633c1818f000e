"""Things that can be found by words, as the lines of a release's graphs tell of them: their texts, classes and places.

Things are those of the project (`…/id/`, `…/concept/`, `…/ontology`) that have a name or a description, but for what
people have judged of two others.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO

from isal import igzip
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from clirld.search.display import CONTRIBUTIONS, Name, shown_name
from clirld.search.words import key
from clirld.settings import BASE

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
ABOUT = tuple(f"{_CLIR}{name}" for name in ("initiativeKind", "practiceField", "activityDomain", "needKind"))
"""Concepts by whose names a thing is found too."""
_BROADER = f"{_SKOS}broader"
_SAME_PREDICATE = b"<http://www.w3.org/2002/07/owl#sameAs>"
_POPULATION_PREDICATE = f"<{_CLIR}population>".encode()
_COLUMN_OF = {f"<{one}>".encode(): column for column, predicates in COLUMNS.items() for one in predicates}
_TYPE, PART_OF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", f"{_DCT}isPartOf"
_TYPE_PREDICATE = f"<{_TYPE}>".encode()
_PLACES = tuple(f"{_CLIR}{name}" for name in ("seatedIn", "actsIn", "jurisdiction", "toTerritory"))
"""Where a thing is, the first of them the one that is shown."""
FORMER = f"{_CLIR}FormerEntity"
_IDS = f"{BASE}id/"
TERRITORY = f"{_IDS}territory/"
CONCEPT = f"{BASE}concept/"
_GRAPH = f"<{BASE}graph/".encode()
_KIND = re.compile(
    re.escape(BASE) + r"(?:id/territory/([a-z-]+)-|id/(?!judgement/)([^/#]+)/|(concept)/|(ontology)(?:#|$))"
)
_FIRST = ("initiative", "organization", "commune", "epci", "departement", "region")
"""Kinds that come first among things found in the same way."""
_OF_CASES = frozenset(
    ("process", "activity", "step", "obstacle", "lesson", "outcome", "resource", "scaling", "adaptation", "condition")
)
"""Kinds of what is told of a case of cooperation."""
_ASKED_FOR = {"practice-field": "practice-field", "need": "need-kind"}
"""Schemes whose concepts people look for, and what one is called."""
_AROUND = ("departement", "region", "commune", "epci")
"""Kinds of territories, those first that a territory is said to be in."""
_READ_AT_ONCE = 1 << 18
"""Bytes of a file: a packed one takes twice as long line by line."""
_NO_LABEL = 1000
"""Where a thing without a label comes, among those with labels of so many letters."""

READ = frozenset(
    [
        *_COLUMN_OF,
        *(f"<{one}>".encode() for one in (_TYPE, PART_OF, *_PLACES, *ABOUT, _BROADER)),
        _POPULATION_PREDICATE,
        _SAME_PREDICATE,
    ]
)
"""Properties, as N-Quads write them, that something is read of."""
_NAMING = frozenset(one for one, column in _COLUMN_OF.items() if column != "notation")
"""Properties of which a thing has one, or is not in the index."""
_OF_PROJECT = f"<{BASE}".encode()
_OF_CONTRIBUTIONS = f"<{CONTRIBUTIONS}> .\n".encode()

Order = tuple[bool, int, int, int, str]
"""Things found in the same way come in this order: whether it is gone, its kind, the letters of its label, those with
more inhabitants, its IRI."""


@dataclass(slots=True)
class Thing:
    """What is said of a thing in all graphs. What is said twice may be here twice."""

    # Lists and not sets: there may be millions of things.
    texts: list[tuple[str, str, str]] = field(default_factory=list)
    """Column, text, language."""
    types: list[str] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)
    """Property, territory."""
    concepts: list[tuple[str, str]] = field(default_factory=list)
    """Property, concept: what it is about, or what is broader than it."""
    sources: list[str] = field(default_factory=list)
    """The graphs that say something of it."""
    population: int = 0
    corrections: list[str] = field(default_factory=list)
    """The labels that are corrections."""
    same_as: str = ""
    """The IRI of the record that stands for this one, where they are one thing."""
    also: tuple[Thing, ...] = ()
    """The records that it stands for."""

    def label(self, language: str) -> str | None:
        """Its name in a language, by the policy of `display.yaml` where it has several."""
        names = [
            Name(text, its, text in self.corrections)
            for column, text, its in self.texts
            if (column, its) == ("label", language)
        ]
        return shown_name(names, language)

    def keys(self) -> dict[str, list[str]]:
        """Its texts by column, as they are compared with others."""
        keys: dict[str, set[str]] = {column: set() for column in COLUMNS}
        for column, text in {(column, text) for column, text, _language in self.texts}:
            keys[column].add(key(text))
        for one in self.also:  # what they are called is another name of it
            for column, texts in one.keys().items():
                keys["name" if column == "label" else column].update(texts)
        return {column: sorted(found) for column, found in keys.items()}

    @property
    def is_gone(self) -> bool:
        """Whether it is told only as what it was."""
        return FORMER in self.types

    @property
    def classes(self) -> str:
        """Its classes, in order, with spaces between them."""
        return " ".join(sorted(set(self.types)))

    @property
    def whole(self) -> list[str]:
        """The territories that it is said to be a part of."""
        return sorted({place for predicate, place in self.places if predicate == PART_OF})

    @property
    def place(self) -> str:
        """The seat of a thing; of a territory, the département that it is in. Empty where there is none, or several."""
        first = min(self.places, key=_shown_first, default=("", ""))
        alike = {iri for predicate, iri in self.places if predicate == first[0] and kind_of(iri) == kind_of(first[1])}
        # Of twenty communes in which something acts, none stands for the others.
        return "" if len(alike) > 1 and first[0] != PART_OF else first[1]

    @property
    def length(self) -> int:
        """Letters of its shortest label."""
        labels = {text for column, text, _language in self.texts if column == "label"}
        return min((len(key(text)) for text in labels), default=_NO_LABEL)

    def order(self, iri: str) -> Order:
        """Its place among others."""
        return self.is_gone, rank(iri), self.length, -self.population, iri

    @property
    def broader(self) -> list[str]:
        """The concepts that are broader than it."""
        return sorted({concept for predicate, concept in self.concepts if predicate == _BROADER})

    @property
    def about(self) -> list[str]:
        """The concepts that it is about."""
        every = (pair for one in (self, *self.also) for pair in one.concepts)
        return sorted({concept for predicate, concept in every if predicate != _BROADER})

    def is_as(self, other: Thing | None) -> bool:
        """Whether another is said the same of."""
        return (
            other is not None
            and self.population == other.population
            and self.same_as == other.same_as
            and all(
                set(getattr(self, name)) == set(getattr(other, name))
                for name in ("texts", "types", "places", "concepts", "sources", "corrections")
            )
        )


def rank(iri: str) -> int:
    """Which kinds come first."""
    kind = kind_of(iri)
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def is_told_of(subject: bytes) -> bool:
    """Whether a thing may be told of in lines of N-Quads with this subject, by the properties of `READ`."""
    return subject.startswith(_OF_PROJECT)


def kinds_of(iri: str) -> list[str]:
    """What an IRI of the project names: initiative, organization, territory and commune, concept …"""
    match = _KIND.match(iri)
    if match is None:
        return []
    return ["territory", match[1]] if match[1] else [match[2] or match[3] or match[4]]


def filters_of(iri: str) -> list[str]:
    """The kinds that a thing can be asked for by: those of its IRI, and of what it is one.

    The last of them is what a reader tells it apart by: `initiative`, `territory`, `organization`, `case` (all that is
    told of a case of cooperation), `practice-field`, `need-kind`, `vocabulary` (other concepts, the ontology) …
    """
    kinds = kinds_of(iri)
    if kinds == ["concept"]:
        scheme, _, slug = iri.removeprefix(CONCEPT).partition("/")
        return [*kinds, _ASKED_FOR.get(scheme, "vocabulary") if slug else "vocabulary"]
    if kinds == ["ontology"]:
        return [*kinds, "vocabulary"]
    if len(kinds) == 2:
        return kinds[::-1]
    return [*kinds, "case"] if kinds and kinds[0] in _OF_CASES else kinds


def read(paths: Sequence[Path]) -> dict[str, Thing]:
    """The things that have a name or a description in some files of N-Quads, packed or not, a quad a line.

    Of records that are one thing there is the one that stands for it, with what the others say.
    """
    things: dict[bytes, Thing] = {}
    for subject, predicate, rest in _statements(paths, _NAMING):
        thing = things.get(subject)
        if thing is None:
            if not kinds_of(subject[1:-1].decode()):
                continue
            thing = things[subject] = Thing()
        _add(thing, predicate, rest)
    # Of the others nothing is read: most lines are of records, which have no name.
    for subject, predicate, rest in _statements(paths, READ - _NAMING):
        if (known := things.get(subject)) is not None:
            _add(known, predicate, rest)
    return joined({subject[1:-1].decode(): thing for subject, thing in things.items()})


def joined(things: Mapping[str, Thing]) -> dict[str, Thing]:
    """The same things without those that another stands for, which has them in `also`."""
    found = {iri: thing for iri, thing in things.items() if things.get(thing.same_as) in (None, thing)}
    for iri in sorted(things.keys() - found.keys()):
        if (stands := found.get(things[iri].same_as)) is not None:
            stands.also = (*stands.also, things[iri])
        else:  # what stands for it is itself no more than a part of another
            found[iri] = things[iri]
    return found


def of_lines(lines: Iterable[bytes]) -> Thing | None:
    """The thing that some lines are about; None where it has no name and no description."""
    thing, is_named = Thing(), False
    for line in lines:
        _subject, predicate, rest = line.split(b" ", 2)
        is_named = is_named or predicate in _NAMING
        _add(thing, predicate, rest)
    return thing if is_named else None


def _add(thing: Thing, predicate: bytes, rest: bytes) -> None:
    """Take a statement into a thing; `rest` of its line begins with the object, and ends with the graph."""
    source = _source(rest[rest.rfind(b" <") :])
    if source and source not in thing.sources and predicate != _SAME_PREDICATE:
        thing.sources.append(source)
    if b"\\" in rest:
        quad = next(iter(parse(b"<a:> " + predicate + b" " + rest, format=RdfFormat.N_QUADS)))
        said, language = "", None
        if isinstance(quad.object, Literal):
            said, language = quad.object.value, quad.object.language or ""
        elif isinstance(quad.object, NamedNode):
            said = quad.object.value
    elif rest.startswith(b'"'):
        end = rest.index(b'"', 1)
        said = rest[1:end].decode()
        tag = rest[end + 1 :]
        language = tag[1 : tag.index(b" ")].decode().lower() if tag.startswith(b"@") else ""
    elif rest.startswith(b"<"):
        said, language = rest[1 : rest.index(b">")].decode(), None
    else:
        return
    if language is not None:
        if column := _COLUMN_OF.get(predicate):
            thing.texts.append((column, said, sys.intern(language)))
            if column == "label" and rest.endswith(_OF_CONTRIBUTIONS):
                thing.corrections.append(said)
        elif predicate == _POPULATION_PREDICATE and said.isascii() and said.isdigit():
            thing.population = max(thing.population, int(said))
    elif predicate == _SAME_PREDICATE:
        thing.same_as = sys.intern(said) if said.startswith(_IDS) else thing.same_as
    elif predicate == _TYPE_PREDICATE:
        thing.types.append(sys.intern(said))
    elif said.startswith(CONCEPT) and predicate not in _COLUMN_OF:
        thing.concepts.append((_iri(predicate), sys.intern(said)))
    elif said.startswith(TERRITORY) and predicate not in _COLUMN_OF:
        thing.places.append((_iri(predicate), sys.intern(said)))


@lru_cache(maxsize=1000)
def _source(end: bytes) -> str:
    """The source whose graph the end of a line is; empty where it is of another graph."""
    return end[len(_GRAPH) + 1 : end.rindex(b">")].decode() if end.startswith(_GRAPH, 1) else ""


@lru_cache(maxsize=1000)
def _iri(term: bytes) -> str:
    return term[1:-1].decode()


def _statements(paths: Sequence[Path], predicates: frozenset[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Subject, predicate and the rest of the lines of some predicates."""
    for path in paths:
        with _opened(path) as file:
            while several := file.read(_READ_AT_ONCE):
                for line in io.BytesIO(several + file.readline()):
                    subject, predicate, rest = line.split(b" ", 2)
                    if predicate in predicates:
                        yield subject, predicate, rest


def _opened(path: Path) -> IO[bytes]:
    return igzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[no-untyped-call]


@lru_cache(maxsize=1000)
def kind_of(iri: str) -> str:
    """The last of the kinds of what an IRI of the project names: of a territory its level."""
    return kinds_of(iri)[-1]


def _shown_first(place: tuple[str, str]) -> tuple[int, int, str]:
    predicate, iri = place
    order = (*_PLACES, PART_OF)
    kind = kind_of(iri)
    return order.index(predicate), _AROUND.index(kind) if kind in _AROUND else len(_AROUND), iri
