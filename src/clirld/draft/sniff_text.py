"""What a text file is: encoding, delimiter, row of the header."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Literal

from clirld.draft import headerless
from clirld.errors import ReadError
from clirld.read import csv as csv_read
from clirld.read.layout import Layout
from clirld.read.text import best_one_byte_encoding, unmarked_utf16

HEADER_SEARCH_ROWS = 30
_DELIMITERS = (",", ";", "\t", "|")
_C1 = bytes(range(0x80, 0xA0))
_HEADER_FILL_RATE = 0.9
_NEARLY = 0.7
_MAX_NUL_SHARE = 0.01
"""A NUL here and there is a slip of the publisher's program; more of them are no text."""

_USE_A_TABLE = "give a table: CSV, XLSX, ODS, JSON, GeoJSON, Parquet, RDF, or a ZIP archive of one"


def encoding_of(head: bytes, whole: bool = True) -> str:
    """Encoding of a text by its start: UTF-8 if it is valid, else the one-byte encoding that fits best.

    Bytes 80 to 9F are signs (’ € œ) in cp1252 and never used in latin-1: without any in the whole file, both
    read the same and latin-1 is said; with them, cp1252 has to win against the old Mac and DOS encodings, by the
    letters that French has.
    """
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if unmarked := unmarked_utf16(head[:512]):
        return unmarked
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head, final=whole)
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    # Nothing is left where all bytes but 80 to 9F are taken out.
    if whole and not head.translate(None, bytes(set(range(256)) - set(_C1))):
        return "latin-1"
    return best_one_byte_encoding(head)[0]


def delimiter_of(lines: Sequence[str]) -> str:
    """The sign that cuts most lines into the same number of fields, more than one; a comma if none does."""

    def score(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        if not widths:
            return 0.0, 0
        width, lines_ = max(widths.items(), key=lambda item: (item[1], item[0]))
        return (lines_ / widths.total(), width) if width > 1 else (0.0, 0)

    return max(_DELIMITERS, key=score)


def _cuts(lines: Sequence[str], delimiter: str) -> bool:
    """Whether a sign cuts most lines into several fields."""
    widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    return 2 * sum(width > 1 for width in widths) > len(widths)


def header_of(rows: Sequence[Sequence[str]]) -> int:
    """Row (from 1) of the header: the first with about as many filled cells as any; what is above is a preamble.

    Where two such rows follow each other, titles for people and then names in capitals, as the Insee does,
    the second is the header.
    """
    rows = list(rows[:HEADER_SEARCH_ROWS])
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    if (usual := _usual_width(rows)) and max(filled) > usual:  # a row with delimiters too many
        filled = [0 if len(row) > usual else count for row, count in zip(rows, filled, strict=True)]
    if not filled or not max(filled):
        return 1
    most = max(filled)
    if filled.count(most) == 1:  # perhaps a row with a delimiter too many: what several rows have is nearly as much
        most = max((count for count in filled if count >= _NEARLY * most and filled.count(count) > 2), default=most)
    index = next(n for n, count in enumerate(filled) if count >= _HEADER_FILL_RATE * most)
    # Rows of data may be in capitals too: then so is the row after.
    below = rows[index + 1 : index + 3]
    if len(below) == 2 and _is_code_header(below[0]) and not any(map(_is_code_header, (rows[index], below[1]))):
        index += 1
    return index + 1


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    """How many cells most rows have, more than one, where such a row stands above any that is wider; else 0."""
    width, count = max(
        Counter(len(row) for row in rows if row).items(), key=lambda item: (item[1], item[0]), default=(0, 0)
    )
    first = next((len(row) for row in rows if len(row) >= width), 0)
    return width if width > 1 and first == width and 2 * count > len(rows) else 0


def _is_code_header(row: Sequence[str]) -> bool:
    return len(set(row)) == len(row) > 1 and all(re.fullmatch(r"[A-Z][A-Z0-9_]*", cell.strip()) for cell in row)


def layout_of(head: bytes, whole: bool, path: Path, *, one_column: bool = False) -> Layout:
    """How to read a table of text, from its start; with `one_column`, lines of words are one too. Raises ReadError."""
    encoding = encoding_of(head, whole)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    if text.count("\0") > _MAX_NUL_SHARE * len(text):
        raise ReadError("not text", where=str(path), do=_USE_A_TABLE)
    lines = text.splitlines(keepends=True)[:200]
    try:
        delimiter = delimiter_of(lines)
    except csv.Error as problem:
        do = "open it in a spreadsheet and save it again as CSV"
        raise ReadError(f"not a table: {problem}", where=str(path), do=do) from None
    if one_column and not _cuts(lines, delimiter):  # a comma in a name here and there is none between columns
        delimiter = next((sign for sign in _DELIMITERS if not any(sign in line for line in lines)), delimiter)
    if not one_column and not any(delimiter in line for line in lines) and any(" " in line for line in lines):
        raise ReadError("text, not a table: no sign separates columns", where=str(path), do=_USE_A_TABLE)
    escape: Literal["\\"] | None = "\\" if _has_escapes(lines, delimiter) else None
    try:
        reader = csv.reader(lines, delimiter=delimiter, escapechar=escape)
        rows = list(islice(reader, HEADER_SEARCH_ROWS))
    except csv.Error as problem:
        do = "open it in a spreadsheet and save it again as CSV"
        raise ReadError(f"not a table: {problem}", where=str(path), do=do) from None
    layout = Layout(format="csv", encoding=encoding, delimiter=delimiter, escape=escape)
    return with_header(layout, rows)


def with_header(layout: Layout, rows: Sequence[Sequence[str]]) -> Layout:
    """A layout with the row of its header, by the first rows of the table; with neutral names where there is none."""
    header = headerless.header_of(rows, header_of(rows)) if rows else 1
    if header:
        return replace(layout, header=header)
    width = max(len(csv_read.without_empty_end(row)) for row in rows)
    return replace(layout, header=0, columns=tuple(headerless.NEUTRAL.format(n) for n in range(1, width + 1)))


def _has_escapes(lines: Sequence[str], delimiter: str) -> bool:
    """Whether there are backslashes before quotes that can be nothing but the escape of a quote."""
    escaped = [line for line in lines if '\\"' in line]
    return bool(escaped) and _is_strict(escaped, delimiter, "\\") and not _is_strict(escaped, delimiter, None)


def _is_strict(lines: Sequence[str], delimiter: str, escape: str | None) -> bool:
    try:
        for line in lines:
            next(csv.reader([line], delimiter=delimiter, escapechar=escape, strict=True))
    except csv.Error:
        return False
    return True
