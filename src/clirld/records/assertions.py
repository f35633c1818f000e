"""What a card says of the columns of its source's files, against these files. Of the whole harvest: `clirld.guards`."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import islice
from typing import NamedTuple

from clirld.card.model import Rows, Target
from clirld.card.source import Source
from clirld.errors import RecordsError
from clirld.read.rows import Cells, Chunk
from clirld.records.entities import NAME_COLUMNS
from clirld.values.personal_data import without_personal_data
from clirld.values.persons.columns import Reason, why_personal
from clirld.vocabulary.tables import Column, Tables

_JUDGED_ROWS = 2_000
"""Rows by which a column is judged, as many as `clirld source new` looks at."""

_OF_A_LIST = ("concept", "territory", "country")
"""Types whose values are of a list: nothing that stands in the file is published."""

_FREE = ("text", "name", "street")
"""Types that any text passes."""


class PersonalColumn(NamedTuple):
    """A column that seems to hold persons, where it goes, and why."""

    column: str
    to: str
    why: Reason


def personal_columns(
    rows: Rows, file_columns: Collection[str], chunk: Chunk, tables: Tables
) -> Iterator[PersonalColumn]:
    """Columns that the card publishes and that `clirld source new` would leave out as personal, by the same judgement.

    `chunk` holds the first rows of the file. A column under `not_persons` has been looked at by somebody.
    """
    for column in (name for name in rows.columns if name not in rows.not_persons):
        published = [target for target in rows.targets(column) if _is_published(target, rows, tables)]
        # The cleaners of all other types refuse names and contacts.
        is_free = any(_canonical(target, rows, tables).type in _FREE for target in published)
        counts = _counts(chunk.columns[column]) if is_free else Counter[str]()
        if published and (why := why_personal(column, counts, file_columns)):
            yield PersonalColumn(column, ", ".join(target.to for target in published), why)


def screened_columns(rows: Rows, tables: Tables) -> frozenset[str]:
    """Canonical columns (`table.column`) of which a value that may be somebody's name is left out.

    They say how an initiative or an organization is called, or anything at all, and no column that goes to them is
    under `not_persons`.
    """
    names = {rows.canonical(target.to) for column in rows.columns for target in rows.targets(column)}
    seen = {rows.canonical(target.to) for column in rows.not_persons for target in rows.targets(column)}
    return frozenset(name for name in names - seen if _may_name_somebody(name, tables))


def _may_name_somebody(name: str, tables: Tables) -> bool:
    table, _dot, column = name.partition(".")
    is_name = table in ("initiative", "organization") and column in NAME_COLUMNS
    return table != "record" and (is_name or tables[table].columns[column].type == "text")


def _is_published(target: Target, rows: Rows, tables: Tables) -> bool:
    column = _canonical(target, rows, tables)
    return not (target.lookup or column.helper or column.type in _OF_A_LIST)


def _canonical(target: Target, rows: Rows, tables: Tables) -> Column:
    table, _dot, name = rows.canonical(target.to).partition(".")
    return tables[table].columns[name]


def _counts(cells: Cells) -> Counter[str]:
    first = islice(cells, _JUDGED_ROWS)
    return Counter(value for cell in first for value in ((cell,) if isinstance(cell, str) else cell) if value.strip())


def new_columns(source: Source, rows: Rows, file_columns: Collection[str]) -> list[str]:
    """Columns of the file that the card does not name.

    A column named in the card stands for all below it: `contributions` for `contributions.type`.
    Raises RecordsError where a mapped column is not in the file.
    """
    for column in rows.columns:
        if rows.columns[column] is not None and column not in file_columns:
            if delimiter := _other_delimiter(rows, file_columns):
                raise RecordsError(
                    f"the columns are not separated by the delimiter of the card in distribution {rows.source}",
                    where=f"source {source.id}",
                    do=f"put delimiter: {json.dumps(delimiter)} in {source.folder / 'source.yaml'}",
                )
            # A hint for a person, who decides: looser than difflib's own cutoff of 0.6.
            unnamed = [name for name in file_columns if not _is_named(name, rows.columns)]
            similar = difflib.get_close_matches(column, unnamed, n=1, cutoff=0.5)
            hint = f"renamed to “{without_personal_data(similar[0])}”? " if similar else ""
            raise RecordsError(
                f"column “{without_personal_data(column)}” is gone from distribution {rows.source}",
                where=f"source {source.id}",
                do=f"{hint}Correct columns: in {source.folder / 'source.yaml'}",
            )
    return [name for name in file_columns if not _is_named(name, rows.columns)]


def _other_delimiter(rows: Rows, file_columns: Collection[str]) -> str | None:
    """The sign that separates the card's columns, where the whole header was read as one."""
    if len(file_columns) != 1 or len(rows.columns) < 2:
        return None
    [header] = file_columns
    return next(
        (delimiter for delimiter in (";", ",", "\t", "|") if len(set(header.split(delimiter)) & set(rows.columns)) > 1),
        None,
    )


def _is_named(name: str, card_columns: Collection[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:n]) in card_columns for n in range(1, len(parts) + 1))
