"""Figures of groupings of communes (EPCI) and of communes, made of rows of the table `territory_figures`.

Those of a grouping are made of its own row and of its communes', those of a commune of its own.

A figure that is missing is not there: nothing is ever filled in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Row = Mapping[str, str]
"""A row of `territory_figures`: text by column, "" where it has no value."""

CENTRE = "11"
"""Role of the central commune of an attraction area (Insee, CATEAAV2020)."""

TOWN_LEVEL = 3
"""Level of centre of facilities and services from which on a commune is a town: « centre structurant », « majeur »."""

PARTS: Mapping[str, tuple[str, ...]] = {
    "density": ("population_2021", "area"),
    "population_change": ("population_2015", "population_2023"),
    "jobs_change": ("jobs_1999", "jobs_2016"),
    "natural_balance": (),
    "manufacturing_change": ("manufacturing_jobs_1999", "manufacturing_jobs_2016"),
    "manufacturing_lost": ("manufacturing_jobs_1999", "manufacturing_jobs_2016", "jobs_1999"),
    "manufacturing_share_1999": ("manufacturing_jobs_1999", "jobs_1999"),
    "unemployment": ("unemployed_2021", "active_2021"),
    "town_inhabitants": ("population_2021",),
    "town_jobs_change": ("jobs_1999", "jobs_2016"),
    "town_retail_change": ("retail_jobs_1999", "retail_jobs_2016"),
    "town_unemployment": ("unemployed_2021", "active_2021"),
    "town_vacant_share": ("vacant_share_2021",),
}
"""Columns of `territory_figures` that a figure of a rule is made of: those of the town where its name begins so."""

OF_TOWN = "town_"

OF_GROUPING = "grouping_"
"""Before a figure of a commune's grouping, among the commune's own."""

_TEXTS = {"territory", "epci", "density_class", "attraction_area", "attraction_area_name", "attraction_area_size",
          "attraction_area_role", "centre"}  # fmt: skip
_EARTH_KM = 6371.0
_BLOCK = 2_000  # places whose towns are looked for together
_IN_PART = "(partie"  # « Genève - Annemasse (partie française) »
_SERVICE_CENTRE = 2  # level of centres of facilities and services: intermediate and above


@dataclass(frozen=True, slots=True)
class Territory:
    """A grouping or a commune: its key and its figures; of a grouping the commune of the town in its centre, if any."""

    key: str
    figures: Mapping[str, float] = field(default_factory=dict)
    town: str = ""
    town_figures: Mapping[str, float] = field(default_factory=dict)
    is_overseas: bool = False


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of `territory_figures` by key: their texts, their numbers, and what is known of all of them together."""

    texts: Mapping[str, Row]
    numbers: Mapping[str, dict[str, float]]
    centred: frozenset[str]
    """Attraction areas with a central commune in France."""
    distances: Mapping[str, dict[str, float]]
    """By territory: how far the nearest towns are."""


def territories(rows: Iterable[Row]) -> list[Territory]:
    """The groupings that the rows are of, in the order of their keys."""
    return _groupings(_table(rows))


def _groupings(table: _Table) -> list[Territory]:
    members = defaultdict(list)
    for key, row in table.texts.items():
        if row.get("epci"):
            members[row["epci"]].append(key)
    return [_grouping(table, key, sorted(members[key])) for key in sorted(table.texts) if key in members]


def communes(rows: Iterable[Row]) -> list[Territory]:
    """The communes that the rows are of, in the order of their keys.

    Each has the figures of its grouping too, if that has a row; one that is in none is its own.
    """
    table = _table(rows)
    groupings = {one.key: one.figures for one in _groupings(table)}
    return [_commune(table, key, groupings) for key in sorted(table.texts) if key.startswith("commune-")]


def _table(rows: Iterable[Row]) -> _Table:
    texts = {row["territory"]: row for row in rows}
    numbers = {key: _numbers(row) for key, row in texts.items()}
    centred = {row.get("attraction_area", "") for row in texts.values() if row.get("attraction_area_role") == CENTRE}
    return _Table(texts, numbers, frozenset(centred), _distances(texts, numbers))


def _numbers(row: Row) -> dict[str, float]:
    found = {}
    for name, text in row.items():
        if name not in _TEXTS and text:
            try:
                found[name] = float(text)
            except ValueError:
                continue
    return found


def _distances(texts: Mapping[str, Row], numbers: Mapping[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """How far the nearest central communes of attraction areas of a size or more are, by territory."""
    placed = [key for key, own in numbers.items() if "latitude" in own and "longitude" in own]
    points = np.array([(numbers[key]["latitude"], numbers[key]["longitude"]) for key in placed]).reshape(-1, 2)
    sizes = np.array([_size_of_centre(texts[key]) for key in placed], dtype=np.int64)
    distances: dict[str, dict[str, float]] = {key: {} for key in numbers}
    for figure, least in (("town_distance", 2), ("city_distance", 3)):
        towns = points[sizes >= least]
        for at in range(0, len(placed) if len(towns) else 0, _BLOCK):
            nearest = _kilometres(points[at : at + _BLOCK], towns).min(axis=1).tolist()
            for key, kilometres in zip(placed[at : at + _BLOCK], nearest, strict=True):
                distances[key][figure] = kilometres
    return distances


def _size_of_centre(row: Row) -> int:
    """The size of the attraction area of which a commune is the centre (`attraction_area_size`), 0 where it is none."""
    size = row.get("attraction_area_size", "")
    return int(size) if row.get("attraction_area_role") == CENTRE and size.isdecimal() else 0


def _grouping(table: _Table, key: str, members: list[str]) -> Territory:
    figures = _figures(table, key)
    communes_of = [(table.texts[one], table.numbers[one]) for one in members]
    _shares(figures, communes_of, table.centred)
    town = _town(figures, communes_of)
    is_overseas = all(map(_is_overseas, members))
    return Territory(key, figures, town, dict(table.numbers[town]) if town else {}, is_overseas)


def _commune(table: _Table, key: str, groupings: Mapping[str, Mapping[str, float]]) -> Territory:
    """What is a share of the inhabitants of a grouping is a hundred or nought of a commune; a centre has its level."""
    figures, row = _figures(table, key), table.texts[key]
    _shares(figures, [(row, table.numbers[key])], table.centred)
    if row.get("centre", "").isdecimal():
        figures["centre_level"] = float(row["centre"])
    _growth(figures, "income_growth", table.numbers[key], "median_income_2014", "median_income_2019")
    around = groupings.get(row.get("epci", ""), {}) if row.get("epci") else dict(figures)
    figures |= {f"{OF_GROUPING}{name}": value for name, value in around.items()}
    return Territory(key, figures, is_overseas=_is_overseas(key))


def _is_overseas(commune: str) -> bool:
    return commune.startswith(("commune-97", "commune-98"))


def _figures(table: _Table, key: str) -> dict[str, float]:
    """The figures that follow from a row of its own, and those in it."""
    own = table.numbers[key]
    figures = own | table.distances[key]
    _ratio(figures, "density", own, "population_2021", "area", 1)
    _growth(figures, "population_change", own, "population_2015", "population_2023", years=8)
    _growth(figures, "jobs_change", own, "jobs_1999", "jobs_2016")
    _growth(figures, "manufacturing_change", own, "manufacturing_jobs_1999", "manufacturing_jobs_2016")
    _ratio(figures, "manufacturing_share_1999", own, "manufacturing_jobs_1999", "jobs_1999")
    _ratio(figures, "unemployment", own, "unemployed_2021", "active_2021")
    for name in ("manufacturing", "farming", "administration", "leisure"):
        _ratio(figures, f"{name}_share", own, f"{name}_jobs_2016", "jobs_2016")
    _ratio(figures, "executives_share", own, "metropolitan_executives_2016", "jobs_2016")
    for name in ("retail", "education_health", "local_services"):
        _ratio(figures, f"{name}_rate", own, f"{name}_jobs_2016", "population_2021", 1000)
    if {"births_2022", "deaths_2022", "population_2021"} <= own.keys() and own["population_2021"]:
        figures["natural_balance"] = 1000 * (own["births_2022"] - own["deaths_2022"]) / own["population_2021"]
    if {"manufacturing_jobs_1999", "manufacturing_jobs_2016", "jobs_1999"} <= own.keys() and own["jobs_1999"]:
        lost = own["manufacturing_jobs_1999"] - own["manufacturing_jobs_2016"]
        figures["manufacturing_lost"] = 100 * lost / own["jobs_1999"]
    return figures


def _ratio(
    figures: dict[str, float], name: str, own: Mapping[str, float], part: str, whole: str, times: float = 100
) -> None:
    if part in own and own.get(whole):
        figures[name] = times * own[part] / own[whole]


def _growth(
    figures: dict[str, float], name: str, own: Mapping[str, float], before: str, after: str, years: int = 0
) -> None:
    """Growth in percent; a year, where `years` are given."""
    if after in own and own.get(before):
        ratio = own[after] / own[before]
        figures[name] = 100 * ((ratio ** (1 / years) if ratio > 0 else 0) - 1) if years else 100 * (ratio - 1)


def _shares(figures: dict[str, float], members: list[tuple[Row, dict[str, float]]], centred: frozenset[str]) -> None:
    """Shares of the inhabitants of 2021, in percent, where they and the class of each commune are known."""
    inhabitants = [numbers.get("population_2021") for _row, numbers in members]
    known = [one for one in inhabitants if one is not None]
    total = sum(known)
    if len(known) < len(members) or not total:
        return
    weighted = [(row, weight) for (row, _numbers), weight in zip(members, known, strict=True)]

    def share(inside: Iterable[float]) -> float:
        return 100 * sum(inside) / total  # of whole numbers: all of them are a hundred exactly

    if all(row.get("centre") for row, _weight in weighted):
        figures["service_centres"] = share(w for row, w in weighted if int(row["centre"]) >= _SERVICE_CENTRE)
    if all(row.get("attraction_area") for row, _weight in weighted):
        figures["centre_abroad"] = share(
            weight
            for row, weight in weighted
            if _IN_PART in row.get("attraction_area_name", "") and row["attraction_area"] not in centred
        )
        figures["attracted"] = share(w for row, w in weighted if row.get("attraction_area_size") in ("3", "4", "5"))


def _town(figures: dict[str, float], members: list[tuple[Row, dict[str, float]]]) -> str:
    """Add the figures of the town: the commune with most inhabitants, if it is a centre; gives its key."""
    if all(row.get("centre") for row, _numbers in members):
        figures["town_inhabitants"] = 0.0
    found = [(numbers.get("population_2021", 0), row["territory"], row, numbers) for row, numbers in members]
    _inhabitants, key, row, town = max(found, key=lambda one: one[:2])
    if not row.get("centre") or int(row["centre"]) < TOWN_LEVEL or "population_2021" not in town:
        return ""
    figures["town_inhabitants"] = town["population_2021"]
    _growth(figures, "town_jobs_change", town, "jobs_1999", "jobs_2016")
    _growth(figures, "town_retail_change", town, "retail_jobs_1999", "retail_jobs_2016")
    _ratio(figures, "town_unemployment", town, "unemployed_2021", "active_2021")
    if "vacant_share_2021" in town:
        figures["town_vacant_share"] = town["vacant_share_2021"]
    return key


def _kilometres(points: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances along a great circle of points in degrees from others (haversine formula): a row a point."""
    one, other = np.radians(points)[:, None], np.radians(others)[None]
    half = np.sin((other[..., 0] - one[..., 0]) / 2) ** 2
    half += np.cos(one[..., 0]) * np.cos(other[..., 0]) * np.sin((other[..., 1] - one[..., 1]) / 2) ** 2
    kilometres: NDArray[np.float64] = 2 * _EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(half)))
    return kilometres
