"""Parts of communes through time: associated and delegated communes, and municipal arrondissements.

A part has a code of its own, which was a commune's before; an arrondissement's never was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from clirld.territory.changes import COMMUNE, Change, Unit


@dataclass(slots=True)
class Part:
    """A time in which a code was that of a part of a commune: its first day, and the day after its last one."""

    type: str
    """TYPECOM: COMA associated, COMD delegated, ARM arrondissement."""
    code: str
    name: str
    start: str
    """"" where it is not known."""
    end: str | None = None

    def is_on(self, day: str) -> bool:
        """Whether it is there on a day (YYYY-MM-DD)."""
        return self.start <= day and (self.end is None or day < self.end)


def parts_of(changes: Iterable[Change]) -> dict[str, list[Part]]:
    """The parts that changes, in the order of their days, make and end: code → its times."""
    found: dict[str, list[Part]] = defaultdict(list)
    for change in changes:
        units = [unit for passage in change.passages for unit in passage if unit and unit.type != COMMUNE]
        after = {unit for passage in change.passages if (unit := passage.after) and unit.type != COMMUNE}
        for unit in dict.fromkeys(units):
            _follow(found[unit.code], unit, change.date, goes_on=unit in after)
    return dict(found)


def _follow(times: list[Part], unit: Unit, day: str, *, goes_on: bool) -> None:
    last = times[-1] if times and times[-1].end is None else None
    if last and (last.type != unit.type or not goes_on):
        last.end = day
        last = None
    if goes_on and last is None:
        times.append(Part(unit.type, unit.code, unit.name, day))
    elif last:
        last.name = unit.name
