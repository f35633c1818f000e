"""The account of a source's rows: rows in = published + held + dropped, by distribution and reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from clirld.errors import RecordsError
from clirld.values.personal_data import without_personal_data


@dataclass(frozen=True, slots=True)
class ExcludedRow:
    """A source row that is not published.

    `outcome` is `held` or `dropped`; `identifier` is the source's, if known. `listed` is false for the rows that a
    source's own function has no use for: they are counted by reason, and not described one by one.
    """

    distribution: str
    row: int
    reason: str
    identifier: str = ""
    outcome: str = "dropped"
    listed: bool = True


@dataclass(slots=True)
class Account:
    """Rows of one harvest of a source. Before validation everything made counts as published.

    `missing` and `gone` are records that the file no longer has, counted beside its rows (`clirld.presence`).
    """

    source: str
    rows_in: Counter[str] = field(default_factory=Counter)
    rows_made: Counter[str] = field(default_factory=Counter)
    excluded: list[ExcludedRow] = field(default_factory=list)
    missing: int = 0
    gone: int = 0

    def count_read(self, distribution: str, count: int = 1) -> None:
        """Count rows read."""
        self.rows_in[distribution] += count

    def count_made(self, distribution: str, count: int = 1) -> None:
        """Count rows that made something."""
        self.rows_made[distribution] += count

    def exclude(self, row: ExcludedRow) -> None:
        """Note a row that is not published."""
        self.excluded.append(row)

    def with_held(self, rows: Iterable[ExcludedRow]) -> Account:
        """The account once `rows`, made so far, are held back; a row of which one record is held counts as held."""
        held = list(rows)
        rows_made = Counter(self.rows_made)
        # A set of rows, since several records of one row may be held: it counted once as made.
        rows_made.subtract(distribution for distribution, _row in {(row.distribution, row.row) for row in held})
        return replace(self, rows_made=rows_made, excluded=[*self.excluded, *held])

    def check_balance(self) -> None:
        """Raises RecordsError where a row is lost: that is a fault of the program or of a records.py."""
        excluded = Counter(row.distribution for row in self._distinct_rows())
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
        return {
            **self._counts(None),
            "missing": self.missing,
            "gone": self.gone,
            "distributions": {name: self._counts(name) for name in self.rows_in},
        }

    def _distinct_rows(self) -> list[ExcludedRow]:
        """The rows left out, with their first reason: several records of one row may be held."""
        rows: dict[tuple[str, int], ExcludedRow] = {}
        for row in self.excluded:
            rows.setdefault((row.distribution, row.row), row)
        return list(rows.values())

    def _counts(self, distribution: str | None) -> dict[str, Any]:
        rows = [row for row in self._distinct_rows() if distribution in (None, row.distribution)]
        by_outcome = {
            outcome: Counter(row.reason for row in rows if row.outcome == outcome) for outcome in ("held", "dropped")
        }
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
                data.get("missing", 0),
                data.get("gone", 0),
            )
        except (ValueError, KeyError, TypeError) as problem:
            do = "delete its folder and run the source again"
            raise RecordsError(f"this account is damaged: {problem!r}", where=str(path), do=do) from problem


def held_record_keys(path: Path) -> list[str]:
    """The records held back in `held.jsonl`."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)["record"] for line in lines]


def held_rows(records: Path, path: Path) -> list[ExcludedRow]:
    """The source rows of the records held back in `held.jsonl`, from the records stage's output.

    A record with several violations is one row, with its first reason.
    """
    reasons: dict[str, str] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            held = json.loads(line)
            reasons.setdefault(held["record"], held["reason"])
    if not reasons:
        return []
    rows = pl.scan_parquet(records / "record" / "*.parquet").filter(pl.col("key").is_in(list(reasons)))
    if "missing_since" in rows.collect_schema():  # what is carried over is of no row of this file
        rows = rows.filter(pl.col("missing_since").is_null() & pl.col("ended").is_null())
    selected = rows.select("key", "distribution", "row", "identifier").collect()
    return [
        ExcludedRow(distribution, row, reasons[key], identifier, "held")
        for key, distribution, row, identifier in selected.iter_rows()
    ]
