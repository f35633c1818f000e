"""Of which years the codes of a table may be: those on whose first of January all of them were communes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clirld.territory.codes import since_1976
from clirld.territory.history import FIRST_DAY, History, Version
from clirld.territory.parts import Part

FIRST_YEAR = int(FIRST_DAY[:4])
_MOST_OUTSIDE = 0.1
"""Share of the codes that tell a year which may be of another one: more of them, and the table is of several years."""
_LONG = 10
_STRAYS, _MOST_STRAYS, _STRAY_SHARE, _CODES_A_STRAY = 2, 5, 0.02, 5
"""A year that hangs on two codes, or on one in fifty up to five of them, hangs on too few where without them it could
be ten years later or more: they may be strays, of an old list or mistyped. A table has five times as many codes."""


def years_of(version: Version | Part, last: int) -> range:
    """The years on whose first of January a version of a commune, or a part of one, was there, until a last one."""
    first = FIRST_YEAR
    if version.start:
        first = int(version.start[:4]) + (version.start[4:] != "-01-01")
    if version.end:
        last = min(last, int(version.end[:4]) - (version.end[4:] == "-01-01"))
    return range(max(first, FIRST_YEAR), last + 1)


def years_of_code(history: History, code: str, last: int) -> set[int]:
    """The years on whose first of January a code was a commune's; of a code of Corsica's, whichever form it has."""
    forms = [code, *filter(None, [since_1976(history, code)])]
    return {year for form in forms for version in history.versions(form) for year in years_of(version, last)}


@dataclass(frozen=True, slots=True)
class Vintage:
    """The years that the codes of a table may be of, and what tells them."""

    years: tuple[int, ...]
    """In order; all there are, where nothing tells."""
    is_told: bool
    """Whether some codes leave years out, and no others contradict them."""
    since: str | None = None
    """A code that was none in the year before the first."""
    until: str | None = None
    """A code that is none in the year after the last."""
    outside: tuple[str, ...] = ()
    """Codes that were communes', or of parts of one, but in none of these years."""
    strays: tuple[tuple[str, int, int], ...] = ()
    """Codes that alone would tell earlier years, so few that nothing is concluded from them; with their years."""
    instead: tuple[int, ...] = ()
    """Years that the codes tell, of a year that somebody declared and that they contradict."""
    against: tuple[str, ...] = ()
    """Codes that were no communes' in a declared year that is contradicted."""

    @property
    def is_mixed(self) -> bool:
        """Whether codes are of years that never were together."""
        return bool(self.outside)

    @property
    def doubts(self) -> int:
        """How many codes speak against the years."""
        return len(self.outside) + len(self.strays)


def guess(history: History, codes: Iterable[str]) -> Vintage:
    """The years that distinct codes may be of. Codes that were never a commune's say nothing.

    All are taken to be communes'; where that leaves doubts, some may be those of parts of communes.
    """
    last = int(history.last_day[:4])
    distinct = sorted(set(codes))
    known = {code: years for code in distinct if (years := years_of_code(history, code, last))}
    found = _guess(known, range(FIRST_YEAR, last + 1))
    if found.doubts:
        parts = {
            code: years.union(*(years_of(part, last) for part in history.part_times(code)))
            for code, years in known.items()
        }
        with_parts = _guess(parts, range(FIRST_YEAR, last + 1))
        found = with_parts if with_parts.doubts < found.doubts else found
    return found


def declared(history: History, codes: Iterable[str], year: int) -> Vintage:
    """A year that somebody says codes are of, and what they tell instead where they contradict it.

    Codes that tell no year contradict none, nor do those of several years that never were together.
    """
    distinct = sorted(set(codes))
    found = guess(history, distinct)
    if not found.is_told or year in found.years:
        return Vintage((year,), is_told=True)
    last = int(history.last_day[:4])
    known = ((code, years_of_code(history, code, last)) for code in distinct)
    against = tuple(code for code, years in known if years and year not in years)
    return Vintage((year,), is_told=True, instead=found.years, against=against)


def _guess(known: Mapping[str, set[int]], all_years: range) -> Vintage:
    telling = {code: years for code, years in known.items() if len(years) < len(all_years)}
    few = min(max(_STRAYS, int(len(known) * _STRAY_SHARE)), _MOST_STRAYS, len(known) // _CODES_A_STRAY)
    counts = Counter(dict.fromkeys(all_years, 0))
    for years in telling.values():
        counts.update(years)
    most = max(counts.values())
    until = max(year for year in all_years if counts[year] == most)
    outside = tuple(code for code, years in telling.items() if until not in years)
    inside = {code: years for code, years in telling.items() if until in years}
    best = tuple(year for year in all_years if all(year in years for years in inside.values()))
    later = [year for year in all_years if year > until and counts[year] >= most - few]
    strays: tuple[str, ...] = ()
    if later and later[-1] - until >= _LONG:
        strays = tuple(code for code in inside if later[-1] not in telling[code])
        outside = tuple(code for code in outside if later[-1] not in telling[code])
        best += tuple(range(until + 1, later[-1] + 1))
    is_told = len(best) < len(all_years) and len(outside) <= max(few, _MOST_OUTSIDE * len(telling))

    def missing(year: int) -> str | None:
        found = (code for code, years in inside.items() if year not in years and code not in strays)
        return next(found, None) if year in all_years else None

    named = tuple((code, min(telling[code]), max(telling[code])) for code in strays)
    return Vintage(best, is_told, missing(best[0] - 1), missing(best[-1] + 1), outside, named)
