"""JSON-LD with the public context says the triples that it was made of, whatever they are."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from clirld.web.documents.jsonld import Context
from tests.conftest import PROJECT

CONTEXT = Context(PROJECT / "ontology" / "context.jsonld")
ENTRIES = json.loads(CONTEXT.path.read_text(encoding="utf-8"))["@context"]
XSD = "http://www.w3.org/2001/XMLSchema#"
PREDICATES = [
    *(CONTEXT.prefixes[name] + word for name, word in (("clir", "startYear"), ("clir", "seatedIn"), ("rdfs", "label"))),
    *(CONTEXT.prefixes[name] + word for name, word in (("skos", "prefLabel"), ("dct", "identifier"), ("dct", "title"))),
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
    "http://example.org/other",
    "https://w3id.org/clirld/ontology#",
]
IRIS = [
    "https://w3id.org/clirld/id/initiative/a",
    "https://w3id.org/clirld/ontology#Initiative",
    "http://example.org//x",
    "urn:a",
]
NODES = st.sampled_from([NamedNode(iri) for iri in IRIS])
LITERALS = st.one_of(
    st.text(max_size=8).map(Literal),
    st.builds(
        lambda text, tag: Literal(text, language=tag), st.text(max_size=8), st.sampled_from(["fr", "en", "pt-br"])
    ),
    st.builds(
        lambda text, name: Literal(text, datatype=NamedNode(XSD + name)),
        st.sampled_from(["2014", "12.50", "true", "", "x"]),
        st.sampled_from(["gYear", "integer", "decimal", "boolean", "double", "date"]),
    ),
)
TRIPLES = st.builds(Triple, NODES, st.sampled_from([NamedNode(iri) for iri in PREDICATES]), st.one_of(NODES, LITERALS))


@given(st.lists(TRIPLES, max_size=12))
def test_nothing_is_lost_or_added(triples: list[Triple]) -> None:
    written = json.loads(CONTEXT.write(triples, "https://example.org/context.jsonld"))
    assert written["@context"] == "https://example.org/context.jsonld"
    read = parse(json.dumps({**written, "@context": ENTRIES}), format=RdfFormat.JSON_LD)
    assert {quad.triple for quad in read} == set(triples)


def test_words_of_the_context_are_used() -> None:
    start = Literal("2014", datatype=NamedNode(f"{XSD}gYear"))
    label, seat = Literal("L'atelier", language="fr"), NamedNode(f"{IRIS[0]}-seat")
    predicates = [NamedNode(iri) for iri in PREDICATES[:3]]
    triples = [
        Triple(NamedNode(IRIS[0]), one, value) for one, value in zip(predicates, (start, seat, label), strict=True)
    ]
    triples.append(Triple(NamedNode(IRIS[0]), NamedNode(PREDICATES[6]), NamedNode(IRIS[1])))
    (node,) = json.loads(CONTEXT.write(triples, "c"))["@graph"]
    assert node == {
        "id": IRIS[0],
        "startYear": ["2014"],
        "seatedIn": [seat.value],
        "label": {"fr": ["L'atelier"]},
        "type": ["Initiative"],
    }
