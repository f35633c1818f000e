"""Where an initiative is drawn, and how sure that is.

By the best of what is said: the point that its source gives; the centre of the commune of its seat; that of the
communes or groupings where it acts; that of the commune of who carries it; that of the départements of its seat or
where it acts. What is only known to act in a region, or nowhere, has no place on a map. A point that an accepted
correction of the address contradicts is none (`moved`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum

import polars as pl

from clirld.search.around import level_of, lie_in, spreads

POINT, COMMUNE, ACTS_IN, CARRIER, DEPARTEMENT = "point", "commune", "acts-in", "carrier", "departement"
PRECISIONS = (POINT, COMMUNE, ACTS_IN, CARRIER, DEPARTEMENT)
"""What a place is, the surest first."""

DECIMALS = 5
"""Of degrees: a metre."""

_CARRIERS = ("carrier", "project-holder", "animation-unit")
_DRAWN = (("commune",), ("epci", "ept"))
"""Levels of territories that are small enough to draw at their centre, the smallest first."""

Position = tuple[float, float]


@dataclass(slots=True)
class Territories:
    """What is known of the territories of today: what they are a part of, centre and name."""

    wholes: dict[str, list[str]] = field(default_factory=dict)
    """Key → keys of what it is a part of."""
    spread: dict[str, list[str]] = field(default_factory=dict)
    """Key of a grouping of communes → keys of what it has communes in, as `search.around.spreads` gives them."""
    centres: dict[str, Position] = field(default_factory=dict)
    """Key → longitude and latitude: of a commune as its source gives it, of others the mean of their inhabitants'."""
    names: dict[str, str] = field(default_factory=dict)
    populations: dict[str, int] = field(default_factory=dict)
    parts: dict[str, list[str]] = field(default_factory=dict)
    """Key of a territory → keys of its communes."""
    population_year: str | None = None
    """Year of the populations, the last one said."""

    @classmethod
    def of(cls, table: pl.DataFrame) -> Territories:
        """From the rows of the table `territory`."""
        found = cls()
        today = table.filter(pl.col("end").is_null()).sort("key")
        for key, name, part_of in today.select("key", "name", "part_of").iter_rows():
            found.names[key], found.wholes[key] = name, part_of or []
        found.spread = spreads(found.wholes)
        rows = today.filter(pl.col("kind") == "commune").select(
            "key", "population", "population_year", "longitude", "latitude"
        )
        for key, population, year, longitude, latitude in rows.iter_rows():
            for whole in found.wholes[key]:
                found.parts.setdefault(whole, []).append(key)
            if population:
                found.populations[key] = int(population)
                found.population_year = max(found.population_year or "", year or "") or None
            if longitude and latitude:
                found.centres[key] = float(longitude), float(latitude)
        for whole, communes in found.parts.items():
            weights = [(found.centres[one], found.populations.get(one, 0) or 1) for one in communes
                       if one in found.centres]  # fmt: skip
            if weights and whole not in found.centres:
                found.centres[whole] = centre_of(weights)
        return found

    def around(self, keys: Iterable[str], level: str) -> list[str]:
        """The territories of a level that some lie in, wholly or, if they are groupings of communes, in part."""
        found = lie_in(keys, lambda key: self.wholes.get(key, ()), lambda key: self.spread.get(key, ()))
        return [one for one in found if level_of(one) == level]


def centre_of(weighted: Sequence[tuple[Position, float]]) -> Position:
    """The mean of positions, each with its weight."""
    total = fsum(weight for _, weight in weighted)
    return (
        fsum(position[0] * weight for position, weight in weighted) / total,
        fsum(position[1] * weight for position, weight in weighted) / total,
    )


def carriers(participation: pl.DataFrame, organization: pl.DataFrame) -> dict[str, str]:
    """Key of an initiative → key of the commune where the first of those who carry it has its seat."""
    seats = organization.filter(pl.col("commune").is_not_null()).sort("key", "source").unique("key", keep="first")
    of_carriers = participation.filter(pl.col("role").is_in(_CARRIERS)).join(
        seats.select(pl.col("key").alias("member"), "commune"), on="member"
    )
    found = of_carriers.sort("initiative", "key").unique("initiative", keep="first")
    return {one["initiative"]: f"commune-{one['commune']}" for one in found.iter_rows(named=True)}


def place(
    row: Mapping[str, object], territories: Territories, carried_in: Mapping[str, str]
) -> tuple[Position | None, str]:
    """Where a row of the table `initiative` is drawn and what that is, one of PRECISIONS; None and "" where nowhere."""
    if row["longitude"] and row["latitude"]:
        return (float(str(row["longitude"])), float(str(row["latitude"]))), POINT
    seat, acts_in = str(row["seat"] or ""), _keys(row["acts_in"])
    if found := _centre([seat] if level_of(seat) == "commune" else [], territories):
        return found, COMMUNE
    for levels in _DRAWN:
        if found := _centre([one for one in acts_in if level_of(one) in levels], territories):
            return found, ACTS_IN
    if found := _centre([carried_in[one] for one in [str(row["key"])] if one in carried_in], territories):
        return found, CARRIER
    if found := _centre([one for one in [seat, *acts_in] if level_of(one) == "departement"], territories):
        return found, DEPARTEMENT
    return None, ""


def _keys(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, Iterable) and not isinstance(value, str) else []


def _centre(keys: Iterable[str], territories: Territories) -> Position | None:
    known = [(territories.centres[one], territories.populations.get(one, 1)) for one in keys
             if one in territories.centres]  # fmt: skip
    return centre_of(known) if known else None
