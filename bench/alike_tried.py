"""What was tried to make the ten neighbours of communes last, and what each way says of figures that are no feature.

    python -m bench.alike_tried TABLES [--sample 300]

Written down before anything was tried. Communes are in two halves, by the SHA-256 of their keys: ways are compared on
the first, and what is taken must hold on the second. A way is taken where the ten last (mean Jaccard index 0.55 without
one of the groups, 0.85 with a weight moved by a fifth); where of no held-out figure that it does not use the mean of
the ten is farther off than that of version 1 of the rule (95 % of bootstrap samples of the paired differences), also
where communes of the same grouping are left out of both, since to be next door is not to be alike; and where as many
communes are comparable. So many communes of each size class and half are looked at, each counted for those that it
stands for.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.likeness import REGISTRIES
from clirld.compare import communes, features, figures, neighbours
from clirld.compare.features import Features, Floats

Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]
Singles = NDArray[np.float32]
Labels = NDArray[np.str_]

_BLOCK, _DRAWS = 40, 500


@dataclass(frozen=True)
class Way:
    """A way to compare: groups of features, and among whom it is looked."""

    name: str
    groups: Mapping[str, Sequence[str]]
    pool: str = ""
    """Communes are compared with those that have the same here (`Table.pools`); with all of the class where none."""
    elsewhere: bool = False
    """Without the communes of the same grouping."""


@dataclass(frozen=True)
class Found:
    """Of each commune that was looked at: how many it stands for, how its neighbours last, who they are (-1: none)."""

    rows: Numbers
    weights: Floats
    without: Floats
    moved: Floats
    near: Numbers


class Table:
    """Communes with their figures, those of their groupings, what they may be pooled by, and what is held out."""

    def __init__(self, tables: Path) -> None:
        frame = pl.read_parquet(sorted((tables / "territory_figures").glob("*.parquet")))
        rows = [{name: value or "" for name, value in row.items()} for row in frame.iter_rows(named=True)]
        texts = {row["territory"]: row for row in rows}
        self.compared = features.load(features.OF_COMMUNES)
        self.communes = figures.communes(rows)
        keys = [one.key for one in self.communes]
        self.grouping = np.array([texts[key].get("epci", "") for key in keys])
        self.size_class = np.array([communes.size_class(one.figures, self.compared) for one in self.communes])
        digests = [int(hashlib.sha256(key.encode()).hexdigest(), 16) for key in keys]
        self.half = np.array([digest % 2 for digest in digests])
        self.order = np.array([digest >> 128 & 0xFFFFFFFF for digest in digests])
        area = [f"{texts[key]['attraction_area_role']}/{texts[key]['attraction_area_size']}" for key in keys]
        self.pools: dict[str, Labels] = {
            "density": np.array([texts[key].get("density_class", "") for key in keys]),
            "area": np.array(area),
            "département": np.array([key.removeprefix("commune-")[:2] for key in keys]),
        }
        for size in (300, 1_200):
            self.pools[f"chance {size}"] = self._by_chance(size)
        self.held_out = dict(self._held_out(keys))

    def _by_chance(self, size: int) -> Labels:
        """Pools of a size, of those of a class, by nothing."""
        labels = np.zeros(len(self.communes), dtype=int)
        for number in np.unique(self.size_class):
            of_class = np.flatnonzero(self.size_class == number)
            shuffled = np.random.default_rng(size).permutation(of_class)
            labels[shuffled] = np.arange(len(shuffled)) % max(1, len(shuffled) // size)
        return labels.astype(np.str_)

    def _held_out(self, keys: Sequence[str]) -> Iterator[tuple[str, Floats]]:
        """Figures of communes that no way compares them by."""

        def ratio(part: str, whole: str) -> Floats:
            found = [(one.figures.get(part), one.figures.get(whole)) for one in self.communes]
            return np.array([a / b if a is not None and b else np.nan for a, b in found])

        yield "persons a household", ratio("population_2021", "households_2021")
        yield "share of 15 to 64", 100 * ratio("working_age_2021", "population_2021")
        yield "rate of activity", 100 * ratio("active_2021", "working_age_2021")
        codes = [key.removeprefix("commune-") for key in keys]
        path = REGISTRIES / "filosofi" / "FILO2019_DISP_COM.csv"
        income = pl.read_csv(path, separator=";", infer_schema=False)
        for name, column in (("pensions in income", "PPEN19"), ("D9 / D1 of income", "RD")):
            cells = income[column].str.replace(",", ".").cast(pl.Float64, strict=False)
            known = dict(zip(income["CODGEO"], cells, strict=True))
            yield name, np.array([known.get(code) for code in codes], dtype=float)


def look(table: Table, way: Way, half: int, sample: int) -> Found:
    """Neighbours of a sample of a half of the communes, and how they last."""
    parts = []
    for number in range(len(table.compared.classes)):
        of_class = np.flatnonzero(table.size_class == number)
        scores, group_of = _scores(table, way, of_class)
        mine = np.flatnonzero(table.half[of_class] == half)
        chosen = mine[np.argsort(table.order[of_class[mine]])[:sample]]
        for at in range(0, len(chosen), _BLOCK):
            here = chosen[at : at + _BLOCK]
            may_be = np.arange(len(of_class)) != here[:, None]
            for labels, same in ((table.pools.get(way.pool), True), (table.grouping if way.elsewhere else None, False)):
                if labels is not None:
                    may_be &= (labels[of_class[here]][:, None] == labels[of_class]) == same
            near, without, moved = _near(*_squares(scores, group_of, here), may_be)
            near = np.where(near >= 0, of_class[near], -1)
            parts.append(Found(of_class[here], np.full(len(here), len(mine) / len(chosen)), without, moved, near))
    names = ("rows", "weights", "without", "moved", "near")
    return Found(*(np.concatenate([getattr(one, name) for one in parts]) for name in names))


def _scores(table: Table, way: Way, of_class: Numbers) -> tuple[Singles, Numbers]:
    """Normal scores within the class, and the group of each column."""
    columns, group_of = [], []
    for number, names in enumerate(way.groups.values()):
        for name in names:
            values = [table.communes[n].figures.get(name, np.nan) for n in of_class.tolist()]
            columns.append(features.normal_scores(np.array(values)))
            group_of.append(number)
    return np.column_stack(columns).astype(np.float32), np.array(group_of)


def _squares(scores: Singles, group_of: Numbers, here: Numbers) -> tuple[Singles, Singles]:
    """Mean squared difference of rows from all by group, and 1 where both have more than half of its features."""
    squares, common = np.zeros((2, len(here), len(scores), group_of.max() + 1), np.float32)
    for group in range(squares.shape[2]):
        columns = np.flatnonzero(group_of == group)
        total, count = np.zeros((2, len(here), len(scores)), np.float32)
        for column in columns:
            difference = scores[here, column][:, None] - scores[:, column]
            total += np.nan_to_num(difference) ** 2
            count += ~np.isnan(difference)
        known = (~np.isnan(scores[:, columns])).mean(axis=1) > 0.5
        common[:, :, group] = known[here][:, None] & known
        squares[:, :, group] = common[:, :, group] * total / np.maximum(count, 1)
    return squares, common


def _near(squares: Singles, common: Singles, may_be: Flags) -> tuple[Numbers, Floats, Floats]:
    """The nearest; Jaccard index with those without one of the groups, and with one weight moved by a fifth."""
    groups = squares.shape[2]
    needed, ones = groups - 1, np.ones(groups, np.float32)

    def nearest(weights: Singles, least: int) -> Numbers:
        weight = common @ weights
        distances = np.where(weight > 0, squares @ weights / np.maximum(weight, 1e-9), np.inf)
        distances[(common @ (weights > 0).astype(np.float32) < least) | ~may_be] = np.inf
        places = np.argpartition(distances, 10, axis=1)[:, :10]
        return np.where(np.isfinite(np.take_along_axis(distances, places, axis=1)), places, -1)

    near = nearest(ones, needed)
    without: list[Floats] = []
    moved: list[Floats] = []
    for group in range(groups):
        for weight in (0.0, 0.8, 1.2):
            weights = ones.copy()
            weights[group] = weight
            index = neighbours.jaccard(near, nearest(weights, needed - (weight == 0)))
            (moved if weight else without).append(index)
    return near, np.mean(without, axis=0), np.mean(moved, axis=0)


def off_by(found: Found, values: Floats) -> Floats:
    """How far a figure of each commune is from the mean of its neighbours'."""
    near = np.where(found.near >= 0, values[found.near], np.nan)
    known = (~np.isnan(near)).sum(axis=1)
    mean = np.divide(np.nansum(near, axis=1), known, out=np.full(len(near), np.nan), where=known > 0)
    distances: Floats = np.abs(values[found.rows] - mean)
    return distances


def told(table: Table, way: Way, found: Found, first: Found) -> Iterator[str]:
    """A line of how the neighbours last, and one a held-out figure, against those of version 1."""
    is_there = ~np.isnan(found.without)

    def mean(values: Floats) -> float:
        return float(np.average(values[is_there], weights=found.weights[is_there]))

    same = np.where(found.near >= 0, table.grouping[found.near] == table.grouping[found.rows][:, None], False)
    comparable = np.average(is_there, weights=found.weights)
    yield (
        f"{way.name}: without a group {mean(found.without):.3f}, moved {mean(found.moved):.3f}, comparable "
        f"{comparable:.3f}, of the same grouping {mean(same.mean(axis=1)):.2f}"
    )
    for name, values in table.held_out.items():
        before, after = off_by(first, values), off_by(found, values)
        both = ~np.isnan(before) & ~np.isnan(after)
        gains, weights = (before - after)[both], found.weights[both]
        draws = np.random.default_rng(1).integers(0, len(gains), (_DRAWS, len(gains)))
        low, high = np.quantile([np.average(gains[one], weights=weights[one]) for one in draws], (0.025, 0.975))
        ours, theirs = (np.average(one[both], weights=weights) for one in (after, before))
        word = ", says less" if high < 0 else ", says more" if low > 0 else ""
        yield (
            f"  {name}: off by {ours:.3f}, version 1 {theirs:.3f}, gain {low:+.3f} to {high:+.3f} of {len(gains)}{word}"
        )


def ways(compared: Features) -> Iterator[Way]:
    """What was tried; version 1 of the rule first, which had a commune's own figures only. The whole is version 2."""
    whole = {name: [*names] for name, names in compared.groups.items()}
    own = {name: [one for one in names if not one.startswith(figures.OF_GROUPING)] for name, names in whole.items()}
    yield Way("version 1", own)
    yield Way("size and density alone", {name: own[name] for name in ("size", "density")})
    for pool in ("chance 1200", "chance 300", "density", "area", "département"):
        yield Way(f"version 1 in pools by {pool}", own, pool)
    yield Way("version 2", whole)
    yield Way("version 1, elsewhere", own, elsewhere=True)
    yield Way("version 2, elsewhere", whole, elsewhere=True)
    yield Way("version 2 in pools by area, elsewhere", whole, "area", elsewhere=True)


def main() -> None:
    """Print what each way gives, on both halves."""
    parser = argparse.ArgumentParser(prog="python -m bench.alike_tried")
    parser.add_argument("tables", type=Path, help="a folder of tables with territory_figures")
    parser.add_argument("--sample", type=int, default=300, help="communes a size class and half (%(default)s)")
    options = parser.parse_args()
    table = Table(options.tables)
    for half in (0, 1):
        print(f"half {half + 1} of 2")
        base: dict[bool, Found] = {}
        for way in ways(table.compared):
            found = look(table, way, half, options.sample)
            first = base.setdefault(way.elsewhere, found)
            print("\n".join(told(table, way, found, first)), flush=True)


if __name__ == "__main__":
    main()
