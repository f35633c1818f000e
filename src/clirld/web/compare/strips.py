"""Where figures stand, as a strip: nine in ten territories, the middle half, the median, a lettered point a thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clirld.reuse.comparison.model import Cell, Position, Row

WIDTH = 300
_MARGIN = 14
_LETTERS = "ABCD"


@dataclass(frozen=True, slots=True)
class Point:
    """A thing on a strip: its letter, and where it stands."""

    letter: str
    x: int


@dataclass(frozen=True, slots=True)
class Strip:
    """The places of a strip, from 0 to `WIDTH`."""

    low: int
    quarter: int
    median: int
    three_quarters: int
    high: int
    points: list[Point]


def strips(row: Row) -> list[Strip]:
    """One strip for each level of territory in a row: the figures of communes are not those of groupings."""
    by_level: dict[tuple[int, float], list[tuple[str, Cell, Position]]] = {}
    for letter, cell in zip(_LETTERS, row.cells, strict=False):
        if cell.position and cell.number is not None:
            key = (cell.position.compared, cell.position.median)
            by_level.setdefault(key, []).append((letter, cell, cell.position))
    return [_strip(found) for found in by_level.values()]


def _strip(found: Sequence[tuple[str, Cell, Position]]) -> Strip:
    position = found[0][2]
    numbers = [cell.number for _letter, cell, _position in found if cell.number is not None]
    first, last = min(position.low, *numbers), max(position.high, *numbers)

    def across(value: float) -> int:
        part = (value - first) / (last - first) if last > first else 0.5
        return round(_MARGIN + part * (WIDTH - 2 * _MARGIN))

    points = [Point(letter, across(cell.number)) for letter, cell, _position in found if cell.number is not None]
    return Strip(
        across(position.low),
        across(position.quarter),
        across(position.median),
        across(position.three_quarters),
        across(position.high),
        points,
    )
