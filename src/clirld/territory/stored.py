"""Communes through time out of the canonical tables `territory` and `territory_change`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from clirld.errors import DataError
from clirld.search.words import key as folded
from clirld.territory.changes import Change, Passage
from clirld.territory.history import History

_COMMUNES = ("commune", "overseas-subdivision")
_PARTS = ("arrondissement-municipal", "commune-deleguee", "commune-associee")
_DEPARTEMENTS = ("departement", "overseas-collectivity")
_COLUMNS = ["key", "name", "kind", "code", "part_of", "population", "population_year"]


@dataclass(frozen=True, slots=True)
class Census:
    """Inhabitants by code of a commune, counted in the communes of a day."""

    name: str
    """What it is called where its shares are used."""
    day: str
    population: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Grouping:
    """A grouping of communes (EPCI) and its communes of today: code → name."""

    siren: str
    name: str
    communes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """What a harvest of the territories says of communes."""

    history: History
    census: Census
    """The inhabitants of the communes of today."""
    departements: Mapping[str, str]
    """Code of a département or of a collectivity overseas → its name."""
    groupings: Mapping[str, Grouping]
    """SIREN → grouping of today: no file at hand has the perimeters of other years."""

    def departement(self, code: str) -> str:
        """The name of the département of today that a code begins with; its number where there is none."""
        number = code[:3] if code.startswith(("97", "98")) else code[:2]
        return self.departements.get(number, number)

    def grouping(self, asked: str) -> Grouping | None:
        """The grouping of a SIREN, or of a whole name that one of them has."""
        if found := self.groupings.get("".join(asked.split())):
            return found
        named = [one for one in self.groupings.values() if folded(one.name) == folded(asked)]
        return named[0] if len(named) == 1 else None


def load(territories: Sequence[Path], changes: Sequence[Path]) -> Stored:
    """Read the parts of both tables. Raises DataError where one has none."""
    if not territories or not changes:
        raise DataError("no changes of territories", do="run “clirld run territories” again")
    rows = pl.scan_parquet(list(territories)).select(_COLUMNS).collect().to_dicts()
    lines = pl.scan_parquet(list(changes)).select("date", "kind", "passage").collect().to_dicts()
    return from_rows(rows, lines)


def from_rows(rows: Sequence[Mapping[str, Any]], changes: Iterable[Mapping[str, Any]]) -> Stored:
    """Take rows of both tables."""
    code_of = {row["key"]: row["code"] for row in rows}
    today = {row["code"]: row["name"] for row in rows if row["kind"] in _COMMUNES}
    parts = {row["code"]: code_of[row["part_of"][0]] for row in rows if row["kind"] in _PARTS and row.get("part_of")}
    history = History(map(_change, changes), today, parts)
    counted = [row for row in rows if row["kind"] in _COMMUNES and row.get("population") is not None]
    years = [str(year) for year, _ in Counter(row["population_year"] for row in counted).most_common()]
    population = {row["code"]: int(row["population"]) for row in counted}
    departements = {row["code"]: row["name"] for row in rows if row["kind"] in _DEPARTEMENTS}
    census = Census(" / ".join(years), history.last_day, population)
    return Stored(history, census, departements, _groupings(rows))


def _groupings(rows: Sequence[Mapping[str, Any]]) -> dict[str, Grouping]:
    within: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        for key in row.get("part_of") or () if row["kind"] in _COMMUNES else ():
            within[key][row["code"]] = row["name"]
    return {
        row["code"]: Grouping(row["code"], row["name"], dict(sorted(within[row["key"]].items())))
        for row in rows
        if row["kind"] == "epci"
    }


def _change(row: Mapping[str, Any]) -> Change:
    return Change(row["date"], row["kind"], tuple(map(Passage.parse, row["passage"])))
