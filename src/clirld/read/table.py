"""Tables of text and of spreadsheets (CSV, XLSX, ODS) as rows under a header, every value text."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice

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
    name `(3)` after its place; those without a name at the end are columns only where a row has a value under them.
    """
    table = _table(file, layout, ignore, ())
    with closing(table):
        names, _, written_width = _header(table, file, layout)
    return [*names, *_names_of_unnamed(names, _filled_places(file, layout, len(names), written_width))]


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
    names, above, written_width = _header(table, file, layout)
    places = _filled_places(file, layout, len(names), written_width)
    below = _until_blank(table) if layout.until else table
    if not places:
        return names, above, below
    return [*names, *_names_of_unnamed(names, places)], above, _with_places(below, len(names), written_width, places)


def _filled_places(file: File, layout: Layout, named: int, written_width: int) -> list[int]:
    """Places, from 0, of the cells without a name at the end of a header that a row has a value under."""
    if written_width <= named:
        return []
    found: set[int] = set()
    with closing(_table(file, layout, ignore, ())) as table:
        under = islice(table, layout.header, None)
        for row in _until_blank(under) if layout.until else under:
            if len(row) > named and fits_header(row, named, written_width) and not isinstance(row, RowBelow):
                found.update(place for place, cell in enumerate(row[named:], start=named) if cell.strip())
    return sorted(found)


def _names_of_unnamed(names: Sequence[str], places: Sequence[int]) -> list[str]:
    found: list[str] = []
    for place in places:
        found.append(_numbered("", place + 1, [*names, *found]))
    return found


class OddRow(list[str]):
    """A row of another width than a header that has values under cells without a name; never as long as its names."""

    expected_width = 0


def _with_places(
    table: Iterable[list[str]], named: int, written_width: int, places: Sequence[int]
) -> Generator[list[str]]:
    """Rows as their named cells and those at the places; `OddRow` for those that do not fit the header."""
    for row in table:
        if isinstance(row, RowBelow | BrokenRow):
            yield row
        elif fits_header(row, named, written_width):
            yield [*row[:named], *(row[place] if place < len(row) else "" for place in places)]
        else:
            odd = OddRow(row)
            odd.expected_width = written_width
            yield odd


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
    return fits_header(row, width) and not isinstance(row, RowBelow | OddRow)


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
    if isinstance(row, OddRow):
        return RaggedRow(number, len(row), row.expected_width)
    return RaggedRow(number, len(row), width, "quote" if isinstance(row, BrokenRow) else "width")


def _header(table: Iterator[Sequence[str]], file: File, layout: Layout) -> tuple[list[str], list[RaggedRow], int]:
    """Names of the header, the rows above it that are not blank, and its cells with those without a name at its end."""
    if layout.columns:
        return column_names(layout.columns), [], len(layout.columns)
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
    return column_names(row), above, len(row)


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
        names.append(_numbered(name, 2 if name else place, [*names, *given]))
    return names


def _numbered(name: str, number: int, taken: Collection[str]) -> str:
    while (unique := f"{name} ({number})".strip()) in taken:
        number += 1
    return unique
