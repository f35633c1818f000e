"""The spreadsheet template of a case, empty or filled: lists to choose from, and what to write where."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from clirld.cases.field_types import Part, Type, item_type
from clirld.cases.form import help_of
from clirld.cases.model import LISTS, Case
from clirld.cases.raw import RawCase
from clirld.cases.sheet import CASE_SHEET, VALUES_SHEET
from clirld.cases.values import Values

_ROWS = 200
"""Rows of a sheet that have lists to choose from."""

_WIDE = {"name", "description", "title", "url", "overcome_how", "change_reason", "homepage", "site"}
_WIDE |= {"resources_needed", "transfer_potential", "inputs", "outputs", "branch_condition"}
"""Columns of whole sentences."""


def write(path: Path, values: Values, case: RawCase | None = None) -> None:
    """Write the template, filled with a case if one is given. Raises OSError."""
    path.write_bytes(content(values, case))


def content(values: Values, case: RawCase | None = None) -> bytes:
    """The template as a file, filled with a case if one is given."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": "clirld", "created": datetime(2026, 1, 1)})  # the same bytes every time
        _Writer(book, values, case.data if case else {}).write()
    return out.getvalue()


class _Writer:
    def __init__(self, book: Any, values: Values, data: dict[str, Any]) -> None:
        self.book = book
        self.values = values
        self.data = data
        # Text (@), so that the spreadsheet leaves 01300 and 2020-05 as they are typed.
        self.text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self.title = book.add_format({"bold": True, "bg_color": "#E7E6E6", "valign": "top"})
        self.needed = book.add_format({"bold": True, "bg_color": "#FFE699", "valign": "top"})
        self.ranges: dict[str, str] = {}

    def write(self) -> None:
        case_sheet = self.book.add_worksheet(CASE_SHEET)
        sheets = [(self.book.add_worksheet(name), name, model) for name, model in LISTS.values()]
        # Added last, as it is the last tab, but written first: the choices of the others name its ranges.
        self._write_values_sheet(self.book.add_worksheet(VALUES_SHEET))
        self._write_case_sheet(case_sheet)
        for sheet, name, model in sheets:
            self._write_list_sheet(sheet, model, self.data.get(name, []))

    def _write_case_sheet(self, sheet: Any) -> None:
        sheet.set_column(0, 0, 22, self.title)
        sheet.set_column(1, 1, 70, self.text)
        sheet.set_column(2, 2, 70)
        for number, title in enumerate(("champ", "valeur", "quoi écrire (en jaune : à remplir toujours)")):
            sheet.write_string(0, number, title, self.title)
        fields = [(column, name, info, kind) for column, name, info, kind in Case.fields() if not item_type(info)]
        for row, (column, name, info, kind) in enumerate(fields, start=1):
            is_list = Case.is_list(column)
            sheet.write_string(row, 0, name, self.needed if info.is_required() else self.title)
            sheet.write_string(row, 1, _cell(self.data.get(name, "")), self.text)
            sheet.write_string(row, 2, help_of(info.description or "", kind, is_list))
            self._add_choices(sheet, row, row, 1, kind, is_list)
        sheet.freeze_panes(1, 0)

    def _write_list_sheet(self, sheet: Any, model: type[Part], items: Sequence[dict[str, Any]]) -> None:
        for number, (column, name, info, kind) in enumerate(model.fields()):
            is_list = model.is_list(column)
            wide = column in _WIDE
            sheet.set_column(number, number, 45 if wide else 20, self.text)
            sheet.write_string(0, number, name, self.needed if info.is_required() else self.title)
            if help_text := help_of(info.description or "", kind, is_list):
                sheet.write_comment(0, number, help_text)
            self._add_choices(sheet, 1, _ROWS, number, kind, is_list)
            for row, item in enumerate(items, start=1):
                if name in item:
                    sheet.write_string(row, number, _cell(item[name]), self.text)
        sheet.freeze_panes(1, 0)

    def _add_choices(self, sheet: Any, first: int, last: int, column: int, kind: Type | None, is_list: bool) -> None:
        """A list to choose from, in cells that have one value."""
        if kind is None or is_list or kind.type not in ("concept", "yes"):
            return
        source: Any = ["oui", "non"] if kind.type == "yes" else f"={self.ranges[kind.of]}"
        # Anything may be written: a slug is allowed too, and the check says what is not.
        options = {"validate": "list", "source": source, "error_type": "information"}
        sheet.data_validation(first, column, last, column, options)

    def _write_values_sheet(self, sheet: Any) -> None:
        for column, (scheme, title) in enumerate(schemes()):
            labels = self.values.labels(scheme)
            sheet.set_column(column, column, 34)
            sheet.write_string(0, column, title, self.title)
            for row, label in enumerate(labels, start=1):
                sheet.write_string(row, column, label)
            letter = xl_col_to_name(column)
            self.ranges[scheme] = f"{VALUES_SHEET}!${letter}$2:${letter}${max(2, len(labels) + 1)}"
        sheet.freeze_panes(1, 0)


def schemes() -> Iterator[tuple[str, str]]:
    """The schemes that the form chooses from, and the fields of each."""
    fields: dict[str, dict[str, None]] = {}
    models: list[tuple[str, type[Part]]] = [("", Case), *LISTS.values()]
    for name, model in models:
        for _column, field, _info, kind in model.fields():
            if kind and kind.type == "concept":
                fields.setdefault(kind.of, {})[f"{name} : {field}" if name else field] = None
    for scheme, titles in fields.items():
        yield scheme, " / ".join(titles)


def _cell(value: Any) -> str:
    return " ;\n".join(value) if isinstance(value, list) else str(value)
