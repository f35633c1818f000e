"""A small release with a case of each kind: what is gone, what is replaced, what sources say differently."""

from __future__ import annotations

import json
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from clirld.release.changes import ldes
from clirld.release.changes.difference import differences
from tests.web.maps.sample import write_map
from tests.web.served import make_release, with_index

TRIG = """
@prefix clir: <https://w3id.org/clirld/ontology#> .
@prefix concept: <https://w3id.org/clirld/concept/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix graph: <https://w3id.org/clirld/graph/> .
@prefix id: <https://w3id.org/clirld/id/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

graph:lieux {
  <https://w3id.org/clirld/id/initiative/atelier> a clir:Initiative ; rdfs:label "L'atelier <b>"@fr ;
    clir:startYear "2014"^^xsd:gYear ; clir:seatedIn <https://w3id.org/clirld/id/territory/commune-1> ;
    prov:wasDerivedFrom <https://w3id.org/clirld/id/record/lieux-1> .
  <https://w3id.org/clirld/id/record/lieux-1> a clir:SourceRecord ; dct:identifier "1" .
  <https://w3id.org/clirld/id/initiative/a.ttl> a clir:Initiative ; rdfs:label "Nom à point"@fr .
  <https://w3id.org/clirld/id/initiative/caf%C3%A9> a clir:Initiative ; rdfs:label "Échappé"@fr .
  <https://w3id.org/clirld/id/initiative/été> a clir:Initiative ; rdfs:label "Accentué"@fr .
  <https://w3id.org/clirld/id/initiative/gone> a clir:FormerEntity ; rdfs:label "Disparu"@fr ;
    prov:invalidatedAtTime "2026-01-02T00:00:00Z"^^xsd:dateTime .
  <https://w3id.org/clirld/id/initiative/renamed> a clir:FormerEntity ;
    dct:isReplacedBy <https://w3id.org/clirld/id/initiative/atelier> .
  <https://w3id.org/clirld/id/participation/p1> a clir:Participation ;
    org:organization <https://w3id.org/clirld/id/initiative/atelier> ;
    org:member <https://w3id.org/clirld/id/organization/ville> ;
    org:role <https://w3id.org/clirld/concept/public-actor-role/facilitator> ; clir:startYear "2015"^^xsd:gYear .
  <https://w3id.org/clirld/id/process/essayer> a clir:CooperationProcess ; rdfs:label "Essayer"@fr ;
    clir:capitalisedFrom <https://w3id.org/clirld/id/initiative/atelier> .
  <https://w3id.org/clirld/id/step/one> clir:isStepOf <https://w3id.org/clirld/id/process/essayer> ;
    clir:stepOrder 1 ; rdfs:label "Regarder"@fr .
  <https://w3id.org/clirld/id/step/ten> clir:isStepOf <https://w3id.org/clirld/id/process/essayer> ;
    clir:stepOrder 10 ; rdfs:label "Bâtir"@fr .
  <https://w3id.org/clirld/id/step/two> clir:isStepOf <https://w3id.org/clirld/id/process/essayer> ;
    clir:stepOrder 2 ; rdfs:label "Tenter"@fr ;
    clir:expectsRole <https://w3id.org/clirld/concept/public-actor-role/facilitator> .
  <https://w3id.org/clirld/id/organization/ville> a org:FormalOrganization ; rdfs:label "Ville du Val"@fr .
}
graph:autres {
  <https://w3id.org/clirld/id/initiative/atelier> clir:startYear "2016"^^xsd:gYear .
}
graph:territories {
  <https://w3id.org/clirld/id/territory/region-9> a clir:Territory ; rdfs:label "La région"@fr .
  <https://w3id.org/clirld/id/territory/departement-8> a clir:Territory ; rdfs:label "Le département"@fr ;
    dct:isPartOf <https://w3id.org/clirld/id/territory/region-9> .
  <https://w3id.org/clirld/id/territory/commune-1> a clir:Territory ; rdfs:label "La commune"@fr ;
    dct:isPartOf <https://w3id.org/clirld/id/territory/departement-8> .
  <https://w3id.org/clirld/id/territory/commune-0> a clir:Territory ; rdfs:label "L'ancienne commune"@fr ;
    dct:isReplacedBy <https://w3id.org/clirld/id/territory/commune-1> .
}
graph:links {
  <https://w3id.org/clirld/id/organization/o0000>
    <http://www.w3.org/2002/07/owl#sameAs> <https://w3id.org/clirld/id/organization/o0001> .
}
graph:concepts {
  <https://w3id.org/clirld/concept/public-actor-role/facilitator> a skos:Concept ;
    skos:prefLabel "facilitateur"@fr, "facilitator"@en .
}
"""

LICENCE = {"iri": "https://example.org/licence", "title": {"fr": "Licence Ouverte", "en": "Open Licence"}}
SOURCES = [
    {
        "id": name,
        "title": {"fr": f"Source {name}", "en": f"Source {name}"},
        "license": LICENCE,
        "retrieved": "2026-11-01T00:00:00Z",
        "state": "fresh",
    }
    for name in ("lieux", "autres", "territories")
]
GRAPHS = {"lieux": 25, "autres": 1, "territories": 11, "concepts": 3}
ORGANIZATIONS = 1234
"""Organizations seated in the commune: more than are counted, and more than a page."""


def make_documents(data: Path) -> None:
    """Make the release and serve it."""
    folder = make_release(data, rows=1, sources=SOURCES, graphs=GRAPHS)
    many = "".join(
        f"<https://w3id.org/clirld/id/organization/o{n:04}> <https://w3id.org/clirld/ontology#seatedIn> "
        f"<https://w3id.org/clirld/id/territory/commune-1> <https://w3id.org/clirld/graph/lieux> .\n"
        for n in range(ORGANIZATIONS)
    )
    store = Store(str(folder / "store"))
    store.load(TRIG.encode(), format=RdfFormat.TRIG)
    store.bulk_load(many.encode(), format=RdfFormat.N_QUADS)
    store.flush()
    del store
    with_changes(folder)
    with_index(folder)
    write_map(folder)


def with_changes(folder: Path) -> None:
    """Let a release say what it changed, and give one of its graphs a stream."""
    release = {"id": folder.name, "version": "1", "created": "2026-11-24T10:15:30+00:00", "added": 1, "removed": 0}
    summary = {"from": None, "withheld": False, "classes": [], "quads": {}, "releases": [release]}
    (folder / "changes").mkdir()
    (folder / "changes" / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    stream = folder / "feed" / "lieux"
    stream.mkdir(parents=True)
    line = b'<https://w3id.org/clirld/id/initiative/a> <http://www.w3.org/2000/01/rdf-schema#label> "A" <a:g> .\n'
    ldes.write_pages(differences((), [line]), stream, "lieux", folder.name, folder.name)
    ldes.write_index(stream, "lieux", "https://w3id.org/clirld/graph/lieux", folder.name)
