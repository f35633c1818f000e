"""Where the rows of a commune go: to one commune, to several by shares of a census, or to none that is sure.

What cannot be divided is never divided: not in equal parts, nor by area.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from clirld.territory.codes import since_1976
from clirld.territory.history import History, Version
from clirld.territory.parts import Part
from clirld.territory.stored import Census
from clirld.territory.vintage import years_of

Outcome = Literal[
    "same",
    "moved",
    "part",
    "divided",
    "undivided",
    "undecided",
    "beside-its-whole",
    "not-then",
    "never",
    "not-a-code",
    "no-code",
    "unreadable",
]
"""What becomes of a row; those from undivided on are not in the new table."""

CONVERTED: tuple[Outcome, ...] = ("same", "moved", "part", "divided")


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the rows with a code: the communes that they go to, and the weight of each."""

    outcome: Outcome
    weights: Mapping[str, int]
    """Commune → weight; one commune where nothing is divided, those that it may be where it cannot be."""

    @property
    def is_converted(self) -> bool:
        """Whether rows with this code are in the new table."""
        return self.outcome in CONVERTED


class Planner:
    """Plans for codes of some years, towards the communes of a day."""

    def __init__(self, history: History, years: Sequence[int], day: str, census: Census | None = None) -> None:
        self._history = history
        self._years = frozenset(years)
        self._last = max(years)
        self._day = day
        self._census = census
        self._arrondissements: dict[str, list[str]] = defaultdict(list)
        for code, whole in sorted(history.parts.items()):
            if not history.versions(code):  # delegated and associated communes were communes
                self._arrondissements[whole].append(code)

    def plan(self, code: str, others: frozenset[str] = frozenset()) -> Plan:
        """What becomes of a code in a table that has these other codes too."""
        history = self._history
        if not history.versions(code):
            return self._arrondissement(code, others)
        versions = self._versions(code) or self._versions(since_1976(history, code) or "")
        if not versions:
            return self._part(code, others)
        plans = [self._of_version(version) for version in versions]
        as_part = self._part(code, others)  # in other years of those that are possible
        if as_part.outcome != "not-then" and as_part != Plan("part", plans[0].weights):
            plans.append(as_part)
        if any(plan != plans[0] for plan in plans):
            return Plan("undecided", {target: 1 for plan in plans for target in plan.weights})
        plan = plans[0]
        return Plan("same", plan.weights) if plan.outcome == "moved" and [*plan.weights] == [code] else plan

    def _arrondissement(self, code: str, others: frozenset[str]) -> Plan:
        """What becomes of a code that never was a commune's: that of an arrondissement goes with its commune."""
        whole = self._history.parts.get(code)
        if whole is None:
            return Plan("never", {})
        if whole in others:
            return Plan("beside-its-whole", {whole: 1})
        found = self.plan(whole)
        return Plan("part", found.weights) if found.is_converted and len(found.weights) == 1 else found

    def _part(self, code: str, others: frozenset[str]) -> Plan:
        """What becomes of a code that is no commune's in these years: that of a part of one goes with its ground."""
        parts: dict[str, Part] = {}
        for part in self._history.part_times(code):
            days = [f"{year}-01-01" for year in sorted(self._years.intersection(years_of(part, self._last)))]
            # The commune that a new one is called after has its code, and so has the part that it was.
            parts |= {day: part for day in days if self._history.at(code, day) is None}
        if not parts:
            return Plan("not-then", {})
        for day, part in parts.items():
            whole = self._history.whole_of(part, day)
            if whole and whole.code in others:
                return Plan("beside-its-whole", {whole.code: 1})
        # Whatever it was a part of in these years, its own ground did not change.
        before = self._history.ground_of_part([*parts.values()][-1])
        found = self._of_version(before) if before else Plan("not-then", {})
        return Plan("part", found.weights) if found.is_converted and len(found.weights) == 1 else found

    @property
    def year(self) -> int:
        """The year that the rows are taken to be of: the last that they may be of."""
        return self._last

    def present(self, codes: Iterable[str]) -> frozenset[str]:
        """The communes and arrondissements that rows with these codes are of."""
        return frozenset(form for code in codes for form in (code, since_1976(self._history, code)) if form)

    def absent(self, target: str, present: frozenset[str]) -> list[str]:
        """What of a commune of the day is not among these: communes of the year, or arrondissements but for some."""
        version = self._history.at(target, self._day)
        found = self._history.targets(version, f"{self._last}-01-01") if version else []
        absent: list[str] = []
        for code in [one.code for one in found if one.code not in present]:
            arrondissements = self._arrondissements.get(code, [])
            missing = [one for one in arrondissements if one not in present]
            absent += missing if len(missing) < len(arrondissements) else [code]
        return absent

    def _versions(self, code: str) -> list[Version]:
        return [one for one in self._history.versions(code) if not self._years.isdisjoint(years_of(one, self._last))]

    def _of_version(self, version: Version) -> Plan:
        targets = self._history.targets(version, self._day)
        if len(targets) == 1 and targets[0].whole:
            return Plan("moved", {targets[0].code: 1})
        if weights := self._shares(version):
            return Plan("divided", weights) if len(weights) > 1 else Plan("moved", weights)
        return Plan("undivided", {target.code: 1 for target in targets})

    def _shares(self, version: Version) -> dict[str, int] | None:
        """Inhabitants of a commune by the commune that they are in on the day; None where the census does not tell.

        It tells where the communes of its day lie each within this one, and each within one of the day.
        """
        census = self._census
        if census is None:
            return None
        weights: dict[str, int] = defaultdict(int)
        latest = max(census.day, version.start or "")
        covered: set[int] = set()
        for part in self._history.targets(version, census.day):
            counted = self._history.at(part.code, census.day)
            targets = self._history.targets(counted, self._day) if counted else []
            inhabitants = census.population.get(part.code)
            if counted is None or inhabitants is None or not part.alone or len(targets) != 1 or not targets[0].whole:
                return None
            covered |= self._history.ground(counted, latest)
            weights[targets[0].code] += inhabitants
        is_whole = covered >= self._history.ground(version, latest)
        return dict(sorted(weights.items())) if is_whole and sum(weights.values()) > 0 else None


def divide(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """A whole number in whole numbers, by weights: they add up to it (largest remainders; of equal ones, the first)."""
    total = sum(weights.values())
    shares = {code: amount * weight // total for code, weight in weights.items()}
    rests = sorted(weights, key=lambda code: (-(amount * weights[code] % total), code))
    for code in rests[: amount - sum(shares.values())]:
        shares[code] += 1
    return shares
