"""Which source a statement comes from: the named graph it stands in, and what the manifest says of that source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pyoxigraph import Quad

from clirld.settings import BASE
from clirld.web.release import ServedRelease

GRAPH = f"{BASE}graph/"


@dataclass(frozen=True, slots=True)
class GraphSource:
    """One named graph of a release."""

    name: str
    entry: dict[str, Any]
    """What the manifest says of it; nothing for the graphs that follow from the others."""

    @property
    def graph(self) -> str:
        """IRI of the named graph."""
        return f"{GRAPH}{self.name}"

    @property
    def dataset(self) -> str:
        """IRI of the source as a dcat:Dataset, empty where the graph is no source's."""
        return f"{BASE}id/dataset/{self.name}" if self.entry else ""

    def title(self, language: str) -> str:
        """Its title, its name where it has none."""
        return str((self.entry.get("title") or {}).get(language) or self.name)

    @property
    def retrieved(self) -> str:
        """When its bytes were had, empty where not said."""
        return str(self.entry.get("retrieved") or "")

    @property
    def licence(self) -> dict[str, Any]:
        """IRI and title of its licence; nothing where not said."""
        return dict(self.entry.get("license") or {})


@dataclass(frozen=True, slots=True)
class CitedPage:
    """A page or document that a claim cites, and the source that read it."""

    address: str
    citation: str
    """How it is cited; empty where the source gives its address only."""
    source: GraphSource

    @property
    def host(self) -> str:
        """The name of its server: what is shown where it has no title."""
        return urlsplit(self.address).netloc.removeprefix("www.")


def source_of_graph(release: ServedRelease, graph: str) -> GraphSource:
    """The source of a named graph, by its IRI."""
    name = graph.removeprefix(GRAPH)
    entries = release.manifest.get("sources") or []
    return GraphSource(name, next((entry for entry in entries if entry.get("id") == name), {}))


def sources_of(release: ServedRelease, quads: Iterable[Quad]) -> list[GraphSource]:
    """The sources that statements come from, each once; not the graphs that follow from the others."""
    graphs = dict.fromkeys(graph_of(quad) for quad in quads)
    return [source for graph in graphs if (source := source_of_graph(release, graph)).entry]


def graph_of(quad: Quad) -> str:
    """IRI of the named graph that a statement stands in."""
    return str(getattr(quad.graph_name, "value", ""))


def graph_quads(release: ServedRelease, name: str) -> int | None:
    """How many statements a graph has, None where the release has no such graph."""
    count = (release.manifest.get("graphs") or {}).get(name)
    return count if isinstance(count, int) else None
