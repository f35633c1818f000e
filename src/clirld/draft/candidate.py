"""What a column of an unknown file may mean, before it is decided which column means what."""

from __future__ import annotations

from dataclasses import dataclass

from clirld.draft.row_kind import EXACT_NAME
from clirld.draft.sniff import ColumnProfile

_CERTAIN = 300
_WELL_FILLED = 0.8


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a column may be (`to` empty: nothing), how much speaks for it, and why, in French and English."""

    score: float
    column: ColumnProfile
    to: str
    why_fr: str
    why_en: str
    named: bool = False
    """Whether the column's name says it."""

    @property
    def says_so(self) -> bool:
        """Whether the column has a name that is known, not one that is like it: `labels` is no `label`."""
        return self.named and (self.score >= EXACT_NAME or self.to.startswith("acts_in"))

    @property
    def rank(self) -> tuple[float, ...]:
        """The less, the sooner it is taken: what is certain, what has that name, what has values, what is alike."""
        if self.score >= _CERTAIN:
            return (0, 0, -self.score)
        rate = self.column.fill_rate
        if not self.named or not self.column.filled:
            return (2, 0 if self.column.filled else 1, -self.score)
        is_exact = self.score >= EXACT_NAME
        return (1, 0 if is_exact else 1, -min(round(rate, 1), _WELL_FILLED), -self.score)
