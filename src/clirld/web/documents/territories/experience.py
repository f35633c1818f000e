"""What was tried here and in territories like it: the initiatives that a source tells of, by grouping of communes.

The whole answer, which ranks all cases by the need that is shared and looks at the fifty territories most alike, is
that of `clirld.reuse`; it takes seconds. This is its beginning, from what the release has computed: this territory
and the ten most alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pyoxigraph import NamedNode, Store

from clirld.settings import BASE
from clirld.web.documents import lookup
from clirld.web.documents.territories.activity import TOLD
from clirld.web.documents.things import naming_it, objects, read, readable
from clirld.web.documents.told import Value
from clirld.web.documents.view import Page

SHOWN = 5
_LESSONS = 1
_COMPLETENESS = f"{BASE}concept/completeness/"
_TERRITORY = f"{BASE}id/territory/"


@dataclass(frozen=True, slots=True)
class Lesson:
    """What an initiative teaches, and who says so."""

    text: Value
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Experience:
    """An initiative that a source tells of: what it is, in which territory, at which rank, what it teaches."""

    name: Value
    kinds: list[Value]
    territory: Value
    rank: int
    """Of its territory among those most alike; 0 where it is this one."""
    practices: list[Value]
    description: list[Value]
    lessons: list[Lesson]
    sources: tuple[int, ...]


def experiences(page: Page, own: str, neighbours: Iterable[tuple[int, str]]) -> list[Experience]:
    """The initiatives that are told of in a grouping of communes and in those most alike, given by rank and key."""
    told = _told(page.release.store)
    found = [(rank, iri, key) for rank, key in ((0, own), *neighbours) for iri in told.get(key, ())]
    return [_experience(page, rank, iri, key) for rank, iri, key in found[:SHOWN]]


def _experience(page: Page, rank: int, iri: str, key: str) -> Experience:
    thing = read(page.naming.store, NamedNode(iri))
    lessons = [
        read(page.naming.store, node) for node in naming_it(page.naming.store, thing.node, "clir:about", _LESSONS)
    ]
    return Experience(
        page.value(thing.node),
        [page.value(node) for node in thing.nodes("clir:initiativeKind")],
        page.value(NamedNode(_TERRITORY + key)),
        rank,
        [page.value(node) for node in thing.nodes("clir:practiceField")],
        [page.value(quad.object) for quad in readable(thing.of("dct:description"), page.naming.language)],
        [
            Lesson(page.value(quad.object), page.numbers(one.quads))
            for one in lessons
            for quad in readable(one.of("rdfs:label", "dct:description"), page.naming.language)
        ][:_LESSONS],
        page.numbers(thing.of("rdf:type")),
    )


@lru_cache(maxsize=2)  # the release that is served, and the one before
def _told(path: Path) -> Mapping[str, list[str]]:
    """The initiatives that are told of, by key of the grouping where they are, those told best first."""
    store = lookup.open_store(path)
    found: dict[str, list[str]] = {}
    for name in TOLD:
        for node in naming_it(store, NamedNode(_COMPLETENESS + name), "clir:completeness"):
            if any(one.value.startswith(BASE) for one in objects(store, node, "owl:sameAs")):
                continue  # another one stands for it
            for key in _groupings(store, node):
                if node.value not in (known := found.setdefault(key, [])):
                    known.append(node.value)
    return found


def _groupings(store: Store, node: NamedNode) -> list[str]:
    """Keys of the groupings of communes where an initiative is seated or acts; not of wider territories."""
    keys = []
    for place in (*objects(store, node, "clir:seatedIn"), *objects(store, node, "clir:actsIn")):
        around = [place, *objects(store, place, "dct:isPartOf")] if "/commune-" in place.value else [place]
        keys += [one.value.removeprefix(_TERRITORY) for one in around if "/epci-" in one.value]
    return list(dict.fromkeys(keys))
