"""What stays of records that are gone: a tombstone for each entity that they gave, and the record with its end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import polars as pl

from clirld.map.yarrrml import RdfMapping
from clirld.presence.screening import Screen, screen_tombstones
from clirld.records.table_files import append_rows, scan_table
from clirld.vocabulary.tables import Tables

ENDED_TABLE = "ended"
"""Table of the entities that are gone."""


class Disappearance(NamedTuple):
    """What became of a record that the source no longer has: still missing, or gone for a `reason`."""

    since: str
    reason: str | None = None
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class Hidden:
    """Records that tombstones may not name: of the `erased` an opaque key stays, of the `unnamed` nothing."""

    erased: Collection[str]
    unnamed: Collection[str]
    opaque: Callable[[str], str]
    """A key as it is told of what was erased."""

    def record(self, key: str) -> str:
        """The key that a record has from now on."""
        return self.opaque(key) if key in self.erased else key

    def successor(self, key: str | None, record: str | None) -> str | None:
        """A successor's key, of an entity that `record` gives, as far as it may be told."""
        if key is None or record in self.unnamed:
            return None
        return self.opaque(key) if record in self.erased else key


@dataclass(frozen=True, slots=True)
class Tombstones:
    """Tombstones of the records that `ended`, made of their `earlier` rows by table; `rows` are today's tables.

    `screen` says what may not be told of earlier rows.
    """

    tables: Tables
    mapping: RdfMapping
    earlier: Mapping[str, pl.DataFrame]
    rows: Path
    ended: Mapping[str, Disappearance]
    hidden: Hidden
    screen: Screen

    def write(self, out: Path, gone: Mapping[str, str | None]) -> None:
        """Add the tombstones to the tables in `out`, and those of records that were `gone` already.

        `gone` says by which record each was replaced. Of what is erased no label, identifier or row stays, and no
        tombstone of what is named by an official number.
        """
        earlier = self.earlier.get(ENDED_TABLE)
        tombstones = []
        if earlier is not None:
            tables_by_kind = {kind: self.tables[name] for name, kind in self._entity_kinds}
            rows = earlier.filter(pl.col("record").is_in(list(gone)))
            tombstones = [screen_tombstones(rows, tables_by_kind, self.screen)]
        tombstones += [self._new_tombstones(name, kind) for name, kind in self._entity_kinds if self.ended]
        records = self.earlier.get("record")
        if records is not None and (self.ended or gone):
            rows = records.filter(pl.col("key").is_in(list(gone)))
            rows = pl.concat([rows, self._ended_records(records)], how="diagonal")
            successors = [self.hidden.successor(key, key) for key in rows["replaced_by"]]
            rows = rows.with_columns(replaced_by=pl.Series(successors, dtype=pl.String))
            is_erased = pl.col("key").is_in(list(self.hidden.erased))
            append_rows(out, self.tables["record"], rows.filter(~is_erased))
            # What a record was read from is told of no erased one: its tombstone is that of an entity.
            erased = rows.filter(is_erased).with_columns(kind=pl.lit("record"), **{"class": pl.lit("FormerEntity")})
            tombstones.append(erased)
        if tombstones:
            conformed = pl.concat([self.tables[ENDED_TABLE].conform(tombstone) for tombstone in tombstones])
            self._write_tombstones(out, self._hide(conformed, gone))

    def _write_tombstones(self, out: Path, rows: pl.DataFrame) -> None:
        # Those of earlier harvests come first, so that theirs are kept.
        rows = rows.unique(["kind", "key"], keep="first", maintain_order=True)
        for name, kind in self._entity_kinds:  # what another record gives is not gone
            current = scan_table(out, name)
            if current is not None and (keys := rows.filter(pl.col("kind") == kind)["key"].to_list()):
                still_published = current.filter(pl.col("key").is_in(keys)).select("key").collect()["key"].to_list()
                rows = rows.filter((pl.col("kind") != kind) | ~pl.col("key").is_in(still_published))
        append_rows(out, self.tables[ENDED_TABLE], rows)

    def _hide(self, tombstones: pl.DataFrame, gone: Mapping[str, str | None]) -> pl.DataFrame:
        """Tombstones as far as they may be told."""
        hidden = self.hidden
        if not hidden.erased and not hidden.unnamed:
            return tombstones
        replaced_by = {**gone, **{record: disappearance.replaced_by for record, disappearance in self.ended.items()}}
        told = []
        for row in tombstones.iter_rows(named=True):
            if row["record"] not in hidden.erased:
                row["replaced_by"] = hidden.successor(row["replaced_by"], replaced_by.get(row["record"]))
                told.append(row)
            elif row["class"]:  # the others are named by an official number
                key, record = hidden.opaque(row["key"]), hidden.opaque(row["record"])
                nothing = dict.fromkeys(("row", "name", "replaced_by"))
                told.append({**row, **nothing, "key": key, "record": record, "reason": "erased"})
        return pl.DataFrame(told, schema=tombstones.schema)

    def _ended_records(self, records: pl.DataFrame) -> pl.DataFrame:
        rows = records.filter(pl.col("key").is_in(list(self.ended)))

        def by_record(name: str) -> pl.Expr:
            values = {record: getattr(disappearance, name) for record, disappearance in self.ended.items()}
            return pl.col("key").replace_strict(values, default=None, return_dtype=pl.String)

        return rows.with_columns(
            page=pl.lit(None, pl.String),
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
        rows = self.earlier.get(name)
        if rows is None:
            return pl.DataFrame(schema=self.tables[ENDED_TABLE].schema)
        ended_rows = rows.filter(pl.col("record").is_in(list(self.ended)))
        tombstones = []
        for row in ended_rows.iter_rows(named=True):
            # A key that does not start with its record's is an official number, which others may use too.
            disappearance, is_own = self.ended[row["record"]], row["key"].startswith(row["record"])
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
                    "name": row.get("name"),
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

    @property
    def _entity_kinds(self) -> list[tuple[str, str]]:
        return [one for one in self.mapping.entity_kinds().items() if one[0] not in ("record", ENDED_TABLE)]
