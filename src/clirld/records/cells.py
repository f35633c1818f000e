"""From cells of a source column to clean values of a canonical one: split, lookup, cleaner, concept, territory."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from clirld.card.model import Target
from clirld.read.rows import Cells
from clirld.records import plain_cells
from clirld.records.placing.departements import departement_code
from clirld.records.territory import Territories
from clirld.values.cleaned import SEVERAL, Cleaned, Cleaner, doubtful
from clirld.values.cleaners import CLEANERS
from clirld.values.countries import country_code
from clirld.values.missing import says_nothing
from clirld.values.persons import streets
from clirld.values.splitting import beginning, first_signs, several
from clirld.values.text import tidy
from clirld.vocabulary.tables import Column
from clirld.vocabulary.terms import Vocabulary

_FEW = 100
"""Cells that are cleaned one after another."""
_CACHE_SIZE = 50_000
_FIRST_OF_SEVERAL = ("plusieurs valeurs, la première est prise", "several values, the first is taken")
"""Distinct cells remembered for a column: more than there are communes; memory stays flat."""

_WITHOUT_WORDS = frozenset(
    [
        "siren",
        "siret",
        "rna",
        "rnf",
        "wikidata",
        "naf",
        "insee_commune",
        "insee_departement",
        "postcode",
        "latitude",
        "longitude",
        "integer",
        "decimal",
        "date",
        "year",
        "datetime",
    ]
)
"""Types whose clean values hold no word."""

_LETTERS = re.compile(r"(?:(?<![0-9])[^\W\d_](?![0-9])|[^\W\d_]{2,})+")

Values = tuple[str, ...]
"""Clean values of one cell; none for a cell that has none."""


class CellIssue(NamedTuple):
    """Something noticed about a value: an issue without its place."""

    code: str
    value: str | None
    detail: dict[str, str]
    of: str = ""
    """The canonical column whose cell it is about, where its code does not say."""


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

    @property
    def _holds_clean_values(self) -> bool:
        """Whether its cells are values of the column's type, and no names of them."""
        return self.lookup is None and self.column.type in CLEANERS

    @property
    def _is_private(self) -> bool:
        """Whether its cells are addresses that only place a record and are not published."""
        return self.column.helper and self.column.type == "street"

    def read_column(self, cells: Cells) -> tuple[list[Values], list[tuple[int, CellIssue]]]:
        """The values of each cell, and what was noticed, with the place of its cell."""
        values_by_cell, issues_by_cell = self._values_by_cell, self._issues_by_cell
        new = set(cells).difference(values_by_cell)
        if self._clean and len(new) > _FEW and plain_cells.knows(self.column.type):
            plain = plain_cells.plain(self.column.type, [cell for cell in new if isinstance(cell, str)])
            values_by_cell.update(zip(plain, zip(plain, strict=True), strict=True))
            new.difference_update(plain)
        for cell in new:
            values_by_cell[cell], issues = self.read_cell(cell)
            if issues:
                issues_by_cell[cell] = issues
        values = list(map(values_by_cell.__getitem__, cells))
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
                values += self._values(piece.strip(), issues)
        if len(values) > 1 and not self.column.list and len(set(values)) > 1:
            self._note(doubtful(values[0], *_FIRST_OF_SEVERAL), ", ".join(values), issues)
        return tuple(values), issues

    def joined(self, before: Values, after: Values) -> Values:
        """Two texts as one, with the target's `join` between them; cleaned again, as a person may be named by both."""
        if not (before and after):
            return before or after
        value = CLEANERS[self.column.type](f"{before[0]}{self.target.join}{after[0]}").value
        return (value,) if value else ()

    def _values(self, text: str, issues: list[CellIssue]) -> list[str]:
        """The value of a piece of a cell; several where it holds several and the column is a list."""
        texts = several(self.column.type, text, self._clean_part) if self._holds_clean_values else ()
        if len(texts) > 1 and not self.column.list:
            self._note(SEVERAL, text, issues)
            return []
        values = (self._value(one, issues) for one in texts or (text,))
        return [value for value in values if value]

    def _clean_part(self, text: str) -> Cleaned:
        """What is used of a text that holds a value: all of it, or its beginning."""
        if self.target.first:
            return beginning(self.column.type, text, self.target.first)
        return CLEANERS[self.column.type](text)

    def _value(self, text: str, issues: list[CellIssue]) -> str | None:
        if self.column.type == "insee_departement" and (code := departement_code(text, self.territories)):
            return code
        if self._holds_clean_values:
            return self._note(self._clean_part(text), text, issues)
        if self.target.first:
            text = first_signs(text, self.target.first)
        if not text:
            return None
        if self.lookup is not None:
            # Spreadsheets give a code of digits as a number with decimals.
            known = next((one for one in (text, text.removesuffix(".0")) if one in self.lookup), None)
            if known is None:
                self._note_unknown("lookup-miss", text, {"lookup": self.target.lookup or ""}, issues)
                return None
            replacement = self.lookup[known]
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
        return self._note(CLEANERS[self.column.type](text), text, issues)

    def _note(self, cleaned: Cleaned, text: str, issues: list[CellIssue]) -> str | None:
        """The value of what a cleaner gave, its issue noted."""
        if cleaned.code:
            detail = cleaned.detail(self.column.type)
            if self._is_private and "to" in detail:
                detail["to"] = "…"
            issues.append(CellIssue(cleaned.code, self._redacted(text), detail))
        return cleaned.value

    def _note_unknown(self, code: str, text: str, detail: dict[str, str], issues: list[CellIssue]) -> None:
        """Note a text that stands for nothing known, but for one that says that there is no value."""
        if not says_nothing(tidy(text)):
            issues.append(CellIssue(code, self._redacted(text), detail))

    def _redacted(self, text: str) -> str:
        """What an issue, which is published, may show: a name may stand for an address, a date or a number.

        Of a date, a code or a number, no letters but one beside a digit, which is the code's own (62.01Z, 2A004). Of an
        address that only places, nothing.
        """
        if self._is_private:
            return "…"
        if "@" in text or (self.column.type == "url" and ("." not in text or " " in text)):
            return "…"
        if self.column.type == "street":
            return streets.masked_text(text)
        return _LETTERS.sub("…", text) if self.column.type in _WITHOUT_WORDS else text

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
            self._note_unknown("concept-unknown", text, {"scheme": scheme}, issues)
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
            self._note_unknown("territory-unknown", text, {"level": level}, issues)
        return key
