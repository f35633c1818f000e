"""The example queries as RDF, so that SPARQL editors and assistants find them in the data that they are about.

in: the folder of the examples; out: quads of the catalogue, by the conventions of SIB's sparql-examples
(https://github.com/sib-swiss/sparql-examples): a `sh:SPARQLExecutable` with its question as `rdfs:comment`, its text,
the endpoint as `schema:target`, and the prefixes of the project as `sh:declare` (SHACL, section 5.2.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from clirld.query.files import examples
from clirld.query.formats import PREFIXES
from clirld.query.syntax import QueryForm, outline
from clirld.release.catalog import WHOLE
from clirld.release.statements import iri, statements, typed
from clirld.settings import BASE

_CLASSES: dict[QueryForm, tuple[str, str]] = {
    "select": ("sh:SPARQLSelectExecutable", "sh:select"),
    "ask": ("sh:SPARQLAskExecutable", "sh:ask"),
    "construct": ("sh:SPARQLConstructExecutable", "sh:construct"),
    "describe": ("spex:SPARQLDescribeExecutable", "spex:describe"),
}
_ENDPOINT = NamedNode(f"{BASE}sparql")
_ONTOLOGY = NamedNode(f"{BASE}ontology")


def described(queries: Path) -> Iterator[Quad]:
    """The examples of a folder, and the prefixes that they and the pages are written with."""
    for name, namespace in PREFIXES.items():
        declared = NamedNode(f"{WHOLE.value}#prefix-{name}")
        yield from statements(_ONTOLOGY, "sh:declare", declared)
        yield from statements(declared, "a", iri("sh:PrefixDeclaration"))
        yield from statements(declared, "sh:prefix", Literal(name))
        yield from statements(declared, "sh:namespace", typed(namespace, "xsd:anyURI"))
    for example in examples.load(queries):
        node = NamedNode(f"{BASE}id/query/{example.name}")
        form = outline(example.text).form
        if form is None:  # the tests hold the examples to be queries; a folder of one's own may not be
            continue
        kind, text = _CLASSES[form]
        yield from statements(node, "a", iri("sh:SPARQLExecutable"), iri(kind))
        yield from statements(node, "dct:identifier", Literal(example.name))
        for tag in ("fr", "en"):
            yield from statements(node, "rdfs:label", Literal(example.title[tag], language=tag))
            yield from statements(node, "rdfs:comment", Literal(example.question[tag], language=tag))
            words = (Literal(word, language=tag) for word in example.keywords[tag])
            yield from statements(node, "sdo:keywords", *words)
        yield from statements(node, "sh:prefixes", _ONTOLOGY)
        yield from statements(node, text, Literal(example.text))
        yield from statements(node, "sdo:target", _ENDPOINT)
