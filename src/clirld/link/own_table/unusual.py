"""What is unusual in a table that nobody has described: titles that are data, cells too long, names among codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from clirld.draft.evidence import ColumnNames
from clirld.draft.propose import ColumnProposal
from clirld.issues import Issue
from clirld.read.layout import Layout
from clirld.records.plan import ReferenceData

SOURCE = "own-table"
"""What stands for the name of a source in the records of somebody's own table."""

ROW = "clirld_row"
"""The column of `OwnRows.cells` with the number of the row."""

TARGETS = (
    "name", "alternative_name", "street", "postcode", "locality", "commune", "homepage", "latitude", "longitude",
    "siren", "siret", "rna",
)  # fmt: skip
"""What a column can be read as: canonical columns of an initiative, and the numbers of an organization."""

LONGEST = 2_000
"""Characters of a cell: what is longer is no name, number, place or address, and is not read."""

_USUAL = 90
"""How like a usual name of a column a name is from there on, of 100 (`ColumnNames.similarity`)."""

WITH_HEADER = ("csv", "xlsx", "ods")
"""Formats whose tables have their names of columns in a row."""

NAMES_OF = " (nom, lu à part)"
"""What is added to the name of a column of which the names of communes are read apart."""


def titles_that_are_data(
    layout: Layout, columns: Sequence[str], cells: pl.DataFrame, reference: ReferenceData
) -> list[str]:
    """The names of columns that look like values, where none of all is a usual name of a column.

    Values are: a commune, a number, or what stands in the column again.
    """
    names = ColumnNames.load(reference.tables)
    if (
        layout.format not in WITH_HEADER
        or not layout.header
        or any(names.similarity(name, target) >= _USUAL for name in columns for target in TARGETS)
    ):
        return []
    is_place = reference.territories.is_name
    return [name for name in columns if is_place(name) or re.search(r"\d{4}", name) or name in cells[name]]


def without_long(cells: pl.DataFrame, columns: Sequence[str]) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """The cells without those that are longer than any name or address, and what is to be told of these."""
    told = []
    for name in columns:
        lengths = cells[name].str.len_chars()
        for row, length in zip(cells[ROW], lengths, strict=True):
            if length > LONGEST:
                told.append(
                    Issue(
                        SOURCE, "records", "value-too-long", "default", row, name, None,
                        {"length": str(length), "most": str(LONGEST)},
                    ).as_data()
                )  # fmt: skip
    if not told:
        return cells, []
    is_long = (pl.col(name).str.len_chars() > LONGEST for name in columns)
    kept = [
        pl.when(long).then(pl.lit("")).otherwise(name).alias(name) for long, name in zip(is_long, columns, strict=True)
    ]
    return cells.with_columns(kept), told


def names_apart(
    cells: pl.DataFrame, proposals: Sequence[ColumnProposal], given: Mapping[str, str]
) -> tuple[pl.DataFrame, list[ColumnProposal]]:
    """A column of codes of communes in which names stand too is read as two: codes, and names."""
    found = list(proposals)
    taken = {to for one in proposals for to in one.to}
    for at, one in enumerate(proposals):
        name = one.column.name
        if one.to != ("commune",) or "locality" in taken:
            continue
        is_name = ~pl.col(name).str.contains(r"\d")
        if cells.select((is_name & (pl.col(name).str.strip_chars() != "")).any()).item():
            other = f"{name}{NAMES_OF}"
            cells = cells.with_columns(
                pl.when(is_name).then(name).otherwise(pl.lit("")).alias(other),
                pl.when(is_name).then(pl.lit("")).otherwise(name).alias(name),
            )
            found.insert(at + 1, replace(one, column=replace(one.column, name=other), to=("locality",)))
            break
    return cells, found
