"""Writing of canonical tables as Parquet parts, so that memory does not grow with the rows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl

from clirld.entities import CanonicalRow
from clirld.tables import Tables

PART = 50_000
"""Rows held in memory for a table before they are written as one part."""


class PartWriter:
    """Collects canonical rows by table; counts rows by table and filled cells by `table.column`."""

    def __init__(self, tables: Tables, out: Path) -> None:
        self.rows: Counter[str] = Counter()
        self.filled: Counter[str] = Counter()
        self._tables = tables
        self._out = out
        self._waiting: dict[str, list[CanonicalRow]] = {}
        self._parts: Counter[str] = Counter()

    def add(self, table: str, row: CanonicalRow) -> None:
        """Add a row; a full part is written."""
        waiting = self._waiting.setdefault(table, [])
        waiting.append(row)
        if len(waiting) >= PART:
            self._write(table)

    def close(self) -> None:
        """Write what is waiting."""
        for table in list(self._waiting):
            self._write(table)

    def _write(self, table: str) -> None:
        frame = pl.DataFrame(self._waiting.pop(table), schema=self._tables[table].schema)
        self.rows[table] += frame.height
        for name in frame.columns:
            self.filled[f"{table}.{name}"] += frame.height - frame[name].null_count()
        folder = self._out / table
        folder.mkdir(exist_ok=True)
        frame.write_parquet(folder / f"part-{self._parts[table]:05}.parquet")
        self._parts[table] += 1
