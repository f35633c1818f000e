"""What stays of records that are gone: a tombstone for each entity that they gave, and the record with its end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import polars as pl

from clirld.map.yarrrml import RdfMapping
from clirld.records.carried import add, scan
from clirld.settings import BASE
from clirld.vocabulary.tables import Tables

TABLE = "ended"
"""Table of the entities that are gone."""


class Fate(NamedTuple):
    """What became of a record that the source no longer has: still missing, or gone for a `reason`."""

    since: str
    reason: str | None = None
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class Tombstones:
    """Tombstones of the records that `ended`, made of what was published `before`; `rows` are today's tables."""

    tables: Tables
    mapping: RdfMapping
    before: Path
    rows: Path
    ended: Mapping[str, Fate]

    def write(self, out: Path, gone: list[str], erased: Collection[str]) -> None:
        """Add the tombstones to the tables in `out`, and those of records that were `gone` already.

        Of what is `erased` no label stays, and no tombstone of what is named by an official number.
        """
        earlier = scan(self.before, TABLE)
        stones = [] if earlier is None else [earlier.filter(pl.col("record").is_in(gone)).collect()]
        stones = [_without_names(stone, erased) for stone in stones]
        stones += [self._stones(name, kind) for name, kind in self._kinds() if self.ended]
        whole = pl.concat([self.tables[TABLE].conform(stone) for stone in stones]) if stones else None
        if whole is not None:
            whole = whole.unique(["kind", "key"], keep="first", maintain_order=True)
            for name, kind in self._kinds():  # what another record gives is not gone
                alive = scan(out, name)
                if alive is not None and (keys := whole.filter(pl.col("kind") == kind)["key"].to_list()):
                    there = alive.filter(pl.col("key").is_in(keys)).select("key").collect()["key"].to_list()
                    whole = whole.filter((pl.col("kind") != kind) | ~pl.col("key").is_in(there))
            add(out, self.tables[TABLE], whole)
        records = scan(self.before, "record")
        if records is not None and (self.ended or gone):
            add(out, self.tables["record"], _unidentified(records.filter(pl.col("key").is_in(gone)).collect(), erased))
            add(out, self.tables["record"], self._ended_records(records))

    def _ended_records(self, records: pl.LazyFrame) -> pl.DataFrame:
        rows = records.filter(pl.col("key").is_in(list(self.ended))).collect()

        def of(name: str) -> pl.Expr:
            values = {record: getattr(fate, name) for record, fate in self.ended.items()}
            return pl.col("key").replace_strict(values, default=None, return_dtype=pl.String)

        erased = of("reason") == "erased"
        return rows.with_columns(
            page=pl.lit(None, pl.String),
            identifier=pl.when(erased).then(pl.lit("erased")).otherwise("identifier"),
            missing_since=pl.lit(None, pl.String),
            ended=of("since"),
            end_reason=of("reason"),
            replaced_by=of("replaced_by"),
        )

    def _stones(self, name: str, kind: str) -> pl.DataFrame:
        """Tombstones of what the ended records gave in one table.

        What is named by an official number does not end because a registry no longer lists it: it keeps its label
        and its record, and only the record has an end.
        """
        rows = scan(self.before, name)
        if rows is None:
            return pl.DataFrame(schema=self.tables[TABLE].schema)
        found = rows.filter(pl.col("record").is_in(list(self.ended))).collect()
        stones = []
        for row in found.iter_rows(named=True):
            fate, own = self.ended[row["record"]], row["key"].startswith(row["record"])
            if fate.reason == "erased" and not own:
                continue
            follower = f"{fate.replaced_by}{row['key'].removeprefix(row['record'])}" if fate.replaced_by else None
            stones.append(
                {
                    **{column: row[column] for column in ("key", "record", "source", "row")},
                    "kind": kind,
                    "class": "FormerEntity" if own else None,
                    "name": None if fate.reason == "erased" else row.get("name"),
                    "ended": fate.since if own else None,
                    "reason": fate.reason if own else None,
                    "replaced_by": follower if own and self._there(name, follower) else None,
                }
            )
        return pl.DataFrame(stones, schema=self.tables[TABLE].schema)

    def _there(self, name: str, key: str | None) -> bool:
        rows = scan(self.rows, name)
        if key is None or rows is None:
            return False
        return not rows.filter(pl.col("key") == key).head(1).collect().is_empty()

    def _kinds(self) -> Iterator[tuple[str, str]]:
        """Tables whose rows are entities of their own, and the part of the IRI that says which."""
        start = f"{BASE}id/"
        for one in self.mapping.maps:
            head, *tail = one.subject.texts
            whole = one.subject.columns == ("key",) and tail == [""] and head.startswith(start)
            if whole and one.table not in ("record", TABLE):
                yield one.table, head.removeprefix(start).rstrip("/")


def _without_names(stones: pl.DataFrame, erased: Collection[str]) -> pl.DataFrame:
    these = pl.col("record").is_in(list(erased))
    named = [pl.when(these).then(None).otherwise(name).alias(name) for name in ("name", "replaced_by")]
    reason = pl.when(these).then(pl.lit("erased")).otherwise("reason").alias("reason")
    return stones.filter(~these | pl.col("class").is_not_null()).with_columns(*named, reason)


def _unidentified(records: pl.DataFrame, erased: Collection[str]) -> pl.DataFrame:
    these = pl.col("key").is_in(list(erased))
    return records.with_columns(
        identifier=pl.when(these).then(pl.lit("erased")).otherwise("identifier"),
        end_reason=pl.when(these).then(pl.lit("erased")).otherwise("end_reason"),
    )
