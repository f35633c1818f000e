"""What a question looks at of each case of a release: read once, since it is the same for every question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from clirld.query.failure import Language
from clirld.reuse import cases
from clirld.reuse.cases import Experience
from clirld.reuse.facts import Facts

_DONE = ("clir:capitalisedFrom", "clir:withinInitiative", "clir:metBy", "clir:outcomeOf")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case by its kinds, needs and practice fields, as concepts, and the groupings where it is (`cases.places`)."""

    initiative: str
    kinds: tuple[str, ...]
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
            tuple(facts.iris(one, "clir:initiativeKind")),
            tuple(cases.need_kinds(facts, one)),
            tuple(cases.practice_kinds(facts, one)),
            cases.places(facts, one),
            cases.is_told(facts, one),
            bool(facts.subjects("clir:capitalisedFrom", one)),
            any(facts.subjects(name, one) for name in _DONE),
        )
        for one in cases.candidates(facts)
    ]


@dataclass(frozen=True)
class Known:
    """The cases of a store, and what was told of them before: whatever is asked, it is the same."""

    candidates: list[Candidate]
    _told: dict[tuple[Language, str], tuple[Experience, dict[str, str]]] = field(default_factory=dict)

    def experience(self, facts: Facts, initiative: str) -> Experience:
        """All that is said of a case, with its texts in another language among those of the facts."""
        key = facts.language, initiative
        if key not in self._told:
            alone = facts.for_another_answer()
            self._told[key] = cases.experience(alone, initiative), alone.languages
        told, languages = self._told[key]
        facts.languages.update(languages)
        return told
