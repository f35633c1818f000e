"""Tables that are read, and tables that are written as those were: their sign between cells, and that of decimals."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from clirld.draft.sniff import layout_of
from clirld.errors import DataError, UsageError
from clirld.query.failure import Language
from clirld.read import reader
from clirld.read.layout import Layout
from clirld.read.rows import RaggedRow, RowIssue, SourceRow

_NAMED = {"tab": "\t", "\\t": "\t"}


class Table:
    """A file as it is read: its columns, and its rows as often as they are wanted. Raises DataError or ReadError."""

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise DataError("there is no such file", where=str(file), do="check its name")
        self.file = file
        self.layout: Layout
        with reader.of_no_source():
            self.layout, _notes = layout_of(file)
            self.columns = reader.header(file, self.layout)
        self.noticed: list[RowIssue] = []

    def rows(self) -> Iterator[SourceRow | RaggedRow]:
        """Its rows, from the first on; what is noticed of them is kept."""
        self.noticed = []
        with reader.of_no_source():
            yield from reader.read(self.file, self.layout, None, self.noticed.append)


class Dialect(NamedTuple):
    """How a CSV file is written: what is between its cells, and before the decimals of its numbers."""

    delimiter: str
    decimal: str

    @classmethod
    def of(cls, layout: Layout, decimal: str | None, language: Language) -> Dialect:
        """That of a table that was read; what it does not tell, as a spreadsheet of the language has it.

        `decimal` is the sign that its numbers have, None where none has decimals.
        """
        delimiter = layout.delimiter if layout.format == "csv" else ";" if language == "fr" else ","
        usual = "," if language == "fr" and delimiter != "," else "."
        return cls(delimiter, decimal or usual)

    def asked(self, delimiter: str | None, decimal: str | None) -> Dialect:
        """This one with what was asked for instead. Raises UsageError for what cannot part cells or decimals."""
        sign = _NAMED.get(delimiter or "", delimiter)
        if sign is not None and (len(sign) != 1 or sign.isalnum() or sign in "\"'\n\r. "):
            do = "give one sign: ; or , or tab"
            raise UsageError(f"{delimiter} cannot part cells", where="--delimiter", do=do)
        if decimal is not None and decimal not in (".", ","):
            raise UsageError(f"{decimal} cannot part decimals", where="--decimal", do="give . or ,")
        return Dialect(sign or self.delimiter, decimal or self.decimal)

    def writer(self, target: TextIO) -> Any:
        """A writer of rows."""
        return csv.writer(target, delimiter=self.delimiter, lineterminator="\n")

    def cells(self, row: list[str], numbers: range) -> list[str]:
        """A row as it is written; cells of `numbers` are decimals with a point."""
        if self.decimal == ".":
            return row
        return [cell.replace(".", self.decimal) if n in numbers else cell for n, cell in enumerate(row)]


def check_place(out: Path, file: Path) -> None:
    """Raise UsageError where a new table cannot be written there: over the old one, on a folder, or in none."""
    if out.resolve() == file.resolve():
        raise UsageError("the new table would replace the old one", where="--out", do="give another file")
    if out.is_dir():
        raise UsageError(f"{out} is a folder", where="--out", do="give a file in it")
    if not out.parent.is_dir():
        raise UsageError(f"there is no folder {out.parent}", where="--out", do="make it first, or give another file")


@contextmanager
def writing(path: Path | None) -> Iterator[TextIO | None]:
    """A file that is there when it is whole; None without a path. Raises OSError, of this path."""
    if path is None:
        yield None
        return
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as target:
            yield target
        part.replace(path)
    except OSError as problem:
        if problem.filename == str(part):
            problem.filename = str(path)
        raise
    finally:
        part.unlink(missing_ok=True)
