"""Contours held to the ground: one that has not its communes in it is drawn elsewhere, and says nothing true."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from clirld.records.entities import Block
from clirld.records.placing.geography import METROPOLE, OVERSEAS
from clirld.records.territory import Territories
from clirld.vocabulary.tables import Tables

ELSEWHERE = "contour-elsewhere"
"""Reason of a row whose contour is not where its territory lies: a file for drawing moves what is overseas."""

_ENOUGH = 0.5
"""Share of the communes of a territory that its contour has to hold: a simplified one may lose those at its limits."""
_KM = 111.2
_NUMBERS = re.compile(r"(-?[0-9.]+) (-?[0-9.]+)")


def elsewhere(blocks: Sequence[Block], tables: Tables, territories: Territories) -> Iterator[int]:
    """The rows of blocks whose polygon is not where the communes of its territory are."""
    for block in blocks:
        columns = tables[block.table].columns
        polygons = [name for name, column in columns.items() if column.type == "polygon"]
        if not polygons or "territory" not in columns:
            continue
        for n, territory, *texts in zip(
            block.row_indexes, block.frame["territory"], *(block.frame[name] for name in polygons), strict=True
        ):
            if any(text and not holds_communes(territories, territory, text) for text in texts):
                yield n


def holds_communes(territories: Territories, territory: str, polygon: str) -> bool:
    """Whether the box of a polygon (WKT) has the communes of a territory.

    A box is enough: what is moved is moved by thousands of kilometres. A centre may lie outside by the commune's size;
    of a commune without one, the box of its part of France has to be met.
    """
    communes, geography = territories.communes_of(territory), territories.geography
    points = [(float(east), float(north)) for east, north in _NUMBERS.findall(polygon)]
    if not communes or not points:
        return True
    box = (
        min(north for _east, north in points),
        max(north for _east, north in points),
        min(east for east, _north in points),
        max(east for east, _north in points),
    )
    inside = 0
    for commune in communes:
        if circle := geography.circles.get(commune):
            margin = circle.radius / _KM * 2  # a degree of longitude is less than one of latitude
            around = circle.latitude, circle.latitude, circle.longitude, circle.longitude
            inside += _meet(box, around, margin)
        else:
            parts = OVERSEAS.get(geography.departements.get(commune, ""), (METROPOLE,))
            inside += any(_meet(box, part) for part in parts)
    return inside >= _ENOUGH * len(communes)


def _meet(one: tuple[float, ...], other: tuple[float, ...], margin: float = 0) -> bool:
    """Whether two boxes (south, north, west, east) have something in common, or are no farther apart than this."""
    return all(one[low] - margin <= other[high] and other[low] <= one[high] + margin for low, high in ((0, 1), (2, 3)))
