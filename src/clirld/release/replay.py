"""An answer that was cited, asked for again: is it the same from its own release, and from the current one?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clirld.errors import DataError, ReleaseError
from clirld.query.canonical_form import digest
from clirld.query.run import run
from clirld.release import citation, history, published
from clirld.release.citation import Question
from clirld.release.unavailable.mark import mark_of
from clirld.settings import Settings


@dataclass(frozen=True, slots=True)
class Answer:
    """What a release answers: the lines of the canonical form."""

    release: str
    lines: list[str]

    @property
    def sha256(self) -> str:
        """Their hash, as a citation has it."""
        return digest(self.lines)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the releases answer; `then` is None where the cited one cannot be asked, which `problem` tells."""

    cited: citation.Cited
    then: Answer | None
    now: Answer
    problem: DataError | None

    @property
    def is_same_then(self) -> bool:
        """Whether the release that is cited answers as it is cited."""
        return self.then is not None and self.then.sha256 == self.cited.sha256

    @property
    def is_same_now(self) -> bool:
        """Whether the current release answers as it is cited."""
        return self.now.sha256 == self.cited.sha256

    def changes(self) -> tuple[list[str], list[str]]:
        """The rows that were added since, and those that were removed."""
        before, after = Counter(self.then.lines if self.then else ()), Counter(self.now.lines)
        return sorted((after - before).elements()), sorted((before - after).elements())

    def as_data(self) -> dict[str, object]:
        """For a program, but for the problem, which has its words by language."""
        added, removed = self.changes() if self.then else (None, None)
        return {
            "release": self.cited.release,
            "sha256": self.cited.sha256,
            "then": {"sha256": self.then.sha256, "same": self.is_same_then} if self.then else None,
            "now": {
                "release": self.now.release,
                "sha256": self.now.sha256,
                "same": self.is_same_now,
                "added": added,
                "removed": removed,
            },
        }


def replay(cited: citation.Cited, ask: Callable[[str | None], Answer]) -> Outcome:
    """Ask a question again of the release that is cited, by its id, and of the current one (None).

    Raises the error of the current one; that of the cited one is in the outcome.
    """
    then, problem = None, None
    try:
        then = ask(cited.release)
    except DataError as error:  # the current release may answer all the same
        problem = error
    return Outcome(cited, then, ask(None), problem)


def release_of(data: Path, identifier: str | None) -> published.Release:
    """The release of a data folder with an id, or the current one. Raises ReleaseError, also where it is gone."""
    try:
        release = published.load_kept(data, identifier) if identifier else published.current(data)
    except ReleaseError as problem:
        is_refused = identifier and mark_of(data, identifier).is_refused
        is_gone = identifier and not is_refused and not (data / "releases" / identifier).exists()
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


def answer_of(release: published.Release, question: Question, media: str, settings: Settings) -> bytes:
    """The answer of a release to a question, in a media type. Raises QueryError."""
    return run(
        release.folder,
        question.query,
        media,
        timeout=settings.query_timeout,
        memory=settings.query_memory,
        default_graphs=question.default_graphs,
        named_graphs=question.named_graphs,
    )
