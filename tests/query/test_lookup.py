"""Lookups are known by their form, and nothing that may run long is taken for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import URIRef, Variable
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue

from clirld.query.lookup import lookup_kind

LOOKUPS = [
    "SELECT ?p ?o { <http://e/s> ?p ?o }",
    "PREFIX ex: <http://e/> SELECT DISTINCT * WHERE { ex:s ex:p ?a ; ex:q ?b . ex:s a ?c . }",
    "ASK { <http://e/s> <http://e/p> 'v'@fr }",
    "CONSTRUCT { ?o <http://e/of> <http://e/s> } WHERE { <http://e/s> <http://e/p> ?o }",
    "CONSTRUCT WHERE { <http://e/s> ?p ?o }",
    "DESCRIBE <http://e/s>",
    "SELECT * { ?s ?p ?o } LIMIT 10",
    "SELECT * { ?s <http://e/p> 'v' } LIMIT 900 OFFSET 100 # said twice",
]
OTHERS = [
    "SELECT * { ?s ?p ?o }",
    "SELECT * { ?s ?p ?o } LIMIT 1001",
    "SELECT * { ?s ?p ?o } LIMIT 10 OFFSET 1000",
    "SELECT DISTINCT ?p { ?s ?p ?o } LIMIT 10",
    "SELECT * { ?s ?p ?s } LIMIT 1",
    "SELECT * { ?s ?p ?o } ORDER BY ?o LIMIT 10",
    "SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 10",
    "SELECT * { <http://e/s> ?p ?o . ?o ?q ?r }",
    "SELECT * { <http://e/s> ?p ?o ; ?q ?r }",
    "SELECT * { <http://e/s> <http://e/p> ?a , ?b }",
    "SELECT * { <http://e/s> <http://e/p>+ ?o }",
    "SELECT * { <http://e/s> <http://e/p>/<http://e/q> ?o }",
    "SELECT * { <http://e/s> ^<http://e/p> ?o }",
    "SELECT (COUNT(*) AS ?n) { <http://e/s> ?p ?o }",
    "SELECT * { <http://e/s> ?p ?o FILTER(REGEX(?o, 'x')) }",
    "SELECT * { <http://e/s> ?p ?o OPTIONAL { ?a ?b ?c } }",
    "SELECT * { { SELECT * { ?a ?b ?c } } } LIMIT 1",
    "SELECT * FROM <http://e/g> { <http://e/s> ?p ?o }",
    "SELECT * { GRAPH ?g { <http://e/s> ?p ?o } }",
    "SELECT * { SERVICE <http://e/s> { ?s ?p ?o } } LIMIT 1",
    "DESCRIBE ?s { ?s ?p ?o }",
    "SELECT * {} LIMIT 1",
    "no query",
    "",
]


@pytest.mark.parametrize("query", LOOKUPS)
def test_lookups(query: str) -> None:
    assert lookup_kind(query)
    assert is_bounded(query)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("SELECT ?p ?o { <http://e/s> ?p ?o }", "pattern"),
        ("ASK { <http://e/s> a ?o }", "pattern"),
        ("SELECT * { ?s ?p 'v' } LIMIT 1000", "pattern"),
        ("SELECT * { <http://e/s> ?p ?p }", "star"),
        ("SELECT DISTINCT ?p { <http://e/s> ?p ?o }", "star"),
        ("SELECT * { <http://e/s> ?p ?o } OFFSET 5", "star"),
        ("SELECT * { <http://e/s> a ?o ; <http://e/p> ?p }", "star"),
        ("CONSTRUCT WHERE { <http://e/s> ?p ?o }", "star"),
    ],
)
def test_rows_that_are_given_as_they_are_read(query: str, kind: str) -> None:
    assert lookup_kind(query) == kind


@pytest.mark.parametrize("query", OTHERS)
def test_other_queries(query: str) -> None:
    assert lookup_kind(query) is None


term = st.sampled_from(["<http://e/s>", "ex:s", "?a", "?b", "?c", "'v'", "a", "_:b", "[]", "1"])
joint = st.sampled_from(
    [" . ", " ; ", " , ", "+ ", "* ", "/", "|", " ", "^", " FILTER(?a = ?b) ", " OPTIONAL { ", " } ", " { "]
)
end = st.sampled_from(
    ["", " LIMIT 5", " LIMIT 5000", " OFFSET 2000 LIMIT 1", " ORDER BY ?a", " GROUP BY ?a", " VALUES ?a { 1 2 }"]
)
start = st.sampled_from(
    [
        "SELECT *",
        "SELECT ?a",
        "SELECT DISTINCT ?a",
        "ASK",
        "DESCRIBE ?a",
        "SELECT (COUNT(*) AS ?n)",
        "CONSTRUCT { ?a ?b ?c }",
    ]
)


@settings(deadline=None, max_examples=400)
@given(start, st.lists(st.tuples(term, term, term, joint), min_size=1, max_size=4), end)
def test_nothing_unbounded_is_a_lookup(form: str, patterns: list[tuple[str, str, str, str]], last: str) -> None:
    body = "".join(f"{s} {p} {o}{between}" for s, p, o, between in patterns)
    query = f"PREFIX ex: <http://e/> {form} WHERE {{ {body} }}{last}"
    kind = lookup_kind(query)
    assert kind is None or is_bounded(query)
    assert kind != "pattern" or is_one_pattern(query)


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    lookup_kind(text)
    lookup_kind(f"SELECT * {{ {text} }} LIMIT 1")


def is_bounded(query: str) -> bool:
    """What another parser says: one pattern that is cut off, or one subject whose values are looked up."""
    algebra = prepareQuery(query).algebra
    nodes = list(walk(algebra))
    names = {node.name for node in nodes}
    if algebra.name == "DescribeQuery":
        return all(isinstance(one, URIRef) for one in algebra.PV) and "BGP" not in names
    allowed = {"SelectQuery", "AskQuery", "ConstructQuery", "Slice", "Project", "Distinct", "BGP", "ToMultiSet"}
    triples = [triple for node in nodes if node.name == "BGP" for triple in node.triples]
    cut = next((node for node in nodes if node.name == "Slice"), None)
    variables = [one for triple in triples for one in triple if isinstance(one, Variable)]
    if names - allowed or algebra.datasetClause:
        return False
    is_plain = len(triples) == 1 and len(set(variables)) == len(variables) and "Distinct" not in names
    is_short = is_plain and cut and cut.length is not None and cut.start + cut.length <= 1000
    subjects = {subject for subject, _, _ in triples}
    is_star = len(subjects) == 1 and all(isinstance(subject, URIRef) for subject in subjects) and len(triples) <= 5
    return bool(is_short or is_star)


def is_one_pattern(query: str) -> bool:
    """What another parser says: rows of one pattern as they are read, none left out or passed over."""
    algebra = prepareQuery(query).algebra
    nodes = list(walk(algebra))
    triples = [triple for node in nodes if node.name == "BGP" for triple in node.triples]
    variables = [one for triple in triples for one in triple if isinstance(one, Variable)]
    return (
        algebra.name in ("SelectQuery", "AskQuery")
        and len(triples) == 1
        and len(set(variables)) == len(variables)
        and all(node.start == 0 for node in nodes if node.name == "Slice")
        and "Distinct" not in {node.name for node in nodes}
    )


def walk(node: Any) -> Iterator[CompValue]:
    if isinstance(node, CompValue):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)
