"""All that was noticed of a source, a failure like the rest, in groups for people and whole for programs."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from clirld import issues
from clirld.cli.app import app
from clirld.errors import ClirldError
from clirld.fetch.stage import Origin
from clirld.harvest import issue_groups, line, outcome
from clirld.issues import Issue
from clirld.project import Project
from clirld.settings import Settings


@pytest.fixture(scope="module")
def home(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the samples of two sources harvested."""
    home = tmp_path_factory.mktemp("noticed")
    for name in ("territories", "tiers-lieux-2019"):
        shutil.copytree(project / "pipelines" / "sources" / name, home / "sources" / name)
    loaded = load(home)
    for source in loaded.sources.values():
        line.harvest(loaded, source, Origin(sample=True))
    return home


def load(home: Path) -> Project:
    own = {"CLIRLD_SOURCES": str(home / "sources"), "CLIRLD_WORKERS": "1", "CLIRLD_LANGUAGE": "en"}
    return Project.load(Settings.from_environment(own, data=home / "data"))


@pytest.fixture
def mine(home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(home, tmp_path / "home"))


def codes(found: Iterator[Issue]) -> list[str]:
    return [one.code for one in found]


def test_the_issues_of_the_last_good_harvest(home: Path) -> None:
    loaded = load(home)
    kept = outcome.last_good(loaded, "tiers-lieux-2019")
    assert kept is not None
    found = list(issue_groups.source_issues(loaded, "tiers-lieux-2019"))
    assert {"row-dropped", "commune-merged"} <= {one.code for one in found}
    number = issue_groups.severity_counts([kept.records, kept.validated])
    assert sum(number.values()) == len(found)
    assert number["error"] == sum(one.severity == "error" for one in found)
    assert list(issue_groups.source_issues(loaded, "nothing-yet")) == []


def test_a_failure_is_an_issue_and_comes_first(mine: Path) -> None:
    loaded = load(mine)
    before = codes(issue_groups.source_issues(loaded, "tiers-lieux-2019"))
    with pytest.raises(ClirldError) as caught:
        line.harvest(loaded, loaded.sources["tiers-lieux-2019"], Origin(mirror=mine))
    first, *others = issue_groups.source_issues(loaded, "tiers-lieux-2019")
    assert (first.code, first.stage, first.severity) == ("stage-failed", "fetch", "error")
    assert caught.value.what in first.message("en")
    assert first.advice("en") == caught.value.do
    assert first.message("fr").startswith("échec, rien de nouveau n'est publié")
    assert [one.code for one in others] == before


def test_where_the_rows_were_read_the_issues_of_the_failed_try_are_shown(mine: Path) -> None:
    """Not those of the last good harvest: what is to be mended is in what was read now."""
    path = mine / "sources" / "tiers-lieux-2019" / "source.yaml"
    card = YAML(typ="safe").load(path)
    card["lookups"] = {name: {} for name in card["lookups"]}
    YAML(typ="safe").dump(card, path)
    loaded = load(mine)
    before = codes(issue_groups.source_issues(loaded, "tiers-lieux-2019"))

    def call(stage: str, work: object) -> object:
        if stage == "map":
            raise ClirldError("the disk is full", where="here", do="free some")
        return work()  # type: ignore[operator]

    with pytest.raises(ClirldError):
        line.harvest(loaded, loaded.sources["tiers-lieux-2019"], Origin(sample=True), call=call)
    first, *others = issue_groups.source_issues(loaded, "tiers-lieux-2019")
    assert (first.stage, first.message("en")) == ("map", "failed, nothing new is published: the disk is full (here)")
    assert issue_groups.group_issues([*others, first])[0].first == first
    assert codes(iter(others)).count("lookup-miss") > before.count("lookup-miss")


def test_a_card_that_cannot_be_used_is_an_issue(mine: Path) -> None:
    (mine / "sources" / "half").mkdir()
    (mine / "sources" / "half" / "source.yaml").write_text("id: half\n")
    found = list(issue_groups.source_issues(load(mine), "half"))
    assert [(one.code, one.stage) for one in found] == [("stage-failed", "card")]


def test_groups_have_errors_first_some_examples_and_the_number_of_all() -> None:
    misses = [
        Issue("p", "records", "lookup-miss", "default", row, "T", f"v{row % 9}", {"lookup": "t"}) for row in range(90)
    ]
    held = Issue("p", "validate", "record-held", row=4, detail={"shape": "Year", "message": "a", "message_en": "b"})
    first, second = issue_groups.group_issues([*misses, held], max_examples=4)
    assert (first.first.code, first.count) == ("record-held", 1)
    assert (second.count, second.other_count) == (90, 50)
    assert [(one.row, number) for one, number in second.examples.values()] == [(n, 10) for n in range(4)]
    data = json.loads(json.dumps(second.as_data()))
    assert data["examples"][0] == {
        "message": {"fr": "« v0 » n'est pas dans la table t", "en": "“v0” is not in lookup t"},
        "distribution": "default",
        "row": 0,
        "count": 10,
    }


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("contact: jeanne@example.org, sinon rien", "contact: […], sinon rien"),
        ("06 12 34 56 78", "[…]"),
        ("+33612345678", "[…]"),
        ("12345678900014", "12345678900014"),
        ("LE THE@TRE", "LE THE@TRE"),
    ],
)
def test_addresses_and_phone_numbers_are_not_written(value: str, kept: str, tmp_path: Path) -> None:
    one = Issue("p", "records", "lookup-miss", value=value, detail={"lookup": value})
    issues.write([one], tmp_path / "issues.jsonl")
    data = json.loads((tmp_path / "issues.jsonl").read_text(encoding="utf-8"))
    assert (data["value"], data["detail"]["lookup"]) == (kept, kept)
    assert data["message"]["en"] == f"“{kept}” is not in lookup {kept}"
    assert value == kept or value not in json.dumps(data, ensure_ascii=False)


def shown(home: Path, *arguments: str, status: int = 0) -> str:
    own = {"CLIRLD_SOURCES": str(home / "sources"), "CLIRLD_LANGUAGE": "en", "CLIRLD_DATA": str(home / "data")}
    done = CliRunner().invoke(app, ["issues", *arguments], env=own)
    assert done.exit_code == status, done.output
    return done.output if status == 0 else str(done.exception)


def test_the_command_shows_them_as_a_table_json_and_csv(home: Path) -> None:
    every = list(issue_groups.source_issues(load(home), "tiers-lieux-2019"))
    assert json.loads(shown(home, "tiers-lieux-2019", "--json")) == [one.as_data() for one in every]
    both = [*issue_groups.source_issues(load(home), "territories"), *every]
    assert json.loads(shown(home, "--json")) == [one.as_data() for one in both]
    rows = list(csv.DictReader(io.StringIO(shown(home, "tiers-lieux-2019", "--csv", "--code", "row-dropped"))))
    assert [(row["code"], row["row"]) for row in rows] == [
        ("row-dropped", str(one.row)) for one in every if one.code == "row-dropped"
    ]
    assert rows[0]["message"].startswith("row dropped: ")
    table = shown(home, "--severity", "info")
    assert "commune-merged" in table
    assert "row-dropped" not in table
    assert shown(home, "territories", "--severity", "error") == "nothing to report\n"
    assert json.loads(shown(home, "territories", "--severity", "error", "--json")) == []


def test_the_command_refuses_what_it_does_not_know(home: Path) -> None:
    assert "there is no x" in shown(home, "--code", "x", status=1)
    assert "there is no bad" in shown(home, "--severity", "bad", status=1)
    assert "--csv and --json at once" in shown(home, "--csv", "--json", status=1)
    assert "nope" in shown(home, "nope", status=1)
