"""`clirld case`: start, check and export the form of a capitalised case."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from clirld.cases import collection, form
from clirld.cases.facts import Facts
from clirld.cases.values import Values
from clirld.errors import UsageError
from clirld.settings import Settings
from clirld.values.cleaners import CLEANERS
from clirld.vocabulary.terms import Vocabulary

app = typer.Typer(no_args_is_help=True, help="Write down a case of cooperation, without knowing RDF.")

SOURCE = "capitalisation"
"""The source that the cases make."""

_MESSAGES = {
    "fr": {"right": "{file} : juste, {count} fait(s)", "problems": "{count} à corriger dans {files} cas sur {all}"},
    "en": {"right": "{file}: right, {count} fact(s)", "problems": "{count} to correct in {files} of {all} cases"},
}


@app.command("new")
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME|FILE.md", help="Name of the case: lower-case words and hyphens; or where to.")
    ],
) -> None:
    """Write an empty form, with the values that each field can have."""
    settings = Settings.from_environment()
    path = Path(name) if name.endswith(".md") else _folder(settings) / f"{name}.md"
    slug = CLEANERS["slug"](path.stem).value
    if slug != path.stem:
        example = f"for example {slug}" if slug else "for example pole-du-val"
        do = f"use lower-case letters, digits and hyphens, {example}"
        raise UsageError(f"“{path.stem}” cannot name a case", do=do)
    if path.exists():
        raise UsageError("this case is there already", where=str(path), do="open it, or take another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(form.form(path.stem, _values(settings)), encoding="utf-8")
    typer.echo(str(path))


@app.command("check")
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE|NAME...|all", help="Files, names of cases, or all.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")] = False,
) -> None:
    """Say what is wrong in cases, where, and what to do about it."""
    settings = Settings.from_environment()
    paths = _paths(files, settings)
    contents = {path: path.read_bytes() for path in paths}
    cases = collection.check(contents, _values(settings), source=SOURCE, others=_known_slugs(paths, settings))
    if as_json:
        typer.echo(json.dumps([_as_data(case) for case in cases], ensure_ascii=False, indent=2))
    else:
        _print(cases, settings.language)
    if any(case.problems for case in cases):
        raise typer.Exit(1)


@app.command("template")
def template(
    path: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="The spreadsheet to write.")],
    filled: Annotated[str | None, typer.Option("--from", metavar="FILE|NAME", help="Fill it with this case.")] = None,
) -> None:
    """Write the same form as a spreadsheet."""
    from clirld.cases import template as case_template  # the writer of spreadsheets is only needed here

    settings = Settings.from_environment()
    if path.suffix != ".xlsx":
        raise UsageError(
            "a name that ends in .xlsx is wanted", where=str(path), do=f"write {path.with_suffix('.xlsx')}"
        )
    if path.exists():
        raise UsageError("this file is there already", where=str(path), do="take another name")
    raw = None
    if filled:
        origin = _paths([filled], settings)[0]
        raw = collection.read_case(origin.read_bytes(), origin, str(origin))
        if raw.problems:
            _print([Facts(raw, problems=tuple(raw.problems))], settings.language)
            raise typer.Exit(1)
    case_template.write(path, _values(settings), raw)
    typer.echo(str(path))


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of the form, for an editor."""
    typer.echo(form.json_schema(_values(Settings.from_environment())), nl=False)


def _folder(settings: Settings) -> Path:
    return settings.sources / SOURCE / "cases"


def _values(settings: Settings) -> Values:
    return Values(Vocabulary.load(settings.ontology))


def _paths(files: Iterable[str], settings: Settings) -> list[Path]:
    """The files meant: files, names of cases that are in the project, or all of these."""
    folder = _folder(settings)
    project_cases = {path.stem: path for path in collection.files(folder)} if folder.is_dir() else {}
    paths: dict[Path, Path] = {}  # by where it really is: a file may be meant twice
    for name in files:
        path = Path(name)
        if name == "all":
            paths |= {path.resolve(): path for path in project_cases.values()}
        elif path.is_file():
            if path.suffix not in collection.SUFFIXES:
                raise UsageError("neither .md nor .xlsx", where=name, do="give a case's file")
            paths.setdefault(path.resolve(), path)
        elif name in project_cases:
            paths.setdefault(project_cases[name].resolve(), project_cases[name])
        else:
            do = f"give a file, all, or one of: {', '.join(project_cases) or '–'}"
            raise UsageError(f"there is no case {name}", where=str(folder), do=do)
    if not paths:
        raise UsageError("there is no case yet", where=str(folder), do="start one with “clirld case new NAME”")
    return list(paths.values())


def _known_slugs(paths: Iterable[Path], settings: Settings) -> set[str]:
    """Cases that these may refer to: those beside them, and those of the project."""
    folders = {path.resolve().parent for path in paths} | {_folder(settings)}
    return {path.stem for folder in folders if folder.is_dir() for path in collection.files(folder)}


def _as_data(case: Facts) -> dict[str, object]:
    return {
        "case": case.raw.slug,
        "file": case.raw.file,
        "facts": [{"table": row.table, "identifier": row.identifier} for row in case.rows],
        "problems": [problem.as_data() for problem in case.problems],
    }


def _print(cases: list[Facts], language: str) -> None:
    messages = _MESSAGES["en" if language == "en" else "fr"]
    for case in cases:
        for problem in case.problems:
            typer.echo(f"{problem.location.text(language)}: {problem.message(language)}")
            typer.echo(f"  → {problem.advice(language)}")
        if not case.problems:
            typer.echo(messages["right"].format(file=case.raw.file, count=len(case.rows)))
    cases_with_problems = [case for case in cases if case.problems]
    if cases_with_problems:
        count = sum(len(case.problems) for case in cases_with_problems)
        typer.echo(messages["problems"].format(count=count, files=len(cases_with_problems), all=len(cases)))
