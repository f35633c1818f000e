"""What a card promises of its source: the columns of the files, and the assertions on the whole."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection

from clirld.card import Rows
from clirld.errors import RecordsError
from clirld.source import Source


def new_columns(source: Source, rows: Rows, found: Collection[str]) -> list[str]:
    """Columns of the file that the card does not name.

    A column named in the card stands for all below it: `contributions` for `contributions.type`.
    Raises RecordsError where a mapped column is not in the file.
    """
    for column in rows.columns:
        if rows.columns[column] is not None and column not in found:
            near = difflib.get_close_matches(column, found, n=1, cutoff=0.5)
            renamed = f"renamed to “{near[0]}”? " if near else ""
            raise RecordsError(
                f"column “{column}” is gone from distribution {rows.source}",
                where=f"source {source.id}",
                do=f"{renamed}Correct columns: in {source.folder / 'source.yaml'}",
            )
    return [name for name in found if not _named(name, rows.columns)]


def _named(name: str, known: Collection[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:n]) in known for n in range(1, len(parts) + 1))


def check(source: Source, rows_in: Counter[str], rows: Counter[str], filled: Counter[str]) -> None:
    """Hold a whole harvest to the card's assertions: `rows` by table, `filled` by `table.column`.

    Raises RecordsError for the first that does not hold.
    """
    do = "look at the file; if it is right, change assertions: in source.yaml"
    for distribution, (least, most) in source.card.assertions.rows.items():
        if not least <= rows_in[distribution] <= most:
            raise RecordsError(
                f"{rows_in[distribution]} rows in distribution {distribution}, {least} to {most} are expected",
                where=f"source {source.id}",
                do=do,
            )
    for name, share in source.card.assertions.filled.items():
        table = name.partition(".")[0]
        found = filled[name] / rows[table] if rows[table] else 0.0
        if found < share:
            raise RecordsError(
                f"{name} is filled in {found:.1%} of the rows, at least {share:.1%} is expected",
                where=f"source {source.id}",
                do=do,
            )
