"""From the clean values of source rows to rows of the canonical tables: places, references, derived columns, keys.

Rows are made many at a time, column by column: a `Columns` holds for each canonical column the values of every row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

import polars as pl

from clirld.records.cells import CellIssue, Values
from clirld.records.erasure.matching import OFFICIAL_NUMBERS
from clirld.records.placing.placer import Notices, Placer
from clirld.records.territory import Territories
from clirld.values.persons import names as person_names
from clirld.values.persons.identifiers import local_key
from clirld.vocabulary.tables import ROLE_COLUMNS, Table, Tables

_REFERENCE = re.compile(r"\$\((\w+)\)")
_POSTCODE = re.compile(r"[0-9]{5}")
_NUMBER = re.compile(r"[0-9][0-9 .,/-]*")
_WORDS = ("locality", "street")

MAYBE_PERSON = "organization-maybe-person"
NAME_COLUMNS = ("name", "alternative_name")
"""Columns of organizations and initiatives that say how they are called."""
NAMES_OF_ORGANIZATIONS = frozenset(f"organization.{name}" for name in NAME_COLUMNS)

Columns = dict[str, list[Values]]
"""Clean values by canonical column, for every row; several for a list, or where rows are made of each."""


@dataclass(frozen=True, slots=True)
class CleanedRows:
    """Source rows to make something of: their numbers, their identifiers, and their clean values by table."""

    rows: Sequence[int]
    identifiers: Sequence[str]
    values: Mapping[str, Columns]
    notices: Mapping[str, Notices] = field(default_factory=dict)
    """By table and column, what was noticed of the cells of rows that places are to be held against."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one canonical table. `row_indexes` says which of the given rows each comes from."""

    table: str
    row_indexes: list[int]
    frame: pl.DataFrame


@dataclass(slots=True)
class Entities:
    """What source rows make, and what was noticed: the given row, the table, the issue.

    `missing_columns` says, for a row that makes nothing, which column it lacks.
    """

    blocks: list[Block] = field(default_factory=list)
    issues: list[tuple[int, str, CellIssue]] = field(default_factory=list)
    missing_columns: dict[int, str] = field(default_factory=dict)
    shifted: set[int] = field(default_factory=set)
    """Given rows whose cells seem to stand under the names of other columns."""
    persons: set[int] = field(default_factory=set)
    """Given rows that make nothing, since what they name may be a person."""
    retracted: set[tuple[int, str, str]] = field(default_factory=set)
    """Given row, table and column: what was noticed of the cell holds no longer, for its value was not used."""


@dataclass(slots=True)
class _TableDraft:
    """Rows of one table in the making: the given rows they come from, and the values of their columns."""

    table: Table
    row_indexes: list[int]
    columns: Columns
    standard: Mapping[str, Sequence[str]]
    """`record` and `identifier` of all given rows, which keys may be made of."""

    def first_values(self, name: str) -> Sequence[str | None] | None:
        """The first value of a column in each row, or what stands for it; None for a column that is not there."""
        if name in self.columns:
            return [values[0] if values else None for values in self.columns[name]]
        return [self.standard[name][n] for n in self.row_indexes] if name in self.standard else None

    def keys(self) -> list[str]:
        """The key of each row: the one given, or by the first of the table's rules whose columns are filled, or ""."""
        keys = [key or "" for key in self.first_values("key") or repeat(None, len(self.row_indexes))]
        for rule in self.table.key:
            parts = [self.first_values(name) for name in _REFERENCE.findall(rule)]
            if all(keys):
                break
            if None in parts:
                continue
            text = _REFERENCE.sub("%s", rule.replace("%", "%%"))  # a template for %, so its own signs are doubled
            filled_parts = zip(*(part for part in parts if part is not None), strict=True)
            keys = [
                key or (text % values if all(values) else "") for key, values in zip(keys, filled_parts, strict=True)
            ]
        return keys

    def hide_persons(self, screened: Collection[str]) -> list[tuple[int, str]]:
        """Empty the cells of `screened` columns (`table.column`) that may be the name of a person.

        Gives the given rows and the column. The name of an organization with an official number is that of the company;
        who gives a key (`records.py`) has looked at what it names.
        """
        known = [self.columns[name] for name in (*OFFICIAL_NUMBERS, "key") if name in self.columns]
        is_known = list(map(any, zip(*known, strict=True))) if known else [False] * len(self.row_indexes)
        hidden = []
        for name in [name for name in self.columns if f"{self.table.name}.{name}" in screened]:
            cells = list(self.columns[name])
            for n, values in enumerate(cells):
                if values and not is_known[n] and any(map(person_names.may_be_somebody, values)):
                    cells[n] = tuple(one for one in values if not person_names.may_be_somebody(one))
                    hidden += [] if cells[n] else [(self.row_indexes[n], name)]
            self.columns[name] = cells
        return hidden

    def missing_columns(self) -> dict[int, list[str]]:
        """For rows that cannot be, the columns they lack: the required ones, or those that a key is made of."""
        required = [column.name for column in self.table.columns.values() if column.required]
        incomplete = {n for n, key in enumerate(self.keys()) if not key}
        for name in required:
            incomplete.update(
                n for n, values in enumerate(self.columns.get(name) or repeat((), len(self.row_indexes))) if not values
            )
        missing_columns: dict[int, list[str]] = {}
        for n in sorted(incomplete):
            empty = {name for name in self.columns if not self.columns[name][n]}
            filled = self.columns.keys() - empty | {
                name for name, texts in self.standard.items() if texts[self.row_indexes[n]]
            }
            rules = [[name for name in _REFERENCE.findall(rule) if name not in filled] for rule in self.table.key]
            missing_columns[n] = [name for name in required if name not in filled] or min(rules, key=len, default=[])
            if not missing_columns[n]:  # tables.yaml promises a rule; a records.py must give a key
                raise ValueError(f"a row of {self.table.name} has no key")
        return missing_columns

    def select(self, indexes: Sequence[int]) -> _TableDraft:
        """Some of the rows."""
        columns = {name: [cells[n] for n in indexes] for name, cells in self.columns.items()}
        return _TableDraft(self.table, [self.row_indexes[n] for n in indexes], columns, self.standard)

    def explode(self) -> _TableDraft:
        """One row for each value of a column that should have one value and has several.

        Those of a given row that would have the same key are one: the first counts.
        """
        multivalued = [
            name
            for name, cells in self.columns.items()
            if name in self.table.columns
            and not self.table.columns[name].list
            and any(len(value) > 1 for value in cells)
        ]
        if not multivalued:
            return self
        exploded = _TableDraft(self.table, [], {name: [] for name in self.columns}, self.standard)
        for n, row_index in enumerate(self.row_indexes):
            rows = [{name: cells[n] for name, cells in self.columns.items()}]
            for name in multivalued:
                values = dict.fromkeys(rows[0][name])
                rows = [{**row, name: (value,)} for row in rows for value in values] if values else rows
            for row in rows:
                exploded.row_indexes.append(row_index)
                for name, value in row.items():
                    exploded.columns[name].append(value)
        first_by_key: dict[tuple[int, str], int] = {}
        for n, row_and_key in enumerate(zip(exploded.row_indexes, exploded.keys(), strict=True)):
            first_by_key.setdefault(row_and_key, n)
        return exploded.select(list(first_by_key.values()))


@dataclass(frozen=True, slots=True)
class EntityBuilder:
    """Makes the canonical rows of one source."""

    source: str
    tables: Tables
    territories: Territories
    screened: Collection[str] = NAMES_OF_ORGANIZATIONS
    """Columns (`table.column`) whose values are left out where they may be the name of a person."""
    around: frozenset[str] = frozenset()
    """Départements that the source covers: they choose among communes of one name."""
    _placer: Placer = field(init=False)

    def __post_init__(self) -> None:
        # A frozen dataclass takes what is derived from its fields in no other way.
        object.__setattr__(self, "_placer", Placer(self.territories, self.around))

    def build(self, primary: str, cleaned: CleanedRows, constants: Mapping[str, Mapping[str, Values]]) -> Entities:
        """Rows of `primary` and of the other tables that the values can fill.

        Constants fill only where the columns gave nothing. `primary` must be made, or `missing_columns` names the
        column it lacks; the others are made where their required columns are there.
        """
        entities = Entities()
        local_keys = [local_key(identifier) for identifier in cleaned.identifiers]
        standard = {"record": [f"{self.source}-{one}" for one in local_keys], "identifier": local_keys}
        names = [name for name in self.tables if name == primary or name in cleaned.values or name in constants]
        # Participations and recognitions refer to the others, so entities come first.
        names.sort(
            key=lambda name: (
                name != primary,
                any(column.references in names for column in self.tables[name].columns.values()),
            )
        )
        keys: dict[str, list[str]] = {}  # table → key of each given row, for the tables that refer to it
        for name in names:
            cells, fixed = cleaned.values.get(name, {}), constants.get(name, {})
            has_values = list(map(any, zip(*cells.values(), strict=True))) if cells else [False] * len(cleaned.rows)
            row_indexes = [n for n in range(len(cleaned.rows)) if name == primary or fixed or has_values[n]]
            if entities.missing_columns:
                row_indexes = [n for n in row_indexes if n not in entities.missing_columns]
            draft = _TableDraft(self.tables[name], row_indexes, _with_constants(cells, fixed, row_indexes), standard)
            self._fill_references(draft, primary, keys, _roles(cleaned.values, constants))
            if name == primary:
                entities.shifted.update(_shifted_rows(draft, cleaned.notices.get(name, {})))
            if "locality" in draft.table.columns:
                entities.issues += [(index, name, issue) for index, issue in _empty_numbers(draft)]
                placed = self._placer.place(draft.columns, row_indexes, cleaned.notices.get(name, {}))
                entities.issues += [(index, name, place_issue) for index, place_issue in placed.issues]
                entities.retracted.update((index, name, column) for index, column in placed.retracted)
            hidden = draft.hide_persons(self.screened)
            unnamed = {n for n, column in hidden if column == "name"}
            entities.persons |= unnamed if name == primary else set()
            for n, column in hidden:
                if name != primary or n not in unnamed:
                    code = MAYBE_PERSON if column == "name" else "value-maybe-person"
                    entities.issues.append((n, name, CellIssue(code, None, {}, of=column)))
            if missing_columns := draft.missing_columns():
                for n, missing in missing_columns.items():
                    index = row_indexes[n]
                    if name == primary:
                        entities.missing_columns[index] = missing[0]
                    elif has_values[index] and index not in unnamed:
                        detail = {"table": name, "missing": ", ".join(missing)}
                        issue = CellIssue("entity-incomplete", cleaned.identifiers[index], detail)
                        entities.issues.append((index, name, issue))
                draft = draft.select([n for n in range(len(row_indexes)) if n not in missing_columns])
            if name != primary:
                draft = draft.explode()
            if draft.row_indexes:
                block = self._build_block(draft, standard["record"], cleaned.rows)
                entities.blocks.append(block)
                keys[name] = [""] * len(cleaned.rows)
                for n, key in zip(reversed(block.row_indexes), reversed(block.frame["key"].to_list()), strict=True):
                    keys[name][n] = key  # of several, the first
        return entities

    @staticmethod
    def _fill_references(
        draft: _TableDraft, primary: str, keys: Mapping[str, Sequence[str]], roles: Callable[[int], set[str]]
    ) -> None:
        """Fill references to entities of the same source row: required ones, and those to the primary table.

        Who has another role than the column asks for is not meant: a laureate funds nothing.
        """
        for column in draft.table.columns.values():
            target = column.references
            if target and target in keys and (column.required or target == primary):
                made = ((keys[target][n], roles(n) if column.roles else ()) for n in draft.row_indexes)
                references: list[Values] = [(key,) if key and column.means(given) else () for key, given in made]
                pairs = zip(draft.columns.get(column.name, references), references, strict=True)
                draft.columns[column.name] = [given or key for given, key in pairs]

    def _build_block(self, draft: _TableDraft, records: Sequence[str], rows: Sequence[int]) -> Block:
        """The rows as a table, with their keys and their derived columns."""
        table, columns, keys = draft.table, draft.columns, draft.keys()
        if "point" in table.columns:
            latitudes, longitudes = draft.first_values("latitude"), draft.first_values("longitude")
            if latitudes and longitudes:
                columns["point"] = [_point(*filled) for filled in zip(latitudes, longitudes, strict=True)]
        for column in table.columns.values():
            # A node of its own, such as an address, for columns that are only said where they are filled.
            if column.type == "key" and column.sources and not column.references:
                sources = [columns[name] for name in column.sources if name in columns]
                is_filled = map(any, zip(*sources, strict=True)) if sources else repeat(False, len(keys))
                columns[column.name] = [(key,) if filled else () for key, filled in zip(keys, is_filled, strict=True)]
        frame = pl.DataFrame(
            [
                pl.Series("key", keys, dtype=pl.String()),
                pl.Series("record", [records[n] for n in draft.row_indexes], dtype=pl.String()),
                pl.Series("row", [rows[n] for n in draft.row_indexes], dtype=pl.Int64()),
                *(column.series(columns[column.name]) for column in table.published if column.name in columns),
            ]
        )
        return Block(table.name, draft.row_indexes, table.conform(frame.with_columns(source=pl.lit(self.source))))


def _roles(values: Mapping[str, Columns], constants: Mapping[str, Mapping[str, Values]]) -> Callable[[int], set[str]]:
    """Gives the roles that a given row gives the organization that it names."""
    given = [
        (values.get("participation", {}).get(name, ()), constants.get("participation", {}).get(name, ()))
        for name in ROLE_COLUMNS
    ]
    return lambda n: {role for cells, constant in given for role in (cells[n] if cells else ()) or constant}


def _shifted_rows(draft: _TableDraft, notices: Notices) -> Iterator[int]:
    """The given rows with words where the postcode should stand, and a postcode beside it: a comma too many or too few.

    A number of cells that is right after all (a program has filled the row up) tells nothing of it.
    """
    words = {
        row_index
        for row_index, issue in notices.get("postcode", {}).items()
        if issue.code == "value-unclean" and not any(map(str.isdigit, issue.value or ""))  # which shows no letters
    }
    for n, row_index in enumerate(draft.row_indexes if words else ()):
        beside = [value for name in _WORDS if name in draft.columns for value in draft.columns[name][n]]
        if row_index in words and any(map(_POSTCODE.fullmatch, beside)):
            yield row_index


def _empty_numbers(draft: _TableDraft) -> Iterator[tuple[int, CellIssue]]:
    """Empty localities that are a number, and streets that are a postcode; gives the given rows and what is told.

    A street may be a number: houses of a village have nothing else.
    """
    for name, number in (("locality", _NUMBER), ("street", _POSTCODE)):
        cells = draft.columns.get(name, ())
        numbers = {n for n, values in enumerate(cells) if values and number.fullmatch(values[0])}
        if numbers:
            draft.columns[name] = [() if n in numbers else values for n, values in enumerate(cells)]
        detail = {"type": name, "why": "un nombre seul", "why_en": "a number alone"}
        for n in sorted(numbers):
            yield draft.row_indexes[n], CellIssue("value-unclean", cells[n][0], detail, of=name)


def _with_constants(cells_by_column: Columns, constants: Mapping[str, Values], row_indexes: Sequence[int]) -> Columns:
    """The cells of some rows; constants where they have none."""
    columns: Columns = {name: [value] * len(row_indexes) for name, value in constants.items()}
    for name, cells in cells_by_column.items():
        selected = cells if len(row_indexes) == len(cells) else [cells[n] for n in row_indexes]
        columns[name] = [cell or constants[name] for cell in selected] if name in constants else selected
    return columns


def _point(latitude: str | None, longitude: str | None) -> Values:
    """WKT in CRS84 axis order, longitude first (OGC GeoSPARQL 1.1, section 8.5.1); (0, 0) is no place in France."""
    if not latitude or not longitude or (float(latitude) == 0 and float(longitude) == 0):
        return ()
    return (f"POINT({longitude} {latitude})",)
