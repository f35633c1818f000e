"""`clirld issues`: what was noticed of the sources, as a table for people, or all of it as JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from clirld import issues
from clirld.cli import report
from clirld.cli.terminal import AsJson, Data, out
from clirld.errors import UsageError
from clirld.harvest import issue_groups, outcome, publisher_report
from clirld.issues import Issue, Language
from clirld.project import Project
from clirld.settings import Settings

_COLUMNS = ("source", "stage", "severity", "code", "distribution", "row", "column", "value", "message", "advice")
_LIMIT = 20


def show(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Ids of sources; else all.")] = None,
    codes: Annotated[list[str] | None, typer.Option("--code", help="Only these codes.")] = None,
    severities: Annotated[list[str] | None, typer.Option("--severity", help="error, warning or info.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for a spreadsheet.")] = False,
    for_publisher: Annotated[
        Path | None,
        typer.Option("--for-publisher", metavar="FOLDER", help="Write there what publishers can mend, to be sent."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show what was noticed of the sources: their failures, rows left out, values that are unclean or were mended."""
    for requested_values, allowed, option in (
        (codes, issues.codes(), "--code"),
        (severities, ["error", "warning", "info"], "--severity"),
    ):
        if unknown := sorted(set(requested_values or ()) - set(allowed)):
            raise UsageError(f"there is no {unknown[0]}", where=option, do=f"give one of {', '.join(allowed)}")
    if as_csv and as_json:
        raise UsageError("--csv and --json at once", do="give one of them")
    project = Project.load(Settings.from_environment(data=data))
    all_ids = [*project.card_errors, *project.sources]
    if names:
        project.select([name for name in names if name not in project.card_errors])  # says which name is not known
    requested = [name for name in all_ids if not names or name in names]

    if for_publisher:
        # Of all sources, those that have data: of one that is named, that it has none is said.
        for name in requested if names else [name for name in requested if outcome.last_good(project, name)]:
            for path in publisher_report.write(project, name, for_publisher):
                out.print(str(path), soft_wrap=True)
        return

    def matching_issues(name: str) -> Iterator[Issue]:
        for issue in issue_groups.source_issues(project, name):
            if (not codes or issue.code in codes) and (not severities or issue.severity in severities):
                yield issue

    language = project.settings.message_language
    if as_json:
        _print_json(issue for name in requested for issue in matching_issues(name))
    elif as_csv:
        _print_csv((issue for name in requested for issue in matching_issues(name)), language)
    else:
        groups_by_source = [
            (name, issue_groups.group_issues(matching_issues(name), max_examples=_LIMIT)) for name in requested
        ]
        for name, groups in groups_by_source:
            report.issues(out, groups, language, title=name)
        if not any(groups for _name, groups in groups_by_source):
            out.print(report.labels_of(language)["none"])


def _print_json(stream: Iterator[Issue]) -> None:
    """A JSON array, written as it is read: there may be a million."""
    separator = "[\n"
    for issue in stream:
        sys.stdout.write(separator + json.dumps(issue.as_data(), ensure_ascii=False, sort_keys=True))
        separator = ",\n"
    sys.stdout.write("\n]\n" if separator == ",\n" else "[]\n")


def _print_csv(stream: Iterator[Issue], language: Language) -> None:
    table = csv.writer(sys.stdout)
    table.writerow(_COLUMNS)
    for issue in stream:
        row = issue.as_data()
        row |= {name: row[name][language] for name in ("message", "advice")}
        table.writerow([row.get(name, "") for name in _COLUMNS])
