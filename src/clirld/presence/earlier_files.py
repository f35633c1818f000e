"""Files of earlier harvests that published records still come from: a record that is carried over keeps its own."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from clirld import stages
from clirld.records.table_files import scan_table
from clirld.snapshot.store import distribution_key

_FILE = "earlier_snapshots.json"


def write(
    source: str, out: Path, before: Path, snapshots: Sequence[Mapping[str, Any]], current: Collection[str]
) -> None:
    """Keep in `out` the descriptions of earlier files that its records come from; none of those of today, `current`.

    They are of `snapshots`, from which the tables in `before` were made, or of those that were earlier already then.
    """
    every = (*load(before), *snapshots)
    known = {distribution_key(source, one["distribution"], one["sha256"]): one for one in every}
    records = scan_table(out, "record")
    if records is None:
        return
    other_files = pl.col("other_rows").list.explode().str.extract(r"([^/]*)#row=")
    used = {
        file
        for column in (pl.col("file"), other_files)
        for file in records.select(column.drop_nulls().unique()).collect().to_series()
    }
    stages.write_json(out / _FILE, [known[key] for key in sorted(used - set(current)) if key in known])


def load(records: Path) -> list[dict[str, Any]]:
    """The earlier files that the tables in `records` have records of, in the order of their keys."""
    try:
        return list(json.loads((records / _FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return []
