"""The metrics of F-UJI, by which research data is judged to be FAIR, as far as a catalogue alone can be held to them.

Metrics, their tests and points: F-UJI, `metrics_v0.8.yaml` (https://github.com/pangaea-data-publisher/fuji,
https://doi.org/10.5281/zenodo.4081213). Tests that ask the network are left out, with their points: whether an
identifier is registered (FsF-F1-02MD-2), whether it is answered (FsF-A1-02MD), what a landing page embeds (FsF-F4-01M).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clirld.release.grade.described import Described, Node
from clirld.release.grade.marks import Mark
from clirld.release.statements import PREFIXES, iri

METHOD = "fair"

_PERSISTENT = ("https://w3id.org/", "https://doi.org/", "https://n2t.net/ark:/", "https://hdl.handle.net/")
_CITATION = ("dct:creator", "dct:title", "dct:identifier", "dct:issued", "dct:publisher", "a")
_DESCRIPTION = ("dct:description", "dcat:keyword")
_RELATIONS = ("dct:source", "dct:relation", "dct:isPartOf", "dct:isReferencedBy", "prov:wasDerivedFrom")
_PROVENANCE = ("prov:wasInfluencedBy", "prov:wasDerivedFrom", "prov:generatedAtTime", "dct:publisher", "dct:modified")

Test = Callable[[Described, Node], float]


def _has_all(described: Described, node: Node, properties: tuple[str, ...]) -> bool:
    """Whether a dataset says all of these; a date of its distributions is one of the dataset."""
    files = described.distributions(node)
    return all(
        described.values(node, one) or (one == "dct:issued" and any(described.values(file, one) for file in files))
        for one in properties
    )


def _of_files(described: Described, node: Node, *properties: str) -> bool:
    return any(all(described.values(one, name) for name in properties) for one in described.distributions(node))


def _core(described: Described, node: Node) -> float:
    cites = _has_all(described, node, _CITATION)
    return cites + (cites and _has_all(described, node, _DESCRIPTION))


def _protocol(described: Described, node: Node) -> float:
    data = [url for one in described.distributions(node) for url in described.iris(one, "dcat:downloadURL")]
    return node.value.startswith(("http://", "https://")) + any(one.startswith(("http://", "https://")) for one in data)


def _related(described: Described, node: Node) -> float:
    """To or from another thing: the relation is qualified by its property, whichever way it is told."""
    if any(described.iris(node, one) for one in _RELATIONS):
        return 2
    return 2 * any(node in described.values(one, "dct:source") for one in described.instances("dcat:Dataset"))


def _content(described: Described, node: Node) -> float:
    return bool(described.values(node, "a")) + _of_files(described, node, "dcat:byteSize", "dcat:mediaType")


def _known_vocabularies(described: Described, node: Node) -> float:
    namespaces = (PREFIXES["dcat"], PREFIXES["dct"])
    return 2 * any(one.value.startswith(namespaces) for one in described.triples.get(node, {}))


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of F-UJI: its identifier, the points of the tests made here, and what a dataset gets of them."""

    name: str
    points: float
    test: Test


METRICS = (
    Metric("FsF-F1-01MD", 1, lambda _described, node: "://" in node.value),
    Metric("FsF-F1-02MD", 0.5, lambda _described, node: 0.5 * node.value.startswith(_PERSISTENT)),
    Metric("FsF-F2-01M", 2, _core),
    Metric("FsF-F3-01M", 1, lambda described, node: _of_files(described, node, "dcat:downloadURL")),
    Metric("FsF-A1-01M", 1, lambda described, node: bool(described.values(node, "dct:accessRights"))),
    Metric("FsF-A1.1-01MD", 2, _protocol),
    Metric("FsF-I1-01M", 2, lambda described, _node: 2 * bool(described.instances("dcat:DataService"))),
    Metric("FsF-I2-01M", 2, _known_vocabularies),
    Metric("FsF-I3-01M", 2, _related),
    Metric("FsF-R1-01M", 2, _content),
    Metric("FsF-R1.1-01M", 1, lambda described, node: bool(described.values(node, "dct:license"))),
    Metric("FsF-R1.2-01M", 1, lambda described, node: any(described.values(node, one) for one in _PROVENANCE)),
    Metric("FsF-R1.3-01M", 1, lambda described, node: iri("dcat:Dataset") in described.values(node, "a")),
    Metric("FsF-R1.3-02D", 1, lambda described, node: _of_files(described, node, "dct:format")),
)


def marks(described: Described) -> Iterator[Mark]:
    """What each dataset of a catalogue gets of each metric."""
    for identifier, dataset in described.datasets().items():
        for one in METRICS:
            yield Mark(METHOD, one.name, identifier, float(one.test(described, dataset)), one.points)
