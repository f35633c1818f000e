"""What must hold of every source: card, columns, sample, expected triples, shapes, account. Run once for each."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from clirld.card.source import json_schema
from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.harvest import trial as check
from clirld.issues import codes
from clirld.project import Project
from clirld.records.stage import TERRITORIES
from clirld.settings import Settings

SETTINGS = Settings.from_environment({})
IDS = sorted(path.parent.name for path in SETTINGS.sources.glob("*/source.yaml"))


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with a data folder in which the sample territories have been harvested."""
    settings = replace(SETTINGS, data=tmp_path_factory.mktemp("trial"), workers=1)
    project = Project.load(settings)
    line.harvest(project, project.sources[TERRITORIES], Origin(sample=True))
    return project


@pytest.mark.parametrize("name", IDS)
def test_the_sample_becomes_what_is_expected(trial: Project, name: str) -> None:
    checked = check.check(trial, trial.sources[name], Origin(sample=True))
    assert checked.missing == ()
    assert checked.unexpected == ()


@pytest.mark.parametrize("name", IDS)
def test_every_row_of_the_sample_is_accounted_for(trial: Project, name: str) -> None:
    harvest = line.harvest(trial, trial.sources[name], Origin(sample=True))
    summary = harvest.account.summary()
    assert summary["rows_in"] > 0
    assert summary["published"] > 0
    assert summary["rows_in"] == summary["published"] + summary["held"] + summary["dropped"]


@pytest.mark.parametrize("name", IDS)
def test_issues_have_a_code_with_words_in_both_languages(trial: Project, name: str) -> None:
    checked = check.check(trial, trial.sources[name], Origin(sample=True))
    for issue in checked.issues:
        assert issue.code in codes()
        for language in ("fr", "en"):
            assert "?" not in re.sub(r"[«“].*?[»”]", "", issue.message(language)), issue
            assert issue.advice(language)


@pytest.mark.parametrize("name", IDS)
def test_a_second_run_skips_every_stage(trial: Project, name: str) -> None:
    line.harvest(trial, trial.sources[name], Origin(sample=True))
    said: list[tuple[str, str]] = []
    line.harvest(trial, trial.sources[name], Origin(sample=True), lambda _s, stage, state: said.append((stage, state)))
    assert {stage: state for stage, state in said if state != "started"} == {
        "fetch": "skipped",
        "records": "skipped",
        "presence": "skipped",
        "map": "skipped",
        "validate": "skipped",
        "guards": "skipped",
    }


@pytest.mark.parametrize("name", IDS)
def test_the_card_says_that_its_sample_is_invented_or_public(name: str) -> None:
    """Samples say that they are samples."""
    text = (SETTINGS.sources / name / "source.yaml").read_text(encoding="utf-8").lower()
    assert "sample" in text


def test_the_table_of_registries_has_each_source_once_with_the_status_of_its_card() -> None:
    page = (SETTINGS.sources.parents[1] / "docs" / "registries.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:3] == "| `"]
    assert sorted(row[0].strip("`") for row in rows) == IDS
    sources = Project.load(SETTINGS).sources
    for name, _what, status, used, ignored, _flaws in rows:
        card = sources[name.strip("`")].card
        assert status.startswith(card.status), name
        assert used, name
        assert ignored, name


def test_no_file_of_the_shared_registries_is_copied(shared: Path) -> None:
    ours = {path.read_bytes() for path in SETTINGS.sources.rglob("*") if path.is_file()}
    copied = [path.name for path in (shared / "registries").rglob("*") if path.is_file() and path.read_bytes() in ours]
    assert copied == []


def test_the_json_schema_is_the_one_that_editors_use() -> None:
    assert (SETTINGS.sources.parent / "source.schema.json").read_text(encoding="utf-8") == json_schema()
