"""The catalogue of a release as RDF: what each source is (DCAT), under which licence, how big (VoID), where its
rows went and from which bytes it was made (PROV). Everything in it follows from the inputs, no clock is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse, serialize

from clirld.card.model import FREQUENCIES
from clirld.card.source import Source
from clirld.harvest.outcome import Freshness, Harvest
from clirld.records.accounts import ExcludedRow
from clirld.release import code_lists
from clirld.release.citation import TITLE
from clirld.release.statements import PREFIXES, file_iri, statements, typed_resource
from clirld.release.statements import TYPE as _TYPE
from clirld.release.statements import integer as _integer
from clirld.release.statements import iri as _iri
from clirld.release.statements import typed as _typed
from clirld.settings import BASE
from clirld.values.persons.identifiers import local_key
from clirld.vocabulary.turtle import turtle

ACCOUNTING = NamedNode(f"{BASE}graph/accounting")

WHOLE = NamedNode(f"{BASE}id/dataset/clirld")
"""The whole dataset."""

PUBLISHER = "clirld contributors"

_DESCRIPTION = {
    "fr": "Initiatives de coopération territoriale de plusieurs registres, mises en relation et validées.",
    "en": "Initiatives of territorial cooperation from several registries, related to each other and validated.",
}
_KEPT_NOTE = {
    "fr": "dernière bonne moisson : la plus récente a échoué",
    "en": "last good harvest: the newest one failed",
}


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """What a release knows of one source; `rights` is who has accepted to publish it, where its licence needs that."""

    source: Source
    harvest: Harvest
    state: Freshness
    quads: int
    rights: Mapping[str, Any] | None = None


def dataset(source: str) -> NamedNode:
    """IRI of a source as a dcat:Dataset."""
    return NamedNode(f"{BASE}id/dataset/{source}")


def catalog(entries: Sequence[SourceEntry], version: str) -> Iterator[Quad]:
    """The catalogue: the whole dataset, and one dataset for each source.

    It keeps the mandatory shapes, the ranges and the controlled vocabularies of DCAT-AP 3.0.1.
    """

    def literals(text: dict[str, str]) -> list[Literal]:
        return [Literal(value, language=language) for language, value in text.items()]

    yield from statements(WHOLE, "a", _iri("dcat:Catalog"), _iri("void:Dataset"))
    yield from statements(WHOLE, "dct:title", *literals(TITLE))
    yield from statements(WHOLE, "dct:description", *literals(_DESCRIPTION))
    yield from statements(WHOLE, "dct:publisher", NamedNode(BASE))
    yield from code_lists.agent(BASE, PUBLISHER, None)
    yield from code_lists.language(WHOLE, "fr", "en")
    yield from code_lists.theme_taxonomy(WHOLE)
    yield from typed_resource(WHOLE, "foaf:homepage", BASE, "foaf:Document")
    yield from statements(WHOLE, "dcat:version", Literal(version))
    yield from statements(WHOLE, "void:triples", _integer(sum(entry.quads for entry in entries)))
    yield from statements(WHOLE, "dcat:dataset", *(dataset(entry.source.id) for entry in entries))
    for entry in entries:
        card, node = entry.source.card, dataset(entry.source.id)
        yield from statements(node, "a", _iri("dcat:Dataset"), _iri("void:Dataset"))
        yield from statements(node, "dct:identifier", Literal(card.id))
        yield from statements(node, "dct:title", *literals(card.title.model_dump()))
        yield from statements(node, "dct:description", *literals(card.description.model_dump()))
        yield from statements(node, "dct:publisher", NamedNode(card.publisher.url))
        yield from code_lists.agent(card.publisher.url, card.publisher.name, card.publisher.type)
        yield from typed_resource(node, "dct:license", card.license, "dct:LicenseDocument")
        yield from typed_resource(node, "dcat:landingPage", card.landing_page, "foaf:Document")
        yield from code_lists.contact(node, card.publisher.name, card.publisher.url)
        yield from code_lists.public(node)
        for tag, words in (card.keywords.model_dump() if card.keywords else {}).items():
            yield from statements(node, "dcat:keyword", *(Literal(word, language=tag) for word in words))
        yield from code_lists.themes(node, *card.themes)
        yield from code_lists.countries(node, *card.spatial)
        yield from code_lists.frequency(node, FREQUENCIES[card.frequency])
        yield from code_lists.language(node, card.language)
        if entry.state == "kept":
            yield from statements(node, "adms:versionNotes", *literals(_KEPT_NOTE))
        if card.issued:
            yield from statements(node, "dct:issued", _typed(card.issued.isoformat(), "xsd:date"))
        yield from statements(node, "void:triples", _integer(entry.quads))
        yield from statements(node, "dcat:version", Literal(entry.harvest.version))
        if acceptance := entry.harvest.accepted:  # a person let it pass the guards
            activity = NamedNode(f"{BASE}id/acceptance/{card.id}-{acceptance['bytes']}")
            yield from statements(node, "prov:wasInfluencedBy", activity)
            yield from statements(activity, "a", _iri("prov:Activity"))
            yield from statements(activity, "dct:description", *literals(_acceptance_description(acceptance)))
            yield from statements(activity, "dct:creator", Literal(acceptance["by"]))
            yield from statements(activity, "prov:endedAtTime", _typed(acceptance["when"], "xsd:dateTime"))
        if word := entry.rights:  # a named person answers for publishing it without an open licence
            activity = NamedNode(f"{BASE}id/acceptance/{card.id}-rights")
            yield from statements(node, "prov:wasInfluencedBy", activity)
            yield from statements(activity, "a", _iri("prov:Activity"))
            yield from statements(activity, "dct:description", *literals(_rights_description(word["because"])))
            yield from statements(activity, "dct:license", NamedNode(word["license"]))
            yield from statements(activity, "dct:creator", Literal(word["by"]))
            yield from statements(activity, "prov:endedAtTime", _typed(word["when"], "xsd:dateTime"))


def _rights_description(because: str) -> dict[str, str]:
    return {
        "fr": f"Publié sans licence ouverte : {because}",
        "en": f"Published without an open licence: {because}",
    }


def _acceptance_description(acceptance: dict[str, Any]) -> dict[str, str]:
    """Why a person let a harvest pass the guards, and what they had found."""
    introduction = {"fr": "Accepté malgré", "en": "Accepted in spite of"}
    return {
        language: f"{start}: {'; '.join(acceptance['messages'][language])}. {acceptance['because']}"
        for language, start in introduction.items()
    }


MAX_LISTED_ROWS = 10_000
"""Rows that one reason may leave out of a source and still be named one by one: a million of them say nothing more."""


def accounting(entries: Iterable[SourceEntry]) -> Iterator[Quad]:
    """Where every row went: counts by outcome for each source, and each row that may be named, with its reason.

    Rows of a reason that leaves out more than `MAX_LISTED_ROWS` are counted only; manifest and reports have the counts.
    """
    for entry in entries:
        source, account, summary = entry.source.id, entry.harvest.account, entry.harvest.account_summary
        node = dataset(source)
        snapshots = {snapshot["distribution"]: snapshot for snapshot in entry.harvest.snapshots}
        for outcome in ("published", "held", "dropped"):
            count = NamedNode(f"{BASE}id/observation/{source}-rows-{outcome}")
            yield Quad(count, _TYPE, _iri("schema:Observation"), ACCOUNTING)
            yield Quad(count, _iri("schema:observationAbout"), node, ACCOUNTING)
            yield Quad(count, _iri("schema:measuredProperty"), _outcome(outcome), ACCOUNTING)
            yield Quad(count, _iri("schema:value"), _integer(summary[outcome]), ACCOUNTING)
            for reason, number in summary["reasons"].get(outcome, {}).items():
                reason_count = NamedNode(f"{count.value}-{reason}")
                yield Quad(reason_count, _TYPE, _iri("schema:Observation"), ACCOUNTING)
                yield Quad(reason_count, _iri("schema:observationAbout"), node, ACCOUNTING)
                yield Quad(reason_count, _iri("schema:measuredProperty"), _outcome(outcome), ACCOUNTING)
                yield Quad(reason_count, _iri("clir:outcomeReason"), Literal(reason), ACCOUNTING)
                yield Quad(reason_count, _iri("schema:value"), _integer(number), ACCOUNTING)
        for presence in ("missing", "gone"):
            if summary[presence]:
                count = NamedNode(f"{BASE}id/observation/{source}-records-{presence}")
                yield Quad(count, _TYPE, _iri("schema:Observation"), ACCOUNTING)
                yield Quad(count, _iri("schema:observationAbout"), node, ACCOUNTING)
                concept = NamedNode(f"{BASE}concept/record-presence/{presence}")
                yield Quad(count, _iri("schema:measuredProperty"), concept, ACCOUNTING)
                yield Quad(count, _iri("schema:value"), _integer(summary[presence]), ACCOUNTING)
        reasons = Counter(row.reason for row in account.excluded)
        for row in account.excluded:
            if reasons[row.reason] > MAX_LISTED_ROWS:
                continue
            record = NamedNode(f"{BASE}id/record/{record_key(source, row)}")
            yield Quad(record, _TYPE, _iri("clir:SourceRecord"), ACCOUNTING)
            yield Quad(record, _iri("dct:isPartOf"), node, ACCOUNTING)
            yield Quad(record, _iri("dct:identifier"), Literal(row.identifier or f"row {row.row}"), ACCOUNTING)
            yield Quad(record, _iri("clir:sourceRow"), _integer(row.row), ACCOUNTING)
            yield Quad(record, _iri("clir:rowOutcome"), _outcome(row.outcome), ACCOUNTING)
            yield Quad(record, _iri("clir:outcomeReason"), Literal(row.reason), ACCOUNTING)
            snapshot = snapshots[row.distribution]
            retrieval_time = _typed(snapshot["retrieved"], "xsd:dateTime")
            yield Quad(record, _iri("prov:generatedAtTime"), retrieval_time, ACCOUNTING)
            yield Quad(record, _iri("prov:wasDerivedFrom"), file_iri(source, snapshot), ACCOUNTING)


def record_key(source: str, row: ExcludedRow) -> str:
    """A held record has its own IRI; a dropped row has one of its place, since its identifier may be another's."""
    if row.outcome == "held":
        return f"{source}-{local_key(row.identifier)}"
    return f"{source}-{row.distribution}-row-{row.row}"


def _outcome(name: str) -> NamedNode:
    return NamedNode(f"{BASE}concept/row-outcome/{name}")


def issued(release: str, created: datetime) -> Iterator[Quad]:
    """Which release this is, and when it was made: of the file of the catalogue alone, since no dump has a clock."""
    yield from statements(WHOLE, "dcat:hasCurrentVersion", NamedNode(f"{BASE}release/{release}/"))
    yield from statements(WHOLE, "dct:issued", _typed(created.isoformat(timespec="seconds"), "xsd:dateTime"))


def write(quads: Iterable[Quad], nquads: Path) -> int:
    """Write quads, sorted, as N-Quads; gives their number."""
    # Sorted by their text: pyoxigraph's terms have no order of their own, and the same quads must give the same bytes.
    ordered = sorted(set(quads), key=str)
    with nquads.open("wb") as out:
        serialize(ordered, out, format=RdfFormat.N_QUADS)
    return len(ordered)


def write_turtle(nquads: Path, also: Iterable[Quad], as_turtle: Path) -> None:
    """Write a catalogue that was written as N-Quads, and what is of its file alone, as Turtle."""
    quads = chain(parse(path=str(nquads), format=RdfFormat.N_QUADS), also)
    as_turtle.write_text(turtle((quad.triple for quad in quads), PREFIXES), encoding="utf-8")
