"""How much each grouping of communes is like one of them: rank and distance from it, and in what, in words.

The measure is that of the comparable territories (`clirld.compare`), of all others instead of the nearest ten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from clirld.compare import features, figures, neighbours, pairs
from clirld.compare.features import Floats
from clirld.compare.figures import Territory
from clirld.query.failure import Language
from clirld.reuse.communes import near_commune

TABLE = "territory_figures.parquet"
NEAR = 50
"""Ranks that are near enough: the fifty of 1,255 groupings that are most like one, four in a hundred."""

_KEPT = 32
"""Groupings whose likeness to all others is kept: of each about a megabyte."""


@dataclass(frozen=True, slots=True)
class Alike:
    """How much another grouping is like one: its rank among the others, from 1, its distance, each group's share."""

    rank: int
    distance: float
    shares: Mapping[str, float]

    @property
    def differs_most(self) -> str:
        """The group of features that makes most of the distance."""
        return max(self.shares, key=lambda name: self.shares[name])


@dataclass(frozen=True)
class Likeness:
    """The groupings of a release by key (`epci-200071116`), and the grouping of each commune (`commune-39300`)."""

    territories: list[Territory]
    communes: Mapping[str, str]
    release: Path | None = None
    _kept: dict[str, dict[str, Alike]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> dict[str, int]:
        """The number of each grouping."""
        return {one.key: n for n, one in enumerate(self.territories)}

    @cached_property
    def _scores(self) -> Floats:
        return features.matrix([one.figures for one in self.territories], features.load())

    def of(self, key: str) -> dict[str, Alike]:
        """How much each other grouping is like this one, nearest first; empty where it cannot be compared."""
        if key not in self.rows:
            return {}
        if key not in self._kept:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            compared = features.load()
            order, distances, shares = self._ordered(key)
            self._kept[key] = {
                self.territories[n].key: Alike(
                    rank, float(distances[n]), dict(zip(compared.groups, shares[n].tolist(), strict=True))
                )
                for rank, n in enumerate(order, 1)
            }
        return self._kept[key]

    def near_commune(self, key: str) -> list[str]:
        """The communes of its size class that are most like one, by key; none where the release says nothing of it."""
        return near_commune(self.release, key) if self.release else []

    def nearest(self, key: str) -> list[int]:
        """The numbers of the groupings that are near enough, nearest first."""
        return self._ordered(key)[0][:NEAR]

    def _ordered(self, key: str) -> tuple[list[int], Floats, Floats]:
        distances, shares = neighbours.from_one(self._scores, self.rows[key], features.load())
        order = np.argsort(np.round(distances, 12), kind="stable")
        return order[np.isfinite(distances[order])].tolist(), distances, shares

    def words(self, key: str, other: str, language: Language, *, is_yours: bool = False) -> str:
        """In what two groupings are most alike and most different, with both figures; the first may be the reader's."""
        one, two = self.rows[key], self.rows[other]
        return pairs.in_words(
            self.territories[one],
            self.territories[two],
            self._scores[one],
            self._scores[two],
            features.load(),
            language,
            is_yours=is_yours,
        )


@lru_cache(maxsize=2)  # the release that is served, and the one before
def load(release: Path) -> Likeness | None:
    """The groupings of a release folder; None where it has no table of figures."""
    files = sorted((release / "tables").glob(f"*/{TABLE}"))
    if not files:
        return None
    table = pl.read_parquet(files).cast(pl.String).fill_null("")
    rows = [{name: text for name, text in row.items() if text} for row in table.iter_rows(named=True)]
    communes = {row["territory"]: row["epci"] for row in rows if "epci" in row}
    return Likeness(figures.territories(rows), communes, release)
