"""Parquet of the canonical tables: those of a folder, and rows added beside them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from clirld.vocabulary.tables import Table

CARRIED = "part-carried.parquet"
"""The part of a table that is not of today's file."""


def scan(folder: Path | None, table: str) -> pl.LazyFrame | None:
    """The rows of a table in the output of a stage, None where it has none."""
    parts = sorted((folder / table).glob("*.parquet")) if folder else []
    return pl.scan_parquet(parts, missing_columns="insert", extra_columns="ignore") if parts else None


def add(out: Path, table: Table, rows: pl.DataFrame) -> None:
    """Add rows to those of a table that are carried over."""
    if rows.is_empty():
        return
    path, whole = out / table.name / CARRIED, table.conform(rows)
    path.parent.mkdir(exist_ok=True)
    if path.exists():
        whole = pl.concat([pl.read_parquet(path), whole])
    whole.write_parquet(path)
