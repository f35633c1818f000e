"""Writing of canonical tables as Parquet parts, so that memory does not grow with the rows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl

PART_ROWS = 50_000
"""Rows held in memory for a table before they are written as one part."""


class PartWriter:
    """Collects rows of canonical tables."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._buffered: dict[str, pl.DataFrame] = {}
        self._parts: Counter[str] = Counter()

    def add(self, table: str, rows: pl.DataFrame) -> None:
        """Add rows, in the schema of their table; full parts are written."""
        buffered = self._buffered.pop(table, None)
        rows = rows if buffered is None else pl.concat([buffered, rows])
        while rows.height >= PART_ROWS:
            self._write(table, rows[:PART_ROWS])
            rows = rows[PART_ROWS:]
        if rows.height:
            self._buffered[table] = rows

    def close(self) -> None:
        """Write what is waiting."""
        for table, rows in self._buffered.items():
            self._write(table, rows)
        self._buffered.clear()

    def _write(self, table: str, rows: pl.DataFrame) -> None:
        folder = self._out / table
        folder.mkdir(exist_ok=True)
        rows.write_parquet(folder / f"part-{self._parts[table]:05}.parquet")
        self._parts[table] += 1
