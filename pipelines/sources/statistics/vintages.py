"""Whether the codes of a column are of the year whose boundaries its file is said to have: each column for itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from clirld.read.rows import Noticed, RowIssue, SourceRow

from .boundaries import Boundaries
from .layout import number_in, padded, text_of, whole_commune

FEW = 5
"""So many codes of another year tell nothing: they may be mistyped, or kept from an older list."""
MOST = 0.9
"""Share of the communes of a year from which on a column is of all of them: those that are not there tell too."""
AROUND = 10
"""Years before and after the one stated that are tried."""
SHOWN = 5


def contradicted(
    name: str, code: str, year: int, figures: Iterable[Sequence[str]], rows: Sequence[SourceRow], boundaries: Boundaries
) -> Iterator[Noticed]:
    """An issue for the columns of a file whose codes fit another year better than the one that it is said to be of.

    `figures` are the columns that make each figure: codes count where all of these have a number.
    """
    columns_of: dict[frozenset[str], list[str]] = {}
    numbered = [(whole_commune(r, padded(text_of(r, code))), r) for r in rows if text_of(r, "commune_type") != "COMD"]
    for columns in figures:
        codes = {one for one, r in numbered if all(number_in(text_of(r, column)) is not None for column in columns)}
        columns_of.setdefault(frozenset(codes & boundaries.known), []).extend(columns)
    for codes, names in columns_of.items():
        if found := _better(codes, year, boundaries):
            better, strangers, absent = found
            detail = {"columns": ", ".join(names), "year": str(year), "better": str(better)}
            detail |= {"strangers": str(len(strangers)), "absent": str(absent)}
            detail |= {"examples": ", ".join(sorted(strangers)[:SHOWN]) or "–"}
            yield Noticed(name, RowIssue("vintage-contradicted", None, names[0], detail))


def _better(codes: frozenset[str], year: int, boundaries: Boundaries) -> tuple[int, set[str], int] | None:
    """A year that the codes fit better; those that were no commune's in the year stated, and how many lack there."""
    is_whole = len(codes & boundaries.of_year(year)) >= MOST * len(boundaries.of_year(year))

    def misfits(of: int) -> int:
        communes = boundaries.of_year(of)
        return len(codes - communes) + (len(communes - codes) if is_whole else 0)

    if (stated := misfits(year)) <= FEW:
        return None
    # Of years that fit as well, that which is nearest.
    years = range(year - AROUND, max(year, min(year + AROUND, boundaries.last)) + 1)
    best = min(years, key=lambda one: (misfits(one), abs(one - year)))
    if stated - misfits(best) <= FEW:
        return None
    communes = boundaries.of_year(year)
    return best, set(codes - communes), len(communes - codes) if is_whole else 0
