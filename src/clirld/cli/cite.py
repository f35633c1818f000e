"""`clirld cite` and `clirld replay`: a citation of an answer, and whether it is still what was cited."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from clirld.cli.query import query_text
from clirld.cli.terminal import AsJson, Data, in_language, print_error, print_json
from clirld.errors import UsageError
from clirld.query import endpoint as remote
from clirld.query.evaluate import check
from clirld.query.failure import Failure
from clirld.query.formats import CANONICAL, DIGEST
from clirld.query.graphs import graphs_read
from clirld.release import citation
from clirld.release.citation import Question
from clirld.release.replay import Answer, Outcome, answer_of, release_of
from clirld.release.replay import replay as ask_again
from clirld.settings import Settings

OTHER_NOW = 3
"""Exit code: the release that is cited answers as it did, the current one does not."""
_SHOWN = 20
_LONGEST_PATH = 256

Endpoint = Annotated[
    str | None, typer.Option("--endpoint", metavar="URL", help="Ask this server instead of the data folder.")
]


def cite(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A file with a SPARQL query, the query itself, or -.")],
    format_name: Annotated[str, typer.Option("--format", help="citation, bibtex or csl (CSL-JSON).")] = "citation",
    identifier: Annotated[str | None, typer.Option("--release", metavar="ID", help="Ask this release.")] = None,
    endpoint: Endpoint = None,
    data: Data = None,
) -> None:
    """Cite the answer to a query: its release, date, licences, hash and address."""
    settings = Settings.from_environment(data=data)
    if format_name not in citation.FORMATS:
        raise UsageError(
            f"no format {format_name} for a citation", where="--format", do="choose citation, bibtex or csl"
        )
    is_text = "{" in query and not (len(query) < _LONGEST_PATH and Path(query).is_file())
    question = Question(query if is_text else query_text(query))
    if endpoint:
        _, content = _ask(endpoint, question, format_name, identifier, settings)
        sys.stdout.write(content.decode())
        return
    parsed = check(question.query)
    if isinstance(parsed, Failure):
        raise parsed.error()
    if parsed.volatile:
        raise Failure("volatile").error()
    release = release_of(settings.data, identifier)
    answer = json.loads(answer_of(release, question, DIGEST, settings))
    found = citation.cite(release.manifest, release.id, question, answer, graphs_read(question.query))
    sys.stdout.write(found.write(citation.FORMATS[format_name], settings.message_language))


def replay(
    file: Annotated[str, typer.Argument(metavar="CITATION|-", help="A file with a citation, or - for standard input.")],
    endpoint: Endpoint = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Ask the query of a citation again: is its release's answer the same, and the current one's?"""
    settings = Settings.from_environment(data=data)
    cited = citation.read(query_text(file), file)

    def ask(identifier: str | None) -> Answer:
        if endpoint:
            name, content = _ask(endpoint, cited.question, "canonical", identifier, settings)
        else:
            release = release_of(settings.data, identifier)
            name, content = release.id, answer_of(release, cited.question, CANONICAL, settings)
        return Answer(name, content.decode().removesuffix("\n").split("\n"))

    outcome = ask_again(cited, ask)
    if as_json:
        problem = in_language(outcome.problem, settings.language) if outcome.problem else None
        print_json({**outcome.as_data(), "problem": problem})
    else:
        _show(outcome, settings.message_language)
    if not outcome.is_same_then:
        raise typer.Exit(1)
    if not outcome.is_same_now:
        raise typer.Exit(OTHER_NOW)


def _ask(
    endpoint: str, question: Question, format_name: str, identifier: str | None, settings: Settings
) -> tuple[str, bytes]:
    fields = [*question.parameters, ("format", format_name), *([("release", identifier)] if identifier else [])]
    return remote.ask(endpoint, fields, settings.message_language)


def _show(outcome: Outcome, language: str) -> None:
    words = _WORDS["en" if language == "en" else "fr"]
    if outcome.problem:
        print_error(outcome.problem)
    else:
        state = words["same"] if outcome.is_same_then else words["other"]
        typer.echo(words["then"].format(release=outcome.cited.release, state=state))
    added, removed = outcome.changes() if outcome.then else ([], [])
    if outcome.is_same_now:
        state = words["same"]
    elif not added and not removed:
        state = words["other"]
    else:
        state = words["changed"].format(added=len(added), removed=len(removed))
    typer.echo(words["now"].format(release=outcome.now.release, state=state))
    if outcome.then and not outcome.is_same_now:
        for sign, rows in (("+", added), ("-", removed)):
            for row in rows[:_SHOWN]:
                typer.echo(f"{sign} {row}")
            if len(rows) > _SHOWN:
                typer.echo(f"{sign} {words['more'].format(n=len(rows) - _SHOWN)}")


_WORDS = {
    "fr": {
        "then": "version citée, {release} : {state}",
        "now": "version actuelle, {release} : {state}",
        "same": "réponse identique",
        "other": "une autre réponse que celle qui est citée",
        "changed": "la réponse a changé, lignes ajoutées : {added}, retirées : {removed}",
        "more": "… et {n} de plus (tout : --json)",
    },
    "en": {
        "then": "release cited, {release}: {state}",
        "now": "current release, {release}: {state}",
        "same": "same answer",
        "other": "another answer than the one that is cited",
        "changed": "the answer has changed, rows added: {added}, removed: {removed}",
        "more": "… and {n} more (all: --json)",
    },
}
