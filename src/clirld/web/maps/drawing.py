"""The map as a drawing: land, borders and marks, in an equirectangular projection whose middle is true to scale.

Form says what a thing is, filled or hollow how sure its place is. What lies overseas has a frame of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians

from clirld.release.maps.placing import POINT
from clirld.web.figures.svg import FORMS, MARGIN, SMALL, Sheet, mark, marks, text, wrapped
from clirld.web.maps.asked import Window
from clirld.web.maps.places import Contour, Place

METROPOLE = Window(-5.25, 41.3, 9.65, 51.15)
"""Metropolitan France, Corsica included."""

FORM_OF = {"third-place": "circle", "ptce": "triangle", "territory-project": "diamond"}
"""Kind of initiative → form of its mark; others are wedges."""

_HIGHEST = 1.15
"""Of the width."""
_FRAMES = 5
"""Overseas territories in a row, where there is room."""
_CENTRE = 8.0
"""Size of the mark of a commune, where there is no contour."""
_SIZES = ((200, 9.0), (1000, 7.0), (10**9, 5.5))
"""Up to so many marks they are so large."""


@dataclass(frozen=True, slots=True)
class Projection:
    """From degrees to positions on the sheet."""

    window: Window
    left: float
    top: float
    scale: float
    """Length of a degree of latitude."""

    @classmethod
    def fitting(cls, window: Window, left: float, top: float, width: float, height: float) -> Projection:
        """As large as a window can be in a frame, and in its middle."""
        wide, high = (window.east - window.west) * _narrowing(window), window.north - window.south
        scale = min(width / max(wide, 1e-6), height / max(high, 1e-6))
        return cls(window, left + (width - wide * scale) / 2, top + (height - high * scale) / 2, scale)

    @property
    def height(self) -> float:
        """Of the window on the sheet."""
        return (self.window.north - self.window.south) * self.scale

    def __call__(self, longitude: float, latitude: float) -> tuple[float, float]:
        return (
            self.left + (longitude - self.window.west) * _narrowing(self.window) * self.scale,
            self.top + (self.window.north - latitude) * self.scale,
        )

    def has(self, longitude: float, latitude: float) -> bool:
        """Whether a position lies in the window."""
        window = self.window
        return window.west <= longitude <= window.east and window.south <= latitude <= window.north


def _narrowing(window: Window) -> float:
    return cos(radians((window.north + window.south) / 2))


def form(kinds: Sequence[str]) -> str:
    """The form of the mark of an initiative of some kinds."""
    return next((FORM_OF[kind] for kind in FORM_OF if kind in kinds), FORMS[-1])


def draw(
    sheet: Sheet,
    contours: Sequence[Contour],
    places: Sequence[Place],
    window: Window | None,
    words: Mapping[str, str],
) -> int:
    """Draw a window, or all of France with a frame for each territory overseas; gives how many places are not on it.

    `words` are those of the legend.
    """
    overseas = [] if window else [one for one in contours if not _meets(one.window, METROPOLE)]
    size = next(size for most, size in _SIZES if len(places) <= most)
    shown = window or METROPOLE
    height = min(Projection.fitting(shown, MARGIN, sheet.y, sheet.inner, 1e9).height, sheet.inner * _HIGHEST)
    projection = Projection.fitting(shown, MARGIN, sheet.y, sheet.inner, height)
    clip = (MARGIN, sheet.y, sheet.inner, height) if window else None
    left_over = _frame(sheet, projection, contours, places, size, clip)
    sheet.y += height + 8
    in_row = max(2, min(_FRAMES, int(sheet.inner // 110)))
    for start in range(0, len(overseas), in_row):
        row = overseas[start : start + in_row]
        side, top = sheet.inner / in_row, sheet.y
        below = top
        for n, contour in enumerate(row):
            left = MARGIN + n * side
            projection = Projection.fitting(_wider(contour.window), left + 6, top + 4, side - 12, side - 12)
            left_over = _frame(sheet, projection, [contour], left_over, size, None)
            for k, line in enumerate(wrapped(contour.name, side, SMALL)):
                y = top + side + 12 + k * SMALL * 1.25
                sheet.parts.append(text(left + side / 2, y, line, SMALL, sheet.theme.soft, anchor="middle"))
                below = max(below, y + 8)
        sheet.y = below
    _legend(sheet, places, words, has_communes=any('"MultiPoint"' in one.geometry for one in contours))
    return len(left_over)


def _meets(one: Window, other: Window) -> bool:
    return (
        one.west < other.east and one.east > other.west and one.south < other.north and one.north > other.south
    )  # fmt: skip


def _wider(window: Window) -> Window:
    margin = max(window.east - window.west, window.north - window.south) * 0.06
    return Window(window.west - margin, window.south - margin, window.east + margin, window.north + margin)


def _frame(
    sheet: Sheet,
    projection: Projection,
    contours: Sequence[Contour],
    places: Sequence[Place],
    size: float,
    clip: tuple[float, float, float, float] | None,
) -> list[Place]:
    """Draw what lies in a window; gives the places that do not."""
    theme = sheet.theme
    land = "".join(_path(one.geometry, projection) for one in contours if _meets(one.window, projection.window))
    shape = f'<path d="{land}" fill="{theme.land}" stroke="{theme.rule}" stroke-width=".7" stroke-linejoin="round"/>'
    if clip:
        x, y, width, height = clip
        rect = f'<rect x="{x:g}" y="{y:.5g}" width="{width:g}" height="{height:.5g}"/>'
        shape = f'<clipPath id="frame">{rect}</clipPath><g clip-path="url(#frame)">{shape}</g>'
    sheet.parts.append(shape)
    step = 1 if size > _SIZES[-1][1] else 2
    drawn: dict[tuple[str, bool], dict[tuple[int, int], None]] = {}
    outside = []
    for place in places:
        if place.longitude is None or place.latitude is None or not projection.has(place.longitude, place.latitude):
            outside.append(place)
            continue
        x, y = projection(place.longitude, place.latitude)
        look = drawn.setdefault((form(place.kinds), place.precision != POINT), {})
        look[round(x / step) * step, round(y / step) * step] = None
    # The hollow ones first: what is sure lies above.
    for (which, hollow), positions in sorted(drawn.items(), key=lambda one: (not one[0][1], one[0][0])):
        sheet.parts.append(marks([mark(which, x, y, size) for x, y in positions], theme, hollow=hollow))
    return outside


def _path(geometry: str, projection: Projection) -> str:
    told = json.loads(geometry)
    if told["type"] == "MultiPoint":
        centres = (projection(*at) for at in told["coordinates"])
        return "".join(mark("circle", round(x, 1), round(y, 1), _CENTRE) for x, y in centres)
    polygons = told["coordinates"] if told["type"] == "MultiPolygon" else [told["coordinates"]]
    parts = []
    for ring in (ring for polygon in polygons for ring in polygon):
        last: tuple[float, float] | None = None
        for longitude, latitude in ring[:-1]:
            x, y = (round(one, 1) for one in projection(longitude, latitude))
            if last is None:
                parts.append(f"M{x:g} {y:g}l")
            elif (x, y) != last:
                parts.append(f"{x - last[0]:.3g} {y - last[1]:.3g} ")
            last = (x, y)
        parts.append("z")
    return "".join(parts)


def _legend(sheet: Sheet, places: Sequence[Place], words: Mapping[str, str], *, has_communes: bool) -> None:
    """Which form is what, and what filled and hollow mean; of what is on the map only."""
    placed = [one for one in places if one.precision]
    known = {(form(one.kinds), one.precision != POINT) for one in placed}
    shown = [(which, None) for which in FORMS if any(which == one for one, _ in known)]
    entries = [(which, False, words[which]) for which, _ in shown]
    entries += [("circle", hollow, words["unsure" if hollow else "sure"]) for hollow in (False, True)
                if any(hollow == one for _, one in known)]  # fmt: skip
    looks = [(marks([mark(which, 6, 9, 10)], sheet.theme, hollow=hollow), label) for which, hollow, label in entries]
    if has_communes:
        dot = mark("circle", 6, 9, _CENTRE)
        look = f'<path d="{dot}" fill="{sheet.theme.land}" stroke="{sheet.theme.rule}" stroke-width=".7"/>'
        looks.append((look, words["communes"]))
    sheet.legend(looks)
