"""A case as a spreadsheet: a sheet for its own fields, and one for each kind of fact, named as in the Markdown form.

Several values of a cell are on lines of their own, or between « ; ».
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import python_calamine as calamine

from clirld.cases.field_types import Part, item_type
from clirld.cases.model import LISTS, Case
from clirld.cases.raw import Location, Problem, RawCase, field_names
from clirld.cases.values import suggestions
from clirld.read.sheet import cell_text
from clirld.values.text import fold

CASE_SHEET = "cas"
"""The sheet of a case's own fields: a row each, with its name, its value and what to write."""

VALUES_SHEET = "valeurs"
"""The sheet of the values to choose from, which is not read."""


def read(content: bytes, slug: str, file: str) -> RawCase:
    """The fields of a workbook; what cannot be read at all is among its problems."""
    raw = RawCase(slug, file)
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            sheets = {name: list(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names}
    except (calamine.CalamineError, OSError, ValueError):
        raw.problems.append(Problem("not-spreadsheet", Location(file)))
        return raw
    lists = {fold(name): (name, model) for name, model in LISTS.values()}
    allowed = [CASE_SHEET, *(name for name, _model in LISTS.values())]
    for sheet, cells in sheets.items():
        table = [[cell_text(cell).strip() for cell in row] for row in cells]
        if fold(sheet) == CASE_SHEET:
            raw.locations[()] = Location(file, None, sheet)
            _read_case_sheet(raw, sheet, table)
        elif fold(sheet) in lists:
            _read_list_sheet(raw, sheet, table, *lists[fold(sheet)])
        elif fold(sheet) != VALUES_SHEET:
            raw.problems.append(
                Problem("unknown-sheet", Location(file, None, sheet), {"name": sheet, **suggestions(sheet, allowed)})
            )
    return raw


def _read_case_sheet(raw: RawCase, sheet: str, table: Sequence[Sequence[str]]) -> None:
    fields = {
        fold(name): (name, Case.is_list(column)) for column, name, info, _type in Case.fields() if not item_type(info)
    }
    for number, row in enumerate(table[1:], start=2):
        location = Location(raw.file, number, sheet)
        if not any(row[:2]):
            continue
        if fold(row[0]) not in fields:
            allowed = [name for name, _is_list in fields.values()]
            raw.problems.append(Problem("unknown-field", location, {"name": row[0], **suggestions(row[0], allowed)}))
            continue
        name, is_list = fields[fold(row[0])]
        if name in raw.data:
            raw.problems.append(Problem("field-twice", location, {"name": name}))
        raw.locations[(name,)] = location
        if len(row) > 1 and row[1]:
            raw.data[name] = _values(row[1], is_list)


def _read_list_sheet(raw: RawCase, sheet: str, table: Sequence[Sequence[str]], name: str, model: type[Part]) -> None:
    fields = field_names(model)
    is_list = {name: model.is_list(column) for column, name, _info, _type in model.fields()}
    header = [fields.get(fold(column), column) for column in table[0]] if table else []
    for column in header:
        if column and column not in is_list:
            raw.problems.append(
                Problem("unknown-field", Location(raw.file, 1, sheet), {"name": column, **suggestions(column, is_list)})
            )
    items: list[dict[str, Any]] = []
    for number, row in enumerate(table[1:], start=2):
        item = {
            column: _values(cell, is_list[column])
            for column, cell in zip(header, row, strict=False)
            if cell and column in is_list
        }
        if item:
            location = Location(raw.file, number, sheet)
            raw.locations[(name, len(items))] = location
            items.append(item)
    if items:
        raw.data[name] = items


def _values(cell: str, is_list: bool) -> str | list[str]:
    return [part for piece in re.split(r"[;\n]", cell) if (part := piece.strip())] if is_list else cell
