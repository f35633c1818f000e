"""Tidying deletes what nothing points at, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clirld.fetch.stage import Origin
from clirld.harvest import line, outcome
from clirld.project import Project
from clirld.release import published, tidy
from clirld.release.make import make_release
from clirld.settings import Settings


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.load(replace(Settings.from_environment({}), data=tmp_path, workers=1))
    line.harvest(project, project.sources["territories"], Origin(sample=True))
    return project


def test_what_is_pointed_at_stays(project: Project) -> None:
    data = project.settings.data
    first, second, third = (make_release(project, force=True)[0] for _ in range(3))
    published.switch_to(data, first.id)
    old = data / "records" / "territories" / "0123456789abcdef"
    old.mkdir()
    (old / "issues.jsonl").write_text("{}\n", encoding="utf-8")
    killed = data / "graphs" / "territories" / ".dead.1"
    killed.mkdir()
    before = {path for path in data.rglob("*") if path.is_file()}
    assert tidy.unused_paths(project, keep=1) == [second.folder, old, killed]
    assert tidy.delete(tidy.unused_paths(project, keep=1)) > 0
    gone = before - {path for path in data.rglob("*") if path.is_file()}
    assert gone == {path for path in before if second.folder in path.parents or old in path.parents}
    assert [one.id for one in published.all_releases(data)] == [third.id, first.id]
    assert published.current(data) == first
    assert tidy.unused_paths(project, keep=1) == []


def test_a_clock_set_back_makes_no_older_release_the_newest(project: Project) -> None:
    data = project.settings.data
    times = [datetime(year, 1, 1, tzinfo=UTC) for year in (2026, 2031, 2020)]
    made = [make_release(project, force=True, now=time)[0] for time in times]
    assert [one.sequence for one in made] == [1, 2, 3]
    assert [one.id for one in published.all_releases(data)] == [one.id for one in reversed(made)]
    assert published.current(data) == made[2]
    assert tidy.unused_paths(project, keep=1) == [made[1].folder, made[0].folder]


def test_what_killed_runs_left_is_deleted_by_the_next_whatever_its_age(project: Project) -> None:
    data = project.settings.data
    make_release(project)
    snapshots = data / "snapshots" / "territories"
    folders = [*(data / stage / "territories" / ".abc.1" for stage in outcome.STAGES), snapshots / "x" / ".tmp-1"]
    left = [path / "file" for path in folders]
    left += [
        snapshots / "x" / ".tmp-part-1",
        snapshots / "x" / ".latest.json.1",
        data / "harvests" / ".territories.json.1",
    ]
    of_releases = [data / "releases" / ".2026.1" / "file"]
    other = data / "harvests" / ".ptce.json.1"
    for path in (*left, *of_releases, other):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (data / ".current.1").symlink_to("releases")
    assert {path.relative_to(data).parts[0] for path in tidy.unused_paths(project, keep=5)} >= {"records", "releases"}
    line.harvest(project, project.sources["territories"], Origin(sample=True))
    assert [path for path in left if path.exists()] == []
    assert of_releases[0].exists()  # under another lock
    make_release(project)
    assert list(data.rglob(".*")) == [other]
