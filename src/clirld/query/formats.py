"""The formats that answers are given in, and the prefixes that queries and answers are written with."""

from __future__ import annotations

from collections.abc import Mapping

from pyoxigraph import QueryResultsFormat, RdfFormat

from clirld.query.syntax import QueryForm

# The first of each is the default; the short names are those of `clirld query --format`, see `ALIASES`.
RESULT_FORMATS: dict[str, tuple[str, QueryResultsFormat]] = {
    "application/sparql-results+json": ("json", QueryResultsFormat.JSON),
    "application/json": ("json", QueryResultsFormat.JSON),
    "application/sparql-results+xml": ("xml", QueryResultsFormat.XML),
    "application/xml": ("xml", QueryResultsFormat.XML),
    "text/csv": ("csv", QueryResultsFormat.CSV),
    "text/tab-separated-values": ("tsv", QueryResultsFormat.TSV),
    "text/xml": ("xml", QueryResultsFormat.XML),
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
    "application/x-turtle": ("ttl", RdfFormat.TURTLE),
    "text/n3": ("n3", RdfFormat.TURTLE),  # Notation3 reads every Turtle document
    "text/rdf+n3": ("n3", RdfFormat.TURTLE),
    "text/xml": ("xml", RdfFormat.RDF_XML),
}
ALIASES = {
    "turtle": "ttl",
    "ntriples": "nt",
    "n-triples": "nt",
    "nquads": "nq",
    "n-quads": "nq",
    "rdf+xml": "rdf",
    "rdfxml": "rdf",
    "json-ld": "jsonld",
    "srj": "json",
    "sparql-results+json": "json",
    "srx": "xml",
    "sparql-results+xml": "xml",
}
"""Other names that clients give a format: → its short name."""
HTML = "text/html"
"""Not a format of SPARQL: the first rows, as JSON, for a page to show."""
CANONICAL = "text/plain"
"""The canonical form (`clirld.query.canonical_form`), asked for by its name only."""
DIGEST = "application/vnd.clirld.digest+json"
"""No format of SPARQL either: the number of rows and the hash of the canonical form, for a citation."""

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
    return list(_table(form))


def media_types_named(form: QueryForm | None, name: str) -> list[str]:
    """The media types that a name stands for, of a query of this form: the best first, none where there is none.

    in: a short name, an alias or a media type. What is meant is a syntax, which may have several media types.
    """
    table, name = _table(form), name.partition(";")[0].strip().lower().replace(" ", "+")  # a + that was not escaped
    if name in table:
        return [name]
    short = ALIASES.get(name, name)
    first = next((media for media, (own, _) in table.items() if own == short), None)
    if first is None:
        return []
    return [first, *(media for media, (_, syntax) in table.items() if syntax == table[first][1] and media != first)]


def media_type(form: QueryForm | None, name: str) -> str | None:
    """The best media type of a name for a query of this form, None where there is none."""
    return next(iter(media_types_named(form, name)), None)


def _table(form: QueryForm | None) -> Mapping[str, tuple[str, QueryResultsFormat | RdfFormat]]:
    return GRAPH_FORMATS if form in ("construct", "describe") else RESULT_FORMATS
