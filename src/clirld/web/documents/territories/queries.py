"""What can be taken away of a territory: addresses of tables and of queries that are ready to be changed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from clirld.settings import BASE
from clirld.web.documents.wording import Words

_PREFIXES = """PREFIX clir: <https://w3id.org/clirld/ontology#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""

QUERIES = {
    "initiatives": """
PREFIX owl: <http://www.w3.org/2002/07/owl#>
SELECT DISTINCT ?initiative ?name ?territory WHERE {{
  {{ SELECT DISTINCT ?territory WHERE {{
    {{ ?territory dct:isPartOf* <{iri}> }}{across}
  }} }}
  ?record clir:seatedIn|clir:actsIn ?territory ; a clir:Initiative .
  OPTIONAL {{ ?record owl:sameAs ?first . ?first a clir:Initiative }} # records that are one
  BIND(COALESCE(?first, ?record) AS ?initiative)
  ?initiative rdfs:label ?name .
}}
ORDER BY ?name
""",
    "territories": """
SELECT DISTINCT ?territory ?name ?population ?year WHERE {{
  ?territory dct:isPartOf <{iri}> ; rdfs:label ?name .
  OPTIONAL {{ ?territory clir:population ?population ; clir:populationYear ?year }}
}}
ORDER BY ?name
""",
    "figures": """
SELECT ?year ?boundaries ?measure ?value WHERE {{
  ?observation clir:ofTerritory <{iri}> ; clir:year ?year ; clir:boundariesYear ?boundaries ; ?measure ?value .
  FILTER(isNumeric(?value) && STRSTARTS(STR(?measure), STR(clir:)))
}}
ORDER BY ?measure ?year
""",
    "contour": """
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
SELECT ?contour WHERE {{
  <{iri}> geo:hasGeometry/geo:asWKT ?contour .
}}
""",
}
"""What is asked of a territory, by name."""

_ACROSS = """
    UNION {{ # groupings that have communes there
      ?commune dct:isPartOf+ <{iri}> ; dct:isPartOf ?territory .
      FILTER(CONTAINS(STR(?territory), "/territory/epci-") || CONTAINS(STR(?territory), "/territory/ept-"))
    }}"""
"""What lies in a territory that groupings of communes may reach beyond."""
_WIDE = (f"{BASE}id/territory/departement-", f"{BASE}id/territory/region-", f"{BASE}id/territory/collectivite-")


@dataclass(frozen=True, slots=True)
class Download:
    """A table to download, and the query that makes it, to be read and changed."""

    label: str
    csv: str
    query: str


def downloads(words: Words, iri: str, key: str, has_contour: bool) -> list[Download]:
    """The tables of a territory. `key` is the end of its IRI."""
    names = ["initiatives", "territories"]
    names += ["figures"] if key.startswith(("epci-", "commune-")) else []
    names += ["contour"] if has_contour else []
    return [_download(words, name, iri) for name in names]


def _download(words: Words, name: str, iri: str) -> Download:
    across = _ACROSS.format(iri=iri) if iri.startswith(_WIDE) else ""
    query = _PREFIXES + QUERIES[name].format(iri=iri, across=across)
    return Download(
        words(f"download-{name}"),
        "/sparql?" + urlencode({"query": query, "format": "csv"}),
        "/sparql?" + urlencode({"query": query, "format": "html", "lang": words.language}),
    )
