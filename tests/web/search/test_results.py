"""Hits as SPARQL results: what the formats say is read back by a reader of SPARQL results."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from clirld.search.find import Hit, Label
from clirld.web.search.results import write

COLUMNS = ["thing", "label", "type", "territory", "territoryLabel", "gone", "score"]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
labels = st.builds(Label, texts, st.sampled_from(["", "fr", "en"]))
hits = st.builds(
    Hit,
    st.sampled_from(["https://w3id.org/clirld/id/a", "https://w3id.org/clirld/id/é,b'c"]),
    st.sampled_from(["3.0000", "-2.5000"]),
    st.none() | labels,
    st.none() | st.just("http://www.w3.org/ns/org#FormalOrganization"),
    st.none() | st.just("https://w3id.org/clirld/id/territory/commune-1"),
    st.none() | labels,
    st.booleans(),
)


def rows(content: bytes, form: QueryResultsFormat) -> list[list[object]]:
    read = parse_query_results(content, format=form)
    assert isinstance(read, QuerySolutions)
    assert [variable.value for variable in read.variables] == COLUMNS
    return [[row[name] for name in COLUMNS] for row in read]


@given(st.lists(hits, max_size=3))
def test_json_and_tsv_say_the_same_terms(found: list[Hit]) -> None:
    as_json = rows(write(found, "application/sparql-results+json"), QueryResultsFormat.JSON)
    assert rows(write(found, "text/tab-separated-values"), QueryResultsFormat.TSV) == as_json
    for hit, row in zip(found, as_json, strict=True):
        assert row[0] == NamedNode(hit.iri)
        label = Literal(hit.label.text, language=hit.label.language or None) if hit.label else None
        assert row[1] == label
        assert str(row[5]).startswith('"true"' if hit.is_gone else '"false"')


@given(st.lists(hits, max_size=3))
def test_csv_has_the_values(found: list[Hit]) -> None:
    text = write(found, "text/csv").decode()
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert text.startswith(",".join(COLUMNS) + "\r\n")
    assert [(row["thing"], row["score"], row["territory"]) for row in read] == [
        (hit.iri, hit.score, hit.territory or "") for hit in found
    ]


@pytest.mark.parametrize("media", ["application/json", "application/sparql-results+json"])
def test_no_hits_are_no_rows(media: str) -> None:
    assert json.loads(write([], media)) == {"head": {"vars": COLUMNS}, "results": {"bindings": []}}
