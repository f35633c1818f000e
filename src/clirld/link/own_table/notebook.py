"""The same as `clirld link` for a notebook: a data frame in, a data frame out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from clirld.errors import UsageError
from clirld.link.own_table.link_table import LinkedTable, link_table
from clirld.scratch import temporary_folder
from clirld.settings import Settings
from clirld.vocabulary import tables
from clirld.vocabulary.terms import Vocabulary


def link(
    table: Any,
    release: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    since: str | Path | None = None,
    has_header: bool = True,
) -> LinkedTable:
    """Link a table to a release: a path, a Polars frame, or any frame that has `to_csv`, as those of pandas.

    `release` is the folder of one (`data/current`, or a copy with its `tables/`); the others are as of
    `clirld.link.own_table.link_table.link_table`. Gives its `rows`, `candidates` and `account`; `rows.to_pandas()` is
    for those who want pandas. Nothing is asked of the network. Raises UsageError, DataError and ReadError.
    """
    settings = Settings.from_environment()
    known: dict[str, Any] = {
        "tables": tables.load(settings.ontology / "tables.yaml"),
        "vocabulary": Vocabulary.load(settings.ontology),
        "columns": columns,
        "since": Path(since) if since else None,
        "has_header": has_header,
    }
    if isinstance(table, str | Path):
        return link_table(Path(table), Path(release), **known)
    with temporary_folder() as folder:
        file = folder / "table.csv"
        if isinstance(table, pl.DataFrame):
            table.write_csv(file)
        elif hasattr(table, "to_csv"):
            table.to_csv(file, index=False)
        else:
            do = "give the path of a file, or a data frame of Polars or pandas"
            raise UsageError(f"{type(table).__name__} is no table", where="table", do=do)
        return link_table(file, Path(release), **known)
