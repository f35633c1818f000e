"""Territories like one and why, and how far that answer can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

from clirld.web import number_formats
from clirld.web.documents.territories.situation import texts
from clirld.web.documents.things import Thing, naming_it, objects, read
from clirld.web.documents.told import Value
from clirld.web.documents.view import Page


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A territory like the other: its rank and name, where it is, why in words and figures, in what it differs most."""

    rank: int
    territory: Value
    departements: list[Value]
    why: list[Value]
    differs: Value | None
    sources: tuple[int, ...]

    @property
    def key(self) -> str:
        """The end of its IRI."""
        return self.territory.iri.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Alike:
    """The most alike territories; how many of them stay if a weight moves or a group is left out; doubts."""

    neighbours: list[Neighbour]
    under_weights: str
    without_group: str
    missing: str
    doubts: list[Value]
    rule: Value | None
    rule_text: list[Value]
    sources: tuple[int, ...]


def alike(page: Page, comparison: Thing, shown: int) -> Alike:
    """What a comparison says of the territories that are most alike, `shown` of them."""
    store = page.naming.store
    told = [read(store, node) for node in naming_it(store, comparison.node, "clir:inComparison")]
    told = sorted((one for one in told if one.text("clir:rank").isdigit()), key=lambda one: int(one.text("clir:rank")))
    found = [one for neighbour in told[:shown] if (one := _neighbour(page, neighbour))]
    rule = next(iter(comparison.nodes("clir:byRule")), None)
    return Alike(
        found,
        _share(page, comparison.text("clir:stableUnderWeights")),
        _share(page, comparison.text("clir:stableWithoutGroup")),
        _share(page, comparison.text("clir:missingShare")) if comparison.text("clir:missingShare") != "0" else "",
        texts(page, comparison),
        page.value(rule) if rule else None,
        texts(page, read(store, rule)) if rule else [],
        page.numbers(comparison.quads),
    )


def _neighbour(page: Page, told: Thing) -> Neighbour | None:
    territory = next(iter(told.nodes("clir:comparedTerritory")), None)
    if territory is None:
        return None
    differs = next(iter(told.nodes("clir:differsMostIn")), None)
    return Neighbour(
        int(told.text("clir:rank")),
        page.value(territory),
        departements(page, territory),
        texts(page, told),
        page.value(differs) if differs else None,
        page.numbers(told.quads),
    )


def departements(page: Page, grouping: NamedNode, looked_at: int = 5) -> list[Value]:
    """The départements that the first communes of a grouping are in: it has none of its own."""
    store = page.naming.store
    communes = naming_it(store, grouping, "dct:isPartOf", looked_at)
    found = {node for commune in communes for node in objects(store, commune, "dct:isPartOf")}
    where = (page.value(node) for node in found if "/departement-" in node.value)
    return sorted(where, key=lambda one: one.text.casefold())


def _share(page: Page, text: str) -> str:
    try:
        return number_formats.percent(float(text), page.naming.language)
    except ValueError:
        return ""
