"""What was tried for « ville dont le centre se vide »: rules, and how much each official input tells.

    python -m bench.centres TABLES   a folder of tables with `territory_figures`, as data/records/statistics/…

Places are those of tests/compare/places.csv, in the halves of `bench.likeness`. A rule was chosen by the half that may
be looked at; what it then gives on the other half says whether it is better or only fits.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bench.likeness import PLACES, Judged, judge

SITUATION = "declining-town-centre"


@dataclass(frozen=True)
class Tried:
    """Which signs count and how many are needed; least vacancy and unemployment of the town; its most inhabitants."""

    signs: tuple[str, ...]
    needed: int
    vacancy: float
    unemployment: float
    most: float = 100_000
    weakens: bool = False
    """Whether besides the grouping is weakening, or the town has the vacancy."""


_JOBS, _OTHERS = ("jobs", "retail"), ("share", "population")
TRIED: Mapping[str, Tried] = {
    "version 3: jobs, retail, share of jobs, population, vacancy 5 %, and weakening": Tried(
        (*_JOBS, *_OTHERS, "vacancy"), 3, 5, 100, weakens=True
    ),
    "the same, vacancy 4 %": Tried((*_JOBS, *_OTHERS, "vacancy"), 3, 4, 100, weakens=True),
    "version 4: jobs, retail, vacancy 5 %, unemployment 15 %": Tried((*_JOBS, "vacancy", "unemployment"), 3, 5, 15),
    "the same, vacancy 4.6 %": Tried((*_JOBS, "vacancy", "unemployment"), 3, 4.6, 15),
    "the same, unemployment 14 %": Tried((*_JOBS, "vacancy", "unemployment"), 3, 5, 14),
    "the same, up to 150,000 inhabitants": Tried((*_JOBS, "vacancy", "unemployment"), 3, 5, 15, 150_000),
    "all six, four of them": Tried((*_JOBS, *_OTHERS, "vacancy", "unemployment"), 4, 5, 15),
}


OF_TOWN = (
    "town_inhabitants", "town_jobs_change", "town_retail_change", "town_vacant_share", "town_unemployment",
)  # fmt: skip
_PAIRS = ("population_2015", "population_2023", "unemployed_2021", "active_2021", "median_income_2019")


def towns(judged: Judged, tables: Path) -> dict[str, dict[str, float]]:
    """Figures of the town of each grouping that has one, and of the town against what surrounds it."""
    frame = pl.read_parquet(sorted((tables / "territory_figures").glob("*.parquet")))
    rows = {row["territory"]: row for row in frame.iter_rows(named=True)}

    def figure(key: str, name: str) -> float | None:
        return float(rows[key][name]) if rows[key].get(name) else None

    found = {}
    for key, territory in judged.territories.items():
        if not territory.town:
            continue
        told = {name: territory.figures[name] for name in OF_TOWN if name in territory.figures}
        both: dict[str, tuple[float | None, float | None]] = {}
        for name in (*_PAIRS, "jobs_1999", "jobs_2016"):
            both[name] = figure(territory.town, name), figure(key, name)
        (town15, all15), (town23, all23) = both["population_2015"], both["population_2023"]
        (seeking, all_seeking), (active, all_active) = both["unemployed_2021"], both["active_2021"]
        (jobs99, all99), (jobs16, all16) = both["jobs_1999"], both["jobs_2016"]
        if jobs99 and all99 and jobs16 and all16:
            told["share of jobs"] = 100 * (jobs16 / all16 - jobs99 / all99)
        if town15 and town23:
            told["population"] = 100 * (town23 / town15 - 1)
        if town15 and all15 and town23 and all23 and all15 > town15:
            told["population against its surroundings"] = 100 * (town23 / town15 - (all23 - town23) / (all15 - town15))
        if seeking is not None and active and all_seeking is not None and all_active and all_active > active:
            rest = (all_seeking - seeking) / (all_active - active)
            told["unemployment against its surroundings"] = 100 * (seeking / active - rest)
        income, of_all = both["median_income_2019"]
        if income and of_all:
            told["income against the grouping"] = income / of_all
        found[key] = told
    return found


def holds(town: Mapping[str, float], is_weakening: bool, tried: Tried) -> bool:
    """Whether a rule holds; a missing figure is no sign."""
    is_vacant = town.get("town_vacant_share", 0) >= tried.vacancy
    signs = {
        "jobs": town.get("town_jobs_change", 99) < 13,
        "retail": town.get("town_retail_change", 99) < 16,
        "share": town.get("share of jobs", 0) <= -2,
        "population": town.get("population", 0) < 0,
        "vacancy": is_vacant,
        "unemployment": town.get("town_unemployment", 0) >= tried.unemployment,
    }
    is_enough = sum(signs[name] for name in tried.signs) >= tried.needed
    is_sized = 8_000 <= town["town_inhabitants"] <= tried.most
    is_of_jobs = signs["jobs"] or signs["retail"] or (signs["share"] and "share" in tried.signs)
    return is_sized and is_enough and is_of_jobs and (is_weakening or is_vacant or not tried.weakens)


def places(judged: Judged) -> dict[tuple[str, int], dict[str, str]]:
    """Name by grouping, by kind of place and half."""
    found: dict[tuple[str, int], dict[str, str]] = {}
    seen: set[tuple[str, str]] = set()
    with PLACES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = judged.grouping.get(row["commune"], "")
            if row["situation"] == SITUATION and (row["kind"], key) not in seen:
                seen.add((row["kind"], key))
                digest = hashlib.sha256(f"{row['situation']}{row['commune']}".encode()).hexdigest()
                found.setdefault((row["kind"], int(digest, 16) % 2), {})[key] = row["name"]
    return found


def report(tables: Path) -> Iterator[str]:
    """A line a rule; then, a line an input, how often it tells an example from a counter-example (area under ROC)."""
    judged = judge(tables)
    known, listed = towns(judged, tables), places(judged)
    weakening = {key for key, one in judged.findings["weakening"].items() if one.answer == "holds"}
    for name, tried in TRIED.items():
        held = {key for key, town in known.items() if holds(town, key in weakening, tried)}
        parts = [f"{len(held & listed['example', half].keys())} of {len(listed['example', half])}" for half in (0, 1)]
        caught = [text for half in (0, 1) for key, text in listed["counter-example", half].items() if key in held]
        found = f"{len(held)} groupings; examples {parts[0]}, not looked at {parts[1]}"
        yield f"{name}: {found}; caught {', '.join(caught)}"
    for name in sorted({name for town in known.values() for name in town}):
        sides = [
            [known[key][name] for half in (0, 1) for key in listed[kind, half] if name in known.get(key, {})]
            for kind in ("example", "counter-example")
        ]
        wins = sum((one < other) + (one == other) / 2 for one in sides[0] for other in sides[1])
        area = wins / (len(sides[0]) * len(sides[1]))
        yield f"{name}: {max(area, 1 - area):.2f} ({len(sides[0])} examples, {len(sides[1])} counter-examples)"


if __name__ == "__main__":
    print("\n".join(report(Path(sys.argv[1]))))
