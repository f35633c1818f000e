"""The nearest neighbours of each territory, how its distance from them arises, and how stable they are.

The squared distance of two territories is the weighted mean, over the groups that both have, of the mean over the
features that both have of the squared difference of normal scores. What is missing is left out, not filled in: two
territories are compared in the groups of which both know more than half of the features, and must have
`groups_needed` in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clirld.compare.features import Features, Floats

_SHIFT = 0.2
"""By how much the weight of a group is moved, up and down, to see whether the neighbours stay."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Neighbours of all territories: numbers of rows by rank (-1: none), distances, shares by group, stability."""

    rows: NDArray[np.intp]
    distances: Floats
    shares: Floats
    """Territory, rank, group: share of the squared distance, from 0 to 1."""
    stable_weights: Floats
    """Jaccard index of the neighbours with those under one weight moved by a fifth, mean over groups and ways."""
    stable_without: Floats
    """The same with those without one group, mean over the groups."""
    is_comparable: NDArray[np.bool_]


def find(scores: Floats, features: Features) -> Neighbours:
    """The neighbours of every row of a matrix of normal scores (`features.matrix`)."""
    groups, needed = len(features.groups), features.groups_needed
    squares, common = _group_squares(scores, features.group_of, groups)
    ones = np.ones(groups)
    rows, distances = _nearest(squares, common, ones, features.neighbours, needed)
    known = _has_group(scores, features.group_of, groups)
    # A territory may have the groups and find nobody who shares them.
    comparable = (known.sum(axis=1) >= needed) & (rows[:, 0] >= 0)
    weights, without = [], []
    for group in range(groups):
        for shift in (1 - _SHIFT, 1 + _SHIFT):
            moved = np.where(np.arange(groups) == group, shift, 1.0)
            weights.append(_jaccard(rows, _nearest(squares, common, moved, features.neighbours, needed)[0]))
        left = np.where(np.arange(groups) == group, 0.0, 1.0)
        # The group that is left out counts for none: those who lack it are compared as before.
        without.append(_jaccard(rows, _nearest(squares, common, left, features.neighbours, needed - 1)[0]))
    return Neighbours(
        rows,
        distances,
        _shares(squares, common, rows),
        np.mean(weights, axis=0),
        np.mean(without, axis=0),
        comparable,
    )


def from_one(scores: Floats, row: int, features: Features) -> tuple[Floats, Floats]:
    """The distance of each territory from one of them, infinite where they cannot be compared, and of itself.

    And the share of each group of features in it: a row a territory.
    """
    groups = len(features.groups)
    squares, common = _group_squares(scores, features.group_of, groups, row)
    total = np.stack([np.where(both, one, 0.0)[0] for one, both in zip(squares, common, strict=True)], axis=1)
    shared = np.stack([both[0] for both in common], axis=1).sum(axis=1)
    distances: Floats = np.sqrt(
        np.divide(total.sum(axis=1), shared, out=np.full(len(scores), np.inf), where=shared > 0)
    )
    distances[shared < features.groups_needed] = np.inf
    distances[row] = np.inf
    whole = total.sum(axis=1, keepdims=True)
    return distances, np.divide(total, whole, out=np.zeros_like(total), where=whole > 0)


def _has_group(scores: Floats, group_of: Sequence[int], groups: int) -> NDArray[np.bool_]:
    """Territory, group: whether more than half of the features of the group are known."""
    numbers = np.asarray(group_of)
    return np.column_stack([(~np.isnan(scores[:, numbers == n])).mean(axis=1) > 0.5 for n in range(groups)])


def _group_squares(
    scores: Floats, group_of: Sequence[int], groups: int, only: int | None = None
) -> tuple[list[Floats], list[NDArray[np.bool_]]]:
    """For each group: mean squared difference of each pair over the features that both have, and who has the group.

    With `only`, the pairs of that row alone.
    """
    known, numbers = _has_group(scores, group_of, groups), np.asarray(group_of)
    here = slice(None) if only is None else slice(only, only + 1)
    squares, common = [], []
    for n in range(groups):
        total = np.zeros((len(scores[here]), len(scores)))
        count = np.zeros(total.shape, dtype=np.int64)
        for column in np.flatnonzero(numbers == n):
            difference = scores[here, column, None] - scores[None, :, column]
            is_there = ~np.isnan(difference)
            total += np.where(is_there, difference**2, 0.0)
            count += is_there
        squares.append(np.divide(total, count, out=np.zeros_like(total), where=count > 0))
        common.append(known[here, n, None] & known[None, :, n] & (count > 0))
    return squares, common


def _nearest(
    squares: Sequence[Floats], common: Sequence[NDArray[np.bool_]], weights: Floats, count: int, needed: int
) -> tuple[NDArray[np.intp], Floats]:
    """Rows and distances of the nearest, by rank; -1 and NaN where there are fewer. Equal ones in the order of rows."""
    size = len(squares[0])
    total, weight, groups = np.zeros((size, size)), np.zeros((size, size)), np.zeros((size, size), dtype=np.int64)
    for one, both, by in zip(squares, common, weights, strict=True):
        if by:
            total += np.where(both, one * by, 0.0)
            weight += both * by
            groups += both
    distances = np.sqrt(np.divide(total, weight, out=np.full((size, size), np.inf), where=weight > 0))
    distances[groups < needed] = np.inf
    np.fill_diagonal(distances, np.inf)
    # To twelve digits, so that the order of equal ones does not hang on the machine.
    order = np.argsort(np.round(distances, 12), axis=1, kind="stable")[:, :count]
    nearest = np.take_along_axis(distances, order, axis=1)
    is_there = np.isfinite(nearest)
    return np.where(is_there, order, -1), np.where(is_there, nearest, np.nan)


def _shares(squares: Sequence[Floats], common: Sequence[NDArray[np.bool_]], rows: NDArray[np.intp]) -> Floats:
    here = np.arange(len(rows))[:, None]
    parts = np.stack([np.where(both, one, 0.0)[here, rows] for one, both in zip(squares, common, strict=True)], axis=2)
    total = parts.sum(axis=2, keepdims=True)
    shares: Floats = np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)
    return shares


def _jaccard(one: NDArray[np.intp], other: NDArray[np.intp]) -> Floats:
    """Jaccard index of the neighbours of each row; NaN where it has none."""
    result = np.full(len(one), np.nan)
    for n, (a, b) in enumerate(zip(one, other, strict=True)):
        first, second = set(a[a >= 0].tolist()), set(b[b >= 0].tolist())
        if first:
            result[n] = len(first & second) / len(first | second)
    return result
