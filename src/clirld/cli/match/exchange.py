"""`clirld match import` and `export`: judgements from elsewhere, and for elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clirld.cli import report
from clirld.cli.match.shared import append, today
from clirld.cli.terminal import Data, out
from clirld.errors import UsageError
from clirld.harvest import issue_groups
from clirld.issues import Issue
from clirld.link.judgements import openrefine, sssom
from clirld.link.judgements.judgement import Judgement, author, in_force
from clirld.settings import Settings

_WORDS = {
    "fr": {
        "imported": "importés : {0} ; déjà là : {1} ; illisibles : {2}",
        "auto": "appariés par OpenRefine tout seul, laissés de côté : {0}",
        "undecided": "sans décision ou sans fiche, laissés de côté : {0}",
        "exported": "{0} : {1} jugements",
    },
    "en": {
        "imported": "imported: {0}; there already: {1}; unreadable: {2}",
        "auto": "matched by OpenRefine by itself, left out: {0}",
        "undecided": "not decided or without a record, left out: {0}",
        "exported": "{0}: {1} judgements",
    },
}


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Export of OpenRefine (CSV, TSV), or *.sssom.tsv.")],
    by: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Who judged in OpenRefine: an ORCID iD, or a pseudonym.")
    ] = "",
    record: Annotated[str, typer.Option(metavar="COLUMN", help="Column of the row's record.")] = "record",
    match: Annotated[
        str, typer.Option(metavar="COLUMN", help="Column of the record that it was matched to.")
    ] = "match",
    judgment: Annotated[
        str, typer.Option(metavar="COLUMN", help="Column of cell.recon.judgment; else every match counts.")
    ] = "judgment",
    action: Annotated[str, typer.Option(metavar="COLUMN", help="Column of cell.recon.judgmentAction.")] = "action",
    comment: Annotated[
        str, typer.Option(metavar="COLUMN", help="Column of comments, which are published.")
    ] = "comment",
    data: Data = None,
) -> None:
    """Take over what was judged in OpenRefine, or in SSSOM files of others; nothing is taken over twice."""
    settings = Settings.from_environment(data=data)
    words = _WORDS[settings.message_language]
    if not file.is_file():
        raise UsageError("there is no such file", where=str(file), do="give a file")
    if file.name.endswith(".sssom.tsv"):
        found = openrefine.Imported(*_of_ledger(sssom.read_file(file)))
    else:
        columns = dict(zip(openrefine.COLUMNS, (record, match, judgment, action, comment), strict=True))
        found = openrefine.read(file, columns, author(by), today())
    there = sssom.read(settings.judgements).judgements
    ids, said = {one.id for one in there}, {_said(one) for one in in_force(there)}
    new = [one for one in found.judgements if one.id not in ids and (one.withdraws or _said(one) not in said)]
    append(settings, new)
    counts = len(new), len(found.judgements) - len(new), len(found.issues)
    out.print(words["imported"].format(*counts), highlight=False)
    for reason, count in sorted(found.left_out.items()):
        out.print(words[reason].format(count), highlight=False)
    if found.issues:
        language = settings.message_language
        report.issues(out, issue_groups.group_issues(iter(found.issues), max_examples=20), language, title=file.name)
        raise typer.Exit(1)


def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the three files are written.")],
    data: Data = None,
) -> None:
    """Write the judgements that hold as SSSOM, without those that were withdrawn."""
    settings = Settings.from_environment(data=data)
    if folder.resolve() == settings.judgements.resolve():
        raise UsageError("these are the files of the project", where=str(folder), do="give another folder")
    holding = in_force(sssom.read(settings.judgements).judgements)
    folder.mkdir(parents=True, exist_ok=True)
    sssom.write(holding, folder)
    words = _WORDS[settings.message_language]
    out.print(words["exported"].format(folder, len(holding)), highlight=False, soft_wrap=True)


def _of_ledger(ledger: sssom.Ledger) -> tuple[list[Judgement], list[Issue]]:
    return ledger.judgements, ledger.issues


def _said(one: Judgement) -> tuple[object, ...]:
    return one.says, one.pair, one.author
