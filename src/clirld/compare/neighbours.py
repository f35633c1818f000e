"""The nearest neighbours of each territory, how its distance from them arises, and how stable they are.

The squared distance of two territories is the weighted mean, over the groups that both have, of the mean over the
features that both have of the squared difference of normal scores. What is missing is left out, not filled in: two
territories are compared in the groups of which both know more than half of the features, and must have
`groups_needed` in common.

The rows are taken block by block, so that memory does not grow with their square and stays near the processor: single
precision says who may be near, double precision who is. Where that may have missed one, the whole row is done in
double precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clirld.compare.features import Features, Floats

Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]
_Singles = NDArray[np.float32]

_SHIFT = 0.2
"""By how much the weight of a group is moved, up and down, to see whether the neighbours stay."""

_BLOCK = 120_000
"""Pairs that are looked at together."""

_SAMPLE = 8
"""One row of so many tells how far those are that may be near."""

_POOL = 24
"""So many of the sample may be near: the nearest, under all moved weights, are taken of some two hundred rows."""

_POOL_WITHOUT = 10
"""The same without one of the groups."""

_ERROR = 1e-3
"""More than a squared distance in single precision is wrong by."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Neighbours of all territories: numbers of rows by rank (-1: none), distances, shares by group, stability."""

    rows: Numbers
    distances: Floats
    shares: Floats
    """Territory, rank, group: share of the squared distance, from 0 to 1."""
    stable_weights: Floats
    """Jaccard index of the neighbours with those under one weight moved by a fifth, mean over groups and ways."""
    stable_without: Floats
    """The same with those without one group, mean over the groups."""
    has_group: Flags
    """Territory, group: whether more than half of the features of the group are known."""
    is_comparable: Flags


def find(scores: Floats, features: Features) -> Neighbours:
    """The neighbours of every row of a matrix of normal scores (`features.matrix`)."""
    comparison = _Comparison(scores, features)
    size = max(1, _BLOCK // max(1, len(scores)))
    # Of no rows there is one block too, without any.
    starts = range(0, max(1, len(scores)), size)
    blocks = [comparison.block(np.arange(at, min(at + size, len(scores)))) for at in starts]
    rows, distances, shares, weights, without = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    # A territory may have the groups and find nobody who shares them.
    comparable = (comparison.known.sum(axis=1) >= features.groups_needed) & (rows[:, 0] >= 0)
    return Neighbours(rows, distances, shares, weights, without, comparison.known, comparable)


def from_one(scores: Floats, row: int, features: Features) -> tuple[Floats, Floats]:
    """The distance of each territory from one of them, infinite where they cannot be compared, and of itself.

    And the share of each group of features in it: a row a territory.
    """
    (squares,), (common,) = _Comparison(scores, features).pairs(np.array([row]), np.arange(len(scores))[None])
    shared = common.sum(axis=1)
    distances: Floats = np.sqrt(
        np.divide(squares.sum(axis=1), shared, out=np.full(len(scores), np.inf), where=shared > 0)
    )
    distances[shared < features.groups_needed] = np.inf
    distances[row] = np.inf
    return distances, _shares(squares)


class _Comparison:
    """A matrix of scores, and how its rows are compared."""

    def __init__(self, scores: Floats, features: Features) -> None:
        self.scores, self.features, self.groups = scores, features, len(features.groups)
        numbers = np.asarray(features.group_of)
        self.columns = [np.flatnonzero(numbers == n) for n in range(self.groups)]
        is_there = ~np.isnan(scores)
        # More than half: two that have a group know one of its features both.
        self.known = np.column_stack([is_there[:, one].mean(axis=1) > 0.5 for one in self.columns])
        self.by_column = np.ascontiguousarray(scores.T)
        self.singles = np.where(is_there, scores, 0).T.astype(np.float32, order="C")
        self.is_there, self.has_group = (one.T.astype(np.float32, order="C") for one in (is_there, self.known))

    def block(self, here: Numbers) -> tuple[NDArray[np.generic], ...]:
        """Of some rows: neighbours, distances, shares, stability under moved weights and without a group."""
        pools, bounds = zip(*self._pools(here), strict=True)
        found, reach = self._among(here, pools)
        everything = np.arange(len(self.scores))[None]
        for n in np.flatnonzero((reach > np.column_stack(bounds)).any(axis=1)):
            whole, _reach = self._among(here[n : n + 1], [everything] * len(pools))
            for part, one in zip(found, whole, strict=True):
                part[n] = one[0]
        return found

    def pairs(self, here: Numbers, others: Numbers) -> tuple[Floats, Floats]:
        """For rows and those that each is compared with: mean squared difference by group, and 1 where both have it."""
        squares, common = np.zeros((2, len(here), others.shape[1], self.groups))
        for n, columns in enumerate(self.columns):
            total, count = np.zeros((2, len(here), others.shape[1]))
            for column in columns:
                difference = self.by_column[column, here][:, None] - self.by_column[column][others]
                is_there = ~np.isnan(difference)
                total += np.where(is_there, difference, 0.0) ** 2
                count += is_there
            both = self.known[:, n][here, None] & self.known[:, n][others]
            squares[:, :, n] = np.where(both, total / np.maximum(count, 1), 0.0)
            common[:, :, n] = both
        return squares, common

    def _among(self, here: Numbers, pools: Sequence[Numbers]) -> tuple[tuple[NDArray[np.generic], ...], Floats]:
        """What `block` gives, where all that are near are in the pools; and how far each pool was needed, squared.

        The first pool is that of all groups, the others without one of them.
        """
        needed, ones = self.features.groups_needed, np.ones(self.groups)
        squares, common = self.pairs(here, pools[0])
        rows, distances, places = self._nearest(here, pools[0], squares, common, ones, needed)
        shares = _shares(np.take_along_axis(squares, places[:, :, None], axis=1)) * (rows >= 0)[:, :, None]
        reach, weights, without = [_reach(distances)], [], []
        for group in range(self.groups):
            for shift in (1 - _SHIFT, 1 + _SHIFT):
                moved = np.where(np.arange(self.groups) == group, shift, 1.0)
                others, far, _places = self._nearest(here, pools[0], squares, common, moved, needed)
                weights.append(jaccard(rows, others))
                # No weight that is moved brings anybody nearer than this.
                reach[0] = np.maximum(reach[0], _reach(far) / (1 - _SHIFT))
        for group, pool in enumerate(pools[1:]):
            left = np.where(np.arange(self.groups) == group, 0.0, 1.0)
            # The group that is left out counts for none: those who lack it are compared as before.
            others, far, _places = self._nearest(here, pool, *self.pairs(here, pool), left, needed - 1)
            without.append(jaccard(rows, others))
            reach.append(_reach(far))
        stable = np.mean(weights, axis=0), np.mean(without, axis=0)
        return (rows, distances, shares, *stable), np.column_stack(reach)

    def _nearest(
        self, here: Numbers, pool: Numbers, squares: Floats, common: Floats, weights: Floats, needed: int
    ) -> tuple[Numbers, Floats, Numbers]:
        """Rows and distances of the nearest of a pool, by rank, -1 and NaN where there are fewer; their places in it.

        Equal ones are in the order of rows.
        """
        weight = common @ weights
        distances = np.divide(squares @ weights, weight, out=np.full(weight.shape, np.inf), where=weight > 0)
        np.sqrt(distances, out=distances)
        distances[common @ (weights > 0).astype(float) < needed] = np.inf
        distances[pool == here[:, None]] = np.inf
        # To twelve digits, so that the order of equal ones does not hang on the machine.
        count = self.features.neighbours
        places = np.argsort(np.round(distances, 12), axis=1, kind="stable")[:, :count]
        nearest = np.take_along_axis(distances, places, axis=1)
        others = np.take_along_axis(np.broadcast_to(pool, distances.shape), places, axis=1)
        lacking = (0, 0), (0, count - places.shape[1])
        return (
            np.pad(np.where(np.isfinite(nearest), others, -1), lacking, constant_values=-1),
            np.pad(np.where(np.isfinite(nearest), nearest, np.nan), lacking, constant_values=np.nan),
            np.pad(places, lacking),
        )

    def _pools(self, here: Numbers) -> list[tuple[Numbers, Floats]]:
        """Who may be near each row, with all groups and without each; and how far all others are at least, squared."""
        squares, common = zip(*(self._roughly(here, n) for n in range(self.groups)), strict=True)
        total, shared = sum(squares[1:], squares[0]), sum(common[1:], common[0])
        needed = self.features.groups_needed
        pools = [_smallest(total, shared, needed, here, _POOL)]
        for one, both in zip(squares, common, strict=True):
            pools.append(_smallest(total - one, shared - both, needed - 1, here, _POOL_WITHOUT))
        return pools

    def _roughly(self, here: Numbers, group: int) -> tuple[_Singles, _Singles]:
        """Mean squared differences of rows from all in a group, in single precision, and 1 for those who share it."""
        shape = len(here), len(self.scores)
        total, count = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        for column in self.columns[group]:
            square = self.singles[column, here][:, None] - self.singles[column]
            square *= square
            if self.is_there[column].all():
                count += np.float32(1)
            else:
                weight = self.is_there[column, here][:, None] * self.is_there[column]
                square *= weight
                count += weight
            total += square
        both = self.has_group[group, here][:, None] * self.has_group[group]
        total /= np.maximum(count, np.float32(1), out=count)
        total *= both
        return total, both


def _smallest(total: _Singles, shared: _Singles, needed: int, here: Numbers, count: int) -> tuple[Numbers, Floats]:
    """The places of the smallest means in each row, in order of places; the least that the others are.

    Rows that have fewer than others are filled up with themselves.
    """
    size = total.shape[1]
    if size <= count * _SAMPLE * 2:
        return np.broadcast_to(np.arange(size), total.shape), np.full(len(total), np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = total / shared
    means[shared < max(needed, 1)] = np.inf
    bound = np.partition(means[:, ::_SAMPLE], count, axis=1)[:, count]
    rows, places = np.nonzero(means < bound[:, None])
    counts = np.bincount(rows, minlength=len(here))
    pool = np.repeat(here[:, None], counts.max(), axis=1)
    pool[rows, np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)] = places
    return pool, bound.astype(np.float64) - _ERROR


def _reach(distances: Floats) -> Floats:
    """The squared distance of the last of the nearest; infinite where there are fewer."""
    last = distances[:, -1] ** 2
    return np.where(np.isnan(last), np.inf, last)


def _shares(squares: Floats) -> Floats:
    total = squares.sum(axis=-1, keepdims=True)
    shares: Floats = np.divide(squares, total, out=np.zeros_like(squares), where=total > 0)
    return shares


def jaccard(one: Numbers, other: Numbers) -> Floats:
    """Jaccard index of the neighbours of each row; NaN where it has none."""
    both = ((one[:, :, None] == other[:, None, :]) & (one >= 0)[:, :, None]).sum(axis=(1, 2))
    either = (one >= 0).sum(axis=1) + (other >= 0).sum(axis=1) - both
    result: Floats = np.divide(both, either, out=np.full(len(one), np.nan), where=(one >= 0).any(axis=1))
    return result
