"""From cells of a source column to clean values of a canonical one: split, lookup, cleaner, concept, territory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from clirld.card.model import Target
from clirld.read.rows import Cells
from clirld.records.territory import Territories
from clirld.values.cleaners import CLEANERS, Cleaner
from clirld.vocabulary.tables import Column
from clirld.vocabulary.terms import Vocabulary

_CACHE = 50_000
"""Distinct cells remembered for a column: more than there are communes; memory stays flat."""

Values = tuple[str, ...]
"""Clean values of one cell; none for a cell that has none."""


class CellIssue(NamedTuple):
    """Something noticed about a value: an issue without its place."""

    code: str
    value: str | None
    detail: dict[str, str]


_NO_NOTES: Sequence[CellIssue] = ()


@dataclass(frozen=True, slots=True)
class CellReader:
    """Reads the cells of one source column for one canonical column, each distinct cell once."""

    target: Target
    column: Column
    lookup: Mapping[str, str | None] | None
    vocabulary: Vocabulary
    territories: Territories
    _known: dict[str | tuple[str, ...], Values] = field(default_factory=dict, init=False)
    _noted: dict[str | tuple[str, ...], Sequence[CellIssue]] = field(default_factory=dict, init=False)
    _clean: Cleaner | None = field(default=None, init=False)
    """The cleaner alone, where there is nothing else to a cell."""

    def __post_init__(self) -> None:
        if self.lookup is None and not (self.target.split or self.target.first):
            object.__setattr__(self, "_clean", CLEANERS.get(self.column.type))

    def column_of(self, cells: Cells) -> tuple[list[Values], list[tuple[int, CellIssue]]]:
        """The values of each cell, and what was noticed, with the place of its cell."""
        known, noted = self._known, self._noted
        for cell in set(cells).difference(known):
            known[cell], notes = self.read(cell)
            if notes:
                noted[cell] = notes
        values = [known[cell] for cell in cells]
        found = [(n, note) for n, cell in enumerate(cells) if cell in noted for note in noted[cell]] if noted else []
        if len(known) > _CACHE:
            known.clear()
            noted.clear()
        return values, found

    def read(self, cell: str | tuple[str, ...]) -> tuple[Values, Sequence[CellIssue]]:
        """Values of one cell and what was noticed."""
        if self._clean and isinstance(cell, str):  # most columns are like this
            cleaned = self._clean(cell.strip())
            if not cleaned.code:
                return ((cleaned.value,) if cleaned.value else ()), _NO_NOTES
        values: list[str] = []
        notes: list[CellIssue] = []
        for text in (cell,) if isinstance(cell, str) else cell:
            for piece in text.split(self.target.split) if self.target.split else (text,):
                value = self._value(piece.strip(), notes)
                if value:
                    values.append(value)
        return tuple(values), notes

    def _value(self, text: str, notes: list[CellIssue]) -> str | None:
        if self.target.first:
            text = "".join(text.split())[: self.target.first]
        if not text:
            return None
        if self.lookup is not None:
            if text not in self.lookup:
                notes.append(CellIssue("lookup-miss", self._shown(text), {"lookup": self.target.lookup or ""}))
                return None
            found = self.lookup[text]
            if found is None:
                return None
            text = found
        special: Callable[[str, list[CellIssue]], str | None] | None = {
            "concept": self._concept,
            "territory": self._territory,
        }.get(self.column.type)
        if special:
            return special(text, notes)
        cleaned = CLEANERS[self.column.type](text)
        if cleaned.code:
            notes.append(CellIssue(cleaned.code, self._shown(text), cleaned.detail(self.column.type)))
        return cleaned.value

    def _shown(self, text: str) -> str:
        """What an issue, which is published, may show: a name may stand for an address, an e-mail for anything."""
        if "@" in text or (self.column.type == "url" and ("." not in text or " " in text)):
            return "…"
        return text

    def _concept(self, text: str, notes: list[CellIssue]) -> str | None:
        scheme = self.column.scheme or ""
        slug: str | None
        if self.target.by == "notation":
            slug = self.vocabulary.slug_by_notation(scheme, text.removesuffix(".0"))
        elif self.target.by == "label":
            slug = self.vocabulary.slug_by_label(scheme, text)
        else:
            slug = text if text in self.vocabulary.concepts[scheme] else None
        if slug is None:
            notes.append(CellIssue("concept-unknown", self._shown(text), {"scheme": scheme}))
        return slug

    def _territory(self, text: str, notes: list[CellIssue]) -> str | None:
        level = self.target.level or ""
        key = self.territories.find(text, level)
        if key is None:
            notes.append(CellIssue("territory-unknown", self._shown(text), {"level": level}))
        return key
