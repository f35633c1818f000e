"""Figures that are no sums of counts: centres, shares and medians, and what is left out as a jump."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from clirld.read.rows import Dropped, SourceRow

from .boundaries import Boundaries
from .layout import COVERED, INCOME, PLACED, RURAL, SAME_PERIMETER, Territory, number_in, padded, text_of, whole_commune

YEARS = ("2015", "2021", "2022", "2023")
"""Years of the counts of inhabitants, each of its own file or column: each is held to the next."""


def places(rows: Iterable[SourceRow], communes: dict[str, Territory], groupings: dict[str, Territory]) -> None:
    """The centre of each commune, and of each grouping that of its inhabitants."""
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for r in rows:
        latitude, longitude = number_in(text_of(r, "lat")), number_in(text_of(r, "lng"))
        if latitude is not None and longitude is not None and text_of(r, "commune_type") != "COMD":
            points[whole_commune(r, padded(text_of(r, "insee_com")))].append((latitude, longitude))
    for code, commune in communes.items():
        if found := points.get(code):
            commune.figures["latitude"] = sum(one for one, _other in found) / len(found)
            commune.figures["longitude"] = sum(one for _other, one in found) / len(found)
    for grouping in groupings.values():
        members = [communes[code].figures for code in grouping.members]
        placed = [one for one in members if "latitude" in one and one.get("population_2021")]
        total = sum(one["population_2021"] for one in placed)
        if total and total >= PLACED * grouping.figures.get("population_2021", total * 2):
            for axis in ("latitude", "longitude"):
                grouping.figures[axis] = sum(one[axis] * one["population_2021"] for one in placed) / total


def vacancy(
    rows: Iterable[SourceRow], boundaries: Boundaries, communes: dict[str, Territory], groupings: dict[str, Territory]
) -> None:
    """The share of dwellings vacant for two years: of communes merged since and of groupings, that of all dwellings."""
    vacant: dict[str, tuple[float, float]] = {}
    for r in rows:
        code = whole_commune(r, padded(text_of(r, "comm_insee")))
        share, dwellings = number_in(text_of(r, "Prop_logvac_pp_2A_010121")), number_in(text_of(r, "Nb_log_pp_2022"))
        if share is not None and dwellings:
            before = vacant.get(code, (0.0, 0.0))
            vacant[code] = before[0] + share * dwellings, before[1] + dwellings
    for code, (weighted, dwellings) in vacant.items():
        if code in communes and boundaries.before(code, 2022) == {code}:
            communes[code].figures["vacant_share_2021"] = weighted / dwellings
    for grouping in groupings.values():
        known = [code for code in grouping.members if "vacant_share_2021" in communes[code].figures]
        inhabitants = sum(communes[code].figures.get("population_2021", 0) for code in known)
        if (total := grouping.figures.get("population_2021")) and known:
            grouping.figures["vacancy_covered"] = 100 * inhabitants / total
            if inhabitants / total >= COVERED:
                weighted = sum(vacant[code][0] for code in known)
                grouping.figures["vacant_share_2021"] = weighted / sum(vacant[code][1] for code in known)


def rural(communes: dict[str, Territory], groupings: dict[str, Territory]) -> None:
    """The share of the inhabitants of 2022 in communes that the density grid calls rural."""
    for grouping in groupings.values():
        members = [communes[code] for code in grouping.members]
        total = grouping.figures.get("population_2022")
        if total and all("density_class" in one.classes for one in members):
            rural = sum(
                one.figures.get("population_2022", 0) for one in members if one.classes["density_class"] in RURAL
            )
            grouping.figures["rural_share_2022"] = 100 * rural / total


def income(year: str, rows: Iterable[SourceRow], groupings: dict[str, Territory]) -> Iterator[Dropped]:
    """The median income of groupings that have the perimeter of today."""
    persons_column, median_column, population, _boundaries = INCOME[year]
    for r in rows:
        grouping = groupings.get(text_of(r, "CODGEO"))
        if grouping is None:
            yield Dropped(f"income-{year}", r.row, "grouping-of-another-year")
            continue
        persons, median = number_in(text_of(r, persons_column)), number_in(text_of(r, median_column))
        inhabitants = grouping.figures.get(population)
        if median is None or not persons or not inhabitants:
            yield Dropped(f"income-{year}", r.row, "no-figure")
        elif not SAME_PERIMETER[0] <= persons / inhabitants <= SAME_PERIMETER[1]:
            yield Dropped(f"income-{year}", r.row, "grouping-of-another-perimeter")
        else:
            grouping.figures[f"median_income_{year}"] = median
            grouping.rows.append((f"income-{year}", r.row))


def income_of_communes(
    year: str, rows: Iterable[SourceRow], boundaries: Boundaries, communes: dict[str, Territory]
) -> Iterator[Dropped]:
    """The median income of communes that have had the same boundaries since."""
    name, (_persons, column, _population, made) = f"income-communes-{year}", INCOME[year]
    for r in rows:
        code, median = padded(text_of(r, "CODGEO")), number_in(text_of(r, column))
        if median is None:
            yield Dropped(name, r.row, "no-figure")
        elif boundaries.before(code, made) != {code} or boundaries.today(code, made) != {code}:
            yield Dropped(name, r.row, "commune-merged-since")
        else:
            communes[code].figures[f"median_income_{year}"] = median
            communes[code].rows.append((name, r.row))


def income_growth(communes: dict[str, Territory], groupings: dict[str, Territory]) -> None:
    """Growth of the medians of communes in percent, weighted by their inhabitants, where most are known."""
    for grouping in groupings.values():
        known = [
            (one["population_2021"], one["median_income_2019"] / one["median_income_2014"])
            for one in (communes[code].figures for code in grouping.members)
            if {"population_2021", "median_income_2014", "median_income_2019"} <= one.keys()
        ]
        inhabitants = sum(weight for weight, _growth in known)
        if inhabitants and inhabitants >= COVERED * grouping.figures.get("population_2021", inhabitants * 3):
            grouping.figures["income_growth"] = (
                100 * sum(weight * growth for weight, growth in known) / inhabitants - 100
            )


def leave_out_jumps(communes: dict[str, Territory]) -> None:
    """Leave out a count that halves or doubles until the next (above 500): it is of boundaries of another year."""
    for commune in communes.values():
        for year, later in pairwise(YEARS):
            before, after = (commune.figures.get(f"population_{one}") for one in (year, later))
            if before and after and max(before, after) > 500 and not 0.5 <= after / before <= 2:
                del commune.figures[f"population_{year}"]
                # No number: an issue shows it.
                commune.classes[f"population_{year}"] = f"{before:.0f}, {after:.0f} en {later}"
