"""Whether another table stands below the first one in a sheet or a file, under a blank row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from clirld.draft import headerless
from clirld.read.rows import OUTSIDE_TABLE, RaggedRow, SourceRow

_MAX_SHARE = 0.6
"""Cells of the row below a blank one, of those that most rows of the table have, up to which it may begin another."""

_COMPARED_ROWS = 200


class Gap(NamedTuple):
    """The first blank row under the rows of a table, by its number, and whether another table begins below it."""

    row: int
    begins_another: bool


def first_gap(rows: Sequence[SourceRow | RaggedRow]) -> Gap | None:
    """The first blank row between rows of a table; None where there is none.

    What follows is another table where it has as many cells as no row above, or fewer than they have and none that
    looks as theirs do: a title, or the names of other columns.
    """
    table = [row for row in rows if not _is_blank_or_outside(row)]
    at = next((n for n, (row, below) in enumerate(pairwise(table)) if below.row > row.row + 1), None)
    if at is None:
        return None
    below = table[at + 1]
    return Gap(table[at].row + 1, isinstance(below, RaggedRow) or _is_other(below, table[: at + 1]))


def _is_blank_or_outside(row: SourceRow | RaggedRow) -> bool:
    return row.why in OUTSIDE_TABLE if isinstance(row, RaggedRow) else not any(_cells(row))


def _is_other(row: SourceRow, above: Sequence[SourceRow | RaggedRow]) -> bool:
    rows = [_cells(one) for one in above if isinstance(one, SourceRow)][-_COMPARED_ROWS:]
    cells = _cells(row)
    widths = sorted(sum(map(bool, one)) for one in rows)
    names = list(row.values)
    if cells == names:  # the header once more
        return True
    return (
        bool(widths)
        and sum(map(bool, cells)) <= _MAX_SHARE * widths[len(widths) // 2]
        and not headerless.is_data(cells, rows)
    )


def _cells(row: SourceRow) -> list[str]:
    return [cell.strip() if isinstance(cell, str) else "" for cell in row.values.values()]
