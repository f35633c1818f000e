"""Figures of territories side by side: each with its unit, its year, and where it stands among all of its kind.

Groupings have the features that they are compared by; communes those of them that their own row gives. The formulas
are those of `clirld.compare.figures`. What is missing is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from statistics import NormalDist

import numpy as np
import polars as pl

from clirld.compare import features, words
from clirld.compare.features import Floats
from clirld.query.failure import Language
from clirld.reuse.comparison.model import Cell, Group, Item, Position, Row
from clirld.reuse.facts import Source
from clirld.reuse.likeness import TABLE, load
from clirld.settings import BASE

_SOURCE = Source(f"{BASE}graph/statistics", "")
_APART = 1.0
"""Normal scores by which a figure has to differ from each of the others to be told as apart."""
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

YEARS: Mapping[str, str] = {
    "population_2021": "2021",
    "jobs_2016": "2016",
    "density": "2021",
    "rural_share_2022": "2022",
    "town_distance": "2020",
    "city_distance": "2020",
    "attracted": "2020",
    "population_change": "2015–2023",
    "natural_balance": "2022",
    "jobs_change": "1999–2016",
    "unemployment": "2021",
    "median_income_2019": "2019",
    "income_growth": "2014–2019",
    "vacant_share_2021": "2021",
    "manufacturing_share": "2016",
    "manufacturing_lost": "1999–2016",
    "farming_share": "2016",
    "administration_share": "2016",
    "leisure_share": "2016",
    "executives_share": "2016",
    "retail_rate": "2016",
    "education_health_rate": "2016",
    "local_services_rate": "2016",
    "service_centres": "2020",
}
"""Years of the files that a feature is made of; attraction areas are those of 2020."""

_COMMUNE: Mapping[str, pl.Expr] = {
    "population_2021": pl.col("population_2021"),
    "jobs_2016": pl.col("jobs_2016"),
    "density": pl.col("population_2021") / pl.col("area"),
    "population_change": 100 * ((pl.col("population_2023") / pl.col("population_2015")) ** (1 / 8) - 1),
    "natural_balance": 1000 * (pl.col("births_2022") - pl.col("deaths_2022")) / pl.col("population_2021"),
    "jobs_change": 100 * (pl.col("jobs_2016") / pl.col("jobs_1999") - 1),
    "unemployment": 100 * pl.col("unemployed_2021") / pl.col("active_2021"),
    "median_income_2019": pl.col("median_income_2019"),
    "vacant_share_2021": pl.col("vacant_share_2021"),
    "manufacturing_share": 100 * pl.col("manufacturing_jobs_2016") / pl.col("jobs_2016"),
    "farming_share": 100 * pl.col("farming_jobs_2016") / pl.col("jobs_2016"),
    "administration_share": 100 * pl.col("administration_jobs_2016") / pl.col("jobs_2016"),
}


@dataclass(frozen=True)
class Distribution:
    """Figures of all territories of a kind: by name, values in the order of `rows`; NaN where one is missing.

    `ordered` has the known ones of each figure, the smallest first.
    """

    rows: Mapping[str, int]
    values: Mapping[str, Floats]
    ordered: Mapping[str, Floats] = field(init=False)

    def __post_init__(self) -> None:
        ordered = {name: np.sort(values[~np.isnan(values)]) for name, values in self.values.items()}
        object.__setattr__(self, "ordered", ordered)

    def number(self, key: str, name: str) -> float | None:
        """A figure of a territory, None where it is missing."""
        if key not in self.rows or name not in self.values:
            return None
        value = float(self.values[name][self.rows[key]])
        return None if np.isnan(value) else value

    def score(self, name: str, value: float) -> float:
        """The normal score of a value by its rank, as `clirld.compare.features.normal_scores` gives it."""
        known = self.ordered[name]
        before, until = np.searchsorted(known, value, "left"), np.searchsorted(known, value, "right")
        rank = (int(before) + int(until) + 1) / 2
        return NormalDist().inv_cdf((rank - 0.375) / (len(known) + 0.25))

    def position(self, name: str, value: float) -> Position:
        """Where a value stands."""
        known = self.ordered[name]
        low, quarter, median, three_quarters, high = (float(one) for one in np.quantile(known, _QUANTILES))
        below = 100 * int(np.searchsorted(known, value, "left")) / len(known)
        return Position(below, len(known), low, quarter, median, three_quarters, high)


@lru_cache(maxsize=2)  # the release that is served, and the one before
def of_communes(release: Path) -> Distribution | None:
    """The figures of all communes of a release; None where it has no table of figures."""
    files = sorted((release / "tables").glob(f"*/{TABLE}"))
    if not files:
        return None
    names = sorted({name for expression in _COMMUNE.values() for name in expression.meta.root_names()})
    table = pl.read_parquet(files, columns=["territory", *names]).filter(
        pl.col("territory").str.starts_with("commune-")
    )
    numbers = table.with_columns(pl.col(names).cast(pl.String).cast(pl.Float64, strict=False))
    made = numbers.select(
        "territory", *(pl.when(one.is_finite()).then(one).alias(name) for name, one in _COMMUNE.items())
    )
    columns = {name: made[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in _COMMUNE}
    rows = {key: n for n, key in enumerate(made["territory"].to_list())}
    return Distribution(rows, columns)


@lru_cache(maxsize=2)
def of_groupings(release: Path) -> Distribution | None:
    """The figures of all groupings of a release; None where it has no table of figures."""
    likeness, compared = load(release), features.load()
    if likeness is None:
        return None
    values = {
        name: np.array([one.figures.get(name, float("nan")) for one in likeness.territories]) for name in compared.names
    }
    return Distribution(likeness.rows, values)


def figure_groups(keys: list[str], distributions: list[Distribution | None], language: Language) -> list[Group]:
    """The figures of some territories, each by the distribution of its kind, in the groups that likeness is made of."""
    return [
        Group(
            group,
            words.group(group, language),
            [row for name in names if (row := _row(name, keys, distributions, language)).is_said],
        )
        for group, names in features.load().groups.items()
    ]


def _row(name: str, keys: list[str], distributions: list[Distribution | None], language: Language) -> Row:
    numbers = [of.number(key, name) if of else None for key, of in zip(keys, distributions, strict=True)]
    scores = [
        of.score(name, number) if of and number is not None else None
        for of, number in zip(distributions, numbers, strict=True)
    ]
    cells = []
    for n, (of, number) in enumerate(zip(distributions, numbers, strict=True)):
        if of is None or number is None:
            cells.append(Cell())
            continue
        others = [score for m, score in enumerate(scores) if m != n]
        own = scores[n]
        apart = len(others) > 1 and all(_differ(own, one) for one in others)
        item = Item(words.number(name, number, language), sources=(_SOURCE,))
        cells.append(Cell([item], number, of.position(name, number), apart))
    entry = words.wording()[name]
    unit = str(entry.get(f"unit_{language}", entry["unit"]))
    return Row(name, words.name(name, language), "figure", cells, unit, YEARS.get(name, ""))


def _differ(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) > _APART
