"""Inputs that went wrong once (`../shared/cases`): each is harvested with its card, and held to its right value.

Places are those of the real territories, so that a commune anywhere in France is known.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ruamel.yaml import YAML

from clirld.errors import ClirldError
from clirld.fetch import Origin
from clirld.harvest import issue_groups, line
from clirld.harvest.outcome import Harvest
from clirld.issues import Issue
from clirld.project import Project
from clirld.settings import Settings

pytestmark = pytest.mark.real


@dataclass(frozen=True)
class Case:
    """What became of a case: its harvest, or the error that it ended with."""

    folder: Path
    project: Project
    source: str
    harvest: Harvest | None
    error: ClirldError | None

    def table(self, name: str) -> dict[str, dict[str, Any]]:
        """Published rows of a canonical table, by the identifier of their record at the source."""
        assert self.harvest is not None, self.error
        parts = sorted((self.harvest.records / name).glob("*.parquet"))
        rows = pl.concat([pl.read_parquet(part) for part in parts]).to_dicts() if parts else []
        return {row["record"].removeprefix(f"{self.source}-"): row for row in rows}

    @property
    def graph(self) -> str:
        """The quads that are published."""
        assert self.harvest is not None, self.error
        return (self.harvest.validated / "graph.nq").read_text(encoding="utf-8")

    @property
    def account(self) -> dict[str, Any]:
        assert self.harvest is not None, self.error
        return self.harvest.account.summary()

    @property
    def issues(self) -> list[Issue]:
        return list(issue_groups.source_issues(self.project, self.source))

    def codes(self, row: int | None = None) -> set[str]:
        """Codes of the issues, of all rows or of one."""
        return {issue.code for issue in self.issues if row is None or issue.row == row}


@pytest.fixture(scope="module")
def cases(shared: Path) -> Path:
    return shared / "cases"


@pytest.fixture(scope="module")
def placed(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has harvested the real territories, and no other source."""
    folder = tmp_path_factory.mktemp("cases")
    shipped = Settings.from_environment({})
    shutil.copytree(shipped.sources / "territories", folder / "sources" / "territories")
    project = Project.load(replace(shipped, data=folder / "data", sources=folder / "sources", workers=1))
    line.harvest(project, project.sources["territories"], Origin(mirror=shared / "registries"))
    return project


def harvested(placed: Project, folder: Path, tmp_path: Path) -> Case:
    """Harvest the file of a case with the card that lies beside it."""
    card = YAML(typ="safe", pure=True).load((folder / "source.yaml").read_text(encoding="utf-8"))
    name, url = card["id"], card["distributions"]["default"]["url"]
    sources = placed.settings.sources
    (sources / name).mkdir(exist_ok=True)
    shutil.copyfile(folder / "source.yaml", sources / name / "source.yaml")
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    file = folder / url.rpartition("/")[2]
    shutil.copyfile(file, mirror / file.name)
    (mirror / "mirror.yaml").write_text(json.dumps({name: {"default": file.name}}), encoding="utf-8")
    project = Project.load(placed.settings)
    try:
        harvest = line.harvest(project, project.select([name])[0], Origin(mirror=mirror))
    except ClirldError as error:
        return Case(folder, project, name, None, error)
    return Case(folder, project, name, harvest, None)


CHECKS: dict[str, Callable[[Case], None]] = {}
"""Folder → what must hold of it."""

FILES_ALONE: dict[str, Callable[[Path, Project], None]] = {}
"""Folder → what must hold where the fault is in what is proposed for a file, not in its harvest."""


def right(name: str) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    def add(check: Callable[[Case], None]) -> Callable[[Case], None]:
        CHECKS[name] = check
        return check

    return add


def proposed(name: str) -> Callable[[Callable[[Path, Project], None]], Callable[[Path, Project], None]]:
    def add(check: Callable[[Path, Project], None]) -> Callable[[Path, Project], None]:
        FILES_ALONE[name] = check
        return check

    return add


# Harvested with their card -----------------------------------------------------------------------


@right("08-foreign-postcode")
def _(case: Case) -> None:
    rows = case.table("initiative")
    assert {name: (rows[name]["commune"], rows[name]["postcode"]) for name in rows} == {
        "x1": (None, None), "x2": (None, None), "x3": (None, None), "x4": (None, None),
        "x5": ("39300", "39000"),
        "x6": (None, None), "x7": (None, None), "x8": (None, None),
    }  # fmt: skip
    assert all("zero-doubtful" in case.codes(row) for row in (2, 3, 4, 5, 7, 8, 9))
    assert "commune/01109" not in case.graph


@right("20-points-swapped-or-far")
def _(case: Case) -> None:
    rows = case.table("initiative")
    points = {name: row["point"] for name, row in rows.items() if row["point"]}
    paris = "POINT(2.3522 48.8566)"
    assert points == {
        **dict.fromkeys(("c0", "c1", "c3", "c13", "c18", "c22"), paris),
        "c2": points["c2"],
        "c11": "POINT(55.4481 -20.8789)",  # in its commune, whose code is 97411
    }
    assert points["c2"].startswith("POINT(2.35")
    assert all(rows[f"c{n}"]["latitude"] is None for n in (7, 8, 9, 10, 16, 17, 19, 20, 21))
    assert "point-corrected" in case.codes(3) & case.codes(4)  # c1, c2
    assert all("point-far" in case.codes(row) for row in (12, 18, 19, 22, 23))  # c10, c16, c17, c20, c21
    assert all("point-doubtful" in case.codes(row) for row in (9, 10, 11, 21))  # c7, c8, c9, c19


# What is proposed for a file ---------------------------------------------------------------------


# -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHECKS)
def test_a_case_gives_its_right_value(name: str, placed: Project, cases: Path, tmp_path: Path) -> None:
    CHECKS[name](harvested(placed, cases / name, tmp_path))


@pytest.mark.parametrize("name", FILES_ALONE)
def test_a_file_is_proposed_as_it_is(name: str, placed: Project, cases: Path) -> None:
    FILES_ALONE[name](cases / name, placed)


def test_every_case_is_checked(cases: Path) -> None:
    known = CHECKS.keys() | FILES_ALONE.keys()
    assert {path.name for path in cases.iterdir() if path.is_dir()} - known == set()
