"""What a card promises of the files of its source: their columns. What it promises of the whole: `clirld.guards`."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection

from clirld.card.model import Rows
from clirld.card.source import Source
from clirld.errors import RecordsError
from clirld.values.personal_data import without_personal_data


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
