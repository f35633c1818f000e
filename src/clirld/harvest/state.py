"""What a data folder says of the last harvest of each source, without its card: for whoever watches over it.

in: `harvests/` of the data folder; out: when each source was last asked, why its last try failed, what the guards keep
back. A folder without `harvests/` (a copy that only serves) says nothing, and is no error.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

PERIODS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "QUARTERLY": 92, "ANNUAL_2": 184, "ANNUAL": 366, "IRREG": 31}
"""Frequency, by its code in the EU authority table → days between two harvests, as pipelines/deployments.py plans them.

What never changes (NEVER) is not asked again.
"""


@dataclass(frozen=True, slots=True)
class SourceState:
    """The last harvest of a source. Empty where nothing is known."""

    source: str
    checked: datetime | None = None
    """When it was last asked and had what is published."""
    failed: datetime | None = None
    """When its last try failed; None where it did not."""
    stage: str = ""
    """The stage at which it failed."""
    guards: Mapping[str, int] = field(default_factory=dict)
    """Code of a finding → how many of it keep the last harvest back."""


def states(data: Path) -> dict[str, SourceState]:
    """The state of each source that was ever harvested, by its id. A file that cannot be read says nothing."""
    folder = data / "harvests"
    names = {path.name.partition(".")[0] for path in folder.glob("[!.]*.json")}
    return {name: _state(data, name) for name in sorted(names)}


def due(frequency: str) -> timedelta | None:
    """How long after it was asked a source is late: a quarter more than its period, at least two days more.

    None for a frequency (an EU code) by which it is never late.
    """
    days = PERIODS.get(frequency)
    return timedelta(days=days + max(2, days / 4)) if days else None


def late_since(state: SourceState, frequency: str, now: datetime) -> datetime | None:
    """By when a source should have been asked again, where that is over; None where it is not late, or not known."""
    wait = due(frequency)
    if wait is None or state.checked is None or now - state.checked <= wait:
        return None
    return state.checked + wait


def _state(data: Path, source: str) -> SourceState:
    folder = data / "harvests"
    good = _read(folder / f"{source}.json") or _read(folder / f"{source}.copy.json")
    failed = _read(folder / f"{source}.failed.json")
    refused = _read(folder / f"{source}.refused.json")
    return SourceState(
        source,
        checked=moment(good.get("checked")),
        failed=moment(failed.get("when")),
        stage=str(failed.get("stage") or ""),
        guards=_findings(data / str(refused["guards"]) / "issues.jsonl") if "guards" in refused else {},
    )


def _findings(path: Path) -> Mapping[str, int]:
    try:
        issues = [json.loads(line) for line in path.read_bytes().splitlines()]
        return Counter(str(issue["code"]) for issue in issues if issue["severity"] == "error")
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def moment(text: object) -> datetime | None:
    """A time of ISO 8601 with its zone; None for anything else."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None
