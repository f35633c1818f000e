"""Tidying deletes what nothing points at, and nothing else."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from clirld.fetch.stage import Origin
from clirld.harvest import line
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
    killed, running = (data / "graphs" / "territories" / name for name in (".dead.1", ".alive.2"))
    killed.mkdir()
    running.mkdir()
    os.utime(killed, (0, 0))
    before = {path for path in data.rglob("*") if path.is_file()}
    assert tidy.unused_paths(project, keep=1) == [second.folder, old, killed]
    assert tidy.delete(tidy.unused_paths(project, keep=1)) > 0
    gone = before - {path for path in data.rglob("*") if path.is_file()}
    assert gone == {path for path in before if second.folder in path.parents or old in path.parents}
    assert running.is_dir()
    assert [one.id for one in published.all_releases(data)] == [third.id, first.id]
    assert published.current(data) == first
    assert tidy.unused_paths(project, keep=1) == []
