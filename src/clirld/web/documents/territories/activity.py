"""What is done in a territory: initiatives and actors that the index finds there, and what its public body does."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Store

from clirld.search.around import closed
from clirld.search.find import Hit, Hits, Narrowed, SearchTimeout, count_within, find
from clirld.search.index import FILE
from clirld.settings import BASE
from clirld.web.documents.naming import whole
from clirld.web.documents.things import Thing, naming_it, objects
from clirld.web.documents.told import Part, Value
from clirld.web.documents.view import Page

SHOWN = 10
"""Initiatives or actors that are named, of those that are counted."""

MOST = 1000
"""Initiatives that are counted: of more it is said that there are more."""

NAMED = 4
"""Communes of a programme that are named; of more there is the number."""

TOLD = ("capitalised", "cooperation")
"""How far an initiative has to be told to come first, the most first (shapes/tiers)."""

_COMPLETENESS = f"{BASE}concept/completeness/"


@dataclass(frozen=True, slots=True)
class Found:
    """An initiative or an actor: its name, what it is, where, and how it is told."""

    name: Value
    kinds: list[Value]
    place: Value | None
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Many:
    """Things of one sort in a territory: how many, at most `MOST`, of which broadest kinds, and the first of them."""

    count: int
    is_cut: bool
    kinds: list[tuple[str, int]]
    first: list[Found]

    @property
    def rest(self) -> int:
        """How many are not named."""
        return self.count - len(self.first)


NOTHING = Many(0, False, [], [])


def initiatives(page: Page, release: Path, key: str) -> Many:
    """The initiatives that are seated or act in a territory: those that are told best come first."""
    found = _hits(release, key, "initiative", page.naming.language)
    hits = [hit for hit in found.hits if not hit.is_gone]
    store = page.naming.store
    kinds = {hit.iri: objects(store, NamedNode(hit.iri), "clir:initiativeKind") for hit in hits}
    told = {hit.iri: _told(store, hit.iri) for hit in hits}
    hits = sorted(hits, key=lambda hit: told[hit.iri])
    counted = Counter(iri for nodes in kinds.values() for iri in _broadest(store, nodes))
    labels = [(page.naming.label(iri), count) for iri, count in counted.most_common()]
    return Many(len(hits), found.is_cut, labels, [_found(page, hit, kinds[hit.iri]) for hit in hits[:SHOWN]])


def _broadest(store: Store, kinds: Iterable[NamedNode]) -> set[str]:
    """Of some kinds the broadest that they are: a coworking space is counted as a third place."""

    def broader(kind: str) -> list[str]:
        return [one.value for one in objects(store, NamedNode(kind), "skos:broader")]

    return {one for one in closed((node.value for node in kinds), broader) if not broader(one)}


def organizations(page: Page, release: Path, key: str, others: Collection[str]) -> Many:
    """The organizations that are seated in a territory or responsible for it, but for some others."""
    found = _hits(release, key, "organization", page.naming.language, SHOWN + len(others))
    left = [hit for hit in found.hits if hit.iri not in others]
    named = [
        _found(page, hit, objects(page.naming.store, NamedNode(hit.iri), "clir:legalForm")) for hit in left[:SHOWN]
    ]
    return Many(found.found - (len(found.hits) - len(left)), found.is_cut, [], named)


def counts(release: Path, keys: Iterable[str]) -> dict[str, int]:
    """How many initiatives are known in each of some territories."""
    try:
        return count_within(release / FILE, "initiative", keys)
    except (sqlite3.DatabaseError, SearchTimeout):
        return {}


def _hits(release: Path, key: str, kind: str, language: str, limit: int | None = None) -> Hits:
    # A release without an index says nothing of what is in its territories: the page does without.
    try:
        return find(release / FILE, "", Narrowed(kind, key), language=language, limit=limit, most=MOST)
    except (sqlite3.DatabaseError, SearchTimeout):
        return Hits([], 0, False)


def _found(page: Page, hit: Hit, kinds: Iterable[NamedNode]) -> Found:
    node = NamedNode(hit.iri)
    place = page.value(NamedNode(hit.territory)) if hit.territory else None
    return Found(
        page.value(node), [page.value(one) for one in kinds], place, page.numbers(_said(page.naming.store, node))
    )


def _said(store: Store, node: NamedNode) -> list[Quad]:
    """Who names a thing: the statements of its class."""
    return list(store.quads_for_pattern(node, NamedNode(whole("rdf:type")), None, None))


def _told(store: Store, iri: str) -> int:
    """The place of an initiative among others: how far it is told, 0 being the best."""
    names = {node.value.removeprefix(_COMPLETENESS) for node in objects(store, NamedNode(iri), "clir:completeness")}
    return next((place for place, name in enumerate(TOLD) if name in names), len(TOLD))


def public_bodies(page: Page, thing: Thing) -> list[tuple[Value, list[Part]]]:
    """The public bodies that are responsible for a territory, with the roles that sources say they hold."""
    found = []
    for node in naming_it(page.naming.store, thing.node, "clir:jurisdiction", SHOWN):
        parts = [part for group in page.groups_by(node, "org:member") for part in group.parts]
        found.append((page.value(node), parts))
    return found


@dataclass(frozen=True, slots=True)
class Zoning:
    """A programme or zoning, who says so, and the communes that it is said of, where it is not the whole territory."""

    name: Value
    end: str
    """Its last day, where it has one: what is said of it is of then."""
    communes: list[Value]
    """Empty where they are more than `NAMED`."""
    count: int
    """How many communes; 0 where it is said of the whole territory."""
    sources: tuple[int, ...]


def zonings(page: Page, thing: Thing, communes: Iterable[str]) -> list[Zoning]:
    """The programmes and zonings of a territory, and those of its communes."""
    store, zoning = page.naming.store, NamedNode(whole("clir:officialZoning"))
    own: dict[NamedNode, list[Quad]] = {}
    for quad in thing.of("clir:officialZoning"):
        if isinstance(quad.object, NamedNode):
            own.setdefault(quad.object, []).append(quad)
    members: dict[NamedNode, list[Quad]] = {}
    for iri in communes:
        for quad in store.quads_for_pattern(NamedNode(iri), zoning, None, None):
            if isinstance(quad.object, NamedNode) and quad.object not in own:
                members.setdefault(quad.object, []).append(quad)
    found = [Zoning(page.value(node), _end(store, node), [], 0, page.numbers(said)) for node, said in own.items()]
    for node, said in members.items():
        where = list(dict.fromkeys(quad.subject for quad in said))
        named = [page.value(one) for one in where] if len(where) <= NAMED else []
        found.append(Zoning(page.value(node), _end(store, node), named, len(where), page.numbers(said)))
    return sorted(found, key=lambda one: (one.end != "", one.count, one.name.text.casefold()))


def _end(store: Store, node: NamedNode) -> str:
    days = (quad.object for quad in store.quads_for_pattern(node, NamedNode(whole("schema:endDate")), None, None))
    return min((day.value for day in days if isinstance(day, Literal)), default="")
