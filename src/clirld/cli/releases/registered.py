"""`clirld registered`: whether the queries that others rely on get from a release what they rely on."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clirld.cli.query import asked_release
from clirld.cli.terminal import AsJson, Data, out, print_json
from clirld.query.failure import Language
from clirld.query.files.registered import Finding, Given, Registered, findings
from clirld.release.registered import guard
from clirld.settings import Settings

_LABELS = {
    "fr": {
        "none": "aucune requête enregistrée : queries/registered/README.md dit comment en enregistrer une",
        "relies": "s'appuie sur : {columns} ; {rows} lignes au moins",
        "within": " ; réponse en {seconds:g} s au plus",
        "gets": "reçoit : {rows} lignes en {seconds} s",
    },
    "en": {
        "none": "no registered query: queries/registered/README.md says how to register one",
        "relies": "relies on: {columns}; at least {rows} rows",
        "within": "; an answer within {seconds:g} s",
        "gets": "gets: {rows} rows in {seconds} s",
    },
}


def registered(
    identifier: Annotated[str | None, typer.Option("--release", metavar="ID", help="Ask this release.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say whether the queries that others rely on get what they rely on."""
    settings = Settings.from_environment(data=data)
    release = asked_release(settings, identifier)
    asked = [(query, gives, findings(query, gives)) for query, gives in guard.ask(settings, release.folder)]
    if as_json:
        print_json({"release": release.id, "registered": [_as_json(*one) for one in asked]})
    else:
        language: Language = "en" if settings.language == "en" else "fr"
        labels = _LABELS[language]
        for line in [line for one in asked for line in _lines(*one, language)] or [labels["none"]]:
            out.print(line, highlight=False, soft_wrap=True, markup=False)
    if any(found for _query, _gives, found in asked):
        raise typer.Exit(1)


def _lines(query: Registered, gives: Given, found: list[Finding], language: Language) -> list[str]:
    labels = _LABELS[language]
    relies = labels["relies"].format(columns=", ".join(query.columns), rows=query.rows)
    if query.seconds is not None:
        relies += labels["within"].format(seconds=query.seconds)
    lines = [
        f"{'✗' if found else '✓'} {query.id} – {query.title[language]} ({query.by}, {query.contact})",
        f"  {relies}",
    ]
    if gives.error is None:
        seconds = f"{gives.seconds:.1f}".replace(".", "," if language == "fr" else ".")
        lines.append(f"  {labels['gets'].format(rows=gives.rows, seconds=seconds)}")
    return lines + [f"  ✗ {guard.sentence(one, language)}" for one in found]


def _as_json(query: Registered, gives: Given, found: list[Finding]) -> dict[str, Any]:
    return {
        "id": query.id,
        "by": query.by,
        "contact": query.contact,
        "relies": {"columns": query.columns, "rows": query.rows, "seconds": query.seconds},
        "rows": gives.rows,
        "seconds": round(gives.seconds, 2),
        "lacks": [one.as_json() for one in found],
    }
