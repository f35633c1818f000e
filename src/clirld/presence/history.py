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
from clirld.presence import screening
from clirld.presence.screening import Screen
from clirld.presence.successors import successors
from clirld.presence.tombstones import ENDED_TABLE, Disappearance, Hidden, Tombstones
from clirld.records import merge_rows, statistics
from clirld.records.accounts import Account
from clirld.records.erasure import matching
from clirld.records.erasure.matching import Erasures
from clirld.records.statistics import Statistics
from clirld.records.table_files import append_rows, scan_table, tables_of, withdrawn_records
from clirld.values.persons.identifiers import local_key
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
_UNUSABLE_ROW_REASONS = ("missing-", "duplicate-identifier", "ragged")
"""Reasons for which a row is left out that are no decision of the card."""


def expired_records(before: Path, grace: int, checked: str) -> list[str]:
    """The missing records of `before` whose grace has run out by the date `checked`."""
    state = pl.read_parquet(before / STATE_FILE).filter(pl.col("state") == "missing")
    return [
        record
        for record, since in state.select("record", "missing_since").iter_rows()
        if _grace_is_over(since, grace, checked)
    ]


def _grace_is_over(since: str, grace: int, checked: str) -> bool:
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

    def write(self, out: Path, base: Statistics) -> None:
        """Write the files of the stage into `out`; `base` are the statistics that are not of the tables."""
        _link_parts(self.rows, out)
        current = statistics.hash_records(self.rows, self.tables)
        counts = statistics.count_cells(self.rows, self.tables)
        states = pl.LazyFrame(schema=_SCHEMA) if self.before is None else pl.scan_parquet(self.before / STATE_FILE)
        # Of the records that are still there, most of them, only what is compared.
        earlier = states.select("record", "hash", "first_seen", "state").collect()
        not_there = states.join(current.lazy().select("record"), on="record", how="anti").sort("record").collect()
        absent = not_there.filter(pl.col("state") != "gone")
        absent = absent.filter(~pl.col("record").is_in(list(self.held)))  # never published: nothing of it stays
        vanished = absent.filter(pl.col("state") == "seen").height
        # What may not be named leaves no trace: a tombstone would tell for ever who was withdrawn.
        hidden = self._hidden(self._unnameable(not_there["record"]))
        is_unnamed = pl.col("record").is_in(list(hidden.unnamed))
        absent = absent.filter(~is_unnamed)
        already_gone = not_there.filter((pl.col("state") == "gone") & ~is_unnamed)
        appeared = current.join(earlier.filter(pl.col("state") != "gone"), on="record", how="anti")
        screen = Screen.of(self.source, self.tables, self._mapped_before(), counts[1])
        records_told = [*absent["record"], *already_gone["record"]]
        screened = screening.screened_rows(self.before, self.tables, records_told, screen)
        complete = screening.complete_rows(screened, self.tables, self._published_today)
        disappearances = self._disappearances(absent, appeared, hidden, self._emptied(screened, complete))
        missing = {
            record: disappearance for record, disappearance in disappearances.items() if disappearance.reason is None
        }
        ended = {
            record: disappearance
            for record, disappearance in disappearances.items()
            if disappearance.reason is not None
        }
        if self.before:
            self._carry_over(complete, out, missing)
            tombstones = Tombstones(self.tables, self.mapping, screened, self.rows, ended, hidden, screen)
            tombstones.write(out, dict(already_gone.select("record", "replaced_by").iter_rows()))
        if missing:  # what a missing record last said of an entity gives way to what the file says of it today
            merge_rows.settle(out, self.tables, {})
        no_longer = pl.concat([_absent_states(absent, disappearances), already_gone.select(_SCHEMA.names())])
        state = pl.concat([_present_states(current, earlier), _hide(no_longer, hidden)])
        state.select(_SCHEMA.names()).cast(_SCHEMA).sort("record").write_parquet(out / STATE_FILE)
        self._write_account(out, len(missing), len(ended) + already_gone.height)
        self._write_issues(out, disappearances)
        self._write_statistics(out, base, counts, current, earlier, appeared.height, vanished)

    # fates ---------------------------------------------------------------------------------------

    def _disappearances(
        self, absent: pl.DataFrame, appeared: pl.DataFrame, hidden: Hidden, emptied: Collection[str]
    ) -> dict[str, Disappearance]:
        """What becomes of each record that was published and is not there now.

        Of the `emptied`, too little may still be published to make anything.
        """
        if absent.is_empty() or self.before is None:
            return {}
        newly_absent = absent.filter(pl.col("state") == "seen")["record"].to_list()
        replacements = successors(self.before, newly_absent, self.rows, appeared["record"].to_list())
        withdrawn = self._withdrawn_records()
        disappearances = {}
        for record, since, last_seen in absent.select("record", "missing_since", "last_seen").iter_rows():
            # No record is missing before it was last seen.
            since = since or max(self.observed, last_seen)
            if record in hidden.erased:  # before all others: no issue may name it
                disappearances[record] = Disappearance(since, "erased")
            elif record in withdrawn or (record in emptied and record not in replacements):
                disappearances[record] = Disappearance(since, "withdrawn")
            elif record in replacements:
                disappearances[record] = Disappearance(since, "id-changed", replacements[record])
            elif _grace_is_over(since, self.source.card.grace, self.checked):
                disappearances[record] = Disappearance(since, "no-longer-at-source")
            else:
                disappearances[record] = Disappearance(since)
        return disappearances

    def _withdrawn_records(self) -> set[str]:
        """Records that the source has, that the card leaves out on purpose, and that may be named."""
        return {
            f"{self.source.id}-{local_key(row.identifier)}"
            for row in Account.load(self.rows / "account.json").excluded
            if row.identifier and not row.reason.startswith(_UNUSABLE_ROW_REASONS)
        }

    def _hidden(self, withdrawn: set[str]) -> Hidden:
        """What no tombstone may name; those that are gone already included."""
        if not self.erasures or not self.before:
            return Hidden((), withdrawn, str)
        before = tables_of(self.before)
        erased = matching.erased_records(before, self.erasures)
        # One that looks like an erased record is held until a person has looked: till then nothing stays of it.
        unnamed = withdrawn | matching.suspected_records(before, self.erasures)
        return Hidden(erased, unnamed - erased, self.erasures.opaque)

    # rows of earlier -----------------------------------------------------------------------------

    def _unnameable(self, records: Collection[str]) -> set[str]:
        """Those of some records that nothing may name: withdrawn by hand, or by an identifier that names a person."""
        withdrawn = withdrawn_records(self.rows, records)
        published = scan_table(self.before, "record")
        if published is None:
            return withdrawn
        pairs = published.filter(pl.col("key").is_in(list(records))).select("key", "identifier").collect()
        return withdrawn | screening.names_somebody(pairs.iter_rows())

    def _mapped_before(self) -> Mapping[str, Collection[str]]:
        previous = Statistics.load(self.before / "statistics.json") if self.before else None
        return previous.mapped if previous else {}

    def _published_today(self, table: str, keys: Collection[str]) -> set[str]:
        rows = scan_table(self.rows, table)
        return set() if rows is None else set(rows.filter(pl.col("key").is_in(list(keys))).collect()["key"])

    def _emptied(self, screened: Mapping[str, pl.DataFrame], complete: Mapping[str, pl.DataFrame]) -> set[str]:
        """Records that may no longer give what their rows are there for."""
        primary = [name for name in screened if name in {rows.table for rows in self.source.card.records}]
        return {record for name in primary for record in screened[name]["record"]} - {
            record for name in primary for record in complete[name]["record"]
        }

    def _carry_over(self, earlier: Mapping[str, pl.DataFrame], out: Path, missing: Mapping[str, Disappearance]) -> None:
        """The last rows of missing records, marked, as far as they may still be published."""
        for name, rows in earlier.items() if missing else ():
            if name == ENDED_TABLE:
                continue
            carried = rows.filter(pl.col("record").is_in(list(missing)))
            if name == "record":
                since = {record: disappearance.since for record, disappearance in missing.items()}
                carried = carried.with_columns(missing_since=pl.col("key").replace_strict(since, default=None))
            append_rows(out, self.tables[name], carried)

    # files ---------------------------------------------------------------------------------------

    def _write_account(self, out: Path, missing: int, gone: int) -> None:
        account = replace(Account.load(self.rows / "account.json"), missing=missing, gone=gone)
        account.write(out / "account.json")

    def _write_issues(self, out: Path, disappearances: Mapping[str, Disappearance]) -> None:
        issues = [
            self._issue(record, disappearance)
            for record, disappearance in sorted(disappearances.items())
            if disappearance.reason != "erased"
        ]
        issues += screening.columns_no_longer_published(self.source, self.tables, self._mapped_before())
        path = out / "issues.jsonl"
        shutil.copyfile(self.rows / "issues.jsonl", path)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{issue.as_json()}\n" for issue in issues)

    def _issue(self, record: str, disappearance: Disappearance) -> Issue:
        since, grace = disappearance.since[:10], str(self.source.card.grace)
        detail = {"since": since, "grace": grace, "by": disappearance.replaced_by or ""}
        codes = {None: "record-missing", "id-changed": "record-replaced"}
        code = codes.get(disappearance.reason, "record-gone")
        return Issue(self.source.id, "presence", code, value=record.removeprefix(f"{self.source.id}-"), detail=detail)

    def _write_statistics(
        self,
        out: Path,
        base: Statistics,
        counts: tuple[dict[str, int], dict[str, int]],
        current: pl.DataFrame,
        earlier: pl.DataFrame,
        appeared: int,
        vanished: int,
    ) -> None:
        """Statistics of what the files gave; hashes are compared where the same program and card made them."""
        rows, filled = counts
        previous = Statistics.load(self.before / "statistics.json") if self.before else None
        # Polars gives columns that both tables have a suffix: hash_right is the earlier one.
        in_both = (
            current.select("record", "hash").join(earlier.select("record", "hash"), on="record")
            if previous and previous.program_fingerprint == base.program_fingerprint
            else current.head(0)
        )
        changed = in_both.filter(pl.col("hash") != pl.col("hash_right")).height if in_both.height else 0
        replace(
            base,
            rows_in=dict(Account.load(self.rows / "account.json").rows_in),
            columns=statistics.columns_by_distribution(self.rows),
            mapped=screening.mapped_columns(self.source),
            rows=rows,
            filled=filled,
            identifiers=statistics.count_identifiers(self.rows, self.source, self.tables, filled),
            before=earlier.filter(pl.col("state") == "seen").height,
            appeared=appeared,
            changed=changed,
            vanished=vanished,
        ).write(out / "statistics.json")


def _hide(state: pl.DataFrame, hidden: Hidden) -> pl.DataFrame:
    """What is known of records that are not there, as far as it may be."""
    if not hidden.erased and not hidden.unnamed:
        return state
    is_erased = pl.col("record").is_in(list(hidden.erased))
    return state.with_columns(
        record=pl.Series([hidden.record(key) for key in state["record"]], dtype=pl.String),
        hash=pl.when(is_erased).then(None).otherwise("hash"),
        reason=pl.when(is_erased).then(pl.lit("erased")).otherwise("reason"),
        replaced_by=pl.when(is_erased)
        .then(None)
        .otherwise(pl.Series([hidden.successor(key, key) for key in state["replaced_by"]], dtype=pl.String)),
    )


def relink_parts(rows: Path, out: Path, names: Collection[str]) -> None:
    """Put the parts of `rows` in the place of those in `out` that have these names."""
    for part in _parts(rows):
        if part.relative_to(rows).as_posix() in names:
            (out / part.relative_to(rows)).unlink(missing_ok=True)
    _link_parts(rows, out)


def _parts(rows: Path) -> list[Path]:
    return sorted(rows.glob("*/*.parquet"))


def _link_parts(rows: Path, out: Path) -> None:
    """The parts of the tables under another name: they are the same files, and cost nothing."""
    for part in _parts(rows):
        copy = out / part.relative_to(rows)
        if copy.exists():
            continue
        copy.parent.mkdir(exist_ok=True)
        try:
            os.link(part, copy)
        except OSError:  # a file system without links
            shutil.copyfile(part, copy)


def _present_states(current: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    first = earlier.select("record", "first_seen")
    return current.join(first, on="record", how="left").select(
        "record",
        "hash",
        pl.col("first_seen").fill_null(pl.col("seen")),
        pl.col("seen").alias("last_seen"),
        pl.lit(None, pl.String).alias("missing_since"),
        pl.lit("seen").alias("state"),
        pl.lit(None, pl.String).alias("reason"),
        pl.lit(None, pl.String).alias("replaced_by"),
    )


def _absent_states(absent: pl.DataFrame, disappearances: Mapping[str, Disappearance]) -> pl.DataFrame:
    def by_record(values: dict[str, str | None]) -> pl.Expr:
        return pl.col("record").replace_strict(values, default=None, return_dtype=pl.String)

    return absent.with_columns(
        missing_since=by_record({record: disappearance.since for record, disappearance in disappearances.items()}),
        state=by_record(
            {record: "gone" if disappearance.reason else "missing" for record, disappearance in disappearances.items()}
        ),
        reason=by_record({record: disappearance.reason for record, disappearance in disappearances.items()}),
        replaced_by=by_record({record: disappearance.replaced_by for record, disappearance in disappearances.items()}),
    )
