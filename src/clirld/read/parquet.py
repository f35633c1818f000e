"""Rows of a Parquet file, every value text as a CSV of it would have it, or a list of texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from clirld.errors import ReadError
from clirld.read.archive import File
from clirld.read.rows import SourceRow

_BATCH_ROWS = 20_000


def header(file: File) -> list[str]:
    """Column names. Raises ReadError."""
    with file.on_disk() as path:
        try:
            return list(pl.read_parquet_schema(path))
        except (pl.exceptions.PolarsError, OSError) as problem:
            raise _unreadable(file, problem) from None


def rows(file: File, only: Collection[str] | None) -> Iterator[SourceRow]:
    """Rows, numbered from 1; those without any value are passed over, unless `only` these columns are read.

    Raises ReadError.
    """
    names = [name for name in header(file) if only is None or name in only]
    with file.on_disk() as path:
        try:
            frame = pl.scan_parquet(path).select(names)
            texts = [_text(pl.col(name), kind).alias(name) for name, kind in frame.collect_schema().items()]
            number = 0
            # In the file's order, as rows are known by their number in it.
            for batch in frame.select(texts).collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True):
                for values in batch.iter_rows():
                    number += 1
                    if only is not None or any(values):  # with some columns only, a row may seem to be blank
                        yield SourceRow(number, dict(zip(names, values, strict=True)))
        except (pl.exceptions.PolarsError, OSError) as problem:
            raise _unreadable(file, problem) from None


def _text(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """Text of a column: dates in ISO 8601, "" for null."""
    if isinstance(kind, pl.List | pl.Array):
        inner = pl.element().drop_nulls()
        return column.cast(pl.List(kind.inner)).list.eval(_text(inner, _inner_type(kind))).fill_null([])
    if isinstance(kind, pl.Struct):
        return pl.when(column.is_not_null()).then(column.struct.json_encode()).otherwise(pl.lit(""))
    if isinstance(kind, pl.Datetime):
        return column.dt.to_string("iso:strict").fill_null("")
    return column.cast(pl.String).fill_null("")


def _inner_type(kind: pl.List | pl.Array) -> pl.DataType:
    inner = kind.inner
    return inner() if isinstance(inner, type) else inner


def _unreadable(file: File, problem: Exception) -> ReadError:
    return ReadError(
        f"not Parquet that can be read: {' '.join(str(problem).split())[:200]}",
        where=file.where,
        do="run the source again; if it lasts, check format in source.yaml, and tell the publisher",
    )
