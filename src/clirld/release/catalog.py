"""The catalogue of a release as RDF: what each source is (DCAT), under which licence, how big (VoID), where its
rows went and from which bytes it was made (PROV). Everything in it follows from the inputs, no clock is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from clirld.card.model import FREQUENCIES
from clirld.card.source import Source
from clirld.harvest.outcome import Freshness, Harvest
from clirld.records.accounts import ExcludedRow
from clirld.records.entities import local_key
from clirld.settings import BASE
from clirld.vocabulary.turtle import turtle

CATALOG = NamedNode(f"{BASE}graph/catalog")
ACCOUNTING = NamedNode(f"{BASE}graph/accounting")

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "clir": f"{BASE}ontology#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_LANGUAGE = {"fr": "FRA", "en": "ENG"}
_WHOLE = NamedNode(f"{BASE}id/dataset/clirld")
_TITLE = {
    "fr": "clirld, données liées de la coopération territoriale",
    "en": "clirld, linked open data of territorial cooperation",
}
_DESCRIPTION = {
    "fr": "Initiatives de coopération territoriale de plusieurs registres, mises en relation et validées.",
    "en": "Initiatives of territorial cooperation from several registries, related to each other and validated.",
}
_KEPT = {
    "fr": "dernière bonne moisson : la plus récente a échoué",
    "en": "last good harvest: the newest one failed",
}

Node = NamedNode | Literal


@dataclass(frozen=True, slots=True)
class Entry:
    """What a release knows of one source."""

    source: Source
    harvest: Harvest
    state: Freshness
    quads: int


def _(curie: str) -> NamedNode:
    prefix, _colon, name = curie.partition(":")
    return NamedNode(PREFIXES[prefix] + name)


def dataset(source: str) -> NamedNode:
    """IRI of a source as a dcat:Dataset."""
    return NamedNode(f"{BASE}id/dataset/{source}")


def catalog(entries: Sequence[Entry], version: str) -> Iterator[Quad]:
    """The catalogue: the whole dataset, and one dataset for each source.

    It keeps the mandatory shapes and the ranges of DCAT-AP 3.0.1, but for where the code lists are not at hand.
    """

    def say(subject: NamedNode, predicate: str, *objects: Node) -> Iterator[Quad]:
        for one in objects:
            yield Quad(subject, _TYPE if predicate == "a" else _(predicate), one, CATALOG)

    def words(text: dict[str, str]) -> list[Literal]:
        return [Literal(value, language=language) for language, value in text.items()]

    def agent(url: str, name: str) -> Iterator[Quad]:
        yield from say(NamedNode(url), "a", _("foaf:Agent"))
        yield from say(NamedNode(url), "foaf:name", Literal(name))

    def typed(subject: NamedNode, predicate: str, one: str, kind: str) -> Iterator[Quad]:
        yield from say(subject, predicate, NamedNode(one))
        yield from say(NamedNode(one), "a", _(kind))

    yield from say(_WHOLE, "a", _("dcat:Catalog"), _("void:Dataset"))
    yield from say(_WHOLE, "dct:title", *words(_TITLE))
    yield from say(_WHOLE, "dct:description", *words(_DESCRIPTION))
    yield from say(_WHOLE, "dct:publisher", NamedNode(BASE))
    yield from agent(BASE, "clirld contributors")
    yield from say(_WHOLE, "dcat:version", Literal(version))
    yield from say(_WHOLE, "void:triples", _integer(sum(entry.quads for entry in entries)))
    yield from say(_WHOLE, "dcat:dataset", *(dataset(entry.source.id) for entry in entries))
    for entry in entries:
        card, node = entry.source.card, dataset(entry.source.id)
        yield from say(node, "a", _("dcat:Dataset"), _("void:Dataset"))
        yield from say(node, "dct:identifier", Literal(card.id))
        yield from say(node, "dct:title", *words(card.title.model_dump()))
        yield from say(node, "dct:description", *words(card.description.model_dump()))
        yield from say(node, "dct:publisher", NamedNode(card.publisher.url))
        yield from agent(card.publisher.url, card.publisher.name)
        yield from typed(node, "dct:license", card.license, "dct:LicenseDocument")
        yield from typed(node, "dcat:landingPage", card.landing_page, "foaf:Document")
        frequency = f"{_AUTHORITY}frequency/{FREQUENCIES[card.frequency]}"
        yield from typed(node, "dct:accrualPeriodicity", frequency, "dct:Frequency")
        language = f"{_AUTHORITY}language/{_LANGUAGE[card.language]}"
        yield from typed(node, "dct:language", language, "dct:LinguisticSystem")
        if entry.state == "kept":
            yield from say(node, "adms:versionNotes", *words(_KEPT))
        if card.issued:
            yield from say(node, "dct:issued", _typed(card.issued.isoformat(), "xsd:date"))
        yield from say(node, "void:triples", _integer(entry.quads))
        yield from say(node, "dcat:version", Literal(entry.harvest.fingerprint))
        if word := entry.harvest.accepted:  # a person let it pass the guards
            act = NamedNode(f"{BASE}id/acceptance/{card.id}-{word['bytes']}")
            yield from say(node, "prov:wasInfluencedBy", act)
            yield from say(act, "a", _("prov:Activity"))
            yield from say(act, "dct:description", *words(_accepted(word)))
            yield from say(act, "dct:creator", Literal(word["by"]))
            yield from say(act, "prov:endedAtTime", _typed(word["when"], "xsd:dateTime"))
        for snapshot in entry.harvest.snapshots:
            distribution = NamedNode(f"{node.value}/{snapshot['distribution']}")
            yield from say(node, "dcat:distribution", distribution)
            yield from say(distribution, "a", _("dcat:Distribution"), _("prov:Entity"))
            yield from say(distribution, "dct:identifier", Literal(f"sha256:{snapshot['sha256']}"))
            yield from say(distribution, "dcat:byteSize", _typed(str(snapshot["size"]), "xsd:nonNegativeInteger"))
            yield from say(distribution, "prov:generatedAtTime", _typed(snapshot["retrieved"], "xsd:dateTime"))
            yield from say(distribution, "clir:retrievedVia", Literal(snapshot["via"]))
            yield from say(distribution, "dct:license", NamedNode(card.license))
            # A file kept by hand, or a sample, has no address: DCAT-AP then wants the landing page.
            access = snapshot["url"] or card.landing_page
            yield from typed(distribution, "dcat:accessURL", access, "rdfs:Resource")


def _accepted(word: dict[str, Any]) -> dict[str, str]:
    """Why a person let a harvest pass the guards, and what they had found."""
    said = {"fr": "Accepté malgré", "en": "Accepted in spite of"}
    return {
        language: f"{start}: {'; '.join(word['messages'][language])}. {word['because']}"
        for language, start in said.items()
    }


LISTED = 10_000
"""Rows that one reason may leave out of a source and still be named one by one: a million of them say nothing more."""


def accounting(entries: Iterable[Entry]) -> Iterator[Quad]:
    """Where every row went: counts by outcome for each source, and each row that is not published, with its reason.

    Rows of a reason that leaves out more than `LISTED` are counted only; the manifest and the reports have the counts.
    """
    for entry in entries:
        source, account = entry.source.id, entry.harvest.account
        node = dataset(source)
        retrieved = {one["distribution"]: one["retrieved"] for one in entry.harvest.snapshots}
        summary = account.summary()
        for outcome in ("published", "held", "dropped"):
            count = NamedNode(f"{BASE}id/observation/{source}-rows-{outcome}")
            yield Quad(count, _TYPE, _("schema:Observation"), ACCOUNTING)
            yield Quad(count, _("schema:observationAbout"), node, ACCOUNTING)
            yield Quad(count, _("schema:measuredProperty"), _outcome(outcome), ACCOUNTING)
            yield Quad(count, _("schema:value"), _integer(summary[outcome]), ACCOUNTING)
            for reason, number in summary["reasons"].get(outcome, {}).items():
                part = NamedNode(f"{count.value}-{reason}")
                yield Quad(part, _TYPE, _("schema:Observation"), ACCOUNTING)
                yield Quad(part, _("schema:observationAbout"), node, ACCOUNTING)
                yield Quad(part, _("schema:measuredProperty"), _outcome(outcome), ACCOUNTING)
                yield Quad(part, _("clir:outcomeReason"), Literal(reason), ACCOUNTING)
                yield Quad(part, _("schema:value"), _integer(number), ACCOUNTING)
        for presence in ("missing", "gone"):
            if summary[presence]:
                count = NamedNode(f"{BASE}id/observation/{source}-records-{presence}")
                yield Quad(count, _TYPE, _("schema:Observation"), ACCOUNTING)
                yield Quad(count, _("schema:observationAbout"), node, ACCOUNTING)
                concept = NamedNode(f"{BASE}concept/record-presence/{presence}")
                yield Quad(count, _("schema:measuredProperty"), concept, ACCOUNTING)
                yield Quad(count, _("schema:value"), _integer(summary[presence]), ACCOUNTING)
        reasons = Counter(row.reason for row in account.excluded)
        for row in (one for one in account.excluded if one.listed and reasons[one.reason] <= LISTED):
            record = NamedNode(f"{BASE}id/record/{record_key(source, row)}")
            yield Quad(record, _TYPE, _("clir:SourceRecord"), ACCOUNTING)
            yield Quad(record, _("dct:isPartOf"), node, ACCOUNTING)
            yield Quad(record, _("dct:identifier"), Literal(row.identifier or f"row {row.row}"), ACCOUNTING)
            yield Quad(record, _("clir:sourceRow"), _integer(row.row), ACCOUNTING)
            yield Quad(record, _("clir:rowOutcome"), _outcome(row.outcome), ACCOUNTING)
            yield Quad(record, _("clir:outcomeReason"), Literal(row.reason), ACCOUNTING)
            when = _typed(retrieved[row.distribution], "xsd:dateTime")
            yield Quad(record, _("prov:generatedAtTime"), when, ACCOUNTING)


def record_key(source: str, row: ExcludedRow) -> str:
    """A held record has its own IRI; a dropped row has one of its place, since its identifier may be another's."""
    if row.outcome == "held":
        return f"{source}-{local_key(row.identifier)}"
    return f"{source}-{row.distribution}-row-{row.row}"


def _outcome(name: str) -> NamedNode:
    return NamedNode(f"{BASE}concept/row-outcome/{name}")


def _integer(value: int) -> Literal:
    return _typed(str(value), "xsd:integer")


def _typed(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=_(datatype))


def write(quads: Iterable[Quad], nquads: Path, as_turtle: Path | None = None) -> int:
    """Write quads, sorted, as N-Quads, and as Turtle without their graph; gives their number."""
    kept = sorted(set(quads), key=str)
    with nquads.open("wb") as out:
        serialize(kept, out, format=RdfFormat.N_QUADS)
    if as_turtle:
        triples = (Triple(quad.subject, quad.predicate, quad.object) for quad in kept)
        as_turtle.write_text(turtle(triples, PREFIXES), encoding="utf-8")
    return len(kept)
