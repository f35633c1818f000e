"""Contours for drawing: polygons with fewer positions, neighbours still sharing their borders.

A border is cut where three meet, and each piece simplified once (Ramer 1972, Douglas and Peucker 1973), so that no gap
opens between two territories: the arcs of TopoJSON (M. Bostock, 2012).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import hypot

import numpy as np
from numpy.typing import NDArray

from clirld.release.maps.placing import Position

Ring = list[Position]
"""Closed: its first position is its last."""
Polygon = list[Ring]
Points = NDArray[np.float64]
_Line = tuple[Position, ...]

_POLYGON = re.compile(r"\(\([^()]*\)(?:,\([^()]*\))*\)")
_RING = re.compile(r"\(([^()]+)\)")
NARROWING = 0.69
"""Of a degree of longitude against one of latitude, in the middle of metropolitan France."""
DECIMALS = 4
"""Of degrees: some ten metres, less than what is left out."""
_ATTEMPTS = 8
"""At a ring that does not cross itself, each with half the tolerance of the one before."""
_LEAST_POSITIONS = 4


def polygons(wkt: str) -> list[Polygon]:
    """The polygons of a text that `values.polygons` has let pass."""
    return [
        [[_position(one) for one in ring.split(",")] for ring in _RING.findall(text)] for text in _POLYGON.findall(wkt)
    ]


def _position(text: str) -> Position:
    longitude, latitude = text.split()
    return float(longitude), float(latitude)


def simplified(territories: Mapping[str, Sequence[Polygon]], tolerance: float) -> dict[str, list[Polygon]]:
    """The same territories with borders that lie nowhere further than `tolerance` degrees from their own.

    Positions are rounded to DECIMALS, exteriors run anticlockwise and holes clockwise (RFC 7946, 3.1.6). An island or a
    hole that comes to nothing is left out; a territory that would come to nothing keeps its borders. Where a ring would
    cross itself, its borders are simplified less, those of its neighbours with them.
    """
    junctions = _junctions(polygon for several in territories.values() for polygon in several)
    pieces = {
        name: [[_pieces(ring, junctions) for ring in one] for one in several] for name, several in territories.items()
    }
    kept: dict[_Line, tuple[float, Ring]] = {}
    found: dict[str, Sequence[Polygon]] = {}
    left, crossing = set(territories), list[str]()
    for _ in range(_ATTEMPTS):
        for name in left:
            found[name] = _smaller(pieces[name], kept, tolerance) or territories[name]
        crossing = [name for name in left if any(crosses(ring) for one in found[name] for ring in one)]
        finer = {line for name in crossing for one in pieces[name] for ring in one for line, _ in ring}
        for line in finer:
            smaller = kept[line][0] / 2
            kept[line] = smaller, _needed(line, smaller)
        left = {name for name, several in pieces.items() if any(
            line in finer for one in several for ring in one for line, _ in ring)}  # fmt: skip
    # What crosses itself still does so by its rounding alone.
    return {name: [*map(_turned, territories[name] if name in crossing else found[name])] for name in territories}


def _junctions(every: Iterable[Polygon]) -> set[Position]:
    """Where a border is cut: positions that do not have the same two neighbours in all rings."""
    turns: dict[Position, set[frozenset[Position]]] = defaultdict(set)
    for ring in (ring for polygon in every for ring in polygon):
        for n, position in enumerate(ring[:-1]):
            turns[position].add(frozenset((ring[n - 1] if n else ring[-2], ring[n + 1])))
    return {position for position, sides in turns.items() if len(sides) > 1}


def _pieces(ring: Ring, junctions: set[Position]) -> list[tuple[_Line, bool]]:
    """The borders between two junctions that a ring is made of, each told one way, and whether it is backwards."""
    open_ring = ring[:-1]
    cuts = [n for n, position in enumerate(open_ring) if position in junctions]
    # A ring that meets no other begins at its least position, wherever it was begun to be told.
    start = cuts[0] if cuts else open_ring.index(min(open_ring))
    turned = [*open_ring[start:], *open_ring[: start + 1]]
    ends = [*(cut - start for cut in cuts), len(open_ring)] if cuts else [0, len(open_ring)]
    lines = (tuple(turned[first : last + 1]) for first, last in pairwise(ends))
    return [(line[::-1], True) if line[::-1] < line else (line, False) for line in lines]


def _smaller(
    several: Iterable[Sequence[Sequence[tuple[_Line, bool]]]], kept: dict[_Line, tuple[float, Ring]], tolerance: float
) -> list[Polygon]:
    """The polygons that are left of those made of some pieces; `kept` has what those became, and how far."""
    found = []
    for polygon in several:
        rings = []
        for pieces in polygon:
            whole: Ring = []
            for line, is_backwards in pieces:
                if line not in kept:
                    kept[line] = tolerance, _needed(line, tolerance)
                piece = kept[line][1][::-1] if is_backwards else kept[line][1]
                whole += piece[1:] if whole else piece
            rings.append(_round(whole))
        if _is_ring(rings[0]):
            found.append([rings[0], *filter(_is_ring, rings[1:])])
    return found


def crosses(ring: Ring) -> bool:
    """Whether two sides of a closed ring cross one another."""
    points = np.array(ring)
    start, end = points[:-1], points[1:]
    one, other = np.triu_indices(len(start), 1)
    a, b, c, d = start[one], end[one], start[other], end[other]
    return bool(np.any((_side(a, b, c) * _side(a, b, d) < 0) & (_side(c, d, a) * _side(c, d, b) < 0)))


def _side(a: Points, b: Points, c: Points) -> Points:
    """On which side of the line from a to b each c lies: negative, zero or positive."""
    return (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])


def _is_ring(ring: Ring) -> bool:
    return len(set(ring)) >= _LEAST_POSITIONS - 1 and abs(area(ring)) > 0


def _needed(line: _Line, tolerance: float) -> Ring:
    """The positions that a line cannot do without."""
    keep = {0, len(line) - 1}
    pieces = [(0, len(line) - 1)]
    if line[0] == line[-1]:  # the chord of a closed line has no direction: it is cut where it is widest
        middle = max(range(len(line)), key=lambda n: _distance(line[n], line[0], line[0]))
        keep.add(middle)
        pieces = [(0, middle), (middle, len(line) - 1)]
    while pieces:
        first, last = pieces.pop()
        between = range(first + 1, last)
        if not between:
            continue
        furthest = max(between, key=lambda n: _distance(line[n], line[first], line[last]))
        if _distance(line[furthest], line[first], line[last]) > tolerance:
            keep.add(furthest)
            pieces += [(first, furthest), (furthest, last)]
    return [line[n] for n in sorted(keep)]


def _distance(position: Position, start: Position, end: Position) -> float:
    """From a position to the line between two, in degrees of latitude."""
    x, y = (position[0] - start[0]) * NARROWING, position[1] - start[1]
    dx, dy = (end[0] - start[0]) * NARROWING, end[1] - start[1]
    length = dx * dx + dy * dy
    along = min(max((x * dx + y * dy) / length, 0.0), 1.0) if length else 0.0
    return hypot(x - along * dx, y - along * dy)


def _round(ring: Ring) -> Ring:
    rounded = [(round(x, DECIMALS), round(y, DECIMALS)) for x, y in ring]
    return [rounded[0], *(one for before, one in pairwise(rounded) if one != before)]


def _turned(polygon: Polygon) -> Polygon:
    """Its exterior anticlockwise, its holes clockwise."""
    return [ring if (area(ring) > 0) == (n == 0) else ring[::-1] for n, ring in enumerate(polygon)]


def area(ring: Ring) -> float:
    """Signed area of a closed ring in square degrees; positive where it runs anticlockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2
