"""Where statements come from, down to the byte: the files as they were retrieved, and the rules of what was derived.

    entity → record (row) → file (sha256, date, address)          graph of a source
    graph → activity → rule (version), graphs it was made from     what follows from several sources

`queries/provenance.rq` follows both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from clirld import stages
from clirld.card.source import Source
from clirld.link import identifiers, matching, output
from clirld.link.judgements import sssom
from clirld.map.yarrrml import RdfMapping
from clirld.release import code_lists
from clirld.release.catalog import ACCOUNTING, SourceEntry, dataset
from clirld.release.completeness import DERIVED_GRAPH
from clirld.release.statements import CATALOG, file_iri, iri, statements, typed, typed_resource
from clirld.settings import BASE

_MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "cases": "application/jsonl",
}
"""Media types of what sources are read from, by format or syntax; an archive is one of its own."""

_RULES = {
    "completeness": {
        "fr": "Jusqu'où chaque initiative est racontée : les requêtes de shapes/tiers, sur tous les graphes",
        "en": "How far each initiative is told: the queries of shapes/tiers, on all graphs",
    },
    "same-organization": {
        "fr": "Organisations que leurs numéros officiels (SIREN, SIRET, RNA) disent être une seule, et fiches que des "
        "personnes disent être une seule",
        "en": "Organizations that their official numbers (SIREN, SIRET, RNA) say are one, and records that people say "
        "are one",
    },
    "link-candidates": {
        "fr": "Initiatives, et organisations, qui sont peut-être la même : par le nom, le lieu, le site, l'adresse",
        "en": "Initiatives, and organizations, that may be the same: by name, place, website, address",
    },
}


def files(entries: Sequence[SourceEntry], mapping: RdfMapping) -> Iterator[Quad]:
    """Every file that a published record was read from: those of the last harvest are distributions of the dataset.

    Those of earlier harvests, from which vanished records are carried over, are described all the same. Where records
    are made of rows of several files, each says by `mapping` which statements are its own (`gives` in the card).
    """
    for entry in entries:
        node, graph = dataset(entry.source.id), NamedNode(f"{BASE}graph/{entry.source.id}")
        yield from statements(graph, "a", iri("prov:Entity"))
        for snapshot in entry.harvest.snapshots:
            file = file_iri(entry.source.id, snapshot)
            yield from statements(node, "dcat:distribution", file)
            yield from statements(graph, "prov:wasDerivedFrom", file)
            yield from _file(entry.source, snapshot, entry.source.card.license, mapping)
        for snapshot in entry.harvest.earlier_snapshots:
            yield from statements(graph, "prov:wasDerivedFrom", file_iri(entry.source.id, snapshot))
            licence = snapshot.get("license") or entry.source.card.license
            yield from _file(entry.source, snapshot, licence, mapping)


def _file(source: Source, snapshot: Mapping[str, Any], licence: str, mapping: RdfMapping) -> Iterator[Quad]:
    file = file_iri(source.id, snapshot)
    checksum = NamedNode(f"{BASE}id/checksum/sha256-{snapshot['sha256']}")
    yield from statements(file, "a", iri("dcat:Distribution"), iri("prov:Entity"))
    yield from statements(file, "dct:title", Literal(f"{source.id}: {snapshot['distribution']}"))
    yield from statements(file, "dct:identifier", Literal(f"sha256:{snapshot['sha256']}"))
    yield from code_lists.sha256(file, snapshot["sha256"], checksum)
    yield from statements(file, "dcat:byteSize", typed(str(snapshot["size"]), "xsd:nonNegativeInteger"))
    yield from statements(file, "prov:generatedAtTime", typed(snapshot["retrieved"], "xsd:dateTime"))
    yield from statements(file, "clir:retrievedVia", Literal(snapshot["via"]))
    yield from statements(file, "dct:license", NamedNode(licence))
    distribution = source.card.distributions.get(snapshot["distribution"])  # a card may have given one up
    if distribution:
        media = _MEDIA_TYPES.get(distribution.syntax or distribution.format, "application/octet-stream")
        media = "application/zip" if distribution.member else media
        yield from code_lists.media_type(file, media)
    yield from _given_statements(source, snapshot, mapping)
    # A file kept by hand, or a sample, has no address: DCAT-AP then wants the landing page.
    yield from typed_resource(file, "dcat:accessURL", snapshot["url"] or source.card.landing_page, "rdfs:Resource")


def _given_statements(source: Source, snapshot: Mapping[str, Any], mapping: RdfMapping) -> Iterator[Quad]:
    """The properties that a file gives records of several files, with what the IRIs of their values begin with."""
    file = file_iri(source.id, snapshot)
    gives = {name: starts for rows in source.card.records if rows.source == snapshot["distribution"]
             for name, starts in rows.gives.items()}  # fmt: skip
    for name, starts in gives.items():
        table, _dot, column = name.partition(".")
        found = [one for map_ in mapping.of_table(table) for one in map_.objects if column in one.object.columns]
        for one in found:
            for start in starts or [""]:
                space = f"{one.object.texts[0]}{start}" if one.kind == "iri" else ""
                key = stages.fingerprint(one.predicate, space)
                part = NamedNode(f"{BASE}id/partition/{file.value.rpartition('/')[2]}-{key}")
                yield from statements(file, "void:propertyPartition", part)
                yield from statements(part, "void:property", NamedNode(one.predicate))
                yield from statements(part, "void:uriSpace", Literal(space))


def own_graphs(entries: Sequence[SourceEntry], ontology: Path) -> Iterator[Quad]:
    """The graphs that the project writes itself, each down to the bytes that it is made of.

    Ontology and schemes are files of `ontology`; the catalogue follows from the cards, the accounting from the files.
    """
    concepts = sorted((ontology / "schemes").glob("*.ttl"))
    for name, paths in (("ontology", [ontology / "clirld.ttl"]), ("concepts", concepts)):
        graph = NamedNode(f"{BASE}graph/{name}")
        yield from statements(graph, "a", iri("prov:Entity"))
        for path in paths:
            yield from _own_file(graph, path, f"vocabulary-{path.stem}")
    for graph in (CATALOG, ACCOUNTING):
        yield from statements(graph, "a", iri("prov:Entity"))
    for entry in entries:
        yield from _own_file(CATALOG, entry.source.folder / "source.yaml", f"card-{entry.source.id}")
        for snapshot in entry.harvest.snapshots:
            yield from statements(ACCOUNTING, "prov:wasDerivedFrom", file_iri(entry.source.id, snapshot))


def _own_file(graph: NamedNode, path: Path, name: str) -> Iterator[Quad]:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    file = NamedNode(f"{BASE}id/file/{name}-{digest[:16]}")
    yield from statements(graph, "prov:wasDerivedFrom", file)
    yield from statements(file, "a", iri("prov:Entity"))
    yield from code_lists.sha256(file, digest, NamedNode(f"{BASE}id/checksum/sha256-{digest}"))


def judged(folder: Path) -> Iterator[Quad]:
    """The graph of links as a linkset, down to the bytes of the files in which people say what is one."""
    graph = NamedNode(output.GRAPH)
    yield from statements(graph, "a", iri("void:Linkset"))
    yield from statements(graph, "void:linkPredicate", iri("owl:sameAs"), iri("owl:differentFrom"))
    yield from statements(graph, "dct:license", NamedNode(sssom.LICENSE))
    for path in sorted(folder.glob("*.sssom.tsv")):
        yield from _own_file(graph, path, f"judgements-{path.name.partition('.')[0]}")


def rules(entries: Sequence[SourceEntry], tiers: Path) -> Iterator[Quad]:
    """The graphs that follow from those of the sources: by which rule, of which version, from which graphs.

    `tiers` is the folder of the queries of completeness, whose texts are the version of that rule.
    """
    versions = {
        "completeness": (DERIVED_GRAPH, stages.files_fingerprint(sorted(tiers.glob("*.rq")))),
        "same-organization": (output.GRAPH, identifiers.RULE_VERSION),
        "link-candidates": (matching.GRAPH, matching.RULE_VERSION),
    }
    for name, (graph, version) in versions.items():
        activity, rule = NamedNode(f"{BASE}id/derivation/{name}"), NamedNode(f"{BASE}id/rule/{name}")
        yield from statements(NamedNode(graph), "a", iri("prov:Entity"))
        yield from statements(NamedNode(graph), "prov:wasGeneratedBy", activity)
        yield from statements(activity, "a", iri("prov:Activity"))
        yield from statements(activity, "prov:used", rule)
        yield from statements(activity, "prov:used", *(NamedNode(f"{BASE}graph/{one.source.id}") for one in entries))
        yield from statements(rule, "a", iri("prov:Plan"), iri("prov:Entity"))
        yield from statements(rule, "dct:title", *(Literal(text, language=one) for one, text in _RULES[name].items()))
        yield from statements(rule, "dcat:version", Literal(version))
