"""What can be taken away, as datasets of the catalogue: one for each licence group, with its files; and the endpoint.

Addresses are under the base of the project's IRIs, which leads to the server that serves them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pyoxigraph import Literal, NamedNode, Quad

from clirld.release import code_lists
from clirld.release.catalog import WHOLE, SourceEntry, dataset
from clirld.release.licensing import RIGHTS, group_licence
from clirld.release.statements import iri, statements, typed, typed_resource
from clirld.settings import BASE
from clirld.vocabulary.terms import LicenceGroup

ENDPOINT = NamedNode(f"{BASE}id/service/sparql")
"""The SPARQL endpoint, as a thing of the catalogue."""

_TITLE = {"fr": "clirld : {group}", "en": "clirld: {group}"}
_DESCRIPTION = {
    "fr": "Données liées de la coopération territoriale. Sources de ce groupe de licences : {sources}.",
    "en": "Linked open data of territorial cooperation. Sources of this licence group: {sources}.",
}
_RDF = ("application/n-quads", "application/ld+json")
_ENDPOINT_TITLE = {"fr": "Point d'accès SPARQL", "en": "SPARQL endpoint"}


def by_licence_group(
    groups: Mapping[str, Sequence[SourceEntry]], described: Mapping[str, LicenceGroup]
) -> Iterator[Quad]:
    """A dataset for each licence group of a release, and the endpoint that answers from all of them."""
    service = "http://www.w3.org/TR/sparql11-protocol/"
    yield from statements(WHOLE, "dcat:service", ENDPOINT)
    yield from statements(ENDPOINT, "a", iri("dcat:DataService"))
    yield from _texts(ENDPOINT, "dct:title", _ENDPOINT_TITLE)
    yield from typed_resource(ENDPOINT, "dcat:endpointURL", f"{BASE}sparql", "rdfs:Resource")
    yield from typed_resource(ENDPOINT, "dct:conformsTo", service, "dct:Standard")
    yield from statements(WHOLE, "void:sparqlEndpoint", NamedNode(f"{BASE}sparql"))
    for group, entries in groups.items():
        node = dataset(f"clirld-{group}")
        titles = described[group].titles
        names = ", ".join(sorted(entry.source.id for entry in entries)) or "–"
        yield from statements(WHOLE, "dcat:dataset", node)
        yield from statements(ENDPOINT, "dcat:servesDataset", node)
        yield from statements(node, "a", iri("dcat:Dataset"), iri("void:Dataset"))
        yield from statements(node, "dct:identifier", Literal(f"clirld-{group}"))
        yield from _texts(node, "dct:title", {tag: text.format(group=titles[tag]) for tag, text in _TITLE.items()})
        words = {tag: text.format(sources=names) for tag, text in _DESCRIPTION.items()}
        yield from _texts(node, "dct:description", words)
        yield from statements(node, "dct:publisher", NamedNode(BASE))
        yield from statements(node, "dct:rights", RIGHTS)
        yield from code_lists.language(node, "fr", "en")
        yield from code_lists.themes(node)
        yield from code_lists.france(node)
        yield from statements(node, "dct:source", *(dataset(entry.source.id) for entry in entries))
        yield from statements(node, "void:subset", *(dataset(entry.source.id) for entry in entries))
        licence = group_licence(group, (entry.source.card.license for entry in entries))
        for path, media in _files(group):
            file = NamedNode(f"{BASE}release/{path}")
            yield from statements(node, "dcat:distribution", file)
            yield from statements(file, "a", iri("dcat:Distribution"))
            yield from statements(file, "dct:title", Literal(path))
            yield from statements(file, "dcat:accessURL", NamedNode(f"{BASE}release/"))
            yield from statements(file, "dcat:downloadURL", file)
            yield from code_lists.media_type(file, media)
            yield from statements(file, "dct:rights", RIGHTS)
            if licence:
                yield from typed_resource(file, "dct:license", licence, "dct:LicenseDocument")
            if path.endswith(".gz"):
                yield from code_lists.packed(file, "application/gzip")
            if media in _RDF:
                yield from statements(node, "void:dataDump", file)
        if licence:
            yield from statements(node, "dct:license", NamedNode(licence))


def _files(group: str) -> Iterator[tuple[str, str]]:
    yield f"dump/clirld-{group}.nq.gz", "application/n-quads"
    yield f"dump/clirld-{group}.jsonld.gz", "application/ld+json"
    yield f"tables/{group}/clirld-{group}.gpkg", "application/geopackage+sqlite3"
    yield f"tables/{group}/datapackage.json", "application/json"


def _texts(node: NamedNode, predicate: str, texts: Mapping[str, str]) -> Iterator[Quad]:
    yield from statements(node, predicate, *(Literal(text, language=tag) for tag, text in texts.items()))


def modified(entries: Sequence[SourceEntry]) -> Iterator[Quad]:
    """When each source's newest file was had, and of the whole the newest of all."""
    times = {entry.source.id: max(one["retrieved"] for one in entry.harvest.snapshots) for entry in entries}
    for source, time in times.items():
        yield from statements(dataset(source), "dct:modified", typed(time, "xsd:dateTime"))
    yield from statements(WHOLE, "dct:modified", typed(max(times.values()), "xsd:dateTime"))
