"""Figures of a grouping of communes (EPCI), made of rows of the table `territory_figures`: its own and its communes'.

A figure that is missing is not there: nothing is ever filled in.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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

_TEXTS = {"territory", "epci", "density_class", "attraction_area", "attraction_area_name", "attraction_area_size",
          "attraction_area_role", "centre"}  # fmt: skip
_EARTH_KM = 6371.0
_IN_PART = "(partie"  # « Genève - Annemasse (partie française) »
_SERVICE_CENTRE = 2  # level of centres of facilities and services: intermediate and above


@dataclass(frozen=True, slots=True)
class Territory:
    """A grouping: its key, its figures by name, and the commune that those of the town in its centre are of, if any."""

    key: str
    figures: Mapping[str, float] = field(default_factory=dict)
    town: str = ""
    town_figures: Mapping[str, float] = field(default_factory=dict)


def territories(rows: Iterable[Row]) -> list[Territory]:
    """The groupings that the rows are of, in the order of their keys."""
    texts = {row["territory"]: row for row in rows}
    numbers = {key: _numbers(row) for key, row in texts.items()}
    members: dict[str, list[str]] = defaultdict(list)
    for key, row in texts.items():
        if row.get("epci"):
            members[row["epci"]].append(key)
    centred = {row.get("attraction_area", "") for row in texts.values() if row.get("attraction_area_role") == CENTRE}
    towns = _towns(texts, numbers)
    return [
        _territory(key, numbers[key], [(texts[one], numbers[one]) for one in sorted(members[key])], centred, towns)
        for key in sorted(numbers)
        if key in members
    ]


def _numbers(row: Row) -> dict[str, float]:
    found = {}
    for name, text in row.items():
        if name not in _TEXTS and text:
            try:
                found[name] = float(text)
            except ValueError:
                continue
    return found


def _towns(texts: Mapping[str, Row], numbers: Mapping[str, dict[str, float]]) -> dict[int, list[tuple[float, float]]]:
    """Where the central communes of attraction areas are, by the least size of their area (`attraction_area_size`)."""
    towns: dict[int, list[tuple[float, float]]] = {2: [], 3: []}
    for key, row in texts.items():
        own = numbers[key]
        size = row.get("attraction_area_size", "")
        if row.get("attraction_area_role") == CENTRE and size.isdecimal() and "latitude" in own and "longitude" in own:
            for least, places in towns.items():
                if int(size) >= least:
                    places.append((own["latitude"], own["longitude"]))
    return towns


def _territory(
    key: str,
    own: dict[str, float],
    members: list[tuple[Row, dict[str, float]]],
    centred: set[str],
    towns: Mapping[int, list[tuple[float, float]]],
) -> Territory:
    figures = dict(own)
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
    if {"latitude", "longitude"} <= own.keys():
        here = own["latitude"], own["longitude"]
        for name, size in (("town_distance", 2), ("city_distance", 3)):
            if towns[size]:
                figures[name] = min(_kilometres(here, town) for town in towns[size])
    _shares(figures, members, centred)
    town = _town(figures, members)
    return Territory(key, figures, town, next((dict(one) for row, one in members if row["territory"] == town), {}))


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


def _shares(figures: dict[str, float], members: list[tuple[Row, dict[str, float]]], centred: set[str]) -> None:
    """Shares of the inhabitants of 2021, in percent, where they and the class of each commune are known."""
    inhabitants = [numbers.get("population_2021") for _row, numbers in members]
    known = [one for one in inhabitants if one is not None]
    total = sum(known)
    if len(known) < len(members) or not total:
        return
    weighted = [(row, weight / total * 100) for (row, _numbers), weight in zip(members, known, strict=True)]
    if all(row.get("centre") for row, _weight in weighted):
        figures["service_centres"] = sum(w for row, w in weighted if int(row["centre"]) >= _SERVICE_CENTRE)
    if all(row.get("attraction_area") for row, _weight in weighted):
        figures["centre_abroad"] = sum(
            weight
            for row, weight in weighted
            if _IN_PART in row.get("attraction_area_name", "") and row["attraction_area"] not in centred
        )
        figures["attracted"] = sum(w for row, w in weighted if row.get("attraction_area_size") in ("3", "4", "5"))


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


def _kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Distance along a great circle of two points in degrees (haversine formula)."""
    phi1, phi2 = math.radians(one[0]), math.radians(other[0])
    half = math.sin((phi2 - phi1) / 2) ** 2
    half += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(other[1] - one[1]) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))
