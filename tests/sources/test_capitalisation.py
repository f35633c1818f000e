"""The cases of the project, and the folder of cases as a source."""

from __future__ import annotations

import json
import re
import tarfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from clirld.card.source import load
from clirld.cases import collection
from clirld.cases.facts import Facts
from clirld.cases.values import Values
from clirld.errors import CardError, FetchError, ReadError
from clirld.fetch.download import fetch_distribution
from clirld.fetch.location import LocalFile
from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.project import Project
from clirld.records.stage import TERRITORIES
from clirld.settings import Settings
from clirld.vocabulary.tables import load as load_tables
from clirld.vocabulary.terms import Vocabulary
from tests.servers import http_settings

SETTINGS = Settings.from_environment({})
CASES = SETTINGS.sources / "capitalisation" / "cases"
VOCABULARY = Vocabulary.load(SETTINGS.ontology)
CITED = ("participation", "process", "process_step", "activity", "obstacle", "shared_resource", "lesson")
CITED += ("scaling_operation", "grant", "observation", "need", "outcome", "condition", "adaptation")


@pytest.fixture(scope="module")
def cases() -> list[Facts]:
    contents = {path: path.read_bytes() for path in collection.files(CASES)}
    return collection.check(contents, Values(VOCABULARY), source="capitalisation")


# The real cases ----------------------------------------------------------------------------------


def test_there_are_at_least_eight_and_nothing_is_wrong_with_them(cases: list[Facts]) -> None:
    assert len(cases) >= 8
    told = [f"{p.location.text('fr')}: {p.message('fr')}" for one in cases for p in one.problems]
    assert told == []


def test_every_fact_has_a_document_with_a_public_address(cases: list[Facts]) -> None:
    for one in cases:
        pages = {item["url"] for item in one.raw.data["documents"]}
        for row in one.rows:
            assert row.page in pages, row.identifier
            if row.table in CITED:
                assert row.values["page"] == row.page
                assert row.values["citation"]


def test_every_fact_says_whether_its_document_was_read_again(cases: list[Facts]) -> None:
    rows = [row for one in cases for row in one.rows]
    assert {row.checked for row in rows} <= set(VOCABULARY.concepts["page-check"])
    assert all(row.checked_on >= "2026-11-28" for row in rows)
    found = Counter(row.checked for row in rows)
    assert found["supported"] > found["supported-by-another-page"] + found["not-read-again"]


def test_every_document_of_a_case_is_cited(cases: list[Facts]) -> None:
    for one in cases:
        used = set(re.findall(r"^ *selon: (\S+)$", Path(one.raw.file).read_text(encoding="utf-8"), re.MULTILINE))
        assert used == {item["id"] for item in one.raw.data["documents"]}, one.raw.slug


def test_every_case_has_what_capitalisation_is_for(cases: list[Facts]) -> None:
    for one in cases:
        kinds = Counter(row.table for row in one.rows)
        for table in ("participation", "process", "process_step", "activity", "lesson"):
            assert kinds[table], (one.raw.slug, table)
        assert one.raw.data["résumé"]


def test_no_person_can_be_reached_or_is_named(cases: list[Facts]) -> None:
    titles = re.compile(r"\b(?:M\.|MM\.|Mme|Mmes|Mlle|Monsieur|Madame)\s")
    contact = re.compile(r"[^@\s]+@[^@\s]+\.\w+|(?<![\w/=-])(?:\+33|0)[\s.]?[1-9](?:[\s.-]?\d{2}){4}\b")
    for one in cases:
        text = Path(one.raw.file).read_text(encoding="utf-8")
        assert not titles.search(text), one.raw.slug
        assert not contact.search(text), one.raw.slug


def test_public_roles_are_held_by_public_actors_and_say_what_they_did(cases: list[Facts]) -> None:
    rows = [row for one in cases for row in one.rows]
    public = {row.values["key"] for row in rows if row.values.get("public_class")}
    held = [row for row in rows if row.values.get("public_role")]
    assert len({row.values["public_role"] for row in held}) >= 5
    for row in held:
        assert row.values["member"] in public
        assert row.values.get("description"), row.identifier


# The folder as a source --------------------------------------------------------------------------

MINIMAL = """\
---
titre: {name}
genre: ptce
lieu: commune 46102
selon: page
documents:
  - {{id: page, titre: Page, url: https://example.org/{name}}}
---
"""


def folder(home: Path, *names: str) -> Path:
    home.mkdir(exist_ok=True)
    for name in names:
        (home / f"{name}.md").write_text(MINIMAL.format(name=name), encoding="utf-8")
    return home


def test_the_same_cases_are_the_same_bytes(tmp_path: Path) -> None:
    first = collection.archive(folder(tmp_path / "a", "un", "deux"))
    other = folder(tmp_path / "b", "deux", "un")
    (other / "notes.txt").write_text("not a case")
    (other / "~$deux.xlsx").write_text("a lock of a spreadsheet program")
    assert collection.archive(other) == first
    (other / "un.md").write_text(MINIMAL.format(name="autre"), encoding="utf-8")
    assert collection.archive(other) != first


def test_a_folder_without_a_case(tmp_path: Path) -> None:
    http = http_settings(contact="https://example.org/")
    with pytest.raises(FetchError, match="no case here"):
        fetch_distribution(
            "s", "cases", LocalFile(folder(tmp_path / "a")), tmp_path / "snapshots", http, expect="cases"
        )


def test_a_folder_is_kept_as_one_snapshot_until_it_changes(tmp_path: Path) -> None:
    http, home, root = (
        http_settings(contact="https://example.org/"),
        folder(tmp_path / "a", "un"),
        tmp_path / "snapshots",
    )
    first = fetch_distribution("s", "cases", LocalFile(home), root, http, expect="cases")
    assert tarfile.is_tarfile(first.path)
    (home / "un.md").touch()
    assert fetch_distribution("s", "cases", LocalFile(home), root, http, expect="cases") == first
    folder(home, "deux")
    assert fetch_distribution("s", "cases", LocalFile(home), root, http, expect="cases").sha256 != first.sha256


def test_a_fact_is_a_row(tmp_path: Path) -> None:
    path = tmp_path / "cases.tar"
    path.write_bytes(collection.archive(folder(tmp_path / "a", "un", "deux")))
    first, second = collection.rows(path, VOCABULARY, "capitalisation")
    assert (first.row, first.values["case"], first.values["table"]) == (1, "deux", "initiative")
    assert (second.row, second.values["identifier"], second.values["page"]) == (2, "un", "https://example.org/un")
    assert json.loads(str(second.values["values"]))["key"] == "capitalisation-un"
    assert (second.values["checked"], second.values["checked_on"]) == ("", "")


def test_a_case_that_is_wrong_stops_the_source_with_its_line(tmp_path: Path) -> None:
    home = folder(tmp_path / "a", "un")
    (home / "deux.md").write_text(MINIMAL.format(name="deux").replace("ptce", "pct"), encoding="utf-8")
    path = tmp_path / "cases.tar"
    path.write_bytes(collection.archive(home))
    with pytest.raises(ReadError, match="unknown value") as wrong:
        list(collection.rows(path, VOCABULARY, "capitalisation"))
    assert wrong.value.where == "deux.md:3"
    assert "clirld case check all" in wrong.value.do


def test_bytes_that_are_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "cases.tar"
    path.write_bytes(b"x" * 1024)
    with pytest.raises(ReadError, match="not an archive"):
        list(collection.rows(path, VOCABULARY, "capitalisation"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("path: cases", "path: nowhere", "no folder nowhere here"),
        ("path: cases", "url: https://example.org/cases.tar", "cases are a folder here"),
    ],
)
def test_the_card_of_a_folder(tmp_path: Path, old: str, new: str, told: str) -> None:
    home = tmp_path / "capitalisation"
    home.mkdir()
    card = (SETTINGS.sources / "capitalisation" / "source.yaml").read_text(encoding="utf-8")
    (home / "source.yaml").write_text(card.replace(old, new, 1), encoding="utf-8")
    folder(home / "cases", "un")
    (home / "records.py").touch()
    with pytest.raises(CardError, match=told):
        load(home, load_tables(SETTINGS.ontology / "tables.yaml"), VOCABULARY)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> ox.Store:
    """The sample through the whole line."""
    settings = replace(SETTINGS, data=tmp_path_factory.mktemp("data"), workers=1)
    project = Project.load(settings)
    for name in (TERRITORIES, "capitalisation"):
        harvest = line.harvest(project, project.sources[name], Origin(sample=True))
    store = ox.Store()
    store.load(path=str(harvest.validated / "graph.nq"), format=ox.RdfFormat.N_QUADS)
    return store


def ask(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    prefixes = """
        PREFIX clir: <https://w3id.org/clirld/ontology#> PREFIX dct: <http://purl.org/dc/terms/>
        PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX org: <http://www.w3.org/ns/org#> PREFIX role: <https://w3id.org/clirld/concept/public-actor-role/>
    """
    found = store.query(prefixes + query, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple("" if term is None else str(getattr(term, "value", term)) for term in row) for row in found]


def test_every_record_has_the_page_that_says_it(published: ox.Store) -> None:
    assert ask(published, "SELECT ?r { ?r a clir:SourceRecord FILTER NOT EXISTS { ?r dct:source ?page } }") == []
    entities = """SELECT ?e { ?e prov:wasDerivedFrom ?r FILTER NOT EXISTS { ?e a clir:SourceRecord }
        FILTER NOT EXISTS { ?r a clir:SourceRecord } }"""
    assert ask(published, entities) == []


def test_every_record_says_whether_its_page_was_read_again(published: ox.Store) -> None:
    found = ask(
        published,
        """SELECT ?p ?result (COUNT(*) AS ?n) { ?r a clir:SourceRecord ; dct:source ?p .
        OPTIONAL { ?r clir:pageCheck ?check ; clir:checkedOn ?day
                   BIND(CONCAT(REPLACE(STR(?check), ".*/", ""), " ", STR(?day)) AS ?result) }
        FILTER(CONTAINS(STR(?p), "example.org")) } GROUP BY ?p ?result ORDER BY ?p ?result""",
    )
    assert [row[1] for row in found] == [
        "",  # the smallest case says nothing of it
        "not-read-again 2026-11-28",
        "supported 2026-11-28",
        "supported-by-another-page 2026-11-28",
    ]


def test_roles_processes_and_levers_can_be_asked_for(published: ox.Store) -> None:
    (role,) = ask(published, "SELECT ?deed { ?p org:role role:resource-provider ; dct:description ?deed }")
    assert role == ("Prête une ancienne école au pôle.",)
    steps = ask(published, "SELECT ?n ?l { ?s clir:isStepOf ?p ; clir:stepOrder ?n ; rdfs:label ?l } ORDER BY ?n ?l")
    assert [row[1] for row in steps] == ["Listen", "Écouter", "Essayer", "Try"]
    how = ask(published, "SELECT ?l { ?o clir:overcomeBy ?a . ?a rdfs:label ?l }")
    assert how == [("Essai d'un atelier partagé",)]
