"""Several rows about one entity: a property that can only have one value gets one, by a rule, and the others are told.

Rows of several records share a key where an official number makes it (three establishments of one SIREN). Each would
give the unit a name, a seat, a number of its own. Of the rows of one key, the unit's own row wins, which is the first
of these that there is (docs/stewards.md tells):

1. a row of today's file, before one that is carried over of a vanished record;
2. a row of a distribution that is about this table, before one that only mentions the entity (an initiative's carrier);
3. a row whose identifier at the source is the entity's number;
4. a row whose name says that it is the seat (« siège »);
5. the first in the file.

Where it has no value and the others disagree, none is published: nothing says whose it is. Values that are only in one
row, or the same in all, stay as they are; list columns keep all of theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from clirld.vocabulary.tables import Column, Table, Tables

_SEAT = r"(?i)\bsi[eèé]ge\b"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that is not published: of which row, and the value that stands in its place (None: none does)."""

    table: str
    key: str
    column: str
    distribution: str
    row: int
    value: str
    kept: str | None
    kept_row: int


_OF_ONE_ROW = ("record", "ended")
"""Tables whose rows are each about another thing: two tombstones of one key are of two kinds."""


def settle(folder: Path, tables: Tables, own: Mapping[str, Collection[str]]) -> list[Conflict]:
    """Give each single-valued column of an entity one value in the tables of `folder`; gives what was not kept.

    `own` are the distributions whose rows are of a table, by table. Memory grows with the rows that disagree, not with
    the tables: of the others, eight bytes of each key are looked at.
    """
    conflicts: list[Conflict] = []
    for table in tables.values():
        parts = sorted((folder / table.name).glob("*.parquet"))
        if not parts or table.name in _OF_ONE_ROW:
            continue
        keys = _disagreeing_keys(parts, table)
        if keys.is_empty():
            continue
        rows = _ranked_rows(folder, parts, keys, own.get(table.name, ()))
        winners: list[dict[str, str | None]] = []
        for group in _by_key(rows):
            columns = _disagreeing_columns(group, table)
            winners.append({"key": group[0]["key"], **{f"_{name}": group[0][name] for name in columns}})
            winners[-1] |= {f"_is_{name}": "" for name in columns}
            conflicts += _conflicts(group, table, columns)
        _rewrite(parts, table, pl.from_dicts(winners, infer_schema_length=None))
    return conflicts


def _single_valued(table: Table) -> list[Column]:
    return [column for column in table.published if not column.list]


def _disagreeing_keys(parts: list[Path], table: Table) -> pl.Series:
    """Keys of several rows that give different values for one column."""
    rows = pl.scan_parquet(parts)
    hashes = rows.select(pl.col("key").hash()).collect(engine="streaming")["key"]
    repeated = hashes.filter(hashes.is_duplicated()).unique()
    if repeated.is_empty():
        return pl.Series("key", [], dtype=pl.String())
    names = [column.name for column in _single_valued(table)]
    counts = (
        rows.filter(pl.col("key").hash().is_in(repeated.implode()))
        .group_by("key")
        .agg(pl.col(names).drop_nulls().n_unique())
    )
    differing = counts.filter(pl.any_horizontal(pl.col(names) > 1)).select("key").collect(engine="streaming")
    return differing["key"].sort()


def _ranked_rows(folder: Path, parts: list[Path], keys: pl.Series, own: Collection[str]) -> pl.DataFrame:
    """The rows of these keys with where they are from, the unit's own row of each key first."""
    # Parts of an earlier harvest have the columns that tables.yaml had then.
    rows = pl.scan_parquet(parts, missing_columns="insert", extra_columns="ignore").with_row_index("_order")
    rows = rows.filter(pl.col("key").is_in(keys.implode()))
    records = pl.scan_parquet(sorted((folder / "record").glob("*.parquet")), missing_columns="insert")
    places = records.select(
        record="key", _distribution="distribution", _identifier="identifier", _since="missing_since"
    )
    joined = rows.collect().join(places.collect(), on="record", how="left", maintain_order="left")
    name = pl.col("name").str.contains(_SEAT) if "name" in joined.columns else pl.lit(False)
    return joined.sort(
        "key",
        pl.col("_since").is_not_null(),
        ~pl.col("_distribution").is_in(list(own)).fill_null(False),
        ~(pl.col("key").str.split("-").list.last() == pl.col("_identifier").str.replace_all(r"\W", "")).fill_null(
            False
        ),
        ~name.fill_null(False),
        "_order",
    )


def _by_key(rows: pl.DataFrame) -> Iterator[list[dict[str, str]]]:
    for group in rows.partition_by("key", maintain_order=True):
        yield group.to_dicts()


def _disagreeing_columns(group: Sequence[Mapping[str, str | None]], table: Table) -> list[str]:
    """The columns with several values, with those that are made from one of them or that it is made from."""
    columns = _single_valued(table)
    names = {one.name for one in columns if len({row[one.name] for row in group} - {None}) > 1}
    for column in columns:
        together = {column.name, *column.sources} & {one.name for one in columns}
        if names & together:
            names |= together
    return [one.name for one in columns if one.name in names]


def _conflicts(group: Sequence[Mapping[str, str]], table: Table, columns: Sequence[str]) -> Iterator[Conflict]:
    """What the others say instead; what follows from a column that is told is not told again."""
    winner, *others = group
    told = [name for name in columns if not set(table.columns[name].sources) & set(columns)]
    for row in others:
        for name in told:
            if row[name] is not None and row[name] != winner[name]:
                place = (row["_distribution"], int(row["row"]))
                yield Conflict(table.name, row["key"], name, *place, row[name], winner[name], int(winner["row"]))


def _rewrite(parts: list[Path], table: Table, winners: pl.DataFrame) -> None:
    """Give the rows of these keys the values of the row that wins."""
    names = [name.removeprefix("_is_") for name in winners.columns if name.startswith("_is_")]
    for part in parts:
        rows = pl.read_parquet(part)
        if not rows["key"].is_in(winners["key"].implode()).any():
            continue
        joined = rows.join(winners, on="key", how="left", maintain_order="left")
        settled = joined.with_columns(
            pl.when(pl.col(f"_is_{name}").is_not_null())
            .then(pl.col(f"_{name}").cast(pl.String()))
            .otherwise(pl.col(name))
            .alias(name)
            for name in names
        )
        # Under another name first: a part may be a link to that of an earlier stage, which stays as it is.
        unfinished = part.with_name(f".{part.name}")
        table.conform(settled).write_parquet(unfinished)
        unfinished.replace(part)
