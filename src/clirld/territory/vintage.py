"""Of which years the codes of a table may be: those on whose first of January all of them were communes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from clirld.territory.codes import since_1976
from clirld.territory.history import FIRST_DAY, History, Version

FIRST_YEAR = int(FIRST_DAY[:4])
_MOST_OUTSIDE = 0.1
"""Share of the codes that tell a year which may be of another one: more of them, and the table is of several years."""


def years_of(version: Version, last: int) -> range:
    """The years on whose first of January a version of a commune was there, until a last one."""
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
    """Codes that were communes', but in none of these years."""

    @property
    def is_mixed(self) -> bool:
        """Whether codes are of years that never were together."""
        return bool(self.outside)


def guess(history: History, codes: Iterable[str]) -> Vintage:
    """The years that distinct codes may be of. Codes that were never a commune's say nothing."""
    last = int(history.last_day[:4])
    all_years = range(FIRST_YEAR, last + 1)
    known = {code: years for code in sorted(set(codes)) if (years := years_of_code(history, code, last))}
    telling = {code: years for code, years in known.items() if len(years) < len(all_years)}
    counts = Counter(dict.fromkeys(all_years, 0))
    for years in telling.values():
        counts.update(years)
    most = max(counts.values())
    best = tuple(year for year in all_years if counts[year] == most)
    outside = tuple(code for code, years in telling.items() if best[-1] not in years)
    is_told = len(best) < len(all_years) and len(outside) <= _MOST_OUTSIDE * len(telling)

    def missing(year: int) -> str | None:
        found = (code for code, years in telling.items() if year not in years and code not in outside)
        return next(found, None) if year in all_years else None

    return Vintage(best, is_told, missing(best[0] - 1), missing(best[-1] + 1), outside)
