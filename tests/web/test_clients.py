"""Clients that people use, against the server: SPARQLWrapper and the SPARQLStore of rdflib."""

from __future__ import annotations

from typing import Any

import pytest
from rdflib import Dataset, Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # SPARQLWrapper's own

SUBJECT, LABEL = URIRef("http://example.org/release"), URIRef("http://example.org/label")
SELECT = f"SELECT ?o {{ <{SUBJECT}> ?p ?o }}"
CONSTRUCT = f"CONSTRUCT WHERE {{ <{SUBJECT}> ?p ?o }}"
TRIPLE = (SUBJECT, LABEL, Literal("one"))


def wrapper(site: str, query: str, format_name: str, method: str = "GET") -> Any:
    client = SPARQLWrapper(f"{site}/sparql")
    client.setQuery(query)
    client.setReturnFormat(format_name)
    client.setMethod(method)
    return client.query()


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("format_name", [JSON, XML, CSV, TSV])
def test_sparqlwrapper_select(site: str, format_name: str, method: str) -> None:
    content = wrapper(site, SELECT, format_name, method).convert()
    if format_name == JSON:
        assert content["results"]["bindings"][0]["o"]["value"] == "one"
    else:
        text = content.toxml() if format_name == XML else content.decode()
        assert "one" in text


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize(
    ("format_name", "syntax"),
    [(TURTLE, "turtle"), (N3, "turtle"), (XML, "xml"), (RDFXML, "xml"), (JSONLD, "json-ld")],
)
def test_sparqlwrapper_construct(site: str, format_name: str, syntax: str, method: str) -> None:
    content = wrapper(site, CONSTRUCT, format_name, method).convert()
    graph: Graph = content if isinstance(content, Graph) else Graph().parse(data=content, format=syntax)
    assert TRIPLE in graph or [triple[2] for triple in Dataset().parse(data=content, format=syntax)] == [TRIPLE[2]]


def test_rdflib_sparqlstore(site: str) -> None:
    graph = Graph(SPARQLStore(f"{site}/sparql"))
    assert TRIPLE in graph
    assert list(graph.objects(SUBJECT, LABEL)) == [Literal("one")]
    assert [str(row[0]) for row in graph.query(SELECT)] == ["one"]  # type: ignore[index]
    assert set(graph.query(CONSTRUCT)) == {TRIPLE}
    assert bool(graph.query("ASK { ?s ?p 'none' }")) is False
