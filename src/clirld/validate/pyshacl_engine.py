"""SHACL by pySHACL: the oracle of the tests, and the engine where there is no wheel of the fast one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib.term import Node

from clirld.errors import MappingError
from clirld.validate.shacl import SH, SHAPES, Result

NAME = "pySHACL"
_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


def results(shapes: str, quads: bytes) -> Iterator[Result]:
    """Results of shapes (N-Triples) on N-Quads. Raises MappingError for what is not N-Quads, any kind for shapes."""
    with _silenced("rdflib.term"):
        try:
            data = _to_rdflib_graph(quads)
        except SyntaxError as problem:
            raise MappingError(
                f"the map stage wrote what is not N-Quads: {problem.msg}", do="report this, with the source's name"
            ) from None
        # inplace: no copy of the data, which is of no further use.
        _, report, _ = pyshacl.validate(
            data, shacl_graph=_shapes_graph(shapes), inference="none", inplace=True, meta_shacl=False
        )
    yield from _results(report)


@contextmanager
def _silenced(name: str) -> Iterator[None]:
    """A date that does not exist is a result of the shapes; rdflib would write a traceback of it to its log too."""
    log = logging.getLogger(name)
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


@cache
def _shapes_graph(triples: str) -> rdflib.Graph:
    """Parsed once a process, for all batches."""
    return _to_rdflib_graph(triples.encode())


def _to_rdflib_graph(quads: bytes) -> rdflib.Graph:
    """The triples of N-Quads in an rdflib graph, parsed by pyoxigraph, ten times faster than by rdflib."""
    graph = rdflib.Graph(bind_namespaces="none")
    add = graph.store.add
    nodes: dict[object, Node] = {}
    for quad in ox.parse(input=quads, format=ox.RdfFormat.N_QUADS):
        triple = []
        for term in (quad.subject, quad.predicate, quad.object):
            node = nodes.get(term)
            if node is None:
                node = nodes[term] = _to_rdflib(term)
            triple.append(node)
        add((triple[0], triple[1], triple[2]), graph)
    return graph


def _to_rdflib(term: object) -> Node:
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        # Not normalized: a result must name the value as the graph states it, “01” and not “1”.
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)
    assert isinstance(term, ox.BlankNode)
    return rdflib.BNode(term.value)


def _results(report: rdflib.Graph) -> Iterator[Result]:
    sh = rdflib.Namespace(SH)
    for node in report.objects(None, sh.result):  # and not the details of one, which are results too
        path = report.value(node, sh.resultPath)
        value = report.value(node, sh.value)
        yield Result(
            focus=str(report.value(node, sh.focusNode)),
            shape=str(report.value(node, sh.sourceShape)).removeprefix(SHAPES),
            path=str(path) if isinstance(path, rdflib.URIRef) else "",
            value=_to_ntriples(value),
            component=str(report.value(node, sh.sourceConstraintComponent)).removeprefix(SH),
        )


def _to_ntriples(term: Node | None) -> str:
    """An rdflib term in N-Triples; rdflib's own n3() writes line ends as they are."""
    if isinstance(term, rdflib.URIRef):
        return str(ox.NamedNode(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return str(ox.Literal(str(term), language=term.language))
        return str(ox.Literal(str(term), datatype=ox.NamedNode(term.datatype or _XSD_STRING)))
    return ""
