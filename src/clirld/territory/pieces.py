"""Pieces of ground: the communes that have had each, and the pieces that it was cut into."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

Ground = frozenset[int]
"""Pieces of ground, by number."""

NO_GROUND: Ground = frozenset()


@dataclass(slots=True)
class _Piece:
    """The codes that have had a piece, each from a day on; None where none has it."""

    days: list[str]
    codes: list[str | None]
    whole: int | None = None
    """The piece that it was cut from."""
    cut: str | None = None
    """The day that it was cut itself."""
    parts: list[int] = field(default_factory=list)

    def holder(self, day: str) -> str | None:
        place = bisect_right(self.days, day) - 1
        return self.codes[place] if place >= 0 else None


class Pieces:
    """All pieces of ground there ever were. Days are YYYY-MM-DD; "" is before all of them."""

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []

    def add(self, day: str, code: str, whole: int | None = None) -> int:
        """A new piece, which a commune has from a day on; its number."""
        self._pieces.append(_Piece([day], [code], whole))
        return len(self._pieces) - 1

    def give(self, ground: Iterable[int], day: str, code: str | None) -> None:
        """Let a commune, or none, have some pieces from a day on."""
        for number in ground:
            piece = self._pieces[number]
            if piece.codes[-1] != code:
                piece.days.append(day)
                piece.codes.append(code)

    def cut_up(self, number: int, day: str, codes: Iterable[str]) -> dict[str, int]:
        """Cut a piece into one for each commune: nobody knows how much of it each has."""
        piece = self._pieces[number]
        parts = {code: self.add(day, code, number) for code in codes}
        piece.cut = day
        piece.parts = list(parts.values())
        return parts

    def on(self, ground: Ground, day: str) -> Ground:
        """Pieces as they are on a day or later: those that were cut until then, as their parts."""
        if not any((cut := self._pieces[number].cut) and cut <= day for number in ground):
            return ground
        found: set[int] = set()
        left = list(ground)
        while left:
            number = left.pop()
            piece = self._pieces[number]
            if piece.cut and piece.cut <= day:
                left += piece.parts
            else:
                found.add(number)
        return frozenset(found)

    def holders(self, ground: Ground, day: str) -> list[str]:
        """The communes that have some of these pieces on a day, earlier or later, or have what they were cut from."""
        found: dict[str, None] = defaultdict()
        for number in self.on(ground, day):
            piece = self._pieces[number]
            while piece.days[0] > day and piece.whole is not None:
                piece = self._pieces[piece.whole]
            if code := piece.holder(day):
                found[code] = None
        return sorted(found)
