"""`clirld erase`: put a record, or whatever has an official number, on the list of what is left out for ever."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from clirld.cli import report
from clirld.cli.terminal import Data, out
from clirld.errors import UsageError
from clirld.harvest import retention
from clirld.project import Project
from clirld.records import erasure
from clirld.settings import Settings


def erase(
    name: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="Id of a source.")] = None,
    identifier: Annotated[str | None, typer.Argument(metavar="[IDENTIFIER]", help="Its record.")] = None,
    because: Annotated[str, typer.Option("--because", help="Why; name nobody here.")] = "",
    siren: Annotated[str | None, typer.Option("--siren", help="In every source.")] = None,
    siret: Annotated[str | None, typer.Option("--siret", help="In every source.")] = None,
    rna: Annotated[str | None, typer.Option("--rna", help="In every source.")] = None,
    by: Annotated[str, typer.Option("--by", help="Who says so; else the name of the user here.")] = "",
    data: Data = None,
) -> None:
    """Leave a record out for ever: the list keeps a keyed hash, never the identifier."""
    project = Project.load(Settings.from_environment(data=data))
    numbers = {kind: value for kind, value in (("siren", siren), ("siret", siret), ("rna", rna)) if value}
    if not because.strip():
        raise UsageError("no reason is given", where="--because", do="say in a few words why it is erased")
    if (name is not None) != (identifier is not None) or len(numbers) + (name is not None) != 1:
        do = "give a source and an identifier, or one of --siren, --siret, --rna"
        raise UsageError("what is to be erased is not said, or twice", do=do)
    reason, person = because.strip(), by.strip() or getpass.getuser()
    settings = project.settings
    if name is not None and identifier is not None:
        source = project.select([name])[0].id
        erasure.add_request(settings, "record", identifier, reason, person, source)
        retention.prune(settings.data / "snapshots", source, 0)
    for kind, value in numbers.items():
        erasure.add_request(settings, kind, value, reason, person)
        for source in project.sources:
            retention.prune(settings.data / "snapshots", source, 0)
    out.print(report.labels_of(settings.language)["erased"], highlight=False)
