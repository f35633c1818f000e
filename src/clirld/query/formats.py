"""The formats that answers are given in, and the prefixes that queries and answers are written with."""

from __future__ import annotations

from pyoxigraph import QueryResultsFormat, RdfFormat

from clirld.query.syntax import QueryForm

# The first of each is the default; the short names are those of ?format= and of `clirld query --format`.
RESULT_FORMATS: dict[str, tuple[str, QueryResultsFormat]] = {
    "application/sparql-results+json": ("json", QueryResultsFormat.JSON),
    "application/json": ("json", QueryResultsFormat.JSON),
    "application/sparql-results+xml": ("xml", QueryResultsFormat.XML),
    "application/xml": ("xml", QueryResultsFormat.XML),
    "text/csv": ("csv", QueryResultsFormat.CSV),
    "text/tab-separated-values": ("tsv", QueryResultsFormat.TSV),
}
GRAPH_FORMATS: dict[str, tuple[str, RdfFormat]] = {
    "text/turtle": ("ttl", RdfFormat.TURTLE),
    "application/n-triples": ("nt", RdfFormat.N_TRIPLES),
    "application/rdf+xml": ("rdf", RdfFormat.RDF_XML),
    "application/ld+json": ("jsonld", RdfFormat.JSON_LD),
    "application/n-quads": ("nq", RdfFormat.N_QUADS),
    "application/trig": ("trig", RdfFormat.TRIG),
    "application/xml": ("xml", RdfFormat.RDF_XML),
    "application/json": ("json", RdfFormat.JSON_LD),
}
HTML = "text/html"
"""Not a format of SPARQL: the first rows, as JSON, for a page to show."""

PREFIXES = {
    "clir": "https://w3id.org/clirld/ontology#",
    "id": "https://w3id.org/clirld/id/",
    "graph": "https://w3id.org/clirld/graph/",
    "concept": "https://w3id.org/clirld/concept/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "org": "http://www.w3.org/ns/org#",
    "rov": "http://www.w3.org/ns/regorg#",
    "locn": "http://www.w3.org/ns/locn#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "uom": "http://www.opengis.net/def/uom/OGC/1.0/",
    "igeo": "http://rdf.insee.fr/def/geo#",
    "schema": "http://schema.org/",
    "dcat": "http://www.w3.org/ns/dcat#",
}


def media_types(form: QueryForm | None) -> list[str]:
    """The media types a query of this form can be answered in, the default first."""
    return list(GRAPH_FORMATS if form in ("construct", "describe") else RESULT_FORMATS)


def media_type(form: QueryForm | None, short_name: str) -> str | None:
    """The media type of a short name (json, csv, ttl…) for a query of this form, None where there is none."""
    table = GRAPH_FORMATS if form in ("construct", "describe") else RESULT_FORMATS
    return next((media for media, (name, _) in table.items() if name == short_name), None)
