"""What every picture has: its words, its table, whom it is drawn from, and how it is drawn."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from clirld.query.failure import Language
from clirld.web import number_formats
from clirld.web.figures.svg import Sheet

Cell = str | int | float | None
Option = tuple[str, str, bool]
"""A query string that leads to the same of something else, what that is, and whether it is what is shown."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: its name for programs, and in words."""

    name: str
    label: str
    is_number: bool = True
    missing: str = ""
    """What is written for people where a row has nothing."""
    is_share: bool = False
    """Whether its numbers are parts of one."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture before it is drawn. `query` is what it answers, as a query string without width and colours."""

    name: str
    query: str
    title: str
    description: str
    """What it shows, for those who do not see it: the main figures in words."""
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    draw: Callable[[Sheet], None]
    sources: Collection[str]
    """Ids of the sources that it is drawn from."""
    notes: Sequence[str] = ()
    links: Sequence[str] = ()
    """Where each row leads to, as far as it does."""
    options: Sequence[tuple[str, Sequence[Option]]] = field(default_factory=list)
    width: int = 720
    of_table: str = ""
    """What is to be known of the table, and is not in the drawing."""

    def table(self, language: Language) -> list[list[str]]:
        """The rows in words."""
        return [
            [_in_words(cell, column, language) for column, cell in zip(self.columns, row, strict=True)]
            for row in self.rows
        ]

    def csv(self, language: Language, release: str, sources: str, licences: str) -> str:
        """The table (RFC 4180), numbers with a point; each row with its release, its sources and their licences.

        The names of its columns are in words for readers of French, and as programs know them in English.
        """
        is_english = language == "en"
        text = io.StringIO()
        writer = csv.writer(text)
        whence = ("release", "sources", "licences") if is_english else ("version", "sources", "licences")
        writer.writerow([*(one.name if is_english else one.label for one in self.columns), *whence])
        said = [["" if cell is None else cell for cell in row] for row in self.rows]
        writer.writerows([*row, release, sources, licences] for row in said)
        return text.getvalue()


def _in_words(cell: Cell, column: Column, language: Language) -> str:
    if cell is None or not column.is_number:
        return str(cell or column.missing)
    if column.is_share:
        return number_formats.percent(float(cell), language)
    if isinstance(cell, float):
        return number_formats.figure(f"{cell:.1f}" if abs(cell) >= 1 else f"{cell:.2f}", language)
    return number_formats.number(cell, language) if isinstance(cell, int) else cell
