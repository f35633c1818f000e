"""Places and points of the rows of a table, many at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from clirld.records.cells import CellIssue, Values
from clirld.records.placing.address_text import may_have_end
from clirld.records.placing.agreement import columns_told
from clirld.records.placing.commune_of_row import PlaceCache
from clirld.records.placing.model import Place, Said
from clirld.records.placing.points import PointChecker
from clirld.records.territory import Territories
from clirld.values.cleaned import SEVERAL

Notices = Mapping[str, Mapping[int, CellIssue]]
"""By column, what was noticed of the cells of rows: `zero-restored` or `value-unclean`."""

_ZERO, _UNCLEAN = "zero-restored", "value-unclean"

_NO_DIGIT = re.compile(r"[^0-9]*")
"""What is unclean as a postcode but says nothing of another country."""

_TOLD = {
    "locality": "name", "postcode": "postcode", "street": "street", "commune": "code", "departement": "departement",
    "latitude": "point", "private_address": "street",
}  # fmt: skip
"""What a row may say of its place, by column, and how it is told; the first that it has is the one that is named."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What was noticed, by row; and the columns whose earlier issue holds no longer."""

    issues: list[tuple[int, CellIssue]]
    retracted: list[tuple[int, str]]


class Placer:
    """Places rows against the territories; what is said more than once is looked up once."""

    def __init__(self, territories: Territories, around: frozenset[str] = frozenset()) -> None:
        self._places = PlaceCache(territories, around)
        self._points = PointChecker(territories)
        self._by_code: dict[str, Place | None] = {}

    def place(self, columns: MutableMapping[str, list[Values]], rows: Sequence[int], notices: Notices) -> Placed:
        """Replace what columns say of places by what holds, and add commune and seat.

        `rows` are the numbers by which `notices`, and what is given back, tell the rows of the columns.
        """
        said = _Columns(columns, rows, notices)
        doubted = said.zeros["commune"] | said.zeros["postcode"]
        # Most rows of most sources have a code, and nothing that it is to be held against.
        others = zip(*map(said.first, ("country", "locality", "postcode")), said.addresses(), strict=True)
        by_code = [
            self._known(code) if code and n not in doubted and not any(other) else None
            for n, (code, other) in enumerate(zip(said.first("commune"), others, strict=True))
        ]
        places: list[Place] = (
            [place for place in by_code if place]
            if all(by_code)
            else [place or self._places[one] for place, one in zip(by_code, said.all(), strict=True)]
        )
        issues: list[tuple[int, CellIssue]] = []
        retracted: list[tuple[int, str]] = []
        if "latitude" in columns or "longitude" in columns:
            self._locate(said, places, issues, retracted)
        else:
            alone = {
                id(place): self._points.without_point(place) for place in {id(one): one for one in places}.values()
            }
            places = [alone[id(place)] for place in places]
        for name in ("postcode", "locality", "country"):
            _keep_what_holds(columns, name, places, by_code)
        columns["commune"] = [place.commune for place in places]
        columns["seat"] = [place.seat for place in places]
        issues += [(n, issue) for n, place in enumerate(places) if place.issues for issue in place.issues]
        if unplaced := [n for n, place in enumerate(places) if not place.seat]:
            silent = set(unplaced) - {n for n, _issue in issues}
            issues += [(n, issue) for n in sorted(silent) if (issue := said.unknown(n))]
        retracted += [(n, issue.detail["of"]) for n, issue in issues if issue.code == "zero-doubtful"]
        return Placed([(rows[n], issue) for n, issue in issues], [(rows[n], name) for n, name in retracted])

    def _known(self, code: str) -> Place | None:
        """The place of a code that needs no more; None for a code that is not known."""
        if code not in self._by_code:
            place = self._places[Said(code=code)]
            self._by_code[code] = place if place.commune else None
        return self._by_code[code]

    def _locate(
        self,
        said: _Columns,
        places: list[Place],
        issues: list[tuple[int, CellIssue]],
        retracted: list[tuple[int, str]],
    ) -> None:
        latitudes, longitudes = list(said.first("latitude")), list(said.first("longitude"))
        metres = said.unclean("latitude"), said.unclean("longitude")
        for n, (latitude, longitude) in enumerate(zip(latitudes, longitudes, strict=True)):
            if latitude is None and longitude is None:
                located = (
                    self._points.from_metres(places[n], metres[0][n], metres[1][n])
                    if n in metres[0] and (n in metres[1])
                    else None
                )
                if located is None:
                    places[n] = self._points.without_point(places[n])
                    continue
                retracted += [(n, "latitude"), (n, "longitude")]
            else:
                located = self._points.locate(places[n], latitude, longitude)
            places[n] = located.place
            if located.issues or located.latitude != latitude:
                latitudes[n], longitudes[n] = located.latitude, located.longitude
                issues += [(n, issue) for issue in located.issues]
        for name, values in (("latitude", latitudes), ("longitude", longitudes)):
            said.columns[name] = [(value,) if value is not None else () for value in values]


class _Columns:
    """What the columns of some rows say, and what was noticed of them."""

    def __init__(self, columns: MutableMapping[str, list[Values]], rows: Sequence[int], notices: Notices) -> None:
        self.columns = columns
        self._rows, self._notices = rows, notices
        self._first: dict[str, Sequence[str | None]] = {}
        unclean = self._noticed("postcode", _UNCLEAN)
        self._foreign = {
            n
            for n, issue in unclean.items()
            if issue.detail.get("why") != SEVERAL.why_fr and not _NO_DIGIT.fullmatch(issue.value or "")
        }
        self.zeros = {name: self._noticed(name, _ZERO).keys() for name in ("commune", "postcode")}

    def first(self, name: str) -> Sequence[str | None]:
        """The first value of a column in each row."""
        if name not in self._first:
            cells = self.columns.get(name)
            self._first[name] = [v[0] if v else None for v in cells] if cells else [None] * len(self._rows)
        return self._first[name]

    def addresses(self) -> Sequence[str | None]:
        """The address of each row: that which is published, or else that which only places."""
        if "private_address" not in self.columns:
            return self.first("street")
        return [street or other for street, other in zip(*map(self.first, ("street", "private_address")), strict=True)]

    def all(self) -> Iterator[Said]:
        """What each row says of its place; of its address only where it may be of use, as hardly two are the same."""
        codes, names = self.first("commune"), self.first("locality")
        zeros_of_code, zeros_of_postcode, foreign = self.zeros["commune"], self.zeros["postcode"], self._foreign
        others = (*map(self.first, ("postcode", "departement", "country")), self.addresses())
        for n, (code, name, postcode, departement, country, street) in enumerate(
            zip(codes, names, *others, strict=True)
        ):
            is_doubted = n in zeros_of_code or n in zeros_of_postcode
            address = street if street and (is_doubted or not code or not name or may_have_end(street)) else None
            if is_doubted or n in foreign:
                noticed = (n in zeros_of_code, n in zeros_of_postcode, n in foreign)
                yield Said(code, name, postcode, departement, country, address, *noticed)
            else:
                yield Said(code, name, postcode, departement, country, address)

    def unknown(self, n: int) -> CellIssue | None:
        """That nothing is found by what a row says of its place; None for a row that says nothing of it."""
        given = {name: value for name in _TOLD if (value := self.first(name)[n])}
        if "latitude" in given:
            given["latitude"] = f"{given['latitude']}, {self.first('longitude')[n]}"
        if "street" in given:
            given.pop("private_address", None)
        if not given:
            return None
        columns, columns_en = columns_told((_TOLD[name], value) for name, value in given.items())
        return CellIssue("place-unknown", None, {"columns": columns, "columns_en": columns_en}, next(iter(given)))

    def unclean(self, name: str) -> Mapping[int, str]:
        """The values of a column that were not of its type, by row."""
        return {n: issue.value or "" for n, issue in self._noticed(name, _UNCLEAN).items()}

    def _noticed(self, name: str, code: str) -> dict[int, CellIssue]:
        noticed = self._notices.get(name)
        if not noticed:
            return {}
        return {n: noticed[row] for n, row in enumerate(self._rows) if row in noticed and noticed[row].code == code}


def _keep_what_holds(
    columns: MutableMapping[str, list[Values]], name: str, places: Sequence[Place], by_code: Sequence[Place | None]
) -> None:
    """Take a column from the places, where a row was not placed by its code alone."""
    given = columns.get(name) or [()] * len(places)
    kept = list(map(attrgetter(name), places))
    changed = [
        n
        for n, (values, value, placed) in enumerate(zip(given, kept, by_code, strict=True))
        if placed is None and (values[0] if values else None) != value
    ]
    if changed:
        columns[name] = values_now = list(given)
        for n in changed:
            values_now[n] = (kept[n],) if kept[n] else ()
