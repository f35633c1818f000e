"""Communes like one, as the tables of the release say: they are no part of its graphs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode

from clirld.query.failure import Language
from clirld.reuse.communes import CommuneAlike, communes_alike
from clirld.settings import BASE
from clirld.web import number_formats
from clirld.web.documents.territories.alike import Alike, Neighbour
from clirld.web.documents.territories.situation import texts
from clirld.web.documents.things import objects, read
from clirld.web.documents.told import Value
from clirld.web.documents.view import Page

_TERRITORY = f"{BASE}id/territory/"


@dataclass(frozen=True, slots=True)
class OfItsSize:
    """Communes like one, among how many of its size class that can be compared; of how many inhabitants (-1: open)."""

    alike: Alike
    comparable: int
    least: int
    most: int


def of_its_size(page: Page, release: Path, key: str) -> OfItsSize | None:
    """What a release says of the communes that are like one; None where it says nothing."""
    language = page.naming.language
    found = communes_alike(release, key, language)
    if found is None:
        return None
    rule = NamedNode(f"{BASE}id/rule/{found.rule}")
    told = read(page.naming.store, rule)
    sources = page.numbers(told.quads)
    alike = Alike(
        [_neighbour(page, one, sources) for one in found.neighbours],
        _share(found.stable_weights, language),
        _share(found.stable_without, language),
        _share(found.missing_share or None, language),
        [Value(found.doubt)] if found.doubt else [],
        page.value(rule),
        texts(page, told),
        sources,
    )
    return OfItsSize(alike, found.compared_with + 1, found.least, found.most)


def _share(share: float | None, language: Language) -> str:
    return number_formats.percent(share, language) if share is not None else ""


def _neighbour(page: Page, one: CommuneAlike, sources: tuple[int, ...]) -> Neighbour:
    node = NamedNode(_TERRITORY + one.key)
    wholes = objects(page.naming.store, node, "dct:isPartOf")
    where = [page.value(part) for part in wholes if "/departement-" in part.value]
    return Neighbour(one.rank, page.value(node), where, [Value(one.in_what)], Value(one.differs_most), sources)
