"""The line as a whole: last good harvests, failures in every stage, releases that stay."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from clirld import checksums
from clirld.errors import DataError, FetchError, MappingError, ReadError, RecordsError, ShapesError
from clirld.fetch import stage as fetching
from clirld.fetch.stage import Origin
from clirld.harvest import line, outcome
from clirld.link import matching
from clirld.map import stage as mapping
from clirld.project import Project
from clirld.release import published
from clirld.release.make import make_release
from clirld.settings import Settings
from clirld.validate import stage as validating
from tests.dumps import quads_of

SAMPLE = Origin(sample=True)
NAMES = ("territories", "tiers-lieux-2019", "ptce")


def fresh(data: Path) -> Project:
    return Project.load(replace(Settings.from_environment({}), data=data, workers=1))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with three harvested samples and a release; copied by tests that change it."""
    data = tmp_path_factory.mktemp("made")
    project = fresh(data)
    for name in NAMES:
        line.harvest(project, project.sources[name], SAMPLE)
    make_release(project)
    return data


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Project:
    data = tmp_path / "data"
    shutil.copytree(made, data, symlinks=True)
    return fresh(data)


def dump(data: Path) -> list[bytes]:
    return quads_of(data / "current")


def fails_with(error: Exception) -> Callable[..., Any]:
    def fail(*_args: Any, **_kwargs: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    ("stage", "module", "function", "error"),
    [
        (
            "fetch",
            fetching,
            "fetch_distribution",
            FetchError("no answer", where="https://example.org", do="try again later"),
        ),
        ("records", line, "make_records", RecordsError("a column is gone", where="source x", do="correct columns:")),
        ("records", line, "make_records", ReadError("not UTF-8", where="file.csv:3", do="correct encoding:")),
        ("map", mapping, "write_graph", MappingError("no column x", where="mapping.yarrrml:3", do="name another")),
        ("validate", validating, "validate", ShapesError("not Turtle", where="shapes/x.ttl:1", do="mend the file")),
    ],
)
def test_a_stage_that_fails_leaves_what_is_published(
    project: Project, monkeypatch: pytest.MonkeyPatch, stage: str, module: Any, function: str, error: DataError
) -> None:
    data = project.settings.data
    served, quads = published.current(data), dump(data)
    good = outcome.last_good(project, "tiers-lieux-2019")
    for folder in ("records", "graphs", "validated"):
        shutil.rmtree(data / folder / "tiers-lieux-2019")  # so that no stage is skipped
    monkeypatch.setattr(module, function, fails_with(error))
    with pytest.raises(type(error)) as caught:
        line.harvest(project, project.sources["tiers-lieux-2019"], SAMPLE)
    assert caught.value.do in str(caught.value)
    assert outcome.last_good(project, "tiers-lieux-2019") == good
    failure = outcome.failure(project, "tiers-lieux-2019")
    assert failure is not None
    assert (failure["stage"], failure["do"]) == (stage, error.do)
    now = published.current(data)
    assert served is not None
    assert now is not None
    assert now.id == served.id
    assert dump(data) == quads
    unfinished = [path for path in data.rglob(".*") if path.name not in (".", "..")]
    assert unfinished == []


def test_a_release_that_fails_leaves_the_one_before(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    data = project.settings.data
    served = published.current(data)
    monkeypatch.setattr(matching, "write", fails_with(OSError(28, "No space left on device")))
    with pytest.raises(DataError, match="No space left") as caught:
        make_release(project, force=True)
    assert "free some disk" in str(caught.value)
    assert published.current(data) == served
    assert [one.name for one in (data / "releases").iterdir() if one.is_dir()] == [served.id if served else ""]


def test_the_release_says_which_source_is_of_an_earlier_harvest(project: Project) -> None:
    outcome.record_failure(
        project, "ptce", "fetch", FetchError("gone", where="https://example.org", do="ask the publisher")
    )
    made, new = make_release(project)
    assert new
    states = {source["id"]: (source["state"], source["failure"]) for source in made.manifest["sources"]}
    assert states["territories"] == ("fresh", None)
    assert states["ptce"][0] == "kept"
    assert states["ptce"][1]["do"] == "ask the publisher"


def test_nothing_new_makes_no_release_and_a_forced_one_is_the_same_to_the_byte(project: Project) -> None:
    data = project.settings.data
    before, quads = published.current(data), dump(data)
    again, new = make_release(project)
    assert not new
    assert again == before
    forced, new = make_release(project, force=True)
    assert new
    assert before is not None
    assert forced.id != before.id
    assert forced.manifest["version"] == before.manifest["version"]
    assert dump(data) == quads
    for one in (before, forced):
        assert published.damaged_files(one) == []


def test_a_harvest_from_before_a_column_was_added_is_released_with_it(project: Project) -> None:
    kept = outcome.last_good(project, "ptce")
    assert kept is not None
    for path in (kept.records / "record").glob("*.parquet"):
        pl.read_parquet(path).drop("checked", "checked_on").write_parquet(path)
    checksums.write(kept.records)
    made, _new = make_release(project, force=True)
    rows = pl.read_parquet(made.folder / "tables" / "open" / "record.parquet")
    assert set(rows["source"]) == set(NAMES)
    assert rows["checked"].null_count() == rows.height


def test_going_back_to_an_earlier_release(project: Project) -> None:
    data = project.settings.data
    first = published.current(data)
    second, _new = make_release(project, force=True)
    assert [one.id for one in published.all_releases(data)] == [second.id, first.id if first else ""]
    assert published.switch_to(data, first.id if first else "") == first
    assert published.current(data) == first
    with pytest.raises(DataError, match="no release nothing"):
        published.switch_to(data, "nothing")
    with pytest.raises(DataError, match="no release"):
        published.switch_to(data, f"../releases/{second.id}")
    assert published.current(data) == first


def test_a_damaged_file_is_found(project: Project) -> None:
    served = published.current(project.settings.data)
    assert served is not None
    (served.folder / "tables" / "open" / "initiative.csv").write_text("key\n", encoding="utf-8")
    assert published.damaged_files(served) == ["tables/open/initiative.csv"]


def test_the_manifest_and_the_data_count_the_same(project: Project) -> None:
    served = published.current(project.settings.data)
    assert served is not None
    assert served.manifest["quads"] == len(set(dump(project.settings.data)))
    for source in served.manifest["sources"]:
        assert source["rows_in"] == source["published"] + source["held"] + source["dropped"]
        assert source["sample"] is True
    assert json.loads((served.folder / "manifest.json").read_text()) == served.manifest


def test_a_source_with_communes_wants_the_territories_first(tmp_path: Path) -> None:
    project = fresh(tmp_path)
    with pytest.raises(RecordsError, match="territories have not been harvested"):
        line.harvest(project, project.sources["tiers-lieux-2019"], SAMPLE)
    with pytest.raises(DataError, match="no source has been harvested"):
        make_release(project)


def test_candidates_are_beside_the_store_and_never_in_it(project: Project) -> None:
    served = published.current(project.settings.data)
    assert served is not None
    assert served.manifest["candidates"] > 0
    assert "closeMatch" in (served.folder / "links" / "candidates.nq").read_text()
    assert not any(quad.endswith(b"/graph/links/candidates> .") for quad in dump(project.settings.data))


@pytest.mark.parametrize(
    ("origin", "taken"),
    [(SAMPLE, {"fablabs", "wikidata", "ptce"}), (Origin(), {"wikidata", "ptce"})],
    ids=["samples", "network"],
)
def test_what_is_not_confirmed_is_not_taken_from_the_network_unless_named(
    project: Project, origin: Origin, taken: set[str]
) -> None:
    asked = ("fablabs", "wikidata", "ptce")
    assert {name for name in asked if origin.includes(project.sources[name])} == taken
