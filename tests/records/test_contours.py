"""Contours held to the communes of their territory: what a file moves to draw it is dropped, each with an issue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.read.wkt import polygon_text
from clirld.records.placing.contours import holds_communes
from clirld.records.territory import Territories
from tests.records.communes import commune, departement


def of(epci: str, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"part_of": [*row["part_of"], epci]}


ROWS = [
    departement("39", "Jura"),
    departement("971", "Guadeloupe"),
    departement("976", "Mayotte"),
    {"key": "epci-200071116", "kind": "epci", "name": "CC Exemple", "code": "200071116"},
    of("epci-200071116", commune("39300", "Lons-le-Saunier", 46.67, 5.55, 7.7, "39000")),
    of("epci-200071116", commune("39363", "Montmorot", 46.68, 5.52, 9.8, "39570")),
    of("epci-200071116", commune("39198", "Dole", 47.09, 5.49, 38.4, "39100")),
    commune("97105", "Basse-Terre", 16.0, -61.72, 5.8, "97100"),
    {"key": "commune-97611", "kind": "commune", "name": "Acoua", "code": "97611", "part_of": ["departement-976"]},
]  # fmt: skip
TERRITORIES = Territories.from_rows(ROWS)


def square(south: float, north: float, west: float, east: float) -> str:
    corners = ((west, south), (west, north), (east, north), (east, south), (west, south))
    return f"POLYGON(({','.join(f'{x} {y}' for x, y in corners)}))"


@pytest.mark.parametrize(
    ("territory", "polygon", "expected"),
    [
        ("departement-39", square(46.2, 47.3, 5.2, 6.2), True),
        ("epci-200071116", square(46.6, 46.8, 5.4, 5.6), True),  # without Dole, which is one of three
        ("epci-200071116", square(46.9, 47.3, 5.3, 5.6), False),  # with Dole alone
        ("epci-200071116", square(46.69, 46.8, 5.4, 5.6), True),  # the centres are outside by less than a commune
        ("departement-971", square(15.8, 16.5, -61.8, -61.0), True),
        ("departement-971", square(45.8, 46.5, -6.8, -6.0), False),
        ("departement-976", square(-13.0, -12.6, 45.0, 45.3), True),  # of its commune no centre is known
        ("departement-976", square(43.2, 43.5, -6.1, -5.8), False),
        ("departement-39", "MULTIPOLYGON(((0 0,0 1,1 1,0 0)),((5 46,5 47.2,6 47,5 46)))", True),
        ("departement-99", square(0, 1, 0, 1), True),  # whose communes nobody knows
    ],
)
def test_a_contour_holds_the_communes_of_its_territory(territory: str, polygon: str, expected: bool) -> None:
    assert holds_communes(TERRITORIES, territory, polygon) is expected


@given(st.floats(-70, 70), st.floats(-150, 150))
def test_where_a_contour_is_moved_by_degrees_it_is_seen(north: float, east: float) -> None:
    moved = square(46.4 + north, 47.3 + north, 5.2 + east, 6.0 + east)
    if abs(north) > 2 or abs(east) > 2:
        assert not holds_communes(TERRITORIES, "departement-39", moved)
    if abs(north) < 0.2 and abs(east) < 0.2:
        assert holds_communes(TERRITORIES, "departement-39", moved)


@pytest.mark.real
def test_of_the_real_file_what_lies_overseas_is_moved_and_nothing_else(shared: Path, real_territories: Path) -> None:
    parts = sorted((real_territories / "records" / "territories").glob("*/territory/*.parquet"))
    territories = Territories.load(parts)
    moved: dict[str, set[str]] = {"departements": set(), "epci": set()}
    overseas: dict[str, set[str]] = {"departements": set(), "epci": set()}
    for name, level in (("departements", "departement"), ("epci", "epci")):
        file = json.loads((shared / "registries" / "contours" / f"{name}.geojson").read_text(encoding="utf-8"))
        for feature in file["features"]:
            key = f"{level}-{feature['properties']['code']}"
            communes = territories.communes_of(key)
            assert communes, key
            if communes[0].startswith("97"):
                overseas[name].add(key)
            if not holds_communes(territories, key, polygon_text(feature["geometry"]) or ""):
                moved[name].add(key)
    assert moved == overseas
    assert [len(one) for one in moved.values()] == [5, 23]
