"""Rows of a distribution, many at a time and column by column: a column is cleaned far faster than its cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from operator import itemgetter
from pathlib import Path

from clirld.read import reader
from clirld.read import table as read_table
from clirld.read.archive import files
from clirld.read.layout import Layout
from clirld.read.rows import Cell, Chunk, RaggedRow, Report, SourceRow, ignore

CHUNK_ROWS = 20_000
"""Rows of a chunk."""


def from_tables(
    path: Path,
    layout: Layout,
    columns: Collection[str],
    url_columns: Collection[str] = (),
    report: Report = ignore,
) -> Iterator[Chunk]:
    """Chunks of a CSV file or a spreadsheet, or of the members of an archive: the rows of `clirld.read.reader`.

    Of `url_columns`, links behind other text are the values. What is noticed of the rows of a chunk is reported before
    the chunk is given.
    """
    offset = 0
    first_header: list[str] | None = None
    for file in files(path, layout.member):
        report_of_file = reader.shifted(report, offset)
        header, above, table = read_table.open_table(file, layout, report_of_file, url_columns)
        rows_read = layout.header
        first_header = reader.check_same_columns(file, first_header, header)
        positions = {name: header.index(name) for name in columns if name in header}
        last_row = 0
        if above:
            moved = [(0, replace(row, row=offset + row.row)) for row in above]
            yield Chunk([], {name: [] for name in columns}, moved)
        while rows := list(islice(table, CHUNK_ROWS)):
            row_numbers: Sequence[int] = range(offset + rows_read + 1, offset + rows_read + 1 + len(rows))
            rows_read += len(rows)
            ragged: list[tuple[int, RaggedRow]] = []
            # Most chunks have nothing ragged or empty, and are not looked at row by row.
            if layout.until or set(map(len, rows)) != {len(header)} or not all(map(any, rows)):
                row_numbers, rows, ragged = _split_ragged(row_numbers, rows, len(header))
            last_row = max([last_row, *row_numbers[-1:], *(row.row for _, row in ragged[-1:])])
            cells = {name: list(map(itemgetter(place), rows)) for name, place in positions.items()}
            yield Chunk(row_numbers, {name: cells.get(name) or [""] * len(rows) for name in columns}, ragged)
        offset = last_row or offset  # row numbers go on from one member of an archive to the next


def _split_ragged(
    row_numbers: Sequence[int], rows: Sequence[list[str]], width: int
) -> tuple[list[int], list[list[str]], list[tuple[int, RaggedRow]]]:
    """The rows that have a value and as many cells as the header has; those that have another number."""
    fitting_numbers: list[int] = []
    fitting: list[list[str]] = []
    ragged: list[tuple[int, RaggedRow]] = []
    for number, row in zip(row_numbers, rows, strict=True):
        if not any(row):
            continue
        if read_table.fits(row, width):
            fitting_numbers.append(number)
            fitting.append(row)
        else:
            ragged.append((len(fitting), read_table.ragged(number, row, width)))
    return fitting_numbers, fitting, ragged


def from_rows(
    source_rows: Iterable[SourceRow | RaggedRow], columns: Collection[str], column_names: set[str]
) -> Iterator[Chunk]:
    """Chunks of rows that come one by one; `column_names` gets the names of all columns that a row has."""
    stream = iter(source_rows)
    while batch := list(islice(stream, CHUNK_ROWS)):
        rows: list[SourceRow] = []
        ragged: list[tuple[int, RaggedRow]] = []
        for row in batch:
            if isinstance(row, RaggedRow):
                ragged.append((len(rows), row))
            else:
                rows.append(row)
                column_names.update(row.values)
        cells = {name: [_hashable(row.values.get(name, "")) for row in rows] for name in columns}
        yield Chunk([row.row for row in rows], cells, ragged)


# Cells are keys of the reader's cache (`clirld.records.cells`).
def _hashable(cell: Cell) -> str | tuple[str, ...]:
    return cell if isinstance(cell, str) else tuple(cell)
