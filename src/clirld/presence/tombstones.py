"""What stays of records that are gone: a tombstone for each entity that they gave, and the record with its end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import polars as pl

from clirld.map.yarrrml import RdfMapping
from clirld.records.carried import append_rows, scan_table
from clirld.settings import BASE
from clirld.vocabulary.tables import Tables

ENDED_TABLE = "ended"
"""Table of the entities that are gone."""


class Disappearance(NamedTuple):
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
    ended: Mapping[str, Disappearance]

    def write(self, out: Path, gone: list[str], erased: Collection[str]) -> None:
        """Add the tombstones to the tables in `out`, and those of records that were `gone` already.

        Of what is `erased` no label stays, and no tombstone of what is named by an official number.
        """
        earlier = scan_table(self.before, ENDED_TABLE)
        tombstones = [] if earlier is None else [earlier.filter(pl.col("record").is_in(gone)).collect()]
        tombstones = [_without_names(tombstone, erased) for tombstone in tombstones]
        tombstones += [self._new_tombstones(name, kind) for name, kind in self._entity_kinds() if self.ended]
        rows = (
            pl.concat([self.tables[ENDED_TABLE].conform(tombstone) for tombstone in tombstones]) if tombstones else None
        )
        if rows is not None:
            # Tombstones of earlier harvests come first in `tombstones`, so that theirs are kept.
            rows = rows.unique(["kind", "key"], keep="first", maintain_order=True)
            for name, kind in self._entity_kinds():  # what another record gives is not gone
                current = scan_table(out, name)
                if current is not None and (keys := rows.filter(pl.col("kind") == kind)["key"].to_list()):
                    still_published = current.filter(pl.col("key").is_in(keys)).select("key").collect()["key"].to_list()
                    rows = rows.filter((pl.col("kind") != kind) | ~pl.col("key").is_in(still_published))
            append_rows(out, self.tables[ENDED_TABLE], rows)
        records = scan_table(self.before, "record")
        if records is not None and (self.ended or gone):
            append_rows(
                out,
                self.tables["record"],
                _without_identifiers(records.filter(pl.col("key").is_in(gone)).collect(), erased),
            )
            append_rows(out, self.tables["record"], self._ended_records(records))

    def _ended_records(self, records: pl.LazyFrame) -> pl.DataFrame:
        rows = records.filter(pl.col("key").is_in(list(self.ended))).collect()

        def by_record(name: str) -> pl.Expr:
            values = {record: getattr(disappearance, name) for record, disappearance in self.ended.items()}
            return pl.col("key").replace_strict(values, default=None, return_dtype=pl.String)

        erased = by_record("reason") == "erased"
        return rows.with_columns(
            page=pl.lit(None, pl.String),
            identifier=pl.when(erased).then(pl.lit("erased")).otherwise("identifier"),
            missing_since=pl.lit(None, pl.String),
            ended=by_record("since"),
            end_reason=by_record("reason"),
            replaced_by=by_record("replaced_by"),
        )

    def _new_tombstones(self, name: str, kind: str) -> pl.DataFrame:
        """Tombstones of what the ended records gave in one table.

        What is named by an official number does not end because a registry no longer lists it: it keeps its label
        and its record, and only the record has an end.
        """
        rows = scan_table(self.before, name)
        if rows is None:
            return pl.DataFrame(schema=self.tables[ENDED_TABLE].schema)
        ended_rows = rows.filter(pl.col("record").is_in(list(self.ended))).collect()
        tombstones = []
        for row in ended_rows.iter_rows(named=True):
            # A key that does not start with its record's is an official number, which others may use too.
            disappearance, is_own = self.ended[row["record"]], row["key"].startswith(row["record"])
            if disappearance.reason == "erased" and not is_own:
                continue
            successor = (
                f"{disappearance.replaced_by}{row['key'].removeprefix(row['record'])}"
                if disappearance.replaced_by
                else None
            )
            tombstones.append(
                {
                    **{column: row[column] for column in ("key", "record", "source", "row")},
                    "kind": kind,
                    "class": "FormerEntity" if is_own else None,
                    "name": None if disappearance.reason == "erased" else row.get("name"),
                    "ended": disappearance.since if is_own else None,
                    "reason": disappearance.reason if is_own else None,
                    "replaced_by": successor if is_own and self._exists_today(name, successor) else None,
                }
            )
        return pl.DataFrame(tombstones, schema=self.tables[ENDED_TABLE].schema)

    def _exists_today(self, name: str, key: str | None) -> bool:
        rows = scan_table(self.rows, name)
        if key is None or rows is None:
            return False
        return not rows.filter(pl.col("key") == key).head(1).collect().is_empty()

    def _entity_kinds(self) -> Iterator[tuple[str, str]]:
        """Tables whose rows are entities of their own, and the part of the IRI that says which."""
        base = f"{BASE}id/"
        for triples_map in self.mapping.maps:
            prefix, *rest = triples_map.subject.texts
            is_entity = triples_map.subject.columns == ("key",) and rest == [""] and prefix.startswith(base)
            if is_entity and triples_map.table not in ("record", ENDED_TABLE):
                yield triples_map.table, prefix.removeprefix(base).rstrip("/")


def _without_names(tombstones: pl.DataFrame, erased: Collection[str]) -> pl.DataFrame:
    is_erased = pl.col("record").is_in(list(erased))
    columns = [pl.when(is_erased).then(None).otherwise(name).alias(name) for name in ("name", "replaced_by")]
    reason = pl.when(is_erased).then(pl.lit("erased")).otherwise("reason").alias("reason")
    return tombstones.filter(~is_erased | pl.col("class").is_not_null()).with_columns(*columns, reason)


def _without_identifiers(records: pl.DataFrame, erased: Collection[str]) -> pl.DataFrame:
    is_erased = pl.col("key").is_in(list(erased))
    return records.with_columns(
        identifier=pl.when(is_erased).then(pl.lit("erased")).otherwise("identifier"),
        end_reason=pl.when(is_erased).then(pl.lit("erased")).otherwise("end_reason"),
    )
