"""Results go back to the column and the cell of the source's file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from clirld.fetch.stage import Origin as FetchOrigin
from clirld.fetch.stage import fetch
from clirld.project import Project
from clirld.read import reader
from clirld.read.rows import SourceRow
from clirld.settings import BASE, Settings
from clirld.snapshot.store import Snapshot
from clirld.validate.source_cells import Asked, Origin, Place, SourceCells

SETTINGS = Settings.from_environment({})
IDS = sorted(path.parent.name for path in SETTINGS.sources.glob("*/source.yaml"))
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.load(replace(SETTINGS, data=tmp_path_factory.mktemp("data")))


def told(samples: Path, source: str) -> list[dict[str, object]]:
    files = (samples / "validated" / source).glob("*/issues.jsonl")
    found = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [issue for issue in found if "column" in issue]


@pytest.mark.parametrize("name", IDS)
def test_what_is_told_stands_there_in_the_file(samples: Path, project: Project, name: str) -> None:
    source, issues = project.sources[name], told(samples, name)
    snapshots = of(project, name).snapshots if issues else {}
    for issue in issues:
        distribution = str(issue["distribution"])
        rows = reader.read(snapshots[distribution].path, source.card.distributions[distribution].layout)
        row = next(one for one in rows if one.row == issue["row"])
        assert isinstance(row, SourceRow)
        assert row.values[str(issue["column"])] == issue["value"], issue


def test_the_cell_is_told_and_what_was_made_of_it(samples: Path) -> None:
    (issue,) = (one for one in told(samples, "transiscope") if one["row"] == 3)
    assert (issue["column"], issue["value"]) == ("description", "<b>Réparer</b> ensemble.")
    assert issue["detail"]["to"] == "Réparer ensemble."  # type: ignore[index]


@pytest.fixture(scope="module")
def cells(project: Project) -> SourceCells:
    return of(project, "tiers-lieux-2019")


def of(project: Project, name: str) -> SourceCells:
    source = project.sources[name]
    snapshots = fetch(source, FetchOrigin(sample=True), project.settings, project.vocabulary.licences, {})
    return SourceCells(source, snapshots, project.mapping)


def file_of(cells: SourceCells) -> tuple[Snapshot, str]:
    snapshot = cells.snapshots["default"]
    return snapshot, f"{BASE}id/distribution/{snapshot.key}"


def asked(
    file: str | None, value: str = "x", path: str = LABEL, row: int | None = 2, kind: str = "initiative"
) -> Asked:
    return Asked(f"{BASE}id/{kind}/k", path, Place("1", row, file), value)


def test_a_value_that_is_not_published_leads_to_its_column_only(cells: SourceCells) -> None:
    question = asked(file_of(cells)[1], value="")
    assert cells.origins([question]) == {question: Origin("default", "NOM_TL")}


@pytest.mark.parametrize(
    "question",
    [
        asked(None),
        asked(f"{BASE}id/distribution/tiers-lieux-2019.default.{'0' * 64}"),  # of an earlier file
        asked("file", row=None),
        asked("file", path="http://example.org/unknown"),
        asked("file", kind="territory", path=f"{BASE}ontology#kind"),
    ],
    ids=["no file", "an earlier file", "no row", "another property", "another thing"],
)
def test_what_comes_from_no_column_is_not_told(cells: SourceCells, question: Asked) -> None:
    file = file_of(cells)[1] if question.place.file == "file" else question.place.file
    assert cells.origins([question._replace(place=question.place._replace(file=file))]) == {}


def test_a_source_made_by_a_function_has_no_columns(project: Project) -> None:
    name = next(
        name for name, source in project.sources.items() if source.function and "default" in source.card.distributions
    )
    cells = of(project, name)
    assert cells.origins([asked(file_of(cells)[1])]) == {}


def test_a_cell_that_names_somebody_is_not_told(cells: SourceCells, tmp_path: Path) -> None:
    snapshot, file = file_of(cells)
    header, first, *_ = snapshot.path.read_text(encoding="utf-8").splitlines()
    separator = next(one for one in ";,\t" if one in header)
    values = first.split(separator)
    values[header.split(separator).index("NOM_TL")] = "Atelier de Mme Jeanne Exemple"
    path = tmp_path / "file.csv"
    path.write_text("\n".join([header, separator.join(values)]), encoding="utf-8")
    changed = replace(cells, snapshots={"default": replace(snapshot, path=path)})
    hidden, same = asked(file, value="Atelier"), asked(file, value="Atelier de Mme Jeanne Exemple")
    assert changed.origins([hidden, same]) == {
        hidden: Origin("default", "NOM_TL"),
        same: Origin("default", "NOM_TL", same.value),
    }


def test_a_file_that_is_gone_leaves_the_column(cells: SourceCells, tmp_path: Path) -> None:
    snapshot, file = file_of(cells)
    gone = replace(cells, snapshots={"default": replace(snapshot, path=tmp_path / "gone.csv")})
    assert gone.origins([asked(file)]) == {asked(file): Origin("default", "NOM_TL")}
