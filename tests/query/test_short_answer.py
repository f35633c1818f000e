"""Short answers are those that a worker gives, and no long one is computed."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from clirld.query.evaluate import QueryRequest, evaluate
from clirld.query.formats import DIGEST, HTML, RESULT_FORMATS
from clirld.query.short_answer import MAX_BYTES, short_answer

S, P, Q = (NamedNode(f"http://e/{name}") for name in "spq")
QUERY = "SELECT * { <http://e/s> ?p ?o }"


@pytest.fixture
def store() -> Store:
    """A thing with three statements, one of them of two graphs, and one with far more than is short."""
    store = Store()
    for graph in ("http://e/g", "http://e/h"):
        store.add(Quad(S, P, Literal("v"), NamedNode(graph)))
    store.add(Quad(S, Q, Literal("w", language="fr"), NamedNode("http://e/g")))
    store.extend(
        Quad(NamedNode("http://e/big"), P, Literal(f"value {n}"), NamedNode("http://e/g")) for n in range(5000)
    )
    return store


@pytest.mark.parametrize("media", RESULT_FORMATS)
@pytest.mark.parametrize(
    "query",
    [
        QUERY,
        "ASK { <http://e/s> <http://e/p> 'v' }",
        "SELECT ?s { ?s <http://e/q> ?o } LIMIT 3",
        "SELECT * { <http://e/none> ?p ?o }",
    ],
)
def test_the_answer_is_that_of_a_worker(store: Store, query: str, media: str) -> None:
    request, out = QueryRequest(query, media), io.BytesIO()
    assert evaluate(store, request, out) is None
    assert short_answer(store, request) == out.getvalue() != b""


def test_a_long_answer_is_given_up_while_it_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from clirld.query import short_answer as module

    written: list[int] = []
    plain = module._Short.write

    def write(self: Any, data: bytes) -> int:
        written.append(len(data))
        return plain(self, data)

    monkeypatch.setattr(module._Short, "write", write)
    assert short_answer(store, QueryRequest("SELECT * { <http://e/big> ?p ?o }")) is None
    assert 0 < sum(written) <= 2 * MAX_BYTES


@pytest.mark.parametrize(
    "request_",
    [
        QueryRequest(QUERY, HTML),
        QueryRequest(QUERY, DIGEST),
        QueryRequest(QUERY, default_graphs=("http://e/g",)),
        QueryRequest("SELECT * { <http://e/s> ?p }"),
    ],
)
def test_what_a_worker_has_to_do(store: Store, request_: QueryRequest) -> None:
    assert short_answer(store, request_) is None
