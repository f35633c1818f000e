"""The catalogue and the accounting of a release: whole, true to the inputs, the same at every reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import Quad
from rdflib.namespace import DCAT, DCTERMS, FOAF, OWL, PROV, RDF, VOID

from clirld.card import source
from clirld.card.model import FREQUENCIES
from clirld.harvest.outcome import Harvest
from clirld.map import yarrrml
from clirld.project import Project
from clirld.records.accounts import Account, ExcludedRow
from clirld.release import catalog, datasets, licensing, provenance, quality
from clirld.release.catalog import SourceEntry
from clirld.settings import BASE, Settings
from clirld.vocabulary import tables
from clirld.vocabulary.terms import Vocabulary

SETTINGS = Settings.from_environment({})
MAPPING = yarrrml.load(
    SETTINGS.ontology / "mapping.yarrrml",
    tables.load(SETTINGS.ontology / "tables.yaml"),
    Vocabulary.load(SETTINGS.ontology).terms,
)
PROJECT = Project.load(SETTINGS)
CLIR = rdflib.Namespace(f"{BASE}ontology#")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
SCHEMA = rdflib.Namespace("http://schema.org/")
ADMS = rdflib.Namespace("http://www.w3.org/ns/adms#")
DATASET = rdflib.Namespace(f"{BASE}id/dataset/")
OUTCOME = f"{BASE}concept/row-outcome/"
WHEN = "2026-11-24T10:00:00Z"


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> list[SourceEntry]:
    """An entry for each source of the project, as if each distribution had ten rows."""
    sources, _broken = source.load_all(
        SETTINGS.sources, tables.load(SETTINGS.ontology / "tables.yaml"), Vocabulary.load(SETTINGS.ontology)
    )
    made = []
    for n, one in enumerate(sources.values()):
        folder = tmp_path_factory.mktemp(one.id)
        account = Account(one.id)
        names = list(dict.fromkeys(rows.source for rows in one.card.records))
        for name in names:
            account.rows_in[name] = 10
            account.count_made(name, 7)
            account.exclude(ExcludedRow(name, 3, "missing-name", "é 3"))
            account.exclude(ExcludedRow(name, 4, "no-class", "é 4"))
            account.exclude(ExcludedRow(name, 5, "SirenLuhn", f"{name} 5", "held"))
        account.check_balance()
        account.write(folder / "account.json")
        (folder / "version").write_text("0", encoding="ascii")
        snapshots = tuple(
            {
                "distribution": name, "url": one.card.distributions[name].url, "via": "mirror", "retrieved": WHEN,
                "sha256": "0" * 64, "size": 1,
            }
            for name in names
        )  # fmt: skip
        kept = Harvest(one.id, *(folder,) * 5, snapshots=snapshots, sample=False)
        made.append(SourceEntry(one, kept, "fresh", 100 + n))
    return made


def whole(entries: list[SourceEntry]) -> Iterator[Quad]:
    """The catalogue as a release has it."""
    groups = licensing.by_group(PROJECT, entries)
    return chain(
        catalog.catalog(entries, "v1"),
        licensing.in_catalogue(PROJECT, entries),
        datasets.by_licence_group(groups, PROJECT.vocabulary.licences),
        datasets.modified(groups),
        quality.measured(entries),
        provenance.own_graphs(entries, SETTINGS.ontology),
        provenance.files(entries, MAPPING),
        provenance.rules(entries, SETTINGS.shapes / "tiers"),
    )


@pytest.fixture(scope="module")
def graph(entries: list[SourceEntry], tmp_path_factory: pytest.TempPathFactory) -> rdflib.Graph:
    folder = tmp_path_factory.mktemp("catalog")
    number = catalog.write(whole(entries), folder / "catalog.nq")
    catalog.write_turtle(folder / "catalog.nq", (), folder / "catalog.ttl")
    made = rdflib.Graph().parse(folder / "catalog.ttl")
    assert number == len(made) == len((folder / "catalog.nq").read_text().splitlines())
    return made


@pytest.fixture(scope="module")
def accounting(entries: list[SourceEntry], tmp_path_factory: pytest.TempPathFactory) -> rdflib.Graph:
    path = tmp_path_factory.mktemp("accounting") / "accounting.nq"
    catalog.write(catalog.accounting(entries), path)
    lines = path.read_text().splitlines()
    assert all(line.endswith(f" <{BASE}graph/accounting> .") for line in lines)
    triples = "\n".join(line.rsplit(" <", 1)[0] + " ." for line in lines)
    return rdflib.Graph().parse(data=triples, format="nt")


def test_every_source_says_what_it_is(entries: list[SourceEntry], graph: rdflib.Graph) -> None:
    for entry in entries:
        card, node = entry.source.card, DATASET[entry.source.id]
        assert (node, RDF.type, DCAT.Dataset) in graph
        titles = {(str(title), title.language) for title in graph.objects(node, DCTERMS.title)}  # type: ignore[attr-defined]
        assert titles == {(card.title.fr, "fr"), (card.title.en, "en")}
        assert len(set(graph.objects(node, DCTERMS.description))) == 2
        publisher = graph.value(node, DCTERMS.publisher)
        assert rdflib.Literal(card.publisher.name) in set(graph.objects(publisher, FOAF.name))
        assert str(graph.value(node, DCTERMS.license)) == card.license
        assert str(graph.value(node, DCTERMS.accrualPeriodicity)).rpartition("/")[2] == FREQUENCIES[card.frequency]
        assert graph.value(node, VOID.triples).toPython() == entry.quads  # type: ignore[union-attr]
        dump = rdflib.URIRef(f"{BASE}release/dump/{card.id}.nq.gz")
        distributions = set(graph.objects(node, DCAT.distribution)) - {dump}
        assert {str(one) for one in graph.objects(dump, DCAT.downloadURL)} == {str(dump)}
        assert len(distributions) == len({rows.source for rows in card.records})
        for one in distributions:
            assert str(graph.value(one, PROV.generatedAtTime)) in (WHEN, WHEN.replace("Z", "+00:00"))
            assert str(graph.value(one, DCTERMS.license)) == card.license
            address = card.distributions[str(one).rpartition("/")[2].split(".")[1]].url
            checksum = graph.value(one, SPDX.checksum)
            assert str(graph.value(checksum, SPDX.checksumValue)) == "0" * 64
            assert graph.value(checksum, SPDX.algorithm / OWL.sameAs) == SPDX.checksumAlgorithm_sha256
            assert graph.value(one, rdflib.URIRef(f"{DCAT}mediaType"))
            assert str(graph.value(one, DCAT.accessURL)) == (address or card.landing_page)


def test_the_whole_counts_its_sources(entries: list[SourceEntry], graph: rdflib.Graph) -> None:
    whole = DATASET.clirld
    assert (whole, RDF.type, DCAT.Catalog) in graph
    groups = {DATASET[f"clirld-{group}"] for group in licensing.by_group(PROJECT, entries)}
    assert set(graph.objects(whole, DCAT.dataset)) == {DATASET[entry.source.id] for entry in entries} | groups
    assert graph.value(whole, VOID.triples).toPython() == sum(entry.quads for entry in entries)  # type: ignore[union-attr]
    assert str(graph.value(whole, rdflib.URIRef(f"{DCAT}version"))) == "v1"


def test_a_source_that_failed_says_so(entries: list[SourceEntry], tmp_path: Path) -> None:
    kept = [replace(entries[0], state="kept"), entries[1]]
    catalog.write(whole(kept), tmp_path / "a.nq")
    catalog.write_turtle(tmp_path / "a.nq", (), tmp_path / "a.ttl")
    graph = rdflib.Graph().parse(tmp_path / "a.ttl")
    assert len(set(graph.objects(DATASET[entries[0].source.id], ADMS.versionNotes))) == 2
    assert graph.value(DATASET[entries[1].source.id], ADMS.versionNotes) is None


def test_own_terms_are_in_the_ontology(graph: rdflib.Graph, accounting: rdflib.Graph) -> None:
    own = Vocabulary.load(SETTINGS.ontology).own
    used = {str(term) for one in (graph, accounting) for triple in one for term in triple[1:]}
    assert {term for term in used if term.startswith(str(CLIR))} <= own


def test_the_accounting_is_the_account(entries: list[SourceEntry], accounting: rdflib.Graph) -> None:
    for entry in entries:
        summary = entry.harvest.account.summary()
        counts = {
            (str(accounting.value(node, SCHEMA.measuredProperty)).removeprefix(OUTCOME),
             str(accounting.value(node, CLIR.outcomeReason) or "")): accounting.value(node, SCHEMA.value).toPython()  # type: ignore[union-attr]
            for node in accounting.subjects(SCHEMA.observationAbout, DATASET[entry.source.id])
        }  # fmt: skip
        assert counts == {
            ("published", ""): summary["published"],
            ("held", ""): summary["held"],
            ("dropped", ""): summary["dropped"],
            ("held", "SirenLuhn"): summary["held"],
            ("dropped", "missing-name"): summary["dropped"] // 2,
            ("dropped", "no-class"): summary["dropped"] // 2,
        }
        assert summary["rows_in"] == sum(number for (_outcome, reason), number in counts.items() if not reason)


def test_each_row_that_is_not_published_is_listed_with_its_reason(
    entries: list[SourceEntry], accounting: rdflib.Graph
) -> None:
    for entry in entries:
        records = set(accounting.subjects(DCTERMS.isPartOf, DATASET[entry.source.id]))
        listed = entry.harvest.account.excluded
        assert len(records) == len(listed)
        for row in listed:
            node = rdflib.URIRef(f"{BASE}id/record/{catalog.record_key(entry.source.id, row)}")
            assert node in records
            assert str(accounting.value(node, DCTERMS.identifier)) == row.identifier
            assert str(accounting.value(node, CLIR.outcomeReason)) == row.reason
            assert accounting.value(node, CLIR.sourceRow).toPython() == row.row  # type: ignore[union-attr]
            assert str(accounting.value(node, CLIR.rowOutcome)) == OUTCOME + row.outcome
            assert accounting.value(node, PROV.generatedAtTime)
            file = f"{BASE}id/distribution/{entry.source.id}.{row.distribution}.{'0' * 64}"
            assert str(accounting.value(node, PROV.wasDerivedFrom)) == file


def test_rows_of_a_reason_that_leaves_out_very_many_are_counted_only(
    entries: list[SourceEntry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "MAX_LISTED_ROWS", 2)
    account = Account("s")
    account.rows_in["d"] = 5
    for row in (1, 2, 3):
        account.exclude(ExcludedRow("d", row, "not-kept-country", str(row)), listed=True)
    for row in (4, 5):
        account.exclude(ExcludedRow("d", row, "missing-name", str(row)))
    account.write(tmp_path / "account.json")
    snapshots = ({"distribution": "d", "retrieved": WHEN, "sha256": "0"},)
    harvest = Harvest("s", *(tmp_path,) * 5, snapshots=snapshots, sample=False)
    quads = list(catalog.accounting([replace(entries[0], harvest=harvest)]))
    rows = {str(quad.subject.value) for quad in quads if quad.predicate.value.endswith("sourceRow")}
    assert sorted(one[-1] for one in rows) == ["4", "5"]
    counted = {quad.object.value for quad in quads if quad.predicate.value.endswith("outcomeReason")}
    assert counted == {"not-kept-country", "missing-name"}


def test_a_dropped_row_never_has_the_iri_of_a_record() -> None:
    assert catalog.record_key("places", ExcludedRow("a", 3, "duplicate-identifier", "7")) == "places-a-row-3"
    assert catalog.record_key("places", ExcludedRow("a", 3, "SirenLuhn", "7", "held")) == "places-7"
    unsafe = catalog.record_key("places", ExcludedRow("a", 3, "SirenLuhn", "a b", "held"))
    assert re.fullmatch(r"places-[0-9a-f]{16}", unsafe)


def test_no_clock_is_read(entries: list[SourceEntry], tmp_path: Path) -> None:
    texts = []
    for name, given in (("a", entries), ("b", list(reversed(entries)))):
        catalog.write(whole(given), tmp_path / f"{name}.nq")
        catalog.write_turtle(tmp_path / f"{name}.nq", (), tmp_path / f"{name}.ttl")
        catalog.write(catalog.accounting(given), tmp_path / f"{name}-accounting.nq")
        texts.append([(tmp_path / f"{name}{end}").read_bytes() for end in (".nq", ".ttl", "-accounting.nq")])
    assert texts[0] == texts[1]
