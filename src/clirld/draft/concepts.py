"""How the values of a column that goes to a concept may be read: by its code, by its name, or through a lookup.

A lookup is proposed only where a person can write it: few values, some of which are like concepts of the scheme.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz import fuzz

from clirld.values.persons.columns import normalized_name
from clirld.vocabulary.terms import Vocabulary

MAX_LOOKUP_VALUES = 30
"""Distinct values of a column up to which a lookup is proposed."""

_MAX_LOOKUP_LENGTH = 200
_MIN_READ = 0.8
_MIN_ALIKE = 1 / 3
_SAME, _ALIKE = 90, 90
_MIN_LETTERS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """How values are read as concepts: `by` notation or label, or by a `lookup`; neither, with the reason."""

    by: Literal["notation", "label"] | None = None
    lookup: dict[str, str | None] = field(default_factory=dict)
    why_fr: str = ""
    why_en: str = ""


def read_as(values: Sequence[str], scheme: str, vocabulary: Vocabulary) -> Reading:
    """How distinct `values` of a column can be read as concepts of a scheme."""
    by_notation = [vocabulary.slug_by_notation(scheme, value.removesuffix(".0")) for value in values]
    by_label = [vocabulary.slug_by_label(scheme, value) for value in values]
    if sum(slug is not None for slug in by_notation) >= _MIN_READ * len(values):
        return Reading("notation")
    if sum(slug is not None for slug in by_label) >= _MIN_READ * len(values):
        return Reading("label")
    if len(values) > MAX_LOOKUP_VALUES or max(map(len, values)) > _MAX_LOOKUP_LENGTH:
        return Reading(
            why_fr=f"trop de valeurs ({len(values)}) ou trop longues pour une table",
            why_en=f"too many values ({len(values)}), or too long, for a lookup",
        )
    if sum(_is_alike(value, scheme, vocabulary) for value in values) < _MIN_ALIKE * len(values):
        return Reading(
            why_fr=f"ses valeurs ne ressemblent pas à {scheme}", why_en=f"its values are not like those of {scheme}"
        )
    return Reading(lookup={value: _same_concept(value, scheme, vocabulary) for value in values})


def _same_concept(value: str, scheme: str, vocabulary: Vocabulary) -> str | None:
    """The concept whose label is nearly the value; nothing where it is not that clear."""
    best = max(
        (
            (fuzz.token_sort_ratio(normalized_name(value), normalized_name(label)), slug)
            for slug, concept in vocabulary.concepts[scheme].items()
            for label in concept.labels.values()
        ),
        default=(0.0, ""),
    )
    return best[1] if best[0] >= _SAME else None


def _is_alike(value: str, scheme: str, vocabulary: Vocabulary) -> bool:
    """Whether a value holds a concept's label or is held by one; of a letter (A), whether one begins with it."""
    text = normalized_name(value)
    labels = [normalized_name(label) for one in vocabulary.concepts[scheme].values() for label in one.labels.values()]
    if len(text) == 1:
        return text.isalpha() and any(label.startswith(text) for label in labels)
    return any(
        fuzz.token_sort_ratio(text, label) >= _SAME
        or (min(len(text), len(label)) >= _MIN_LETTERS and fuzz.partial_ratio(text, label) >= _ALIKE)
        for label in labels
    )
