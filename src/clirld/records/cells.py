"""From cells of a source column to clean values of a canonical one: split, lookup, cleaner, concept, territory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from clirld.card.model import Target
from clirld.read.rows import Cells
from clirld.records.territory import Territories
from clirld.values.cleaners import CLEANERS, Cleaner
from clirld.values.countries import country_code
from clirld.vocabulary.tables import Column
from clirld.vocabulary.terms import Vocabulary

_CACHE_SIZE = 50_000
"""Distinct cells remembered for a column: more than there are communes; memory stays flat."""

Values = tuple[str, ...]
"""Clean values of one cell; none for a cell that has none."""


class CellIssue(NamedTuple):
    """Something noticed about a value: an issue without its place."""

    code: str
    value: str | None
    detail: dict[str, str]


_NO_ISSUES: Sequence[CellIssue] = ()


@dataclass(frozen=True, slots=True)
class CellReader:
    """Reads the cells of one source column for one canonical column, each distinct cell once."""

    target: Target
    column: Column
    lookup: Mapping[str, str | None] | None
    vocabulary: Vocabulary
    territories: Territories
    _values_by_cell: dict[str | tuple[str, ...], Values] = field(default_factory=dict, init=False)
    _issues_by_cell: dict[str | tuple[str, ...], Sequence[CellIssue]] = field(default_factory=dict, init=False)
    _clean: Cleaner | None = field(default=None, init=False)
    """The cleaner alone, where there is nothing else to a cell."""

    def __post_init__(self) -> None:
        if self.lookup is None and not (self.target.split or self.target.first):
            # None for a concept or a territory, which need more than their text.
            object.__setattr__(self, "_clean", CLEANERS.get(self.column.type))

    def read_column(self, cells: Cells) -> tuple[list[Values], list[tuple[int, CellIssue]]]:
        """The values of each cell, and what was noticed, with the place of its cell."""
        values_by_cell, issues_by_cell = self._values_by_cell, self._issues_by_cell
        for cell in set(cells).difference(values_by_cell):
            values_by_cell[cell], issues = self.read_cell(cell)
            if issues:
                issues_by_cell[cell] = issues
        values = [values_by_cell[cell] for cell in cells]
        located = (
            [(n, issue) for n, cell in enumerate(cells) if cell in issues_by_cell for issue in issues_by_cell[cell]]
            if issues_by_cell
            else []
        )
        # Only now, when the values of this chunk are taken: they may be more than the cache holds.
        if len(values_by_cell) > _CACHE_SIZE:
            values_by_cell.clear()
            issues_by_cell.clear()
        return values, located

    def read_cell(self, cell: str | tuple[str, ...]) -> tuple[Values, Sequence[CellIssue]]:
        """Values of one cell and what was noticed."""
        if self._clean and isinstance(cell, str):  # most columns are like this
            cleaned = self._clean(cell.strip())
            if not cleaned.code:
                return ((cleaned.value,) if cleaned.value else ()), _NO_ISSUES
        values: list[str] = []
        issues: list[CellIssue] = []
        for text in (cell,) if isinstance(cell, str) else cell:
            for piece in text.split(self.target.split) if self.target.split else (text,):
                value = self._value(piece.strip(), issues)
                if value:
                    values.append(value)
        return tuple(values), issues

    def _value(self, text: str, issues: list[CellIssue]) -> str | None:
        if self.target.first:
            text = "".join(text.split())[: self.target.first]
        if not text:
            return None
        if self.lookup is not None:
            if text not in self.lookup:
                issues.append(CellIssue("lookup-miss", self._redacted(text), {"lookup": self.target.lookup or ""}))
                return None
            replacement = self.lookup[text]
            if replacement is None:
                return None
            text = replacement
        reference_lookup: Callable[[str, list[CellIssue]], str | None] | None = {
            "concept": self._concept,
            "territory": self._territory,
            "country": self._country,
        }.get(self.column.type)
        if reference_lookup:
            return reference_lookup(text, issues)
        cleaned = CLEANERS[self.column.type](text)
        if cleaned.code:
            issues.append(CellIssue(cleaned.code, self._redacted(text), cleaned.detail(self.column.type)))
        return cleaned.value

    def _redacted(self, text: str) -> str:
        """What an issue, which is published, may show: a name may stand for an address, an e-mail for anything."""
        if "@" in text or (self.column.type == "url" and ("." not in text or " " in text)):
            return "…"
        return text

    def _concept(self, text: str, issues: list[CellIssue]) -> str | None:
        scheme = self.column.scheme or ""
        slug: str | None
        if self.target.by == "notation":
            # Spreadsheets give a code of digits as a number with decimals.
            slug = self.vocabulary.slug_by_notation(scheme, text.removesuffix(".0"))
        elif self.target.by == "label":
            slug = self.vocabulary.slug_by_label(scheme, text)
        else:
            slug = text if text in self.vocabulary.concepts[scheme] else None
        if slug is None:
            issues.append(CellIssue("concept-unknown", self._redacted(text), {"scheme": scheme}))
        return slug

    def _country(self, text: str, issues: list[CellIssue]) -> str | None:
        name = CLEANERS["name"](text).value
        code = country_code(name) if name else None
        if name and code is None:
            why = {"why": "ni le nom ni le code d'un pays", "why_en": "neither the name nor the code of a country"}
            issues.append(CellIssue("value-unclean", self._redacted(text), {"type": "country", **why}))
        return code

    def _territory(self, text: str, issues: list[CellIssue]) -> str | None:
        level = self.target.level or ""
        key = self.territories.find(text, level)
        if key is None:
            issues.append(CellIssue("territory-unknown", self._redacted(text), {"level": level}))
        return key
