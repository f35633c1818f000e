"""What may still be published of the rows of earlier harvests: no more than today's card and cleaners would publish.

A steward who finds that a column names persons sets it to `~`. Records that are missing by then, and tombstones, must
not go on saying what it gave: nobody would look for it there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from clirld.card.source import Source
from clirld.issues import Issue
from clirld.records.assertions import screened_columns
from clirld.records.entities import NAMES_OF_ORGANIZATIONS
from clirld.records.erasure.matching import OFFICIAL_NUMBERS
from clirld.records.table_files import scan_table
from clirld.values.cleaners import CLEANERS
from clirld.values.persons.identifiers import public
from clirld.values.persons.names import may_be_somebody
from clirld.vocabulary.tables import Column, Table, Tables

_FREE_TYPES = ("name", "text", "street", "url")
"""Types whose values may say anything; all others are codes, numbers and dates."""

_NOT_SCREENED = frozenset(["record.identifier", "record.distribution", "record.other_rows"])
"""What the engine writes, and the identifier: it is judged by itself, since an IRI is made of it."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What may not be published of earlier rows: canonical columns (`table.column`).

    Nothing of the `withdrawn` ones, and of the `screened` ones no value that may be the name of a person.
    """

    withdrawn: Collection[str]
    screened: Collection[str]

    @classmethod
    def of(
        cls, source: Source, tables: Tables, earlier: Mapping[str, Collection[str]], filled: Mapping[str, int]
    ) -> Screen:
        """That of today's card; for the arguments see `withdrawn_columns`."""
        return cls(withdrawn_columns(source, tables, earlier, filled), screened_today(source, tables))


def mapped_columns(source: Source) -> dict[str, list[str]]:
    """Canonical column → the `distribution/column` that go to it by the card; none where a function maps."""
    mapped: dict[str, list[str]] = {}
    for rows in source.card.records if not source.function else ():
        for column in rows.columns:
            for target in rows.targets(column):
                mapped.setdefault(rows.canonical(target.to), []).append(f"{rows.source}/{column}")
    return mapped


def withdrawn_columns(
    source: Source, tables: Tables, earlier: Mapping[str, Collection[str]], filled: Mapping[str, int]
) -> frozenset[str]:
    """Canonical columns (`table.column`) that may say anything and that the card of `source` publishes no longer.

    They are those that nothing goes to any more, and those that a column went to which is `~` now: `earlier` is what
    `mapped_columns` gave for the harvest before, `filled` how many cells of each there are today.
    """
    if source.function:
        return frozenset()
    today = mapped_columns(source)
    ignored = {
        f"{rows.source}/{name}" for rows in source.card.records for name in rows.columns if not rows.targets(name)
    }
    constants = {rows.canonical(target) for rows in source.card.records for target in rows.constants}
    return frozenset(
        name
        for table in tables.values()
        for name in (f"{table.name}.{column.name}" for column in _free_columns(table) if table.key)
        if (name not in today and name not in constants and not filled.get(name))
        or not ignored.isdisjoint(earlier.get(name, ()))
    )


def columns_no_longer_published(
    source: Source, tables: Tables, earlier: Mapping[str, Collection[str]]
) -> Iterator[Issue]:
    """An issue for each column of the source that went to one that may say anything, and that is `~` now.

    What it gave stands in the releases before, and in what the next one says of the difference.
    """
    free = {f"{table.name}.{column.name}" for table in tables.values() for column in _free_columns(table)}
    for name in sorted(free & earlier.keys()):
        for rows in () if source.function else source.card.records:
            for one in rows.columns:
                if f"{rows.source}/{one}" in earlier[name] and not rows.targets(one):
                    yield Issue(source.id, "presence", "column-withdrawn", rows.source, None, one, None, {"to": name})


def screened_today(source: Source, tables: Tables) -> frozenset[str]:
    """Canonical columns of which today's rows leave out what may be somebody's name; of a function, organizations'."""
    if source.function:
        return NAMES_OF_ORGANIZATIONS
    by_rows = [(rows, screened_columns(rows, tables)) for rows in source.card.records]
    seen = {
        rows.canonical(target.to)
        for rows, screened in by_rows
        for column in rows.columns
        for target in rows.targets(column)
        if rows.canonical(target.to) not in screened
    }
    return frozenset().union(*(screened for _rows, screened in by_rows)) - seen


def names_somebody(identifiers: Iterable[tuple[str, str]]) -> set[str]:
    """Of pairs of a record's key and its identifier, the keys of those that today's rules would publish as a hash."""
    return {key for key, identifier in identifiers if public(identifier) != identifier}


def screened_rows(
    before: Path | None, tables: Tables, records: Collection[str], screen: Screen
) -> dict[str, pl.DataFrame]:
    """By table, the rows in `before` of some `records`, without what may no longer be published of them.

    A row stays where a column is empty that its table requires: see `complete_rows`.
    """
    found = {}
    for name, table in tables.items() if records else ():
        rows = scan_table(before, name)
        if rows is not None:
            rows = rows.filter(pl.col("record").is_in(list(records)))
            found[name] = _screened(rows.collect(), table, screen)
    return found


def screen_tombstones(rows: pl.DataFrame, tables_by_kind: Mapping[str, Table], screen: Screen) -> pl.DataFrame:
    """Tombstones without the names that may no longer be published of an entity of their kind."""
    names = []
    for kind, key, record, name in rows.select("kind", "key", "record", "name").iter_rows():
        column = f"{tables_by_kind[kind].name}.name" if kind in tables_by_kind else ""
        is_hidden = column in screen.withdrawn or (
            column in screen.screened and _is_own(key, record) and name and may_be_somebody(name)
        )
        names.append(None if is_hidden else name)
    return rows.with_columns(name=pl.Series(names, dtype=pl.String))


def _screened(rows: pl.DataFrame, table: Table, screen: Screen) -> pl.DataFrame:
    """Rows of a table as far as they may be published; no official number says what those are that may be somebody."""
    found = []
    for row in table.conform(rows).iter_rows(named=True):
        is_known = not _is_own(row["key"], row["record"]) or any(row.get(name) for name in OFFICIAL_NUMBERS)
        for column in _free_columns(table):
            name = f"{table.name}.{column.name}"
            if name in screen.withdrawn:
                row[column.name] = None
            elif column.type == "url":
                row[column.name] = _kept(row[column.name], lambda value: CLEANERS["url"](value).value is not None)
            elif name in screen.screened and not is_known:
                row[column.name] = _kept(row[column.name], lambda value: not may_be_somebody(value))
        found.append(row)
    return pl.DataFrame(found, schema=table.schema)


def _is_own(key: str, record: str) -> bool:
    """Whether a key is made of its record's: all others are official numbers, or given by a `records.py`."""
    return key.startswith(record)


def complete_rows(
    screened: Mapping[str, pl.DataFrame], tables: Tables, is_published: Callable[[str, Collection[str]], set[str]]
) -> dict[str, pl.DataFrame]:
    """Screened rows that have all that their table requires, an entity that they refer to included.

    `is_published` gives which of some keys of a table other rows than these give today.
    """
    complete = {
        name: rows.filter(
            pl.all_horizontal(pl.lit(True), *(pl.col(one).is_not_null() for one in _required(tables[name])))
        )
        for name, rows in screened.items()
    }
    while True:
        heights = {name: rows.height for name, rows in complete.items()}
        for name in complete:
            for column in tables[name].columns.values():
                target = column.references
                if target is None or target not in screened:
                    continue
                lost = set(screened[target]["key"]) - set(complete[target]["key"])
                lost -= is_published(target, lost) if lost else set()
                if lost:
                    complete[name] = _without_references(complete[name], column, lost)
        if heights == {name: rows.height for name, rows in complete.items()}:
            return complete


def _without_references(rows: pl.DataFrame, column: Column, lost: Collection[str]) -> pl.DataFrame:
    """Rows that do not refer to what is lost: without the reference, or without the row where it is required."""
    keys = list(lost)
    if column.list:
        left = pl.col(column.name).list.set_difference(pl.lit(keys))
        return rows.with_columns(pl.when(left.list.len() > 0).then(left).alias(column.name))
    is_lost = pl.col(column.name).is_in(keys)
    if column.required:
        return rows.filter(~is_lost)
    return rows.with_columns(pl.when(~is_lost).then(pl.col(column.name)).alias(column.name))


def _kept(cell: str | list[str] | None, may_stay: Callable[[str], bool]) -> str | list[str] | None:
    if isinstance(cell, list):
        return [value for value in cell if may_stay(value)] or None
    return cell if cell is not None and may_stay(cell) else None


def _free_columns(table: Table) -> list[Column]:
    return [
        column
        for column in table.published
        if column.type in _FREE_TYPES and f"{table.name}.{column.name}" not in _NOT_SCREENED
    ]


def _required(table: Table) -> list[str]:
    return [column.name for column in table.published if column.required]
