"""Tables of text and of spreadsheets (CSV, XLSX, ODS) as rows, every value text."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from itertools import chain
from typing import Any

import python_calamine as calamine

from clirld.errors import ReadError
from clirld.read.archive import File
from clirld.read.layout import Layout
from clirld.read.rows import RaggedRow, SourceRow


def header(file: File, layout: Layout) -> list[str]:
    """Column names. Spaces around and line breaks in a name are made single spaces. Raises ReadError."""
    table = _table(file, layout)
    with closing(table):
        return _header(table, file, layout)[1]


def _table(file: File, layout: Layout) -> Generator[list[str]]:
    return _csv_table(file, layout) if layout.format == "csv" else _sheet_table(file, layout)


def open_table(file: File, layout: Layout) -> tuple[int, list[str], Generator[list[str]]]:
    """Row number and names of the header, and the rows under it as they stand, blank and ragged ones too."""
    table = _table(file, layout)
    return *_header(table, file, layout), table


def rows(file: File, layout: Layout) -> Iterator[SourceRow | RaggedRow]:
    """Rows under the header, numbered as a spreadsheet shows them. Raises ReadError."""
    start, names, table = open_table(file, layout)
    width = len(names)
    for number, row in enumerate(table, start=start + 1):
        if any(row):
            fits = fits_header(row, width)
            yield SourceRow(number, dict(zip(names, row, strict=False))) if fits else RaggedRow(number, len(row), width)


def fits_header(row: Sequence[str], width: int) -> bool:
    """Whether a row has as many cells as the header, delimiters at its end aside."""
    return len(row) == width or (len(row) > width and any(row[:width]) and not any(row[width:]))


def _header(table: Iterator[Sequence[str]], file: File, layout: Layout) -> tuple[int, list[str]]:
    """Row number and names of the header."""
    number = 0
    for number, row in enumerate(table, start=1):  # noqa: B007 (the number of the last row is wanted)
        if number == layout.header:
            break
    else:
        raise ReadError(
            f"there is no row {layout.header} for the header: the file has {number}",
            where=file.where,
            do="check header in source.yaml, and that the file is not empty",
        )
    names = [" ".join(name.replace("\ufeff", "").split()) for name in row]
    where = f"{file.where}:{number}"
    if any("\0" in name for name in names):
        raise ReadError(
            f"the header has NUL characters: not {layout.encoding}, probably UTF-16",
            where=where,
            do="put encoding: utf-16 in source.yaml",
        )
    if empty := [str(place) for place, name in enumerate(names, start=1) if not name]:
        raise ReadError(
            f"columns without a name: {', '.join(empty[:20])} (of {len(names)})",
            where=where,
            do="check header, delimiter and sheet in source.yaml, or name the columns at the source",
        )
    if duplicates := sorted({name for name in names if names.count(name) > 1}):
        raise ReadError(
            f"columns of the same name: {', '.join(duplicates)}",
            where=where,
            do="check header in source.yaml, or give each column its own name at the source",
        )
    return number, names


_SENTINEL = "\0end of file\0"
"""A line after the last: in the last row, it shows that a quote was never closed."""

_MAX_CELL_CHARACTERS = 1 << 24


def _csv_table(file: File, layout: Layout) -> Generator[list[str]]:
    """Records of a CSV file, blank ones too."""
    encoding = _encoding(file, layout)
    csv.field_size_limit(_MAX_CELL_CHARACTERS)  # the module's own limit is 128 KiB: geometries are longer
    number = 0
    try:
        with file.open() as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as lines:
            # The csv module takes the end of the file for the end of an open quote, without a word.
            reader = csv.reader(chain(lines, [_SENTINEL]), delimiter=layout.delimiter)
            for number, row in enumerate(reader, start=1):
                if row and row[-1].endswith(_SENTINEL):
                    if len(row) == 1 and row[0] == _SENTINEL:
                        return
                    raise _unclosed_quote(file, number)
                yield row
    except UnicodeDecodeError:
        raise _undecodable(file, layout.encoding) from None
    except csv.Error as problem:
        if "field limit" in str(problem):
            raise _unclosed_quote(file, number + 1) from None
        raise ReadError(
            f"not CSV: {problem}", where=f"{file.where}:{number + 1}", do="check delimiter in source.yaml"
        ) from None
    except TypeError as problem:
        raise ReadError(
            f"delimiter “{layout.delimiter}” cannot be used: {problem}",
            where=file.where,
            do="give one character as delimiter in source.yaml",
        ) from None


def _unclosed_quote(file: File, row: int) -> ReadError:
    return ReadError(
        "a quote opened in this row is never closed",
        where=f"{file.where}: row {row}",
        do="close or double the quote there; if the whole file looks cut, fetch it again",
    )


def _encoding(file: File, layout: Layout) -> str:
    """Python's name of the encoding, with a byte order mark taken off."""
    try:
        name = codecs.lookup(layout.encoding).name
    except LookupError:
        raise ReadError(
            f"“{layout.encoding}” is no encoding that Python knows",
            where=file.where,
            do="put utf-8, cp1252 or latin-1 as encoding in source.yaml",
        ) from None
    if name == "utf-8":
        # Reads UTF-8 with a byte order mark and without.
        return "utf-8-sig"
    with file.open() as raw:
        if raw.read(3) == codecs.BOM_UTF8 and name != "utf-8-sig":
            raise ReadError(
                f"the file starts with the mark of UTF-8, but encoding is {layout.encoding}",
                where=f"{file.where}:1",
                do="put encoding: utf-8 in source.yaml",
            )
    return name


def _undecodable(file: File, encoding: str) -> ReadError:
    """Line and place of the first bytes that are not of the encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    decoded, lines = 0, 1
    what = "bytes that are not"
    with file.open() as raw:
        while chunk := raw.read(1 << 16):
            pending = len(decoder.getstate()[0])
            try:
                lines += decoder.decode(chunk).count("\n")
                decoded += len(chunk)
            except UnicodeDecodeError as problem:
                lines += problem.object[: problem.start].count(b"\n")
                decoded += problem.start - pending
                what = f"0x{problem.object[problem.start]:02X} is not"
                break
    return ReadError(
        f"{what} {encoding} (byte {decoded})",
        where=f"{file.where}:{lines}",
        do="check encoding in source.yaml: French files that are not utf-8 mostly are cp1252 or latin-1",
    )


def _sheet_table(file: File, layout: Layout) -> Generator[list[str]]:
    """Rows of a sheet, blank ones too, cells as text."""
    try:
        with file.on_disk() as path, calamine.CalamineWorkbook.from_path(path) as book:
            if layout.sheet is not None and layout.sheet not in book.sheet_names:
                raise ReadError(
                    f"there is no sheet “{layout.sheet}”; there are: {', '.join(book.sheet_names)}",
                    where=file.where,
                    do="put the right name as sheet in source.yaml",
                )
            sheet = book.get_sheet_by_index(0) if layout.sheet is None else book.get_sheet_by_name(layout.sheet)
            for row in sheet.iter_rows():
                yield [cell_text(cell) for cell in row]
    except (calamine.CalamineError, OSError) as problem:
        raise ReadError(
            f"not a spreadsheet that can be read: {problem}",
            where=file.where,
            do="open and save it anew without a password, or check format in source.yaml",
        ) from None


def cell_text(cell: Any) -> str:
    """A cell of a spreadsheet as the text that it shows."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return format(cell, ".15g")  # the digits a spreadsheet has and shows
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)
