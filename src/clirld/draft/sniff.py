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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from pyoxigraph import RdfFormat, parse
from python_calamine import CalamineWorkbook

from clirld.draft import headerless, sniff_json, sniff_text
from clirld.draft.second_table import Gap, first_gap
from clirld.draft.sniff_json import MAX_BYTES, UNNAMED_PREFIX, StatedTotal
from clirld.draft.sniff_text import HEADER_SEARCH_ROWS, with_header
from clirld.errors import ReadError
from clirld.issues import Issue
from clirld.read import reader
from clirld.read.archive import File, is_metadata, listed
from clirld.read.layout import Layout, Syntax
from clirld.read.rows import OUTSIDE_TABLE, Cell, RaggedRow, RowIssue, SourceRow
from clirld.read.sheet import cell_text, visible_sheets

__all__ = ["MAX_BYTES", "UNNAMED_PREFIX", "ColumnProfile", "SniffResult", "format_of", "layout_of", "sniff"]


class Note(NamedTuple):
    """What a person has to know of how a file was read."""

    fr: str
    en: str


MAX_ROWS = 2_000
"""How many rows of a file are looked at."""

_MIN_FILL_RATE = 0.95
_NO_HEADER = Note(
    "le fichier n'a pas de titres de colonnes : sa première ligne est une donnée ; donner des noms à columns",
    "the file has no names of columns: its first row is data; give columns names",
)


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

    `rows` of the table can be read; `rows_read` are all that the reader gives, which is what a harvest counts: those
    that cannot be read and those outside the table (`rows_outside`) too, blank ones not. `stated_total`: the file says
    that there are more records than it has, as a page of an API does. `notes` say, in French and English, what was not
    taken or could not be read.
    """

    layout: Layout
    rows: int
    complete: bool
    columns: tuple[ColumnProfile, ...]
    sample: tuple[SourceRow, ...] = ()
    stated_total: StatedTotal | None = None
    rows_read: int = 0
    rows_outside: int = 0
    notes: tuple[Note, ...] = ()


def sniff(path: Path) -> SniffResult:
    """Look at the start of a file. Raises ReadError, saying what to do, for what is no table of a known format."""
    layout, notes = layout_of(path)
    rows, noticed = _read(path, layout)
    if layout.format in ("csv", "xlsx", "ods") and "*" not in (layout.member or "") and (gap := first_gap(rows)):
        notes = [*notes, _note_of_gap(gap)]
        if gap.begins_another:
            layout = replace(layout, until="blank-row")
            rows, noticed = _read(path, layout)
    complete = len(rows) <= MAX_ROWS
    readable = [row for row in rows[:MAX_ROWS] if isinstance(row, SourceRow)]
    whys = Counter(str(row.why) for row in rows if isinstance(row, RaggedRow))
    if layout.columns:
        notes = [*notes, _NO_HEADER]
    notes = [*notes, *_notes_of_rows(whys, noticed)]
    if not readable:
        raise ReadError("no rows under the header", where=str(path), do="check that this is the right file")
    names = list(dict.fromkeys(name for row in readable for name in row.values))
    has_titles = layout.format in ("csv", "xlsx", "ods", "parquet")  # keys of JSON are a program's
    if named := [str(n) for n, name in enumerate(names, start=1) if has_titles and headerless.names_person(name)]:
        raise ReadError(
            f"the name of column {', '.join(named)} holds a contact or the name of somebody",
            where=str(path),
            do="ask the publisher to name the columns after what they hold, or do it in a copy of the file",
        )
    columns = tuple(_profile(name, readable) for name in names)
    stated_total = (
        sniff_json.stated_total(File(path), layout.items, len(readable))
        if layout.format == "json" and complete
        else None
    )
    outside = sum(count for why, count in whys.items() if why in OUTSIDE_TABLE)
    sample = tuple(readable)
    return SniffResult(layout, len(sample), complete, columns, sample, stated_total, len(rows), outside, tuple(notes))


def _read(path: Path, layout: Layout) -> tuple[list[SourceRow | RaggedRow], list[RowIssue]]:
    """The first rows, one more than are looked at, and what was noticed of them."""
    noticed: list[RowIssue] = []
    return list(islice(reader.read(path, layout, None, noticed.append), MAX_ROWS + 1)), noticed


def _note_of_gap(gap: Gap) -> Note:
    if gap.begins_another:
        return Note(
            f"un autre tableau semble commencer sous la ligne vide {gap.row} : until l'en tient à l'écart",
            f"another table seems to begin below the blank row {gap.row}: until keeps it out",
        )
    return Note(
        f"la ligne {gap.row} est vide ; si un autre tableau suit, ajouter until: blank-row",
        f"row {gap.row} is blank; where another table follows, add until: blank-row",
    )


def _notes_of_rows(whys: Mapping[str, int], noticed: Sequence[RowIssue]) -> Iterator[Note]:
    if above := whys.get("above-header"):
        yield Note(
            f"lignes au-dessus des titres de colonnes, non lues : {above}",
            f"rows above the names of the columns, not read: {above}",
        )
    if below := whys.get("below-table"):
        yield Note(
            f"lignes sous la fin du tableau, non lues : {below}", f"rows below the table's end, not read: {below}"
        )
    if unreadable := sum(count for why, count in whys.items() if why not in OUTSIDE_TABLE):
        yield Note(
            f"lignes illisibles (nombre de cellules, ou guillemet) : {unreadable}",
            f"rows that cannot be read (number of cells, or a quote): {unreadable}",
        )
    counts = Counter((one.code, one.column if one.row is None else None) for one in noticed)
    first = {(one.code, one.column if one.row is None else None): one for one in reversed(noticed)}
    for kind, count in counts.items():
        issue = Issue("", "records", kind[0], None, first[kind].row, first[kind].column, None, first[kind].detail)
        row_fr, row_en = (f"ligne {issue.row} : ", f"row {issue.row}: ") if issue.row else ("", "")
        times = f" (× {count})" if count > 1 else ""
        yield Note(f"{row_fr}{issue.message('fr')}{times}", f"{row_en}{issue.message('en')}{times}")


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


def layout_of(path: Path, *, one_column: bool = False) -> tuple[Layout, list[Note]]:
    """How to read the file, and what of it was not taken; with `one_column`, lines of words are a table of one column.

    Raises ReadError as `sniff`.
    """
    if zipfile.is_zipfile(path) and _archived(path, str(path)) == "zip":
        return _member(path)
    return _layout(File(path), one_column=one_column)


def _layout(file: File, *, one_column: bool = False) -> tuple[Layout, list[Note]]:
    with file.open() as raw:
        head = raw.read(MAX_BYTES)
        whole = not raw.read(1)
    match format_of(head, file):
        case "xlsx" | "ods" as sheets:
            return _workbook(file, sheets)
        case "json":
            return sniff_json.layout_of(file), []
        case "parquet":
            return Layout(format="parquet"), []
        case "rdf":
            return _rdf(head, whole, file), []
        case _:
            path = file.path if file.member is None else Path(file.where)
            return sniff_text.layout_of(head, whole, path, one_column=one_column), []


_SIGNATURES = {
    b"%PDF": ("a PDF document", "look for the same data as CSV, XLSX or JSON"),
    b"\xd0\xcf\x11\xe0": ("an old Excel file (.xls)", "open it and save it as .xlsx"),
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
            return _archived(path, file.where)
    if _RDF.match(start) or b"<rdf:RDF" in start:
        return "rdf"
    for signature, (what, do) in _SIGNATURES.items():
        if start.startswith(signature):
            raise ReadError(f"this is {what}", where=file.where, do=do)
    return "json" if start[:1] in (b"{", b"[") else "csv"


def _archived(path: Path, where: str) -> str:
    names = [one.filename for one in listed(path, where)]
    return "xlsx" if "xl/workbook.xml" in names else "ods" if "content.xml" in names else "zip"


_KNOWN_ENDINGS = re.compile(
    r"\.(csv|tsv|txt|xlsx|ods|json|jsonl|ndjson|geojson|parquet|ttl|nt|rdf)(\.gz)?", re.IGNORECASE
)


def _member(path: Path) -> tuple[Layout, list[Note]]:
    """The largest member of an archive that can be a table, with those that have its ending and its columns."""
    sizes = {one.filename: one.file_size for one in listed(path) if not one.is_dir() and not is_metadata(one.filename)}
    if not sizes:
        raise ReadError("an archive without a file", where=str(path), do="check that this is the right file")
    largest = max(sizes, key=lambda name: (bool(_KNOWN_ENDINGS.search(name)), sizes[name]))
    layout, notes = _layout(File(path, largest))
    layout = replace(layout, member=_escaped(largest))
    pattern = f"*{PurePosixPath(largest).suffix}"
    beside = [name for name in sizes if name != largest and fnmatchcase(name, pattern)]
    alike: list[str] = []
    if not reader.has_no_header(layout):
        names = reader.header(path, layout)
        alike = [name for name in beside if _same_columns(path, name, layout, names)]
    if alike and alike == beside:
        layout = replace(layout, member=pattern)
        taken = ", ".join(sorted([largest, *alike])[:10])
        notes.append(Note(f"fichiers de l'archive lus ensemble : {taken}", f"members read together: {taken}"))
    elif alike:
        same = ", ".join(alike[:10])
        notes.append(
            Note(
                f"mêmes colonnes, mais non lus : {same} ; un motif dans member les prendrait (*)",
                f"the same columns, but not read: {same}; a pattern as member would take them (*)",
            )
        )
    if others := [name for name in sizes if name != largest and name not in alike]:
        shown = ", ".join(others[:10]) + (", …" if len(others) > 10 else "")
        notes.append(Note(f"autres fichiers de l'archive, non lus : {shown}", f"other members, not read: {shown}"))
    return layout, notes


def _escaped(member: str) -> str:
    """The name of a member as a pattern that fits nothing else."""
    return re.sub(r"([*?[])", r"[\1]", member)


def _same_columns(path: Path, member: str, layout: Layout, names: Sequence[str]) -> bool:
    try:
        return sorted(reader.header(path, replace(layout, member=_escaped(member)))) == sorted(names)
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


def _workbook(file: File, sheets: Literal["xlsx", "ods"]) -> tuple[Layout, list[Note]]:
    """Of the sheets that are not hidden, that with the most cells: the others tend to be read-me sheets."""
    sizes: dict[str, int] = {}
    heads: dict[str, list[list[str]]] = {}
    with file.on_disk() as path, CalamineWorkbook.from_path(path) as workbook:
        visible, hidden = visible_sheets(workbook)
        for name in visible:
            sheet = workbook.get_sheet_by_name(name)
            sizes[name] = sheet.height * sheet.width
            heads[name] = [[cell_text(cell) for cell in row] for row in islice(sheet.iter_rows(), HEADER_SEARCH_ROWS)]
    if not any(sizes.values()):
        what = f"all sheets with rows are hidden: {', '.join(hidden)}" if hidden else "all sheets are empty"
        raise ReadError(what, where=file.where, do="check that this is the right file")
    best = max(sizes, key=lambda name: sizes[name])
    layout = with_header(Layout(format=sheets, sheet=best), heads[best])
    notes = []
    if others := [name for name in visible if name != best and sizes[name]]:
        names = heads[best][layout.header - 1] if layout.header else None
        shown = ", ".join(f"{name} (=)" if names in heads[name] else name for name in others)
        equal_fr = " ; (=) : mêmes colonnes, une distribution pour chacune" if "(=)" in shown else ""
        equal_en = "; (=): the same columns, a distribution for each" if "(=)" in shown else ""
        notes.append(
            Note(f"autres feuilles, non lues : {shown}{equal_fr}", f"other sheets, not read: {shown}{equal_en}")
        )
    if hidden:
        shown = ", ".join(hidden)
        notes.append(Note(f"feuilles masquées, non lues : {shown}", f"hidden sheets, not read: {shown}"))
    return layout, notes
