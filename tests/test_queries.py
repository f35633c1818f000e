"""Every example query of queries/ parses, has its header, and answers on a few quads shaped by the mapping."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, Store

from clirld.errors import QueryError
from clirld.query.evaluate import QueryRequest, check, evaluate
from clirld.query.failure import Failure
from clirld.query.files.examples import Example, load
from clirld.settings import BASE
from tests.conftest import PROJECT

EXAMPLES = load(PROJECT / "queries")

DATA = """
PREFIX : <https://w3id.org/clirld/>
PREFIX clir: <https://w3id.org/clirld/ontology#>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX igeo: <http://rdf.insee.fr/def/geo#>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <http://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX spdx: <http://spdx.org/rdf/terms#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX kind: <https://w3id.org/clirld/concept/initiative-kind/>
PREFIX form: <https://w3id.org/clirld/concept/legal-form/>
PREFIX t: <https://w3id.org/clirld/id/territory/>
PREFIX i: <https://w3id.org/clirld/id/initiative/>
PREFIX o: <https://w3id.org/clirld/id/organization/>
PREFIX r: <https://w3id.org/clirld/id/record/>
PREFIX d: <https://w3id.org/clirld/id/dataset/>

GRAPH <https://w3id.org/clirld/graph/concepts> {
  <https://w3id.org/clirld/concept/row-outcome/published> skos:prefLabel "publiée"@fr .
  kind:third-place skos:prefLabel "Tiers-lieu"@fr .
  kind:fablab skos:broader kind:third-place ; skos:prefLabel "Fablab"@fr , "Fablab"@en .
  kind:ptce skos:prefLabel "PTCE"@fr .
  form:association skos:topConceptOf <https://w3id.org/clirld/concept/legal-form> ;
    skos:prefLabel "association"@fr .
  form:declared-association skos:broader form:association .
  <https://w3id.org/clirld/concept/density-grid/large-urban-centre>
    skos:inScheme <https://w3id.org/clirld/concept/density-grid> ; skos:notation "1" ;
    skos:prefLabel "Grands centres urbains"@fr .
  <https://w3id.org/clirld/concept/row-outcome/dropped> skos:prefLabel "écartée"@fr .
}
GRAPH <https://w3id.org/clirld/graph/contributions> {
  :correction a clir:Correction ; dct:isPartOf :contribution ; rdf:subject i:x-1 ; rdf:predicate clir:startYear ;
    rdf:object "2012"^^xsd:gYear ; clir:contradicts :statement .
  :statement rdf:object "2021"^^xsd:gYear ; dct:source <https://w3id.org/clirld/graph/lieux> .
  :contribution clir:contributorRole :role ; dct:dateAccepted "2026-11-23"^^xsd:date .
  :role skos:prefLabel "y prend part"@fr .
}
GRAPH <https://w3id.org/clirld/graph/territories> {
  t:region-52 a clir:Territory , igeo:Region ; clir:inseeCode "52" ; rdfs:label "Pays de la Loire"@fr .
  t:departement-44 a clir:Territory , igeo:Departement ; clir:inseeCode "44" ;
    rdfs:label "Loire-Atlantique"@fr ; dct:isPartOf t:region-52 .
  t:commune-44109 a clir:Territory , igeo:Commune ; clir:inseeCode "44109" ; rdfs:label "Nantes"@fr ;
    dct:isPartOf t:departement-44 ; clir:population 325070 .
  t:commune-93059 a clir:Territory ; clir:inseeCode "93059" ; rdfs:label "Pierrefitte-sur-Seine"@fr ;
    dct:isReplacedBy t:commune-93066 ; schema:endDate "2025-01-01"^^xsd:date .
  t:commune-93066 a clir:Territory ; clir:inseeCode "93066" ; rdfs:label "Saint-Denis"@fr .
}
GRAPH <https://w3id.org/clirld/graph/zonings> {
  t:commune-44109 clir:densityLevel <https://w3id.org/clirld/concept/density-grid/large-urban-centre> .
}
GRAPH <https://w3id.org/clirld/graph/comparisons> {
  t:commune-46102 clir:inseeCode "46102" ; dct:isPartOf t:epci-1 .
  t:epci-2 dct:identifier "2" ;
    clir:hasSituation <https://w3id.org/clirld/concept/territory-situation/weakening> .
  <https://w3id.org/clirld/concept/territory-situation/weakening> skos:prefLabel "en affaiblissement"@fr .
  <https://w3id.org/clirld/id/comparison/epci-1> a clir:Comparison ; clir:ofTerritory t:epci-1 .
  <https://w3id.org/clirld/id/comparison-neighbour/epci-1-1> clir:rank 1 ; clir:comparedTerritory t:epci-2 ;
    clir:inComparison <https://w3id.org/clirld/id/comparison/epci-1> ; dct:description "Semblables."@fr .
}
GRAPH <https://w3id.org/clirld/graph/lieux> {
  i:lieux-1 a clir:Initiative ; rdfs:label "Atelier"@fr ; clir:initiativeKind kind:fablab ;
    clir:seatedIn t:commune-44109 ; geo:hasGeometry <https://w3id.org/clirld/id/geometry/1> ;
    prov:wasDerivedFrom r:lieux-1 .
  <https://w3id.org/clirld/id/geometry/1> geo:asWKT "POINT(-1.55 47.2)"^^geo:wktLiteral .
  r:lieux-1 a clir:SourceRecord ; dct:isPartOf d:lieux ; clir:sourceRow 2 ;
    prov:generatedAtTime "2026-01-02T03:04:05Z"^^xsd:dateTime ;
    prov:wasDerivedFrom <https://w3id.org/clirld/id/distribution/lieux.default.00> .
}
GRAPH <https://w3id.org/clirld/graph/ptce> {
  i:ptce-1 a clir:Initiative ; rdfs:label "Pôle"@fr ; clir:initiativeKind kind:ptce ;
    clir:actsIn t:departement-44 .
  o:ptce-1 a org:FormalOrganization ; rdfs:label "Porteuse"@fr ; clir:legalForm form:declared-association .
  <https://w3id.org/clirld/id/participation/ptce-1-carrier> a clir:Participation ; org:organization i:ptce-1 ;
    org:role <https://w3id.org/clirld/concept/participation-role/carrier> ; org:member o:ptce-1 .
  <https://w3id.org/clirld/id/recognition/ptce-1> a clir:Recognition ; clir:recognises i:ptce-1 ;
    clir:underProgramme <https://w3id.org/clirld/id/programme/ami> ; clir:year "2021"^^xsd:gYear .
  <https://w3id.org/clirld/id/programme/ami> a clir:Programme ; rdfs:label "AMI"@fr .
}
GRAPH <https://w3id.org/clirld/graph/cases> {
  t:commune-39300 a clir:Territory ; dct:identifier "39300" ; rdfs:label "Lons-le-Saunier"@fr ; dct:isPartOf t:epci-1 .
  t:epci-1 a clir:Territory , igeo:Intercommunalite ; rdfs:label "Une"@fr .
  t:epci-2 a clir:Territory , igeo:Intercommunalite ; rdfs:label "Deux"@fr .
  i:case-2 rdfs:label "Cas"@fr ; clir:actsIn t:epci-2 .
  <https://w3id.org/clirld/id/need/1> clir:addressedBy i:case-2 ; clir:needKind :concept\\/need\\/jobs-trained .
  :concept\\/need\\/jobs-trained skos:broader :concept\\/need\\/jobs ; skos:prefLabel "débouchés"@fr .
}
GRAPH <https://w3id.org/clirld/graph/accounting> {
  r:lieux-default-row-9 a clir:SourceRecord ; dct:isPartOf d:lieux ; dct:identifier "8" ; clir:sourceRow 9 ;
    clir:rowOutcome <https://w3id.org/clirld/concept/row-outcome/dropped> ; clir:outcomeReason "missing-name" .
  <https://w3id.org/clirld/id/observation/lieux-rows-published> schema:observationAbout d:lieux ;
    schema:measuredProperty <https://w3id.org/clirld/concept/row-outcome/published> ; schema:value 12 .
}
GRAPH <https://w3id.org/clirld/graph/catalog> {
  d:lieux dct:identifier "tiers-lieux-2019" ; dct:title "Lieux"@fr , "Places"@en ;
    dct:license <http://example.org/licence> .
  <https://w3id.org/clirld/id/distribution/lieux.default.00> dct:license <http://example.org/licence> ;
    spdx:checksum [ spdx:checksumValue "00"^^xsd:hexBinary ] ; dcat:accessURL <http://example.org/lieux.csv> ;
    prov:generatedAtTime "2026-01-02T03:04:05Z"^^xsd:dateTime .
}
GRAPH <https://w3id.org/clirld/graph/links> {
  o:rna-W000000001 <http://www.w3.org/2002/07/owl#sameAs> o:siren-000000001 .
  o:trois-7 <http://www.w3.org/2002/07/owl#sameAs> o:siren-000000001 .
  <https://w3id.org/clirld/id/judgement/1> rdf:subject i:lieux-1 ; rdf:object i:ptce-1 ; dct:description "deux" ;
    rdf:predicate <http://www.w3.org/2002/07/owl#differentFrom> ; dct:created "2026-11-29"^^xsd:date ;
    dct:references "adresse" ; dct:replaces <https://w3id.org/clirld/id/judgement/0> ;
    prov:wasAttributedTo <https://w3id.org/clirld/id/reviewer/ada> .
}
GRAPH <https://w3id.org/clirld/graph/three> { o:trois-7 rdfs:label "Exemple Ruche"@fr ; clir:status "unknown" . }
GRAPH <https://w3id.org/clirld/graph/one> {
  o:rna-W000000001 clir:rna "W000000001" ; rdfs:label "Exemple Ruche"@fr ; clir:status "active" .
  o:siren-000000002 clir:siren "000000002" ; rdfs:label "Exemple Quai"@fr .
}
GRAPH <https://w3id.org/clirld/graph/two> {
  o:siren-000000001 clir:siren "000000001" ; rdfs:label "EXEMPLE RUCHE"@fr ; clir:status "ended" .
  o:siren-000000002 clir:siren "000000002" ; rdfs:label "Exemple du Quai"@fr .
}
"""

# A value that the first row of each answer must hold.
EXPECTED = {
    "corrections": {
        "says": "2012",
        "contradicted": "2021",
        "source": f"{BASE}graph/lieux",
        "contributor": "y prend part",
    },
    "sources-disagree": {"value": "active", "otherValue": "unknown", "thing": f"{BASE}id/organization/rna-W000000001"},
    "former-commune": {"oldCode": "93059", "newCode": "93066", "until": "2025-01-01"},
    "initiatives-departement": {"kind": "Fablab", "name": "Atelier", "place": "Nantes"},
    "initiatives-nearby": {"kilometres": "2.1", "name": "Atelier"},
    "missing-rows": {"source": "Lieux", "row": "9", "outcome": "écartée", "reason": "missing-name"},
    "organizations-legal-form": {"family": "association", "organizations": "1"},
    "reuse": {"initiative": "Cas", "place": "Deux", "rank": "1", "why": "Semblables.", "need": "débouchés"},
    "rows-by-reason": {"source": "Lieux", "outcome": "publiée", "rows": "12"},
    "provenance": {"row": "2", "sha256": "00", "licence": "http://example.org/licence"},
    "judgements": {"one": "Atelier", "says": "differentFrom", "other": "Pôle", "by": "ada", "evidence": "adresse"},
    "ptce-known": {"clusters": "1", "participations": "1"},
    "ptce-laureates": {"year": "2021", "call": "AMI", "cluster": "Pôle", "carrier": "Porteuse"},
    "territories-alike": {"rank": "1", "name": "Deux", "situations": "en affaiblissement"},
    "third-places-density": {"level": "1", "communes": "1", "thirdPlaces": "1", "inhabitants": "325070"},
    "third-places-region": {"departement": "Loire-Atlantique", "kind": "Fablab", "initiatives": "1"},
}


@pytest.fixture(scope="module")
def store() -> Store:
    store = Store()
    store.load(DATA, format=RdfFormat.TRIG)
    return store


def bindings(store: Store, example: Example) -> list[dict[str, Any]]:
    out = io.BytesIO()
    assert evaluate(store, QueryRequest(example.text), out) is None
    rows: list[dict[str, Any]] = json.loads(out.getvalue())["results"]["bindings"]
    return rows


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_example_answers(example: Example, store: Store) -> None:
    assert not isinstance(check(example.text), Failure)
    first = {name: term["value"] for name, term in bindings(store, example)[0].items()}
    assert first.items() >= EXPECTED[example.name].items()


def test_every_example_is_expected() -> None:
    assert {example.name for example in EXAMPLES} == EXPECTED.keys()


def test_third_places_count_narrower_kinds_once(store: Store) -> None:
    example = next(example for example in EXAMPLES if example.name == "initiatives-departement")
    assert [row["kind"]["value"] for row in bindings(store, example)] == ["Fablab", "PTCE"]


def test_sources_that_write_a_name_in_other_letters_do_not_disagree(store: Store) -> None:
    example = next(example for example in EXAMPLES if example.name == "sources-disagree")
    found = [(row["value"]["value"], row["otherValue"]["value"]) for row in bindings(store, example)]
    # Each two of three that are one: with the one that stands for all, and with each other.
    apart = [("active", "unknown"), ("active", "ended"), ("unknown", "ended")]
    assert sorted(found) == sorted([*apart, ("Exemple Quai", "Exemple du Quai")])


def test_header_lines_go_on(tmp_path: Path) -> None:
    head = "# title-fr: a\n# title-en: b\n# question-fr: c\n#   d\n# question-en: e\n\nASK {}\n"
    (tmp_path / "x.rq").write_text(head, encoding="utf-8")
    keywords: dict[str, list[str]] = {"fr": [], "en": []}
    assert load(tmp_path) == [Example("x", {"fr": "a", "en": "b"}, {"fr": "c d", "en": "e"}, keywords, "ASK {}\n")]


def test_header_without_a_language_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.rq").write_text("# title-fr: a\nASK {}\n", encoding="utf-8")
    with pytest.raises(QueryError, match=r"no question-en, question-fr, title-en"):
        load(tmp_path)
