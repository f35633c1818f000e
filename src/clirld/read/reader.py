"""read: the bytes of a snapshot → rows, every value text, as the card's layout says.

Rows come one by one, so that memory stays flat (calamine holds a spreadsheet whole, pyoxigraph a graph). They are
numbered as a spreadsheet shows them, header included; the records of other formats from 1. Several members of an
archive are numbered on. Rows without any value are passed over, but counted. A row that cannot be read, or stands
above the header, comes as `RaggedRow`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import filterfalse
from pathlib import Path

from clirld.errors import ReadError
from clirld.read import json as read_json
from clirld.read import parquet as read_parquet
from clirld.read import rdf as read_rdf
from clirld.read import table as read_table
from clirld.read.archive import File, files
from clirld.read.layout import Format, Layout, Syntax
from clirld.read.rows import RaggedRow, Report, SourceRow, ignore
from clirld.values.personal_data import without_personal_data

__all__ = ["Format", "Layout", "Syntax", "has_no_header", "header", "of_no_source", "read"]


def has_no_header(layout: Layout) -> bool:
    """Whether what columns there are is only known once all rows are read."""
    return layout.format in ("json", "jsonl", "geojson", "rdf", "cases")


def read(
    path: Path, layout: Layout, only: Collection[str] | None = None, report: Report = ignore
) -> Iterator[SourceRow | RaggedRow]:
    """Rows of a file, or of the members of an archive.

    `only` these columns are needed, where leaving out others saves work. Raises ReadError, on the first row or later,
    for a file that is not what the layout says.
    """
    offset = 0
    first_columns: list[str] | None = None
    for file in files(path, layout.member):
        # Where there is no header, members may differ: columns are only known once all is read.
        if layout.member and not has_no_header(layout):
            first_columns = check_same_columns(file, first_columns, _header(file, layout))
        last = 0
        for row in _rows(file, layout, only, shifted(report, offset)):
            last = row.row
            yield replace(row, row=offset + last) if offset else row
        offset += last


def header(path: Path, layout: Layout) -> list[str]:
    """Column names of a file: those of its header; else those of all its records, in order of appearance.

    Of several members, those of the first, and of the others what has a value and no name. Raises ReadError.
    """
    if not has_no_header(layout):
        members = files(path, layout.member)
        columns = _header(next(members), layout)
        # Another member may have values under cells without a name, at the end of the header.
        others = (name for file in members for name in _header(file, layout) if _is_unnamed(name))
        return list(dict.fromkeys([*columns, *others]))
    if layout.fields:
        return read_json.field_names(layout.fields)
    names: dict[str, None] = {}
    for row in read(path, layout):
        if isinstance(row, SourceRow):
            names.update(dict.fromkeys(row.values))
    return list(names)


def _is_unnamed(name: str) -> bool:
    return re.fullmatch(r"\(\d+\)", name) is not None


def _header(file: File, layout: Layout) -> list[str]:
    return read_parquet.header(file) if layout.format == "parquet" else read_table.header(file, layout)


def shifted(report: Report, offset: int) -> Report:
    """A report of a member's rows, by their numbers in the whole."""
    if report is ignore or not offset:
        return report
    return lambda issue: report(issue if issue.row is None else replace(issue, row=offset + issue.row))


def _rows(file: File, layout: Layout, only: Collection[str] | None, report: Report) -> Iterator[SourceRow | RaggedRow]:
    match layout.format:
        case "csv" | "xlsx" | "ods":
            return read_table.rows(file, layout, report)
        case "parquet":
            return read_parquet.rows(file, only)
        case "rdf":
            return read_rdf.rows(file, layout)
        case _:
            return read_json.rows(file, layout, report, only)


def check_same_columns(file: File, first_columns: list[str] | None, names: list[str]) -> list[str]:
    """The columns of the first member of an archive; raises ReadError where those of another are others."""
    if first_columns is None or sorted(filterfalse(_is_unnamed, names)) == sorted(
        filterfalse(_is_unnamed, first_columns)
    ):
        return first_columns or names
    missing, added = (
        ", ".join(map(without_personal_data, sorted(some))) or "–"
        for some in (set(first_columns) - set(names), set(names) - set(first_columns))
    )
    raise ReadError(
        f"its columns are not those of the first member: without {missing}; with {added}",
        where=file.where,
        do="narrow member in source.yaml to files of one layout, or give the others a distribution of their own",
    )


@contextmanager
def of_no_source() -> Iterator[None]:
    """For a table that no card describes: a ReadError that speaks of the card or of a harvest says what helps here."""
    try:
        yield
    except ReadError as problem:
        if "source" in problem.do:
            problem.do = "open it in a spreadsheet and save it again as CSV in UTF-8"
        raise
