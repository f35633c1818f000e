"""Whether rings are what RFC 7946 wants of them: closed, not crossing themselves, exteriors anticlockwise."""

from __future__ import annotations

from itertools import combinations, pairwise

from clirld.release.maps.contours import Polygon, Position, Ring, area


def faults(polygon: Polygon) -> list[str]:
    """What is wrong with a polygon."""
    found = []
    for n, ring in enumerate(polygon):
        if len(ring) < 4 or ring[0] != ring[-1]:
            found.append(f"ring {n} is not closed")
        elif (area(ring) > 0) != (n == 0) or area(ring) == 0:
            found.append(f"ring {n} runs the wrong way, or has no area")
        elif many := crossings(ring):
            found.append(f"ring {n} crosses itself {many} times")
    return found


def crossings(ring: Ring) -> int:
    """How many pairs of its sides cross one another, each within the other; by their boxes first."""
    sides = sorted((min(a[0], b[0]), max(a[0], b[0]), a, b) for a, b in pairwise(ring))
    if len(sides) < 60:
        return sum(_cross(one[2:], other[2:]) for one, other in combinations(sides, 2))
    found = 0
    for n, (_, east, *one) in enumerate(sides):
        for west, _, *other in sides[n + 1 :]:
            if west > east:
                break
            found += _cross((one[0], one[1]), (other[0], other[1]))
    return found


def _cross(one: tuple[Position, Position], other: tuple[Position, Position]) -> bool:
    def side(a: Position, b: Position, c: Position) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    (a, b), (c, d) = one, other
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
