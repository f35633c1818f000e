"""What was noticed of a source, put together: its issues as they stand now, and the same ones in groups.

in: `harvests/<source>.json` and `.failed.json`, the stages' `issues.jsonl`; out: issues, or groups of them for a page,
a table or a Prefect artifact. A failure is the first issue of its source, so that one list says all there is to do.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clirld import issues
from clirld.harvest import outcome
from clirld.issues import Issue, Language, Severity
from clirld.project import Project
from clirld.records import accounts, reasons

_SEVERITY_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}
MAX_EXAMPLES = 5
"""Places shown of a group, each for another value."""


def source_issues(project: Project, source: str) -> Iterator[Issue]:
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
    last_good = outcome.last_good(project, source)
    folders = last_good.issue_folders if last_good else []
    if failure:
        yield issues.failure_issue(failure)
        # As far as the try came: what it had made of the rows says more than an earlier harvest.
        folders = [project.settings.data / folder for folder in failure.get("made", [])] or folders
    yield from named_issues(source, folders)


def named_issues(source: str, folders: Sequence[Path]) -> Iterator[Issue]:
    """The issues of stages, as `named_lines` gives them."""
    return map(issues.from_json, named_lines(source, folders))


def named_lines(source: str, folders: Sequence[Path]) -> Iterator[bytes]:
    """The issues of stages as JSON, without those that tell which records are held back that may not be named.

    `folders` are those of the stages in order, from the one with the tables.
    """
    held = next((path for folder in folders if (path := folder / "held.jsonl").is_file()), None)
    unnamed = accounts.unnamed(folders[0], held) if held else accounts.Unnamed()
    rows = {str(row) for _distribution, row in unnamed.rows}
    for path in (folder / "issues.jsonl" for folder in folders):
        if not path.is_file():
            continue
        with path.open("rb") as lines:
            for line in lines:
                data = json.loads(line) if unnamed.keys else {}
                detail = data.get("detail", {})
                told = {*detail.values(), f"{source}-{data.get('value')}"}
                is_about = (data.get("distribution"), data.get("row")) in unnamed.rows or detail.get("kept_row") in rows
                if not is_about and unnamed.keys.isdisjoint(told):
                    yield line


def stage_issues(folder: Path) -> Iterator[Issue]:
    """The issues that a stage wrote in its folder; none where it is gone."""
    path = folder / "issues.jsonl"
    if path.is_file():
        yield from issues.read(path)


@dataclass(slots=True)
class IssueGroup:
    """Issues of one code about one column or shape: how many, and the first place of some of the values."""

    first: Issue
    count: int
    examples: dict[str, tuple[Issue, int]]

    @property
    def other_count(self) -> int:
        """How many are not among the examples."""
        return self.count - sum(count for _first, count in self.examples.values())

    def as_data(self) -> dict[str, Any]:
        """The group as JSON: an issue's words, its number, and the examples."""
        first = self.first.as_data()
        return {
            **{name: first[name] for name in ("code", "severity", "stage", "advice")},
            "column": self.first.column,
            "count": self.count,
            "more": self.other_count,
            "examples": [
                {"message": one.as_data()["message"], "distribution": one.distribution, "row": one.row, "count": count}
                for one, count in self.examples.values()
            ],
        }


def group_issues(all_issues: Iterable[Issue], max_examples: int = MAX_EXAMPLES) -> list[IssueGroup]:
    """Issues in groups, errors first, then the most frequent; memory grows with the groups, not with the issues."""
    groups: dict[tuple[object, ...], IssueGroup] = {}
    for one in all_issues:
        key = (one.code, one.distribution, one.column, one.detail.get("shape") or one.detail.get("reason"))
        group = groups.setdefault(key, IssueGroup(one, 0, {}))
        group.count += 1
        message = one.message()
        if message in group.examples:
            first, count = group.examples[message]
            group.examples[message] = (first, count + 1)
        elif len(group.examples) < max_examples:
            group.examples[message] = (one, 1)
    return sorted(groups.values(), key=_rank)


def _rank(group: IssueGroup) -> tuple[object, ...]:
    """A failure, then errors, the most frequent first."""
    first = group.first
    return _SEVERITY_ORDER[first.severity], not first.is_failure, -group.count, first.code


def issue_summary(
    all_issues: Iterable[Issue], account: Mapping[str, Any], shapes: Mapping[str, reasons.Bilingual]
) -> dict[str, Any]:
    """What a page says of a source: its failure, its issues in groups, and why rows were left out, in words."""
    groups = group_issues(all_issues)
    severities = Counter[str]()
    for group in groups:
        severities[group.first.severity] += group.count
    return {
        "counts": {severity: severities[severity] for severity in _SEVERITY_ORDER},
        "groups": [group.as_data() for group in groups],
        "reasons": [
            {"outcome": outcome, "reason": reason, "count": count, "label": reasons.labels_by_language(reason, shapes)}
            for outcome, by_reason in account["reasons"].items()
            for reason, count in by_reason.items()
        ],
    }


def severity_counts(folders: Iterable[Path]) -> dict[Severity, int]:
    """Issues by severity, without reading more of each line than that."""
    markers = {severity: f'"severity": "{severity}"'.encode() for severity in _SEVERITY_ORDER}
    totals: dict[Severity, int] = dict.fromkeys(_SEVERITY_ORDER, 0)
    for folder in folders:
        with (folder / "issues.jsonl").open("rb") as lines:
            for one in lines:
                # A quote within a value is written \", so only the key itself looks so.
                totals[next(severity for severity, mark in markers.items() if mark in one)] += 1
    return totals


def location_label(issue: Issue, language: Language = "fr") -> str:
    """Where an issue is, for people: distribution and row."""
    row = "row" if language == "en" else "ligne"
    return ", ".join(part for part in (issue.distribution, issue.row and f"{row} {issue.row}") if part)
