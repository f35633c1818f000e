"""Figures of a territory in a year as observations of an RDF Data Cube, and the cubes that they are in.

All observations of a cube have the same measures, as the W3C asks of multi-measure observations (IC-14): what has
another set of figures, since one is missing, is in another cube. Nothing is filled in, and no figure takes a node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from clirld import yamlfile
from clirld.errors import MappingError

Values = dict[str, str | list[str]]

OBSERVED: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("1999", "2019"): {
        "jobs_1999": "jobs",
        "manufacturing_jobs_1999": "manufacturing_jobs",
        "retail_jobs_1999": "retail_jobs",
    },
    ("2015", "2024"): {"population_2015": "inhabitants"},
    ("2016", "2019"): {
        "jobs_2016": "jobs",
        "manufacturing_jobs_2016": "manufacturing_jobs",
        "retail_jobs_2016": "retail_jobs",
    },
    ("2019", "2020"): {"median_income_2019": "median_income", "income_growth": "income_growth"},
    ("2021", "2022"): {"vacant_share_2021": "vacant_share"},
    ("2021", "2024"): {
        "population_2021": "inhabitants",
        "area": "area",
        "active_2021": "active",
        "unemployed_2021": "unemployed",
    },
    ("2022", "2025"): {"rural_share_2022": "rural_share"},
    ("2023", "2025"): {"population_2023": "inhabitants"},
}
"""Year of the figures and of the boundaries of their file → column of `territory_figures` → measure."""


def observations(place: str, numbers: Mapping[str, float]) -> Iterator[Values]:
    """Rows of `territory_observation` for the figures of a territory, by column of `territory_figures`."""
    for (year, boundaries), columns in OBSERVED.items():
        measures: Values = {measure: number(numbers[name]) for name, measure in columns.items() if name in numbers}
        if measures:
            cube = "-".join(map(_key, measures_of(measures)))
            yield {"territory": place, "year": year, "boundaries": boundaries, "cube": cube, **measures}


def number(value: float) -> str:
    """A number with two decimals at most: with three, a reader could take the point for thousands."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def observed_in(place: str, columns: set[str]) -> list[str]:
    """The keys of the observations of a territory that have one of these columns of `territory_figures`."""
    return [f"{place}-{year}-{made}" for (year, made), names in OBSERVED.items() if names.keys() & columns]


def components() -> Iterator[Values]:
    """Rows of `cube_component`: dimensions, measures and attributes, in their order."""
    for n, (name, entry) in enumerate(_components()["components"].items(), 1):
        values: Values = {"key": _key(name), "order": str(n), "name": entry["fr"], "name_en": entry["en"]}
        values[entry["kind"]] = entry["property"]
        if "attachment" in entry:
            values["attachment"] = entry["attachment"]
        yield values


def cubes(measured: Mapping[str, Sequence[str]]) -> Iterator[Values]:
    """Rows of `observation_cube`, for the measures of each cube in which there are observations."""
    entries = _components()["components"]
    common = [_key(name) for name, entry in entries.items() if entry["kind"] != "measure"]
    for key, measures in sorted(measured.items()):
        values: Values = {"key": key, "components": [*common, *map(_key, measures)]}
        for language, suffix in (("fr", ""), ("en", "_en")):
            named = ", ".join(entries[one][language] for one in measures)
            values[f"name{suffix}"] = _components()["cube"][language].format(named)
            values[f"structure_name{suffix}"] = _components()["structure"][language].format(named)
        yield values


def measures_of(values: Values) -> list[str]:
    """The measures that a row of `territory_observation` has, in the order of the components."""
    return [
        name for name, entry in _components()["components"].items() if entry["kind"] == "measure" and name in values
    ]


@cache
def _components(path: Path = Path(__file__).parent / "observations.yaml") -> Mapping[str, Any]:
    return dict(yamlfile.load(path, MappingError).data)


def _key(name: str) -> str:
    return name.replace("_", "-")
