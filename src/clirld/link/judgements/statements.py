"""What is published of judgements: `owl:sameAs` and `owl:differentFrom`, and of each who says so, when and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyoxigraph import Literal, NamedNode, Quad

from clirld.link.judgements import sssom
from clirld.link.judgements.judgement import PROCESSES, Judgement, iri
from clirld.settings import BASE
from clirld.values.personal_data import without_personal_data

GRAPH = NamedNode(f"{BASE}graph/links")

_OWL, _PROV, _DCT = "http://www.w3.org/2002/07/owl#", "http://www.w3.org/ns/prov#", "http://purl.org/dc/terms/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_PREDICATES = {"same": f"{_OWL}sameAs", "different": f"{_OWL}differentFrom"}


def joined(names: Sequence[str]) -> Iterator[Quad]:
    """That each of some records (short names) is the first of them, which stands for all."""
    first, *others = names
    for other in others:
        yield _quad(iri(other), f"{_OWL}sameAs", NamedNode(iri(first)))


def told(one: Judgement) -> Iterator[Quad]:
    """A judgement as a thing of its own (RDF 1.1 reification), and that two are different; nothing where unsure."""
    predicate = _PREDICATES.get(one.says)
    if predicate is None:
        return
    left, right = map(iri, one.pair)
    if one.says == "different":
        yield _quad(left, predicate, NamedNode(right))
    node = iri(one.id)
    yield _quad(node, f"{_RDF}type", NamedNode(f"{_RDF}Statement"))
    yield _quad(node, f"{_RDF}type", NamedNode(f"{_PROV}Entity"))
    yield _quad(node, f"{_RDF}subject", NamedNode(left))
    yield _quad(node, f"{_RDF}predicate", NamedNode(predicate))
    yield _quad(node, f"{_RDF}object", NamedNode(right))
    yield _quad(node, f"{_PROV}wasAttributedTo", NamedNode(iri(one.author)))
    yield _quad(iri(one.author), f"{_RDF}type", NamedNode(f"{_PROV}Agent"))
    if one.author in PROCESSES:
        yield _quad(iri(one.author), f"{_RDF}type", NamedNode(f"{_PROV}SoftwareAgent"))
    day = NamedNode("http://www.w3.org/2001/XMLSchema#date")
    yield _quad(node, f"{_DCT}created", Literal(one.day.isoformat(), datatype=day))
    yield _quad(node, f"{_DCT}license", NamedNode(sssom.LICENSE))
    # As the files of judgements say of their columns (extension_definitions of SSSOM).
    for name, text in (("description", one.comment), ("references", one.evidence)):
        if text:
            yield _quad(node, f"{_DCT}{name}", Literal(without_personal_data(text)))
    for withdrawn in one.withdraws:
        yield _quad(node, f"{_DCT}replaces", NamedNode(iri(withdrawn)))


def _quad(subject: str, predicate: str, object_: NamedNode | Literal) -> Quad:
    return Quad(NamedNode(subject), NamedNode(predicate), object_, GRAPH)
