"""Mutations of the example: whatever a shape constrains is spoiled in every way it forbids, and that shape tells.

What to spoil follows from the shapes themselves: for each shape, each node of the example that it targets, and each of
its constraints, a copy of the node (under another name) breaks that one constraint. Copies are validated together,
in a few graphs, since shapes look at one node at a time. A copy fails by the shape meant, and by no shape of another
property.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse, serialize
from rdflib import RDF, XSD, Literal, URIRef
from rdflib.namespace import SH
from rdflib.term import Node

from clirld.validate import engine, shacl
from clirld.validate.shacl import Result, Shapes
from tests.conftest import PROJECT
from tests.validate.engines import ENGINES

SHAPES = rdflib.Namespace(shacl.SHAPES)
BASE = "https://w3id.org/clirld/"
BATCH = 400

# Shapes that have nothing in the example to look at; each has its own spoiled source in test_shapes.py.
ELSEWHERE = {
    "ConceptDefinition": "concepts are in ontology/schemes, not in the example",
    "ConceptLabel": "concepts are in ontology/schemes, not in the example",
    "ConceptNotation": "concepts are in ontology/schemes, not in the example",
    "ConceptScheme": "concepts are in ontology/schemes, not in the example",
    "OntologyHeader": "the ontology is in clirld.ttl, not in the example",
    "OntologyTerm": "terms are in clirld.ttl, not in the example",
}


@dataclass(frozen=True, slots=True)
class Mutation:
    """A copy of `node` that breaks `constraint` of `shape` by its property `path` (empty: by its IRI)."""

    shape: str
    constraint: str
    node: URIRef
    path: str
    triples: tuple[tuple[Node, URIRef, Node], ...] = field(repr=False)

    @property
    def copy(self) -> URIRef:
        subject = self.triples[0][0]
        assert isinstance(subject, URIRef)
        return subject


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    return Shapes.load(PROJECT / "shapes")


@pytest.fixture(scope="module")
def rules(shapes: Shapes) -> rdflib.Graph:
    return rdflib.Graph().parse(data=shapes.triples, format="nt")


@pytest.fixture(scope="module")
def example() -> rdflib.Graph:
    return rdflib.Graph().parse(PROJECT / "ontology" / "example.ttl")


@pytest.fixture(scope="module")
def mutations(rules: rdflib.Graph, example: rdflib.Graph) -> list[Mutation]:
    return list(all_mutations(rules, example))


@pytest.fixture(scope="module")
def results(mutations: list[Mutation], shapes: Shapes) -> dict[URIRef, list[Result]]:
    """Results by copy."""
    found: dict[URIRef, list[Result]] = defaultdict(list)
    for start in range(0, len(mutations), BATCH):
        for result in engine.validate_batch(shapes, nquads(mutations[start : start + BATCH])):
            found[URIRef(result.focus)].append(result)
    return found


def nquads(batch: list[Mutation]) -> bytes:
    graph = rdflib.Graph()
    for mutation in batch:
        for triple in mutation.triples:
            graph.add(triple)
    text = graph.serialize(format="nt")
    return serialize(parse(text, format=RdfFormat.N_TRIPLES), format=RdfFormat.N_QUADS) or b""


def all_mutations(rules: rdflib.Graph, example: rdflib.Graph) -> Iterator[Mutation]:
    number = 0
    for shape in sorted(named(rules)):
        name = shape.removeprefix(SHAPES)
        for node in sorted(targets(rules, shape, example)):
            for constraint, path, broken in breaking(rules, shape, node, example):
                number += 1
                copy = URIRef(f"https://example.org/m{number}" if constraint == "IRI" else f"{node}-m{number}")
                triples = tuple((copy, p, o) for _, p, o in broken)
                yield Mutation(name, constraint, node, path, triples)


def named(rules: rdflib.Graph) -> set[str]:
    return {str(one) for kind in (SH.NodeShape, SH.PropertyShape) for one in rules.subjects(RDF.type, kind)}


def targets(rules: rdflib.Graph, shape: str, example: rdflib.Graph) -> set[URIRef]:
    found: set[Node] = set()
    for one in rules.objects(URIRef(shape), SH.targetClass):
        found |= set(example.subjects(RDF.type, one))
    for one in rules.objects(URIRef(shape), SH.targetSubjectsOf):
        assert isinstance(one, URIRef)
        found |= set(example.subjects(one))
    return {one for one in found if isinstance(one, URIRef)}


Triples = list[tuple[Node, URIRef, Node]]


def breaking(
    rules: rdflib.Graph, shape: str, node: URIRef, example: rdflib.Graph
) -> Iterator[tuple[str, str, Triples]]:
    """Constraint, property and statements of each way to break the shape."""
    own: Triples = [(s, p, o) for s, p, o in example.triples((node, None, None)) if isinstance(p, URIRef)]
    path = rules.value(URIRef(shape), SH.path)
    if path is None:  # about the node itself
        if rules.value(URIRef(shape), SH.nodeKind):
            yield "IRI", "", own
        else:  # one of several will do, and the last of the alphabet, prov:wasDerivedFrom, is enough by itself
            last = max(paths(rules, URIRef(shape)) & {str(p) for _, p, _ in own})
            yield "or", last, [triple for triple in own if str(triple[1]) != last]
        return
    properties = sorted(paths(rules, URIRef(shape)))
    if len(properties) > 1:  # any of them will do: all have to go, or one to be wrong
        yield "minCount", properties[0], [triple for triple in own if str(triple[1]) not in properties]
        for one in [triple for triple in own if str(triple[1]) in properties]:
            for constraint, bad in bad_values(rules, URIRef(shape), one[2]):
                yield constraint, str(one[1]), [*(set(own) - {one}), (node, one[1], bad)]
        return
    predicate = URIRef(properties[0])
    rest = [triple for triple in own if triple[1] != predicate]
    values = sorted((o for _, p, o in own if p == predicate), key=str)
    if rules.value(URIRef(shape), SH.minCount) or rules.value(URIRef(shape), SH.qualifiedMinCount):
        yield "minCount", str(predicate), rest
    if rules.value(URIRef(shape), SH.qualifiedMinCount):  # of French ones
        english = (node, predicate, Literal("Said in English", lang="en"))
        yield "qualifiedMinCount", str(predicate), [*rest, english]
    if not values:
        return
    for constraint, bad in bad_values(rules, URIRef(shape), values[0]):
        kept = values if constraint in {"maxCount", "uniqueLang"} else values[1:]
        yield constraint, str(predicate), [*rest, *((node, predicate, one) for one in (*kept, bad))]
    other = rules.value(URIRef(shape), SH.disjoint)
    if isinstance(other, URIRef):
        same = [(node, predicate, o) for _, p, o in own if p == other]
        yield "disjoint", str(predicate), [*rest, *same]


def bad_values(rules: rdflib.Graph, shape: URIRef, value: Node) -> Iterator[tuple[str, Node]]:
    """For each constraint of the shape, a value that does not keep it, as like the good one as can be."""
    has = {str(predicate).removeprefix(str(SH)) for predicate in rules.predicates(shape)}
    if isinstance(value, URIRef):
        if "maxCount" in has:
            yield "maxCount", URIRef(f"{value}-2")
        if "nodeKind" in has:
            yield "nodeKind", Literal(str(value))
        if "pattern" in has:
            yield "pattern", wrong_iri(value)
        if "in" in has:
            yield "in", URIRef("https://example.org/other")
        return
    assert isinstance(value, Literal)
    if "maxCount" in has:
        yield "maxCount", another(value)
    if "uniqueLang" in has:
        yield "uniqueLang", Literal(f"{value} bis", lang=value.language)
    if "languageIn" in has:
        yield "languageIn", Literal(str(value), lang="de")
    if "datatype" in has or "or" in has:
        yield "datatype", Literal(str(value), datatype=XSD.anyURI)
    if "pattern" in has:
        mark = MARKS.get(shape.removeprefix(SHAPES), "\t")
        yield "pattern", Literal(mark, lang=value.language, datatype=value.datatype)
    if "minInclusive" in has:
        yield "minInclusive", below(value)
    if "maxLength" in has:
        yield "maxLength", Literal("x" * 301, lang=value.language)
    if "minLength" in has:
        yield "minLength", Literal("Court.", lang=value.language)


def wrong_iri(value: URIRef) -> URIRef:
    """Of another scheme, of another type, or not of the web."""
    if value.startswith(f"{BASE}concept/"):
        return URIRef(f"{BASE}concept/another-scheme/{value.rpartition('/')[2]}")
    if value.startswith(f"{BASE}id/"):
        return URIRef(f"{BASE}id/another-type/{value.rpartition('/')[2]}")
    return URIRef(f"urn:{value.rpartition('/')[2]}")


def another(value: Literal) -> Literal:
    """A second value that is good by itself."""
    if value.datatype in {XSD.integer, XSD.decimal}:
        return Literal(str(value) + "1", datatype=value.datatype)
    if value.datatype in {XSD.gYear, XSD.date, XSD.dateTime}:
        return Literal(f"19{str(value)[2:]}", datatype=value.datatype)
    turned = value.translate(str.maketrans("0123456789", "1234567890"))
    text = turned if turned != str(value) else f"{value}-bis"
    return Literal(text, lang=value.language, datatype=value.datatype)


def below(value: Literal) -> Literal:
    if value.datatype == XSD.date:
        return Literal("1799-01-01", datatype=XSD.date)
    return Literal("-1", datatype=value.datatype)


MARKS = {
    "InitiativeLabelMarkup": "Pôle du <b>Val</b>",
    "InitiativeLabelLegible": "PÃ´le du Val",
    "InitiativeLabelCase": "PÔLE DU VAL-D'ORME",
    "SourceRecordTime": "2026-11-01T06:00:00",
    "StartYear": "1799",
    "EndYear": "1799",
    "Year": "1799",
    "PopulationYear": "1799",
    "BaselineYear": "1799",
}


def paths(rules: rdflib.Graph, shape: Node) -> set[str]:
    """IRIs of the properties that a shape speaks of, in its path or inside its constraints."""
    found: set[str] = set()
    todo = [shape]
    while todo:
        one = todo.pop()
        for predicate, value in rules.predicate_objects(one):
            if predicate in {SH.path, RDF.first} and isinstance(value, URIRef):
                found.add(str(value))
            elif isinstance(value, rdflib.BNode) and predicate not in {SH["in"], SH.languageIn, SH.qualifiedValueShape}:
                todo.append(value)
    return found


def test_the_example_is_mutated_everywhere(mutations: list[Mutation], rules: rdflib.Graph) -> None:
    names = {shape.removeprefix(SHAPES) for shape in named(rules)}
    assert names - {mutation.shape for mutation in mutations} == set(ELSEWHERE)
    assert len(mutations) > 1000


def test_every_constraint_is_broken(mutations: list[Mutation], rules: rdflib.Graph) -> None:
    """Of every shape, so that a constraint added to one is tried without a word about it here."""
    silent = {SH.path, SH.targetClass, SH.targetSubjectsOf, SH.severity, SH.name, SH.description, SH.message, RDF.type}
    silent |= {SH.qualifiedValueShape}  # goes with its count
    tried: dict[str, set[str]] = defaultdict(set)
    for mutation in mutations:
        tried[mutation.shape].add({"IRI": "nodeKind"}.get(mutation.constraint, mutation.constraint))
    tried["ObservationValue"].add("or")  # tried as a wrong datatype
    for shape in named(rules):
        name = shape.removeprefix(SHAPES)
        has = {str(one).removeprefix(str(SH)) for one in set(rules.predicates(URIRef(shape))) - silent}
        if rules.value(URIRef(shape), SH.path) is None:
            has -= {"pattern"}  # the IRI tried is of another web site, so that one mutation breaks it
        if name not in ELSEWHERE:
            assert has - tried[name] == set(), name


def test_copies_are_apart(mutations: list[Mutation]) -> None:
    copies = [mutation.copy for mutation in mutations]
    assert len(set(copies)) == len(copies)


def test_the_example_itself_is_right(shapes: Shapes, example: rdflib.Graph) -> None:
    text = example.serialize(format="nt")
    quads = serialize(parse(text, format=RdfFormat.N_TRIPLES), format=RdfFormat.N_QUADS) or b""
    assert engine.validate_batch(shapes, quads) == []


def test_every_mutation_is_caught_by_the_shape_meant(
    mutations: list[Mutation], results: dict[URIRef, list[Result]]
) -> None:
    escaped = [
        mutation for mutation in mutations if mutation.shape not in {result.shape for result in results[mutation.copy]}
    ]
    assert escaped == []


def test_nothing_else_is_said(
    mutations: list[Mutation], results: dict[URIRef, list[Result]], rules: rdflib.Graph
) -> None:
    """Each result is of a shape of the mutated property."""
    about = {shape.removeprefix(SHAPES): paths(rules, URIRef(shape)) for shape in named(rules)}
    besides: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for mutation in mutations:
        for result in results[mutation.copy]:
            meant = mutation.path in about[result.shape] if mutation.path else result.shape == mutation.shape
            if not meant:
                besides[mutation.shape, mutation.constraint, mutation.path].add(result.shape)
    assert besides == {}


def test_the_oracle_says_the_same(
    mutations: list[Mutation], results: dict[URIRef, list[Result]], shapes: Shapes
) -> None:
    said = [
        result
        for start in range(0, len(mutations), BATCH)
        for result in ENGINES["pySHACL"].results(shapes.triples, nquads(mutations[start : start + BATCH]))
    ]
    assert sorted(said) == sorted(result for some in results.values() for result in some)
