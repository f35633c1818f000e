"""What can be taken away: a dataset for each licence group, with its files; the dump of each source; and the endpoint.

Addresses are under the base of the project's IRIs, which leads to the server that serves them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from clirld.release import code_lists
from clirld.release.catalog import PUBLISHER, WHOLE, SourceEntry, dataset
from clirld.release.extracts import write as extracts
from clirld.release.licensing import RIGHTS, group_licence
from clirld.release.statements import iri, statements, typed, typed_resource
from clirld.settings import BASE
from clirld.vocabulary.terms import Licence

ENDPOINT = NamedNode(f"{BASE}id/service/sparql")
"""The SPARQL endpoint, as a thing of the catalogue."""

_TITLE = {"fr": "clirld : {group}", "en": "clirld: {group}"}
_DESCRIPTION = {
    "fr": "Données liées de la coopération territoriale. Sources de ce groupe de licences : {sources}.",
    "en": "Linked open data of territorial cooperation. Sources of this licence group: {sources}.",
}
_KEYWORDS = {
    "fr": ("coopération territoriale", "économie sociale et solidaire", "tiers-lieux", "données liées"),
    "en": ("territorial cooperation", "social and solidarity economy", "third places", "linked data"),
}
_THEMES = ("REGI", "SOCI")
_RDF = ("application/n-quads", "application/ld+json")
_MEDIA = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "graphml": "application/xml",
    "json": "application/json",
}
_ENDPOINT_TITLE = {"fr": "Point d'accès SPARQL", "en": "SPARQL endpoint"}


def by_licence_group(groups: Mapping[str, Sequence[SourceEntry]], licences: Mapping[str, Licence]) -> Iterator[Quad]:
    """A dataset for each licence group of a release, the dumps of its sources, and the endpoint that answers from all.

    `licences` are those that a card may name, by their IRIs.
    """
    service = "http://www.w3.org/TR/sparql11-protocol/"
    titles_of = {one.group.id: one.group.titles for one in licences.values()}
    yield from statements(WHOLE, "dcat:service", ENDPOINT)
    yield from statements(ENDPOINT, "a", iri("dcat:DataService"))
    yield from _texts(ENDPOINT, "dct:title", _ENDPOINT_TITLE)
    yield from typed_resource(ENDPOINT, "dcat:endpointURL", f"{BASE}sparql", "rdfs:Resource")
    yield from typed_resource(ENDPOINT, "dct:conformsTo", service, "dct:Standard")
    yield from statements(WHOLE, "void:sparqlEndpoint", NamedNode(f"{BASE}sparql"))
    for group, entries in groups.items():
        node = dataset(f"clirld-{group}")
        names = ", ".join(sorted(entry.source.id for entry in entries)) or "–"
        yield from statements(WHOLE, "dcat:dataset", node)
        yield from statements(ENDPOINT, "dcat:servesDataset", node)
        yield from statements(node, "a", iri("dcat:Dataset"), iri("void:Dataset"))
        yield from statements(node, "dct:identifier", Literal(f"clirld-{group}"))
        yield from _texts(
            node, "dct:title", {tag: text.format(group=titles_of[group][tag]) for tag, text in _TITLE.items()}
        )
        words = {tag: text.format(sources=names) for tag, text in _DESCRIPTION.items()}
        yield from _texts(node, "dct:description", words)
        yield from statements(node, "dct:creator", NamedNode(BASE))
        yield from statements(node, "dct:publisher", NamedNode(BASE))
        yield from statements(node, "dct:rights", RIGHTS)
        yield from code_lists.contact(node, PUBLISHER, BASE)
        yield from code_lists.public(node)
        yield from code_lists.language(node, "fr", "en")
        for tag, keywords in _KEYWORDS.items():
            yield from statements(node, "dcat:keyword", *(Literal(word, language=tag) for word in keywords))
        yield from code_lists.themes(node, *_THEMES)
        yield from code_lists.countries(node, "FRA")
        yield from statements(node, "dct:source", *(dataset(entry.source.id) for entry in entries))
        yield from statements(node, "void:subset", *(dataset(entry.source.id) for entry in entries))
        licence = group_licence(group, (entry.source.card.license for entry in entries))
        for path, media in _files(group, entries):
            yield from _file(node, path, media, licences[licence] if licence else None)
        if licence:
            yield from statements(node, "dct:license", NamedNode(licence))
        for entry in entries:
            one = licences[entry.source.card.license]
            yield from _file(dataset(entry.source.id), _dump(entry), "application/n-quads", one)


def _files(group: str, entries: Sequence[SourceEntry]) -> Iterator[tuple[str, str]]:
    yield f"dump/clirld-{group}.nq.gz", "application/n-quads"
    yield f"dump/clirld-{group}.jsonld.gz", "application/ld+json"
    yield f"tables/{group}/clirld-{group}.gpkg", "application/geopackage+sqlite3"
    yield f"tables/{group}/datapackage.json", "application/json"
    for name in extracts.files(entries):
        yield f"{extracts.FOLDER}/{group}/{name}", _MEDIA[name.rpartition(".")[2]]


def _dump(entry: SourceEntry) -> str:
    return f"dump/{entry.source.id}.nq.gz"


def _file(node: NamedNode, path: str, media: str, licence: Licence | None) -> Iterator[Quad]:
    """A file of the release as a distribution of a dataset."""
    file = NamedNode(f"{BASE}release/{path}")
    yield from statements(node, "dcat:distribution", file)
    yield from statements(file, "a", iri("dcat:Distribution"))
    yield from statements(file, "dct:title", Literal(path))
    yield from typed_resource(file, "dcat:accessURL", f"{BASE}release/", "rdfs:Resource")
    yield from statements(file, "dcat:downloadURL", file)
    yield from code_lists.media_type(file, media)
    yield from statements(file, "dct:rights", RIGHTS)
    if licence:
        known = code_lists.licence_in_list(licence.iri, licence.eu)
        yield from typed_resource(file, "dct:license", known, "dct:LicenseDocument")
    if path.endswith(".gz"):
        yield from code_lists.packed(file, "application/gzip")
    if media in _RDF:
        yield from statements(node, "void:dataDump", file)


def _texts(node: NamedNode, predicate: str, texts: Mapping[str, str]) -> Iterator[Quad]:
    yield from statements(node, predicate, *(Literal(text, language=tag) for tag, text in texts.items()))


def modified(groups: Mapping[str, Sequence[SourceEntry]]) -> Iterator[Quad]:
    """When each source's newest file was had, of a licence group and of the whole the newest of all.

    What a dataset tells of lies before that, where its card does not say when it begins and ends.
    """
    newest = []
    for group, entries in groups.items():
        times = []
        for entry in entries:
            node, time = dataset(entry.source.id), max(one["retrieved"] for one in entry.harvest.snapshots)
            told = entry.source.card.temporal
            yield from statements(node, "dct:modified", typed(time, "xsd:dateTime"))
            yield from code_lists.period(node, *((told.start, told.end) if told else (None, time[:10])))
            times.append(time)
        if times:
            node = dataset(f"clirld-{group}")
            yield from statements(node, "dct:modified", typed(max(times), "xsd:dateTime"))
            yield from code_lists.period(node, None, max(times)[:10])
            newest.append(max(times))
    yield from statements(WHOLE, "dct:modified", typed(max(newest), "xsd:dateTime"))


def as_made(groups: Mapping[str, Sequence[SourceEntry]], release: Path, created: datetime) -> Iterator[Quad]:
    """How big the files of a release are, and when they were made: no graph says it, the catalogue's file alone."""
    day = typed(created.isoformat(timespec="seconds"), "xsd:dateTime")
    for group, entries in groups.items():
        for path in (*(path for path, _media in _files(group, entries)), *map(_dump, entries)):
            file = NamedNode(f"{BASE}release/{path}")
            size = str((release / path).stat().st_size)
            yield from statements(file, "dcat:byteSize", typed(size, "xsd:nonNegativeInteger"))
            yield from statements(file, "dct:issued", day)
