"""The sample of a new source: a few rows of its file, picked for their variety, without what is personal.

It is written as the registry writes its file, so that the same card reads both. Columns that look personal are empty
(`clirld.values.persons.columns`); of nested JSON, all that is below one is. In other cells […] stands for whatever may
name somebody or lead to one, places that are named after persons too. A surname alone in a text is not seen, so that
a person has to read the sample before it is published.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from clirld.draft.sniff import SniffResult
from clirld.read import json as read_json
from clirld.read.archive import files
from clirld.read.layout import Layout, container_path
from clirld.read.rows import Cell, SourceRow
from clirld.values import contacts
from clirld.values.contacts import MASK, merged
from clirld.values.contacts import masked as masked_parts
from clirld.values.persons import columns as person_columns
from clirld.values.persons import names, streets
from clirld.values.persons.first_names import is_no_surname

SAMPLE_ROWS = 20
"""Rows of a sample, or all that a file has."""

_MAX_CATEGORIES = 30
_MAX_NAME_WORDS = 3

Redact = Callable[[str, Cell], Cell]


def suffix(layout: Layout) -> str | None:
    """Ending of a sample's name; None for what cannot be written here (ODS, RDF)."""
    return layout.format if layout.format in ("csv", "xlsx", "json", "jsonl", "geojson", "parquet") else None


def write_sample(path: Path, source: Path, sniffed: SniffResult, personal: Collection[str]) -> int:
    """Write the sample of the file `source` to `path`; gives the number of its rows."""
    rows = select_rows(sniffed.sample, SAMPLE_ROWS)
    columns = [column.name for column in sniffed.columns]

    personal_paths = frozenset(_path(name) for name in personal)

    def redact(name: str, cell: Cell) -> Cell:
        if _is_below(_path(name), personal_paths) or person_columns.by_name(name):
            return "" if isinstance(cell, str) else []
        return redacted(name, cell) if isinstance(cell, str) else [redacted(name, one) for one in cell]

    table = [[redact(name, row.values.get(name, "")) for name in columns] for row in rows]
    match sniffed.layout.format:
        case "csv":
            path.write_bytes(_csv(columns, table, sniffed.layout))
        case "xlsx":
            _xlsx(path, columns, table, sniffed.layout)
        case "parquet":
            pl.DataFrame({name: [row[n] for row in table] for n, name in enumerate(columns)}).write_parquet(path)
        case _:
            path.write_text(_json(source, sniffed.layout, {row.row for row in rows}, redact), encoding="utf-8")
    return len(rows)


def redacted(column: str, text: str) -> str:
    """A cell with […] for what may name somebody or lead to one; of places, only who is at home there."""
    masked = streets.masked_text(text)
    if person_columns.is_place(column):
        return masked
    if names.may_be_somebody(masked) or (person_columns.may_hold_surnames(column) and _may_be_surname(masked)):
        return MASK
    spans = merged(names.find_anywhere(masked))
    return masked_parts(masked, spans) if spans else masked


def _may_be_surname(text: str) -> bool:
    """Whether one to three words, none of which tells of an organization, may be somebody's: « Exemple »."""
    words = re.findall(r"[^\W\d_]+", text)
    return 0 < len(words) <= _MAX_NAME_WORDS and not any(map(is_no_surname, words)) and not re.search(r"\d", text)


def _path(name: str) -> str:
    """The place of a column in nested JSON, whichever item of a list it is of."""
    return ".".join(part for part in name.split(".") if part != "0")


def _is_below(path: str, personal: Collection[str]) -> bool:
    parts = path.split(".")
    return any(".".join(parts[:n]) in personal for n in range(1, len(parts) + 1))


def select_rows(rows: Sequence[SourceRow], count: int) -> list[SourceRow]:
    """Rows that between them show most of what is there, in the order of the file.

    What counts: a column filled or empty, each value of a column that has few, the shape of a value (its digits and
    letters). The row that adds most is taken first; the first of the file where several add the same.
    """
    categorical = _categorical_columns(rows)
    features = {row.row: _features(row, categorical) for row in rows}
    chosen: list[SourceRow] = []
    covered: set[tuple[str, str]] = set()
    remaining = list(rows)
    while remaining and len(chosen) < count:
        best = max(remaining, key=lambda row: (len(features[row.row] - covered), -row.row))
        covered |= features[best.row]
        chosen.append(best)
        remaining.remove(best)
    return sorted(chosen, key=lambda row: row.row)


def _categorical_columns(rows: Sequence[SourceRow]) -> set[str]:
    values: dict[str, set[str]] = {}
    for row in rows:
        for name, cell in row.values.items():
            if len(distinct := values.setdefault(name, set())) <= _MAX_CATEGORIES:
                distinct.update([cell] if isinstance(cell, str) else cell)
    return {name for name, distinct in values.items() if len(distinct) <= _MAX_CATEGORIES}


def _features(row: SourceRow, categorical: set[str]) -> set[tuple[str, str]]:
    features = set()
    for name, cell in row.values.items():
        for value in [cell] if isinstance(cell, str) else cell or [""]:
            features.add((name, value if name in categorical else _shape(value)))
    return features


def _shape(value: str) -> str:
    """A value with its digits and letters made alike, runs of them one sign: what flaws differ in."""
    letters = re.sub(r"[^\W\d_]+", "a", value)
    digits = re.sub(r"\d", "9", letters) if len(value) <= 20 else re.sub(r"\d+", "9", letters)
    return digits if len(digits) <= 20 else "…"


# Writing ------------------------------------------------------------------------------------------


def _csv(names: Sequence[str], table: Iterable[Sequence[Cell]], layout: Layout) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=layout.delimiter,
        lineterminator="\n",
        escapechar=layout.escape,
        doublequote=layout.escape is None,
    )
    for _ in range(layout.header - 1):
        out.write("…\n")  # what stands above the header
    if layout.header:
        writer.writerow(names)
    writer.writerows(table)
    text = out.getvalue()
    try:
        return text.encode(layout.encoding)
    except UnicodeEncodeError:  # what was put in the place of a contact is no sign of every encoding
        return text.replace("…", "...").encode(layout.encoding, "replace")


def _xlsx(path: Path, names: Sequence[str], table: Iterable[Sequence[Cell]], layout: Layout) -> None:
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        sheet = book.add_worksheet(layout.sheet)
        for number, row in enumerate([names, *table] if layout.header else table, start=max(layout.header - 1, 0)):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, str(cell))


def _json(source: Path, layout: Layout, row_numbers: Collection[int], redact: Redact) -> str:
    """The wanted records in an object like the file's."""
    items: list[Any] = []
    offset = 0
    for file in files(source, layout.member):
        number = 0
        for number, item in read_json.records(file, layout):
            if offset + number in row_numbers:
                items.append(_redacted(item, "", layout, redact))
            if len(items) == len(row_numbers):
                break
        offset += number
    if layout.format == "jsonl" or not layout.items:
        return "".join(f"{json.dumps(one, ensure_ascii=False, default=_as_float)}\n" for one in items)
    keyed = all(isinstance(one, dict) and read_json.KEY_COLUMN in one for one in items)
    top: Any = _keyed(items) if keyed else items
    parent = container_path(layout.items)
    for name in reversed(parent.split(".") if parent else []):
        top = {name: top}
    if layout.format == "geojson":
        top = {"type": "FeatureCollection", **top}
    return json.dumps(top, ensure_ascii=False, indent=1, default=_as_float) + "\n"


def _keyed(items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Records by their keys; one that was taken out is its record's number."""
    found: dict[str, Any] = {}
    for number, one in enumerate(items, start=1):
        key = one.pop(read_json.KEY_COLUMN)
        found[key if key and MASK not in key else str(number)] = one
    return found


def _redacted(node: Any, name: str, layout: Layout, redact: Redact) -> Any:
    """A record without what is personal; coordinates of points only, of others the first."""
    if isinstance(node, Mapping):
        return {
            key: _redacted(value, f"{name}.{key}" if name else str(key), layout, redact) for key, value in node.items()
        }
    if isinstance(node, list):
        if name == "geometry.coordinates":
            return node if not any(isinstance(one, list) for one in node) else []
        if not name and layout.fields:
            return [_redacted(one, field, layout, redact) for one, field in zip(node, layout.fields, strict=False)]
        return [_redacted(one, name, layout, redact) for one in islice(node, _MAX_CATEGORIES)]
    if redact(name, "x") == "":  # personal, whatever it is
        return None
    if isinstance(node, str):
        return redact(name, node)
    return None if isinstance(node, int) and contacts.is_contact(str(node)) else node


def _as_float(value: Any) -> Any:
    """ijson's decimals as numbers."""
    return float(value)
