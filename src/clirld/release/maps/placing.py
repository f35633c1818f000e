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

    spread: dict[str, list[str]] = field(default_factory=dict)
    """Key of a grouping of communes → keys of what it has communes in, as `search.around.spreads` gives them."""
    names: dict[str, str] = field(default_factory=dict)
    populations: dict[str, int] = field(default_factory=dict)
    parts: dict[str, list[str]] = field(default_factory=dict)
    """Key of a territory → keys of its communes."""
    population_year: str | None = None
    """Year of the populations, the last one said."""
    _rows: dict[str, int] = field(default_factory=dict)
    """Key → its row in `_wholes`."""
    _wholes: pl.Series = field(default_factory=pl.Series)
    _known_wholes: dict[str, list[str]] = field(default_factory=dict)
    """Key → what `wholes` gives: few of 40,000 are asked for."""
    _points: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Key of a commune → longitude and latitude, as its source gives them."""
    centres: dict[str, Position | None] = field(default_factory=dict)
    """Key → what `centre` gives."""

    @classmethod
    def of(cls, table: pl.DataFrame, centres: Mapping[str, Position] | None = None) -> Territories:
        """From the rows of the table `territory`; `centres` are those of `centres_of_wholes`, where they are known."""
        today = table.filter(pl.col("end").is_null()).sort("key")
        communes = today.filter(pl.col("kind") == "commune")
        inhabited = communes.select("key", pl.col("population").cast(pl.Int64()), "population_year").filter(
            pl.col("population") != 0
        )
        pairs = communes.select("key", "part_of").explode("part_of").drop_nulls()
        parts = pairs.group_by("part_of", maintain_order=True).agg("key")
        placed = communes.filter(pl.col("longitude") != "", pl.col("latitude") != "")
        points = zip(placed["longitude"].to_list(), placed["latitude"].to_list(), strict=True)
        keys = today["key"].to_list()
        return cls(
            spread=spreads(dict(communes.select("key", "part_of").drop_nulls("part_of").iter_rows())),
            names=dict(zip(keys, today["name"].to_list(), strict=True)),
            populations=dict(zip(inhabited["key"].to_list(), inhabited["population"].to_list(), strict=True)),
            parts=dict(zip(parts["part_of"].to_list(), parts["key"].to_list(), strict=True)),
            population_year=max(inhabited["population_year"].drop_nulls().to_list(), default=None),
            _rows=dict(zip(keys, range(len(keys)), strict=True)),
            _wholes=today["part_of"],
            _points=dict(zip(placed["key"].to_list(), points, strict=True)),
            centres=dict(centres or {}),
        )

    def is_known(self, key: str) -> bool:
        """Whether it is one of today's."""
        return key in self._rows

    def wholes(self, key: str) -> list[str]:
        """Keys of what a territory is a part of."""
        if key not in self._known_wholes:
            row = self._rows.get(key)
            found = self._wholes[row] if row is not None else None
            self._known_wholes[key] = [] if found is None else found.to_list()
        return self._known_wholes[key]

    def centres_of_wholes(self) -> dict[str, Position]:
        """Key → centre of each territory that has communes."""
        return {key: centre for key in sorted(self.parts) if (centre := self.centre(key))}

    def centre(self, key: str) -> Position | None:
        """Longitude and latitude: of a commune as its source gives it, of others the mean of their inhabitants'."""
        if key not in self.centres:
            self.centres[key] = self._centre(key)
        return self.centres[key]

    def _centre(self, key: str) -> Position | None:
        if point := self._points.get(key):
            return float(point[0]), float(point[1])
        weights = [(centre, self.populations.get(one, 0) or 1) for one in self.parts.get(key, ())
                   if one in self._points and (centre := self.centre(one))]  # fmt: skip
        return centre_of(weights) if weights else None

    def around(self, keys: Iterable[str]) -> dict[str, list[str]]:
        """By level, the territories that some lie in, wholly or, if they are groupings of communes, in part."""
        found: dict[str, list[str]] = {}
        for one in lie_in(keys, self.wholes, lambda key: self.spread.get(key, ())):
            found.setdefault(level_of(one), []).append(one)
        return found


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
    known = [(centre, territories.populations.get(one, 1)) for one in keys if (centre := territories.centre(one))]
    return centre_of(known) if known else None
