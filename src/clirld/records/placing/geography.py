"""What is known of the ground: the centre, the area and the postcodes of communes, and the boxes of France's parts.

Distances are by the size of a commune. Of 3,209 points of real registries whose commune is given, 12 are farther from
its centre than `is_in` allows, and each of the 12 has a wrong point or a wrong commune (5 to 820 km off); points that
are right are up to 1.96 radii off. Of 4,400, `at` gives another commune than theirs for 1 in 60, and `departement_at`
another département for 1 in 1,000.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Side = Literal["france", "border", "abroad"]

METROPOLE = (41.2, 51.2, -5.3, 9.7)
OVERSEAS: Mapping[str, tuple[tuple[float, float, float, float], ...]] = {
    "971": ((15.7, 16.6, -61.9, -60.9),),
    "972": ((14.3, 15.0, -61.3, -60.7),),
    "973": ((2.0, 5.9, -54.7, -51.5),),
    "974": ((-21.5, -20.8, 55.1, 55.95),),
    "975": ((46.7, 47.2, -56.5, -56.0),),
    "976": ((-13.1, -12.5, 44.9, 45.4),),
    "977": ((17.8, 18.0, -62.97, -62.7),),
    "978": ((18.0, 18.2, -63.2, -62.97),),
    "984": ((-50.1, -37.7, 50.0, 77.7), (-67.0, -65.0, 136.0, 142.0), (-22.5, -11.4, 39.5, 54.6)),
    "986": ((-14.5, -13.1, -178.3, -176.0),),
    "987": ((-28.0, -7.8, -154.8, -134.3),),
    "988": ((-23.0, -17.5, 157.8, 172.2),),
    "989": ((10.2, 10.4, -109.3, -109.1),),
}
"""South, north, west and east of France's parts overseas, by code; the same boxes are in the check
`shapes/checks/point-outside-france.rq`."""

_KM = 111.2
"""Kilometres of a degree of latitude."""
_CELL = 0.25
"""Degrees of a cell of the grid: more than two radii of all communes but a few of Guyane."""
_COMPLETE = 30_000
"""Communes from which on a point near none of them is known to be outside France; samples have a few dozen."""
_NEARLY = 1.25
"""How much farther from its centre, by its size, a point may be in another commune than in the nearest."""
_UNKNOWN_RADIUS = 15.0
"""Kilometres, for a commune whose area is not known: Mayotte's."""


class Circle(NamedTuple):
    """The centre of a commune, and the radius in kilometres of a circle of its area."""

    latitude: float
    longitude: float
    radius: float

    def distance(self, latitude: float, longitude: float) -> float:
        """Kilometres to a point, on a plane: right to a per cent within France, and large where it is far."""
        east = (longitude - self.longitude) * math.cos(math.radians(self.latitude))
        return _KM * math.hypot(latitude - self.latitude, east)


@dataclass(frozen=True, slots=True)
class Geography:
    """Communes of today on the ground, by code."""

    circles: Mapping[str, Circle] = field(default_factory=dict)
    postcodes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Commune → its postcodes."""
    departements: Mapping[str, str] = field(default_factory=dict)
    """Commune → département, or collectivity overseas."""
    by_postcode: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Postcode → the communes that have it."""
    _grid: Mapping[tuple[int, int], list[str]] = field(default_factory=dict)
    _latest: dict[tuple[float, float], list[tuple[float, str]]] = field(default_factory=dict, compare=False)
    """What is near the latest point: one point is asked about several times."""

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]], departements: Mapping[str, str]) -> Geography:
        """Take the communes of today among rows of the canonical table `territory`; what they lack is not known."""
        circles: dict[str, Circle] = {}
        postcodes: dict[str, frozenset[str]] = {}
        grid: dict[tuple[int, int], list[str]] = defaultdict(list)
        for row in rows:
            code = str(row["code"])
            if row.get("postcode"):
                postcodes[code] = frozenset(row["postcode"])
            if row.get("latitude") and row.get("longitude"):
                area = float(row["area"]) if row.get("area") else 0.0
                radius = math.sqrt(area / math.pi) if area else _UNKNOWN_RADIUS
                circles[code] = circle = Circle(float(row["latitude"]), float(row["longitude"]), radius)
                grid[_cell(circle.latitude, circle.longitude)].append(code)
        by_postcode: dict[str, set[str]] = defaultdict(set)
        for commune, codes in postcodes.items():
            for one in codes:
                by_postcode[one].add(commune)
        served = {code: frozenset(communes) for code, communes in by_postcode.items()}
        return cls(circles, postcodes, departements, served, dict(grid))

    def with_postcode(self, postcode: str) -> frozenset[str]:
        """All communes that have a postcode; none where not all communes are known, as with samples."""
        return self.by_postcode.get(postcode, frozenset()) if self._is_complete else frozenset()

    def is_unknown_postcode(self, postcode: str) -> bool:
        """Whether no commune has a postcode, as those of a CEDEX; not where not all communes are known."""
        return self._is_complete and postcode not in self.by_postcode

    def distance(self, commune: str, latitude: float, longitude: float) -> float | None:
        """Kilometres from the centre of a commune; None where it is not known."""
        circle = self.circles.get(commune)
        return circle.distance(latitude, longitude) if circle else None

    def is_in(self, commune: str, latitude: float, longitude: float) -> bool | None:
        """Whether a point may be in a commune or just beside it; None where that is not known."""
        circle = self.circles.get(commune)
        if circle is not None:
            return circle.distance(latitude, longitude) <= 2 * circle.radius + 1
        boxes = OVERSEAS.get(commune[:3])
        if boxes is not None:
            return any(_within(box, latitude, longitude) for box in boxes)
        return None if _within(METROPOLE, latitude, longitude) else False

    def around(self, latitude: float, longitude: float) -> list[str]:
        """The communes that a point may be in."""
        return [code for ratio, code in self._near(latitude, longitude) if (ratio - 2) * self.circles[code].radius <= 1]

    def nearest(self, communes: Iterable[str], latitude: float, longitude: float) -> frozenset[str]:
        """Of some communes, those that a point may well be in: the one nearest by its size, and the one nearest at all.

        Empty where it can be in none of them.
        """
        distances = {
            code: circle.distance(latitude, longitude)
            for code in communes
            if (circle := self.circles.get(code)) and self.is_in(code, latitude, longitude)
        }
        if not distances:
            return frozenset()
        ratios = {code: distance / self.circles[code].radius for code, distance in distances.items()}
        nearest = min(ratios.values())
        near = {code for code, ratio in ratios.items() if ratio <= _NEARLY * nearest}
        return frozenset(near | {min(distances, key=distances.__getitem__)})

    def is_in_departement(self, departement: str, latitude: float, longitude: float) -> bool | None:
        """Whether a point is near a commune of a département; None where that is not known."""
        if departement in OVERSEAS:
            return any(_within(box, latitude, longitude) for box in OVERSEAS[departement])
        if not self._is_complete:
            return None if _within(METROPOLE, latitude, longitude) else False
        return any(
            self.departements.get(code) == departement and ratio <= 2 for ratio, code in self._near(latitude, longitude)
        )

    def side(self, latitude: float, longitude: float) -> Side:
        """Whether a point is in France, so near to it that it may be, or abroad."""
        if any(_within(box, latitude, longitude) for boxes in OVERSEAS.values() for box in boxes):
            return "france"
        if not _within(METROPOLE, latitude, longitude):
            return "abroad"
        if not self._is_complete:
            return "border"
        near = min(self._near(latitude, longitude), default=None)
        if near is None:
            return "abroad"
        ratio, code = near
        if ratio <= 1.3:
            return "france"
        return "border" if ratio * self.circles[code].radius <= 2 * self.circles[code].radius + 10 else "abroad"

    def at(self, latitude: float, longitude: float, postcode: str | None = None) -> str | None:
        """The commune whose centre is nearest, by its size, where no other is nearly as near.

        With a postcode it is the nearest of those that have it, and not far.
        """
        near = sorted(self._near(latitude, longitude))
        if postcode:
            return next((c for ratio, c in near if ratio <= 1.5 and postcode in self.postcodes.get(c, ())), None)
        if not near or near[0][0] >= 0.8:
            return None
        (ratio, code), others = near[0], near[1:]
        nearest = min(near, key=lambda one: one[0] * self.circles[one[1]].radius)[1]
        return code if nearest == code and (not others or others[0][0] > 1.5 * ratio) else None

    def departement_at(self, latitude: float, longitude: float) -> str | None:
        """The département of all communes around a point, where they have the same and it is near one of them."""
        near = [(ratio, code) for ratio, code in self._near(latitude, longitude) if ratio < 2]
        departements = {self.departements.get(code) for _ratio, code in near}
        if len(departements) == 1 and min(near)[0] <= 1.3:
            return departements.pop()
        overseas = [code for code, boxes in OVERSEAS.items() if any(_within(b, latitude, longitude) for b in boxes)]
        return overseas[0] if len(overseas) == 1 and overseas[0] not in ("984", "989") else None

    @property
    def _is_complete(self) -> bool:
        return len(self.circles) >= _COMPLETE

    def _near(self, latitude: float, longitude: float) -> list[tuple[float, str]]:
        """Communes around a point: how many radii off their centre it is, and their code."""
        if (known := self._latest.get((latitude, longitude))) is not None:
            return known
        south, west = _cell(latitude, longitude)
        found = []
        for row in (south - 1, south, south + 1):
            for column in (west - 1, west, west + 1):
                for code in self._grid.get((row, column), ()):
                    circle = self.circles[code]
                    found.append((circle.distance(latitude, longitude) / circle.radius, code))
        self._latest.clear()
        self._latest[latitude, longitude] = found
        return found


def _cell(latitude: float, longitude: float) -> tuple[int, int]:
    return math.floor(latitude / _CELL), math.floor(longitude / _CELL)


def _within(box: tuple[float, float, float, float], latitude: float, longitude: float) -> bool:
    south, north, west, east = box
    return south <= latitude <= north and west <= longitude <= east
