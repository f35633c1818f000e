"""Tables of text and of spreadsheets (CSV, XLSX, ODS) as rows under a header, every value text."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing

from clirld.errors import ReadError
from clirld.read import csv, sheet
from clirld.read.archive import File
from clirld.read.csv import BrokenRow, fits_header, without_empty_end
from clirld.read.layout import Layout
from clirld.read.rows import RaggedRow, Report, SourceRow, ignore

_MAX_UNNAMED_SHARE = 0.5


def header(file: File, layout: Layout) -> list[str]:
    """Column names. Spaces around and line breaks in a name are made single spaces. Raises ReadError.

    Of a file without a header they are those of the layout. The second column of a name is `name (2)`, one without a
    name `(3)` after its place; those without a name at the end are no columns.
    """
    table = _table(file, layout, ignore, ())
    with closing(table):
        return _header(table, file, layout)[0]


def _table(file: File, layout: Layout, report: Report, url_columns: Collection[str]) -> Generator[list[str]]:
    if layout.format == "csv":
        return csv.table(file, layout, report)
    return sheet.table(file, layout, report, lambda row: column_names(row), url_columns)


def open_table(
    file: File, layout: Layout, report: Report = ignore, url_columns: Collection[str] = ()
) -> tuple[list[str], list[RaggedRow], Generator[list[str]]]:
    """Names of the header, the rows above it, and those under it as they stand, blank and ragged ones too.

    Those below the end of the table, where the layout says that it has one, are `RowBelow`.

    Cells of `url_columns` are the addresses that they lead to, where a spreadsheet has a link behind other text.
    Raises ReadError.
    """
    table = _table(file, layout, report, url_columns)
    names, above = _header(table, file, layout)
    return names, above, _until_blank(table) if layout.until else table


class RowBelow(list[str]):
    """A row below the end of the table: of another one."""


def _until_blank(table: Iterable[list[str]]) -> Generator[list[str]]:
    """Rows of a table that ends at the first blank row under one that is not."""
    has_rows = ended = False
    for row in table:
        is_blank = not any(cell.strip() for cell in row)
        ended = ended or (is_blank and has_rows)
        has_rows = has_rows or not is_blank
        yield RowBelow(row) if ended else row


def fits(row: Sequence[str], width: int) -> bool:
    """Whether a row is one of the table's: as wide as its header, and not below its end."""
    return fits_header(row, width) and not isinstance(row, RowBelow)


def rows(file: File, layout: Layout, report: Report = ignore) -> Iterator[SourceRow | RaggedRow]:
    """Rows under the header, numbered as a spreadsheet shows them; before them, those above it. Raises ReadError."""
    names, above, table = open_table(file, layout, report)
    yield from above
    width = len(names)
    for number, row in enumerate(table, start=layout.header + 1):
        if any(row):
            is_of_table = fits(row, width)
            yield SourceRow(number, dict(zip(names, row, strict=False))) if is_of_table else ragged(number, row, width)


def ragged(number: int, row: Sequence[str], width: int) -> RaggedRow:
    """What is said of a row that is none of the table's."""
    if isinstance(row, RowBelow):
        return RaggedRow(number, len(row), width, "below-table")
    return RaggedRow(number, len(row), width, "quote" if isinstance(row, BrokenRow) else "width")


def _header(table: Iterator[Sequence[str]], file: File, layout: Layout) -> tuple[list[str], list[RaggedRow]]:
    """Names of the header, and the rows above it that are not blank."""
    if layout.columns:
        return column_names(layout.columns), []
    number = 0
    above: list[RaggedRow] = []
    for number, row in enumerate(table, start=1):
        if number == layout.header:
            break
        if any(row):
            above.append(RaggedRow(number, len(row), 0, "above-header"))
    else:
        raise ReadError(
            f"there is no row {layout.header} for the header: the file has {number}",
            where=file.where,
            do="check header in source.yaml, and that the file is not empty",
        )
    names = without_empty_end([_tidy(name) for name in row])
    if not names or sum(not name for name in names) > _MAX_UNNAMED_SHARE * len(names):
        empty = [str(place) for place, name in enumerate(names, start=1) if not name]
        raise ReadError(
            f"columns without a name: {', '.join(empty[:20])} (of {len(row)})",
            where=f"{file.where}:{number}",
            do="check header, delimiter and sheet in source.yaml, or name the columns at the source",
        )
    return column_names(row), above


def _tidy(name: str) -> str:
    return " ".join(name.replace("\ufeff", "").replace("\0", " ").split())


def column_names(row: Sequence[str]) -> list[str]:
    """Names for the cells of a header, each another."""
    given = without_empty_end([_tidy(name) for name in row])
    names: list[str] = []
    for place, name in enumerate(given, start=1):
        if name and name not in names:
            names.append(name)
            continue
        number = 2 if name else place
        while (unique := f"{name} ({number})".strip()) in names or unique in given:
            number += 1
        names.append(unique)
    return names
