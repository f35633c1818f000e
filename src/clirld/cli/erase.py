"""`clirld erase`: put a record, or whatever has an official number, on the list of what is left out for ever."""

from __future__ import annotations

import getpass
import re
from pathlib import Path
from typing import Annotated

import typer

from clirld.cli import report
from clirld.cli.terminal import Data, out
from clirld.errors import DataError, UsageError
from clirld.harvest import erasure_request, retention
from clirld.project import Project
from clirld.records.erasure import erasure_list
from clirld.release import published
from clirld.release.unavailable.erased import mark_releases
from clirld.release.unavailable.withdrawn import public_reason
from clirld.settings import Settings


def erase(
    name: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="Id of a source.")] = None,
    identifier: Annotated[str | None, typer.Argument(metavar="[IDENTIFIER]", help="Its record.")] = None,
    because: Annotated[str, typer.Option("--because", help="Why; name nobody here.")] = "",
    siren: Annotated[str | None, typer.Option("--siren", help="In every source.")] = None,
    siret: Annotated[str | None, typer.Option("--siret", help="In every source.")] = None,
    rna: Annotated[str | None, typer.Option("--rna", help="In every source.")] = None,
    other: Annotated[bool, typer.Option("--other", help="This record is another one than what was erased.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Even if no record matches it today.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who says so; else the name of the user here.")] = "",
    data: Data = None,
) -> None:
    """Leave a record out for ever: the list keeps a keyed hash, never the identifier."""
    project = Project.load(Settings.from_environment(data=data))
    settings = project.settings
    numbers = {kind: value for kind, value in (("siren", siren), ("siret", siret), ("rna", rna)) if value}
    reason = public_reason(because)
    if (name is not None) != (identifier is not None) or len(numbers) + (name is not None) != 1 or (other and numbers):
        do = "give a source and an identifier, or one of --siren, --siret, --rna"
        raise UsageError("what is to be erased is not said, or twice", do=do)
    key = erasure_list.key_of(settings)
    erasure_list.read(settings)
    sources = list(project.sources)
    if name is not None and identifier is not None:
        sources = [project.select([name])[0].id]
        find = erasure_request.another if other else erasure_request.by_identifier
        found = find(project, key, sources[0], identifier)
    else:
        kind, value = next(iter(numbers.items()))
        found = erasure_request.by_number(project, key, kind, erasure_request.clean_number(kind, value))
    if not found.matches and not force:
        what = "no row of this source waits for a decision under this identifier"
        raise DataError(
            what if other else "no record of any source matches it",
            where=name or "",
            do="check what was given; if it is right, add --force: it then holds for what is harvested later",
        )
    erasure_list.add(settings, found.requests, reason, by.strip() or getpass.getuser())
    labels = report.labels_of(settings.language)
    if other:
        out.print(labels["noted"], highlight=False)
        return
    for source in sources:
        retention.prune(settings.data / "snapshots", source, 0)
    matches = ", ".join(f"{source} {count}" for source, count in sorted(found.matches.items()))
    out.print(labels["erased"].format(matches or labels["unmatched"]), highlight=False)
    marked, served = mark_releases(settings), published.current(settings.data)
    if served and served.id in marked:
        out.print(labels["served_holds"], highlight=False)
        clean = [release.id for release in published.all_releases(settings.data) if release.id not in marked]
        for one in clean[:1]:
            out.print(labels["soonest"].format(one), highlight=False, soft_wrap=True)
    for file in _samples_with(project, name, identifier):
        out.print(labels["sample_holds"].format(file), highlight=False, markup=False, soft_wrap=True)
    again = " ".join(sorted(found.matches))
    if again:
        out.print(labels["then"].format(again), highlight=False, soft_wrap=True)
        out.print(labels["elsewhere"], highlight=False, soft_wrap=True)


def _samples_with(project: Project, source: str | None, identifier: str | None) -> list[Path]:
    """Files beside a source's card that have an identifier as a word: what is committed there stays for good."""
    if source is None or not identifier:
        return []
    word = re.compile(rb"(?<!\w)" + re.escape(identifier.encode()) + rb"(?!\w)")
    folder = project.settings.sources / source
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and word.search(path.read_bytes())]
