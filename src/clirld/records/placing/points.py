"""A point against what the other columns say of its place: kept, corrected where that is certain, or left out.

Certain is what puts the point into the commune that the other columns name: axes swapped, a sign flipped, metres of
Lambert-93 where degrees should be. Without a commune nothing is corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import filterfalse
from typing import NamedTuple

from clirld.records.cells import CellIssue
from clirld.records.placing.agreement import CELLS, Agreement, Point
from clirld.records.placing.model import Place, Town, by_address, commune_doubtful
from clirld.records.placing.name_near_point import Called
from clirld.records.placing.projection import to_degrees
from clirld.records.territory import Territories, departement_of_postcode, departements_of_postcode
from clirld.values.countries import FRANCE

_NOWHERE = 0.01
"""Degrees around (0, 0), in the Gulf of Guinea: what is there is a point that nobody filled in."""

_SHOWN = 5
"""Communes of one name that are told of."""

_WHY = {
    "nowhere": ("ni l'un ni l'autre n'est rempli : 0, 0", "neither is filled: 0, 0"),
    "half": ("il manque l'autre coordonnée", "the other coordinate is missing"),
    "swapped": ("hors de France ; latitude et longitude semblent inversées", "outside France; the axes seem swapped"),
    "not-in-france": ("le pays est la France, le point n'y est pas", "the country is France, the point is not there"),
    "in-france": ("le point est en France, le pays ne l'est pas", "the point is in France, the country is not"),
    "departement": ("le point est loin du département {of}", "the point is far from the département {of}"),
}
_HOW = {
    "swapped": ("latitude et longitude inversées", "axes swapped"),
    "sign": ("signe inversé", "sign flipped"),
    "lambert": ("mètres de Lambert-93", "metres of Lambert-93"),
}


class Located(NamedTuple):
    """A place and a point that hold together, and what was noticed of the point."""

    place: Place
    latitude: str | None
    longitude: str | None
    issues: tuple[CellIssue, ...] = ()


class PointChecker:
    """Holds points against places."""

    def __init__(self, territories: Territories) -> None:
        self._territories = territories
        self._geography = territories.geography
        self._agreement = Agreement(territories)
        self._called = Called(territories)

    def locate(self, place: Place, latitude: str | None, longitude: str | None) -> Located:
        """The place and the point of a row that has at least one of its coordinates."""
        if latitude is None or longitude is None:
            half = _doubtful(latitude or longitude or "", "half")
            return Located(self.without_point(place), None, None, (half,))
        south_north, west_east = float(latitude), float(longitude)
        if place.claims:
            place = self._agreement.settle(place, self._meant(place, latitude, longitude))
        elif place.towns:
            place = self._among(place, south_north, west_east)
        elif place.called:
            place = self._called.at(place, south_north, west_east)
        if place.commune and self._geography.is_in(place.commune[0], south_north, west_east):
            return Located(place, latitude, longitude)  # most points are like this
        given = f"{latitude}, {longitude}"
        if abs(south_north) < _NOWHERE and abs(west_east) < _NOWHERE:
            return Located(self.without_point(place), None, None, (_doubtful(given, "nowhere"),))
        if place.commune:
            return self._against_commune(place, latitude, longitude, given)
        return self._without_commune(place, latitude, longitude, given)

    def from_metres(self, place: Place, first: str, second: str) -> Located | None:
        """The point that two numbers mean as Lambert-93 in either order, where it is in the commune; else None."""
        if place.claims:
            place = self._agreement.settle(place)
        if not place.commune:
            return None
        for x, y in ((first, second), (second, first)):
            degrees = to_degrees("EPSG:2154", [x], [y])[0]
            if degrees and self._geography.is_in(place.commune[0], float(degrees[0]), float(degrees[1])):
                issue = _corrected(f"{first}, {second}", degrees, "lambert")
                return Located(place, *degrees, (issue,))
        return None

    def without_point(self, place: Place) -> Place:
        """A place with no point to hold it against: a guess is not believed, a postcode is read alone."""
        if place.claims:
            place = self._agreement.settle(place)
        if place.called and not place.commune:
            place = self._called.without_point(place)
        if place.certainty != "guess":
            return self._by_postcode(place) if place.is_open and place.postcode else place
        seat = self._territories.seat(None, place.departement)
        issues = (place.doubt,) if place.doubt else ()
        return place._replace(certainty="none", commune=(), seat=(seat,) if seat else (), issues=issues)

    def _among(self, place: Place, latitude: float, longitude: float) -> Place:
        """A place in the town that the point is in, of several that a cell names, where it is in no other."""
        there = self._geography.nearest((town.commune for town in place.towns), latitude, longitude)
        towns = [town for town in place.towns if town.commune in there]
        return self._by_town(place, towns[0]) if len(towns) == 1 else place

    def _by_town(self, place: Place, town: Town) -> Place:
        """A place in the commune that the address names and the point is in."""
        seat = self._territories.seat(town.commune, None)
        known = (issue for issue in place.issues if issue.code not in ("commune-several", "commune-unknown"))
        return place._replace(
            certainty="sure", commune=(town.commune,), seat=(seat,) if seat else (), issues=(*known, by_address(town)),
            postcode=place.postcode or town.postcode, locality=place.locality or town.name,
        )  # fmt: skip

    def _meant(self, place: Place, latitude: str, longitude: str) -> Point | None:
        """What a point says: itself, or what it would be in the commune with its axes or signs put right."""
        given = Point(float(latitude), float(longitude))
        if abs(given.latitude) < _NOWHERE and abs(given.longitude) < _NOWHERE:
            return None
        commune = place.commune[0]
        if self._geography.nearest({commune}.union(*(claim.communes for claim in place.claims)), *given):
            return given
        mended = (Point(float(north), float(east)) for _how, north, east in _mended(latitude, longitude))
        return next((point for point in mended if self._geography.is_in(commune, *point)), given)

    def _against_commune(self, place: Place, latitude: str, longitude: str, given: str) -> Located:
        commune = place.commune[0]
        is_in = self._geography.is_in(commune, float(latitude), float(longitude))
        if place.certainty == "guess":
            if not is_in:
                return self._without_commune(self.without_point(place), latitude, longitude, given)
            restored = place._replace(certainty="sure")
            return Located(restored, latitude, longitude)
        if is_in is None:
            return Located(place, latitude, longitude)
        for how, *degrees in _mended(latitude, longitude):
            if self._geography.is_in(commune, float(degrees[0]), float(degrees[1])):
                issue = _corrected(given, (degrees[0], degrees[1]), how)
                return Located(place, degrees[0], degrees[1], (issue,))
        distance = self._geography.distance(commune, float(latitude), float(longitude))
        detail = {"km": f"{distance:.0f}" if distance is not None else "?", "commune": commune}
        if place.certainty == "sure" or self._is_elsewhere(place, latitude, longitude):
            return Located(place, None, None, (CellIssue("point-far", given, detail),))
        doubt = commune_doubtful(
            place.locality,
            f"le point est à {detail['km']} km de la commune de ce nom, {commune}",
            f"the point is {detail['km']} km from the commune of this name, {commune}",
            CELLS[place.basis or "name"],
        )
        departement = self._territories.departement_of(commune)
        is_near = self._geography.is_in_departement(departement or "", float(latitude), float(longitude))
        seat = self._territories.seat(None, departement) if is_near else None
        unnamed = place._replace(
            certainty="none", commune=(), seat=(seat,) if seat else (), issues=(doubt,), is_open=False,
            departement=departement if is_near else None,
        )  # fmt: skip
        return self._without_commune(unnamed, latitude, longitude, given)

    def _is_elsewhere(self, place: Place, latitude: str, longitude: str) -> bool:
        """Whether a point contradicts the département or the country that is given, and not only the name."""
        point = float(latitude), float(longitude)
        if place.departement and self._geography.is_in_departement(place.departement, *point) is False:
            return True
        return place.country in FRANCE and self._geography.side(*point) == "abroad"

    def _without_commune(self, place: Place, latitude: str, longitude: str, given: str) -> Located:
        south_north, west_east = float(latitude), float(longitude)
        postcode = place.guessed_postcode
        if postcode and self._geography.at(south_north, west_east, postcode):
            issues = tuple(issue for issue in place.issues if issue.detail.get("of") != "postcode")
            place = place._replace(postcode=postcode, issues=issues, is_open=True)
        side = self._geography.side(south_north, west_east)
        if place.country and place.country not in FRANCE:
            if side == "france" and self._geography.at(south_north, west_east):
                return Located(place, None, None, (_doubtful(given, "in-france"),))
            return Located(place, latitude, longitude)
        if place.seat and place.departement:
            if self._geography.is_in_departement(place.departement, south_north, west_east) is False:
                return Located(place, None, None, (_doubtful(given, "departement", of=place.departement),))
        elif side == "abroad":
            if abs(west_east) <= 90 and self._geography.side(west_east, south_north) != "abroad":
                return Located(place, None, None, (_doubtful(given, "swapped"),))
            if place.country:
                return Located(self.without_point(place), None, None, (_doubtful(given, "not-in-france"),))
            abroad = CellIssue("point-abroad", given, {})
            return Located(place, latitude, longitude, (abroad,))
        if place.is_open and place.postcode and not place.seat:
            place = self._without_far_postcode(place, south_north, west_east)
        # On the coast a point is often in the water: the département of the postcode says that it is no other country.
        if place.is_open and (side == "france" or (side == "border" and place.departement)):
            return Located(self._by_point(place, south_north, west_east), latitude, longitude)
        return Located(place, latitude, longitude)

    def _without_far_postcode(self, place: Place, latitude: float, longitude: float) -> Place:
        """A place without a postcode of another département than its point's: it is an error if no commune has it."""
        postcode, served = place.postcode or "", self._geography.with_postcode(place.postcode or "")
        around = departements_of_postcode(postcode)
        if any(self._geography.is_in(one, latitude, longitude) for one in served) or any(
            self._geography.is_in_departement(one, latitude, longitude) is not False for one in around
        ):
            return place
        is_error = self._geography.is_unknown_postcode(postcode) and (not place.is_cedex or bool(place.country))
        issue = CellIssue("postcode-far", postcode, {"point": f"{latitude}, {longitude}"})
        return place._replace(postcode=None, departement=None, is_open=is_error, issues=(*place.issues, issue))

    def _by_point(self, place: Place, latitude: float, longitude: float) -> Place:
        """A place of which nothing else is known, or only a postcode or a département, by its point."""
        given = f"{latitude}, {longitude}"
        commune = place.postcode and self._geography.at(latitude, longitude, place.postcode)
        departement, served = place.departement, self._geography.with_postcode(place.postcode or "")
        if not commune:
            commune = self._geography.at(latitude, longitude)
            if commune and (
                departement not in (None, self._territories.departement_of(commune))
                or (served and commune not in served)
            ):
                commune = None
        if place.mentioned and not served:
            in_question = {
                code
                for code in place.mentioned.communes
                if departement in (None, self._territories.departement_of(code))
            }
            if in_question:
                return self._held_to(place, in_question, commune, Point(latitude, longitude))
        if commune:
            seat = self._territories.seat(commune, None)
            issue = CellIssue("commune-by-point", given, {"to": commune})
            of_postcode = (one for one in place.issues if one.code == "postcode-far")
            issues = (*of_postcode, issue, *_mentioned_other(place, commune))
            return place._replace(commune=(commune,), seat=(seat,) if seat else (), issues=issues)
        by_postcode = self._by_postcode(place)
        if by_postcode.commune and self._geography.is_in(by_postcode.commune[0], latitude, longitude):
            return by_postcode
        if not place.seat:
            near = self._geography.departement_at(latitude, longitude)
            if departement and self._geography.is_in_departement(departement, latitude, longitude):
                near = departement
            seat = self._territories.seat(None, near) if departement in (None, near) else None
            if near and seat:
                issue = CellIssue("departement-by-point", given, {"to": near})
                return place._replace(seat=(seat,), issues=(*place.issues, issue))
        return place

    def _held_to(self, place: Place, named: Set[str], nearest: str | None, point: Point) -> Place:
        """A place of which only a point and the name that its address ends with are known: in the commune of both."""
        name = place.mentioned.given if place.mentioned else ""
        if there := self._geography.nearest(named, *point):
            by_distance = sorted((self._geography.distance(one, *point) or 0, one) for one in there)
            commune = nearest if nearest in there else by_distance[0][1]
            return self._by_town(place, Town(commune, None, name, "street"))
        shown, near = f"{point.latitude}, {point.longitude}", nearest or "–"
        codes = ", ".join(sorted(named)[:_SHOWN]) + (", …" if len(named) > _SHOWN else "")
        doubt = commune_doubtful(
            name,
            f"le point ({shown} ; commune la plus proche : {near}) n'est pas dans la commune de ce nom, {codes}",
            f"the point ({shown}; nearest commune: {near}) is not in the commune of this name, {codes}",
            "street",
        )
        around = {self._territories.departement_of(code) for code in named}
        departement = around.pop() if len(around) == 1 else None
        is_near = self._geography.is_in_departement(departement or "", *point)
        seat = self._territories.seat(None, departement) if is_near else None
        return place._replace(
            seat=(seat,) if seat else place.seat, issues=(*place.issues, doubt), is_open=False,
            departement=departement if is_near else place.departement,
        )  # fmt: skip

    def _by_postcode(self, place: Place) -> Place:
        """A place of which nothing but its postcode is known: the one commune that has it, or their département.

        A CEDEX, which no commune has, is in the département that it begins with.
        """
        communes = self._geography.with_postcode(place.postcode or "")
        if not communes and place.is_cedex and not place.seat:
            return self._by_cedex(place)
        departements = {self._territories.departement_of(commune) for commune in communes}
        if len(departements) != 1 or (place.seat and place.departement not in departements):
            return place
        departement, commune = departements.pop(), next(iter(communes)) if len(communes) == 1 else None
        seat = self._territories.seat(commune, departement)
        if not seat:
            return place
        known = filterfalse(lambda issue: issue.code == "commune-unknown", place.issues)
        if commune:
            issue = CellIssue("commune-by-postcode", place.postcode, {"to": commune})
            return place._replace(
                commune=(commune,), seat=(seat,), issues=(*known, issue, *_mentioned_other(place, commune))
            )
        if place.seat:
            return place
        issue = CellIssue("departement-by-postcode", place.postcode, {"to": departement or ""})
        return place._replace(seat=(seat,), issues=(*known, issue))

    def _by_cedex(self, place: Place) -> Place:
        departement = departement_of_postcode(place.postcode or "")
        seat = self._territories.seat(None, departement)
        if not seat or not self._geography.is_unknown_postcode(place.postcode or ""):
            return place
        known = filterfalse(lambda issue: issue.code == "commune-unknown", place.issues)
        issue = CellIssue("departement-by-cedex", place.postcode, {"to": departement or ""})
        return place._replace(seat=(seat,), issues=(*known, issue))


def _mentioned_other(place: Place, commune: str) -> Iterator[CellIssue]:
    """That an address ends with the name of another commune than the one that is kept."""
    if place.mentioned and commune not in place.mentioned.communes:
        yield CellIssue("address-other", place.mentioned.given, {"commune": commune}, "street")


def _mended(latitude: str, longitude: str) -> Iterator[tuple[str, str, str]]:
    """What a point may have been: how it was changed, then latitude and longitude."""
    yield "sign", latitude, _flipped(longitude)
    yield "sign", _flipped(latitude), longitude
    yield "sign", _flipped(latitude), _flipped(longitude)
    if abs(float(longitude)) <= 90:
        yield "swapped", longitude, latitude
        yield "swapped", longitude, _flipped(latitude)
        yield "swapped", _flipped(longitude), latitude
        yield "swapped", _flipped(longitude), _flipped(latitude)


def _flipped(number: str) -> str:
    return number[1:] if number.startswith("-") else f"-{number}"


def _doubtful(given: str, why: str, **names: str) -> CellIssue:
    french, english = _WHY[why]
    return CellIssue("point-doubtful", given, {"why": french.format(**names), "why_en": english.format(**names)})


def _corrected(given: str, degrees: tuple[str, str], how: str) -> CellIssue:
    french, english = _HOW[how]
    return CellIssue("point-corrected", given, {"to": ", ".join(degrees), "how": french, "how_en": english})
