"""What several things share, and what one has alone; figures of communes by the formulas of groupings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from clirld.compare import figures as of_rows
from clirld.compare.features import normal_scores
from clirld.reuse.comparison.figures import _COMMUNE, Distribution, of_communes
from clirld.reuse.comparison.model import Cell, Group, Item, Row, shared_and_own


def test_shared_by_all_and_had_by_one_alone() -> None:
    a, b, c = Item("A", "iri:a"), Item("B", "iri:b"), Item("C", "iri:c")
    no_b = Item("B", "iri:b", state="no")
    row = Row("r", "R", "features", [Cell([a, b]), Cell([a, c]), Cell([a, no_b, c])])
    values = Row("v", "V", "values", [Cell([a]), Cell([a]), Cell([a])])
    shared, own = shared_and_own([Group("g", "G", [row, values])])
    assert [one.item for one in shared] == [a]
    assert [(one.thing, one.item) for one in own] == [(0, b)]


def test_nothing_is_shared_with_what_nothing_is_said_of() -> None:
    row = Row("r", "R", "features", [Cell([Item("A", "iri:a")]), Cell()])
    shared, own = shared_and_own([Group("g", "G", [row])])
    assert (shared, [one.thing for one in own]) == ([], [0])


def test_figures_of_communes_are_made_as_those_of_groupings(tmp_path: Path) -> None:
    numbers = {
        "area": "10", "population_2015": "100", "population_2021": "120", "population_2023": "130", "births_2022": "2",
        "deaths_2022": "3", "jobs_1999": "50", "jobs_2016": "60", "unemployed_2021": "5", "active_2021": "50",
        "median_income_2019": "20000", "vacant_share_2021": "4", "manufacturing_jobs_2016": "6",
        "farming_jobs_2016": "3", "administration_jobs_2016": "12",
    }  # fmt: skip
    own = {name: float(text) for name, text in numbers.items()}
    rows = [
        {"territory": "epci-1", **numbers},
        {"territory": "commune-1", "epci": "epci-1", **numbers},
        {"territory": "commune-2", "epci": "epci-1", "population_2021": "0", "area": "1"},
    ]
    grouping = of_rows.territories(rows)[0].figures
    folder = tmp_path / "tables" / "open"
    folder.mkdir(parents=True)
    pl.DataFrame([{**dict.fromkeys(numbers), **row} for row in rows]).write_parquet(
        folder / "territory_figures.parquet"
    )
    made = of_communes(tmp_path)
    assert made is not None
    for name in _COMMUNE:
        assert np.isclose(made.number("commune-1", name) or np.nan, grouping.get(name, own.get(name, 0))), name
        if name not in ("population_2021", "density"):
            assert made.number("commune-2", name) is None, name
    assert made.number("epci-1", "density") is None


def test_scores_and_places_are_those_of_the_rank() -> None:
    values = np.array([3.0, 1.0, np.nan, 3.0, 8.0, 5.0])
    of = Distribution({}, {"x": values})
    for value, score in zip(values, normal_scores(values), strict=True):
        if not np.isnan(value):
            assert np.isclose(of.score("x", value), score)
    place = of.position("x", 5.0)
    assert (place.below, place.compared, place.median) == (60, 5, 3)
