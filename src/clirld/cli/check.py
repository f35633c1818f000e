"""`clirld check`: a trial of one source, without publishing anything."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from clirld.cli import report, run
from clirld.cli.terminal import AsJson, Mirror, out, print_json
from clirld.errors import CardError, DataError
from clirld.fetch import Origin
from clirld.harvest import issue_groups, line, trial
from clirld.project import Project
from clirld.records.stage import TERRITORIES
from clirld.settings import Settings


def check(
    name: Annotated[str, typer.Argument(metavar="SOURCE", help="Id of a source.")],
    mirror: Mirror = None,
    accept: Annotated[bool, typer.Option("--accept", help="Write what the sample becomes to expected.ttl.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a source's card, columns, sample and shapes, without publishing anything."""
    project = Project.load(Settings.from_environment())
    source = project.select([name])[0]
    language = project.settings.language
    origin = Origin(mirror=run.mirror_folder(mirror), sample=mirror is None)
    with trial.with_empty_data(project) as trial_project:
        if accept:
            harvest = line.harvest(_with_territories(trial_project, source.id, origin), source, origin)
            typer.echo(str(trial.write_expected(trial_project, source, harvest)))
        result = trial.check(trial_project, source, origin)
        account = report.account_of(result.harvest)
    if as_json:
        print_json(
            {
                "accounting": [account],
                "issues": [json.loads(issue.as_json()) for issue in result.issues],
                "missing": result.missing,
                "unexpected": result.unexpected,
            }
        )
    else:
        report.accounting(out, [account], language, project.shapes.by_name)
        report.issues(out, issue_groups.group_issues(result.issues, max_examples=20), language)
        for sign, lines in (("-", result.missing), ("+", result.unexpected)):
            for triple in lines:
                out.print(f"{sign} {triple}", markup=False, highlight=False)
    if origin.sample and not (source.folder / "expected.ttl").exists():
        do = f"read what came out, then run “clirld check {name} --accept”"
        raise CardError("no expected.ttl", where=str(source.folder), do=do)
    if result.missing or result.unexpected:
        unexpected, missing = len(result.unexpected), len(result.missing)
        raise DataError(
            f"the sample gives {unexpected} triples more and {missing} less than expected.ttl",
            where=str(source.folder / "expected.ttl"),
            do="correct source.yaml, or take what came out with --accept",
        )


def _with_territories(project: Project, name: str, origin: Origin) -> Project:
    if name != TERRITORIES and TERRITORIES in project.sources:
        line.harvest(project, project.sources[TERRITORIES], origin)
    return project
