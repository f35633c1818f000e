"""Phases by year, as a drawing: a line a phase, a numbered mark for each thing that was done, diamonds for the steps.

Plain geometry: the template draws it, and the same is told in the list below it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clirld.reuse.cases import Activity, Process, Role
from clirld.reuse.facts import Named
from clirld.reuse.told import Told
from clirld.web.practice.roles import year

LEFT, PLAN, RIGHT, UNDATED = 238, 330, 1120, 1160
TOP, ROW = 52, 34
_APART = 26
_MOST_YEARS = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A phase: its name, its height, and whether something is known of it."""

    label: str
    y: int
    is_known: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A thing that was done, or a step: its number, where it stands, whether it has a date."""

    number: int
    x: int
    y: int
    is_dated: bool = True


@dataclass(frozen=True, slots=True)
class PublicMark:
    """When a public actor took a role, and until when where that is known."""

    x: int
    until: int | None
    y: int


@dataclass(frozen=True, slots=True)
class Score:
    """The drawing."""

    lines: list[Line]
    years: list[tuple[int, int]]
    steps: list[Mark]
    moments: list[Mark]
    path: str
    public: list[PublicMark]
    public_y: int
    height: int
    has_undated: bool


def ordered(activities: list[Activity]) -> list[Activity]:
    """What was done in the order of its dates, what has none last."""
    return sorted(activities, key=lambda one: (year(one.start) is None, one.start, one.iri))


def score(told: Told, process: Process, no_phase: str) -> Score | None:
    """The drawing of a case and one of its processes; None where nothing that was done has a year."""
    moments = ordered(told.experience.activities)
    years = [found for one in moments if (found := year(one.start))]
    if not years:
        return None
    public = [one for one in told.experience.roles if one.is_public and year(one.start)]
    spanned = [*years, *(found for one in public for text in (one.start, one.end) if (found := year(text)))]
    first, last = min(spanned), max(spanned)
    phases = list(told.phases)
    known = {phase for one in (*moments, *process.steps) for phase in one.kinds}
    if any(not one.kinds for one in moments):
        phases.append(Named("", no_phase))
        known.add(phases[-1])
    rows = {phase.iri: TOP + n * ROW for n, phase in enumerate(phases)}

    def across(when: int) -> int:
        return round(PLAN + 30 + (when - first) * (RIGHT - PLAN - 60) / max(last - first, 1))

    marks = _moments(moments, rows, across)
    dated = [one for one in marks if one.is_dated]
    public_y = TOP + len(phases) * ROW + 8
    return Score(
        [Line(one.label, rows[one.iri], one in known) for one in phases],
        [(one, across(one)) for one in _ticks(first, last)],
        _steps(process, rows),
        marks,
        " ".join(f"{one.x},{one.y}" for one in dated),
        _public(public, across, public_y),
        public_y,
        public_y + 26,
        len(dated) < len(marks),
    )


def _ticks(first: int, last: int) -> range:
    step = next(one for one in (1, 2, 5, 10, 20, 50, 1000) if (last - first) / one < _MOST_YEARS)
    return range(first if step < 5 else -(-first // step) * step, last + 1, step)


def _moments(activities: list[Activity], rows: dict[str, int], across: Callable[[int], int]) -> list[Mark]:
    taken: dict[tuple[int, int], int] = {}
    marks = []
    for number, one in enumerate(activities, 1):
        y = rows.get(one.kinds[0].iri if one.kinds else "", rows.get("", TOP))
        when = year(one.start)
        x = across(when) if when else UNDATED
        shift = taken.get((x, y), 0)
        taken[x, y] = shift + 1
        marks.append(Mark(number, x + shift * _APART, y, bool(when)))
    return marks


def _steps(process: Process, rows: dict[str, int]) -> list[Mark]:
    taken: dict[int, int] = {}
    marks = []
    for number, step in enumerate(process.steps, 1):
        if step.kinds and step.kinds[0].iri in rows:
            y = rows[step.kinds[0].iri]
            shift = taken.get(y, 0)
            taken[y] = shift + 1
            marks.append(Mark(number, LEFT + shift * _APART, y))
    return marks


def _public(roles: list[Role], across: Callable[[int], int], y: int) -> list[PublicMark]:
    spans = {(start, year(one.end)) for one in roles if (start := year(one.start))}
    ordered_spans = sorted(spans, key=lambda span: (span[0], span[1] or 0))
    return [PublicMark(across(start), across(end) if end else None, y) for start, end in ordered_spans]
