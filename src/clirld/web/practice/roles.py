"""Who was there at which phase: roles by phase, from the dates of roles and of what was done, and from the process.

A role is said to be held at a phase where something of that phase is dated within the role; it may have been where
the role has no end and began before; it is expected where a step of the process asks for it. Nothing else is inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from clirld.reuse.cases import Activity, Process, Role
from clirld.reuse.facts import Named, Source
from clirld.reuse.told import Expected, Told

State = Literal["said", "doubtful", "expected", "not-said"]
_RANK: dict[State, int] = {"said": 3, "doubtful": 2, "expected": 1, "not-said": 0}


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role: who holds it, who says so, and what is known of it at each phase."""

    role: Named
    is_public: bool
    actors: list[Named]
    states: list[State]
    sources: list[Source]


@dataclass(frozen=True, slots=True)
class RoleTable:
    """Roles by phase: the phases that something is known of, and a row a role, public actors first."""

    phases: list[Named]
    rows: list[RoleRow]

    @property
    def has(self) -> set[State]:
        """The states that occur."""
        return {state for row in self.rows for state in row.states}


def year(text: str) -> int | None:
    """The year that a date begins with."""
    return int(text[:4]) if text[:4].isdecimal() else None


def role_table(told: Told, process: Process) -> RoleTable:
    """The roles of a case by the phases of what was done and of a process."""
    steps = {step.iri: step.kinds for step in process.steps}
    known = {phase for kinds in steps.values() for phase in kinds}
    known |= {phase for one in told.experience.activities for phase in one.kinds}
    phases = [one for one in told.phases if one in known]
    rows: dict[tuple[bool, Named], list[Role]] = {}
    for role in told.experience.roles:
        for kind in role.kinds or [Named("", "")]:
            rows.setdefault((role.is_public, kind), []).append(role)
    for expected in (told.expected[iri] for iri in steps):
        for kind in expected.public_roles:
            rows.setdefault((True, kind), [])
        for kind in expected.roles:
            rows.setdefault((False, kind), [])
    asked = [(kinds, told.expected[iri]) for iri, kinds in steps.items()]
    found = [
        RoleRow(
            kind,
            is_public,
            list(dict.fromkeys(role.actor for role in held)),
            [_state(phase, kind, held, told.experience.activities, asked) for phase in phases],
            list(dict.fromkeys(role.source for role in held if role.source)),
        )
        for (is_public, kind), held in rows.items()
    ]
    return RoleTable(phases, sorted(found, key=lambda row: (not row.is_public, not row.actors, row.role.label)))


def _state(
    phase: Named,
    kind: Named,
    held: Iterable[Role],
    activities: Sequence[Activity],
    asked: Iterable[tuple[list[Named], Expected]],
) -> State:
    years = [year(one.start) for one in activities if phase in one.kinds]
    states: list[State] = [_at(role, one) for role in held for one in years if one]
    if any(phase in kinds and kind in (*steps.roles, *steps.public_roles) for kinds, steps in asked):
        states.append("expected")
    return max(states, key=_RANK.__getitem__, default="not-said")


def _at(role: Role, when: int) -> State:
    """What the dates of a role say of a year."""
    start, end = year(role.start), year(role.end)
    if when in (start, end) or (start and end and start <= when <= end):
        return "said"
    is_open = (start and not end and start < when) or (end and not start and when < end)
    return "doubtful" if is_open else "not-said"
