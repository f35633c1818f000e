"""What a question looks at of each case of a release: read once, since it is the same for every question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clirld.reuse import cases
from clirld.reuse.facts import Facts

_DONE = ("clir:capitalisedFrom", "clir:withinInitiative", "clir:metBy", "clir:outcomeOf")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case by its needs and practice fields, as concepts, and the groupings where it is (`cases.places`)."""

    initiative: str
    needs: tuple[str, ...]
    practices: tuple[str, ...]
    places: Mapping[str, str]
    is_told: bool
    """Whether something is told of it, or a registry only names it (`cases.is_told`)."""
    has_process: bool
    says_what_was_done: bool
    """Whether a process, an activity, an obstacle or an outcome of it is told, or only what it is and who is in it."""


def candidates(facts: Facts) -> list[Candidate]:
    """The cases of a store, whatever the language of the facts."""
    return [
        Candidate(
            one,
            tuple(cases.need_kinds(facts, one)),
            tuple(cases.practice_kinds(facts, one)),
            cases.places(facts, one),
            cases.is_told(facts, one),
            bool(facts.subjects("clir:capitalisedFrom", one)),
            any(facts.subjects(name, one) for name in _DONE),
        )
        for one in cases.candidates(facts)
    ]
