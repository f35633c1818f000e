"""In what two territories are alike and in what they differ: the features that are told, and their words.

A figure is told to be alike only where it is: its normal scores are near, and the greater of the two is no more than so
many times the smaller (`alike` in features.yaml). Of a change, which may be about nought, the scores alone say so. To
be alike in what neither has says little.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clirld.compare import words
from clirld.compare.features import Features, Floats
from clirld.compare.figures import OF_GROUPING, Territory

_ALIKE, _DIFFERENT = 3, 2

Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]
Told = tuple[list[str], list[str]]
"""Names of the features in which two are most alike, and of those in which they differ most."""


def values(territories: Sequence[Territory], compared: Features) -> Floats:
    """The figures themselves, a row a territory and a column a feature; NaN where one is missing."""
    names = compared.names
    found = [[one.figures.get(name, float("nan")) for name in names] for one in territories]
    return np.array(found, dtype=float).reshape(len(territories), len(names))


def told(scores: Floats, numbers: Floats, rows: Numbers, compared: Features) -> list[list[Told]]:
    """What is told of each row of a matrix of normal scores and those that `rows` gives it (-1: none).

    `numbers` are the figures themselves (`values`).
    """
    here = np.repeat(np.arange(len(rows)), rows.shape[1])
    there = rows.ravel()
    gaps = np.abs(scores[here] - scores[there])
    # What is the grouping's is not told of a commune.
    gaps[:, [name.startswith(OF_GROUPING) for name in compared.names]] = np.nan
    may_be_alike = (gaps <= compared.alike_scores) & _near(numbers[here], numbers[there], compared)
    alike, different = _chosen(gaps, may_be_alike, compared)
    names, width = compared.names, rows.shape[1]
    pairs = [
        ([names[n] for n in one if n >= 0], [names[n] for n in other if n >= 0])
        for one, other in zip(alike.tolist(), different.tolist(), strict=True)
    ]
    return [pairs[at : at + width] for at in range(0, len(pairs), width)]


def in_words(
    here: Territory,
    other: Territory,
    scores: Floats,
    other_scores: Floats,
    compared: Features,
    language: str,
    *,
    is_yours: bool = False,
) -> str:
    """In what two are most alike and most different, with both figures; `scores` are their normal scores.

    With `is_yours`, whoever reads it is in the first.
    """
    ((both,),) = told(
        np.stack([scores, other_scores]), values([here, other], compared), np.array([[1], [-1]]), compared
    )[:1]
    return told_in_words(here, other, both, language, is_yours=is_yours)


def told_in_words(here: Territory, other: Territory, features: Told, language: str, *, is_yours: bool = False) -> str:
    """In which of these features two are alike and different, with both figures."""
    sentences = []
    for sentence, names in zip(("alike", "different"), features, strict=True):
        parts = []
        for one in names:
            pair = [figures_of.figures[one] for figures_of in (here, other)]
            both = words.numbers(one, pair, language, are_alike=sentence == "alike")
            against = words.sentence("against-yours" if is_yours else "against", language, *both)
            parts.append(f"{words.name(one, language)}{words.sentence('colon', language)}{against}")
        if parts:
            sentences.append(words.sentence(sentence, language, words.listed(parts, language)))
        elif any(features):
            sentences.append(words.sentence(f"none-{sentence}", language))
    return " ".join(sentences)


def _near(one: Floats, other: Floats, compared: Features) -> Flags:
    """Whether figures themselves are near enough to be told as alike; not where both are nought."""
    small, great = np.minimum(np.abs(one), np.abs(other)), np.maximum(np.abs(one), np.abs(other))
    is_near = (one * other > 0) & (great <= compared.alike_ratio * small)
    wording = words.wording()
    is_change = np.array([bool(wording.get(name, {}).get("sign")) for name in compared.names])
    near: Flags = np.where(is_change, great > 0, is_near)
    return near


def _chosen(gaps: Floats, may_be_alike: Flags, compared: Features) -> tuple[Numbers, Numbers]:
    """Of each row of gaps the columns of the least and of the greatest (-1: none): no two of one group of features."""
    known = ~np.isnan(gaps)
    order = np.argsort(np.round(np.where(known, gaps, np.inf), 12), axis=1, kind="stable")
    is_taken = np.zeros((len(gaps), len(compared.groups)), dtype=bool)
    different = _one_a_group(order[:, ::-1], known, is_taken, compared, _DIFFERENT)
    return _one_a_group(order, known & may_be_alike, is_taken, compared, _ALIKE), different


def _one_a_group(order: Numbers, may_be: Flags, is_taken: Flags, compared: Features, count: int) -> Numbers:
    """The first columns of each row in an order, of groups that are not taken; takes these."""
    group_of, here = np.asarray(compared.group_of), np.arange(len(order))
    chosen, found = np.full((len(order), count), -1), np.zeros(len(order), dtype=np.intp)
    for column in order.T:
        is_next = may_be[here, column] & ~is_taken[here, group_of[column]] & (found < count)
        chosen[here[is_next], found[is_next]] = column[is_next]
        is_taken[here[is_next], group_of[column[is_next]]] = True
        found += is_next
    return chosen
