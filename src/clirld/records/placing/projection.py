"""Coordinates in metres to degrees: columns of a distribution whose card gives its `crs`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from clirld.values.text import tidy

if TYPE_CHECKING:
    from pyproj import Transformer

_NUMBER = re.compile(r"[+-]?[0-9]{1,8}(?:\.[0-9]{0,30})?")

Degrees = tuple[str, str]
"""Latitude and longitude (WGS 84), to a centimetre."""


def to_degrees(crs: str, xs: Sequence[str], ys: Sequence[str]) -> list[Degrees | None]:
    """Latitude and longitude of points given by x (east) and y (north); None for what is no point of the projection."""
    pairs = [(_number(x), _number(y)) for x, y in zip(xs, ys, strict=True)]
    filled = [(x, y) for x, y in pairs if x is not None and y is not None]
    if not filled:
        return [None] * len(pairs)
    longitudes, latitudes = _transformer(crs).transform([x for x, _ in filled], [y for _, y in filled])
    degrees = iter(zip(latitudes, longitudes, strict=True))
    return [_texts(*next(degrees)) if x is not None and y is not None else None for x, y in pairs]


def _texts(latitude: float, longitude: float) -> Degrees | None:
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # infinite where the projection has no such point
        return None
    return f"{latitude:.7f}", f"{longitude:.7f}"


def _number(raw: str) -> float | None:
    tidied = tidy(raw).replace(" ", "").replace("\u2212", "-").replace(",", ".")
    return float(tidied) if _NUMBER.fullmatch(tidied) else None


@cache
def _transformer(crs: str) -> Transformer:
    from pyproj import Transformer  # only where a card gives a `crs`

    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
