"""How big each graph of a release is, and what is in it: VoID partitions by class and property, and links.

in: the terms of a graph, counted; out: quads of the catalogue (https://www.w3.org/TR/void/#class-property-partitions).
Each number is what a count over the graph gives; it follows from the content, so it is no part of a release's version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pyoxigraph import NamedNode, Quad

from clirld import stages
from clirld.map.yarrrml import RdfMapping
from clirld.release.catalog import WHOLE
from clirld.release.statements import TYPE, integer, iri, statements
from clirld.settings import BASE

TERRITORIES = "territories"
"""The source that has the territories of all others."""

_CODES = "http://id.insee.fr/codes/"
"""Concepts of Insee: activities, legal categories."""

_TARGETS = {f"{BASE}id/territory/": NamedNode(f"{BASE}id/dataset/{TERRITORIES}"), _CODES: NamedNode(_CODES)}
"""What is linked to: the beginning of the IRIs → the dataset that they are of."""


def linking(mapping: RdfMapping) -> set[str]:
    """The properties of a mapping whose values may lead to another dataset."""
    objects = (one for triples_map in mapping.maps for one in triples_map.objects if one.kind == "iri")
    return {one.predicate for one in objects if one.object.texts[0].startswith(tuple(_TARGETS))}


Counts = dict[str, dict[str, Any]]
"""What a graph has: numbers of statements by property (`properties`), of things by class (`classes`), and of links by
property and by the beginning of the IRIs that they lead to (`links`); and what `GraphCounts.as_json` gives."""


_OWN_KINDS = (f"<{BASE}id/", f"<{BASE}concept/")

_BEGINNINGS = {f"<{space}".encode(): space for space in _TARGETS}


def space(term: bytes) -> str | None:
    """The beginning of the IRIs of another dataset that a term, as N-Quads write it, leads to; None for all others.

    What a term begins with, up to its last slash, will do.
    """
    return next((name for beginning, name in _BEGINNINGS.items() if term.startswith(beginning)), None)


def counts(
    properties: Mapping[bytes, int], classes: Mapping[bytes, int], links: Mapping[tuple[bytes, str], int]
) -> Counts:
    """Counts by terms as N-Quads write them; those of `links` by property and by what `space` gives of the object."""
    linked: dict[bytes, dict[str, int]] = {}
    for name in _TARGETS:
        for (predicate, of_space), number in links.items():
            if of_space == name:
                linked.setdefault(predicate, {})[name] = number
    return {"properties": _by_iri(properties), "classes": _by_iri(classes), "links": _by_iri(linked)}


def _by_iri(numbers: Mapping[bytes, Any]) -> dict[str, Any]:
    return {term[1:-1].decode(): number for term, number in sorted(numbers.items())}


def described(counts: Mapping[str, Counts]) -> Iterator[Quad]:
    """The partitions of the graphs of some sources, by source."""
    for source, counted in counts.items():
        dataset = NamedNode(f"{BASE}id/dataset/{source}")
        for property_, number in counted["properties"].items():
            part = _part(source, property_)
            yield from statements(dataset, "void:propertyPartition", part)
            yield from statements(part, "void:property", NamedNode(property_))
            yield from statements(part, "void:triples", integer(number))
        for class_, number in counted["classes"].items():
            part = _part(source, f"class {class_}")
            yield from statements(dataset, "void:classPartition", part)
            yield from statements(part, "void:class", NamedNode(class_))
            yield from statements(part, "void:entities", integer(number))
        for predicate, spaces in counted["links"].items():
            for space, number in spaces.items():
                yield from _linkset(source, predicate, space, number)


def overview(graphs: Iterable[Counts]) -> Iterator[Quad]:
    """What the things of each class have in all graphs together: partitions of the whole dataset.

    What editors complete queries by (https://github.com/sib-swiss/sparql-guidelines). Each property says the datatypes
    of its literals (VoID-ext) and the classes of its things, where all things of their kind are of that class.
    """
    triples: dict[str, dict[str, Counter[str]]] = {}
    entities: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {}
    for counted in graphs:
        entities.update(counted["classes"])
        for kind, numbers in counted["kinds"].items():
            kinds.setdefault(kind, Counter()).update(numbers)
        for class_, properties in counted["class_properties"].items():
            for property_, numbers in properties.items():
                triples.setdefault(class_, {}).setdefault(property_, Counter()).update(numbers)
    classes_of = {
        kind: [name for name, number in numbers.items() if name and number == numbers[""]]
        for kind, numbers in kinds.items()
        if kind.startswith(_OWN_KINDS)
    }
    for class_, properties in triples.items():
        part = _part("clirld", f"class {class_}")
        yield from statements(WHOLE, "void:classPartition", part)
        yield from statements(part, "void:class", NamedNode(class_))
        yield from statements(part, "void:entities", integer(entities[class_]))
        for property_, numbers in properties.items():
            yield from _property_of_class(part, class_, property_, numbers, classes_of)


def _property_of_class(
    of: NamedNode, class_: str, property_: str, numbers: Counter[str], classes_of: Mapping[str, list[str]]
) -> Iterator[Quad]:
    part = _part("clirld", f"class {class_} property {property_}")
    yield from statements(of, "void:propertyPartition", part)
    yield from statements(part, "void:property", NamedNode(property_))
    yield from statements(part, "void:triples", integer(numbers.total()))
    for leads_to in numbers if property_ != TYPE.value else ():
        if leads_to.endswith(">"):
            one = _part("clirld", f"datatype {class_} {property_} {leads_to}")
            yield from statements(part, "void-ext:datatypePartition", one)
            yield from statements(one, "void-ext:datatype", NamedNode(leads_to[1:-1]))
        for name in classes_of.get(leads_to, ()):
            one = _part("clirld", f"objects {class_} {property_} {name}")
            yield from statements(part, "void:classPartition", one)
            yield from statements(one, "void:class", NamedNode(name))


def _linkset(source: str, predicate: str, space: str, number: int) -> Iterator[Quad]:
    subjects, objects = NamedNode(f"{BASE}id/dataset/{source}"), _TARGETS[space]
    if subjects == objects:
        return
    linkset = _part(source, f"links {predicate} {space}")
    yield from statements(subjects, "void:subset", linkset)
    yield from statements(linkset, "a", iri("void:Linkset"))
    yield from statements(linkset, "void:subjectsTarget", subjects)
    yield from statements(linkset, "void:objectsTarget", objects)
    yield from statements(linkset, "void:linkPredicate", NamedNode(predicate))
    yield from statements(linkset, "void:triples", integer(number))


def _part(source: str, what: str) -> NamedNode:
    """A part of a dataset, which has no document but the dataset's."""
    return NamedNode(f"{BASE}id/dataset/{source}#{stages.fingerprint(what)}")
