"""Where columns name different communes: the one that holds, or none.

T is the commune that a code, a name or an address leads to. The other columns are the address where it has a postcode
beside a name of one commune (of several such towns it speaks for each), the postcode, the point, and, unless it leads
to T, the name. A name that another column does not lead to may be a hamlet's, and counts for nothing: it is only told
(`name-other`), unless it is like that of T, or a part of it. The rule:

1. Nothing but a name leads to T, and two others agree on one commune, or the address names one and the point may be in
   it as well as in T: that one is taken (`commune-corrected`). People write the big town near by.
2. Two others speak against T, or the address against a name alone: T is doubtful (`commune-doubtful`), and only its
   département stays, or else the one that is given, where none of the others says another.
3. One other speaks against T: T stays, and what the other says is told (`address-other`) and, of a postcode, left out
   (`postcode-other`). Of the point alone, see `points.py`.

A name that leads to no commune beside its postcode is held against the point by `name_near_point.py`.

So what is published is never a commune that two other columns contradict. A département that is given counts beside
others only where one of them leads there, and is told where it is alone (`departement-other`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from clirld.records.cells import CellIssue
from clirld.records.placing.locality_text import fold_place
from clirld.records.placing.model import Claim, Place, commune_doubtful
from clirld.records.territory import Territories, departements_of_postcode

_COLUMNS = {
    "code": ("le code INSEE ({})", "the INSEE code ({})"),
    "name": ("le nom (« {} »)", "the name (“{}”)"),
    "address": ("la fin de l'adresse (« {} »)", "the end of the address (“{}”)"),
    "street": ("l'adresse", "the address"),
    "postcode": ("le code postal ({})", "the postcode ({})"),
    "point": ("le point ({})", "the point ({})"),
    "departement": ("le département ({})", "the département ({})"),
}
OTHER = {"address": "address-other", "postcode": "postcode-other", "departement": "departement-other"}
"""What is told of the one column that speaks against T, by column."""

CELLS = {"code": "commune", "name": "locality", "address": "street"}
"""The column whose cell leads to T, by what does."""

_ALIKE = 0.8
"""Of two names, the share of letters in common from which one may be meant for the other."""

_BY_OTHERS = (
    "name-other",
    "commune-by-name",
    "commune-by-address",
    "commune-by-beginning",
    "commune-first",
    "commune-merged",
)
"""What is said of how T was found, and does not hold where T does not."""


class Point(NamedTuple):
    """Degrees north and east."""

    latitude: float
    longitude: float


class Agreement:
    """Holds the columns of a row against each other."""

    def __init__(self, territories: Territories) -> None:
        self._territories = territories
        self._geography = territories.geography

    def settle(self, place: Place, point: Point | None = None) -> Place:
        """A place whose claims contradict its commune, by the rule above; it has no claims then."""
        (commune,) = place.commune
        of_point = self._of_point(commune, place.claims, point)
        claims = self._counted(commune, [*place.claims, *of_point], point)
        against = [claim for claim in claims if commune not in claim.communes]
        place = self._with_other_name(place, claims)._replace(claims=())
        if not against:
            return place
        others = frozenset().union(*(claim.communes for claim in against))
        is_backed = any(commune in claim.communes and not claim.communes & others for claim in claims)
        by_name_alone = place.basis == "name" and not is_backed
        if by_name_alone and (agreed := _agreed(against, of_point)):
            return self._corrected(place, agreed, claims)
        if len(against) > 1 or (by_name_alone and against[0].column == "address"):
            return self._doubtful(place, against, point)
        return _without(place._replace(certainty="sure") if is_backed else place, against[0])

    def _with_other_name(self, place: Place, counted: Sequence[Claim]) -> Place:
        """A place whose name is that of another commune, and counts for nothing, with that told."""
        (commune,) = place.commune
        name = next((claim for claim in place.claims if claim.column == "name" and claim not in counted), None)
        if name is None or commune in name.communes:
            return place
        own, other = self._territories.folded_name(commune), fold_place(name.given)
        if not own or own in other or other in own or SequenceMatcher(None, own, other).ratio() >= _ALIKE:
            return place
        issue = CellIssue("name-other", name.given, {"commune": commune}, "locality")
        return place._replace(issues=(*place.issues, issue))

    def _counted(self, commune: str, claims: list[Claim], point: Point | None) -> list[Claim]:
        """The claims without a name, or a département, against T that no other column leads to."""
        departement = next((claim.given for claim in claims if claim.column == "departement"), None)
        against = [claim for claim in claims if commune not in claim.communes and claim.column != "departement"]
        there = {one for claim in against if claim.column != "name" for one in claim.communes}
        there |= {one for claim in against for one in claim.communes if self._is_in(departement, one)}
        counted = [claim for claim in against if claim.column != "name" or claim.communes & there]
        is_led_to = not counted or any(self._leads_to(departement or "", claim, point) for claim in counted)
        return [
            claim
            for claim in claims
            if commune in claim.communes or claim in counted or (claim.column == "departement" and is_led_to)
        ]

    def _is_in(self, departement: str | None, commune: str) -> bool:
        return departement is not None and self._territories.departement_of(commune) == departement

    def _of_point(self, commune: str, claims: Iterable[Claim], point: Point | None) -> list[Claim]:
        """The communes that a point speaks for, among those that are named; none where it can be in no one of them."""
        if point is None:
            return []
        named = {commune}.union(*(claim.communes for claim in claims))
        communes = self._geography.nearest(named, *point)
        if not communes and self._geography.is_in(commune, *point) is None:
            return []
        return [Claim("point", f"{point.latitude}, {point.longitude}", communes)]

    def _corrected(self, place: Place, commune: str, claims: list[Claim]) -> Place:
        agreeing = [claim for claim in claims if commune in claim.communes]
        columns, columns_en = _told(agreeing)
        issue = CellIssue(
            "commune-corrected", place.locality, {"to": commune, "columns": columns, "columns_en": columns_en}
        )
        given = {claim.column: claim.given for claim in agreeing}
        town = next((town for claim in agreeing for town in claim.towns if town.commune == commune), None)
        seat = self._territories.seat(commune, None)
        return place._replace(
            certainty="sure",
            commune=(commune,),
            seat=(seat,) if seat else (),
            issues=(*_of_others(place), issue),
            postcode=given.get("postcode") or (town.postcode if town else None),
            locality=town.name if town else None,
        )

    def _doubtful(self, place: Place, against: list[Claim], point: Point | None) -> Place:
        (commune,) = place.commune
        columns, columns_en = _told(against)
        is_one = len(against) == 1
        doubt = commune_doubtful(
            place.code if place.basis == "code" else place.locality,
            f"{columns} {'dit' if is_one else 'disent'} autre chose",
            f"{columns_en} {'says' if is_one else 'say'} something else",
            CELLS[place.basis or "name"],
        )
        departements = (self._territories.departement_of(commune), place.departement)
        departement = next(
            (one for one in departements if one and all(self._leads_to(one, claim, point) for claim in against)), None
        )
        seat = self._territories.seat(None, departement)
        return place._replace(
            certainty="none",
            commune=(),
            seat=(seat,) if seat else (),
            issues=(*_of_others(place), doubt),
            postcode=None,
            departement=departement,
            is_open=False,
        )

    def _leads_to(self, departement: str, claim: Claim, point: Point | None) -> bool:
        """Whether what a column says is in a département, or may be."""
        if claim.communes:
            return any(self._is_in(departement, one) for one in claim.communes)
        if claim.column == "point" and point:
            return self._geography.is_in_departement(departement, *point) is not False
        return departement in (claim.given, *departements_of_postcode(claim.given))


def _agreed(against: Sequence[Claim], of_point: Sequence[Claim]) -> str | None:
    """The one commune that two columns speak for; a point that may be in T too counts beside an address alone."""
    columns = [*against, *(claim for claim in of_point if claim not in against)]
    counts = Counter(commune for claim in columns for commune in claim.communes).most_common(2)
    if not counts or counts[0][1] < 2 or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return None
    agreed = counts[0][0]
    speaking = [claim.column for claim in against if agreed in claim.communes]
    return agreed if len(speaking) > 1 or speaking == ["address"] else None


def _without(place: Place, claim: Claim) -> Place:
    """A place that stays, and what is told of the one column that speaks against it."""
    if claim.column == "point":
        return place  # `points.py` leaves it out
    of = claim.towns[0].of if claim.towns else claim.column
    issue = CellIssue(OTHER[claim.column], claim.given, {"commune": place.commune[0]}, of)
    kept = place.postcode if claim.column != "postcode" else None
    return place._replace(issues=(*place.issues, issue), postcode=kept)


def _of_others(place: Place) -> list[CellIssue]:
    return [issue for issue in place.issues if issue.code not in _BY_OTHERS]


def _told(claims: Iterable[Claim]) -> tuple[str, str]:
    return columns_told((claim.column, claim.given) for claim in claims)


def columns_told(given: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Columns and what they say in French and in English: « le code postal (44400) et le point (47.2, -1.5) »."""
    told = [[text.format(value) for text in _COLUMNS[column]] for column, value in given]
    french, english = zip(*told, strict=True)
    return _listed(list(french), "et"), _listed(list(english), "and")


def _listed(parts: list[str], last: str) -> str:
    return f" {last} ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
