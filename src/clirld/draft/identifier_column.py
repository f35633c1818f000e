"""Which column of an unknown file tells its rows apart, and will do so tomorrow."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from clirld.draft.candidate import Candidate
from clirld.draft.evidence import ColumnNames, are_place_codes
from clirld.draft.sniff import ColumnProfile
from clirld.values.persons.columns import normalized_name

IDENTIFIER = "record.identifier"

_CHANGING = {"latitude", "longitude", "homepage", "street", "private_address", "description", "founded", "start_year"}
_CHANGING |= {"alternative_name", "locality"}
"""What is corrected, moved or rewritten at a source, however unique: it identifies nothing."""

_OFFICIAL = {"siren", "siret", "rna", "commune"}
_ID_WORDS = {"id", "identifiant", "identifier", "uid", "uuid"}
_MAX_LENGTH = 64
_DECIMAL = re.compile(r"-?[0-9]+[.,][0-9]+")


def identifier(columns: Sequence[ColumnProfile], chosen: Mapping[str, Candidate], names: ColumnNames) -> str | None:
    """The column that identifies a row: called so, or an official number, or the first; a code before a name."""

    def target(column: ColumnProfile) -> str:
        return chosen[column.name].to if column.name in chosen else ""

    def rank(column: ColumnProfile) -> tuple[bool, bool, bool, bool]:
        named = _is_called_so(column, names)
        official = target(column) in _OFFICIAL
        is_place = not official and are_place_codes(column.counts)
        return not named or is_place, not official, is_place, not _is_code(column)

    rows = max((column.filled for column in columns), default=0)  # blank ones are none
    can = [
        column
        for column in columns
        if can_identify(column, names)
        and (column.filled == rows or _is_called_so(column, names))
        and max(map(len, column.counts)) <= _MAX_LENGTH
        and not any(" " in value for value in column.counts)
        and target(column) not in _CHANGING
    ]
    best = min(can, key=rank, default=None)
    if best and is_row_number(best):  # which belongs to another row tomorrow
        others = [one for one in can if _ID_WORDS & set(normalized_name(one.name).split()) and not is_row_number(one)]
        best = min(others, key=rank, default=best)
    return best.name if best else None


def is_row_number(column: ColumnProfile) -> bool:
    """Whether the values are 1, 2, 3… or 0, 1, 2…, in the order of the rows."""
    values = list(column.counts)
    return any(values == [str(n) for n in range(first, first + len(values))] for first in (0, 1))


def can_identify(column: ColumnProfile, names: ColumnNames) -> bool:
    """Whether a column has one value in nearly each row, not a measured, dated or computed one: a score, a decimal."""
    measured = not names.measure_words.isdisjoint(normalized_name(column.name).split())
    return (
        column.unique
        and (not measured or _is_called_so(column, names))
        and not all(map(_DECIMAL.fullmatch, column.counts))
    )


def _is_called_so(column: ColumnProfile, names: ColumnNames) -> bool:
    return bool(names.best_match(column.name, [IDENTIFIER])[0])


def _is_code(column: ColumnProfile) -> bool:
    """Whether every value has a digit, as codes have and names have not."""
    return all(any(map(str.isdigit, value)) for value in column.counts)
