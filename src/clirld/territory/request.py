"""What a conversion is asked for: columns to add up, to keep, to group by, and rates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from clirld.errors import UsageError

_FACTOR = re.compile(r"(.*)\*\s*([0-9]+)\s*")
_RATE_DIGITS = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate made again from its two parts, by as many: `name` is its column."""

    name: str
    part: str
    base: str
    factor: int = 1

    def of(self, part: int, base: int) -> Decimal | None:
        """The rate of two sums, rounded to six decimals; None where the base is nothing."""
        return (Decimal(part * self.factor) / Decimal(base)).quantize(_RATE_DIGITS) if base else None


@dataclass(frozen=True, slots=True)
class Request:
    """The columns of a conversion."""

    code: str
    sums: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    rates: tuple[Rate, ...] = ()
    by: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        columns: Sequence[str],
        code: str,
        sums: Iterable[str] = (),
        keep: Iterable[str] = (),
        rates: Iterable[str] = (),
        by: Iterable[str] = (),
    ) -> Request:
        """A request for a table with these columns. Raises UsageError for a column that it does not have."""
        found = tuple(rate(text, columns) for text in rates)
        # The parts of a rate are added up, whether or not they were asked for.
        all_sums = tuple(dict.fromkeys([*sums, *(one for rate_ in found for one in (rate_.part, rate_.base))]))
        request = cls(code, all_sums, tuple(dict.fromkeys(keep)), found, tuple(dict.fromkeys(by)))
        for option, names in (("--code", [code]), ("--sum", all_sums), ("--keep", request.keep), ("--by", request.by)):
            for name in names:
                if name not in columns:
                    raise _no_column(name, option, columns)
        used = [code, *request.sums, *request.keep, *request.by]
        if twice := [name for name in dict.fromkeys(used) if used.count(name) > 1]:
            raise UsageError(f"column {twice[0]} is asked for twice", where=str(code), do="name it in one option only")
        return request

    @property
    def columns(self) -> list[str]:
        """The columns that are read beside the code."""
        return [*self.by, *self.keep, *self.sums]


def rate(text: str, columns: Sequence[str]) -> Rate:
    """A rate as it is asked for: [NAME=]PART/BASE[*FACTOR]. Raises UsageError."""
    match = _FACTOR.fullmatch(text)
    fraction, factor = (match[1], int(match[2])) if match else (text, 1)
    name, equals, rest = fraction.partition("=")
    named = rest if equals else fraction
    for place in (found.start() for found in re.finditer("/", named)):  # names of columns may have slashes
        part, base = named[:place].strip(), named[place + 1 :].strip()
        if part in columns and base in columns:
            return Rate(name.strip() if equals else text.strip(), part, base, factor)
    part, slash, base = (one.strip() for one in named.partition("/"))
    if not slash:
        raise UsageError(f"{text} is no rate", where="--rate", do="give two columns: --rate jobless/active")
    raise _no_column(base if part in columns else part, "--rate", columns)


def _no_column(name: str, option: str, columns: Sequence[str]) -> UsageError:
    near = get_close_matches(name, columns, n=1)
    if near:
        return UsageError(f"no column {name}", where=option, do=f"did you mean {near[0]}?")
    return UsageError(f"no column {name}", where=option, do=f"use one of: {', '.join(columns)}")
