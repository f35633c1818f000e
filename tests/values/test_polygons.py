"""Polygons in well-known text: what is one, and what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.read.layout import Layout
from clirld.read.reader import read
from clirld.read.rows import RowIssue, SourceRow
from clirld.read.wkt import polygon_text
from clirld.values.polygons import polygon

SQUARE = "(0 0,0 1,1 1,0 0)"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (f"POLYGON({SQUARE})", f"POLYGON({SQUARE})"),
        ("POLYGON ((0 0, 0 1, 1 1, 0 0))", f"POLYGON({SQUARE})"),
        (f"POLYGON({SQUARE},{SQUARE})", f"POLYGON({SQUARE},{SQUARE})"),
        (f"MULTIPOLYGON(({SQUARE}),({SQUARE},{SQUARE}))", f"MULTIPOLYGON(({SQUARE}),({SQUARE},{SQUARE}))"),
        ("POLYGON((-61.25 15.5,-61.5 15.75,-61 16,-61.25 15.5))",) * 2,
        ("", None),
    ],
)  # fmt: skip
def test_polygons(raw: str, value: str | None) -> None:
    assert polygon(raw) == (value, None, "", "")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("POINT(5 46)", "not a polygon"),
        ("POLYGON(0 0,0 1,1 1,0 0)", "not a polygon"),
        (f"POLYGON(({SQUARE}))", "not a polygon"),
        (f"MULTIPOLYGON({SQUARE})", "not a polygon"),
        ("POLYGON((0 0,0 1,0 0))", "not closed"),
        ("POLYGON((0 0,0 1,1 1,1 0))", "not closed"),
        ("POLYGON((0 0,0 91,1 1,0 0))", "not a longitude"),
        ("POLYGON((700000 6600000,0 1,1 1,700000 6600000))", "not a longitude"),
        ("POLYGON((a b,0 1,1 1,a b))", "not a longitude"),
    ],
)
def test_what_is_no_polygon(raw: str, why: str) -> None:
    found = polygon(raw)
    assert (found.value, found.code) == (None, "value-unclean")
    assert why in found.why_en


@given(st.text(st.sampled_from("POLYGNMUTI(),. 0123-"), max_size=40))
def test_whatever_it_is_it_is_a_polygon_or_told(raw: str) -> None:
    found = polygon(raw)
    assert found.value is None or polygon(found.value).value == found.value


degrees = st.tuples(st.integers(-180, 180), st.integers(-90, 90)).map(list)
rings = st.lists(degrees, min_size=3, max_size=6).map(lambda ring: [*ring, ring[0]])
polygons = st.lists(rings, min_size=1, max_size=3)


@given(
    st.one_of(
        polygons.map(lambda one: {"type": "Polygon", "coordinates": one}),
        st.lists(polygons, min_size=1, max_size=3).map(lambda many: {"type": "MultiPolygon", "coordinates": many}),
    )
)
def test_the_text_of_a_polygon_is_one(geometry: dict[str, object]) -> None:
    text = polygon_text(geometry)
    assert text
    assert polygon(text).value == text
    numbers = text.replace("MULTIPOLYGON", "").replace("POLYGON", "")
    assert numbers.count(",") + 1 == json.dumps(geometry["coordinates"]).replace("], [", "|").count("|") + 1


@pytest.mark.parametrize(
    "geometry",
    [None, {}, {"type": "Polygon"}, {"type": "Point", "coordinates": [1, 2]}, {"type": "Polygon", "coordinates": [1]},
     {"type": "MultiPolygon", "coordinates": [[[["x"]]]]}],
)  # fmt: skip
def test_what_has_no_text(geometry: object) -> None:
    assert polygon_text(geometry) is None


def test_a_file_of_polygons(tmp_path: Path) -> None:
    square = [[[0.10, 0], [0.10, 1], [1, 1], [0.10, 0]]]
    features = [
        {"type": "Feature", "properties": {"code": "39"}, "geometry": {"type": "Polygon", "coordinates": square}},
        {"type": "Feature", "properties": {"code": "25"}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
        {"type": "Feature", "properties": {"code": "01"}, "geometry": None},
    ]
    file = tmp_path / "x.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    noticed: list[RowIssue] = []
    rows = [r for r in read(file, Layout("geojson", geometry="wkt"), None, noticed.append) if isinstance(r, SourceRow)]
    assert [row.values.get("geometry.wkt") for row in rows] == ["POLYGON((0.1 0,0.1 1,1 1,0.1 0))", "", None]
    assert [(issue.code, issue.row) for issue in noticed] == [("geometry-not-read", 2)]
