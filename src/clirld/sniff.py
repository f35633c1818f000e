"""What a file is: format, encoding, delimiter, header, where its records are, and what its columns hold.

In: a file. Out: the layout that `clirld.read` reads it with, and a profile of each column, from the first rows only.
Nothing here is certain: what it finds is proposed to a person (`clirld.skeleton`), never harvested.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

import ijson
from charset_normalizer import from_bytes
from python_calamine import CalamineWorkbook

from clirld import read
from clirld.errors import ReadError
from clirld.read import Layout
from clirld.rows import Cell, SourceRow

LOOK_ROWS = 2_000
LOOK_BYTES = 4 * 1024**2
"""How much of a file is looked at."""

UNNAMED = "field_"
"""Start of the names given to the positions of records that are arrays."""

_HEADER_WITHIN = 30
_DELIMITERS = (",", ";", "\t", "|")
_C1 = bytes(range(0x80, 0xA0))
_CUT_OFF = 0.9
_NEARLY_ALL = 0.95

Format = Literal["csv", "xlsx", "json"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What a column holds in the rows looked at: `counts` says how often each value is there, "" left out."""

    name: str
    rows: int
    filled: int
    counts: Mapping[str, int]
    many: bool = False

    @property
    def fill(self) -> float:
        """Share of the rows with a value."""
        return self.filled / self.rows if self.rows else 0.0

    @property
    def unique(self) -> bool:
        """Whether no two rows have the same value, and nearly every row has one."""
        return not self.many and self.filled == len(self.counts) > 0 and self.fill >= _NEARLY_ALL


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The layout of a file, its columns, and how many rows were looked at (`whole`: there are no more)."""

    layout: Layout
    rows: int
    whole: bool
    columns: tuple[Profile, ...]


def sniff(path: Path) -> Sniffed:
    """Look at the start of a file. Raises ReadError, saying what to do, for what is not CSV, XLSX or JSON."""
    layout = layout_of(path)
    rows = list(islice(read.read(path, layout), LOOK_ROWS + 1))
    whole = len(rows) <= LOOK_ROWS
    good = [row for row in rows[:LOOK_ROWS] if isinstance(row, SourceRow)]
    if not good:
        raise ReadError("no rows under the header", where=str(path), do="check that this is the right file")
    names = list(dict.fromkeys(name for row in good for name in row.values))
    return Sniffed(layout, len(good), whole, tuple(_profile(name, good) for name in names))


def _profile(name: str, rows: Sequence[SourceRow]) -> Profile:
    counts: Counter[str] = Counter()
    filled = 0
    many = False
    for row in rows:
        cell: Cell = row.values.get(name, "")
        many = many or not isinstance(cell, str)
        values = [value for value in ([cell] if isinstance(cell, str) else cell) if value.strip()]
        filled += bool(values)
        counts.update(values)
    return Profile(name, len(rows), filled, counts, many)


def layout_of(path: Path) -> Layout:
    """How to read the file. Raises ReadError as `sniff`."""
    with path.open("rb") as file:
        head = file.read(LOOK_BYTES)
        whole = not file.read(1)
    match format_of(head, path):
        case "xlsx":
            return _workbook(path)
        case "json":
            return _json(path)
        case _:
            return _csv(head, whole, path)


_SIGNATURES = {
    b"%PDF": ("a PDF document", "look for the same data as CSV, XLSX or JSON"),
    b"\xd0\xcf\x11\xe0": ("an old Excel file (.xls)", "open it and save it as .xlsx"),
    b"\x1f\x8b": ("compressed (gzip)", "unpack it first"),
    b"PAR1": ("a Parquet file", "take the CSV of the same data"),
    b"var ": ("JavaScript, not JSON", "take the JSON out of it, from the first { or [ to the last } or ]"),
    b"<": ("a web page or XML, not a table", "look for the address of the file itself, not of its page"),
}


def format_of(head: bytes, path: Path) -> Format:
    """Format of a file by its first bytes, whatever its name says."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:8]
    if not start:
        raise ReadError("the file is empty", where=str(path), do="check that this is the right file")
    for signature, (what, do) in _SIGNATURES.items():
        if start.startswith(signature):
            raise ReadError(f"this is {what}", where=str(path), do=do)
    if start.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as archive:
            if "xl/workbook.xml" in archive.namelist():
                return "xlsx"
        raise ReadError("this is a ZIP archive", where=str(path), do="unpack it, and give the file inside")
    return "json" if start[:1] in (b"{", b"[") else "csv"


# text -------------------------------------------------------------------------------------------


def encoding_of(head: bytes, whole: bool = True) -> str:
    """Encoding of a text by its start: UTF-8 if it is valid, else the one-byte encoding that fits best.

    Bytes 80 to 9F are signs (’ € œ) in cp1252 and never used in latin-1: without any in the whole file, both
    read the same and latin-1 is said; with them, cp1252 has to win against the old Mac and DOS encodings.
    """
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head, final=whole)
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    if whole and not head.translate(None, bytes(set(range(256)) - set(_C1))):
        return "latin-1"
    best = from_bytes(head[:100_000], cp_isolation=["cp1252", "mac_roman", "cp850"]).best()
    return best.encoding if best else "cp1252"


def delimiter_of(lines: Sequence[str]) -> str:
    """The sign that cuts most lines into the same number of fields, more than one; a comma if none does."""

    def score(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        if not widths:
            return 0.0, 0
        width, lines_ = max(widths.items(), key=lambda item: (item[1], item[0]))
        return (lines_ / widths.total(), width) if width > 1 else (0.0, 0)

    return max(_DELIMITERS, key=score)


def header_of(rows: Sequence[Sequence[str]]) -> int:
    """Row (from 1) of the header: the first with about as many filled cells as any; what is above is a preamble.

    Where two such rows follow each other, titles for people and then names in capitals, as the Insee does,
    the second is the header.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:_HEADER_WITHIN]]
    if not filled or not max(filled):
        return 1
    at = next(n for n, count in enumerate(filled) if count >= _CUT_OFF * max(filled))
    if at + 1 < len(rows) and _codes(rows[at + 1]) and not _codes(rows[at]):
        at += 1
    return at + 1


def _codes(row: Sequence[str]) -> bool:
    return len(set(row)) == len(row) > 1 and all(re.fullmatch(r"[A-Z][A-Z0-9_]*", cell.strip()) for cell in row)


def _csv(head: bytes, whole: bool, path: Path) -> Layout:
    encoding = encoding_of(head, whole)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    if "\0" in text:
        raise ReadError("not text", where=str(path), do="give a CSV, XLSX or JSON file")
    lines = text.splitlines(keepends=True)[:200]
    delimiter = delimiter_of(lines)
    try:
        header = header_of(list(islice(csv.reader(lines, delimiter=delimiter), _HEADER_WITHIN)))
    except csv.Error as problem:
        do = "open it in a spreadsheet and save it again as CSV"
        raise ReadError(f"not a table: {problem}", where=str(path), do=do) from None
    return Layout(format="csv", encoding=encoding, delimiter=delimiter, header=header)


def _workbook(path: Path) -> Layout:
    """The sheet with the most rows and columns is taken: the others tend to be read-me sheets."""
    best, size, first = "", 0, list[list[str]]()
    with CalamineWorkbook.from_path(path) as workbook:
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            if (cells := sheet.height * sheet.width) > size:
                best, size = name, cells
                first = [[str(cell) for cell in row] for row in islice(sheet.iter_rows(), _HEADER_WITHIN)]
    if not size:
        raise ReadError("all sheets are empty", where=str(path), do="check that this is the right file")
    return Layout(format="xlsx", sheet=best, header=header_of(first))


# JSON -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Array:
    prefix: str
    objects: int = 0
    arrays: int = 0


def _json(path: Path) -> Layout:
    items = items_of(path)
    layout = Layout(format="json", items=items)
    with path.open("rb") as file:
        first = list(islice(ijson.items(file, items), 100))
    if all(isinstance(item, list) for item in first):
        width = Counter(map(len, first)).most_common(1)[0][0]
        layout = replace(layout, fields=tuple(f"{UNNAMED}{n + 1}" for n in range(width)))
    if any(re.search(r"\\u[0-9a-fA-F]{4}|\\/", text) for text in _texts(first)):
        layout = replace(layout, escaped_twice=True)
    return layout


def items_of(path: Path) -> str:
    """The ijson prefix of the records: the largest array of objects, or else of arrays.

    Arrays inside the items of another are parts of records (coordinates, periods, categories).
    """
    found: list[_Array] = []
    open_: list[_Array] = []
    with path.open("rb") as file:
        try:
            for prefix, event, _ in ijson.parse(file):
                if file.tell() > LOOK_BYTES:
                    break
                if event in ("start_map", "start_array") and open_ and prefix == f"{open_[-1].prefix}item":
                    if event == "start_map":
                        open_[-1].objects += 1
                    else:
                        open_[-1].arrays += 1
                if event == "start_array":
                    array = _Array(f"{prefix}." if prefix else "")
                    found += [] if open_ else [array]
                    open_.append(array)
                elif event == "end_array":
                    open_.pop()
        except ijson.JSONError as problem:
            do = "if each line is a record of its own, or the file is JavaScript, make one JSON array of it"
            raise ReadError(f"not JSON: {problem}", where=str(path), do=do) from None
    best = max(
        (array for array in found if array.objects + array.arrays),
        key=lambda array: (array.objects, array.arrays, -array.prefix.count(".")),
        default=None,
    )
    if best is None:
        raise ReadError("no array of records", where=str(path), do="give a JSON file with a list of objects")
    return f"{best.prefix}item"


def _texts(node: object) -> Iterable[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
