"""`clirld issues`: what was noticed of the sources, as a table for people, or all of it as JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from clirld import issues
from clirld.cli import report
from clirld.cli.terminal import AsJson, Data, out
from clirld.errors import UsageError
from clirld.harvest import issue_groups
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
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show what was noticed of the sources: their failures, rows left out, values that are unclean or were mended."""
    for given, known, option in (
        (codes, issues.codes(), "--code"),
        (severities, ["error", "warning", "info"], "--severity"),
    ):
        if unknown := sorted(set(given or ()) - set(known)):
            raise UsageError(f"there is no {unknown[0]}", where=option, do=f"give one of {', '.join(known)}")
    if as_csv and as_json:
        raise UsageError("--csv and --json at once", do="give one of them")
    project = Project.load(Settings.from_environment(data=data))
    every = [*project.broken, *project.sources]
    if names:
        project.named([name for name in names if name not in project.broken])  # says which name is not known
    wanted = [name for name in every if not names or name in names]

    def found(name: str) -> Iterator[Issue]:
        for one in issue_groups.source_issues(project, name):
            if (not codes or one.code in codes) and (not severities or one.severity in severities):
                yield one

    language = project.settings.spoken
    if as_json:
        _json(one for name in wanted for one in found(name))
    elif as_csv:
        _csv((one for name in wanted for one in found(name)), language)
    else:
        shown = [(name, issue_groups.group_issues(found(name), max_examples=_LIMIT)) for name in wanted]
        for name, groups in shown:
            report.issues(out, groups, language, title=name)
        if not any(groups for _name, groups in shown):
            out.print(report.words(language)["none"])


def _json(found: Iterator[Issue]) -> None:
    """A JSON array, written as it is read: there may be a million."""
    before = "[\n"
    for one in found:
        sys.stdout.write(before + json.dumps(one.as_data(), ensure_ascii=False, sort_keys=True))
        before = ",\n"
    sys.stdout.write("\n]\n" if before == ",\n" else "[]\n")


def _csv(found: Iterator[Issue], language: Language) -> None:
    table = csv.writer(sys.stdout)
    table.writerow(_COLUMNS)
    for one in found:
        row = one.as_data()
        row |= {name: row[name][language] for name in ("message", "advice")}
        table.writerow([row.get(name, "") for name in _COLUMNS])
