"""A source that is made of a table of another: after it, with it, anew only where the table is another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from clirld.card.guard_thresholds import Assertions
from clirld.errors import DataError
from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.project import Project
from clirld.settings import Settings

SAMPLE, NETWORK = Origin(sample=True), Origin()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    data = tmp_path_factory.mktemp("derived")
    project = Project.load(replace(Settings.from_environment({}), data=data, workers=1))
    line.harvest(project, project.sources["territories"], SAMPLE)
    return project


def test_it_comes_after_the_source_that_it_is_made_of(project: Project) -> None:
    names = list(project.sources)
    assert names.index("comparisons") > names.index("statistics")
    assert names[0] == "territories"


def test_a_run_of_all_takes_it_with_that_source(project: Project, tmp_path: Path) -> None:
    derived = project.sources["comparisons"]
    assert SAMPLE.includes(derived, project.sources)
    assert not NETWORK.includes(derived, project.sources)  # statistics is not confirmed
    mirror = Origin(mirror=tmp_path)
    assert not mirror.includes(derived, project.sources)
    (tmp_path / "statistics").mkdir()
    (tmp_path / "statistics" / "density.xlsx").touch()
    assert mirror.includes(derived, project.sources)


def test_without_a_harvest_of_that_source_it_says_what_to_run(project: Project) -> None:
    with pytest.raises(DataError, match="statistics has not been harvested") as caught:
        line.harvest(project, project.sources["comparisons"], NETWORK)
    assert "clirld run statistics" in caught.value.do


def test_it_is_made_of_the_table_as_it_was_harvested(project: Project) -> None:
    statistics = line.harvest(project, project.sources["statistics"], SAMPLE)
    source = project.sources["comparisons"]
    # The card expects the rows of all of France.
    source = replace(source, card=source.card.model_copy(update={"assertions": Assertions()}))
    derived = line.harvest(project, source, NETWORK)
    table = pl.read_parquet(sorted((statistics.records / "territory_figures").glob("*.parquet")))
    summary = derived.account.summary()
    assert summary["rows_in"] == len(table)
    assert summary["published"] + summary["dropped"] == len(table)
    # One record a grouping, one a rule, one for all cubes, whatever number of rows it gave to how many tables.
    records = pl.read_parquet(sorted((derived.records / "record").glob("*.parquet")))
    comparisons = pl.read_parquet(sorted((derived.records / "comparison").glob("*.parquet")))
    rules = pl.read_parquet(sorted((derived.records / "derivation_rule").glob("*.parquet")))
    assert len(records) == len(comparisons) + len(rules) + 1
    assert len(comparisons) == table.filter(pl.col("territory").str.starts_with("epci-")).height
    neighbours = pl.read_parquet(sorted((derived.records / "comparison_neighbour").glob("*.parquet")))
    assert set(neighbours["record"]) <= set(records["key"])
    assert len(neighbours) > len(records)
    said: list[str] = []
    line.harvest(project, source, NETWORK, lambda _s, _stage, state: said.append(state))
    assert set(said) == {"started", "skipped"}
