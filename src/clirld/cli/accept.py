"""`clirld accept`: a person's word that what is kept back may pass.

What the guards keep back of a source, a source without an open licence, or a release for a registered query.
"""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from clirld.card.source import Source
from clirld.cli import report
from clirld.cli.terminal import AsJson, Data, out, print_json
from clirld.errors import UsageError
from clirld.harvest import acceptance
from clirld.harvest import rights as publishing
from clirld.harvest.lock import release_lock, source_lock
from clirld.project import Project
from clirld.settings import Settings


def accept(
    name: Annotated[str, typer.Argument(metavar="SOURCE", help="Id of a source; with --query, of a registered query.")],
    because: Annotated[str, typer.Option("--because", help="Why it is right; it is published with the data.")],
    by: Annotated[str, typer.Option("--by", help="Who says so, published too; else the name of the user here.")] = "",
    rights: Annotated[
        bool, typer.Option("--rights", help="Accept to publish a source without an open licence; --by must name you.")
    ] = False,
    query: Annotated[
        bool, typer.Option("--query", help="Accept that the next release breaks a registered query.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Let pass what is kept back, saying why: the next release publishes it and tells so."""
    if not because.strip():
        raise UsageError("no reason is given", where="--because", do="say in a few words why it is right")
    if query:
        _accept_query(Settings.from_environment(data=data), name, because.strip(), by.strip(), as_json)
        return
    project = Project.load(Settings.from_environment(data=data))
    source = project.select([name])[0]
    if rights:
        _accept_rights(project, source, because.strip(), by.strip(), as_json)
        return
    with source_lock(project.settings.data, source.id):
        harvest = acceptance.accept(project, source.id, because.strip(), by.strip() or getpass.getuser())
    account = report.account_of(harvest)
    if as_json:
        print_json({"accepted": harvest.accepted, "accounting": [account]})
    else:
        report.accounting(out, [account], project.settings.language)
        out.print(report.labels_of(project.settings.language)["accepted"])


def _accept_rights(project: Project, source: Source, because: str, by: str, as_json: bool) -> None:
    if not by:
        raise UsageError("nobody is named", where="--by", do="say who answers for publishing it; the name is published")
    with source_lock(project.settings.data, source.id):
        word = publishing.accept(project, source, because, by)
    if as_json:
        print_json({"rights": word})
    else:
        out.print(report.labels_of(project.settings.language)["rights"].format(**word), highlight=False)


def _accept_query(settings: Settings, name: str, because: str, by: str, as_json: bool) -> None:
    from clirld.release.registered import guard

    with release_lock(settings.data):
        word = guard.accept(settings, name, because, by or getpass.getuser())
    if as_json:
        print_json({"registered": word})
    else:
        out.print(report.labels_of(settings.language)["accepted"])
