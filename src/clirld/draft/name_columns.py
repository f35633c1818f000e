"""Columns that may hold the names of what a registry lists, though nothing they are called says « nom »."""

from __future__ import annotations

from statistics import median

from clirld.draft.evidence import ColumnNames, is_wordy
from clirld.draft.sniff import ColumnProfile
from clirld.values.persons import columns as person_columns
from clirld.values.persons.columns import normalized_name

_MIN_ROWS = 3
_MIN_DISTINCT = 0.9
_MIN_FILL_RATE = 0.9
_MIN_LETTERED = 0.95
_MAX_TYPICAL_LENGTH = 60
_LABELS = ("lib", "libelle", "label")


def likeness(column: ColumnProfile, names: ColumnNames) -> float:
    """How much a column may be the name, by its values: more for a label (« lib_… »), then a registry's own word.

    0 where its values are no names, or where it is called a place, a remark or anything else that is known.
    """
    words = normalized_name(column.name).split()
    if not _look_like_names(column) or person_columns.is_place(column.name):
        return 0.0
    if not names.remark_words.isdisjoint(words):
        return 0.0
    if words[:1] and words[0] in _LABELS:
        return 35.0
    return 32.0 if len(words) == 1 else 0.0


def _look_like_names(column: ColumnProfile) -> bool:
    """Whether nearly every row has a few words of its own, that do not begin with a number as addresses do."""
    values = list(column.counts)
    if len(values) < _MIN_ROWS or column.fill_rate < _MIN_FILL_RATE or not is_wordy(column):
        return False
    lettered = sum(value.strip()[:1].isalpha() for value in values)
    return (
        len(values) >= _MIN_DISTINCT * column.filled
        and lettered >= _MIN_LETTERED * len(values)
        and median(map(len, values)) <= _MAX_TYPICAL_LENGTH
    )
