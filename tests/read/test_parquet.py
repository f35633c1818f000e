"""Parquet: what a CSV of it would hold, in batches."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from clirld.errors import ReadError
from clirld.read import parquet as read_parquet
from clirld.read.layout import Layout
from clirld.read.reader import header, read
from clirld.read.rows import SourceRow

PARQUET = Layout("parquet")


def rows(path: Path, only: set[str] | None = None) -> list[tuple[int, dict[str, object]]]:
    return [(row.row, dict(row.values)) for row in read(path, PARQUET, only) if isinstance(row, SourceRow)]


def test_every_kind_of_value_is_text(tmp_path: Path) -> None:
    path = tmp_path / "content"
    given = {
        "siren": ["005420120", None],
        "n": [7, None],
        "x": [29600.0, None],
        "yes": [True, None],
        "d": [date(2020, 1, 2), None],
        "t": [datetime(2020, 1, 2, 3, 4, 5), None],
        "m": [Decimal("1.50"), None],
        "l": [[1, None, 2], None],
        "s": [{"a": 1}, None],
    }
    pl.DataFrame(given).write_parquet(path)
    assert header(path, PARQUET) == list(given)
    [(number, values)] = rows(path)
    assert number == 1
    assert values == {
        "siren": "005420120",
        "n": "7",
        "x": "29600.0",
        "yes": "true",
        "d": "2020-01-02",
        "t": "2020-01-02T03:04:05.000000",
        "m": "1.50",
        "l": ["1", "2"],
        "s": '{"a":1}',
    }


def test_batches_are_numbered_on_and_only_wanted_columns_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_parquet, "_BATCH_ROWS", 7)
    path = tmp_path / "content"
    pl.DataFrame({"a": [str(n) for n in range(50)], "b": ["x"] * 50}).write_parquet(path, row_group_size=11)
    assert rows(path, {"a", "not there"}) == [(n + 1, {"a": str(n)}) for n in range(50)]


@pytest.mark.parametrize("body", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"a;b\n1;2\n"])
def test_what_is_no_parquet_is_told(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "content"
    path.write_bytes(body)
    with pytest.raises(ReadError, match="not Parquet"):
        rows(path)
