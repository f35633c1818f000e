"""What goes between reading a snapshot and making canonical records: plain rows.

A source whose columns are not enough has a `records.py` with one function that takes and gives these:

    def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped | Noticed]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Cell = str | list[str]
"""A cell of a source: text, "" when empty; a list where the source has several values."""

Cells = Sequence[str | tuple[str, ...]]
"""Cells of one column; several values as a tuple."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a distribution. `row` counts from 1 as a spreadsheet does (a header is row 1)."""

    row: int
    values: dict[str, Cell]


OUTSIDE_TABLE = ("above-header", "below-table")
"""Why rows are no records of the table: they stand above its header, or below its end (`Layout.until`)."""


@dataclass(frozen=True, slots=True)
class RaggedRow:
    """A row that gives nothing: of another width than the header, with a quote that is not closed, outside the table.

    Neither of the first two can be read safely.
    """

    row: int
    width: int
    expected_width: int
    why: Literal["width", "quote", "above-header", "below-table"] = "width"


@dataclass(frozen=True, slots=True)
class RowIssue:
    """Something noticed about a row, or about the file where there is no row: an issue without its source."""

    code: str
    row: int | None = None
    column: str | None = None
    detail: dict[str, str] = field(default_factory=dict)


Report = Callable[[RowIssue], None]
"""Takes what a reader notices. What it says of a row is said before that row is given."""


def ignore(issue: RowIssue) -> None:
    """Take what is noticed, and do nothing."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a distribution, column by column: their numbers, and their cells in the columns that are needed.

    `ragged` are the rows among them that cannot be read, each with the number of good rows before it.
    """

    rows: Sequence[int]
    columns: Mapping[str, Cells]
    ragged: Sequence[tuple[int, RaggedRow]]


@dataclass(frozen=True, slots=True)
class Made:
    """A canonical row, before its values are cleaned.

    `rows` are the (distribution, row) pairs it was made from; the first gives the row of its record.
    `values` may hold `key`, the last part of the entity's IRI, where the table's own rule does not fit.
    `page` is the address of the page that says it. Where somebody went back to it, `checked` is what was found, a
    concept of the scheme page-check, and `checked_on` the day (YYYY-MM-DD); both or neither.
    """

    table: str
    identifier: str
    values: dict[str, Cell]
    rows: Sequence[tuple[str, int]]
    page: str = ""
    checked: str = ""
    checked_on: str = ""
    further: bool = False
    """Whether it is a further row of the record that was made before under this identifier, in a table of its own."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A source row that makes nothing, and why (a reason in kebab case, such as `same-code`)."""

    distribution: str
    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something noticed about a row, or about a distribution where the issue has no row; it changes nothing else."""

    distribution: str
    issue: RowIssue
