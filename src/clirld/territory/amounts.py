"""The amounts of a column that is added up: whole numbers of the smallest unit that a cell may have, and an account.

So what is read is what is written, to the last one. A cell that says why it has no number, as « s » of statistical
secrecy, is not an empty one: both are counted, each by itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from clirld.values import missing, numbers
from clirld.values.text import tidy

_DECIMALS = 9
"""Of a number as `clirld.values.numbers.decimal` reads it."""
_UNIT = 10**_DECIMALS
_EXAMPLES = 3
_MARKS = frozenset(("s", "ss", "c", "ns", "n.s.", "secret", "secret stat", "secret statistique", "confidentiel"))
"""What statistical offices write for a number that is kept secret, or means nothing: Insee's « s », Eurostat's “c”."""


@dataclass(slots=True)
class Balance:
    """Where the amounts of a column went, in the smallest unit (`decimal_text`), and its cells without a number."""

    read: int = 0
    written: int = 0
    withheld: int = 0
    """Of communes for which some row has no number."""
    left_out: dict[str, int] = field(default_factory=dict)
    """By what became of the rows."""
    numbers: int = 0
    """Cells with a number."""
    missing: int = 0
    """Empty cells."""
    marked: Counter[str] = field(default_factory=Counter)
    """Cells that say why they have no number, by what they say: s, n.d., nc."""
    unclean: int = 0
    """Cells with something else than a number."""
    examples: list[tuple[int, str]] = field(default_factory=list)
    """The first of them: row, and what is there."""
    doubtful: int = 0
    """Numbers that may mean something else: 1.234."""
    marks: Counter[str] = field(default_factory=Counter)
    """The signs before decimals, a point or a comma, with how many cells have each."""

    @property
    def is_whole(self) -> bool:
        """Whether everything that was read is somewhere."""
        return self.read == self.written + self.withheld + sum(self.left_out.values())

    def amount(self, text: str, row: int) -> tuple[int, int] | None:
        """A number in the smallest unit, and the unit that its own decimals have; None where there is none."""
        if text.isascii() and text.isdecimal() and len(text) < 16:
            found = int(text) * _UNIT, _UNIT
        else:
            cleaned = numbers.decimal(text)
            if cleaned.value is None:
                self._without_number(text, row, is_unclean=bool(cleaned.code))
                return None
            self.doubtful += cleaned.code == "value-doubtful"
            whole, point, decimals = cleaned.value.partition(".")
            if point:
                self.marks["," if text.rfind(",") > text.rfind(".") else "."] += 1
            sign = -1 if whole.startswith("-") else 1
            digits = int(whole.lstrip("-") + decimals.ljust(_DECIMALS, "0"))
            found = sign * digits, 10 ** (_DECIMALS - len(decimals))
        self.numbers += 1
        self.read += found[0]
        return found

    def _without_number(self, text: str, row: int, *, is_unclean: bool) -> None:
        said = tidy(text)
        if not said:
            self.missing += 1
        elif said.lower() in _MARKS or (not is_unclean and missing.is_missing(said)):
            self.marked[said] += 1
        else:
            self.unclean += 1
            if len(self.examples) < _EXAMPLES:
                self.examples.append((row, said))


def decimal_mark(balances: list[Balance]) -> Literal[".", ","] | None:
    """The sign before decimals that most numbers of a table have; None where none has decimals, or both as often."""
    commas, points = (sum(one.marks[sign] for one in balances) for sign in (",", "."))
    return None if commas == points else "," if commas > points else "."


def decimal_text(amount: int) -> str:
    """An amount in the smallest unit as a decimal number, exactly."""
    digits = str(abs(amount)).rjust(_DECIMALS + 1, "0")
    return without_zeros(f"{'-' if amount < 0 else ''}{digits[:-_DECIMALS]}.{digits[-_DECIMALS:]}")


def without_zeros(number: str) -> str:
    """A decimal number without zeros at its end."""
    return number.rstrip("0").rstrip(".")
