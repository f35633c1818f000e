"""The commune that a cell names, together with a postcode and a département; or that no one commune is meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from clirld.records.cells import CellIssue
from clirld.records.commune_names import ResolvedCommune
from clirld.records.placing.locality_text import Locality, fold_place, is_any_name, read_locality
from clirld.records.placing.model import by_name, commune_doubtful, several
from clirld.records.territory import Territories, departement_of_postcode, departements_of_postcode

_OF = ("de", "du", "des", "d", "en", "l", "la")
"""What stands between a name and its département: « Montréal du Gers »."""


class Named(NamedTuple):
    """The commune, None where none is meant for certain, and what was noticed."""

    commune: ResolvedCommune | None = None
    issues: tuple[CellIssue, ...] = ()
    departement: str | None = None
    postcode: str | None = None
    """Those that were given, or that the cell says itself."""
    doubt: CellIssue | None = None
    """What is told instead, and no commune is meant, unless the point says so too."""


class CommuneNames:
    """Looks names up in the territories; of several communes of one name, one in the départements around is meant."""

    def __init__(self, territories: Territories, around: frozenset[str]) -> None:
        self._territories = territories
        self._around = around

    def find(self, cell: str, postcode: str | None, departement: str | None) -> Named:
        """The commune of a whole cell, else the first of those that it names, if all are of one département.

        Of several it is the one that the postcode or the département given leads to, if they lead to one.
        """
        if (whole := self.whole(cell, postcode, departement)).commune:
            return whole
        if commune := self._with_area(cell, postcode, departement):
            return Named(
                commune, (by_name(cell, commune.code),), self._territories.departement_of(commune.code), postcode
            )
        locality = read_locality(cell)
        names = [name for name in locality.names if not is_any_name(name)] or list(locality.names)
        areas = {
            one: code for one in (*locality.bracketed, *names[1:]) if (code := self._territories.departement_named(one))
        }
        said = set(areas.values())
        if (commune := self._by_columns([*names, *locality.bracketed], postcode, departement)) and all(
            code == self._territories.departement_of(commune.code) or self._territories.is_name(one)
            for one, code in areas.items()
        ):
            return Named(commune, (by_name(cell, commune.code),), departement, postcode)
        if (departement and said - {departement}) or len(said) > 1:
            return Named(issues=(several(cell),))
        if not postcode and len(locality.postcodes) > 1:
            return self._of_postcodes(cell, names, locality, departement)
        named = [one for one in (*names, *locality.bracketed) if not self._territories.departement_named(one)]
        named = named or names[:1]
        departement = departement or next(iter(said), None)
        postcode = postcode or next(iter(locality.postcodes), None)
        found = [(one, self._commune(one, postcode, departement)) for one in named]
        communes = [commune for _, commune in found if commune]
        around = {self._territories.departement_of(commune.code) for commune in communes}
        if not communes:
            if postcode and len(named) == 1 and (code := self._territories.commune_beginning(named[0], postcode)):
                detail = {"to": code, "postcode": postcode}
                commune = self._territories.commune(code)
                return Named(commune, (CellIssue("commune-by-beginning", cell, detail),), departement, postcode)
            return Named(departement=departement, postcode=postcode)
        # « Saint-Denis, Lyon »: the first is in several départements, and not in that of the other.
        if len(around) > 1:
            return Named(issues=(several(cell),))
        (there,) = around
        communes = []
        for one, commune in found:
            if commune is None and self._territories.is_name(one):
                commune = self._commune(one, None, there)
                if commune is None:
                    return Named(issues=(several(cell),))
            communes += [commune] if commune else []
        first = communes[0]
        # « Saint-Denis, Paris »: it was in the département of Paris, the Seine, until 1968.
        if areas and there not in said and not self._is_served(first, postcode):
            return Named(first, (by_name(cell, first.code),), None, postcode, self._doubtful(cell, first))
        is_first = len({commune.code for commune in communes}) > 1
        issue = CellIssue("commune-first", cell, {"to": first.code}) if is_first else by_name(cell, first.code)
        return Named(first, (issue,), departement, postcode)

    def whole(self, cell: str, postcode: str | None, departement: str | None) -> Named:
        """The commune whose name a whole cell is."""
        commune = self._commune(cell, postcode, departement)
        if commune is None:
            return Named()
        is_past = self._is_by_its_past(cell, commune, postcode, departement)
        return Named(commune, (by_name(cell, commune.code),), doubt=self._doubtful(cell, commune) if is_past else None)

    def _by_columns(
        self, names: Sequence[str], postcode: str | None, departement: str | None
    ) -> ResolvedCommune | None:
        """The one commune among those of several names that has the postcode given, or is in the département given."""
        if len(names) < 2 or not (postcode or departement):
            return None
        found = {
            commune
            for one in names
            if (commune := self._commune(one, postcode, departement))
            and (self._is_served(commune, postcode) or self._is_in(commune, postcode, departement))
        }
        return found.pop() if len({commune.code for commune in found}) == 1 else None

    def _of_postcodes(self, cell: str, names: Sequence[str], locality: Locality, departement: str | None) -> Named:
        """The commune of a cell with several postcodes: the one that has them all."""
        found = [self._commune(one, postcode, departement) for one in names for postcode in locality.postcodes]
        communes = {commune.code: commune for commune in found if commune}
        if len(communes) == 1:
            (commune,) = communes.values()
            if all(self._is_served(commune, postcode) for postcode in locality.postcodes):
                return Named(commune, (by_name(cell, commune.code),), departement)
        return Named(issues=(several(cell),))

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
                return communes[0] if self._is_served(communes[0], postcode) or not others - {there} else None
        return None

    def _commune(self, name: str, postcode: str | None, departement: str | None) -> ResolvedCommune | None:
        commune = self._territories.commune_by_name(name, postcode=postcode, departement=departement)
        if not (commune or postcode or departement) and self._around:
            communes = self._territories.communes_named(name)
            there = [one for one in communes if self._territories.departement_of(one) in self._around]
            commune = self._territories.commune(there[0]) if len(there) == 1 else None
        if commune and is_any_name(name):
            return commune if self._is_served(commune, postcode) else None
        return commune

    def _is_served(self, commune: ResolvedCommune, postcode: str | None) -> bool:
        return postcode in self._territories.geography.postcodes.get(commune.code, ())

    def _is_in(self, commune: ResolvedCommune, postcode: str | None, departement: str | None) -> bool:
        there = self._territories.departement_of(commune.code)
        return there is not None and there in (departement, *departements_of_postcode(postcode or ""))

    def _is_by_its_past(
        self, name: str, commune: ResolvedCommune, postcode: str | None, departement: str | None
    ) -> bool:
        """Whether what is given says where a commune was once and is no more, and its name alone does not."""
        if not (departement or postcode) or self._territories.departement_of(commune.code) is None:
            return False
        if self._is_served(commune, postcode) or self._is_in(commune, postcode, departement):
            return False
        alone = self._territories.commune_by_name(name)
        return alone is None or alone.code != commune.code

    def _doubtful(self, cell: str, commune: ResolvedCommune) -> CellIssue:
        code, there = commune.code, self._territories.departement_of(commune.code)
        return commune_doubtful(
            cell,
            f"la commune de ce nom, {code}, est aujourd'hui dans le département {there}",
            f"the commune of this name, {code}, is in département {there} today",
            "locality",
        )
