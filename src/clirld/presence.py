"""presence: the records of a source over time → the canonical tables that are published.

    rows (today's canonical tables) + what was published before → the same tables, and beside today's rows:
      part-carried.parquet   last rows of records that vanished less than the grace ago, marked `missing_since`;
                             in `ended`, a tombstone for each entity of a record that is gone
      presence.parquet       record → first and last seen, missing since, seen / missing / gone, why, replaced by what
      statistics.json        what the guards look at
      account.json, issues.jsonl   those of the rows, with what is missing and gone beside

No clock is read: a record is missing since the date of the first snapshot without it, and gone once the source has
been asked again `grace` days later. A failed harvest changes nothing, since only what was published is built upon.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import polars as pl

from clirld import statistics
from clirld.accounts import Account
from clirld.entities import local_key
from clirld.issues import Issue
from clirld.mapping import RdfMapping
from clirld.settings import BASE
from clirld.source import Source
from clirld.statistics import Statistics
from clirld.successors import successors
from clirld.tables import Tables

CARRIED = "part-carried.parquet"
STATE = "presence.parquet"
TOMBSTONES = "ended"
"""Table of the entities that are gone."""

_SCHEMA = pl.Schema(
    {
        "record": pl.String(),
        "hash": pl.UInt64(),
        "first_seen": pl.String(),
        "last_seen": pl.String(),
        "missing_since": pl.String(),
        "state": pl.String(),
        "reason": pl.String(),
        "replaced_by": pl.String(),
    }
)
_UNUSABLE = ("missing-", "duplicate-identifier", "ragged")
"""Reasons for which a row is left out that are no decision of the card."""

Erased = Callable[[str, Iterable[str]], bool]
"""Whether a person asked that nothing of a record be kept, by its identifier at the source and its official numbers."""


class Fate(NamedTuple):
    """What became of a record that the source no longer has: still `missing`, or gone for a `reason`."""

    since: str
    reason: str | None = None
    replaced_by: str | None = None


def expired(before: Path, grace: int, checked: str) -> list[str]:
    """The missing records of `before` whose grace has run out by the date `checked`."""
    state = pl.read_parquet(before / STATE).filter(pl.col("state") == "missing")
    return [
        record for record, since in state.select("record", "missing_since").iter_rows() if _over(since, grace, checked)
    ]


def _over(since: str, grace: int, checked: str) -> bool:
    return datetime.fromisoformat(since) + timedelta(days=grace) <= datetime.fromisoformat(checked)


@dataclass(frozen=True, slots=True)
class Follower:
    """Follows the records of one source. `rows` is the output of the records stage, `before` what was published.

    `observed` is the date of the snapshot, `checked` when the source was last asked: both ISO 8601 in UTC.
    """

    source: Source
    tables: Tables
    mapping: RdfMapping
    rows: Path
    before: Path | None
    observed: str
    checked: str
    erased: Erased | None = None

    def make(self, out: Path, known: Statistics) -> None:
        """Write the files of the stage into `out`; `known` are the statistics that are not of the tables."""
        _link(self.rows, out)
        now = statistics.content(self.rows, self.tables)
        dates = self._scan(self.rows, "record")
        now = now if dates is None else now.join(dates.select(record="key", seen="retrieved").collect(), on="record")
        earlier = pl.DataFrame(schema=_SCHEMA) if self.before is None else pl.read_parquet(self.before / STATE)
        lost = earlier.filter(pl.col("state") != "gone").join(now, on="record", how="anti")
        gone = earlier.filter(pl.col("state") == "gone").join(now, on="record", how="anti")
        appeared = now.join(earlier.filter(pl.col("state") != "gone"), on="record", how="anti")
        fates = self._fates(lost, appeared)
        missing = {record: fate for record, fate in fates.items() if fate.reason is None}
        ended = {record: fate for record, fate in fates.items() if fate.reason is not None}
        if self.before:
            self._carry(self.before, out, missing)
            self._bury(self.before, out, ended, gone["record"].to_list())
        state = pl.concat([_seen(now, earlier), _lost(lost, fates), gone])
        state.select(_SCHEMA.names()).cast(_SCHEMA).sort("record").write_parquet(out / STATE)
        self._account(out, len(missing), len(ended) + gone.height)
        self._tell(out, fates)
        self._measure(out, known, now, earlier, appeared.height, lost)

    # fates ---------------------------------------------------------------------------------------

    def _fates(self, lost: pl.DataFrame, appeared: pl.DataFrame) -> dict[str, Fate]:
        """What becomes of each record that was published and is not there now."""
        if lost.is_empty() or self.before is None:
            return {}
        just = lost.filter(pl.col("state") == "seen")["record"].to_list()
        followed = successors(self.before, just, self.rows, appeared["record"].to_list())
        withdrawn = self._withdrawn()
        erased = self._erased(lost["record"].to_list())
        fates = {}
        for record, since, last_seen in lost.select("record", "missing_since", "last_seen").iter_rows():
            since = since or max(self.observed, last_seen)
            if record in erased:
                fates[record] = Fate(since, "erased")
            elif record in withdrawn:
                fates[record] = Fate(since, "withdrawn")
            elif record in followed:
                fates[record] = Fate(since, "id-changed", followed[record])
            elif _over(since, self.source.card.grace, self.checked):
                fates[record] = Fate(since, "no-longer-at-source")
            else:
                fates[record] = Fate(since)
        return fates

    def _withdrawn(self) -> set[str]:
        """Records that the source has and the card leaves out on purpose."""
        return {
            f"{self.source.id}-{local_key(row.identifier)}"
            for row in Account.load(self.rows / "account.json").left_out
            if row.identifier and not row.reason.startswith(_UNUSABLE)
        }

    def _erased(self, records: list[str]) -> set[str]:
        known = self._scan(self.before, "record") if self.erased and self.before else None
        if known is None or self.erased is None or self.before is None:
            return set()
        numbers: dict[str, list[str]] = {}
        if (organizations := self._scan(self.before, "organization")) is not None:
            wanted = organizations.filter(pl.col("record").is_in(records)).select("record", "siren", "siret", "rna")
            for record, *given in wanted.collect().iter_rows():
                numbers.setdefault(record, []).extend(one for one in given if one)
        pairs = known.filter(pl.col("key").is_in(records)).select("key", "identifier").collect().iter_rows()
        return {record for record, identifier in pairs if self.erased(identifier, numbers.get(record, ()))}

    # rows of earlier -----------------------------------------------------------------------------

    def _carry(self, before: Path, out: Path, missing: Mapping[str, Fate]) -> None:
        """The last rows of missing records, marked."""
        for name in self.tables if missing else ():
            rows = self._scan(before, name)
            if rows is None or name == TOMBSTONES:
                continue
            kept = rows.filter(pl.col("record").is_in(list(missing))).collect()
            if name == "record":
                since = {record: fate.since for record, fate in missing.items()}
                kept = kept.with_columns(missing_since=pl.col("key").replace_strict(since, default=None))
            self._add(out, name, kept)

    def _bury(self, before: Path, out: Path, ended: Mapping[str, Fate], gone: list[str]) -> None:
        """Tombstones of the records that are gone by now, and those of earlier."""
        earlier = self._scan(before, TOMBSTONES)
        stones = [] if earlier is None else [earlier.filter(pl.col("record").is_in(gone)).collect()]
        stones += [self._stones(before, name, kind, ended) for name, kind in self._kinds() if ended]
        whole = pl.concat([self._shaped(TOMBSTONES, stone) for stone in stones]) if stones else None
        if whole is not None:
            whole = whole.unique(["kind", "key"], keep="first", maintain_order=True)
            for name, kind in self._kinds():  # what another record gives is not gone
                alive = self._scan(out, name)
                if alive is not None and (keys := whole.filter(pl.col("kind") == kind)["key"].to_list()):
                    there = alive.filter(pl.col("key").is_in(keys)).select("key").collect()["key"].to_list()
                    whole = whole.filter((pl.col("kind") != kind) | ~pl.col("key").is_in(there))
            self._add(out, TOMBSTONES, whole)
        records = self._scan(before, "record")
        if records is not None and (ended or gone):
            self._add(out, "record", records.filter(pl.col("key").is_in(gone)).collect())
            self._add(out, "record", self._ended_records(records, ended))

    def _ended_records(self, records: pl.LazyFrame, ended: Mapping[str, Fate]) -> pl.DataFrame:
        rows = records.filter(pl.col("key").is_in(list(ended))).collect()

        def of(name: str) -> pl.Expr:
            values = {record: getattr(fate, name) for record, fate in ended.items()}
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

    def _stones(self, before: Path, name: str, kind: str, ended: Mapping[str, Fate]) -> pl.DataFrame:
        """Tombstones of what the ended records gave in one table.

        What is named by an official number does not end because a registry no longer lists it: it keeps its label
        and its record, and only the record has an end.
        """
        rows = self._scan(before, name)
        if rows is None:
            return pl.DataFrame(schema=self.tables[TOMBSTONES].schema)
        found = rows.filter(pl.col("record").is_in(list(ended))).collect()
        stones = []
        for row in found.iter_rows(named=True):
            fate, own = ended[row["record"]], row["key"].startswith(row["record"])
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
        return pl.DataFrame(stones, schema=self.tables[TOMBSTONES].schema)

    def _there(self, name: str, key: str | None) -> bool:
        rows = self._scan(self.rows, name)
        if key is None or rows is None:
            return False
        return not rows.filter(pl.col("key") == key).head(1).collect().is_empty()

    def _kinds(self) -> Iterator[tuple[str, str]]:
        """Tables whose rows are entities of their own, and the part of the IRI that says which."""
        start = f"{BASE}id/"
        for one in self.mapping.maps:
            head, *tail = one.subject.texts
            whole = one.subject.columns == ("key",) and tail == [""] and head.startswith(start)
            if whole and one.table not in ("record", TOMBSTONES):
                yield one.table, head.removeprefix(start).rstrip("/")

    # files ---------------------------------------------------------------------------------------

    @staticmethod
    def _scan(folder: Path | None, table: str) -> pl.LazyFrame | None:
        parts = sorted((folder / table).glob("*.parquet")) if folder else []
        return pl.scan_parquet(parts, missing_columns="insert", extra_columns="ignore") if parts else None

    def _shaped(self, table: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with today's columns of their table: those of an earlier version may have had others."""
        schema = self.tables[table].schema
        there = [pl.col(name) if name in rows.columns else pl.lit(None).alias(name) for name in schema]
        return rows.select(there).cast(dict(schema))  # type: ignore[arg-type]

    def _add(self, out: Path, table: str, rows: pl.DataFrame) -> None:
        if rows.is_empty():
            return
        path, shaped = out / table / CARRIED, self._shaped(table, rows)
        path.parent.mkdir(exist_ok=True)
        if path.exists():
            shaped = pl.concat([pl.read_parquet(path), shaped])
        shaped.write_parquet(path)

    def _account(self, out: Path, missing: int, gone: int) -> None:
        account = replace(Account.load(self.rows / "account.json"), missing=missing, gone=gone)
        account.write(out / "account.json")

    def _tell(self, out: Path, fates: Mapping[str, Fate]) -> None:
        told = [self._issue(record, fate) for record, fate in sorted(fates.items()) if fate.reason != "erased"]
        path = out / "issues.jsonl"
        shutil.copyfile(self.rows / "issues.jsonl", path)
        with path.open("a", encoding="utf-8") as log:
            log.writelines(f"{issue.as_json()}\n" for issue in told)

    def _issue(self, record: str, fate: Fate) -> Issue:
        names = {None: "record-missing", "id-changed": "record-replaced"}
        detail = {"since": fate.since[:10], "grace": str(self.source.card.grace), "by": fate.replaced_by or ""}
        code = names.get(fate.reason, "record-gone")
        return Issue(self.source.id, "presence", code, value=record.removeprefix(f"{self.source.id}-"), detail=detail)

    def _measure(
        self,
        out: Path,
        known: Statistics,
        now: pl.DataFrame,
        earlier: pl.DataFrame,
        appeared: int,
        lost: pl.DataFrame,
    ) -> None:
        """Statistics of what the files gave; hashes are compared where the same program and card made them."""
        rows, filled = statistics.counted(self.rows, self.tables)
        last = Statistics.load(self.before / "statistics.json") if self.before else None
        both = now.join(earlier, on="record") if last and last.making == known.making else now.head(0)
        changed = both.filter(pl.col("hash") != pl.col("hash_right")).height if both.height else 0
        replace(
            known,
            rows_in=dict(Account.load(self.rows / "account.json").rows_in),
            columns=statistics.columns(self.rows),
            rows=rows,
            filled=filled,
            identifiers=statistics.identifiers(self.rows, self.source, self.tables, filled),
            before=earlier.filter(pl.col("state") == "seen").height,
            appeared=appeared,
            changed=changed,
            vanished=lost.filter(pl.col("state") == "seen").height,
        ).write(out / "statistics.json")


def _link(rows: Path, out: Path) -> None:
    """The parts of the tables under another name: they are the same files, and cost nothing."""
    for part in sorted(rows.glob("*/*.parquet")):
        copy = out / part.relative_to(rows)
        copy.parent.mkdir(exist_ok=True)
        try:
            os.link(part, copy)
        except OSError:  # a file system without links
            shutil.copyfile(part, copy)


def _seen(now: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    first = earlier.select("record", "first_seen")
    return now.join(first, on="record", how="left").select(
        "record",
        "hash",
        pl.col("first_seen").fill_null(pl.col("seen")),
        pl.col("seen").alias("last_seen"),
        pl.lit(None, pl.String).alias("missing_since"),
        pl.lit("seen").alias("state"),
        pl.lit(None, pl.String).alias("reason"),
        pl.lit(None, pl.String).alias("replaced_by"),
    )


def _lost(lost: pl.DataFrame, fates: Mapping[str, Fate]) -> pl.DataFrame:
    def of(values: dict[str, str | None]) -> pl.Expr:
        return pl.col("record").replace_strict(values, default=None, return_dtype=pl.String)

    return lost.with_columns(
        missing_since=of({record: fate.since for record, fate in fates.items()}),
        state=of({record: "gone" if fate.reason else "missing" for record, fate in fates.items()}),
        reason=of({record: fate.reason for record, fate in fates.items()}),
        replaced_by=of({record: fate.replaced_by for record, fate in fates.items()}),
    )
