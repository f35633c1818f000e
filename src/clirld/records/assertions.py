"""What a card promises of the files of its source: their columns. What it promises of the whole: `clirld.guards`."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection

from clirld.card.model import Rows
from clirld.card.source import Source
from clirld.errors import RecordsError


def new_columns(source: Source, rows: Rows, found: Collection[str]) -> list[str]:
    """Columns of the file that the card does not name.

    A column named in the card stands for all below it: `contributions` for `contributions.type`.
    Raises RecordsError where a mapped column is not in the file.
    """
    for column in rows.columns:
        if rows.columns[column] is not None and column not in found:
            if sign := _other_delimiter(rows, found):
                raise RecordsError(
                    f"the columns are not separated by the delimiter of the card in distribution {rows.source}",
                    where=f"source {source.id}",
                    do=f"put delimiter: {json.dumps(sign)} in {source.folder / 'source.yaml'}",
                )
            fresh = [name for name in found if not _named(name, rows.columns)]
            near = difflib.get_close_matches(column, fresh, n=1, cutoff=0.5)
            renamed = f"renamed to “{near[0]}”? " if near else ""
            raise RecordsError(
                f"column “{column}” is gone from distribution {rows.source}",
                where=f"source {source.id}",
                do=f"{renamed}Correct columns: in {source.folder / 'source.yaml'}",
            )
    return [name for name in found if not _named(name, rows.columns)]


def _other_delimiter(rows: Rows, found: Collection[str]) -> str | None:
    """The sign that separates the card's columns, where the whole header was read as one."""
    if len(found) != 1 or len(rows.columns) < 2:
        return None
    [header] = found
    return next((sign for sign in (";", ",", "\t", "|") if len(set(header.split(sign)) & set(rows.columns)) > 1), None)


def _named(name: str, known: Collection[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:n]) in known for n in range(1, len(parts) + 1))
