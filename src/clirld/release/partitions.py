"""How big each graph of a release is, and what is in it: VoID partitions by class and property, and links.

in: the store of the release; out: quads of the catalogue (https://www.w3.org/TR/void/#class-property-partitions).
Each number is what a count over the graph gives; it follows from the content, so it is no part of a release's version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import NamedNode, Quad, Store

from clirld import stages
from clirld.map.yarrrml import RdfMapping
from clirld.query.select import select
from clirld.release.statements import integer, iri, statements
from clirld.settings import BASE

TERRITORIES = "territories"
"""The source that has the territories of all others."""

_CODES = "http://id.insee.fr/codes/"
"""Concepts of Insee: activities, legal categories."""

_TARGETS = {f"{BASE}id/territory/": NamedNode(f"{BASE}id/dataset/{TERRITORIES}"), _CODES: NamedNode(_CODES)}
"""What is linked to: the beginning of the IRIs → the dataset that they are of."""

_PROPERTIES = "SELECT ?g ?p (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ?p"
_CLASSES = "SELECT ?g ?c (COUNT(?s) AS ?n) WHERE { GRAPH ?g { ?s a ?c } } GROUP BY ?g ?c"
_LINKS = """SELECT ?g ?p ?space (COUNT(*) AS ?n) WHERE {{
  VALUES ?p {{ {predicates} }}
  GRAPH ?g {{ ?s ?p ?o }}
  VALUES ?space {{ {spaces} }}
  FILTER(isIRI(?o) && STRSTARTS(STR(?o), ?space))
}} GROUP BY ?g ?p ?space"""


def linking(mapping: RdfMapping) -> set[str]:
    """The properties of a mapping whose values may lead to another dataset."""
    objects = (one for triples_map in mapping.maps for one in triples_map.objects if one.kind == "iri")
    return {one.predicate for one in objects if one.object.texts[0].startswith(tuple(_TARGETS))}


Counts = dict[str, dict[str, int]]
"""Number of statements by graph and property; a graph is called by the last part of its IRI."""


def properties(store: Store) -> Counts:
    """Quads of each graph by property; a quad that two rows gave is one."""
    found: Counts = {}
    for row in select(store, _PROPERTIES):
        found.setdefault(_name(row["g"].value), {})[row["p"].value] = int(row["n"].value)
    return {graph: dict(sorted(counts.items())) for graph, counts in sorted(found.items())}


def described(store: Store, counts: Counts, sources: Sequence[str], linking: Iterable[str]) -> Iterator[Quad]:
    """The partitions of the graphs of some sources; values of the properties `linking` lead to other datasets."""
    for source in sources:
        dataset = NamedNode(f"{BASE}id/dataset/{source}")
        for property_, number in counts.get(source, {}).items():
            part = _part(source, property_)
            yield from statements(dataset, "void:propertyPartition", part)
            yield from statements(part, "void:property", NamedNode(property_))
            yield from statements(part, "void:triples", integer(number))
    for row in select(store, _CLASSES):
        source, class_ = _name(row["g"].value), row["c"].value
        if source in sources:
            part = _part(source, f"class {class_}")
            yield from statements(NamedNode(f"{BASE}id/dataset/{source}"), "void:classPartition", part)
            yield from statements(part, "void:class", NamedNode(class_))
            yield from statements(part, "void:entities", integer(int(row["n"].value)))
    yield from _linksets(store, sources, linking)


def _linksets(store: Store, sources: Sequence[str], linking: Iterable[str]) -> Iterator[Quad]:
    predicates = " ".join(f"<{predicate}>" for predicate in sorted(linking))
    spaces = " ".join(f'"{space}"' for space in _TARGETS)
    for row in select(store, _LINKS.format(predicates=predicates, spaces=spaces)):
        source, predicate, space = _name(row["g"].value), row["p"].value, row["space"].value
        subjects, objects = NamedNode(f"{BASE}id/dataset/{source}"), _TARGETS[space]
        if source not in sources or subjects == objects:
            continue
        linkset = _part(source, f"links {predicate} {space}")
        yield from statements(subjects, "void:subset", linkset)
        yield from statements(linkset, "a", iri("void:Linkset"))
        yield from statements(linkset, "void:subjectsTarget", subjects)
        yield from statements(linkset, "void:objectsTarget", objects)
        yield from statements(linkset, "void:linkPredicate", NamedNode(predicate))
        yield from statements(linkset, "void:triples", integer(int(row["n"].value)))


def _part(source: str, what: str) -> NamedNode:
    """A part of a dataset, which has no document but the dataset's."""
    return NamedNode(f"{BASE}id/dataset/{source}#{stages.fingerprint(what)}")


def _name(graph: str) -> str:
    return graph.removeprefix(f"{BASE}graph/")
