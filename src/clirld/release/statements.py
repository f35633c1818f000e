"""Statements of the catalogue, written with prefixed names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from clirld.settings import BASE
from clirld.snapshot.store import distribution_key

CATALOG = NamedNode(f"{BASE}graph/catalog")
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "clir": f"{BASE}ontology#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sdo": "https://schema.org/",  # as SIB's editor has it
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spex": "https://purl.expasy.org/sparql-examples/ontology#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "void-ext": "http://ldf.fi/void-ext#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

Node = NamedNode | Literal


def iri(name: str) -> NamedNode:
    """The IRI of a prefixed name."""
    prefix, _colon, rest = name.partition(":")
    return NamedNode(PREFIXES[prefix] + rest)


def integer(value: int) -> Literal:
    """A number as xsd:integer."""
    return typed(str(value), "xsd:integer")


def typed(text: str, datatype: str) -> Literal:
    """A literal of a datatype, given as a prefixed name."""
    return Literal(text, datatype=iri(datatype))


def file_iri(source: str, snapshot: Mapping[str, Any]) -> NamedNode:
    """IRI of a distribution as it was retrieved; the same bytes of the same distribution have the same one."""
    return NamedNode(f"{BASE}id/distribution/{distribution_key(source, snapshot['distribution'], snapshot['sha256'])}")


def statements(subject: NamedNode, predicate: str, *objects: Node) -> Iterator[Quad]:
    """A quad of the catalogue for each object; the predicate `a` is rdf:type."""
    for object_ in objects:
        yield Quad(subject, TYPE if predicate == "a" else iri(predicate), object_, CATALOG)


def typed_resource(subject: NamedNode, predicate: str, object_: str, kind: str) -> Iterator[Quad]:
    """A quad of the catalogue, and one that says of which class its object is."""
    yield from statements(subject, predicate, NamedNode(object_))
    yield from statements(NamedNode(object_), "a", iri(kind))
