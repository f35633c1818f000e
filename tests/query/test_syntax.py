"""Reading a query by its shape gives what reading it as it stands does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.query import lookup
from clirld.query.syntax import _read, outline, shape, tokens

PIECES = [
    *["<http://a.org/b#c>", "<http://a.org/d>", "<urn:x>", "<a'b>", "<a(b>", "<é>", "<x<y>", "<", ">", "<?a>", "< >"],
    *["'<a>'", '"<a>', "'", '"', '"""', "# <a>\n", "#", "\n", " ", "\\", "?s", "?p", "ex:a", "PREFIX ex: ", "a"],
    *["SELECT * ", "SELECT ?p ", "ASK ", "CONSTRUCT ", "DESCRIBE ", "FROM ", "WHERE ", "{ ", "} ", "( ", ") ", ". "],
    *["; ", ", ", "LIMIT 5", "NOW()", "FILTER(?a<?b) ", "INSERT ", "@fr", "_:b "],
]
QUERIES = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@given(QUERIES)
def test_a_shape_has_the_same_tokens(query: str) -> None:
    found = list(tokens(query))
    read = list(tokens(shape(query)))
    assert [token.type for token in read] == [token.type for token in found]
    iris = [(token.text, one.text) for token, one in zip(found, read, strict=True) if token.type == "iri"]
    assert len(set(iris)) == len({text for text, _ in iris}) == len({text for _, text in iris})


@given(QUERIES)
def test_a_query_reads_the_same_by_its_shape(query: str) -> None:
    assert outline(query) == _read(query, ())
    try:
        kind = lookup._Reader(list(tokens(query))).kind()
    except lookup._NoLookup:
        kind = None
    assert lookup.lookup_kind(query) == kind


@pytest.mark.parametrize("query", ["SELECT * { <http://a> ?p ?o }", "SELECT * { <http://b> ?p ?o }"])
def test_queries_that_differ_by_their_iris_have_one_shape(query: str) -> None:
    assert shape(query) == "SELECT * { <0> ?p ?o }"
