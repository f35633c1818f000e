"""The canonical form: the same for the same rows, another for others."""

from __future__ import annotations

import io
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse

from clirld.query import canonical_form
from clirld.query.evaluate import QueryRequest, evaluate
from clirld.query.formats import CANONICAL, DIGEST

TURTLE = """
PREFIX : <http://example.org/>
:a :p 1, "deux"@fr, "tr\\u00e8s \\"haut\\"\\n\\tet \\\\ loin" ; :q :b .
:b :p 1 ; :r [ :s [ :t 1 ] ] .
"""
ALL = "SELECT * { ?s ?p ?o }"


def store_of(turtle: str = TURTLE) -> Store:
    store = Store()
    store.extend(
        Quad(*quad.triple) for quad in parse(turtle.encode(), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    )
    return store


def form(store: Store, query: str, media: str = CANONICAL) -> str:
    out = io.BytesIO()
    assert evaluate(store, QueryRequest(query, media), out) is None
    return out.getvalue().decode()


def test_rows_are_sorted_and_keep_their_number() -> None:
    text = form(store_of(), "PREFIX : <http://example.org/> SELECT ?v ?a { VALUES ?v { :z UNDEF :z } ?x :p ?a }")
    lines = text.splitlines()
    assert lines[0] == "?a\t?v"
    assert lines[1:] == sorted(lines[1:])
    assert lines.count('"1"^^<http://www.w3.org/2001/XMLSchema#integer>\t<http://example.org/z>') == 4
    assert lines.count('"deux"@fr\t') == 1
    assert '"très \\"haut\\"\\n\\tet \\\\ loin"\t' in lines
    assert text.endswith("\n")


@pytest.mark.parametrize(("query", "text"), [("ASK {}", "true\n"), ("ASK { ?s ?s ?s }", "false\n")])
def test_yes_and_no(query: str, text: str) -> None:
    assert form(store_of(), query) == text


def test_no_rows_are_not_no_columns() -> None:
    assert form(store_of(), "SELECT ?b ?a { ?a ?b 2 }") == "?a\t?b\n"
    assert form(store_of(), "SELECT ?b { ?a ?b 2 }") == "?b\n"


def test_order_is_no_part_of_it() -> None:
    orders = {form(store_of(), f"{ALL} ORDER BY {order}") for order in ("?o", "DESC(?o)", "?p ?s")}
    assert len(orders) == 1


@pytest.mark.parametrize("query", [ALL, "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_labels_of_blank_nodes_are_no_part_of_it(query: str) -> None:
    one, other = store_of(), store_of()
    assert {str(quad) for quad in one} != {str(quad) for quad in other}
    assert form(one, query) == form(other, query)
    changed = store_of(TURTLE.replace(":t 1", ":t 2"))
    assert form(one, query) != form(changed, query)


def test_a_graph_is_a_set_of_triples() -> None:
    one = form(store_of(), "CONSTRUCT { ?s <http://example.org/is> 1 } { ?s ?p 1 }")
    assert [line for line in one.splitlines() if "_:" not in line] == [
        f'<http://example.org/{name}> <http://example.org/is> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .'
        for name in "ab"
    ]
    described = form(store_of(), "DESCRIBE <http://example.org/a>")
    assert len(described.splitlines()) == 4


@pytest.mark.parametrize(("query", "rows"), [(ALL, 8), ("ASK {}", None), ("CONSTRUCT WHERE { ?s ?p ?o }", 8)])
def test_the_digest_is_that_of_the_form(query: str, rows: int | None) -> None:
    said: dict[str, Any] = json.loads(form(store_of(), query, DIGEST))
    assert said == {"rows": rows, "sha256": canonical_form.digest(form(store_of(), query).splitlines())}


def test_blank_nodes_that_rows_tell_apart_have_names_of_their_own() -> None:
    text = form(store_of(), "SELECT ?s ?o { ?s <http://example.org/r>|<http://example.org/s> ?o FILTER isBlank(?o) }")
    names = {term for line in text.splitlines()[1:] for term in line.split("\t") if term.startswith("_:")}
    assert len(names) == 2


TERMS = st.one_of(
    st.none(),
    st.builds(NamedNode, st.sampled_from(["http://example.org/a", "http://example.org/é"])),
    st.builds(Literal, st.text(st.characters(exclude_categories=["Cs"]), max_size=5)),
    st.builds(lambda n: BlankNode(f"b{n}"), st.integers(0, 3)),
)


@given(st.lists(st.tuples(TERMS, TERMS), max_size=8), st.randoms(use_true_random=False))
def test_any_rows_in_any_order_under_any_labels(rows: list[tuple[Any, Any]], chance: random.Random) -> None:
    renamed = {f"b{n}": BlankNode(f"x{(n + 1) % 4}") for n in range(4)}
    others = [tuple(renamed[term.value] if isinstance(term, BlankNode) else term for term in row) for row in rows]
    chance.shuffle(others)
    lines = sorted(canonical_form._of_rows(list(rows)))
    assert lines == sorted(canonical_form._of_rows(others))
    assert len(lines) == len(rows)
    assert not any("\n" in line or "\r" in line or line.count("\t") != 1 for line in lines)
