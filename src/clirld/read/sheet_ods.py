"""What an ODS sheet holds besides the values that calamine gives: merged cells, links, formulas without a value.

OpenDocument 1.3, part 3: 9.1.4 (table-cell), 19.676 (number-columns-repeated), 19.678 (number-rows-repeated), 19.679
(number-rows-spanned), 6.1.8 (a). The XML is read once more as a stream, and only where it has one of these at all.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.parsers import expat

from clirld.read.archive import ARCHIVE_ERRORS
from clirld.read.sheet_xlsx import NOTHING, SheetDetails, has_marks

CONTENT = "content.xml"
_MARKS = re.compile(rb"number-rows-spanned|number-columns-spanned|xlink:href|table:formula")
_CELLS = ("table:table-cell", "table:covered-table-cell")


def details(path: Path, sheet: str) -> SheetDetails:
    """Details of a sheet of an ODS file; nothing for another file, or one whose parts are not where they should be."""
    try:
        with zipfile.ZipFile(path) as book:
            if CONTENT not in book.namelist():
                return NOTHING
            with book.open(CONTENT) as raw:
                if not has_marks(raw, _MARKS):
                    return NOTHING
            with book.open(CONTENT) as raw:
                reader = _Reader(sheet)
                parser = expat.ParserCreate()
                parser.StartElementHandler = reader.start
                parser.EndElementHandler = reader.end
                parser.CharacterDataHandler = reader.characters
                parser.ParseFile(raw)
                return SheetDetails(reader.links, reader.without_value, reader.merged)
    except (expat.ExpatError, ValueError, *ARCHIVE_ERRORS):
        return NOTHING  # calamine has read it, and says what is wrong where it cannot


class _Reader:
    """Follows rows and columns, which may be repeated, of the sheet that is asked for."""

    def __init__(self, sheet: str) -> None:
        self.links: dict[int, dict[int, str]] = {}
        self.without_value: dict[int, list[int]] = {}
        self.merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self._sheet = sheet
        self._is_read = False
        self._row, self._rows, self._column = 0, 1, 0
        self._cell: dict[str, str] = {}
        self._has_text = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._is_read = attributes.get("table:name") == self._sheet
        elif not self._is_read:
            return
        elif name == "table:table-row":
            self._rows, self._column = int(attributes.get("table:number-rows-repeated", "1")), 0
        elif name in _CELLS:
            self._cell, self._has_text = attributes, False
            down = int(attributes.get("table:number-rows-spanned", "1"))
            right = int(attributes.get("table:number-columns-spanned", "1"))
            if name == _CELLS[0] and (down > 1 or right > 1):
                last = (self._row + down - 1, self._column + right - 1)
                self.merged.append(((self._row, self._column), last))
        elif name == "text:a" and (target := attributes.get("xlink:href")):
            self.links.setdefault(self._row + 1, {})[self._column] = target

    def end(self, name: str) -> None:
        if name == "table:table":
            self._is_read = False
        elif not self._is_read:
            return
        elif name == "table:table-row":
            self._row += self._rows
        elif name in _CELLS:
            has_value = self._has_text or "office:value-type" in self._cell
            if "table:formula" in self._cell and not has_value:
                self.without_value.setdefault(self._row + 1, []).append(self._column)
            self._column += int(self._cell.get("table:number-columns-repeated", "1"))

    def characters(self, _text: str) -> None:
        self._has_text = True
