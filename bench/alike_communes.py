"""Communes compared within their size class, on the real figures: how many, how stable, why not, and what it took.

python -m bench.alike_communes TABLES   a folder of tables with `territory_figures`, as data/records/statistics/…
"""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from clirld.compare import communes
from clirld.compare.observations import Values


def report(tables: Path) -> Iterator[str]:
    """A line a size class, then one each for all, for why some are compared with none, and for doubts."""
    frame = pl.read_parquet(sorted((tables / "territory_figures").glob("*.parquet")))
    rows = [{name: value or "" for name, value in row.items()} for row in frame.iter_rows(named=True)]
    start = time.process_time()
    told = [one.values for one in communes.derive(rows) if one.table == "commune_comparison"]
    seconds, peak = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    by_class: dict[str, list[Values]] = defaultdict(list)
    for one in told:
        by_class[str(one.get("size_class", ""))].append(one)
    for name in sorted(filter(None, by_class), key=lambda name: int(name.partition("-")[0])):
        yield f"communes of {name} inhabitants: {_stability(by_class[name])}"
    yield f"all communes: {_stability(told)}; {seconds:.1f} s of a processor, peak {peak} MiB"
    for what, kinds in (
        ("compared with none", Counter(str(one["not_comparable"]) for one in told if "not_comparable" in one)),
        ("groups missing there", Counter(group for one in told for group in one.get("missing_groups", ()))),
        ("in doubt", Counter(kind for one in told for kind in one.get("doubts", ()))),
    ):
        yield f"communes, {what}: {', '.join(f'{kind} {count:,}' for kind, count in kinds.most_common()) or 'none'}"


def _stability(told: list[Values]) -> str:
    weights, without = (
        np.array([float(str(one[name])) for one in told if name in one])
        for name in ("stable_weights", "stable_without")
    )
    if not len(without):
        return f"0 of {len(told):,} comparable"
    return (
        f"{len(without):,} of {len(told):,} comparable; Jaccard {weights.mean():.2f} with one weight moved by a fifth, "
        f"{without.mean():.2f} without a group, under 0.5: {(without < 0.5).sum():,}"
    )


if __name__ == "__main__":
    print("\n".join(report(Path(sys.argv[1]))))
