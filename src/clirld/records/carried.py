"""Parquet of the canonical tables: those of a folder, and rows added beside them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from clirld.vocabulary.tables import Table

CARRIED_PART = "part-carried.parquet"
"""The part of a table that is not of today's file."""


def scan_table(folder: Path | None, table: str) -> pl.LazyFrame | None:
    """The rows of a table in the output of a stage, None where it has none."""
    parts = sorted((folder / table).glob("*.parquet")) if folder else []
    # Parts of an earlier harvest have the columns that tables.yaml had then.
    return pl.scan_parquet(parts, missing_columns="insert", extra_columns="ignore") if parts else None


def append_rows(out: Path, table: Table, rows: pl.DataFrame) -> None:
    """Add rows to those of a table that are carried over."""
    if rows.is_empty():
        return
    path, carried = out / table.name / CARRIED_PART, table.conform(rows)
    path.parent.mkdir(exist_ok=True)
    if path.exists():
        carried = pl.concat([pl.read_parquet(path), carried])
    carried.write_parquet(path)
