"""Whether a source may be published: its licence says so, or a named person has said so.

    data/rights/<source>.jsonl   who accepted to publish it, under which licence, when, why: one a line, never rewritten

One rule wherever the bytes came from (network, mirror, a file). Samples are invented by the project, and are published.
A card that gets another licence needs another word.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from clirld.card.source import Source
from clirld.errors import DataError, UsageError
from clirld.harvest.outcome import Harvest
from clirld.project import Project

Refusal = Literal["not-accepted", "never", "to-erase"]
"""Why a source is not published: nobody has accepted it yet; its licence is not open and nobody can; or something in it
is to be erased first (`clirld.release.unavailable.pending`)."""


def refusal(project: Project, harvest: Harvest) -> Refusal | None:
    """Why a harvest may not be published; None where it may. Raises DataError where the file is damaged."""
    reason = refusal_of(project, harvest.source)
    return None if harvest.sample and reason == "not-accepted" else reason


def refusal_of(project: Project, source: str) -> Refusal | None:
    """Why a source may not be published, its sample aside; None where it may."""
    publish = project.vocabulary.licences[project.sources[source].card.license].group.publish
    if publish == "never":
        return "never"
    return None if publish == "always" or acceptance(project, source) else "not-accepted"


def acceptance(project: Project, source: str) -> dict[str, Any] | None:
    """The last word on publishing a source, if it is about the licence that its card has now."""
    path = _file(project, source)
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        of_licence = [one for one in lines[-1:] if one["license"] == project.sources[source].card.license]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as problem:
        raise DataError(f"not whole: {problem!r}", where=str(path), do="take the broken line out") from problem
    return of_licence[0] if of_licence else None


def accept(project: Project, source: Source, because: str, by: str, when: str | None = None) -> dict[str, Any]:
    """Keep a named person's word that a source may be published under the licence of its card; gives what is kept.

    Raises UsageError where there is nothing to accept: its licence is open, or one that is never published.
    """
    licence = project.vocabulary.licences[source.card.license]
    if licence.group.publish == "always":
        raise UsageError(
            "its licence is open: nothing has to be accepted", where=f"source {source.id}", do="leave out --rights"
        )
    if licence.group.publish == "never":
        raise UsageError(
            f"nobody can accept that: {licence.iri} is not open, and is in no public file",
            where=f"source {source.id}",
            do="ask the publisher for another licence, and write that in license of source.yaml",
        )
    word = {
        "source": source.id,
        "license": licence.iri,
        "when": when or datetime.now(UTC).isoformat(timespec="seconds"),
        "because": because,
        "by": by,
    }
    path = _file(project, source.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(word, ensure_ascii=False, sort_keys=True) + "\n")
    return word


def _file(project: Project, source: str) -> Path:
    return project.settings.data / "rights" / f"{source}.jsonl"
