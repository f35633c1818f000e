"""Invented groupings, communes and cases: enough of each for every answer."""

from __future__ import annotations

from pyoxigraph import RdfFormat, Store

from clirld.compare import features, figures
from clirld.query.failure import Language
from clirld.reuse.facts import Facts
from clirld.reuse.likeness import Likeness

TRIG = """
@prefix clir: <https://w3id.org/clirld/ontology#> .
@prefix cv: <http://data.europa.eu/m8g/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix i: <https://w3id.org/clirld/id/initiative/> .
@prefix kind: <https://w3id.org/clirld/concept/initiative-kind/> .
@prefix n: <https://w3id.org/clirld/concept/need/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix pf: <https://w3id.org/clirld/concept/practice-field/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix scheme: <https://w3id.org/clirld/concept/> .
@prefix schema: <http://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix t: <https://w3id.org/clirld/id/territory/> .
@prefix x: <https://w3id.org/clirld/id/x/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

x:g {
  n:jobs skos:inScheme scheme:need ; skos:prefLabel "emploi"@fr, "jobs"@en .
  n:jobs-trained skos:inScheme scheme:need ; skos:broader n:jobs ; skos:prefLabel "débouchés"@fr, "matching jobs"@en .
  n:jobs-later skos:inScheme scheme:need ; skos:broader n:jobs ; skos:prefLabel "emploi durable"@fr .
  n:housing skos:inScheme scheme:need ; skos:prefLabel "logement"@fr, "housing"@en .
  pf:kitchen skos:inScheme scheme:practice-field ; skos:prefLabel "cuisine"@fr, "kitchen"@en .

  t:epci-000000001 rdfs:label "Un"@fr ; clir:hasSituation x:sparse .
  x:sparse skos:prefLabel "peu dense"@fr, "sparse"@en .
  t:epci-000000002 rdfs:label "Deux"@fr ; clir:hasSituation x:sparse .
  t:epci-000000003 rdfs:label "Trois"@fr . t:epci-000000099 rdfs:label "Sans chiffres"@fr .
  t:commune-01001 rdfs:label "Une"@fr ; dct:isPartOf t:epci-000000001, t:departement-01 .
  t:commune-01002 rdfs:label "Duo"@fr ; dct:isPartOf t:epci-000000002 .
  t:commune-01003 rdfs:label "Tria"@fr ; dct:isPartOf t:epci-000000003 .
  t:commune-01004 rdfs:label "Île"@fr .
  t:commune-01005 rdfs:label "Ancienne"@fr ; dct:isReplacedBy t:commune-01006 .
  t:commune-01006 rdfs:label "Moins ancienne"@fr ; dct:isReplacedBy t:commune-01001, t:commune-01005 .
  t:commune-01007 rdfs:label "Partagée"@fr ; dct:isReplacedBy t:commune-01002, t:commune-01003 .
  t:arrondissement-municipal-01381 rdfs:label "Premier"@fr ; dct:isPartOf t:commune-01001, t:departement-01 .
  t:departement-01 rdfs:label "Ain"@fr .

  i:two rdfs:label "Cas deux"@fr ; clir:initiativeKind kind:ptce ; clir:seatedIn t:commune-01002 ;
    clir:practiceField pf:kitchen ;
    dct:source <https://example.org/two> .
  x:n2 clir:addressedBy i:two ; clir:needKind n:jobs-trained ;
    dct:description "Rien à faire ici."@fr ; dct:source <https://example.org/two> .
  x:p2 clir:capitalisedFrom i:two ; rdfs:label "Essayer"@fr, "Try"@en ; clir:resourcesNeeded "Un lieu"@fr .
  x:s10 clir:isStepOf x:p2 ; clir:stepOrder 10 ; rdfs:label "Finir"@fr .
  x:s9 clir:isStepOf x:p2 ; clir:stepOrder 9 ; rdfs:label "Commencer"@fr ; clir:output "une idée"@fr .
  x:r2 org:organization i:two ; org:member x:town ; org:role x:lender ; clir:startYear "2015"^^xsd:gYear ;
    dct:source <https://example.org/two> ; dct:bibliographicCitation "Deux, p. 5" .
  x:town a cv:PublicOrganisation ; rdfs:label "Ville"@fr . x:lender skos:prefLabel "prêteur"@fr, "lender"@en .
  x:o2 clir:metBy i:two ; clir:obstacleKind x:money ; dct:description "Pas d'argent."@fr .
  x:money skos:prefLabel "argent"@fr .
  x:out2 clir:outcomeOf i:two ; dct:description "Des emplois."@fr ; schema:measuredProperty x:fte ; schema:value 12.50 ;
    clir:year "2018"^^xsd:gYear ; clir:evidenceLevel x:counted ; clir:saidBy x:self .
  x:fte skos:prefLabel "équivalents temps plein"@fr . x:counted skos:prefLabel "compté"@fr .
  x:self skos:prefLabel "elle-même"@fr .
  x:sc2 clir:transfersProcess x:p2 ; rdfs:label "Reprise"@fr .
  x:a2 clir:adaptationOf x:sc2 ; clir:adaptationKind x:changed ; dct:description "Plus long."@fr .
  x:changed skos:prefLabel "changé"@fr .

  i:three rdfs:label "Cas trois"@fr ; clir:actsIn t:commune-01003 ; dct:source <https://example.org/three> .
  x:n3 clir:addressedBy i:three ; clir:needKind n:housing .
  i:wide rdfs:label "Cas large"@fr ; clir:actsIn t:departement-01 ; dct:source <https://example.org/wide> .
  x:nw clir:addressedBy i:wide ; clir:needKind n:jobs .
  i:carried rdfs:label "Cas porté"@fr ; dct:source <https://example.org/carried> .
  x:nc clir:addressedBy i:carried ; clir:needKind n:jobs-later .
  x:rc org:organization i:carried ; org:member x:coop ;
    org:role <https://w3id.org/clirld/concept/participation-role/carrier> .
  x:coop rdfs:label "Coopérative"@fr ; clir:seatedIn t:commune-01001 .
  i:nothing rdfs:label "Rien à apprendre"@fr ; clir:initiativeKind kind:ptce ; clir:actsIn t:commune-01001 .
}
"""


def facts(language: Language = "fr", more: str = "") -> Facts:
    """A store with the cases, in a language."""
    store = Store()
    store.load(TRIG.encode(), format=RdfFormat.TRIG)
    if more:
        store.load(f"{TRIG[: TRIG.index('x:g {')]} x:h {{ {more} }}".encode(), format=RdfFormat.TRIG)
    return Facts(store, language)


def likeness(count: int = 3) -> Likeness:
    """Groupings in a row: each is the more unlike another, the further it stands."""
    return Likeness([figures.Territory(f"epci-{n:09}", _figures(n)) for n in range(1, count + 1)], {})


def _figures(n: int) -> dict[str, float]:
    names = [name for group in features.load().groups.values() for name in group]
    return dict.fromkeys(names, 10.0 + n)
