"""Polygons of GeoJSON (RFC 7946, 3.1.6, 3.1.7) as well-known text (OGC 06-103r4, 7.2), with all their digits."""

from __future__ import annotations

from typing import Any


def polygon_text(geometry: Any) -> str | None:
    """A polygon or several as text, longitude first; None for any other geometry, or one that is not whole."""
    if not isinstance(geometry, dict):
        return None
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if not isinstance(coordinates, list):
        return None
    try:
        if kind == "Polygon":
            return f"POLYGON{_polygon(coordinates)}"
        if kind == "MultiPolygon":
            return f"MULTIPOLYGON({','.join(map(_polygon, coordinates))})"
    except (TypeError, ValueError):
        return None
    return None


def _polygon(rings: Any) -> str:
    return f"({','.join(map(_ring, rings))})"


def _ring(positions: Any) -> str:
    # A position may have its height too.
    return f"({','.join(f'{longitude} {latitude}' for longitude, latitude, *_height in positions)})"
