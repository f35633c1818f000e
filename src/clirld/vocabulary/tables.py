"""The canonical tables, read from `ontology/tables.yaml`: the hub between the sources and the ontology."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from clirld import yamlfile
from clirld.errors import MappingError
from clirld.values.cleaners import CLEANERS

STANDARD = ("key", "record", "source", "row")
"""Columns that every table starts with, filled by the engine; `row` is an integer."""

LIST_SEPARATOR = " | "
"""Between the values of a list column in CSV."""

ENGINE_TYPES = {"key", "concept", "territory", "wkt", "insee_commune", "insee_departement"}
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
    sources: tuple[str, ...] = ()
    title: Mapping[str, str] | None = None

    @property
    def dtype(self) -> pl.DataType:
        """How the column is kept in Parquet: text, or a list of texts."""
        return pl.List(pl.String()) if self.list else pl.String()


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
        standard: dict[str, pl.DataType] = dict.fromkeys(STANDARD, pl.String())
        standard["row"] = pl.Int64()
        return standard | {column.name: column.dtype for column in self.published}

    def shaped(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with the columns of the table, in their order: null where they have none, others left out."""
        schema = self.schema
        given = {name: pl.col(name) if name in rows.columns else pl.lit(None) for name in schema}
        return rows.select(given[name].cast(kind).alias(name) for name, kind in schema.items())


Tables = Mapping[str, Table]


def load(path: Path) -> Tables:
    """Read tables.yaml. Raises MappingError with the line for an unknown type, field or reference."""
    file = yamlfile.load(path, MappingError)
    tables: dict[str, Table] = {}
    for name, entry in file.data.items():
        if missing := [part for part in ("title", "description", "key", "columns") if not _has(entry, part)]:
            do = "see the head of tables.yaml"
            raise MappingError(f"table {name} has no {missing[0]}", where=file.where([name]), do=do)
        columns = {
            column: _column(file, (name, "columns", column), column, facts)
            for column, facts in entry["columns"].items()
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


def _has(entry: Any, part: str) -> bool:
    return isinstance(entry, dict) and entry.get(part) is not None


def _column(file: yamlfile.YamlFile, at: tuple[str, ...], name: str, facts: dict[str, Any]) -> Column:
    if not _has(facts, "type"):
        raise MappingError(f"column {name} has no type", where=file.where(at), do="see the head of tables.yaml")
    known = {"type", "list", "required", "helper", "scheme", "references", "from", "title"}
    if unknown := sorted(set(facts) - known):
        raise MappingError(f"unknown field {unknown[0]}", where=file.where(at), do=f"use: {', '.join(sorted(known))}")
    if facts["type"] not in CLEANERS and facts["type"] not in ENGINE_TYPES:
        types = ", ".join(sorted({*CLEANERS, *ENGINE_TYPES}))
        raise MappingError(f"unknown type {facts['type']}", where=file.where(at), do=f"use one of: {types}")
    return Column(
        name=name,
        type=facts["type"],
        list=bool(facts.get("list", False)),
        required=bool(facts.get("required", False)),
        helper=bool(facts.get("helper", False)),
        scheme=facts.get("scheme"),
        references=facts.get("references"),
        sources=tuple(facts.get("from", ())),
        title=dict(facts.get("title", {})),
    )
