"""What a point makes of a name that leads to no commune beside its postcode: « 21017 Partinello », « 20290 Olmu ».

A name and a point that agree win over a postcode of elsewhere, which is left out. A name that only resembles that of a
commune near the point is that commune's where the postcode is too; else there is none, and the département alone stays.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz

from clirld.records.cells import CellIssue
from clirld.records.placing.locality_text import fold_place
from clirld.records.placing.model import Cell, Place, Town, by_address, by_name, commune_doubtful, postcode_unknown
from clirld.records.territory import Territories, departements_of_postcode

_RESEMBLANCE = 85
"""Least similarity, of 100, of two folded names (rapidfuzz ratio)."""
_SHOWN = 5
"""Communes that are told of."""
_UNFOUND = frozenset(["commune-unknown", "commune-ambiguous", "commune-doubtful"])


class Called:
    """Holds names that lead to no commune against points, or against postcodes that no commune has."""

    def __init__(self, territories: Territories) -> None:
        self._territories = territories
        self._geography = territories.geography

    def at(self, place: Place, latitude: float, longitude: float) -> Place:
        """A place in the commune that its name and its point say; or without one, if the name only resembles.

        The same place where the point says nothing of the name.
        """
        for name, of in place.called:
            communes = self._possible(place, self._territories.communes_named(name))
            there = self._geography.nearest(communes, latitude, longitude)
            if len(there) == 1:
                return self._placed(place, next(iter(there)), name, of)
        near = self._possible(place, self._geography.around(latitude, longitude)) if place.called else []
        for name, of in place.called:
            if found := self._resembling_ones(near, fold_place(name)):
                return self._resembling(place, found, near, name, of)
        return place

    def without_point(self, place: Place) -> Place:
        """A place whose postcode is no commune's, and whose name is that of communes of other départements."""
        postcode = place.postcode or ""
        if not postcode or place.is_cedex or not self._geography.is_unknown_postcode(postcode):
            return place
        around = departements_of_postcode(postcode)
        for name, of in place.called:
            communes = self._territories.communes_named(name)
            if communes and not any(self._territories.departement_of(one) in around for one in communes):
                doubt = commune_doubtful(
                    name,
                    f"le code postal ({postcode}), qu'aucune commune n'a, n'est pas de son département",
                    f"the postcode ({postcode}), which no commune has, is not of its département",
                    of,
                )
                return place._replace(postcode=None, issues=(*_others(place), doubt), is_open=False)
        return place

    def _possible(self, place: Place, communes: Iterable[str]) -> list[str]:
        """The communes that the département given, and a postcode that a zero was put before, do not exclude."""
        given, postcode = place.departement if place.seat else None, place.guessed_postcode
        return [
            one
            for one in communes
            if given in (None, self._territories.departement_of(one))
            and (postcode is None or postcode in self._geography.postcodes.get(one, ()))
        ]

    def _resembling_ones(self, communes: Iterable[str], name: str) -> list[str]:
        """The communes whose name begins with a folded one, or resembles it."""
        begun, corsican = f"{name} ", name.replace("u", "o")
        found = []
        for one in communes:
            other, given = self._territories.folded_name(one), name
            if one.startswith("2"):
                other, given = other.replace("u", "o"), corsican  # « Olmu » is Olmo in Corsican
            if fuzz.ratio(given, other, score_cutoff=_RESEMBLANCE) or other.startswith(begun):
                found.append(one)
        return found

    def _resembling(self, place: Place, found: list[str], near: list[str], name: str, of: Cell) -> Place:
        postcode = place.postcode or place.guessed_postcode
        fitting = [one for one in found if postcode in self._geography.postcodes.get(one, ())]
        if len(fitting) == 1:
            issue = CellIssue("commune-by-resemblance", name, {"to": fitting[0], "postcode": postcode or ""}, of)
            return self._settled(place, fitting[0], name, of)._replace(issues=(*_others(place), issue))
        codes = ", ".join(sorted(found)[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
        doubt = commune_doubtful(
            name,
            f"à peu près seulement ({codes}, près du point), et le code postal ne dit pas laquelle",
            f"only nearly ({codes}, near the point), and the postcode does not say which",
            of,
        )
        around = {self._territories.departement_of(one) for one in found}
        departement = around.pop() if len(around) == 1 else None
        seat = self._territories.seat(None, departement)
        is_near = any(postcode in self._geography.postcodes.get(one, ()) for one in near)
        return place._replace(
            seat=(seat,) if seat else place.seat, departement=departement or place.departement, is_open=False,
            postcode=place.postcode if is_near else None, issues=(*_others(place), doubt),
        )  # fmt: skip

    def _placed(self, place: Place, commune: str, name: str, of: Cell) -> Place:
        """A place in the commune of its name and its point; of a postcode of elsewhere it is told."""
        said = by_name(name, commune) if of == "locality" else by_address(Town(commune, None, name, of))
        issues = [*_others(place), said]
        found, postcode = self._settled(place, commune, name, of), place.postcode
        known = self._geography.postcodes.get(commune)
        if postcode and known and postcode not in known:
            is_unknown = self._geography.is_unknown_postcode(postcode)
            if is_unknown and self._territories.departement_of(commune) in departements_of_postcode(postcode):
                issues.append(postcode_unknown(postcode))
            else:
                issues.append(CellIssue("postcode-other", postcode, {"commune": commune}))
                found = found._replace(postcode=None)
        return found._replace(issues=tuple(issues))

    def _settled(self, place: Place, commune: str, name: str, of: Cell) -> Place:
        seat = self._territories.seat(commune, None)
        return place._replace(
            certainty="sure", commune=(commune,), seat=(seat,) if seat else (), is_open=False,
            postcode=place.postcode or place.guessed_postcode, guessed_postcode=None,
            locality=place.locality or name, basis="name" if of == "locality" else "address",
        )  # fmt: skip


def _others(place: Place) -> list[CellIssue]:
    """What was noticed of other things than the commune, and the postcode that a zero was put before."""
    return [
        issue
        for issue in place.issues
        if issue.code not in _UNFOUND and not (issue.code == "zero-doubtful" and issue.detail.get("of") == "postcode")
    ]
