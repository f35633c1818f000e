"""The version of a release follows from what it says, not from when, where and by which process it was made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clirld.harvest import outcome
from clirld.map.version import content_version
from clirld.release.make import make_release
from tests.followed import Followed, row

PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
from clirld.fetch import download
from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.project import Project
from clirld.release.make import make_release
from clirld.settings import Settings

download.fetch_distribution.__kwdefaults__["now"] = lambda: sys.argv[2]
project = Project.load(replace(Settings.from_environment({}), data=Path(sys.argv[1]), workers=1))
for name in ("territories", "ptce"):
    line.harvest(project, project.sources[name], Origin(sample=True))
make_release(project)
"""


def manifest_of(data: Path, time: str, seed: str) -> dict[str, Any]:
    """The manifest of a release that another process makes at that time."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    subprocess.run([sys.executable, "-c", PROGRAM, str(data), time], check=True, env=environment, capture_output=True)
    manifest: dict[str, Any] = json.loads((data / "current" / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def test_the_same_content_at_another_time_in_another_folder_has_the_same_version(tmp_path: Path) -> None:
    one = manifest_of(tmp_path / "a", "2026-01-01T00:00:00Z", "1")
    other = manifest_of(tmp_path / "b" / "c", "2026-02-02T02:02:02Z", "2")
    assert [source["retrieved"][:10] for source in one["sources"]] == ["2026-01-01"] * 2
    assert [source["retrieved"][:10] for source in other["sources"]] == ["2026-02-02"] * 2
    assert one["version"] == other["version"]
    assert one["graphs"] == other["graphs"]
    versions = [
        [line for line in (path / "current" / "catalog.ttl").read_text().splitlines() if "dcat:version" in line]
        for path in (tmp_path / "a", tmp_path / "b" / "c")
    ]
    assert versions[0] == versions[1]
    assert len(versions[0]) == 1 + 2 + 3  # the whole, two sources, three rules


def test_one_letter_changes_it_and_another_program_does_not(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    first = source.run([row(1, "Le lieu"), row(2, "Un lieu")], "2026-01-01")
    release, _new = make_release(source.project)
    monkeypatch.setattr("clirld.stages.program_fingerprint", lambda: "another")
    again = source.run(day="2026-03-01")
    assert again.validated != first.validated  # all was made anew
    assert again.version == first.version
    assert make_release(source.project) == (release, False)
    changed = source.run([row(1, "Le lieu"), row(2, "Un liei")], "2026-03-02")
    assert changed.version != first.version
    newer, new = make_release(source.project)
    assert new
    assert newer.manifest["version"] != release.manifest["version"]


def test_only_times_of_retrieval_are_left_out(tmp_path: Path) -> None:
    quad = '<a:s> <{}> "{}" <a:g> .\n'
    said, retrieved = "a:p", "http://www.w3.org/ns/prov#generatedAtTime"
    files = {
        "a": quad.format(said, "x") + quad.format(retrieved, "1"),
        "b": quad.format(said, "x") + quad.format(retrieved, "2"),
        "c": quad.format(said, f"<{retrieved}> ") + quad.format(retrieved, "1"),
        "d": quad.format("http://www.w3.org/ns/prov#invalidatedAtTime", "x"),
    }
    versions = {}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        versions[name] = content_version(tmp_path / name)
    assert versions["a"] == versions["b"]
    assert len(set(versions.values())) == 3


def test_a_harvest_of_an_earlier_program_has_its_version_too(source: Followed) -> None:
    harvest = source.run([row(1)], "2026-01-01")
    version = harvest.version
    (harvest.validated / "version").unlink()
    kept = outcome.last_good(source.project, "lieux")
    assert kept is not None
    assert kept.version == version
