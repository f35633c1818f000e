"""The guards stage of one source: its folder under the fingerprint of what it looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from clirld import issues, stages
from clirld.card.source import Source
from clirld.guards import checks, unpublished
from clirld.guards.checks import Clock
from clirld.issues import Issue
from clirld.records.accounts import Account
from clirld.records.reasons import Bilingual
from clirld.records.statistics import Statistics
from clirld.settings import Settings


def check_guards(
    source: Source,
    records: Path,
    validated: Path,
    published: Path | None,
    settings: Settings,
    shapes: Mapping[str, Bilingual],
    clock: Clock | None,
    *,
    sample: bool,
) -> tuple[Path, bool]:
    """The folder with the findings against the card and the last good harvest; and whether it was there already.

    `records` and `published` hold the tables of now and of the last good harvest; `shapes`, by name, say why records
    are held. `clock` says when the source was asked, None for a first harvest. Of a sample only the clock is looked
    at: it is too small for shares to mean anything.
    """
    clock_findings = checks.check_clock(source.card, clock) if clock else []
    name = stages.fingerprint(
        records.name,
        validated.name,
        published.name if published else "",
        stages.program_fingerprint(),
        *map(checks.fingerprint, clock_findings),
    )

    def work(out: Path) -> None:
        now = Statistics.load(records / "statistics.json") or Statistics()
        before = Statistics.load(published / "statistics.json") if published else None
        share = unpublished.share(source.card, Account.load(validated / "account.json"), shapes)
        found = checks.check(source.card, now, before, share)
        found += checks.check_persons(source.card, _of_columns(records / "issues.jsonl"))
        issues.write(clock_findings + ([] if sample else found), out / "issues.jsonl")

    return stages.run_stage(settings.data / "guards" / source.id, name, work)


def _of_columns(path: Path) -> Iterator[Issue]:
    """What was noticed of columns that seem to hold persons: the lines of others are not parsed."""
    code = checks.PERSONAL_COLUMN.encode()
    with path.open("rb") as lines:
        yield from (issues.from_json(line) for line in lines if code in line)
