"""Whom to tell that something of a page is wrong: the publishers of its sources, and whoever serves it."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass

from pyoxigraph import NamedNode, Store

from clirld.settings import BASE
from clirld.web.contribution.said import said_of
from clirld.web.documents.naming import whole
from clirld.web.documents.sources import graph_of, source_of_graph
from clirld.web.documents.things import Thing
from clirld.web.documents.view import Page

_MOST, _SHORT = 8, 40
"""Statements that a page offers to correct, and characters of a value."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """A source of what is said of a thing, and the page of its publisher."""

    title: str
    address: str


def publishers(page: Page, thing: Thing) -> list[Publisher]:
    """The publishers of what is said of a thing, each address once; not the sources that this project keeps itself."""
    found: dict[str, Publisher] = {}
    for graph in dict.fromkeys(map(graph_of, thing.quads)):
        source = source_of_graph(page.release, graph)
        for address in landing_pages(page.naming.store, source.name) if source.dataset else ():
            found.setdefault(address, Publisher(source.title(page.naming.language), address))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Doubt:
    """A statement that may be wrong: its id in addresses, its property, and its value where that tells it apart."""

    id: str
    label: str
    text: str


def doubts(page: Page, iri: str) -> list[Doubt]:
    """Statements of a thing, to choose the wrong one from: one of each property before a second of any."""
    said = said_of(page.naming, iri)
    counts, numbers = Counter(one.label for one in said), Counter[str]()
    ranked = []
    for one in said:
        ranked.append((numbers[one.label], one))
        numbers[one.label] += 1
    shown = sorted(ranked, key=lambda pair: pair[0])[:_MOST]
    found = []
    for one in (one for rank, one in ranked if (rank, one) in shown):
        is_apart = counts[one.label] > 1
        found.append(Doubt(one.id, one.label, textwrap.shorten(one.text, _SHORT, placeholder=" …") if is_apart else ""))
    return found


def landing_pages(store: Store, source: str) -> list[str]:
    """The pages of the publisher of a source; none of one that this project keeps itself."""
    dataset = NamedNode(f"{BASE}id/dataset/{source}")
    said = store.quads_for_pattern(dataset, NamedNode(whole("dcat:landingPage")), None, None)
    addresses = dict.fromkeys(str(getattr(quad.object, "value", "")) for quad in said)
    return [one for one in addresses if one.startswith(("https://", "http://")) and not one.startswith(BASE)]
