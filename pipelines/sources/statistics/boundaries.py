"""The communes of today that those of another year have become."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from clirld.read.rows import SourceRow

from .layout import text_of


class Boundaries:
    """What became of communes, from the events since 1943 (Insee: MOD, DATE_EFF, TYPECOM_AV, TYPECOM_AP)."""

    def __init__(self, mergers: Iterable[SourceRow], current: set[str]) -> None:
        self.current = current
        self._today: dict[tuple[str, int], set[str]] = {}
        self._events: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._origins: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._of_year: dict[int, frozenset[str]] = {}
        for r in mergers:
            before, after, date = text_of(r, "COM_AV"), text_of(r, "COM_AP"), text_of(r, "DATE_EFF")
            if text_of(r, "TYPECOM_AV") == "COM" and text_of(r, "TYPECOM_AP") == "COM":
                self._events[before].append((date, after))
                self._origins[after].append((date, before))
        self.known = current.union(self._events, self._origins)
        """All codes that were ever a commune's."""
        self.last = int(max((date for events in self._events.values() for date, _after in events), default="1943")[:4])
        """The year of the last event."""

    def of_year(self, year: int) -> frozenset[str]:
        """The codes that were communes' on the first of January of a year."""
        if year not in self._of_year:
            changed = self._events.keys() | self._origins.keys()
            existed = (one for one in changed if self._existed(one, f"{year}-01-01"))
            self._of_year[year] = frozenset(existed) | (self.known - changed)
        return self._of_year[year]

    def today(self, code: str, year: int) -> set[str]:
        """The communes of today that a commune of the first of January of a year has become."""
        if (code, year) not in self._today:
            self._today[code, year] = self._follow(code, f"{year}-01-01", frozenset())
        return self._today[code, year]

    def _follow(self, code: str, since: str, path: frozenset[tuple[str, str]]) -> set[str]:
        dates = sorted({date for date, _after in self._events[code] if date > since})
        for date in dates:
            successors = {after for day, after in self._events[code] if day == date}
            if successors != {code} and (code, date) not in path:
                found: set[str] = set()
                for after in successors:
                    found |= self._follow(after, date, path | {(code, date)})
                return found
        return {code} & self.current

    def before(self, code: str, year: int) -> set[str]:
        """The communes of the first of January of a year that have become a commune of today."""
        since, found, ahead = f"{year}-01-01", set(), [code]
        while ahead:
            one = ahead.pop()
            found.add(one)
            ahead += [before for date, before in self._origins[one] if date > since and before not in found]
        return {one for one in found if self._existed(one, since) and code in self.today(one, year)}

    def _existed(self, code: str, day: str) -> bool:
        """Whether a code was a commune's on a day: some ended and came back."""
        ends = [(date, after == code) for date, after in self._events[code]]
        starts = [(date, True) for date, _before in self._origins[code]]
        past = [one for one in ends + starts if one[0] <= day]
        if past:
            last = max(date for date, _stays in past)
            return any(stays for date, stays in past if date == last)
        first = min((date for date, _stays in ends + starts), default="")
        return not first or any(date == first for date, _stays in ends)
