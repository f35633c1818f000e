"""The account of a source's rows: rows in = published + held + dropped, by distribution and reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from clirld.errors import RecordsError
from clirld.records import reasons
from clirld.values.personal_data import without_personal_data


@dataclass(frozen=True, slots=True)
class ExcludedRow:
    """A source row that is not published, and named: `outcome` is `held` or `dropped`; `identifier` the source's."""

    distribution: str
    row: int
    reason: str
    identifier: str = ""
    outcome: str = "dropped"


class CountedRows(NamedTuple):
    """Rows that are not published and only counted: nothing tells which they are."""

    distribution: str
    reason: str
    outcome: str = "dropped"


@dataclass(slots=True)
class Account:
    """Rows of one harvest of a source. Before validation everything made counts as published.

    `excluded` are named, `counted` are not (`clirld.records.reasons.is_listed`). `missing` and `gone` are records that
    the file no longer has, counted beside its rows (`clirld.presence`).
    """

    source: str
    rows_in: Counter[str] = field(default_factory=Counter)
    rows_made: Counter[str] = field(default_factory=Counter)
    excluded: list[ExcludedRow] = field(default_factory=list)
    counted: Counter[CountedRows] = field(default_factory=Counter)
    missing: int = 0
    gone: int = 0

    def count_read(self, distribution: str, count: int = 1) -> None:
        """Count rows read."""
        self.rows_in[distribution] += count

    def count_made(self, distribution: str, count: int = 1) -> None:
        """Count rows that made something."""
        self.rows_made[distribution] += count

    def exclude(self, row: ExcludedRow, *, listed: bool = False) -> None:
        """Note a row that is not published; it is named only where its reason allows it, or a card (`listed`)."""
        if listed or reasons.is_listed(row.reason):
            self.excluded.append(row)
        else:
            self.count_excluded(CountedRows(row.distribution, row.reason, row.outcome))

    def count_excluded(self, row: CountedRows) -> None:
        """Count a row that is not published and not named."""
        self.counted[row] += 1

    def with_held(self, rows: Iterable[ExcludedRow]) -> Account:
        """The account once `rows`, made so far, are held back; a row of which one record is held counts as held.

        Where one of several records of a row may not be named, the row is not.
        """
        held: dict[tuple[str, int], list[ExcludedRow]] = {}
        for row in rows:
            held.setdefault((row.distribution, row.row), []).append(row)
        rows_made = Counter(self.rows_made)
        # By row, since several records of one may be held: it counted once as made.
        rows_made.subtract(distribution for distribution, _row in held)
        after = replace(self, rows_made=rows_made, excluded=list(self.excluded), counted=Counter(self.counted))
        for of_row in held.values():
            unnamed = next((row for row in of_row if not reasons.is_listed(row.reason)), None)
            for row in [unnamed] if unnamed else of_row:
                after.exclude(row)
        return after

    def counts(self) -> Counter[CountedRows]:
        """All rows that are not published, by distribution, reason and outcome."""
        listed = Counter(CountedRows(row.distribution, row.reason, row.outcome) for row in self._distinct_rows())
        return listed + self.counted

    def check_balance(self) -> None:
        """Raises RecordsError where a row is lost: that is a fault of the program or of a records.py."""
        excluded: Counter[str] = Counter()
        for rows, count in self.counts().items():
            excluded[rows.distribution] += count
        for distribution, rows_in in self.rows_in.items():
            rows_made, left_out = self.rows_made[distribution], excluded[distribution]
            if rows_in != rows_made + left_out:
                raise RecordsError(
                    f"{rows_in} rows in, but {rows_made} made and {left_out} left out",
                    where=f"source {self.source}, distribution {distribution}",
                    do="report this: every row must be accounted for",
                )

    def summary(self) -> dict[str, Any]:
        """Counts for a report: in, published, held and dropped, in all, by reason and by distribution."""
        counts = self.counts()
        return {
            **self._summary_of(None, counts),
            "missing": self.missing,
            "gone": self.gone,
            "distributions": {name: self._summary_of(name, counts) for name in self.rows_in},
        }

    def _distinct_rows(self) -> list[ExcludedRow]:
        """The rows named, with their first reason: several records of one row may be held."""
        rows: dict[tuple[str, int], ExcludedRow] = {}
        for row in self.excluded:
            rows.setdefault((row.distribution, row.row), row)
        return list(rows.values())

    def _summary_of(self, distribution: str | None, counts: Mapping[CountedRows, int]) -> dict[str, Any]:
        by_outcome: dict[str, Counter[str]] = {"held": Counter(), "dropped": Counter()}
        for rows, count in counts.items():
            if distribution in (None, rows.distribution):
                by_outcome[rows.outcome][rows.reason] += count
        return {
            "rows_in": self.rows_in.total() if distribution is None else self.rows_in[distribution],
            "published": self.rows_made.total() if distribution is None else self.rows_made[distribution],
            "held": by_outcome["held"].total(),
            "dropped": by_outcome["dropped"].total(),
            "reasons": {name: dict(sorted(counts.items())) for name, counts in by_outcome.items()},
        }

    def write(self, path: Path) -> None:
        """Write the account as JSON."""
        data = {
            "source": self.source,
            "rows_in": dict(self.rows_in),
            "rows_made": dict(self.rows_made),
            "left_out": [
                asdict(replace(row, identifier=without_personal_data(row.identifier))) for row in self.excluded
            ],
            "counted": [{**rows._asdict(), "count": count} for rows, count in sorted(self.counted.items())],
            "missing": self.missing,
            "gone": self.gone,
        }
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Account:
        """Read an account written by `write`. Raises RecordsError where it is damaged."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                data["source"],
                Counter(data["rows_in"]),
                Counter(data["rows_made"]),
                [ExcludedRow(**row) for row in data["left_out"]],
                Counter({CountedRows(**rows): count for rows, count in map(_without_count, data.get("counted", []))}),
                data.get("missing", 0),
                data.get("gone", 0),
            )
        except (ValueError, KeyError, TypeError) as problem:
            do = "delete its folder and run the source again"
            raise RecordsError(f"this account is damaged: {problem!r}", where=str(path), do=do) from problem


def _without_count(entry: Mapping[str, Any]) -> tuple[dict[str, str], int]:
    return {name: value for name, value in entry.items() if name != "count"}, entry["count"]


def held_record_keys(path: Path) -> list[str]:
    """The records held back in `held.jsonl`."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)["record"] for line in lines]


def held_rows(records: Path, path: Path) -> list[ExcludedRow]:
    """The source rows of the records held back in `held.jsonl`, from the records stage's output.

    A record with several violations is one row, with its first reason, or with one for which it may not be named.
    """
    return [
        ExcludedRow(distribution, row, reason, identifier, "held")
        for distribution, row, identifier, reason in _rows_of(records, _reasons_held(path))
    ]


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Records held back that may not be named: their keys, and the rows they are of, by distribution."""

    keys: frozenset[str] = frozenset()
    rows: frozenset[tuple[str, int]] = frozenset()


def unnamed(records: Path, path: Path) -> Unnamed:
    """Those of `held.jsonl`, whose rows are in the records stage's output."""
    held = {key: reason for key, reason in _reasons_held(path).items() if not reasons.is_listed(reason)}
    rows = frozenset((distribution, row) for distribution, row, _identifier, _reason in _rows_of(records, held))
    return Unnamed(frozenset(held), rows)


def _reasons_held(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            held = json.loads(line)
            found.setdefault(held["record"], held["reason"])
    return found


def _rows_of(records: Path, reasons_held: Mapping[str, str]) -> list[tuple[str, int, str, str]]:
    """Distribution, row, identifier and reason of records held back that are of a row of this file."""
    if not reasons_held:
        return []
    rows = pl.scan_parquet(records / "record" / "*.parquet").filter(pl.col("key").is_in(list(reasons_held)))
    if "missing_since" in rows.collect_schema():  # what is carried over is of no row of this file
        rows = rows.filter(pl.col("missing_since").is_null() & pl.col("ended").is_null())
    selected = rows.select("distribution", "row", "identifier", "key").collect()
    return [
        (distribution, row, identifier, reasons_held[key])
        for distribution, row, identifier, key in selected.iter_rows()
    ]
