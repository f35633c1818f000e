"""Which graphs a query can take its answer from: never fewer than it can."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.query.graphs import graphs_read

PREFIX = "PREFIX graph: <https://w3id.org/clirld/graph/> PREFIX : <http://example.org/> "
PTCE, LIEUX = "https://w3id.org/clirld/graph/ptce", "https://w3id.org/clirld/graph/lieux"


@pytest.mark.parametrize(
    ("query", "graphs"),
    [
        ("SELECT * { GRAPH graph:ptce { ?s ?p ?o } }", {PTCE}),
        (f"SELECT * {{ GRAPH <{PTCE}> {{ ?s ?p ?o }} GRAPH graph:lieux {{ ?s a ?t }} }}", {PTCE, LIEUX}),
        ("SELECT ?s (COUNT(*) AS ?n) { GRAPH graph:ptce { ?s a ?t } } GROUP BY ?s ORDER BY ?n", {PTCE}),
        ("ASK { { GRAPH graph:ptce { ?s ?p ?o OPTIONAL { ?s :q ?z FILTER(?z > 1) } } } UNION { GRAPH graph:lieux {}}}",
         {PTCE, LIEUX}),
        ("SELECT * { VALUES ?s { :a :b } GRAPH graph:ptce { ?s ?p ?o } BIND(STR(?s) AS ?t) FILTER(?t != ?o) }", {PTCE}),
        ("SELECT * { VALUES (?s ?p) { (:a :b) } GRAPH graph:ptce { ?s ?p ?o } }", {PTCE}),
        ("SELECT * { { SELECT ?s { GRAPH graph:ptce { ?s ?p ?o } } } }", {PTCE}),
        ("CONSTRUCT { ?s :is ?o } WHERE { GRAPH graph:ptce { ?s ?p ?o } }", {PTCE}),
        ("CONSTRUCT FROM graph:ptce WHERE { ?s ?p ?o }", {PTCE}),
        ("SELECT * FROM graph:ptce FROM NAMED graph:lieux { ?s ?p ?o GRAPH ?g { ?s ?p ?o } }", {PTCE, LIEUX}),
        ("DESCRIBE :a FROM graph:ptce", {PTCE}),
        ("# GRAPH\nSELECT ('from' AS ?x) {}", set()),
        # any graph, or not sure that not
        ("SELECT * { ?s ?p ?o }", None),
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", None),
        ("SELECT * { GRAPH graph:ptce { ?s ?p ?o } ?s a ?t }", None),
        ("SELECT * { ?s a ?t GRAPH graph:ptce { ?s ?p ?o } }", None),
        ("SELECT * { GRAPH graph:ptce { ?s ?p ?o } FILTER EXISTS { ?s a ?t } }", None),
        ("SELECT * { GRAPH graph:ptce { ?s ?p ?o } FILTER(?s = 1 && EXISTS { ?s a ?t }) }", None),
        ("SELECT (EXISTS { ?s a ?t } AS ?x) { GRAPH graph:ptce { ?s ?p ?o } }", None),
        ("SELECT * { GRAPH graph:ptce { ?s ?p ?o } { SELECT ?s { ?s a ?t } } }", None),
        ("SELECT * { GRAPH graph:ptce { ?s ?p ?o } [] a ?t }", None),
        ("CONSTRUCT { ?s :is ?o } { ?s ?p ?o GRAPH graph:ptce {} }", None),
        ("DESCRIBE ?s { GRAPH graph:ptce { ?s ?p ?o } }", None),
        ("SELECT * { GRAPH unknown:ptce { ?s ?p ?o } }", None),
        ("SELECT * { GRAPH <ptce> { ?s ?p ?o } }", None),
        ("SELECT * FROM <ptce> { ?s ?p ?o }", None),
        ("SELECT * { GRAPH graph:ptce { ?s ?p ?o } SERVICE <http://example.org/> { ?s a ?t } }", None),
        ("GRAPH", None), ("SELECT * { GRAPH", None), ("SELECT * } GRAPH", None), ("FROM", None), ("", None),
    ],
)  # fmt: skip
def test_graphs_of_a_query(query: str, graphs: set[str] | None) -> None:
    assert graphs_read(PREFIX + query) == graphs


PIECES = [
    "SELECT",
    "CONSTRUCT",
    "FROM",
    "NAMED",
    "GRAPH",
    "VALUES",
    "{",
    "}",
    "(",
    ")",
    "?x",
    "graph:a",
    "<u:v>",
    "WHERE",
]


@given(st.lists(st.sampled_from(PIECES), max_size=15))
def test_any_text_is_read(pieces: list[str]) -> None:
    graphs_read(PREFIX + " ".join(pieces))
