"""Rows of a CSV file (RFC 4180), blank ones too, and what is done where its quotes are not what they should be.

The csv module reads; in its strict mode it says where a quote is neither doubled nor at the end of its cell. What it
cannot see is a quote that is closed by a stray one some rows further down: to it, the rows between are one cell.
Those rows are told by their lines, each of which has as many cells as the header, and are then read line by line.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from clirld.errors import ReadError
from clirld.read.archive import File
from clirld.read.layout import Layout
from clirld.read.rows import Report, RowIssue, ignore
from clirld.read.text import better_encoding, python_encoding, undecodable

_MAX_CELL_CHARACTERS = 1 << 24
csv.field_size_limit(
    _MAX_CELL_CHARACTERS
)  # of the module `csv` in this process; its own is 128 KiB: geometries are longer
_MAX_RECORD_LINES = 200
"""Lines looked at for the end of a cell whose quotes are not doubled."""

_LINES_AHEAD = 100
"""Lines read together; where one of them is odd, all of them are read one by one."""

_MAX_PROSE_WIDTH = 3
"""Columns up to which a line of a text may have as many commas as a row has by chance."""


_QUOTES = re.compile('("+) *')


class BrokenRow(list[str]):
    """A row with a quote that opens or ends no cell: it cannot be read. Never as long as the header."""


def fits_header(row: Sequence[str], width: int, written_width: int = 0) -> bool:
    """Whether a row has as many cells as the header, delimiters at its end aside.

    `written_width` are the cells of a header with those without a name at its end: a row may have values under them.
    """
    if isinstance(row, BrokenRow):
        return False
    if width <= len(row) <= max(width, written_width):
        return True
    return len(row) > width and any(row[:width]) and not any(row[width:])


def table(file: File, layout: Layout, report: Report = ignore) -> Generator[list[str]]:
    """Rows from the first line on, blank ones too; `BrokenRow` for those that cannot be read. Raises ReadError."""
    encoding = python_encoding(file, layout.encoding)
    if report is not ignore and (better := better_encoding(file, encoding)):
        report(RowIssue("encoding-doubtful", detail={"encoding": layout.encoding, "better": better}))
    try:
        with file.open() as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as lines:
            width = len(layout.columns)
            yield from _Records(file, layout, _Lines(lines), report, 0, width or None, width).rows()
    except UnicodeDecodeError:
        raise undecodable(file, layout.encoding) from None
    except TypeError as problem:
        raise ReadError(
            f"delimiter “{layout.delimiter}” cannot be used: {problem}",
            where=file.where,
            do="give one character as delimiter in source.yaml",
        ) from None


class _Lines:
    """Lines of a file: those `taken` for the record that is being read, and those that were given back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._returned: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else next(self._lines)
        self.taken.append(line)
        return line

    def ahead(self, count: int) -> list[str]:
        """The next lines, at most so many, not taken by a record yet; none while some were given back."""
        return [] if self._returned else list(islice(self._lines, count))

    def give_back(self, lines: Sequence[str]) -> None:
        """Have lines read again, as the next ones."""
        self._returned.extendleft(reversed(lines))


@dataclass(slots=True)
class _Records:
    file: File
    layout: Layout
    lines: _Lines
    report: Report
    number: int = 0
    width: int | None = None
    """Cells of the header, once it was read, or those that the layout names."""
    written_width: int = 0
    """The same with those without a name at its end."""
    has_exact_row: bool = False
    """Whether a row was as wide as the header: not all rows of the file end with a delimiter."""
    long_rows: int = 0
    lines_of_long_rows: int = 0

    def rows(self) -> Iterator[list[str]]:
        reader, taken = self._reader(self.lines), self.lines.taken
        while True:
            if self.width is not None and self.number >= self.layout.header:
                while rows := self._rows_of_a_line():
                    self._report_surplus(rows)
                    self.number += len(rows)
                    yield from rows
            taken.clear()
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as problem:
                found = self._mended(list(taken), str(problem))
            else:
                found = [row] if len(taken) == 1 else self._of_lines(row, list(taken))
            for one in found:
                if self.number >= self.layout.header:
                    self._report_surplus([one])
                self.number += 1
                if self.number == self.layout.header:
                    self.width, self.written_width = len(without_empty_end(one)), len(one)
                yield one
        if self.long_rows:
            detail = {"rows": str(self.long_rows), "lines": str(self.lines_of_long_rows)}
            self.report(RowIssue("rows-over-lines", detail=detail))

    def _report_surplus(self, rows: Sequence[list[str]]) -> None:
        """Tell rows with empty cells too many at their end, where others have none: they may be shifted."""
        width = max(self.width or 0, self.written_width)
        if self.has_exact_row and max(map(len, rows)) <= width:
            return
        for number, row in enumerate(rows, start=self.number + 1):
            if len(row) == width:
                self.has_exact_row = self.has_exact_row or any(row)
            elif self.has_exact_row and len(row) > width and self._fits(row):
                detail = {"found": str(len(row)), "expected": str(width)}
                self.report(RowIssue("row-surplus", number, detail=detail))

    def _reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        escape = self.layout.escape is not None
        source = map(self._only_escapes, lines) if escape else lines
        return csv.reader(source, delimiter=self.layout.delimiter, escapechar="\\" if escape else None, strict=True)

    def _rows_of_a_line(self) -> list[list[str]]:
        """The rows of the next lines, where each line is one: most are, and are read together. Else the lines stay."""
        lines = self.lines.ahead(_LINES_AHEAD)
        try:
            rows = list(self._reader(lines))
        except csv.Error:
            rows = []
        if len(rows) == len(lines):
            return rows
        self.lines.give_back(lines)
        return []

    def _of_lines(self, row: list[str], lines: list[str]) -> list[list[str]]:
        """A record of several lines, or the rows that a stray quote made one."""
        if self.width is None or self.number < self.layout.header:
            return [row]
        if self._are_rows(lines):
            return self._alone(lines) or self._line_by_line(lines)
        if not self._fits(row) and any(self._is_wide(line) for line in lines):
            return [self._broken(line) for line in lines if line.strip()]
        self.long_rows += 1
        self.lines_of_long_rows += len(lines)
        return [row]

    def _mended(self, lines: list[str], problem: str) -> list[list[str]]:
        """Rows of the lines on which the csv module gave up. Raises ReadError for a quote that is never closed."""
        if found := self._alone(lines):
            return found
        if self.width is None or "unexpected end" in problem or "field limit" in problem:
            if self.width is None and (row := self._split("".join(lines))) is not None:
                return [row]
            raise ReadError(
                "a quote opened in this row is never closed",
                where=f"{self.file.where}: row {self.number + 1}",
                do="close or double the quote there; if the whole file looks cut, fetch it again",
            )
        if self._are_rows(lines):
            return self._line_by_line(lines)
        record = list(lines)
        while len(record) <= _MAX_RECORD_LINES:
            row = self._split("".join(record))
            if row is not None and len(row) >= self.width:
                if self._fits(row) and not any(map(self._is_wide, record[1:])):
                    self._report_mended()
                    return [row]
                if self._may_be_prose():
                    return [self._broken(line) for line in record if line.strip()]
                break
            line = next(self.lines, None)
            if line is None:
                break
            record.append(line)
        self.lines.give_back(record[len(lines) :])
        return self._line_by_line(lines)

    def _alone(self, lines: list[str]) -> list[list[str]]:
        """The first line as a row of its own, where its quotes are only not doubled; the others are read again."""
        row = self._split(lines[0])
        if self.width is None or row is None or not self._fits(row):
            return []
        self._report_mended()
        self.lines.give_back(lines[1:])
        return [row]

    def _line_by_line(self, lines: list[str]) -> list[list[str]]:
        """Each line as a row; those in which a quote is opened or closed and no more cannot be read."""
        return [
            self._broken(line) if line.count('"') % 2 else next(csv.reader([line], delimiter=self.layout.delimiter), [])
            for line in lines
        ]

    def _broken(self, line: str) -> BrokenRow:
        return BrokenRow([line, *[""] * max(self.width or 1, self.written_width)])

    def _fits(self, row: list[str]) -> bool:
        return self.width is None or fits_header(row, self.width, self.written_width)

    def _report_mended(self) -> None:
        self.report(RowIssue("row-quotes-mended", self.number + 1))

    def _is_wide(self, line: str) -> bool:
        """Whether a line alone has as many cells as the header, and more than one."""
        cells = [cell.strip(' "\r\n') for cell in line.split(self.layout.delimiter)]
        return self.width is not None and 1 < len(cells) in (self.width, self.written_width) and any(cells)

    def _may_be_prose(self) -> bool:
        """Whether a line of a text may have as many delimiters as a row has, by chance."""
        return self.layout.delimiter == "," and (self.width or 0) <= _MAX_PROSE_WIDTH

    def _are_rows(self, lines: list[str]) -> bool:
        """Whether the lines of a record are rows that a stray quote made one cell.

        Their widths say so. Where all cells of a row are quoted, those of these lines are; where a text may have as
        many commas, one of their cells looks like that of the first.
        """
        given = [line for line in lines if line.strip()]
        if self.width is None or len(given) < 2:
            return False
        if given[0].startswith('"') and not all(map(self._is_quoted, given)):
            return False
        wide = [line for line in given if self._is_wide(line)]
        if self._may_be_prose():
            return len(wide) == len(given) and all(self._look_alike(given[0], line) for line in given[1:])
        return len(wide) > 1 and 2 * len(wide) >= len(given)

    def _is_quoted(self, line: str) -> bool:
        """Whether all cells of a line but one are in quotes."""
        plain = line.replace('\\"', "") if self.layout.escape else line
        cells = [cell.strip() for cell in plain.split(self.layout.delimiter)]
        quoted = sum(len(cell) > 1 and cell.startswith('"') and cell.endswith('"') for cell in cells)
        return quoted >= len(cells) - 1 > 0

    def _look_alike(self, first: str, other: str) -> bool:
        pairs = zip(first.split(self.layout.delimiter), other.split(self.layout.delimiter), strict=False)
        return any(_shape(a) == _shape(b) != "" for a, b in pairs)

    def _only_escapes(self, line: str) -> str:
        r"""A line in which a backslash before anything but \ " and the delimiter is itself escaped: it is text."""
        if "\\" not in line:
            return line
        escaped = f'\\\\["\\\\\r\n{re.escape(self.layout.delimiter)}]'
        return re.sub(f"({escaped})|\\\\", lambda found: found[1] or "\\\\", line)

    def _split(self, text: str) -> list[str] | None:
        r"""Cells of a record whose quotes are escaped by \ or not at all; None where one is not closed.

        A quote that is not escaped ends its cell only before a delimiter or at the end.
        """
        delimiter, escaped = self.layout.delimiter, self._only_escapes(text)
        if '\\"' in text:
            try:
                row = next(csv.reader([escaped], delimiter=delimiter, escapechar="\\", strict=True))
                if self._fits(row):
                    return row
            except (csv.Error, StopIteration):
                pass
        rows = [self._split_plainly(text.rstrip("\r\n"), doubled_may_end) for doubled_may_end in (False, True)]
        return next((row for row in rows if row and self._fits(row)), rows[0] or rows[1])

    def _split_plainly(self, text: str, doubled_may_end: bool) -> list[str] | None:
        """Cells of a record; `doubled_may_end`: of two quotes before a delimiter, the second may be the cell's end."""
        delimiter = self.layout.delimiter
        cells: list[str] = []
        at = 0
        while True:
            if text.startswith('"', at):
                run = next(
                    (
                        one
                        for one in _QUOTES.finditer(text, at + 1)
                        if (doubled_may_end or len(one[1]) % 2)
                        and (one.end() == len(text) or text.startswith(delimiter, one.end()))
                    ),
                    None,
                )
                if run is None:
                    return None
                cells.append(text[at + 1 : run.end(1) - 1].replace('""', '"'))
                at = run.end()
            else:
                end = text.find(delimiter, at)
                cells.append(text[at:end] if end >= 0 else text[at:])
                at = end if end >= 0 else len(text)
            if at == len(text):
                return cells
            at += len(delimiter)


def without_empty_end(row: Sequence[str]) -> list[str]:
    """A row without the empty cells at its end."""
    last = next((n for n in range(len(row), 0, -1) if row[n - 1].strip()), 0)
    return list(row[:last])


def _shape(cell: str) -> str:
    """A cell with runs of letters and of digits made one sign."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell.strip(' "\r\n')))
