"""The Service Description of the endpoint (https://www.w3.org/TR/sparql11-service-description/)."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import RdfFormat, parse, serialize

from clirld.query.formats import GRAPH_FORMATS, PREFIXES
from clirld.query.text_search import QUERY

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


def describe(endpoint: str, media_type: str, release: str, sources: Iterable[str], quads: object) -> bytes:
    """The description of an endpoint in a media type of `GRAPH_FORMATS`.

    It serves the release of this identifier, with the graphs of these sources and so many quads, where that is known.
    """
    formats = ", ".join(f"<{_PREFIXES['formats']}{name}>" for name in _FORMATS)
    functions = ", ".join(f"geof:{name}" for name in _FUNCTIONS)
    size = f"; void:triples {quads}" if isinstance(quads, int) else ""
    named = "".join(
        f"; sd:namedGraph [ a sd:NamedGraph; sd:name <{PREFIXES['graph']}{source}>; sd:graph [ a sd:Graph ] ]"
        for source in sources
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
            dct:identifier "{release}";
            sd:defaultGraph [ a sd:Graph{size} ]
            {named}
        ] .
    {functions.replace(", ", " a sd:Function . ")} a sd:Function .
    <{QUERY}> a sd:Feature .
    """
    quads_ = parse(turtle, format=RdfFormat.TURTLE)
    return serialize(quads_, format=GRAPH_FORMATS[media_type][1], prefixes=_PREFIXES) or b""
