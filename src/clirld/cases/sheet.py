"""A case as a spreadsheet: a sheet for its own fields, and one for each kind of fact, named as in the Markdown form.

Several values of a cell are on lines of their own, or between « ; ».
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import python_calamine as calamine

from clirld.cases.model import LISTS, Case, Part, item_type
from clirld.cases.raw import Place, Problem, Raw, names
from clirld.cases.values import near
from clirld.read.table import cell_text
from clirld.values.text import fold

OWN = "cas"
"""The sheet of a case's own fields: a row each, with its name, its value and what to write."""

WORDS = "valeurs"
"""The sheet of the values to choose from, which is not read."""


def read(content: bytes, slug: str, file: str) -> Raw:
    """The fields of a workbook; what cannot be read at all is among its problems."""
    raw = Raw(slug, file)
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            sheets = {name: list(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names}
    except (calamine.CalamineError, OSError, ValueError):
        raw.problems.append(Problem("not-spreadsheet", Place(file)))
        return raw
    lists = {fold(name): (name, model) for name, model in LISTS.values()}
    allowed = [OWN, *(name for name, _model in LISTS.values())]
    for sheet, cells in sheets.items():
        table = [[cell_text(cell).strip() for cell in row] for row in cells]
        if fold(sheet) == OWN:
            raw.places[()] = Place(file, None, sheet)
            _own(raw, sheet, table)
        elif fold(sheet) in lists:
            _list(raw, sheet, table, *lists[fold(sheet)])
        elif fold(sheet) != WORDS:
            raw.problems.append(
                Problem("unknown-sheet", Place(file, None, sheet), {"name": sheet, **near(sheet, allowed)})
            )
    return raw


def _own(raw: Raw, sheet: str, table: Sequence[Sequence[str]]) -> None:
    known = {fold(name): (name, Case.many(column)) for column, name, info, _is in Case.fields() if not item_type(info)}
    for number, row in enumerate(table[1:], start=2):
        place = Place(raw.file, number, sheet)
        if not any(row[:2]):
            continue
        if fold(row[0]) not in known:
            allowed = [name for name, _many in known.values()]
            raw.problems.append(Problem("unknown-field", place, {"name": row[0], **near(row[0], allowed)}))
            continue
        name, many = known[fold(row[0])]
        if name in raw.data:
            raw.problems.append(Problem("field-twice", place, {"name": name}))
        raw.places[(name,)] = place
        if len(row) > 1 and row[1]:
            raw.data[name] = _values(row[1], many)


def _list(raw: Raw, sheet: str, table: Sequence[Sequence[str]], name: str, model: type[Part]) -> None:
    known = names(model)
    many = {name: model.many(column) for column, name, _info, _is in model.fields()}
    header = [known.get(fold(one), one) for one in table[0]] if table else []
    for one in header:
        if one and one not in many:
            raw.problems.append(Problem("unknown-field", Place(raw.file, 1, sheet), {"name": one, **near(one, many)}))
    items: list[dict[str, Any]] = []
    for number, row in enumerate(table[1:], start=2):
        given = {one: _values(cell, many[one]) for one, cell in zip(header, row, strict=False) if cell and one in many}
        if given:
            place = Place(raw.file, number, sheet)
            raw.places[(name, len(items))] = place
            items.append(given)
    if items:
        raw.data[name] = items


def _values(cell: str, many: bool) -> str | list[str]:
    return [part for one in re.split(r"[;\n]", cell) if (part := one.strip())] if many else cell
