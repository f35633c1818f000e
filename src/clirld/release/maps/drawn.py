"""The contours as `map.sqlite` has them: simplified, or the centres of the communes where there is none that fits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from clirld.release.maps.contours import Polygon, polygons, simplified
from clirld.release.maps.placing import DECIMALS, Position, Territories
from clirld.search.around import level_of

_LEVELS = {"outline": ("departement", 0.02), "departement": ("departement", 0.008), "epci": ("epci", 0.004)}
"""Name of a set of contours → whose they are, and how far a border may move, in degrees."""
_NEAR = 0.5
"""Degrees that the centre of its inhabitants may lie out of the contour of a territory."""


def rows(table: pl.DataFrame, territories: Territories) -> Iterator[tuple[Any, ...]]:
    """The rows of the table `contour` of the map, from those of the released one."""
    if table.is_empty():
        return
    every = {row["territory"]: polygons(row["polygon"]) for row in table.sort("territory", "key").iter_rows(named=True)}
    moved = [key for key, shape in every.items() if _is_moved(key, shape, territories)]
    # Of what has no contour of its own, overseas for one, the communes are drawn.
    centres = {key: _communes(key, territories) for key in (*moved, *(territories.parts.keys() - every.keys()))}
    for name, (level, tolerance) in _LEVELS.items():
        mine = {key: one for key, one in every.items() if level_of(key) == level}
        drawn = simplified({key: one for key, one in mine.items() if key not in centres}, tolerance)
        for key in sorted({*mine, *(key for key in centres if level_of(key) == level)}):
            points = sorted(centres.get(key, []))
            if not points and key not in drawn:
                continue
            geometry = {"type": "MultiPoint", "coordinates": points} if points else _geometry(drawn[key])
            corners = points or [position for polygon in drawn[key] for position in polygon[0]]
            text = json.dumps(geometry, separators=(",", ":"))
            yield name, key, territories.names.get(key, key), *_bounds(corners), text


def _is_moved(key: str, shape: Sequence[Polygon], territories: Territories) -> bool:
    """Whether a contour does not lie where its communes are: files for drawing move what lies overseas near France."""
    centre = territories.centre(key)
    if centre is None:
        return False
    west, south, east, north = _bounds([position for polygon in shape for position in polygon[0]])
    return not (west - _NEAR < centre[0] < east + _NEAR and south - _NEAR < centre[1] < north + _NEAR)


def _communes(key: str, territories: Territories) -> list[Position]:
    communes = map(territories.centre, territories.parts.get(key, []))
    return [(round(one[0], DECIMALS), round(one[1], DECIMALS)) for one in communes if one]


def _bounds(positions: Sequence[Position]) -> tuple[float, float, float, float]:
    xs, ys = zip(*positions, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _geometry(shape: Sequence[Polygon]) -> dict[str, Any]:
    if len(shape) == 1:
        return {"type": "Polygon", "coordinates": shape[0]}
    return {"type": "MultiPolygon", "coordinates": shape}
