"""Whom to tell that something of a page is wrong: the publishers of its sources, and whoever serves it."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

from clirld.settings import BASE
from clirld.web.documents.naming import whole
from clirld.web.documents.sources import graph_of, source_of_graph
from clirld.web.documents.things import Thing
from clirld.web.documents.view import Page


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
        if not source.dataset:
            continue
        said = page.naming.store.quads_for_pattern(
            NamedNode(source.dataset), NamedNode(whole("dcat:landingPage")), None, None
        )
        for quad in said:
            address = str(getattr(quad.object, "value", ""))
            if address.startswith(("https://", "http://")) and not address.startswith(BASE):
                found.setdefault(address, Publisher(source.title(page.naming.language), address))
    return list(found.values())
