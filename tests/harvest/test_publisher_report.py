"""What a publisher is told: file, row and column, in plain words, what earns most first, and nobody's name."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest

from clirld import issues
from clirld.errors import DataError
from clirld.fetch.stage import Origin
from clirld.harvest import line, publisher_report
from clirld.issues import Issue
from clirld.project import Project
from clirld.settings import Settings
from clirld.values.personal_data import without_personal_data

SOURCES = ("territories", "tiers-lieux-2019", "ptce", "rna-waldec")
OUR_WORDS = re.compile(r"source\.yaml|clirld|shacl|\bIRI\b|lookup|canoni|record\.|concept|triples?\b|~", re.IGNORECASE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    loaded = Project.load(replace(Settings.from_environment({}), data=tmp_path_factory.mktemp("data")))
    for name in SOURCES:
        line.harvest(loaded, loaded.sources[name], Origin(sample=True))
    return loaded


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", SOURCES)
def test_it_is_in_plain_words_and_names_nobody(made: Project, name: str, tmp_path: Path) -> None:
    page, table = publisher_report.write(made, name, tmp_path)
    html = page.read_text(encoding="utf-8")
    said = re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)
    ours = [one for one in OUR_WORDS.findall(said) if one not in made.sources[name].card.landing_page]
    assert ours == []
    assert "<script" not in html
    assert not re.findall(r"(?:src|<link)[^>]*=", re.sub(r"<a [^>]*>", "", html))
    assert {"fr", "en"} <= set(re.findall(r'<main id="(\w+)"', html))
    for row in rows(table):
        for cell in row.values():
            assert without_personal_data(cell) == cell


def test_it_leads_to_the_cells_and_what_earns_most_comes_first(made: Project, tmp_path: Path) -> None:
    _page, table = publisher_report.write(made, "tiers-lieux-2019", tmp_path)
    found = rows(table)
    zero = next(one for one in found if one["comprise comme"] == "08430")
    assert (zero["ligne"], zero["colonne"], zero["valeur lue"]) == ("6", "CP", "8430")
    report = publisher_report.of_source(made, "tiers-lieux-2019")
    gains = [one.gain for one in report.mends]
    assert gains == sorted(gains, key=["error", "warning", "info"].index)
    for gain in set(gains):
        counts = [one.count for one in report.mends if one.gain == gain]
        assert counts == sorted(counts, reverse=True)
    assert sum(one.count for one in report.mends) == len(found)
    assert {int(one["priorité"]) for one in found} == set(range(1, len(report.mends) + 1))


def test_a_value_that_may_name_somebody_is_not_repeated(
    made: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [
        Issue(
            "x",
            "records",
            "street-names-person",
            "default",
            2,
            "ADRESSE",
            "Exemple, 3 rue Basse",
            {"to": "3 rue Basse"},
        ),
        Issue("x", "records", "value-unclean", "default", 3, "WEB", "ecrire a camille@example.org"),
        Issue("x", "validate", "record-held", None, 4, None, "=1+1", {"shape": "InitiativeLabel", "record": "x-1"}),
        Issue("x", "records", "lookup-miss", "default", 5, "TYPO", "autre", {"lookup": "typo"}),
    ]
    monkeypatch.setattr(publisher_report.issue_groups, "named_issues", lambda *_arguments: iter(told))
    page, table = publisher_report.write(made, "tiers-lieux-2019", tmp_path)
    for text in ("Basse", "camille@"):
        assert text not in page.read_text(encoding="utf-8") + table.read_text(encoding="utf-8-sig")
    found = {one["ligne"]: (one["colonne"], one["valeur lue"]) for one in rows(table)}
    assert found == {"2": ("ADRESSE", ""), "3": ("WEB", "ecrire a […]"), "4": ("NOM_TL", "'=1+1")}


def test_every_word_is_of_something_that_is_found(made: Project) -> None:
    words = publisher_report.words()
    assert set(words["codes"]) <= set(issues.codes())
    assert set(words["shapes"]) <= set(made.shapes.by_name)
    columns = {f"{name}.{column}" for name, table in made.tables.items() for column in table.columns}
    for kind in ("codes", "reasons", "shapes"):
        for name, entry in words[kind].items():
            assert set(entry.get("columns", ())) <= columns, name
            for part in ("found", "mend"):
                assert set(entry[part]) == {"fr", "en"}, name
                assert all(text.endswith(".") and not OUR_WORDS.search(text) for text in entry[part].values()), name


def test_it_says_why_a_value_is_doubtful_and_which_rows_are_left_by_choice(made: Project, tmp_path: Path) -> None:
    detail = {"why": "plusieurs valeurs", "why_en": "several values"}
    found = publisher_report._with_reason({"fr": "La valeur est douteuse.", "en": "The value is doubtful."}, detail)
    assert found == {
        "fr": "La valeur est douteuse : plusieurs valeurs.",
        "en": "The value is doubtful: several values.",
    }
    assert publisher_report._with_reason({"fr": "Non.", "en": "No."}, {}) == {"fr": "Non.", "en": "No."}
    report = publisher_report.of_source(made, "tiers-lieux-2019")
    account = {**report.account, "reasons": {"dropped": {"missing-name": 2, "not-kept-etat": 38}}}
    assert replace(report, account=account).by_choice == 38


@pytest.mark.parametrize(
    ("cell", "written"),
    [("-1.2290", "-1.2290"), ("+33", "+33"), ("-cmd", "'-cmd"), ("=1", "'=1"), ("a=1", "a=1"), (3, 3)],
)
def test_no_cell_is_a_formula(cell: object, written: object) -> None:
    assert publisher_report._harmless(cell) == written


def test_a_source_without_a_harvest_has_no_report(made: Project, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has not been harvested"):
        publisher_report.write(made, "zonings", tmp_path)


@pytest.mark.parametrize(
    "name", sorted(path.parent.name for path in Settings.from_environment({}).sources.glob("*/source.yaml"))
)
def test_a_release_has_what_the_command_writes(samples: Path, tmp_path: Path, name: str) -> None:
    project = Project.load(replace(Settings.from_environment({}), data=samples))
    reports = samples / "current" / "reports"
    if not (reports / f"{name}.account.json").is_file():
        pytest.skip("the release of the samples leaves it out")
    for path in publisher_report.write(project, name, tmp_path):
        assert (reports / f"{name}.publisher{path.suffix}").read_bytes() == path.read_bytes()
