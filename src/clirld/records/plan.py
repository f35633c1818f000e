"""What a card says is made of the rows of a distribution: worked out once, then applied to chunks of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from clirld.card.model import Rows, Target
from clirld.card.source import Source
from clirld.errors import RecordsError
from clirld.read.rows import Chunk
from clirld.records.assertions import screened_columns
from clirld.records.cells import CellIssue, CellReader, Values
from clirld.records.entities import Block, CleanedRows, Columns, EntityBuilder
from clirld.records.erasure.erasure_list import Request
from clirld.records.erasure.matching import ERASED, MAYBE_ERASED, OFFICIAL_NUMBERS, Erasures
from clirld.records.erasure.rows import NumberColumn, erased, suspects, twins
from clirld.records.placing.contours import ELSEWHERE, elsewhere
from clirld.records.placing.issue_columns import issue_columns
from clirld.records.placing.projection import to_degrees
from clirld.records.territory import Territories
from clirld.values.cleaners import CLEANERS
from clirld.values.persons.identifiers import hashed, local_key, public
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary


@dataclass(frozen=True, slots=True)
class ReferenceData:
    """What every source is read against."""

    tables: Tables
    vocabulary: Vocabulary
    territories: Territories
    erasures: Erasures | None = None


PERSONAL_DATA = "PersonalData"
"""Reason of a row that is held since it names a person: that of the check of graphs, which finds the others."""
SHIFTED = "shifted"
"""Reason of a row whose cells seem to stand under the names of other columns: whatever it says may be of another."""
NOTICED = ("zero-restored", "value-unclean")
NOTICED_TYPES = ("insee_commune", "postcode", "latitude", "longitude")
"""What places need to know of their columns: a lost zero is a guess, a postcode that is none of France tells too."""


def not_kept_reason(column: str) -> str:
    """Reason of a row that the card leaves out by what it has in this column."""
    return f"not-kept-{CLEANERS['slug'](column).value}"


class ChunkIssue(NamedTuple):
    """Something noticed about a row of a chunk, and the column of the source it is about."""

    row_index: int
    column: str | None
    issue: CellIssue


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What the rows of a chunk make if their identifiers are new; rows are told by their place in the chunk.

    `reasons` say why a row is left out on purpose (ERASED, or as the card says); `missing_columns` which column a
    row lacks to make anything.
    """

    identifiers: Sequence[str]
    reasons: Sequence[str | None]
    pages: Sequence[str | None]
    missing_columns: Mapping[int, str]
    issues: Sequence[ChunkIssue]
    blocks: Sequence[Block]
    twins: Sequence[Request] = ()
    """Other numbers of legal units that are to be left out."""


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
        self._primary, self._canonical = rows.table or "", rows.canonical
        # Those whose rows may not be named first: a row that two columns leave out is then not named.
        self._kept_values = {
            name: frozenset(kept) for name, kept in sorted(rows.keep.items(), key=lambda item: item[0] in rows.listed)
        }
        unnamed = {not_kept_reason(name) for name in rows.keep if name not in rows.listed}
        self.listed_reasons = frozenset(map(not_kept_reason, rows.listed)) - unnamed - set(rows.withhold.values())
        """Reasons of rows left out on purpose that may be named all the same."""
        # A card names records as the file does, or as they are published: 131.0 and 131 are the same.
        self._withhold = {
            name: place
            for place, identifier in enumerate(rows.withhold)
            for name in (identifier, CLEANERS["text"](identifier).value or identifier)
        }
        self._withhold_reasons = list(rows.withhold.values())
        self.withheld: set[int] = set()
        """The entries of withhold that a row was found for so far, by their places."""
        self._crs = source.card.distributions[rows.source].crs
        self._columns = [
            _Column(column, *self._target_column(target.to), self._cell_reader(target))
            for column in rows.columns
            for target in rows.targets(column)
        ]
        screened = screened_columns(rows, reference.tables)
        self._builder = EntityBuilder(
            source.id, reference.tables, reference.territories, screened, frozenset(rows.departements)
        )
        self._number_columns = [
            NumberColumn(column.source, column.table, column.reader)
            for column in self._columns
            if column.reader.column.type in OFFICIAL_NUMBERS
        ]
        self._columns_of: dict[tuple[str, str], list[_Column]] = {}
        for column in self._columns:
            self._columns_of.setdefault((column.table, column.name), []).append(column)
        self._constants = self._read_constants(rows.constants)

    @property
    def columns(self) -> set[str]:
        """The columns of the source that are needed."""
        return {column.source for column in self._columns} | self._kept_values.keys()

    @property
    def url_columns(self) -> set[str]:
        """Those of them that go to addresses and to nothing else."""
        others = {column.source for column in self._columns if column.reader.column.type != "url"}
        return {column.source for column in self._columns} - others

    def apply(self, chunk: Chunk) -> ChunkResult:
        """What the rows of a chunk make. The same rows give the same, whatever was made before."""
        cell_issues: list[tuple[int, ChunkIssue]] = []
        all_rows = range(len(chunk.rows))
        # First the identifiers alone: nothing else is read of the rows that are left out.
        identity = self._values(chunk, all_rows, cell_issues, record=True).get("record", {})
        empty: list[Values] = [()] * len(chunk.rows)
        parts = identity.get("identifier", empty)
        raw_identifiers = ["-".join(values) for values in parts]
        pages = [values[0] if values else None for values in identity.get("page", empty)]
        reasons = self._exclusion_reasons(chunk, raw_identifiers)
        identifiers = [public(*pair) for pair in zip(raw_identifiers, parts, strict=True)]
        row_indexes = [n for n in all_rows if identifiers[n] and not reasons[n]]
        values = self._values(chunk, row_indexes, cell_issues, record=False)
        if self._crs:
            self._project(values, row_indexes, cell_issues)
        cleaned = CleanedRows(
            [chunk.rows[n] for n in row_indexes],
            [identifiers[n] for n in row_indexes],
            values,
            self._notices(row_indexes, cell_issues),
        )
        entities = self._builder.build(self._primary, cleaned, self._constants)
        if entities.retracted:
            retracted = {(row_indexes[n], table, name) for n, table, name in entities.retracted}
            cell_issues = [
                (number, issue)
                for number, issue in cell_issues
                if (issue.row_index, self._columns[number].table, self._columns[number].name) not in retracted
                or issue.issue.code not in NOTICED
            ]
        issues = [item for _, item in sorted(cell_issues, key=lambda item: (item[1].row_index, item[0]))]
        issues += [
            ChunkIssue(row_indexes[n], self._source_column(table, issue, chunk, row_indexes[n]), issue)
            for n, table, issue in entities.issues
        ]
        issues.sort(key=lambda item: item.row_index)  # of a row, in the order in which they were found
        blocks = [
            Block(block.table, [row_indexes[n] for n in block.row_indexes], block.frame) for block in entities.blocks
        ]
        erasures = self._reference.erasures
        for n in suspects(erasures, blocks, raw_identifiers):
            reasons[n] = MAYBE_ERASED
        for n in elsewhere(blocks, self._reference.tables, self._reference.territories):
            reasons[n] = ELSEWHERE
        for n in entities.shifted:
            reasons[row_indexes[n]] = SHIFTED
        for n in entities.persons:
            reasons[row_indexes[n]] = PERSONAL_DATA
        erased_rows = [n for n in all_rows if reasons[n] == ERASED]
        return ChunkResult(
            identifiers,
            reasons,
            pages,
            {row_indexes[n]: name for n, name in entities.missing_columns.items()},
            issues,
            blocks,
            twins(erasures, self._number_columns, chunk, erased_rows) if erasures else (),
        )

    def _notices(
        self, row_indexes: Sequence[int], cell_issues: Sequence[tuple[int, ChunkIssue]]
    ) -> dict[str, dict[str, dict[int, CellIssue]]]:
        """What was noticed of the columns that say places, by table, column and place among `row_indexes`."""
        positions = {index: n for n, index in enumerate(row_indexes)}
        notices: dict[str, dict[str, dict[int, CellIssue]]] = {}
        for number, (index, _column, issue) in cell_issues:
            column = self._columns[number]
            if column.reader.column.type in NOTICED_TYPES and issue.code in NOTICED and index in positions:
                notices.setdefault(column.table, {}).setdefault(column.name, {})[positions[index]] = issue
        return notices

    def _project(
        self,
        values: Mapping[str, Columns],
        row_indexes: Sequence[int],
        cell_issues: list[tuple[int, ChunkIssue]],
    ) -> None:
        """Replace coordinates in the projection of the card by degrees."""
        for table, columns in values.items():
            if not {"latitude", "longitude"} <= columns.keys():
                continue
            norths, easts = ([cell[0] if cell else "" for cell in columns[name]] for name in ("latitude", "longitude"))
            degrees = to_degrees(self._crs or "", easts, norths)
            columns["latitude"] = [(one[0],) if one else () for one in degrees]
            columns["longitude"] = [(one[1],) if one else () for one in degrees]
            for number, column in enumerate(self._columns):
                if column.table != table or column.name not in ("latitude", "longitude"):
                    continue
                for n, (one, cell) in enumerate(
                    zip(degrees, norths if column.name == "latitude" else easts, strict=True)
                ):
                    if cell and not one:
                        detail = {
                            "type": column.name,
                            "why": f"pas un point en {self._crs}",
                            "why_en": f"no point in {self._crs}",
                        }
                        issue = CellIssue("value-unclean", cell, detail)
                        cell_issues.append((number, ChunkIssue(row_indexes[n], column.source, issue)))

    def _values(
        self, chunk: Chunk, row_indexes: Sequence[int], cell_issues: list[tuple[int, ChunkIssue]], *, record: bool
    ) -> dict[str, Columns]:
        """Clean values of some rows by table: of the record alone, or of all other tables."""
        values: dict[str, Columns] = {}
        for number, column in enumerate(self._columns):
            if (column.table == "record") != record:
                continue
            cells = chunk.columns[column.source]
            values_read, issues = column.reader.read_column(
                cells if len(row_indexes) == len(cells) else [cells[n] for n in row_indexes]
            )
            cell_issues += [(number, ChunkIssue(row_indexes[n], column.source, issue)) for n, issue in issues]
            columns = values.setdefault(column.table, {})
            if column.name not in columns:
                columns[column.name] = values_read
            elif column.reader.target.join is not None:
                columns[column.name] = list(map(column.reader.joined, columns[column.name], values_read))
            elif column.reader.column.list or column.table != self._primary:
                columns[column.name] = [
                    first + others for first, others in zip(columns[column.name], values_read, strict=True)
                ]
            else:  # of several columns for one value, the first that has one
                columns[column.name] = [
                    first or others for first, others in zip(columns[column.name], values_read, strict=True)
                ]
        return values

    def _exclusion_reasons(self, chunk: Chunk, identifiers: Sequence[str]) -> list[str | None]:
        """Why rows are left out on purpose."""
        reasons: list[str | None] = [None] * len(identifiers)
        if erasures := self._reference.erasures:
            is_erased = erased(erasures, self._number_columns, chunk, identifiers)
            reasons = [ERASED if one else None for one in is_erased]
        if self._withhold:
            reasons = [
                earlier or self._withhold_reason(identifier)
                for earlier, identifier in zip(reasons, identifiers, strict=True)
            ]
        for name, kept_values in self._kept_values.items():
            reason = not_kept_reason(name)
            cells = zip(reasons, chunk.columns[name], strict=True)
            reasons = [earlier or (None if cell in kept_values else reason) for earlier, cell in cells]
        return reasons

    def _withhold_reason(self, identifier: str) -> str | None:
        """Why the card withholds a record, by its identifier or its key."""
        key = local_key(identifier)
        names = (identifier, key, f"{self._source.id}-{key}", hashed(identifier))
        place = next((self._withhold[name] for name in names if name in self._withhold), None)
        if place is None:
            return None
        self.withheld.add(place)
        return self._withhold_reasons[place]

    def _source_column(self, table: str, issue: CellIssue, chunk: Chunk, row_index: int) -> str | None:
        """The column of the source that an issue of the builder is about: of several, the one that has a value."""
        names = issue_columns(issue, [name for of_table, name in self._columns_of if of_table == table])
        if "street" in names[:1]:  # or the address that only places, in the rows that have no other
            names = [names[0], "private_address", *names[1:]]
        columns = [column for name in names for column in self._columns_of.get((table, name), ())]
        filled = (
            one for one in columns if len(columns) > 1 and one.reader.read_cell(chunk.columns[one.source][row_index])[0]
        )
        found = next(filled, next(iter(columns), None))
        return found.source if found else None

    def _target_column(self, to: str) -> tuple[str, str]:
        table, _dot, name = self._canonical(to).partition(".")
        return table, name

    def _cell_reader(self, target: Target) -> CellReader:
        reader = cell_reader(target, *self._target_column(target.to), self._source, self._reference)
        if self._crs and reader.column.type in ("latitude", "longitude"):  # they are no degrees yet
            return replace(reader, column=replace(reader.column, type="text"))
        return reader

    def _read_constants(self, texts_by_target: Mapping[str, str]) -> dict[str, dict[str, Values]]:
        constants: dict[str, dict[str, Values]] = {}
        for target, value in texts_by_target.items():
            values, issues = self._cell_reader(Target(to=target)).read_cell(value)
            if issues or not values:
                raise RecordsError(
                    f"constant {target}: “{value}” does not fit",
                    where=f"source {self._source.id}",
                    do="see tables.yaml",
                )
            table, name = self._target_column(target)
            constants.setdefault(table, {})[name] = values
        return constants


def cell_reader(target: Target, table: str, name: str, source: Source, reference: ReferenceData) -> CellReader:
    """A reader of cells for a column of a canonical table."""
    lookup = source.card.lookups[target.lookup] if target.lookup else None
    return CellReader(
        target, reference.tables[table].columns[name], lookup, reference.vocabulary, reference.territories
    )
