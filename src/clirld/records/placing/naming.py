"""The commune that a cell names, together with a postcode and a département; or that no one commune is meant."""

from __future__ import annotations

from typing import NamedTuple

from clirld.records.cells import CellIssue
from clirld.records.placing.locality import fold_place, is_any_name, read_locality
from clirld.records.territory import ResolvedCommune, Territories, departement_of_postcode

_OF = ("de", "du", "des", "d", "en", "l", "la")
"""What stands between a name and its département: « Montréal du Gers »."""


class Named(NamedTuple):
    """The commune, None where none is meant for certain, and what was noticed."""

    commune: ResolvedCommune | None = None
    issues: tuple[CellIssue, ...] = ()
    departement: str | None = None
    postcode: str | None = None
    """Those that were given, or that the cell says itself."""


class CommuneNames:
    """Looks names up in the territories."""

    def __init__(self, territories: Territories) -> None:
        self._territories = territories

    def find(self, cell: str, postcode: str | None, departement: str | None) -> Named:
        """The commune of a whole cell, else the first of those that it names, if all are of one département."""
        if commune := self._commune(cell, postcode, departement):
            return Named(commune, (_by_name(cell, commune),))
        if commune := self._with_area(cell, postcode, departement):
            return Named(commune, (_by_name(cell, commune),), self._territories.departement_of(commune.code), postcode)
        locality = read_locality(cell)
        names = [name for name in locality.names if not is_any_name(name)] or list(locality.names)
        said = {code for one in (*locality.bracketed, *names[1:]) if (code := self._territories.departement_named(one))}
        named = [one for one in (*names, *locality.bracketed) if not self._territories.departement_named(one)]
        named = named or names[:1]
        if (departement and said - {departement}) or len(said) > 1:
            return Named(issues=(_several(cell),))
        departement = departement or next(iter(said), None)
        postcode = postcode or locality.postcode
        found = [(one, self._commune(one, postcode, departement)) for one in named]
        communes = [commune for _, commune in found if commune]
        around = {self._territories.departement_of(commune.code) for commune in communes}
        if not communes:
            if postcode and len(named) == 1 and (code := self._territories.commune_beginning(named[0], postcode)):
                detail = {"to": code, "postcode": postcode}
                commune = self._territories.commune(code)
                return Named(commune, (CellIssue("commune-by-beginning", cell, detail),), departement, postcode)
            return Named(departement=departement, postcode=postcode)
        # « Saint-Denis, Paris »: the first is in several départements, and not in that of the other.
        if len(around) > 1:
            return Named(issues=(_several(cell),))
        (there,) = around
        communes = []
        for one, commune in found:
            if commune is None and self._territories.is_name(one):
                commune = self._commune(one, None, there)
                if commune is None:
                    return Named(issues=(_several(cell),))
            communes += [commune] if commune else []
        is_first = len({commune.code for commune in communes}) > 1
        first = communes[0]
        issue = CellIssue("commune-first", cell, {"to": first.code}) if is_first else _by_name(cell, first)
        return Named(first, (issue,), departement, postcode)

    def _with_area(self, cell: str, postcode: str | None, departement: str | None) -> ResolvedCommune | None:
        """« Montréal du Gers »: a name with that of its département or region, unless another column says another."""
        words = fold_place(cell).split()
        others = {departement, departement_of_postcode(postcode or "")} - {None}
        for n in range(1, len(words) - 1):
            if words[n] not in _OF or not (around := self._territories.departements_named(" ".join(words[n + 1 :]))):
                continue
            name = " ".join(words[: n - 1] if words[n - 1] in _OF else words[:n])
            found = {found for one in around if (found := self._commune(name, postcode, one))}
            communes = [one for one in found if self._territories.departement_of(one.code) in around]
            if len(communes) == 1:
                there = self._territories.departement_of(communes[0].code)
                served = postcode in self._territories.geography.postcodes.get(communes[0].code, ())
                return communes[0] if served or not others - {there} else None
        return None

    def _commune(self, name: str, postcode: str | None, departement: str | None) -> ResolvedCommune | None:
        commune = self._territories.commune_by_name(name, postcode=postcode, departement=departement)
        if commune and is_any_name(name):
            postcodes = self._territories.geography.postcodes.get(commune.code, ())
            return commune if postcode in postcodes else None
        return commune


def _by_name(cell: str, commune: ResolvedCommune) -> CellIssue:
    return CellIssue("commune-by-name", cell, {"to": commune.code})


def _several(cell: str) -> CellIssue:
    return CellIssue("commune-several", cell, {})
