"""Communes through time: what a code meant on a day, and what became of its ground.

A commune is some pieces of ground. A merger puts pieces together. A commune that is established again takes back the
pieces that it had when it ended, and what is left stays; where nothing tells which pieces go where, each is cut, and
nobody knows how much of it went to which side. So what is surely in one commune is told from what was shared out,
however often communes merged and parted in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from clirld.search.words import key as folded
from clirld.territory.changes import Change
from clirld.territory.parts import Part, parts_of
from clirld.territory.pieces import NO_GROUND, Ground, Pieces

FIRST_DAY = "1943-01-01"
"""Before it nothing is known: the changes begin in 1943."""


@dataclass(slots=True)
class Version:
    """A commune between two changes that touch it, of which `began` is the first and `ended` the last.

    `start` is its first day, None where it was there before 1943 or its beginning is not known; `end` the day after its
    last one, None while it lasts. Both are YYYY-MM-DD.
    """

    code: str
    name: str
    start: str | None
    ground: Ground
    began: Change | None = None
    end: str | None = None
    ended: Change | None = None

    def is_on(self, day: str) -> bool:
        """Whether it is there on a day (YYYY-MM-DD)."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Target:
    """A commune that has ground of another one of another day.

    `whole`: it has all of that one's ground; `alone`: it has no other ground.
    """

    code: str
    whole: bool
    alone: bool


class Step(NamedTuple):
    """What a change did to some communes, of which it may have touched others too."""

    change: Change
    before: list[Version]
    after: list[Version]


class History:
    """All communes since 1943, by code."""

    def __init__(
        self, changes: Iterable[Change], today: Mapping[str, str], parts: Mapping[str, str] | None = None
    ) -> None:
        """Take the changes, the communes of today (code → name), and their parts (code → commune of today).

        A part tells where ground is that changed communes without a change saying so.
        """
        self.today = dict(today)
        self.parts = dict(parts or {})
        self._versions: dict[str, list[Version]] = defaultdict(list)
        self._pieces = Pieces()
        in_order = sorted(changes, key=lambda c: c.date)
        self._parts = parts_of(in_order)
        days = [(day, list(some)) for day, some in groupby(in_order, key=lambda c: c.date)]
        self.first_day = days[0][0] if days else FIRST_DAY
        self.last_day = days[-1][0] if days else FIRST_DAY
        for code, name in _at_first(days, today).items():
            self._begin(code, name, None, frozenset([self._pieces.add("", code)]), None)
        for _day, some in days:
            for change in _in_order(some, self._is_there):
                self._apply(change)
        # Changes may be older than the list of communes, or not whole.
        for code in today:
            if not self._is_there(code):
                since = self._versions[code][-1].end if self._versions[code] else None
                self._begin(code, today[code], since, frozenset([self._pieces.add(since or "", code)]), None)

    # What is asked.

    def versions(self, code: str) -> list[Version]:
        """What a code has been, in order; empty where it was never a commune's."""
        return list(self._versions.get(code, ()))

    def codes(self) -> list[str]:
        """All codes that were ever a commune's."""
        return sorted(self._versions)

    def since(self, code: str) -> str | None:
        """Since when a code has been a commune's without a break, the last time; None where that is not known."""
        versions = self._versions.get(code, [])
        start = None
        for later, earlier in zip(reversed(versions), [*reversed(versions[:-1]), None], strict=False):
            start = later.start
            if earlier is None or earlier.end != later.start:
                break
        return start

    def named(self, name: str) -> list[str]:
        """Codes of communes that have or had this name; accents, capitals and hyphens do not count."""
        return sorted(self._codes_by_name.get(folded(name), ()))

    def names(self) -> list[str]:
        """All names that communes have or had, as names are compared."""
        return list(self._codes_by_name)

    def spelling(self, name: str) -> str:
        """How a name is written, with its accents; the name itself where no commune had it."""
        versions = (version for code in self.named(name) for version in self._versions[code])
        return next((one.name for one in versions if folded(one.name) == folded(name)), name)

    def at(self, code: str, day: str) -> Version | None:
        """What a code was on a day (YYYY-MM-DD); None where it was no commune's."""
        return next((version for version in self._versions.get(code, ()) if version.is_on(day)), None)

    def part_times(self, code: str) -> list[Part]:
        """The times in which a code was that of an associated or delegated commune, in order."""
        return list(self._parts.get(code, ()))

    def part_at(self, code: str, day: str) -> Part | None:
        """The part of a commune that a code was on a day; None where it was none, or an arrondissement."""
        return next((part for part in self._parts.get(code, ()) if part.is_on(day)), None)

    def whole_of(self, part: Part, day: str) -> Version | None:
        """The commune that a part belongs to on a day of it; None where that is not sure."""
        ground = self.ground_of_part(part)
        found = self.targets(ground, day) if ground else []
        return self.at(found[0].code, day) if len(found) == 1 else None

    def ground_of_part(self, part: Part) -> Version | None:
        """The commune that a part was before: its ground is the part's. None for an arrondissement, which was none."""
        before = reversed(self._versions.get(part.code, []))
        return next((one for one in before if one.end and one.end <= part.start), None)

    def ground(self, version: Version, day: str) -> Ground:
        """The pieces of a version of a commune, cut as they are on a day of it or later."""
        return self._pieces.on(version.ground, day)

    def targets(self, version: Version, day: str) -> list[Target]:
        """The communes of another day, before or after, that have ground of a version of a commune, by code.

        None where none is known, as for communes of before they were French.
        """
        if version.is_on(day):
            return [Target(version.code, whole=True, alone=True)]
        latest = max(day, version.start or FIRST_DAY)
        wanted = self.ground(version, latest)
        found = []
        for code in self._pieces.holders(wanted, day):
            other = self.at(code, day)
            ground = self.ground(other, latest) if other else NO_GROUND
            found.append(Target(code, whole=wanted <= ground, alone=ground <= wanted))
        return found

    def path(self, version: Version, day: str) -> list[Step]:
        """The changes, in order, by which the ground of a version came to the communes of a later day.

        What leaves it with a commune of the same name and the same ground is none of them.
        """
        found: list[Step] = []
        now = [version]
        while ending := [one for one in now if one.end and one.end <= day]:
            first = min(str(one.end) for one in ending)
            later = [there for code in self._pieces.holders(version.ground, first) if (there := self.at(code, first))]
            if {(one.code, one.name, self.ground(one, first)) for one in later} != {
                (one.code, one.name, self.ground(one, first)) for one in now
            }:
                found += self._steps([one for one in ending if one.end == first], later)
            now = later
        return found

    def _steps(self, ending: list[Version], later: list[Version]) -> list[Step]:
        """The changes of a day that lead from some versions to others, with what they did to these."""
        steps: dict[int, Step] = {}
        left = list(ending)
        while left:
            one = left.pop(0)
            change, day = one.ended, one.end
            if change is None:
                continue
            # What a change makes and another one ends on the same day lies between them.
            between = [it for code in change.afters for it in self._versions[code] if it.start == it.end == day]
            after = [it for it in (*later, *between) if it.began is change]
            if id(change) not in steps:
                left += between
            step = steps.setdefault(id(change), Step(change, [], after))
            step.before.append(one)
        return list(steps.values())

    @cached_property
    def _codes_by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for code, versions in self._versions.items():
            for name in dict.fromkeys(folded(name) for name in dict.fromkeys(version.name for version in versions)):
                found[name].append(code)
        return found

    # The making of it.

    def _is_there(self, code: str) -> bool:
        versions = self._versions.get(code, [])
        return any(version.end is None for version in versions[-1:])

    def _begin(self, code: str, name: str, day: str | None, ground: Ground, change: Change | None) -> None:
        self._versions[code].append(Version(code, name, day, ground, change))

    def _apply(self, change: Change) -> None:
        """Give the ground of the communes before a change to those after it."""
        names = change.afters
        destinations: dict[str, set[str]] = defaultdict(set)
        created: set[str] = set()
        for passage in change.passages:
            if not passage.is_of_communes:
                continue
            if passage.before:
                destinations[passage.before.code].update([passage.after.code] if passage.after else [])
            elif passage.after:
                created.add(passage.after.code)
        # Where a part of a commune changes only, its commune may get another name.
        touched = {code for code in (*destinations, *names) if self._is_there(code)}
        before = {code: self._versions[code][-1].ground for code in touched}
        after: dict[str, set[int]] = defaultdict(set)
        for code in touched:
            self._give(change, before[code], code, destinations.get(code, {code}), after)
        for code in created:
            after[code].add(self._pieces.add(change.date, code))
        for code in touched:
            last = self._versions[code][-1]
            last.end, last.ended = change.date, change
        for code, given in after.items():
            self._begin(code, names.get(code) or self._name_of(code), change.date, frozenset(given), change)
            self._pieces.give(given, change.date, code)
        kept = NO_GROUND.union(*after.values())
        for ground in before.values():
            self._pieces.give(self._pieces.on(ground, change.date) - kept, change.date, None)

    def _name_of(self, code: str) -> str:
        versions = self._versions.get(code)
        return versions[-1].name if versions else self.today.get(code, code)

    def _give(
        self, change: Change, ground: Ground, code: str, destinations: set[str], after: dict[str, set[int]]
    ) -> None:
        """Share the ground of a commune out to the communes that it goes to, one after another."""
        heir = self._heir(change, code, destinations) if len(destinations) > 1 else None
        left = ground
        others = set(destinations)
        claims: dict[str, Ground] = {}
        for destination in sorted(destinations - {heir}) if len(destinations) > 1 else ():
            if claim := left & self._claim(destination, change, ground):
                claims[destination] = claim
                left -= claim
                others.discard(destination)
        if others and not left:  # a commune has ground of which nobody knows what it is: no claim is the whole of it
            claims, left, others = {}, ground, set(destinations)
        elif left and not others:  # what nobody takes back is with one of them
            others = set(destinations)
        for destination, claim in claims.items():
            after[destination] |= claim
        if len(others) == 1:
            after[others.pop()] |= left
        elif others:
            self._cut_up(left, change, others, after)

    def _cut_up(self, ground: Iterable[int], change: Change, codes: Iterable[str], after: dict[str, set[int]]) -> None:
        for number in sorted(ground):
            for code, part in self._pieces.cut_up(number, change.date, sorted(codes)).items():
                after[code].add(part)

    def _heir(self, change: Change, code: str, destinations: set[str]) -> str | None:
        """The commune that goes on: that of the same name, which may have taken another code, else that of the code."""
        names, before = change.afters, folded(self._versions[code][-1].name)
        named = [one for one in sorted(destinations) if folded(names.get(one, "")) == before]
        if code in named or not named:
            return code if code in destinations else None
        return named[0]

    def _claim(self, code: str, change: Change, ground: Ground) -> Ground:
        """What a commune that is established again takes back: what it had by that name, and what is its part today."""
        name = folded(change.afters.get(code, ""))
        earlier = [version for version in self._versions.get(code, ()) if version.ground != ground]
        same_name = [version for version in earlier if folded(version.name) == name]
        had = [version.ground for version in (same_name or earlier)[-1:]]
        had += [
            versions[-1].ground
            for part, whole in self.parts.items()
            if whole == code and part != code and (versions := self._versions.get(part))
        ]
        return ground.intersection(*[NO_GROUND.union(*(self._pieces.on(one, change.date) for one in had))])


def _at_first(days: list[tuple[str, list[Change]]], today: Mapping[str, str]) -> dict[str, str]:
    """The communes that were there before the first change: code → name."""
    there: dict[str, str] = {}
    created: set[str] = set()
    for _day, changes in days:
        # A code that one change of a day makes and another one ends was not there before.
        made = {
            passage.after.code
            for change in changes
            for passage in change.passages
            if passage.after and passage.is_of_communes and passage.after.code not in change.befores
        }
        for change in changes:
            for code, name in change.befores.items():
                if code not in created and code not in made:
                    there.setdefault(code, name)
        created |= made - there.keys()
    return there | {code: name for code, name in today.items() if code not in there and code not in created}


def _in_order(changes: list[Change], is_there: Callable[[str], bool]) -> Iterator[Change]:
    """The changes of a day: one that ends a commune which another one makes comes after that."""
    left = sorted(changes, key=lambda change: change.kind)
    while left:
        ready = next((c for c in left if all(is_there(code) for code in c.befores)), left[0])
        left.remove(ready)
        yield ready
