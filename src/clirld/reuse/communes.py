"""The communes of its size class that are most like a commune, in words: what the tables of a release say of it.

The figures are read for these communes only: with them come those of the central communes of attraction areas, from
which distances are taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from clirld.compare import figures, words
from clirld.compare.communes import doubts_in_words
from clirld.compare.figures import Territory
from clirld.compare.pairs import told_in_words
from clirld.query.failure import Language

TABLE, FIGURES = "commune_comparison.parquet", "territory_figures.parquet"


@dataclass(frozen=True, slots=True)
class CommuneAlike:
    """A commune that is like another: its key and rank, how far it is, in which group most, and in what, in words."""

    key: str
    rank: int
    distance: float
    differs_most: str
    in_what: str


@dataclass(frozen=True, slots=True)
class CommunesAlike:
    """What the comparison of a commune gives: its neighbours, those it is compared with, what that is worth."""

    least: int
    """Inhabitants of its size class, at least and at most; -1: none."""
    most: int
    compared_with: int
    missing_share: float
    stable_weights: float | None
    stable_without: float | None
    doubt: str
    rule: str
    """Key of the rule by which it was compared."""
    neighbours: list[CommuneAlike]


@lru_cache(maxsize=256)  # a release does not change
def communes_alike(release: Path, key: str, language: Language) -> CommunesAlike | None:
    """The communes most like one (`commune-39300`) in a release folder; None where nothing is said of it."""
    own = next(iter(_rows(release, TABLE, pl.col("territory") == key)), None)
    if own is None:
        return None
    least, _, most = own["size_class"].partition("-")
    return CommunesAlike(
        int(least or -1),
        int(most or -1),
        int(own["compared_with"] or 0),
        float(own["missing_share"]),
        float(own["stable_weights"]) if own["stable_weights"] else None,
        float(own["stable_without"]) if own["stable_without"] else None,
        doubts_in_words(own["doubts"], own["not_comparable"], own["missing_groups"], len(own["neighbours"]), language),
        own["rule"],
        list(_neighbours(own, _with_figures(release, [key, *own["neighbours"]]), language)),
    )


@lru_cache(maxsize=256)
def near_commune(release: Path, key: str) -> list[str]:
    """The keys of the communes most like one, the nearest first; none where nothing is said of it."""
    return [one for row in _rows(release, TABLE, pl.col("territory") == key) for one in row["neighbours"]]


def _neighbours(own: dict[str, Any], known: dict[str, Territory], language: Language) -> Iterator[CommuneAlike]:
    by_rank = (
        own["neighbours"],
        own["distances"].split(),
        own["differs_most"].split(),
        own["alike"].split(";"),
        own["different"].split(";"),
    )
    for rank, (key, distance, group, alike, different) in enumerate(zip(*by_rank, strict=False), 1):
        here, other = known.get(own["territory"]), known.get(key)
        said = told_in_words(here, other, (alike.split(), different.split()), language) if here and other else ""
        yield CommuneAlike(key, rank, float(distance), words.group(group, language), said)


def _with_figures(release: Path, keys: Iterable[str]) -> dict[str, Territory]:
    wanted = set(keys)
    centres = pl.col("attraction_area_role") == figures.CENTRE
    rows = _rows(release, FIGURES, pl.col("territory").is_in(wanted) | centres)
    return {one.key: one for one in figures.communes(rows) if one.key in wanted}


def _rows(release: Path, table: str, which: pl.Expr) -> list[dict[str, Any]]:
    """Some rows of a table of a release: texts, and lists of them; "" and [] where there is nothing."""
    files = sorted((release / "tables").glob(f"*/{table}"))
    if not files:
        return []
    rows = pl.scan_parquet(files).filter(which).collect()
    lists = {name for name, kind in rows.schema.items() if isinstance(kind, pl.List)}
    return [
        {name: ([] if name in lists else "") if value is None else value for name, value in row.items()}
        for row in rows.iter_rows(named=True)
    ]
