"""From a cell of a source to clean values of a canonical column: split, lookup, cleaner, concept, territory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from clirld.card import Target
from clirld.clean import CLEANERS
from clirld.rows import Cell
from clirld.tables import Column
from clirld.territory import Territories
from clirld.vocabulary import Vocabulary

_CACHE = 100_000
"""Distinct cells remembered for a column: columns repeat themselves, and memory stays flat."""


class Note(NamedTuple):
    """Something noticed about a value: an issue without its place."""

    code: str
    value: str
    detail: dict[str, str]


class Read(NamedTuple):
    """What a cell gave."""

    values: tuple[str, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class CellReader:
    """Reads the cells of one source column for one canonical column."""

    target: Target
    column: Column
    lookup: Mapping[str, str | None] | None
    vocabulary: Vocabulary
    territories: Territories
    _seen: dict[str, Read] = field(default_factory=dict, init=False)

    def read(self, cell: Cell) -> Read:
        """Values of a cell and what was noticed; no values for a cell that has none."""
        if isinstance(cell, str):
            return self._text(cell)
        parts = [self._text(one) for one in cell]
        return Read(
            tuple(value for part in parts for value in part.values),
            tuple(note for part in parts for note in part.notes),
        )

    def _text(self, text: str) -> Read:
        if (known := self._seen.get(text)) is not None:
            return known
        if len(self._seen) >= _CACHE:
            self._seen.clear()
        values: list[str] = []
        notes: list[Note] = []
        for piece in text.split(self.target.split) if self.target.split else [text]:
            value = self._value(piece.strip(), notes)
            if value:
                values.append(value)
        result = self._seen[text] = Read(tuple(values), tuple(notes))
        return result

    def _value(self, text: str, notes: list[Note]) -> str | None:
        if self.target.first:
            text = "".join(text.split())[: self.target.first]
        if not text:
            return None
        if self.lookup is not None:
            if text not in self.lookup:
                notes.append(Note("lookup-miss", self._shown(text), {"lookup": self.target.lookup or ""}))
                return None
            found = self.lookup[text]
            if found is None:
                return None
            text = found
        special: Callable[[str, list[Note]], str | None] | None = {
            "concept": self._concept,
            "territory": self._territory,
        }.get(self.column.type)
        if special:
            return special(text, notes)
        cleaned = CLEANERS[self.column.type](text)
        if cleaned.code:
            notes.append(Note(cleaned.code, self._shown(text), cleaned.detail(self.column.type)))
        return cleaned.value

    def _shown(self, text: str) -> str:
        """What an issue, which is published, may show: a name may stand for an address, an e-mail for anything."""
        if "@" in text or (self.column.type == "url" and ("." not in text or " " in text)):
            return "…"
        return text

    def _concept(self, text: str, notes: list[Note]) -> str | None:
        scheme = self.column.scheme or ""
        slug: str | None
        if self.target.by == "notation":
            slug = self.vocabulary.slug_by_notation(scheme, text.removesuffix(".0"))
        elif self.target.by == "label":
            slug = self.vocabulary.slug_by_label(scheme, text)
        else:
            slug = text if text in self.vocabulary.concepts[scheme] else None
        if slug is None:
            notes.append(Note("concept-unknown", self._shown(text), {"scheme": scheme}))
        return slug

    def _territory(self, text: str, notes: list[Note]) -> str | None:
        level = self.target.level or ""
        key = self.territories.find(text, level)
        if key is None:
            notes.append(Note("territory-unknown", self._shown(text), {"level": level}))
        return key
