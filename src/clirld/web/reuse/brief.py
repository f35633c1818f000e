"""A case of the answer as it can be read in a minute: of each section the first lines, of the whole one line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clirld.french import grouped, plural, spaced
from clirld.query.failure import Language
from clirld.reuse.answer import Case
from clirld.reuse.likeness import NEAR
from clirld.reuse.matching import Match
from clirld.reuse.sections import Line, Section
from clirld.reuse.wording import say

_VERY_FAR = 0.25
"""Share of the territories that are compared, after which one is very far."""
MOST = 3
"""Lines of a section, with what belongs to them; the page of the case has all."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its first lines, and how many are left out."""

    name: str
    title: str
    lines: list[Line]
    more: int


def brief(sections: Iterable[Section]) -> list[Part]:
    """The sections of a case, each with its first lines."""
    parts = []
    for section in sections:
        starts = [n for n, line in enumerate(section.lines) if not line.level]
        end = starts[MOST] if len(starts) > MOST else len(section.lines)
        parts.append(Part(section.name, section.title, section.lines[:end], max(len(starts) - MOST, 0)))
    return parts


def page_of(case: Case) -> str:
    """The thing whose page tells all of a case: its process, else itself."""
    processes = case.experience.processes
    return processes[0].iri if processes else case.initiative.iri


def _far(match: Match) -> str:
    """How far its territory is: the end of a name of `wording.yaml`."""
    rank = match.rank or 0
    return "" if rank <= NEAR else "-far" if rank <= match.compared * _VERY_FAR else "-very-far"


def in_one_line(case: Case, language: Language) -> str:
    """How near it is, what of the question it does not fit, and how much is told of it.

    « cas proche, rang 12 sur 1 248 ; 5 étapes ».
    """
    said, match = case.experience, case.match
    if match.is_own:
        near = say("brief-close-own" if match.is_close else "named-own", language)
    elif match.rank:
        rank, of = grouped(match.rank, language), grouped(match.compared, language)
        near = say("brief-close" if match.is_close else f"brief-rank{_far(match)}", language, rank=rank, of=of)
    else:
        near = say("brief-unplaced", language) if match.compared else ""
    counts = {
        "steps": sum(len(process.steps) for process in said.processes),
        "roles": len(said.roles),
        "obstacles": len(said.obstacles),
        "outcomes": len(said.outcomes),
    }
    told = [
        say(plural(f"brief-{name}-one", f"brief-{name}", count, language), language, count=grouped(count, language))
        for name, count in counts.items()
        if count
    ]
    line = say("list", language).join(
        filter(None, (near, *match.unlike, ", ".join(told) or say("brief-needs", language)))
    )
    return spaced(line) if language == "fr" else line
