"""What editors of others ask of an endpoint before a person has typed: examples, prefixes, classes and properties.

The queries in `sib/` are, word for word, those of SIB's sparql-editor (github.com/sib-swiss/sparql-editor,
packages/sparql-editor/src/metadata.ts; `overview-before.rq` is that of its versions before, src/utils.ts).
"""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from clirld.query.files.examples import load
from clirld.query.formats import PREFIXES
from clirld.query.select import select
from clirld.settings import BASE
from tests.conftest import PROJECT

SIB = Path(__file__).parent / "sib"
CLIR = f"{BASE}ontology#"
# Of what is counted when the catalogue is written: not of it, nor of what follows from the whole.
NOT_COUNTED = [f"{BASE}graph/{name}" for name in ("catalog", "accounting", "derived", "links")]


@pytest.fixture(scope="module")
def store(samples: Path) -> ox.Store:
    store = ox.Store()
    for path in sorted((samples / "current" / "dump").glob("clirld-*.nq.gz")):
        store.bulk_load(input=gzip.decompress(path.read_bytes()), format=ox.RdfFormat.N_QUADS)
    return store


def rows(store: ox.Store, name: str) -> list[dict[str, str]]:
    found = store.query((SIB / f"{name}.rq").read_text(encoding="utf-8"), use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return [{name: term.value for name, term in zip(names, row, strict=True) if term} for row in found]


def test_the_examples_are_found_in_both_languages(store: ox.Store) -> None:
    found = {(row["comment"], row["query"]) for row in rows(store, "examples")}
    examples = load(PROJECT / "queries")
    assert found == {(one.question[tag], one.text) for one in examples for tag in ("fr", "en")}
    assert all(one.keywords["fr"] and one.keywords["en"] for one in examples)


def test_the_prefixes_are_found(store: ox.Store) -> None:
    assert {row["prefix"]: row["namespace"] for row in rows(store, "prefixes")} == PREFIXES


@pytest.mark.parametrize("name", ["overview", "overview-before"])
def test_the_overview_says_what_leads_where(store: ox.Store, name: str) -> None:
    found = rows(store, name)
    links = {(row["subjectClass"], row["prop"], row.get("objectClass")) for row in found}
    assert (f"{CLIR}Initiative", f"{CLIR}seatedIn", f"{CLIR}Territory") in links
    literals = {(row["subjectClass"], row["prop"], row.get("objectDatatype")) for row in found}
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    assert (f"{CLIR}Territory", label, "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString") in literals
    if name == "overview":
        assert {"Initiative", "Initiative de coopération"} & {row.get("subjectClassLabel") for row in found}


def test_the_overview_is_what_a_count_gives(store: ox.Store) -> None:
    told = select(
        store,
        "PREFIX void: <http://rdfs.org/ns/void#> SELECT ?class ?property ?n "
        "{ ?c void:class ?class ; void:propertyPartition ?p . ?p void:property ?property ; void:triples ?n }",
    )
    left_out = ", ".join(f"<{graph}>" for graph in NOT_COUNTED)
    pairs = select(store, f"SELECT ?c ?p {{ GRAPH ?g {{ ?s a ?c ; ?p ?o }} FILTER(?g NOT IN ({left_out})) }}")
    counted = Counter((row["c"].value, row["p"].value) for row in pairs)
    assert {(row["class"].value, row["property"].value): int(row["n"].value) for row in told} == counted


def test_each_class_that_a_property_is_said_to_lead_to_is_led_to(store: ox.Store) -> None:
    unfounded = """
        PREFIX void: <http://rdfs.org/ns/void#>
        SELECT ?class ?property ?of {
          ?c void:class ?class ; void:propertyPartition ?p .
          ?p void:property ?property ; void:classPartition/void:class ?of .
          FILTER NOT EXISTS { ?s a ?class ; ?property ?o . ?o a ?of }
        }
    """
    assert list(select(store, unfounded)) == []
