"""The Service Description of the endpoint (https://www.w3.org/TR/sparql11-service-description/)."""

from __future__ import annotations

from pyoxigraph import RdfFormat, parse, serialize

from clirld.query.formats import GRAPH_FORMATS, PREFIXES
from clirld.query.text_search import QUERY
from clirld.web.release import ServedRelease

_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
    "N-Quads",
    "TriG",
)
_FUNCTIONS = ("distance", "sfContains", "sfDisjoint", "sfEquals", "sfIntersects", "sfTouches", "sfWithin")
_PREFIXES = {
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
    "formats": "http://www.w3.org/ns/formats/",
    **{name: PREFIXES[name] for name in ("geof", "dct", "graph", "xsd")},
}


def describe(endpoint: str, release: ServedRelease, media_type: str) -> bytes:
    """The description of an endpoint that serves this release, in a media type of `GRAPH_FORMATS`."""
    formats = ", ".join(f"<{_PREFIXES['formats']}{name}>" for name in _FORMATS)
    functions = ", ".join(f"geof:{name}" for name in _FUNCTIONS)
    quads = release.manifest.get("quads")
    size = f"; void:triples {quads}" if isinstance(quads, int) else ""
    named = "".join(
        f"; sd:namedGraph [ a sd:NamedGraph; sd:name <{PREFIXES['graph']}{source}>; sd:graph [ a sd:Graph ] ]"
        for source in release.sources
    )
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in _PREFIXES.items())
    turtle = f"""{prefixes}
    <{endpoint}#service> a sd:Service;
        sd:endpoint <{endpoint}>;
        sd:supportedLanguage sd:SPARQL11Query;
        sd:feature sd:UnionDefaultGraph;
        sd:resultFormat {formats};
        sd:extensionFunction {functions};
        sd:propertyFeature <{QUERY}>;
        sd:defaultDataset [
            a sd:Dataset;
            dct:identifier "{release.id}";
            sd:defaultGraph [ a sd:Graph{size} ]
            {named}
        ] .
    {functions.replace(", ", " a sd:Function . ")} a sd:Function .
    <{QUERY}> a sd:Feature .
    """
    quads_ = parse(turtle, format=RdfFormat.TURTLE)
    return serialize(quads_, format=GRAPH_FORMATS[media_type][1], prefixes=_PREFIXES) or b""
