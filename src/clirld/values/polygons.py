"""Cleaner of polygons in well-known text (OGC 06-103r4, 7.2)."""

from __future__ import annotations

import re

from clirld.values.cleaned import MISSING, Cleaned, unclean
from clirld.values.missing import is_missing
from clirld.values.text import tidy

_RING = re.compile(r"\(([^()]*)\)")
_POLYGON = r"\(r(?:,r)*\)"
_SHAPE = re.compile(rf"POLYGON{_POLYGON}|MULTIPOLYGON\({_POLYGON}(?:,{_POLYGON})*\)")
_POSITION = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]+)?) (-?[0-9]{1,2}(?:\.[0-9]+)?)")
_LEAST_POSITIONS = 4
"""Of a ring: three, and the first again."""


def polygon(raw: str) -> Cleaned:
    """A polygon, or several, in WGS 84, longitude first: its rings are closed and its degrees are some."""
    text = re.sub(r"\s*([(),])\s*", r"\1", tidy(raw))
    if is_missing(text):
        return MISSING
    if not _SHAPE.fullmatch(_RING.sub("r", text)):
        return unclean("pas un polygone en WKT", "not a polygon in WKT")
    for ring in _RING.findall(text):
        positions = ring.split(",")
        if len(positions) < _LEAST_POSITIONS or positions[0] != positions[-1]:
            return unclean("un contour qui n'est pas fermé", "a ring that is not closed")
        for position in positions:
            match = _POSITION.fullmatch(position)
            if not match or abs(float(match[1])) > 180 or abs(float(match[2])) > 90:
                return unclean("pas une longitude et une latitude en degrés", "not a longitude and latitude in degrees")
    return Cleaned(text)
