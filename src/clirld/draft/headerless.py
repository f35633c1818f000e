"""Whether what stands where a header would is a row of data: then its cells are no names of columns.

A file without a header begins with a place, and often with who answers for it: taken for names of columns, they would
be written into a card.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from clirld.values import contacts
from clirld.values.persons import names
from clirld.values.persons.first_names import is_first_name

NEUTRAL = "column_{}"
"""Name of a column of which nothing is known but its place."""

_MAX_TITLE_LENGTH = 60
_MIN_REPEATED = 2
_KINDS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:https?://|www\.)\S+",
        r"\d{5}",
        r"\d[\d ]{7,}",
        r"-?\d{1,3}[.,]\d{3,}",
        r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d\d-\d\d.*",
        r"\d+\s?(?:bis|ter|[a-d])?,?\s+[^\W\d_]{2}.*",
    )
]
"""What values look like and names of columns seldom: addresses, postcodes, numbers, degrees, dates, streets."""


def header_of(rows: Sequence[Sequence[str]], found: int) -> int:
    """The row (from 1) of the header where `found` seems to be it, 0 where there is none."""
    if not rows or not is_data(rows[found - 1], rows[found:]):
        return found
    width = len(_filled(rows[found - 1]))
    for number, row in enumerate(rows[: found - 1], start=1):
        titles = _filled(row)
        is_title = all(len(one) <= _MAX_TITLE_LENGTH and not one[0].isdigit() for one in titles)
        if len(titles) > 1 and 2 * len(titles) >= width and is_title and not is_data(row, rows[number:]):
            return number
    return 0


def is_data(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row is one of those below: it has an e-mail, a phone number, a person, or looks as their cells do."""
    columns = [[cell.strip() for cell in column] for column in zip_longest(row, *below, fillvalue="")]
    pairs = [(column[0], [value for value in column[1:] if value]) for column in columns if column[0]]
    if any(contacts.is_contact(cell) or _is_person(cell, values) or _is_alike(cell, values) for cell, values in pairs):
        return True
    if [cell.strip() for cell in row] in [[cell.strip() for cell in other] for other in below]:
        return False  # a header that is repeated
    repeated = sum(cell.casefold() in {value.casefold() for value in values} for cell, values in pairs)
    return repeated >= _MIN_REPEATED


def names_person(column: str) -> bool:
    """Whether the name of a column holds a contact or the name of somebody."""
    spans = names.find(column)
    return (
        bool(contacts.find(column))
        or names.is_listed_name(column)
        or any(is_first_name(word) for start, end in spans for word in re.findall(r"[\w-]+", column[start:end]))
    )


def _is_person(cell: str, values: Sequence[str]) -> bool:
    return (
        names.is_listed_name(cell)
        or (0, len(cell)) in names.find(cell)
        or (names.is_person_name(cell) and names.is_column_of_names(values))
    )


def _is_alike(cell: str, values: Sequence[str]) -> bool:
    kinds = [kind for kind in _KINDS if kind.fullmatch(cell)]
    return any(2 * sum(map(bool, map(kind.fullmatch, values))) > len(values) > 0 for kind in kinds)


def _filled(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row if cell.strip()]
