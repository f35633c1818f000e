"""A document in the formats for programs: RDF and CSV say the same statements."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, serialize

from clirld.query.formats import GRAPH_FORMATS, HTML, PREFIXES
from clirld.settings import BASE
from clirld.web.documents.jsonld import Context
from clirld.web.documents.lookup import Description
from clirld.web.documents.sources import GraphSource, source_of_graph
from clirld.web.release import ServedRelease

OFFERED = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "csv": "text/csv",
    "html": HTML,
}
"""Short name (suffix, `?format=`) → media type, the one for whoever takes anything first."""

_COLUMNS = ("subject", "predicate", "object", "datatype", "language", "graph", "retrieved", "licence")
_DCT, _FOAF = PREFIXES["dct"], PREFIXES["foaf"]
_TYPE = NamedNode(f"{PREFIXES['rdf']}type")
_DATE_TIME = NamedNode(f"{PREFIXES['xsd']}dateTime")


def statements(description: Description) -> list[Quad]:
    """What a document says of its thing: of it, then about it. Once each: a thing may name itself."""
    return list(dict.fromkeys([*description.outgoing, *description.incoming]))


def sources(release: ServedRelease, quads: Iterable[Quad]) -> list[GraphSource]:
    """The sources of the statements, each once."""
    graphs = dict.fromkeys(quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode))
    return [source_of_graph(release, graph) for graph in graphs]


def metadata(document: str, description: Description, release: ServedRelease) -> Iterator[Quad]:
    """What a document says of itself: its thing, its sources, and of each its licence and when it was asked."""
    page = NamedNode(document)
    yield Quad(page, _TYPE, NamedNode(f"{_FOAF}Document"))
    yield Quad(page, NamedNode(f"{_FOAF}primaryTopic"), description.subject)
    yield Quad(page, NamedNode(f"{_DCT}isPartOf"), NamedNode(f"{BASE}id/dataset/clirld"))
    if release.created:
        modified = Literal(release.created.isoformat(), datatype=_DATE_TIME)
        yield Quad(page, NamedNode(f"{_DCT}modified"), modified)
    for source in sources(release, statements(description)):
        graph = NamedNode(source.graph)
        yield Quad(page, NamedNode(f"{_DCT}source"), graph)
        if source.dataset:
            yield Quad(graph, NamedNode(f"{_DCT}source"), NamedNode(source.dataset))
        if licence := source.licence.get("iri"):
            yield Quad(graph, NamedNode(f"{_DCT}license"), NamedNode(licence))
        if source.retrieved:
            retrieved = Literal(source.retrieved, datatype=_DATE_TIME)
            yield Quad(graph, NamedNode(f"{PREFIXES['prov']}generatedAtTime"), retrieved)


def write(media: str, quads: list[Quad], release: ServedRelease, context: Context, context_address: str) -> bytes:
    """The statements in a media type of `OFFERED` other than HTML.

    Those that have no place for a graph say each triple once; N-Quads, TriG and CSV say the graph of each.
    """
    if media == OFFERED["csv"]:
        return _csv(quads, release)
    if media == OFFERED["jsonld"]:
        return context.write(dict.fromkeys(quad.triple for quad in quads), context_address)
    format_ = GRAPH_FORMATS[media][1]
    # N-Quads is written as N-Quads: its reader wants lines, not names.
    names = None if format_ in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS) else PREFIXES
    data = quads if format_.supports_datasets else list(dict.fromkeys(quad.triple for quad in quads))
    return serialize(data, format=format_, prefixes=names) or b""


def _csv(quads: list[Quad], release: ServedRelease) -> bytes:
    """One statement a line, with its source's date and licence (RFC 4180)."""
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow(_COLUMNS)
    for quad in quads:
        term, graph = quad.object, quad.graph_name
        source = None if isinstance(graph, DefaultGraph) else source_of_graph(release, str(graph.value))
        lines.writerow(
            [
                _name(quad.subject),
                quad.predicate.value,
                term.value if isinstance(term, Literal) else _name(term),
                term.datatype.value if isinstance(term, Literal) and not term.language else "",
                (term.language or "") if isinstance(term, Literal) else "",
                source.graph if source else "",
                source.retrieved if source else "",
                source.licence.get("iri", "") if source else "",
            ]
        )
    return out.getvalue().encode()


def _name(term: object) -> str:
    return str(term) if isinstance(term, BlankNode) else str(getattr(term, "value", term))
