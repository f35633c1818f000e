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
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from clirld.card.source import Source
from clirld.issues import Issue
from clirld.map.yarrrml import RdfMapping
from clirld.presence.successors import successors
from clirld.presence.tombstones import ENDED_TABLE, Disappearance, Tombstones
from clirld.records import erasure, statistics
from clirld.records.accounts import Account
from clirld.records.carried import append_rows, scan_table
from clirld.records.entities import local_key
from clirld.records.erasure import Erasures
from clirld.records.statistics import Statistics
from clirld.vocabulary.tables import Tables

STATE_FILE = "presence.parquet"

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


def expired(before: Path, grace: int, checked: str) -> list[str]:
    """The missing records of `before` whose grace has run out by the date `checked`."""
    state = pl.read_parquet(before / STATE_FILE).filter(pl.col("state") == "missing")
    return [
        record for record, since in state.select("record", "missing_since").iter_rows() if _over(since, grace, checked)
    ]


def _over(since: str, grace: int, checked: str) -> bool:
    return datetime.fromisoformat(since) + timedelta(days=grace) <= datetime.fromisoformat(checked)


@dataclass(frozen=True, slots=True)
class PresenceTracker:
    """Follows the records of one source. `rows` is the output of the records stage, `before` what was published.

    `held` are records that were held back then. `observed` is the date of the snapshot, `checked` when the source was
    last asked: both ISO 8601 in UTC.
    """

    source: Source
    tables: Tables
    mapping: RdfMapping
    rows: Path
    before: Path | None
    observed: str
    checked: str
    erasures: Erasures | None = None
    held: Collection[str] = ()

    def make(self, out: Path, known: Statistics) -> None:
        """Write the files of the stage into `out`; `known` are the statistics that are not of the tables."""
        _link(self.rows, out)
        now = statistics.hash_records(self.rows, self.tables)
        dates = scan_table(self.rows, "record")
        nothing = pl.DataFrame(schema={"record": pl.String(), "seen": pl.String()})  # all rows were left out
        seen = nothing if dates is None else dates.select(record="key", seen="retrieved").collect()
        now = now.join(seen, on="record")
        earlier = pl.DataFrame(schema=_SCHEMA) if self.before is None else pl.read_parquet(self.before / STATE_FILE)
        lost = earlier.filter(pl.col("state") != "gone").join(now, on="record", how="anti")
        lost = lost.filter(~pl.col("record").is_in(list(self.held)))  # never published: nothing of it stays
        gone = earlier.filter(pl.col("state") == "gone").join(now, on="record", how="anti")
        appeared = now.join(earlier.filter(pl.col("state") != "gone"), on="record", how="anti")
        fates = self._fates(lost, appeared)
        missing = {record: fate for record, fate in fates.items() if fate.reason is None}
        ended = {record: fate for record, fate in fates.items() if fate.reason is not None}
        if self.before:
            self._carry(self.before, out, missing)
            stones = Tombstones(self.tables, self.mapping, self.before, self.rows, ended)
            stones.write(out, gone["record"].to_list(), self._erased())
        state = pl.concat([_seen(now, earlier), _lost(lost, fates), gone])
        state.select(_SCHEMA.names()).cast(_SCHEMA).sort("record").write_parquet(out / STATE_FILE)
        self._account(out, len(missing), len(ended) + gone.height)
        self._tell(out, fates)
        self._measure(out, known, now, earlier, appeared.height, lost)

    # fates ---------------------------------------------------------------------------------------

    def _fates(self, lost: pl.DataFrame, appeared: pl.DataFrame) -> dict[str, Disappearance]:
        """What becomes of each record that was published and is not there now."""
        if lost.is_empty() or self.before is None:
            return {}
        just = lost.filter(pl.col("state") == "seen")["record"].to_list()
        followed = successors(self.before, just, self.rows, appeared["record"].to_list())
        withdrawn = self._withdrawn()
        erased = self._erased()
        fates = {}
        for record, since, last_seen in lost.select("record", "missing_since", "last_seen").iter_rows():
            since = since or max(self.observed, last_seen)
            if record in erased:
                fates[record] = Disappearance(since, "erased")
            elif record in withdrawn:
                fates[record] = Disappearance(since, "withdrawn")
            elif record in followed:
                fates[record] = Disappearance(since, "id-changed", followed[record])
            elif _over(since, self.source.card.grace, self.checked):
                fates[record] = Disappearance(since, "no-longer-at-source")
            else:
                fates[record] = Disappearance(since)
        return fates

    def _withdrawn(self) -> set[str]:
        """Records that the source has and the card leaves out on purpose."""
        return {
            f"{self.source.id}-{local_key(row.identifier)}"
            for row in Account.load(self.rows / "account.json").excluded
            if row.identifier and not row.reason.startswith(_UNUSABLE)
        }

    def _erased(self) -> set[str]:
        """What was published before and is to be left out for ever, those that are gone already included."""
        return erasure.erased_records(self.before, self.erasures) if self.erasures and self.before else set()

    # rows of earlier -----------------------------------------------------------------------------

    def _carry(self, before: Path, out: Path, missing: Mapping[str, Disappearance]) -> None:
        """The last rows of missing records, marked."""
        for name in self.tables if missing else ():
            rows = scan_table(before, name)
            if rows is None or name == ENDED_TABLE:
                continue
            kept = rows.filter(pl.col("record").is_in(list(missing))).collect()
            if name == "record":
                since = {record: fate.since for record, fate in missing.items()}
                kept = kept.with_columns(missing_since=pl.col("key").replace_strict(since, default=None))
            append_rows(out, self.tables[name], kept)

    # files ---------------------------------------------------------------------------------------

    def _account(self, out: Path, missing: int, gone: int) -> None:
        account = replace(Account.load(self.rows / "account.json"), missing=missing, gone=gone)
        account.write(out / "account.json")

    def _tell(self, out: Path, fates: Mapping[str, Disappearance]) -> None:
        told = [self._issue(record, fate) for record, fate in sorted(fates.items()) if fate.reason != "erased"]
        path = out / "issues.jsonl"
        shutil.copyfile(self.rows / "issues.jsonl", path)
        with path.open("a", encoding="utf-8") as log:
            log.writelines(f"{issue.as_json()}\n" for issue in told)

    def _issue(self, record: str, fate: Disappearance) -> Issue:
        detail = {"since": fate.since[:10], "grace": str(self.source.card.grace), "by": fate.replaced_by or ""}
        names = {None: "record-missing", "id-changed": "record-replaced"}
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
        rows, filled = statistics.count_cells(self.rows, self.tables)
        last = Statistics.load(self.before / "statistics.json") if self.before else None
        both = (
            now.join(earlier, on="record")
            if last and last.program_fingerprint == known.program_fingerprint
            else now.head(0)
        )
        changed = both.filter(pl.col("hash") != pl.col("hash_right")).height if both.height else 0
        replace(
            known,
            rows_in=dict(Account.load(self.rows / "account.json").rows_in),
            columns=statistics.columns_by_distribution(self.rows),
            rows=rows,
            filled=filled,
            identifiers=statistics.count_identifiers(self.rows, self.source, self.tables, filled),
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


def _lost(lost: pl.DataFrame, fates: Mapping[str, Disappearance]) -> pl.DataFrame:
    def of(values: dict[str, str | None]) -> pl.Expr:
        return pl.col("record").replace_strict(values, default=None, return_dtype=pl.String)

    return lost.with_columns(
        missing_since=of({record: fate.since for record, fate in fates.items()}),
        state=of({record: "gone" if fate.reason else "missing" for record, fate in fates.items()}),
        reason=of({record: fate.reason for record, fate in fates.items()}),
        replaced_by=of({record: fate.replaced_by for record, fate in fates.items()}),
    )
