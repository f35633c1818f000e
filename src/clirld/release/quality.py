"""How good the data of each source is, measured: DQV (https://www.w3.org/TR/vocab-dqv/) in the catalogue.

in: the account of each source; out: what part of its rows is published, held back and dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyoxigraph import Literal, NamedNode, Quad

from clirld.release.catalog import SourceEntry, dataset
from clirld.release.statements import iri, statements, typed
from clirld.settings import BASE

_DIMENSION = NamedNode("http://www.w3.org/2016/05/ldqd#completeness")
_METRICS = {
    "published": {
        "fr": "part des lignes de la source qui sont publiées",
        "en": "part of the rows of the source that are published",
    },
    "held": {
        "fr": "part des lignes retenues, parce qu'elles ne respectent pas les formes SHACL",
        "en": "part of the rows held back, since they break the SHACL shapes",
    },
    "dropped": {
        "fr": "part des lignes dont rien n'est fait : sans nom, répétées, laissées de côté",
        "en": "part of the rows that nothing is made of: without a name, repeated, left out",
    },
}


def measured(entries: Sequence[SourceEntry]) -> Iterator[Quad]:
    """A measurement of each metric for each source that has rows; the metrics are described."""
    for name, definition in _METRICS.items():
        metric = _metric(name)
        yield from statements(metric, "a", iri("dqv:Metric"))
        texts = (Literal(text, language=tag) for tag, text in definition.items())
        yield from statements(metric, "skos:definition", *texts)
        yield from statements(metric, "dqv:expectedDataType", iri("xsd:decimal"))
        yield from statements(metric, "dqv:inDimension", _DIMENSION)
    yield from statements(_DIMENSION, "a", iri("dqv:Dimension"))
    for entry in entries:
        summary = entry.harvest.account_summary
        for name in _METRICS if summary["rows_in"] else ():
            node = NamedNode(f"{dataset(entry.source.id).value}#{name}-rows")
            yield from statements(dataset(entry.source.id), "dqv:hasQualityMeasurement", node)
            yield from statements(node, "a", iri("dqv:QualityMeasurement"))
            yield from statements(node, "dqv:computedOn", dataset(entry.source.id))
            yield from statements(node, "dqv:isMeasurementOf", _metric(name))
            part = summary[name] / summary["rows_in"]
            yield from statements(node, "dqv:value", typed(f"{part:.4f}", "xsd:decimal"))


def _metric(name: str) -> NamedNode:
    return NamedNode(f"{BASE}id/metric/{name}-rows")
