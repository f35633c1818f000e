"""Rows of a distribution, many at a time and column by column: a column is cleaned far faster than its cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from clirld.read import reader
from clirld.read import table as read_table
from clirld.read.archive import files
from clirld.read.layout import Layout
from clirld.read.rows import Cell, Chunk, RaggedRow, SourceRow

SIZE = 20_000
"""Rows of a chunk."""


def of_tables(path: Path, layout: Layout, columns: Collection[str]) -> Iterator[Chunk]:
    """Chunks of a CSV file or a spreadsheet, or of the members of an archive: the rows of `clirld.read.reader`."""
    before = 0
    first: list[str] | None = None
    for file in files(path, layout.member):
        number, names, table = read_table.open_table(file, layout)
        first = reader.check_same_columns(file, first, names)
        places = {name: names.index(name) for name in columns if name in names}
        last = 0
        while found := list(islice(table, SIZE)):
            numbers: Sequence[int] = range(before + number + 1, before + number + 1 + len(found))
            number += len(found)
            ragged: list[tuple[int, RaggedRow]] = []
            if set(map(len, found)) != {len(names)} or not all(map(any, found)):
                numbers, found, ragged = _good(numbers, found, len(names))
            last = max([last, *numbers[-1:], *(row.row for _, row in ragged[-1:])])
            cells = {name: [row[place] for row in found] for name, place in places.items()}
            yield Chunk(numbers, {name: cells.get(name) or [""] * len(found) for name in columns}, ragged)
        before = last or before


def _good(
    numbers: Sequence[int], found: Sequence[list[str]], width: int
) -> tuple[list[int], list[list[str]], list[tuple[int, RaggedRow]]]:
    """The rows that have a value and as many cells as the header has; those that have another number."""
    kept: list[int] = []
    rows: list[list[str]] = []
    ragged: list[tuple[int, RaggedRow]] = []
    for number, row in zip(numbers, found, strict=True):
        if not any(row):
            continue
        if read_table.fits_header(row, width):
            kept.append(number)
            rows.append(row)
        else:
            ragged.append((len(rows), RaggedRow(number, len(row), width)))
    return kept, rows, ragged


def of_rows(given: Iterable[SourceRow | RaggedRow], columns: Collection[str], seen: set[str]) -> Iterator[Chunk]:
    """Chunks of rows that come one by one; `seen` gets the names of all columns that a row has."""
    stream = iter(given)
    while found := list(islice(stream, SIZE)):
        rows: list[SourceRow] = []
        ragged: list[tuple[int, RaggedRow]] = []
        for row in found:
            if isinstance(row, RaggedRow):
                ragged.append((len(rows), row))
            else:
                rows.append(row)
                seen.update(row.values)
        cells = {name: [_hashable(row.values.get(name, "")) for row in rows] for name in columns}
        yield Chunk([row.row for row in rows], cells, ragged)


def _hashable(cell: Cell) -> str | tuple[str, ...]:
    return cell if isinstance(cell, str) else tuple(cell)
