"""What was noticed of a source, put together: its issues as they stand now, and the same ones in groups.

in: `harvests/<source>.json` and `.failed.json`, the stages' `issues.jsonl`; out: issues, or groups of them for a page,
a table or a Prefect artifact. A failure is the first issue of its source, so that one list says all there is to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clirld import issues
from clirld.harvest import outcome
from clirld.issues import Issue, Language, Severity
from clirld.project import Project
from clirld.records import reasons

_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}
_FAILED = issues.failure_issue({}).code
EXAMPLES = 5
"""Places shown of a group, each for another value."""


def of_source(project: Project, source: str) -> Iterator[Issue]:
    """The issues of the last try where it failed (its failure first), else those of the last good harvest."""
    if source in project.card_errors:
        error = project.card_errors[source]
        failure: dict[str, Any] | None = {
            "source": source,
            "stage": "card",
            "what": error.what,
            "where": error.where,
            "do": error.do,
        }
    else:
        failure = outcome.failure(project, source)
    good = outcome.last_good(project, source)
    folders = good.noticed if good else []
    if failure:
        yield issues.failure_issue(failure)
        # As far as the try came: what it had made of the rows says more than an earlier harvest.
        folders = [project.settings.data / folder for folder in failure.get("made", [])] or folders
    for folder in folders:
        yield from written(folder)


def written(folder: Path) -> Iterator[Issue]:
    """The issues that a stage wrote in its folder; none where it is gone."""
    path = folder / "issues.jsonl"
    if path.is_file():
        yield from issues.read(path)


@dataclass(slots=True)
class Group:
    """Issues of one code about one column or shape: how many, and the first place of some of the values."""

    first: Issue
    count: int
    examples: dict[str, tuple[Issue, int]]

    @property
    def more(self) -> int:
        """How many are not among the examples."""
        return self.count - sum(count for _first, count in self.examples.values())

    def as_data(self) -> dict[str, Any]:
        """The group as JSON: an issue's words, its number, and the examples."""
        first = self.first.as_data()
        return {
            **{name: first[name] for name in ("code", "severity", "stage", "advice")},
            "column": self.first.column,
            "count": self.count,
            "more": self.more,
            "examples": [
                {"message": one.as_data()["message"], "distribution": one.distribution, "row": one.row, "count": count}
                for one, count in self.examples.values()
            ],
        }


def grouped(found: Iterable[Issue], examples: int = EXAMPLES) -> list[Group]:
    """Issues in groups, errors first, then the most frequent; memory grows with the groups, not with the issues."""
    groups: dict[tuple[object, ...], Group] = {}
    for one in found:
        key = (one.code, one.distribution, one.column, one.detail.get("shape") or one.detail.get("reason"))
        group = groups.setdefault(key, Group(one, 0, {}))
        group.count += 1
        alike = one.message()
        if alike in group.examples:
            first, count = group.examples[alike]
            group.examples[alike] = (first, count + 1)
        elif len(group.examples) < examples:
            group.examples[alike] = (one, 1)
    return sorted(groups.values(), key=_rank)


def _rank(group: Group) -> tuple[object, ...]:
    """A failure, then errors, the most frequent first."""
    first = group.first
    return _ORDER[first.severity], first.code != _FAILED, -group.count, first.code


def summary(found: Iterable[Issue], account: Mapping[str, Any], shapes: Mapping[str, reasons.Spoken]) -> dict[str, Any]:
    """What a page says of a source: its failure, its issues in groups, and why rows were left out, in words."""
    groups = grouped(found)
    severities = Counter[str]()
    for group in groups:
        severities[group.first.severity] += group.count
    return {
        "counts": {severity: severities[severity] for severity in _ORDER},
        "groups": [group.as_data() for group in groups],
        "reasons": [
            {"outcome": outcome, "reason": reason, "count": count, "label": reasons.both(reason, shapes)}
            for outcome, by_reason in account["reasons"].items()
            for reason, count in by_reason.items()
        ],
    }


def counts(folders: Iterable[Path]) -> dict[Severity, int]:
    """Issues by severity, without reading more of each line than that."""
    marks = {severity: f'"severity": "{severity}"'.encode() for severity in _ORDER}
    found: dict[Severity, int] = dict.fromkeys(_ORDER, 0)
    for folder in folders:
        with (folder / "issues.jsonl").open("rb") as lines:
            for one in lines:
                # A quote within a value is written \", so only the key itself looks so.
                found[next(severity for severity, mark in marks.items() if mark in one)] += 1
    return found


def place(issue: Issue, language: Language = "fr") -> str:
    """Where an issue is, for people: distribution and row."""
    row = "row" if language == "en" else "ligne"
    return ", ".join(part for part in (issue.distribution, issue.row and f"{row} {issue.row}") if part)
