"""Contours for drawing: fewer positions, neighbours that still share their borders, geometry that is valid."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.read.wkt import polygon_text
from clirld.release.maps.contours import NARROWING, Polygon, Ring, area, crosses, polygons, simplified
from clirld.release.maps.placing import Position
from tests.release.maps.rings import crossings, faults

RUGGED = [(1.0, y / 10) if y % 2 else (1.02, y / 10) for y in range(11)]
"""A border between two territories, from south to north."""
WEST: Ring = [(0.0, 0.0), *RUGGED, (0.0, 1.0), (0.0, 0.0)]
EAST: Ring = [(2.0, 1.0), *RUGGED[::-1], (2.0, 0.0), (2.0, 1.0)]


def edges(polygon: Polygon) -> Counter[frozenset[Position]]:
    return Counter(frozenset(pair) for ring in polygon for pair in pairwise(ring))


def test_neighbours_share_their_border_once_simplified() -> None:
    found = simplified({"west": [[WEST]], "east": [[EAST]]}, 0.05)
    assert found == {
        "west": [[[(1.02, 0.0), (1.02, 1.0), (0.0, 1.0), (0.0, 0.0), (1.02, 0.0)]]],
        "east": [[[(1.02, 1.0), (1.02, 0.0), (2.0, 0.0), (2.0, 1.0), (1.02, 1.0)]]],
    }
    fine = simplified({"west": [[WEST]], "east": [[EAST]]}, 0.001)
    shared = edges(fine["west"][0]) & edges(fine["east"][0])
    assert len(shared) == len(RUGGED) - 1


def test_an_island_that_comes_to_nothing_is_left_out_and_a_territory_is_not() -> None:
    speck: Ring = [(5.0, 5.0), (5.001, 5.0), (5.001, 5.001), (5.0, 5.0)]
    found = simplified({"both": [[WEST], [speck]], "small": [[[(x + 1, y) for x, y in speck]]]}, 0.05)
    assert [len(found[name]) for name in ("both", "small")] == [1, 1]


def test_a_hole_runs_the_other_way() -> None:
    square: Ring = [(0.0, 0.0), (0.0, 3.0), (3.0, 3.0), (3.0, 0.0), (0.0, 0.0)]
    hole: Ring = [(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 2.0), (1.0, 1.0)]
    (found,) = simplified({"one": [[square, hole]]}, 0.1)["one"]
    assert [area(ring) for ring in found] == [9, -1]
    assert faults(found) == []


@given(st.lists(st.floats(-0.4, 0.4), min_size=2, max_size=40), st.floats(0.0005, 0.3))
def test_no_position_is_further_from_the_border_than_said(heights: list[float], tolerance: float) -> None:
    coast = [(n / len(heights) * 4, 1 + height) for n, height in enumerate(heights)]
    ring = [(0.0, -2.0), (4.0, -2.0), *coast[::-1], (0.0, -2.0)]
    (found,) = simplified({"one": [[ring]]}, tolerance)["one"]
    assert faults(found) == []
    sides = list(pairwise(found[0]))
    assert max(min(distance(one, *side) for side in sides) for one in ring) <= tolerance + 0.0002


def distance(one: Position, start: Position, end: Position) -> float:
    def flat(position: Position) -> complex:
        return complex(position[0] * NARROWING, position[1])

    side = flat(end) - flat(start)
    along = (flat(one) - flat(start)) / side if side else 0j
    return abs(flat(one) - flat(start) - side * min(max(along.real, 0), 1))


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=9))
def test_crossings_are_seen(positions: list[tuple[int, int]]) -> None:
    ring = [(float(x), float(y)) for x, y in [*positions, positions[0]]]
    assert crosses(ring) == (crossings(ring) > 0)


def test_polygons_of_text() -> None:
    text = polygon_text({"type": "MultiPolygon", "coordinates": [[WEST], [EAST, RUGGED]]})
    assert text
    assert polygons(text) == [[WEST], [EAST, RUGGED]]


@pytest.mark.real
@pytest.mark.parametrize(("name", "tolerance", "most"), [("departements", 0.02, 6000), ("epci", 0.004, 25_000)])
def test_real_contours_stay_valid(shared: Path, name: str, tolerance: float, most: int) -> None:
    path = shared / "registries" / "contours" / f"{name}.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"][:400]
    every = {one["properties"]["code"]: polygons(polygon_text(one["geometry"]) or "") for one in features}
    found = simplified(every, tolerance)
    assert found.keys() == every.keys()
    assert [(code, wrong) for code, several in found.items() for one in several if (wrong := faults(one))] == []
    assert sum(len(ring) for several in found.values() for one in several for ring in one) < most
