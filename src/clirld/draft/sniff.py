"""What a file is: format, encoding, delimiter, header, where its records are, and what its columns hold.

In: a file. Out: the layout that `clirld.read.reader` reads it with, and a profile of each column, from the
first rows only. Nothing here is certain: what it finds is proposed to a person (`clirld.draft.new_source`), never
harvested.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Literal

from pyoxigraph import RdfFormat, parse
from python_calamine import CalamineWorkbook

from clirld.draft import sniff_json, sniff_text
from clirld.draft.sniff_json import MAX_BYTES, UNNAMED_PREFIX, StatedTotal
from clirld.draft.sniff_text import HEADER_SEARCH_ROWS, header_of
from clirld.errors import ReadError
from clirld.read import reader
from clirld.read.archive import File
from clirld.read.layout import Layout, Syntax
from clirld.read.rows import Cell, SourceRow

__all__ = ["MAX_BYTES", "UNNAMED_PREFIX", "ColumnProfile", "SniffResult", "format_of", "layout_of", "sniff"]

MAX_ROWS = 2_000
"""How many rows of a file are looked at."""

_MIN_FILL_RATE = 0.95


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What a column holds in the rows looked at: `counts` says how often each value is there, "" left out."""

    name: str
    rows: int
    filled: int
    counts: Mapping[str, int]
    multivalued: bool = False

    @property
    def fill_rate(self) -> float:
        """Share of the rows with a value."""
        return self.filled / self.rows if self.rows else 0.0

    @property
    def unique(self) -> bool:
        """Whether no two rows have the same value, and nearly every row has one."""
        return not self.multivalued and self.filled == len(self.counts) > 0 and self.fill_rate >= _MIN_FILL_RATE


@dataclass(frozen=True, slots=True)
class SniffResult:
    """The layout of a file, its columns, and the rows looked at (`complete`: there are no more).

    `stated_total`: the file says that there are more records than it has, as a page of an API does.
    """

    layout: Layout
    rows: int
    complete: bool
    columns: tuple[ColumnProfile, ...]
    sample: tuple[SourceRow, ...] = ()
    stated_total: StatedTotal | None = None


def sniff(path: Path) -> SniffResult:
    """Look at the start of a file. Raises ReadError, saying what to do, for what is no table of a known format."""
    layout = layout_of(path)
    rows = list(islice(reader.read(path, layout), MAX_ROWS + 1))
    complete = len(rows) <= MAX_ROWS
    readable = [row for row in rows[:MAX_ROWS] if isinstance(row, SourceRow)]
    if not readable:
        raise ReadError("no rows under the header", where=str(path), do="check that this is the right file")
    names = list(dict.fromkeys(name for row in readable for name in row.values))
    columns = tuple(_profile(name, readable) for name in names)
    stated_total = (
        sniff_json.stated_total(File(path), layout.items, len(readable))
        if layout.format == "json" and complete
        else None
    )
    return SniffResult(layout, len(readable), complete, columns, tuple(readable), stated_total)


def _profile(name: str, rows: Sequence[SourceRow]) -> ColumnProfile:
    counts: Counter[str] = Counter()
    filled = 0
    many = False
    for row in rows:
        cell: Cell = row.values.get(name, "")
        many = many or not isinstance(cell, str)
        values = [value for value in ([cell] if isinstance(cell, str) else cell) if value.strip()]
        filled += bool(values)
        counts.update(values)
    return ColumnProfile(name, len(rows), filled, counts, many)


def layout_of(path: Path) -> Layout:
    """How to read the file. Raises ReadError as `sniff`."""
    if zipfile.is_zipfile(path) and _archived(path) == "zip":
        return _member(path)
    return _layout(File(path))


def _layout(file: File) -> Layout:
    with file.open() as raw:
        head = raw.read(MAX_BYTES)
        whole = not raw.read(1)
    match format_of(head, file):
        case "xlsx" | "ods" as sheets:
            return _workbook(file, sheets)
        case "json":
            return sniff_json.layout_of(file)
        case "parquet":
            return Layout(format="parquet")
        case "rdf":
            return _rdf(head, whole, file)
        case _:
            return sniff_text.layout_of(head, whole, file.path if file.member is None else Path(file.where))


_SIGNATURES = {
    b"%PDF": ("a PDF document", "look for the same data as CSV, XLSX or JSON"),
    b"\xd0\xcf\x11\xe0": ("an old Excel file (.xls)", "open it and save it as .xlsx"),
    b"\x1f\x8b": ("compressed (gzip)", "unpack it first"),
    b"var ": ("JavaScript, not JSON", "take the JSON out of it, from the first { or [ to the last } or ]"),
    b"<": ("a web page or XML, not a table", "look for the address of the file itself, not of its page"),
}
_RDF = re.compile(rb"(@prefix|@base|prefix|base|<https?://[^>]*>|_:\w+)\s", re.IGNORECASE)


def format_of(head: bytes, file: File) -> str:
    """Format of a file by its first bytes, whatever its name says. Raises ReadError."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:2048]
    if not start:
        raise ReadError("the file is empty", where=file.where, do="check that this is the right file")
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"PK\x03\x04"):
        with file.on_disk() as path:
            return _archived(path)
    if _RDF.match(start) or b"<rdf:RDF" in start:
        return "rdf"
    for signature, (what, do) in _SIGNATURES.items():
        if start.startswith(signature):
            raise ReadError(f"this is {what}", where=file.where, do=do)
    return "json" if start[:1] in (b"{", b"[") else "csv"


def _archived(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return "xlsx" if "xl/workbook.xml" in names else "ods" if "content.xml" in names else "zip"


def _member(path: Path) -> Layout:
    """The largest member of an archive, with those beside it that have its ending and its columns."""
    with zipfile.ZipFile(path) as archive:
        members = {one.filename: one.file_size for one in archive.infolist() if not one.is_dir()}
    if not members:
        raise ReadError("an archive without a file", where=str(path), do="check that this is the right file")
    largest = max(members, key=lambda name: members[name])
    layout = replace(_layout(File(path, largest)), member=largest)
    pattern = f"*{PurePosixPath(largest).suffix}"
    several = replace(layout, member=pattern)
    if sum(fnmatchcase(name, pattern) for name in members) > 1 and not reader.has_no_header(layout):
        names = reader.header(path, layout)
        if all(_same_columns(path, one, layout, names) for one in members if fnmatchcase(one, pattern)):
            return several
    return layout


def _same_columns(path: Path, member: str, layout: Layout, names: Sequence[str]) -> bool:
    try:
        return sorted(reader.header(path, replace(layout, member=member))) == sorted(names)
    except ReadError:
        return False


def _rdf(head: bytes, whole: bool, file: File) -> Layout:
    """Syntax, and the prefixes that the file itself uses."""
    syntax: Syntax = "rdfxml" if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<?xml") else "turtle"
    if b"<rdf:RDF" in head[:2048]:
        syntax = "rdfxml"
    with file.open() as raw:
        parser = parse(input=raw, format=RdfFormat.RDF_XML if syntax == "rdfxml" else RdfFormat.TURTLE)
        try:
            deque(islice(parser, MAX_ROWS), maxlen=0)
        except SyntaxError as problem:
            do = "check that this is the right file"
            raise ReadError(f"not RDF ({syntax}): {problem}", where=file.where, do=do) from None
    return Layout(format="rdf", syntax=syntax, prefixes=parser.prefixes)


def _workbook(file: File, sheets: Literal["xlsx", "ods"]) -> Layout:
    """The sheet with the most rows and columns is taken: the others tend to be read-me sheets."""
    best, size, first = "", 0, list[list[str]]()
    with file.on_disk() as path, CalamineWorkbook.from_path(path) as workbook:
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            if (cells := sheet.height * sheet.width) > size:
                best, size = name, cells
                first = [[str(cell) for cell in row] for row in islice(sheet.iter_rows(), HEADER_SEARCH_ROWS)]
    if not size:
        raise ReadError("all sheets are empty", where=file.where, do="check that this is the right file")
    return Layout(format=sheets, sheet=best, header=header_of(first))
