"""Rows of a distribution, many at a time and column by column: a column is cleaned far faster than its cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from clirld.rows import Cell, Chunk, Ragged, SourceRow

SIZE = 20_000
"""Rows of a chunk."""


def of_rows(given: Iterable[SourceRow | Ragged], columns: Collection[str], seen: set[str]) -> Iterator[Chunk]:
    """Chunks of rows that come one by one; `seen` gets the names of all columns that a row has."""
    stream = iter(given)
    while found := list(islice(stream, SIZE)):
        rows: list[SourceRow] = []
        ragged: list[tuple[int, Ragged]] = []
        for row in found:
            if isinstance(row, Ragged):
                ragged.append((len(rows), row))
            else:
                rows.append(row)
                seen.update(row.values)
        cells = {name: [_hashable(row.values.get(name, "")) for row in rows] for name in columns}
        yield Chunk([row.row for row in rows], cells, ragged)


def _hashable(cell: Cell) -> str | tuple[str, ...]:
    return cell if isinstance(cell, str) else tuple(cell)
