"""Rows of a sheet (XLSX, ODS), blank ones too, cells as text, and what is said of what is there and not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Generator, Sequence
from datetime import date, datetime
from typing import Any

import python_calamine as calamine

from clirld.errors import ReadError
from clirld.read import sheet_ods, sheet_xlsx
from clirld.read.archive import File
from clirld.read.layout import Layout
from clirld.read.rows import Report, RowIssue, ignore


def table(
    file: File,
    layout: Layout,
    report: Report = ignore,
    names_of: Callable[[Sequence[str]], list[str]] = list,
    url_columns: Collection[str] = (),
) -> Generator[list[str]]:
    """Rows from the first on.

    A value of cells that are merged downwards stands in each of their rows; of `url_columns`, named by `names_of` the
    header's cells, a link takes the place of the text before it. Raises ReadError.
    """
    try:
        with file.on_disk() as path, calamine.CalamineWorkbook.from_path(path) as book:
            name = _sheet_name(book, file, layout, report)
            sheet = book.get_sheet_by_name(name)
            details = sheet_ods.details(path, name)
            if details is sheet_xlsx.NOTHING and (report is not ignore or url_columns):
                details = sheet_xlsx.details(path, name)
            merged = _Merged(sheet.merged_cell_ranges or details.merged, layout.header, report)
            links: Counter[str] = Counter()
            names = list(layout.columns)
            for number, cells in enumerate(sheet.iter_rows(), start=1):
                row = merged.filled(number, [cell_text(cell) for cell in cells])
                if number == layout.header:
                    names = names_of(row)
                elif number > layout.header:
                    for place in details.without_value.get(number, ()):
                        if place < len(names):
                            report(RowIssue("formula-without-value", number, names[place]))
                    for place, target in details.links.get(number, {}).items():
                        if place >= len(names) or place >= len(row) or _is_address(row[place]):
                            continue
                        if names[place] in url_columns and _is_address(target):
                            row[place] = target
                            report(RowIssue("link-taken", number, names[place]))
                        else:
                            links[names[place]] += 1
                yield row
            for column, count in links.items():
                report(RowIssue("links-not-read", None, column, {"count": str(count)}))
    except (calamine.CalamineError, OSError) as problem:
        raise ReadError(
            f"not a spreadsheet that can be read: {problem}",
            where=file.where,
            do="open and save it anew without a password, or check format in source.yaml",
        ) from None


def visible_sheets(book: calamine.CalamineWorkbook) -> tuple[list[str], list[str]]:
    """Names of the sheets that a person sees, and of those that are hidden."""
    sheets = {one.name: one.visible == calamine.SheetVisibleEnum.Visible for one in book.sheets_metadata}
    return [name for name, seen in sheets.items() if seen], [name for name, seen in sheets.items() if not seen]


def _sheet_name(book: calamine.CalamineWorkbook, file: File, layout: Layout, report: Report) -> str:
    """The sheet of the layout, or the first that is not hidden."""
    visible, hidden = visible_sheets(book)
    if layout.sheet is None:
        if not visible:
            raise ReadError(
                f"all sheets are hidden: {', '.join(hidden)}",
                where=file.where,
                do="put the name of one as sheet in source.yaml, if it is meant to be read",
            )
        others = [name for name in visible[1:] if book.get_sheet_by_name(name).height]
        if others and report is not ignore:
            report(RowIssue("sheets-not-read", detail={"sheet": visible[0], "others": ", ".join(others)}))
        return visible[0]
    if layout.sheet not in book.sheet_names:
        raise ReadError(
            f"there is no sheet “{layout.sheet}”; there are: {', '.join(book.sheet_names)}",
            where=file.where,
            do="put the right name as sheet in source.yaml",
        )
    if layout.sheet in hidden:
        report(RowIssue("sheet-hidden", detail={"sheet": layout.sheet}))
    return layout.sheet


class _Merged:
    """The cells of a sheet that are merged, met row by row."""

    def __init__(self, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]], header: int, report: Report) -> None:
        self._header, self._report = header, report
        self._starting: dict[int, list[tuple[int, int, int]]] = {}
        for (first, left), (last, right) in ranges:
            self._starting.setdefault(first + 1, []).append((left, last + 1, right))
        self._open: dict[int, tuple[int, int, str]] = {}

    def filled(self, number: int, row: list[str]) -> list[str]:
        """A row with the values of cells that are merged with one above it.

        What is merged across columns stays in the first of them, but in the header: it mostly is the title of some
        rows. Nothing of the header goes into the rows under it.
        """
        has_value = any(row)
        for place, (first, last, value) in list(self._open.items()):
            if number > last:
                del self._open[place]
            elif has_value and value and not row[place] and (first > self._header) == (number > self._header):
                row[place] = value
                if number > self._header:
                    self._report(RowIssue("cell-merged", number, detail={"first": str(first)}))
        for left, last, right in self._starting.get(number, ()):
            if left >= len(row):
                continue
            if last > number:
                self._open[left] = (number, last, row[left])
            if right > left and row[left]:
                if number == self._header:
                    row[left : right + 1] = [row[left]] * (min(right + 1, len(row)) - left)
                elif number > self._header:
                    self._report(RowIssue("cells-merged-across", number))
        return row


def _is_address(text: str) -> bool:
    return text.strip().lower().startswith(("http://", "https://", "www."))


def cell_text(cell: Any) -> str:
    """A cell of a spreadsheet as the text that it shows."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return format(cell, ".15g")  # the digits a spreadsheet has and shows
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)
