"""What a card says is made of the rows of a distribution: worked out once, then applied to chunks of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import NamedTuple

from clirld.card.model import Rows, Target
from clirld.card.source import Source
from clirld.errors import RecordsError
from clirld.read.rows import Chunk
from clirld.records.cells import CellIssue, CellReader, Values
from clirld.records.entities import Block, CleanedRows, Columns, EntityBuilder
from clirld.records.erasure import OFFICIAL_NUMBERS, Erasures
from clirld.records.territory import Territories
from clirld.values.cleaners import CLEANERS
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary


@dataclass(frozen=True, slots=True)
class ReferenceData:
    """What every source is read against."""

    tables: Tables
    vocabulary: Vocabulary
    territories: Territories
    erasures: Erasures | None = None


ERASED = "erased"
"""Reason of a row that somebody asked to keep nothing of: it is counted and not described."""


class ChunkIssue(NamedTuple):
    """Something noticed about a row of a chunk, and the column of the source it is about."""

    at: int
    column: str | None
    note: CellIssue


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What the rows of a chunk make if their identifiers are new; rows are told by their place in the chunk.

    `reasons` say why a row is left out on purpose (ERASED, or as the card says); `missing` which column a row lacks to
    make anything.
    """

    identifiers: Sequence[str]
    reasons: Sequence[str | None]
    pages: Sequence[str | None]
    missing: Mapping[int, str]
    noted: Sequence[ChunkIssue]
    blocks: Sequence[Block]


class _Column(NamedTuple):
    """A column of the source, and where it goes."""

    source: str
    table: str
    name: str
    reader: CellReader


class Plan:
    """Makes canonical rows of chunks, as one entry of a card's `records` says. Raises RecordsError for constants."""

    def __init__(self, source: Source, rows: Rows, reference: ReferenceData) -> None:
        self._source = source
        self._reference = reference
        self._primary = rows.table or ""
        self._keep = {name: frozenset(kept) for name, kept in rows.keep.items()}
        self._withhold = rows.withhold
        self._maker = EntityBuilder(source.id, reference.tables, reference.territories)
        self._columns = [
            _Column(column, *self._place(target.to), self._reader(target))
            for column in rows.columns
            for target in rows.targets(column)
        ]
        self._places = {(column.table, column.name): column.source for column in self._columns}
        self._constants = self._read_constants(rows.constants)

    @property
    def columns(self) -> set[str]:
        """The columns of the source that are needed."""
        return {column.source for column in self._columns} | self._keep.keys()

    def make(self, chunk: Chunk) -> ChunkResult:
        """What the rows of a chunk make. The same rows give the same, whatever was made before."""
        noted: list[tuple[int, ChunkIssue]] = []
        everything = range(len(chunk.rows))
        identity = self._values(chunk, everything, noted, record=True).get("record", {})
        empty: list[Values] = [()] * len(chunk.rows)
        identifiers = ["-".join(values) for values in identity.get("identifier", empty)]
        pages = [values[0] if values else None for values in identity.get("page", empty)]
        reasons = self._left_out(chunk, identifiers)
        at = [n for n in everything if identifiers[n] and not reasons[n]]
        values = self._values(chunk, at, noted, record=False)
        given = CleanedRows([chunk.rows[n] for n in at], [identifiers[n] for n in at], values)
        made = self._maker.make(self._primary, given, self._constants)
        told = [one for _, one in sorted(noted, key=lambda one: (one[1].at, one[0]))]
        told += [ChunkIssue(at[n], self._about(table, note), note) for n, table, note in made.notes]
        told.sort(key=lambda one: one.at)  # of a row, in the order in which they were found
        blocks = [Block(block.table, [at[n] for n in block.at], block.frame) for block in made.blocks]
        return ChunkResult(identifiers, reasons, pages, {at[n]: name for n, name in made.missing.items()}, told, blocks)

    def _values(
        self, chunk: Chunk, at: Sequence[int], noted: list[tuple[int, ChunkIssue]], *, record: bool
    ) -> dict[str, Columns]:
        """Clean values of some rows by table: of the record alone, or of all other tables."""
        values: dict[str, Columns] = {}
        for number, column in enumerate(self._columns):
            if (column.table == "record") != record:
                continue
            cells = chunk.columns[column.source]
            found, notes = column.reader.column_of(cells if len(at) == len(cells) else [cells[n] for n in at])
            noted += [(number, ChunkIssue(at[n], column.source, note)) for n, note in notes]
            columns = values.setdefault(column.table, {})
            if column.name not in columns:
                columns[column.name] = found
            elif column.reader.column.list or column.table != self._primary:
                columns[column.name] = [one + more for one, more in zip(columns[column.name], found, strict=True)]
            else:  # of several columns for one value, the first that has one
                columns[column.name] = [one or more for one, more in zip(columns[column.name], found, strict=True)]
        return values

    def _left_out(self, chunk: Chunk, identifiers: Sequence[str]) -> list[str | None]:
        """Why rows are left out on purpose."""
        reasons = self._erased(chunk, identifiers)
        reasons = [known or self._withhold.get(one) for known, one in zip(reasons, identifiers, strict=True)]
        for name, kept in self._keep.items():
            reason = f"not-kept-{CLEANERS['slug'](name).value}"
            cells = zip(reasons, chunk.columns[name], strict=True)
            reasons = [known or (None if cell in kept else reason) for known, cell in cells]
        return reasons

    def _erased(self, chunk: Chunk, identifiers: Sequence[str]) -> list[str | None]:
        """ERASED for the rows that somebody asked to keep nothing of, by their identifiers and official numbers."""
        erasures = self._reference.erasures
        if erasures is None:
            return [None] * len(identifiers)
        numbered = [column for column in self._columns if column.reader.column.type in OFFICIAL_NUMBERS]
        found = (column.reader.column_of(chunk.columns[column.source])[0] for column in numbered)
        numbers = zip(*found, strict=True) if numbered else repeat(())
        given = zip(identifiers, numbers, strict=False)
        return [ERASED if erasures.covers(one, chain(*numbers)) else None for one, numbers in given]

    def _about(self, table: str, note: CellIssue) -> str | None:
        """The column of the source that a note of the maker is about."""
        if not note.code.startswith("commune"):
            return None
        return self._places.get((table, "commune")) or self._places.get((table, "locality"))

    def _place(self, to: str) -> tuple[str, str]:
        first, dot, second = to.partition(".")
        return (first, second) if dot else (self._primary, first)

    def _reader(self, target: Target) -> CellReader:
        return cell_reader(target, *self._place(target.to), self._source, self._reference)

    def _read_constants(self, given: Mapping[str, str]) -> dict[str, dict[str, Values]]:
        constants: dict[str, dict[str, Values]] = {}
        for to, value in given.items():
            values, notes = self._reader(Target(to=to)).read(value)
            if notes or not values:
                raise RecordsError(
                    f"constant {to}: “{value}” does not fit",
                    where=f"source {self._source.id}",
                    do="see tables.yaml",
                )
            table, name = self._place(to)
            constants.setdefault(table, {})[name] = values
        return constants


def cell_reader(target: Target, table: str, name: str, source: Source, reference: ReferenceData) -> CellReader:
    """A reader of cells for a column of a canonical table."""
    lookup = source.card.lookups[target.lookup] if target.lookup else None
    return CellReader(
        target, reference.tables[table].columns[name], lookup, reference.vocabulary, reference.territories
    )
