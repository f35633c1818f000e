"""How good the data is: figures that add up, the same as DQV, and release by release."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyoxigraph as ox
import pytest

from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.project import Project
from clirld.release import measures
from clirld.release.make import make_release
from clirld.release.published import Release
from clirld.settings import Settings

SOURCES = ("territories", "tiers-lieux-2019", "ptce")
DQV = "http://www.w3.org/ns/dqv#"
DATASET = "https://w3id.org/clirld/id/dataset/"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, list[Release]]:
    """Two releases of three samples, three days apart."""
    project = Project.load(replace(Settings.from_environment({}), data=tmp_path_factory.mktemp("data")))
    for name in SOURCES:
        line.harvest(project, project.sources[name], Origin(sample=True))
    days = (datetime(2090, 1, day, tzinfo=UTC) for day in (1, 4))
    return project, [make_release(project, force=True, now=day)[0] for day in days]


def rows(release: Release, file: str = "measures.csv") -> list[dict[str, str]]:
    return measures.read(release.folder / "quality" / file)


def test_figures_add_up(made: tuple[Project, list[Release]]) -> None:
    _project, releases = made
    for source in releases[-1].manifest["sources"]:
        found = {(one["measure"], one["about"]): one for one in rows(releases[-1]) if one["source"] == source["id"]}
        for outcome in ("published", "held", "dropped"):
            one = found["rows", outcome]
            assert (int(one["count"]), int(one["of"])) == (source[outcome], source["rows_in"])
            assert float(one["share"]) == round(source[outcome] / source["rows_in"], 4)
    places = {one["about"]: one for one in rows(releases[-1]) if one["source"] == "tiers-lieux-2019"}
    table = pl.read_csv(releases[-1].folder / "tables" / "open" / "initiative.csv", infer_schema=False)
    mine = table.filter(pl.col("source") == "tiers-lieux-2019")
    for column in ("name", "homepage", "latitude"):
        expected = (mine.height - mine[column].null_count(), mine.height)
        one = places[f"initiative.{column}"]
        assert (int(one["count"]), int(one["of"])) == expected
    assert not any(about.startswith("record.") for about in places)


def test_levels_of_completeness_are_those_of_the_store(made: tuple[Project, list[Release]]) -> None:
    _project, releases = made
    found = [one for one in rows(releases[-1]) if one["measure"] == "completeness"]
    store = ox.Store.read_only(str(releases[-1].folder / "store"))
    level = ox.NamedNode("https://w3id.org/clirld/ontology#completeness")
    assert sum(int(one["count"]) for one in found) == len(list(store.quads_for_pattern(None, level, None))) > 0
    assert {one["source"] for one in found} == {"tiers-lieux-2019", "ptce"}


def test_what_the_checks_found_is_counted(made: tuple[Project, list[Release]]) -> None:
    _project, releases = made
    held = {one["about"]: int(one["count"]) for one in rows(releases[-1]) if one["measure"] == "results"}
    reasons = next(one for one in releases[-1].manifest["sources"] if one["id"] == "ptce")["reasons"]["held"]
    assert reasons
    assert all(held[name] >= count for name, count in reasons.items())


def test_parquet_and_dqv_say_the_same(made: tuple[Project, list[Release]]) -> None:
    _project, releases = made
    folder = releases[-1].folder / "quality"
    found = rows(releases[-1])
    parquet = pl.read_parquet(folder / "measures.parquet")
    assert parquet["count"].to_list() == [int(one["count"]) for one in found]
    store = ox.Store()
    store.load(path=str(folder / "quality.ttl"), format=ox.RdfFormat.TURTLE)
    values = {
        quad.subject.value: quad.object.value
        for quad in store.quads_for_pattern(None, ox.NamedNode(f"{DQV}value"), None)
        if isinstance(quad.subject, ox.NamedNode)
    }
    for one in found:
        if one["measure"] == "rows":
            name = f"{one['about']}-rows"
        elif one["share"] or one["measure"] == "age":
            name = f"{one['measure']}-{one['about']}"
        else:
            continue
        value = float(values.pop(f"{DATASET}{one['source']}#{name}"))
        assert value == pytest.approx(float(one["share"] or one["count"]), abs=5e-5)
    assert values == {}
    for quad in store.quads_for_pattern(None, ox.NamedNode(f"{DQV}isMeasurementOf"), None):
        assert list(store.quads_for_pattern(quad.object, ox.NamedNode(f"{DQV}inDimension"), None))


def test_what_was_before_is_told_on_unless_it_was_withdrawn(
    made: tuple[Project, list[Release]], tmp_path: Path
) -> None:
    _project, (first, second) = made
    found = rows(second, measures.OVER_TIME)
    assert list(dict.fromkeys(one["release"] for one in found)) == [first.id, second.id]
    assert {one["measure"] for one in found if one["release"] == second.id} == {"rows", "completeness", "age"}
    assert {one["measure"] for one in found if one["release"] == first.id} == {one["measure"] for one in rows(first)}
    ages = [int(one["count"]) for one in found if one["measure"] == "age" and one["source"] == "ptce"]
    assert ages[1] - ages[0] == 3


def test_fields_and_results_are_told_again_where_they_are_others() -> None:
    def row(measure: str, about: str, count: int, of: int) -> dict[str, Any]:
        return {"release": "r", "source": "s", "measure": measure, "about": about, "count": count, "of": of, "share": 1}

    told = [
        row("rows", "published", 9, 9),
        row("filled", "t.a", 9, 9),
        row("filled", "t.b", 8, 9),
        row("results", "V1", 1, 9),
    ]
    earlier = [{name: str(value) for name, value in one.items()} for one in told]
    now = [row("rows", "published", 9, 9), row("filled", "t.a", 9, 9), row("filled", "t.b", 9, 9)]
    found = [(one["measure"], one["about"], one["count"], one["of"]) for one in measures._told_over_time(earlier, now)]
    assert found == [("rows", "published", 9, 9), ("filled", "t.b", 9, 9), ("results", "V1", 0, 9)]
    assert [one["about"] for one in measures._told_over_time([*earlier, {**earlier[3], "count": "0"}], now)][2:] == []


def test_nothing_is_told_of_a_withdrawn_release(made: tuple[Project, list[Release]], tmp_path: Path) -> None:
    project, (_first, second) = made
    (tmp_path / "store").symlink_to(second.folder / "store")
    measures.write_measures(project, [], tmp_path, "new", datetime.now(UTC), second, {second.id}, None)
    told = {one["release"] for one in measures.read(tmp_path / "quality" / measures.OVER_TIME)}
    assert told
    assert second.id not in told


def test_a_table_that_is_not_there_has_no_rows(tmp_path: Path) -> None:
    assert measures.read(tmp_path / "none.csv") == []
