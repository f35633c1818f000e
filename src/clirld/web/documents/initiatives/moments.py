"""What happened when: recognitions, activities, who carried it, public actors; as a list, and as a drawn line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from clirld.settings import BASE
from clirld.web.documents.initiatives.call_years import call_year
from clirld.web.documents.initiatives.roles import numbers
from clirld.web.documents.told import Fact, Part, Value
from clirld.web.documents.wording import Words

LANES = ("existence", "carrier", "public", "recognition", "activity")
"""What a moment is of, in the order of the drawing: `lane-…` of wording.yaml."""

MOST = 25
"""Moments that the list has; the drawing stands for all."""

_YEAR = re.compile(r"(\d{4})")
_WIDTH, _LEFT, _TOP, _LANE = 1216, 200, 44, 40
_TICKS = 12  # years that are written at most


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened: when, of what, what it was and who says so."""

    when: list[Value]
    lane: str
    what: list[Value]
    text: list[Value]
    href: str
    cite: Callable[[], tuple[int, ...]]
    is_of_call: bool = False
    """Whether `when` is the year of the call, since no source says that of the recognition."""

    @property
    def sources(self) -> tuple[int, ...]:
        """Numbers of the sources that say so."""
        return self.cite()

    @property
    def years(self) -> tuple[int, int] | None:
        """Its first and last year; None where it has none."""
        found = [int(match[1]) for value in self.when if (match := _YEAR.match(value.text))]
        return (min(found), max(found)) if found else None


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of the drawing: its place, whether it is a public actor's, how many moments it stands for."""

    x: int
    y: int
    is_public: bool
    count: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lanes, years, marks and spans of the drawn line, in units of its view box."""

    width: int
    height: int
    left: int
    lanes: list[tuple[int, str]]
    years: list[tuple[int, str]]
    marks: list[Mark]
    spans: list[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Timeline:
    """All moments, those with a year first; the drawing where there are years enough to draw."""

    moments: list[Moment]
    drawing: Drawing | None
    rest: int = 0
    """How many moments the list does not have."""

    @property
    def sources(self) -> tuple[int, ...]:
        """Numbers of the sources of the section."""
        return numbers(*(one.sources for one in self.moments))


def timeline(words: Words, facts: Sequence[Fact], groups: Mapping[str, Sequence[Part]]) -> Timeline:
    """The moments of an initiative.

    `groups` are participations, recognitions and activities by the property that joins them to it.
    """
    moments = [*_existence(facts)]
    moments += [
        Moment(part.when, lane, part.main, part.lead, "", part.cite)
        for part in groups.get("org:organization", ())
        if part.when and (lane := _lane(part))
    ]
    moments += [_recognised(words, part) for part in groups.get("clir:recognises", ())]
    moments += [
        Moment(part.when, "activity", part.main, [*part.lead, *part.what], part.href, part.cite)
        for part in groups.get("clir:withinInitiative", ())
    ]
    moments.sort(key=lambda one: (one.years is None, one.years or (0, 0), LANES.index(one.lane), one.href))
    return Timeline(moments[:MOST], drawing(words, moments), max(0, len(moments) - MOST))


def _recognised(words: Words, part: Part) -> Moment:
    """A recognition: in its year, else in that of its call, where its name has it, with a word that says so."""
    years = {call_year(one.text) for one in part.lead if f"{BASE}concept/recognition/" in one.iri}
    called = "" if part.when or len(years) != 1 else years.pop()
    when = [Value(words("year-of-call", year=called))] if called else part.when
    return Moment(when, "recognition", [*part.lead, *part.main], part.what, part.href, part.cite, bool(called))


def _existence(facts: Iterable[Fact]) -> Iterable[Moment]:
    for fact in facts:
        if fact.predicate.rpartition("#")[2] in ("startYear", "endYear"):
            said = fact.by_source or [(0, fact.values)]
            for _, values in said:
                for value in values:
                    label = Value(fact.label[:1].upper() + fact.label[1:])
                    sources = value.sources or numbers(*(one.sources for one in fact.values if one.text == value.text))
                    yield Moment([value], "existence", [label], [], "", partial(tuple, sources))


def _lane(part: Part) -> str:
    """The lane of a participation; none where the list of who takes part says enough."""
    if part.is_public:
        return "public"
    return "carrier" if any(role.iri.endswith("/carrier") for role in part.lead) else ""


def drawing(words: Words, moments: Iterable[Moment]) -> Drawing | None:
    """The drawn line; None where fewer than two years are told."""
    dated = [(one, one.years) for one in moments if one.years]
    found = {year for _, years in dated for year in years}
    if len(found) < 2:
        return None
    first, last = min(found), max(found)
    step = max(1, -(-(last - first) // _TICKS))
    lanes = [lane for lane in LANES if any(one.lane == lane for one, _ in dated)]
    heights = {lane: _TOP + 20 + n * _LANE for n, lane in enumerate(lanes)}
    counted: dict[tuple[int, str], int] = {}
    spans = []

    def x(year: int) -> int:
        return round(_LEFT + 14 + (_WIDTH - _LEFT - 40) * (year - first) / (last - first))

    for one, (start, end) in dated:
        counted[start, one.lane] = counted.get((start, one.lane), 0) + 1
        if end > start:
            spans.append((x(start), x(end), heights[one.lane]))
    return Drawing(
        _WIDTH,
        _TOP + len(lanes) * _LANE,
        _LEFT,
        [(heights[lane], words(f"lane-{lane}")) for lane in lanes],
        [(x(year), str(year)) for year in range(first, last + 1, step)],
        [Mark(x(year), heights[lane], lane == "public", count) for (year, lane), count in sorted(counted.items())],
        spans,
    )
