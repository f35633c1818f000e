"""`clirld cite` and `clirld replay`: a citation of an answer, and whether it is still what was cited."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from clirld.cli.query import query_text
from clirld.cli.terminal import AsJson, Data, print_error, print_json
from clirld.errors import DataError, QueryError, ReleaseError, UsageError
from clirld.query.canonical import digest
from clirld.query.evaluate import check
from clirld.query.failure import Failure
from clirld.query.formats import CANONICAL, DIGEST
from clirld.query.graphs import graphs_read
from clirld.query.run import run
from clirld.release import citation, history, published
from clirld.release.citation import Question
from clirld.settings import Settings

OTHER_NOW = 3
"""Exit code: the release that is cited answers as it did, the current one does not."""
_SHOWN = 20
_LONGEST_PATH = 256
_SECONDS = 60.0  # that a server may take to begin its answer

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
        _, content = _asked_over_http(endpoint, question, format_name, identifier, settings)
        sys.stdout.write(content.decode())
        return
    parsed = check(question.query)
    if isinstance(parsed, Failure):
        raise parsed.error()
    if parsed.volatile:
        raise Failure("volatile").error()
    release = _release(settings, identifier)
    answer = json.loads(_asked_here(release, question, DIGEST, settings))
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

    def ask(identifier: str | None) -> _Answer:
        if endpoint:
            name, content = _asked_over_http(endpoint, cited.question, "canonical", identifier, settings)
        else:
            release = _release(settings, identifier)
            name, content = release.id, _asked_here(release, cited.question, CANONICAL, settings)
        return _Answer(name, content.decode().removesuffix("\n").split("\n"))

    outcome = _compared(cited, ask)
    if as_json:
        print_json(outcome.as_data())
    else:
        outcome.show(settings.message_language)
    if outcome.code:
        raise typer.Exit(outcome.code)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a release answers: the lines of the canonical form."""

    release: str
    lines: list[str]

    @property
    def sha256(self) -> str:
        return digest(self.lines)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the releases answer; `then` is None where the cited one cannot be asked, which `problem` tells."""

    cited: citation.Cited
    then: _Answer | None
    now: _Answer
    problem: DataError | None

    @property
    def is_same_then(self) -> bool:
        return self.then is not None and self.then.sha256 == self.cited.sha256

    @property
    def is_same_now(self) -> bool:
        return self.now.sha256 == (self.then.sha256 if self.then else self.cited.sha256)

    @property
    def code(self) -> int:
        if not self.is_same_then:
            return 1
        return 0 if self.is_same_now else OTHER_NOW

    def changes(self) -> tuple[list[str], list[str]]:
        """The rows that were added since, and those that were removed."""
        before, after = Counter(self.then.lines if self.then else ()), Counter(self.now.lines)
        return sorted((after - before).elements()), sorted((before - after).elements())

    def as_data(self) -> dict[str, object]:
        """For a program."""
        added, removed = self.changes() if self.then else (None, None)
        return {
            "release": self.cited.release,
            "sha256": self.cited.sha256,
            "then": {"sha256": self.then.sha256, "same": self.is_same_then} if self.then else None,
            "problem": self.problem.what if self.problem else None,
            "now": {
                "release": self.now.release,
                "sha256": self.now.sha256,
                "same": self.is_same_now,
                "added": added,
                "removed": removed,
            },
        }

    def show(self, language: str) -> None:
        """For a person."""
        words = _WORDS["en" if language == "en" else "fr"]
        if self.problem:
            print_error(self.problem)
        else:
            state = words["same"] if self.is_same_then else words["other"]
            typer.echo(words["then"].format(release=self.cited.release, state=state))
        if self.is_same_now:
            state = words["same"]
        elif self.then is None:
            state = words["other"]
        else:
            added, removed = self.changes()
            state = words["changed"].format(added=len(added), removed=len(removed))
        typer.echo(words["now"].format(release=self.now.release, state=state))
        if self.then and not self.is_same_now:
            for sign, rows in (("+", added), ("-", removed)):
                for row in rows[:_SHOWN]:
                    typer.echo(f"{sign} {row}")
                if len(rows) > _SHOWN:
                    typer.echo(f"{sign} {words['more'].format(n=len(rows) - _SHOWN)}")


_WORDS = {
    "fr": {
        "then": "publication citée, {release} : {state}",
        "now": "publication actuelle, {release} : {state}",
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


def _compared(cited: citation.Cited, ask: Callable[[str | None], _Answer]) -> _Outcome:
    then, problem = None, None
    try:
        then = ask(cited.release)
    except DataError as error:  # the current release may answer all the same
        problem = error
    return _Outcome(cited, then, ask(None), problem)


def _release(settings: Settings, identifier: str | None) -> published.Release:
    data = settings.data
    try:
        release = published.load_kept(data, identifier) if identifier else published.current(data)
    except ReleaseError as problem:
        is_gone = identifier and not (data / "releases" / identifier).exists()
        if is_gone and any(past.id == identifier for past in history.releases(data)):
            raise ReleaseError(
                f"release {identifier} has existed, and is no longer kept",
                where=str(data / "releases"),
                do="use another, see “clirld releases”",
            ) from problem
        raise
    if release is None:
        raise DataError("there is no release yet", where=str(data), do="run “clirld run --all” first")
    return release


def _asked_here(release: published.Release, question: Question, media: str, settings: Settings) -> bytes:
    return run(
        release.folder,
        question.query,
        media,
        timeout=settings.query_timeout,
        memory=settings.query_memory,
        default_graphs=question.default_graphs,
        named_graphs=question.named_graphs,
    )


def _asked_over_http(
    endpoint: str, question: Question, format_name: str, identifier: str | None, settings: Settings
) -> tuple[str, bytes]:
    """Which release of a server answered, and what. Raises QueryError with what it says is wrong."""
    import requests  # only here: to ask a folder takes none of it

    address = endpoint.rstrip("/")
    address += "" if address.endswith("/sparql") else "/sparql"
    fields = [*question.parameters, ("format", format_name), *([("release", identifier)] if identifier else [])]
    try:
        answer = requests.post(
            address,
            data=fields,
            headers={"accept-language": settings.message_language, "accept": "application/problem+json, */*;q=0.1"},
            timeout=_SECONDS,
        )
    except requests.RequestException as problem:
        raise DataError(
            f"the endpoint does not answer: {type(problem).__name__}",
            where=address,
            do="check its address, and that it is running",
        ) from problem
    if answer.status_code != 200 or "clirld-release" not in answer.headers:
        raise _failure(answer.status_code, answer.content, address)
    return answer.headers["clirld-release"], answer.content


def _failure(status: int, content: bytes, address: str) -> QueryError:
    try:
        problem = json.loads(content)
        what, do = str(problem["detail"]), str(problem["do"])
        return QueryError(what, where=address, do=do, fr=what, do_fr=do)
    except (ValueError, KeyError, TypeError):
        return QueryError(
            f"the server answered {status}, not as a clirld endpoint does",
            where=address,
            do="give the address of a clirld endpoint",
        )
