"""The queries of the wikidata source, asked of an invented graph that is shaped as Wikidata's."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from clirld import yamlfile
from clirld.errors import CardError

GRAPH = """
@prefix p: <http://www.wikidata.org/prop/> .
@prefix psv: <http://www.wikidata.org/prop/statement/value/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix wd: <http://www.wikidata.org/entity/> .
@prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix wikibase: <http://wikiba.se/ontology#> .

wd:Q1 wdt:P279 wd:Q4539 .                                   # a class of cooperatives
wd:Q38 wdt:P374 "38185" . wd:Q44 wdt:P374 "44109" .         # communes

wd:Q101 wdt:P31 wd:Q1 ; wdt:P17 wd:Q142 ; rdfs:label "Coopérative"@fr, "Cooperative"@en ; wdt:P1616 "000003004" ;
  wdt:P3215 "00000300400017" ; wdt:P856 <https://example.org/> ; wdt:P159 wd:Q38 ; wdt:P131 wd:Q44 .
wd:Q102 wdt:P3918 "W999900002" ; wdt:P17 wd:Q142 ; rdfs:label "Association"@mul, "Society"@en ; wdt:P131 wd:Q44 .
wd:Q103 wdt:P31 wd:Q4539 ; wdt:P17 wd:Q142 ; rdfs:label "Genossenschaft"@de .
wd:Q104 wdt:P31 wd:Q4539 ; wdt:P17 wd:Q142 ; rdfs:label "Dissoute"@fr ; wdt:P576 "2020-01-01T00:00:00Z" .
wd:Q105 wdt:P31 wd:Q4539 ; wdt:P17 wd:Q183 ; rdfs:label "Ailleurs"@fr .
wd:Q106 wdt:P31 wd:Q5 ; wdt:P17 wd:Q142 ; rdfs:label "Une personne"@fr .

wd:Q201 wdt:P31 wd:Q869457 ; wdt:P17 wd:Q142 ; rdfs:label "Coworking"@en ; wdt:P131 wd:Q38 ;
  p:P625 [ psv:P625 [ wikibase:geoLatitude 45.188 ; wikibase:geoLongitude 5.724 ] ] .
wd:Q202 wdt:P31 wd:Q1032372 ; wdt:P17 wd:Q142 ; rdfs:label "Hackerspace"@fr ; wdt:P856 <https://example.org/> .
wd:Q203 wdt:P31 wd:Q869457 ; wdt:P17 wd:Q31 ; rdfs:label "En Belgique"@fr .
"""

PREFIXES = {
    "schema": "http://schema.org/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "wikibase": "http://wikiba.se/ontology#",
}


@pytest.fixture
def folder(project: Path) -> Path:
    """The source's folder."""
    return project / "pipelines" / "sources" / "wikidata"


@pytest.fixture
def wikidata() -> ox.Store:
    """Wikidata as the queries see it, small and invented."""
    store = ox.Store()
    store.load(GRAPH.encode(), ox.RdfFormat.TURTLE)
    return store


def asked(store: ox.Store, query: Path) -> dict[str, dict[str, set[str]]]:
    """What a CONSTRUCT query gives: values by column by item."""
    found: dict[str, dict[str, set[str]]] = {}
    given = store.query(query.read_text(encoding="utf-8"))
    assert isinstance(given, ox.QueryTriples)
    for triple in given:
        prefix, iri = max(
            (item for item in PREFIXES.items() if triple.predicate.value.startswith(item[1])),
            key=lambda item: len(item[1]),
        )
        item = triple.subject.value.rpartition("/")[2]
        column = f"{prefix}:{triple.predicate.value.removeprefix(iri)}"
        found.setdefault(item, {}).setdefault(column, set()).add(triple.object.value)
    return found


def test_organizations_are_those_of_france_that_go_on(wikidata: ox.Store, folder: Path) -> None:
    found = asked(wikidata, folder / "organizations.rq")
    assert found == {
        "Q101": {
            "schema:identifier": {"Q101"},
            "schema:additionalType": {"cooperative"},
            "rdfs:label": {"Coopérative"},
            "wdt:P1616": {"000003004"},
            "wdt:P3215": {"00000300400017"},
            "wdt:P856": {"https://example.org/"},
            "schema:location": {"38185"},
        },
        "Q102": {
            "schema:identifier": {"Q102"},
            "schema:additionalType": {"association"},
            "rdfs:label": {"Association"},
            "wdt:P3918": {"W999900002"},
            "schema:location": {"44109"},
        },
        "Q103": {"schema:identifier": {"Q103"}, "schema:additionalType": {"cooperative"}},
    }


def test_places_have_their_kind_and_their_point(wikidata: ox.Store, folder: Path) -> None:
    found = asked(wikidata, folder / "places.rq")
    assert found == {
        "Q201": {
            "schema:identifier": {"Q201"},
            "schema:additionalType": {"coworking"},
            "rdfs:label": {"Coworking"},
            "schema:location": {"38185"},
            "wikibase:geoLatitude": {"45.188"},
            "wikibase:geoLongitude": {"5.724"},
        },
        "Q202": {
            "schema:identifier": {"Q202"},
            "schema:additionalType": {"hackerspace"},
            "rdfs:label": {"Hackerspace"},
            "wdt:P856": {"https://example.org/"},
        },
    }


@pytest.mark.parametrize(("query", "entry"), [("organizations", 0), ("places", 1)])
def test_the_card_names_what_the_query_gives(wikidata: ox.Store, folder: Path, query: str, entry: int) -> None:
    card = yamlfile.load(folder / "source.yaml", CardError, text=True).data
    named = set(card["records"][entry]["columns"]) - {"_subject"}
    given = {column for columns in asked(wikidata, folder / f"{query}.rq").values() for column in columns}
    assert given == named
