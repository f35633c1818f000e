"""What the columns that name a place say together: the commune of today, or that there is none.

A code, or a name beside a postcode of its own département, is believed. A number that lost its zero, and a name alone,
are guesses: another column has to agree (`Certainty`). A country that is not France, or a postcode that is not French,
place nothing in France, whatever a name means there. Of a cell with several places another column chooses, or none.
"""

from __future__ import annotations

import re
from typing import Literal

from clirld.records.cells import CellIssue, Values
from clirld.records.placing.address_communes import Towns
from clirld.records.placing.commune_of_name import CommuneNames, Named
from clirld.records.placing.locality_text import is_any_name
from clirld.records.placing.lost_zeros import Zeros
from clirld.records.placing.model import (
    Cell,
    Certainty,
    Claim,
    Place,
    Said,
    Town,
    by_address,
    commune_doubtful,
    listed,
    postcode_unknown,
    several,
    zero_doubtful,
)
from clirld.records.placing.place_columns import Reading, read
from clirld.records.territory import Territories, departement_of_postcode, departements_of_postcode
from clirld.values.countries import FRANCE

_STATUS_LABELS = {
    "municipal-arrondissement": "arrondissement municipal",
    "delegated": "commune déléguée",
    "associated": "commune associée",
    "merged": "commune fusionnée",
}
_CACHE_SIZE = 100_000
"""Places remembered: addresses repeat themselves, and memory stays flat."""
_CEDEX = re.compile(r"\bcedex\b", re.IGNORECASE)
_WITH_POSTCODE = re.compile(r"\d{5}\b")
_WHY_POSTCODE = ("le code postal n'est pas français", "the postcode is not a French one")
_WHY_ZERO = (
    "le code postal n'a que quatre chiffres, et n'est pas de cette commune avec un zéro devant",
    "the postcode has four digits only, and is not of this commune with a zero before it",
)
_NO_MORE = Said()[4:]
_SHOWN = 5
"""Départements that are told of."""


class PlaceCache(dict[Said, Place]):
    """Places by what is said of them, each worked out once."""

    def __init__(self, territories: Territories, around: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self._resolver = _Resolver(territories, around)

    def __missing__(self, said: Said) -> Place:
        place = self._resolver.place(said)
        if len(self) >= _CACHE_SIZE:
            self.clear()
        self[said] = place
        return place


class _Resolver:
    def __init__(self, territories: Territories, around: frozenset[str]) -> None:
        self._territories = territories
        self._geography = territories.geography
        self._names = CommuneNames(territories, around)
        self._towns = Towns(territories)
        self._zeros = Zeros(territories)

    def place(self, said: Said) -> Place:
        """The commune of today: by its code, by its name, or as the address ends."""
        if place := self._agreed(said):
            return place
        reading = read(said, self._towns)
        said = reading.said
        issues: list[CellIssue] = []
        if said.country and said.country not in FRANCE:
            if not self._is_surely_french(said):
                return self._abroad(said)
            issues.append(CellIssue("country-doubtful", said.country, {"commune": said.code or ""}))
            said = said._replace(country=None)
        code, postcode = said.code, said.postcode
        if said.code_guessed and code and not self._zeros.code_agrees(said):
            doubt = zero_doubtful("commune", code)
            if not self._zeros.is_contradicted(said) and self._territories.commune(code):
                return self._finish("guess", said, code, [], postcode, Reading(said), "code", doubt)
            issues.append(doubt)
            code = None
        foreign, guessed_postcode = said.foreign, None
        if said.postcode_guessed and postcode and not self._zeros.postcode_agrees(said, code):
            issues.append(zero_doubtful("postcode", postcode))
            guessed_postcode = None if said.country else postcode
            postcode, foreign = None, True
        if code and self._territories.commune(code):
            return self._finish("sure", said, code, issues, postcode, reading, "code")
        name, named = said.name, self._named(said, reading, postcode)
        departement, postcode = said.departement or named.departement, postcode or named.postcode
        if commune := named.commune:
            if foreign and not departement and said.country is None:
                issues.append(commune_doubtful(name, *(_WHY_ZERO if guessed_postcode else _WHY_POSTCODE), "locality"))
                return Place(
                    "none", (), self._seat(said.departement), tuple(issues), postcode, name, said.country,
                    guessed_postcode=guessed_postcode, called=self._called(said, reading) if guessed_postcode else (),
                )  # fmt: skip
            issues += named.issues
            is_sure = postcode and self._towns.has_postcode(commune.code, postcode, name or "")
            certainty: Certainty = "guess" if named.doubt else "sure" if is_sure else "name-alone"
            return self._finish(certainty, said, commune.code, issues, postcode, reading, "name", named.doubt)
        if not foreign:
            if found := self._by_address(said, reading, postcode, departement, issues):
                return found
            postcode = postcode or reading.end.postcode
        seat = self._seat(departement)
        issues += named.issues
        if (shown := name or code) and not named.issues:  # a département alone is where it is, and nothing is unknown
            unknown = CellIssue(
                "commune-unknown", shown, {"seat": seat[0] if seat else "–"}, "locality" if name else "commune"
            )
            issues.append((self._ambiguous(name, departement, postcode) if name else None) or unknown)
        is_other = bool(name and self._territories.is_name(name) and not is_any_name(name))
        is_open = not (foreign or is_other or named.issues or code) and bool(postcode or not name)
        return Place(
            "none", (), seat, tuple(issues), postcode, name, said.country,
            departement or departement_of_postcode(postcode or ""), is_open, guessed_postcode,
            mentioned=self._towns.mentioned(said.street) if is_open and said.street else None,
            called=() if said.foreign or named.issues or code else self._called(said, reading),
            is_cedex=bool(_CEDEX.search(f"{name} {said.street}")) or said.country in FRANCE,
        )  # fmt: skip

    def _agreed(self, said: Said) -> Place | None:
        """The place of a commune of today whose code, name and postcode are given, and no more: most rows are so."""
        code, name, postcode, departement = said[:4]
        if not (code and name and postcode) or said[4:] != _NO_MORE:
            return None
        commune = self._territories.commune(code)
        if commune is None or commune.status != "current" or postcode not in self._geography.postcodes.get(code, ()):
            return None
        if departement and departement != self._territories.departement_of(code):
            return None
        seat = self._territories.seat(code, None)
        if seat is None or not self._territories.has_name(code, name):
            return None
        return Place("sure", (code,), (seat,), (), postcode, name, None, departement, basis="code", code=code)

    def _called(self, said: Said, reading: Reading) -> tuple[tuple[str, Cell], ...]:
        """The names of the row that lead to no commune: its locality, and that at the end of the address."""
        names: tuple[tuple[str | None, Cell], ...] = ((said.name, "locality"), (reading.end.locality, "street"))
        return tuple((name, of) for name, of in names if name and not is_any_name(name))

    def _ambiguous(self, name: str, departement: str | None, postcode: str | None) -> CellIssue | None:
        """That several communes have a name, and nothing says which; None where it is unknown there."""
        around = {*departements_of_postcode(postcode or ""), departement} - {None}
        communes = self._territories.communes_named(name)
        there = [self._territories.departement_of(one) or one[:2] for one in communes]
        there = sorted(one for one in there if not around or one in around)
        if len(there) < 2:
            return None
        shown = list(dict.fromkeys(there))
        listed_all = ", ".join(shown[:_SHOWN]) + (", …" if len(shown) > _SHOWN else "")
        return CellIssue("commune-ambiguous", name, {"count": str(len(there)), "departements": listed_all}, "locality")

    def _named(self, said: Said, reading: Reading, postcode: str | None) -> Named:
        """The commune that the name leads to; where that is in doubt, the address may name it, or another."""
        if not said.name or reading.towns_of_name:
            return Named()
        named = self._names.find(said.name, postcode, said.departement)
        if named.commune and named.doubt:
            if named.commune.code in {town.commune for town in reading.towns}:
                return named._replace(doubt=None)
            if reading.towns or self._geography.with_postcode(postcode or ""):
                return Named(issues=(named.doubt,))
        return named

    def _by_address(
        self, said: Said, reading: Reading, postcode: str | None, departement: str | None, issues: list[CellIssue]
    ) -> Place | None:
        """The place of the town that the address names, or of several; None where it names none."""
        towns = self._towns.led_to(reading.towns, reading.towns_of_name, said.name, postcode, departement)
        if len(towns) > 1:
            return self._among(towns, said, postcode, departement, issues)
        certainty: Certainty = "sure"
        town, end = next(iter(towns), None), reading.end
        if not town and said.street and not end.postcode:
            town = self._towns.without_postcode(said.street, postcode, departement)
            certainty = "sure" if postcode else "name-alone"
        elif not town and said.street and end.locality and not postcode:
            named = self._names.whole(end.locality, end.postcode, None)  # the postcode beside it is another commune's
            if named.doubt:
                doubt = named.doubt._replace(of="street")
                return Place("none", (), self._seat(departement), (*issues, doubt), None, said.name, said.country)
            town = Town(named.commune.code, end.postcode, end.locality, "street") if named.commune else None
            certainty = "name-alone"
        if not town:
            return None
        issues.append(by_address(town))
        # A name that is none of a commune, such as a hamlet's, stands as it was given.
        found = said._replace(name=said.name if said.name and not _WITH_POSTCODE.search(said.name) else town.name)
        others = Reading(found, towns_of_name=reading.towns_of_name if town.of == "street" else ())
        return self._finish(certainty, found, town.commune, issues, postcode or town.postcode, others, "address")

    def _among(
        self, towns: tuple[Town, ...], said: Said, postcode: str | None, departement: str | None,
        issues: list[CellIssue],
    ) -> Place:  # fmt: skip
        """A place that is in one of several towns: the département is that of all of them."""
        around = {self._territories.departement_of(town.commune) for town in towns}
        if postcode:
            around |= {departement_of_postcode(postcode)} - {None}
        departement = departement or (around.pop() if len(around) == 1 else None)
        issue = several(listed(towns), towns[0].of)
        return Place(
            "none", (), self._seat(departement), (*issues, issue), postcode, said.name, said.country, departement,
            towns=towns,
        )  # fmt: skip

    def _is_surely_french(self, said: Said) -> bool:
        """Whether a code and another column name the same commune: the country is wrong then.

        A code alone does not: those of Belgium have five digits too.
        """
        commune = self._territories.commune(said.code or "")
        if commune is None or said.code_guessed or said.postcode_guessed:
            return False
        known = self._geography.postcodes.get(commune.code, ())
        return said.postcode in known or bool(said.name and self._territories.has_name(commune.code, said.name))

    def _abroad(self, said: Said) -> Place:
        issues = [CellIssue("place-abroad", said.name or said.country, {"country": said.country or ""})]
        if said.code_guessed and said.code:
            issues.append(zero_doubtful("commune", said.code))
        postcode = said.postcode
        if said.postcode_guessed and postcode:
            issues.append(zero_doubtful("postcode", postcode))
        # A foreign postcode of five digits is no French one: the address would say so of France.
        return Place("none", (), (), tuple(issues), None, said.name, said.country)

    def _finish(
        self, certainty: Certainty, said: Said, code: str, issues: list[CellIssue], postcode: str | None,
        reading: Reading, basis: Literal["code", "name", "address"], doubt: CellIssue | None = None,
    ) -> Place:  # fmt: skip
        commune = self._territories.commune(code)
        if commune is None:
            raise ValueError(f"{code} is no commune")
        if code == said.code and commune.status != "current":
            detail = {"how": commune.status, "how_fr": _STATUS_LABELS[commune.status], "to": commune.code}
            issues.append(CellIssue("commune-merged", code, detail))
        seat = self._territories.seat(commune.code, said.departement)
        claims = () if certainty == "guess" else self._claims(said, commune.code, postcode, reading, basis)
        is_unknown = postcode is not None and not claims and self._geography.is_unknown_postcode(postcode)
        if postcode and is_unknown and not _CEDEX.search(f"{said.name} {said.street}"):
            issues.append(postcode_unknown(postcode))
        return Place(
            certainty, (commune.code,), (seat,) if seat else (), tuple(issues), postcode, said.name, said.country,
            said.departement, basis=basis, code=said.code, claims=claims, doubt=doubt,
        )  # fmt: skip

    def _claims(
        self, said: Said, commune: str, postcode: str | None, reading: Reading,
        basis: Literal["code", "name", "address"],
    ) -> tuple[Claim, ...]:  # fmt: skip
        """What other columns say of a commune; nothing where none says another."""
        claims = []
        if reading.towns_of_name and basis != "name":
            claims.append(Claim.of_towns(reading.towns_of_name))
        elif basis != "name" and said.name and not is_any_name(said.name):
            if self._territories.has_name(commune, said.name):
                claims.append(Claim("name", said.name, frozenset([commune])))
            else:
                found = (self._names.find(said.name, one, None).commune for one in dict.fromkeys((postcode, None)))
                claims += [Claim("name", said.name, frozenset([one.code])) for one in found if one][:1]
        if reading.towns:
            claims.append(Claim.of_towns(reading.towns))
        if postcode and (communes := self._geography.with_postcode(postcode)):
            claims.append(Claim("postcode", postcode, communes))
        elif postcode and self._geography.is_unknown_postcode(postcode):
            # A CEDEX is none of a commune's, but not the INSEE code, and hardly ever of another département.
            is_cedex = self._territories.departement_of(commune) in departements_of_postcode(postcode)
            if postcode in (said.code, commune) or not is_cedex:
                claims.append(Claim("postcode", postcode, frozenset()))
        if said.departement and said.departement != self._territories.departement_of(commune):
            claims.append(Claim("departement", said.departement, frozenset()))
        return tuple(claims) if any(commune not in claim.communes for claim in claims) else ()

    def _seat(self, departement: str | None) -> Values:
        seat = self._territories.seat(None, departement)
        return (seat,) if seat else ()
