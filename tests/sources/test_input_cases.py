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

from clirld.draft.card_text import FileMetadata, card_yaml
from clirld.draft.evidence import ColumnNames
from clirld.draft.propose import propose
from clirld.draft.sniff import SniffResult, sniff
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


@right("01-csv-quote-swallow")
def _(case: Case) -> None:
    assert case.table("initiative").keys() == {"a1", "a3", "a4", "a6", "a7"}
    assert case.account["rows_in"] == case.account["published"] + case.account["dropped"] == 7
    assert case.codes(3) >= {"row-quote"} <= case.codes(6)


@right("14-backslash-quotes")
def _(case: Case) -> None:
    found = case.table("initiative")
    assert len(found) == 11
    assert (found["b1"]["name"], found["b2"]["name"]) == ('Le "Lieu" commun', 'Dit "le lieu"; et plus')
    assert "row-quotes-mended" in case.codes(10)


@right("18-geojson-multipoint")
def _(case: Case) -> None:
    points = {name: row["point"] for name, row in case.table("initiative").items()}
    assert points["f3"] == points["f4"] == "POINT(5.55 46.67)"
    assert points["f5"] is points["f8"] is points["f9"] is points["f10"] is None
    rows = {issue.row for issue in case.issues if issue.code == "geometry-not-read"}
    assert rows == {9, 10, 11}  # f8, f9, f10; f5 says itself that it has no geometry


# What is proposed for a file ---------------------------------------------------------------------


def drafted(file: Path, project: Project) -> tuple[SniffResult, str]:
    """A file as `source new` sees it, and the card that it writes."""
    sniffed = sniff(file)
    proposal = propose(sniffed, project.tables, project.vocabulary, ColumnNames.load(project.tables))
    metadata = FileMetadata(str(file))
    return sniffed, card_yaml("case", metadata, sniffed, proposal, project.tables, project.vocabulary)


@proposed("06-hidden-sheet")
def _(folder: Path, project: Project) -> None:
    sniffed, card = drafted(folder / "x-hidden.xlsx", project)
    assert (sniffed.layout.sheet, sniffed.rows) == ("Lieux", 6)
    assert "feuilles masquées, non lues : Brouillon" in card


@proposed("15-trailing-delimiter-and-duplicate-names")
def _(folder: Path, project: Project) -> None:
    for name, columns in (
        ("s-trailing", ["id", "nom", "code_insee"]),
        ("s-dupheader", ["id", "nom", "nom (2)", "code_insee"]),
    ):
        sniffed, _card = drafted(folder / f"{name}.csv", project)
        assert ([column.name for column in sniffed.columns], sniffed.rows) == (columns, 8)
        assert all(column.filled == 8 for column in sniffed.columns)


@proposed("16-cp850")
def _(folder: Path, project: Project) -> None:
    sniffed, card = drafted(folder / "s-cp850.csv", project)
    assert sniffed.layout.encoding == "cp850"
    assert sniffed.sample[0].values["nom"] == "Médiathèque à côté n°0 Noël été"
    assert "À VÉRIFIER" in next(line for line in card.splitlines() if "encoding:" in line)


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
