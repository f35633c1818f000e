"""`clirld check`: a trial of one source, without publishing anything."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from clirld.cli import report, run
from clirld.cli.terminal import AsJson, Data, Mirror, out, print_json
from clirld.errors import CardError, DataError
from clirld.fetch.stage import Origin
from clirld.guards import unpublished
from clirld.harvest import issue_groups, line, rights, trial
from clirld.project import Project
from clirld.records.stage import TERRITORIES
from clirld.release import licensing
from clirld.settings import Settings


def check(
    name: Annotated[str, typer.Argument(metavar="SOURCE", help="Id of a source.")],
    mirror: Mirror = None,
    accept: Annotated[bool, typer.Option("--accept", help="Write what the sample becomes to expected.ttl.")] = False,
    triples: Annotated[bool, typer.Option("--triples", help="Show what differs from expected.ttl.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Check a source's card, columns, sample and shapes, without publishing anything."""
    project = Project.load(Settings.from_environment(data=data))
    source = project.select([name])[0]
    language = project.settings.language
    origin = Origin(mirror=run.mirror_folder(mirror), sample=mirror is None)
    with trial.with_empty_data(project) as with_samples, trial.with_empty_data(project) as as_run:
        # What is told is what a run would do, with the territories that it has; expected.ttl is of samples alone.
        needs_place = source.id != TERRITORIES and TERRITORIES in project.sources
        is_placed = needs_place and trial.use_territories(as_run, project)
        shown = trial.check(as_run, source, origin)
        if accept:
            trial.harvest_territories(with_samples, source, Origin(sample=True))
            harvest = line.harvest(with_samples, source, Origin(sample=True))
            typer.echo(str(trial.write_expected(with_samples, source, harvest)))
        is_compared = origin.sample and (is_placed or accept)
        result = trial.check(with_samples, source, origin) if is_compared else shown
        by_sample = report.account_of(result.harvest)
        account = report.account_of(shown.harvest)
        share = unpublished.share(source.card, shown.harvest.account, project.shapes.by_name)
    if as_json:
        print_json(
            {
                "accounting": [account],
                "issues": [json.loads(issue.as_json()) for issue in shown.issues],
                "missing": result.missing,
                "unexpected": result.unexpected,
            }
        )
    else:
        report.accounting(out, [account], language, project.shapes.by_name)
        report.issues(out, issue_groups.group_issues(shown.issues, max_examples=20), language)
        if origin.passes_over(source):
            out.print(report.labels_of(language)["by_hand"].format(name), highlight=False, soft_wrap=True)
        for sign, lines in (("-", result.missing), ("+", result.unexpected)) if triples else ():
            for triple in lines:
                out.print(f"{sign} {triple}", markup=False, highlight=False)
        out.print(report.prospects(share, sample=origin.sample, language=language), markup=False, soft_wrap=True)
    least = source.card.guards.published
    if origin.sample and not (source.folder / "expected.ttl").exists():
        do = f"read what came out, then run “clirld check {name} --accept”"
        if report.is_too_little(share, least):
            do = f"correct the card first: little would be published; once all is right, “clirld check {name} --accept”"
        raise CardError("no expected.ttl", where=str(source.folder), do=do)
    if result.missing or result.unexpected:
        unexpected, missing = len(result.unexpected), len(result.missing)
        raise DataError(
            f"the sample gives {unexpected} triples more and {missing} less than expected.ttl",
            where=str(source.folder / "expected.ttl"),
            do="see them with --triples; correct source.yaml, or take what came out with --accept",
        )
    if not as_json:
        if reason := rights.refusal_of(project, name):
            licence = project.vocabulary.licences[source.card.license]
            message = licensing.message(name, source.card.title.model_dump(), licence.titles, reason)
            out.print(message["en" if language == "en" else "fr"], markup=False)
            if reason == "not-accepted":
                out.print(licensing.HOW_TO_ACCEPT.format(id=name), markup=False)
        if by_sample["published"] < account["published"]:
            text = report.labels_of(language)["places-of-samples"]
            out.print(text.format(account["published"] - by_sample["published"]), markup=False, highlight=False)
        names = f"{TERRITORIES} {name}" if needs_place and not is_placed else name
        out.print(report.next_step(share, least, name, names, language), markup=False, highlight=False, soft_wrap=True)
