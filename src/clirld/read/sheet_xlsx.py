"""What an XLSX sheet holds besides the values that calamine gives: links behind cells, formulas without a value.

ECMA-376, part 1: 18.3.1.47 (hyperlink), 18.3.1.40 (f), 18.3.1.4 (c). The sheet's XML is read once more as a stream, and
only where it has a formula or a link at all.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import IO
from xml.parsers import expat

from clirld.read.archive import ARCHIVE_ERRORS

_MARKS = re.compile(rb"<(?:\w+:)?(?:f|hyperlink)[ />]")
_CHUNK = 1 << 20
_HYPERLINK_FORMULA = re.compile(r'HYPERLINK\(\s*"([^"]+)"', re.IGNORECASE)
_MAX_LINKS = 500_000


@dataclass(frozen=True, slots=True)
class SheetDetails:
    """By row (from 1) and column (from 0): addresses that cells lead to, and cells with a formula and no value.

    `merged` are the first and the last cell of those that are merged, both from 0, where calamine does not know them.
    """

    links: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    without_value: Mapping[int, list[int]] = field(default_factory=dict)
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()


NOTHING = SheetDetails()


def details(path: Path, sheet: str) -> SheetDetails:
    """Details of a sheet of an XLSX file; nothing for another file, or one whose parts are not where they should be."""
    try:
        with zipfile.ZipFile(path) as book:
            part = _sheet_part(book, sheet)
            if part is None:
                return NOTHING
            with book.open(part) as raw:
                if not has_marks(raw, _MARKS):
                    return NOTHING
            with book.open(part) as raw:
                return _Reader(_relations(book, part)).read(raw)
    except (KeyError, expat.ExpatError, *ARCHIVE_ERRORS):
        return NOTHING  # calamine has read it, and says what is wrong where it cannot


def _sheet_part(book: zipfile.ZipFile, sheet: str) -> str | None:
    if "xl/workbook.xml" not in book.namelist():
        return None
    identifier = next(
        (
            _relation(attributes)
            for name, attributes in _elements(book.read("xl/workbook.xml"))
            if name == "sheet" and attributes.get("name") == sheet
        ),
        None,
    )
    return _relations(book, "xl/workbook.xml").get(identifier or "")


def _relations(book: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Targets of a part's relations: those outside as they are, those inside as names of members."""
    folder, name = PurePosixPath(part).parent, PurePosixPath(part).name
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in book.namelist():
        return {}
    found = {}
    for _name, one in _elements(book.read(relations)):
        target = one.get("Target", "")
        inside = target.removeprefix("/") if target.startswith("/") else normpath(f"{folder}/{target}")
        found[one.get("Id", "")] = target if one.get("TargetMode") == "External" else inside
    return found


def _elements(xml: bytes) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small document, by their names without prefix."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append((name.rpartition(":")[2], attributes))
    parser.Parse(xml, True)
    return found


def _relation(attributes: Mapping[str, str]) -> str:
    """The identifier of an element's relation (`r:id`)."""
    return next((value for key, value in attributes.items() if key.endswith(":id")), "")


def has_marks(raw: IO[bytes], marks: re.Pattern[bytes]) -> bool:
    """Whether an expression is found in a stream; what it finds is shorter than 32 bytes."""
    tail = b""
    while chunk := raw.read(_CHUNK):
        if marks.search(tail + chunk):
            return True
        tail = chunk[-32:]
    return False


class _Reader:
    """Reads the XML of a sheet, element by element."""

    def __init__(self, relations: Mapping[str, str]) -> None:
        self._relations = relations
        self._links: dict[int, dict[int, str]] = {}
        self._without_value: dict[int, list[int]] = {}
        self._cell = self._formula = self._text = ""
        self._has_formula = self._has_value = self._in_formula = self._in_value = False

    def read(self, raw: IO[bytes]) -> SheetDetails:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.ParseFile(raw)
        return SheetDetails(self._links, self._without_value)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "c":
                self._cell, self._formula = attributes.get("r", ""), ""
                self._has_formula = self._has_value = False
            case "f":
                self._has_formula = self._in_formula = True
            case "v" | "t":
                self._in_value = True
            case "hyperlink":
                if target := self._relations.get(_relation(attributes)):
                    self._add_link(attributes.get("ref", ""), target)

    def _end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "f":
                self._in_formula = False
            case "v" | "t":
                self._in_value = False
            case "c" if self._has_formula:
                if found := _HYPERLINK_FORMULA.match(self._formula.strip()):
                    self._add_link(self._cell, found[1])
                if not self._has_value and (place := _place(self._cell)):
                    self._without_value.setdefault(place[0], []).append(place[1])

    def _characters(self, text: str) -> None:
        if self._in_formula:
            self._formula += text
        elif self._in_value:
            self._has_value = True

    def _add_link(self, reference: str, target: str) -> None:
        """A link of a cell, or of the cells from one to another."""
        first, _, last = reference.partition(":")
        start, end = _place(first), _place(last or first)
        if start is None or end is None or (end[0] - start[0] + 1) * (end[1] - start[1] + 1) > _MAX_LINKS:
            return
        for row in range(start[0], end[0] + 1):
            self._links.setdefault(row, {}).update(dict.fromkeys(range(start[1], end[1] + 1), target))


def _place(reference: str) -> tuple[int, int] | None:
    """Row (from 1) and column (from 0) of a cell such as `AB12`."""
    found = re.fullmatch(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column - 1
