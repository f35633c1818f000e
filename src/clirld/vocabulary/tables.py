"""The canonical tables, read from `ontology/tables.yaml`: the hub between the sources and the ontology."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from clirld import yamlfile
from clirld.errors import MappingError
from clirld.values.cleaners import CLEANERS

STANDARD_COLUMNS = ("key", "record", "source", "row")
"""Columns that every table starts with, filled by the engine; `row` is an integer."""

ROLE_COLUMNS = ("role", "public_role")
"""Columns of participations that say what an organization is to the initiative of its row."""

LIST_SEPARATOR = " | "
"""Between the values of a list column in CSV."""

_Rows = TypeVar("_Rows", pl.DataFrame, pl.LazyFrame)

ENGINE_TYPES = {"key", "concept", "territory", "country", "wkt", "insee_commune", "insee_departement"}
"""Types whose values need more than a cleaner: a scheme, the territories, or other columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a canonical table; see the head of tables.yaml for what each field means."""

    name: str
    type: str
    list: bool = False
    required: bool = False
    helper: bool = False
    scheme: str | None = None
    references: str | None = None
    roles: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    title: Mapping[str, str] | None = None

    @property
    def dtype(self) -> pl.DataType:
        """How the column is kept in Parquet: text, or a list of texts."""
        return pl.List(pl.String()) if self.list else pl.String()

    def means(self, roles: Collection[str]) -> bool:
        """Whether an organization of these roles may be the one that a reference means: of none at all, it may."""
        return not self.roles or not roles or not set(self.roles).isdisjoint(roles)

    def series(self, cells: Sequence[tuple[str, ...]]) -> pl.Series:
        """The values of a column as it is kept; of several where it takes one, the first."""
        if self.list and any(len(values) > 1 for values in cells):
            return pl.Series(self.name, [list(dict.fromkeys(values)) or None for values in cells], dtype=self.dtype)
        texts = pl.Series(self.name, [values[0] if values else None for values in cells], dtype=pl.String())
        if not self.list:
            return texts
        # As lists they would be read cell by cell: this is thirty times faster.
        return pl.select(pl.when(texts.is_not_null()).then(pl.concat_list(texts)).alias(self.name)).to_series()


@dataclass(frozen=True, slots=True)
class Table:
    """A canonical table: its columns in order, without the standard ones."""

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    key: tuple[str, ...]
    columns: Mapping[str, Column]

    @property
    def published(self) -> list[Column]:
        """The columns that are written; helpers are not."""
        return [column for column in self.columns.values() if not column.helper]

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Polars schema of the table as written."""
        standard: dict[str, pl.DataType] = dict.fromkeys(STANDARD_COLUMNS, pl.String())
        standard["row"] = pl.Int64()
        return standard | {column.name: column.dtype for column in self.published}

    def conform(self, rows: _Rows) -> _Rows:
        """Rows with the columns of the table, in their order and of their types: null where they have none.

        Rows may have been written when tables.yaml had other columns: those are left out, one value is made a list of
        one, and a list one text.
        """
        own = rows.collect_schema()
        return rows.select(_conformed(name, own.get(name), kind).alias(name) for name, kind in self.schema.items())


def _conformed(name: str, own: pl.DataType | None, wanted: pl.DataType) -> pl.Expr:
    value = pl.lit(None) if own is None else pl.col(name)
    if isinstance(own, pl.List) and not isinstance(wanted, pl.List):
        value = value.cast(pl.List(pl.String)).list.join(LIST_SEPARATOR)
    elif own is not None and isinstance(wanted, pl.List) and not isinstance(own, pl.List):
        value = pl.when(value.is_not_null()).then(pl.concat_list(value))
    return value.cast(wanted)


Tables = Mapping[str, Table]


def load(path: Path) -> Tables:
    """Read tables.yaml. Raises MappingError with the line for an unknown type, field or reference."""
    file = yamlfile.load(path, MappingError)
    tables: dict[str, Table] = {}
    for name, entry in file.data.items():
        if missing := [field for field in ("title", "description", "key", "columns") if not _has_field(entry, field)]:
            do = "see the head of tables.yaml"
            raise MappingError(f"table {name} has no {missing[0]}", where=file.where([name]), do=do)
        columns = {
            column: _column(file, (name, "columns", column), column, definition)
            for column, definition in entry["columns"].items()
        }
        tables[name] = Table(name, dict(entry["title"]), dict(entry["description"]), tuple(entry["key"]), columns)
    for table in tables.values():
        for column in table.columns.values():
            where = file.where((table.name, "columns", column.name))
            if column.references and column.references not in tables:
                raise MappingError(f"no table {column.references}", where=where, do="name a table of this file")
            if column.type == "concept" and not column.scheme:
                raise MappingError("a concept needs its scheme", where=where, do="add scheme")
            if missing := [source for source in column.sources if source not in table.columns]:
                raise MappingError(
                    f"from: no column {missing[0]} in {table.name}",
                    where=where,
                    do="name columns of this table",
                )
    return tables


def _has_field(entry: Any, field: str) -> bool:
    return isinstance(entry, dict) and entry.get(field) is not None


def _column(file: yamlfile.YamlFile, keys: tuple[str, ...], name: str, definition: dict[str, Any]) -> Column:
    if not _has_field(definition, "type"):
        raise MappingError(f"column {name} has no type", where=file.where(keys), do="see the head of tables.yaml")
    fields = {"type", "list", "required", "helper", "scheme", "references", "roles", "from", "title"}
    if unknown := sorted(set(definition) - fields):
        do = f"use: {', '.join(sorted(fields))}"
        raise MappingError(f"unknown field {unknown[0]}", where=file.where(keys), do=do)
    if definition["type"] not in CLEANERS and definition["type"] not in ENGINE_TYPES:
        types = ", ".join(sorted({*CLEANERS, *ENGINE_TYPES}))
        raise MappingError(f"unknown type {definition['type']}", where=file.where(keys), do=f"use one of: {types}")
    return Column(
        name=name,
        type=definition["type"],
        list=bool(definition.get("list", False)),
        required=bool(definition.get("required", False)),
        helper=bool(definition.get("helper", False)),
        scheme=definition.get("scheme"),
        references=definition.get("references"),
        roles=tuple(definition.get("roles", ())),
        sources=tuple(definition.get("from", ())),
        title=dict(definition.get("title", {})),
    )
