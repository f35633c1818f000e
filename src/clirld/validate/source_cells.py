"""Where a validation result comes from in the source's file: the column, and the cell as it stands there.

A result is of a node and a property. The mapping says of which canonical columns the property is made, the card which
columns of the file go to those; the record says the file and the row. Who corrects a file looks for what is written
in it, and not for what was made of it. Sources made by a function of their own have no columns that could be named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from clirld.card.source import Source
from clirld.errors import ReadError
from clirld.map.yarrrml import RdfMapping
from clirld.read import reader
from clirld.read.rows import Cell, SourceRow
from clirld.records import chunks
from clirld.settings import BASE
from clirld.snapshot.store import Snapshot
from clirld.values.persons import names

MAX_CELLS = 50_000
"""Cells of a source that are looked up; the column is told of all."""
_FILE = f"{BASE}id/distribution/"


class Place(NamedTuple):
    """What a record says of where it is from: its identifier there, its row, the IRI of its file's distribution."""

    identifier: str | None = None
    row: int | None = None
    file: str | None = None


class Origin(NamedTuple):
    """Where something stands in a source: the distribution, the column (several, where any may be it), and the cell.

    The cell is None where it is not told.
    """

    distribution: str
    column: str
    cell: str | None = None


class Asked(NamedTuple):
    """What is looked up: a property of a node, by the place of its record; `value` is what is published of it."""

    focus: str
    path: str
    place: Place
    value: str


FindOrigins = Callable[[Collection[Asked]], Mapping[Asked, Origin]]


@dataclass(frozen=True, slots=True)
class SourceCells:
    """The files of one harvest, to look up in."""

    source: Source
    snapshots: Mapping[str, Snapshot]
    mapping: RdfMapping

    def origins(self, asked: Collection[Asked]) -> dict[Asked, Origin]:
        """Columns and cells, of what comes from one column of a file of this harvest.

        A record carried over from an earlier file has none, nor has what is made of several columns (a place). A cell
        is told where a value is published of it: of one that was left out it may name a person.
        """
        found: dict[Asked, Origin] = {}
        columns_of: dict[Asked, list[str]] = {}
        wanted: dict[str, dict[int, list[Asked]]] = defaultdict(lambda: defaultdict(list))
        left = MAX_CELLS
        for one in sorted(set(asked)):
            distribution = self._distribution(one.place.file)
            columns = self._columns(distribution, one) if distribution else []
            if not distribution or not columns or one.place.row is None:
                continue
            columns_of[one], found[one] = columns, Origin(distribution, ", ".join(columns))
            if one.value and left:
                wanted[distribution][one.place.row].append(one)
                left -= 1
        for distribution, by_row in wanted.items():
            needed = {column for some in by_row.values() for one in some for column in columns_of[one]}
            for row, values in self._cells(distribution, needed, max(by_row)):
                for one in by_row.get(row, ()):
                    # Of several columns the first that is filled was taken.
                    column = next((name for name in columns_of[one] if values.get(name)), columns_of[one][0])
                    cell = values.get(column, "")
                    text = cell if isinstance(cell, str) else "; ".join(cell)
                    is_told = text == one.value or not _names_somebody(text)
                    found[one] = Origin(distribution, column, text if is_told else None)
        return found

    def _distribution(self, file: str | None) -> str | None:
        """The distribution whose file of this harvest it is."""
        for name, snapshot in self.snapshots.items():
            if file == _FILE + snapshot.key:
                return name
        return None

    def _columns(self, distribution: str, one: Asked) -> list[str]:
        """The columns of a distribution that go to the property, in the order of the card."""
        if self.source.function:
            return []
        return [
            name
            for triples_map in self.mapping.maps
            if one.focus.startswith(triples_map.subject.texts[0] or "?")
            for item in triples_map.objects
            if item.predicate == one.path and len(item.object.columns) == 1
            for name in self.source.card.columns_of(distribution, triples_map.table, item.object.columns[0])
        ]

    def _cells(
        self, distribution: str, columns: Collection[str], last: int
    ) -> Iterator[tuple[int, Mapping[str, Cell]]]:
        """Row numbers and cells of some columns, up to a row."""
        path, layout = self.snapshots[distribution].path, self.source.card.distributions[distribution].layout
        try:
            if layout.format in ("csv", "xlsx", "ods"):
                for chunk in chunks.from_tables(path, layout, columns):
                    for n, row in enumerate(chunk.rows):
                        yield row, {name: _as_cell(cells[n]) for name, cells in chunk.columns.items()}
                    if chunk.rows and chunk.rows[-1] >= last:
                        return
            else:
                for one in _rows(reader.read(path, layout, columns)):
                    yield one.row, one.values
                    if one.row >= last:
                        return
        except (ReadError, OSError):  # it was read before: gone meanwhile, and the columns are told all the same
            return


def _rows(rows: Iterable[object]) -> Iterator[SourceRow]:
    return (row for row in rows if isinstance(row, SourceRow))


def _as_cell(cell: str | tuple[str, ...]) -> Cell:
    return cell if isinstance(cell, str) else list(cell)


def _names_somebody(text: str) -> bool:
    return names.may_be_somebody(text) or any(True for _ in names.find_anywhere(text))
