"""Parquet of the canonical tables: those of a folder, rows added beside them, and which records were withdrawn."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import polars as pl

from clirld.vocabulary.tables import Table

CARRIED_PART = "part-carried.parquet"
"""The part of a table that is not of today's file."""

WITHDRAWN_FILE = "withdrawn.parquet"
"""Beside the tables of the records stage: hashes of the records that the file has and that are left out unnamed.

Never published: it tells those that somebody withdrew from those that vanished.
"""


def record_hash(key: str) -> int:
    """64 bits of the SHA-256 of a record's key."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])


def write_withdrawn(out: Path, hashes: Iterable[int]) -> None:
    """Write the hashes of the records that were withdrawn."""
    pl.DataFrame({"record": pl.Series(array("Q", sorted(hashes)), dtype=pl.UInt64())}).write_parquet(
        out / WITHDRAWN_FILE
    )


def withdrawn_records(rows: Path, records: Iterable[str]) -> set[str]:
    """Which of some records are withdrawn in the output of the records stage."""
    path = rows / WITHDRAWN_FILE
    withdrawn = set(pl.read_parquet(path)["record"]) if path.is_file() else set()
    return {record for record in records if record_hash(record) in withdrawn} if withdrawn else set()


def scan_table(folder: Path | None, table: str) -> pl.LazyFrame | None:
    """The rows of a table in the output of a stage, None where it has none."""
    parts = sorted((folder / table).glob("*.parquet")) if folder else []
    # Parts of an earlier harvest have the columns that tables.yaml had then.
    return pl.scan_parquet(parts, missing_columns="insert", extra_columns="ignore") if parts else None


def tables_of(folder: Path) -> Callable[[str], pl.LazyFrame | None]:
    """The tables in the output of a stage, by name, as `scan_table` gives them."""
    return partial(scan_table, folder)


def append_rows(out: Path, table: Table, rows: pl.DataFrame) -> None:
    """Add rows to those of a table that are carried over."""
    if rows.is_empty():
        return
    path, carried = out / table.name / CARRIED_PART, table.conform(rows)
    path.parent.mkdir(exist_ok=True)
    if path.exists():
        carried = pl.concat([pl.read_parquet(path), carried])
    carried.write_parquet(path)
