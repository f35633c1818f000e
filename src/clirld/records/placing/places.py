"""What the columns that name a place say together: the commune of today, or that there is none.

A code, or a name beside a postcode of its own département, is believed. A number that lost its zero, and a name alone,
are guesses: another column has to agree (`Certainty`). A country that is not France, or a postcode that is not French,
place nothing in France, whatever a name means there.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from clirld.records.cells import CellIssue, Values
from clirld.records.placing.address import AddressEnd, address_end
from clirld.records.placing.locality import is_any_name
from clirld.records.placing.naming import CommuneNames, Named
from clirld.records.territory import Territories, departement_of_postcode
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


class Said(NamedTuple):
    """What the columns of a row say of its place; a code or a postcode is guessed where a lost zero was put back.

    `foreign` says that a postcode was given that is none of France.
    """

    code: str | None = None
    name: str | None = None
    postcode: str | None = None
    departement: str | None = None
    country: str | None = None
    street: str | None = None
    code_guessed: bool = False
    postcode_guessed: bool = False
    foreign: bool = False


Certainty = Literal["sure", "name-alone", "guess", "none"]
"""`name-alone` holds unless the point says otherwise, `guess` only where the point says so too."""


class Claim(NamedTuple):
    """That a column speaks for one of some communes; of none where it only speaks against the one that is given."""

    column: Literal["name", "address", "postcode", "point", "departement"]
    given: str
    communes: frozenset[str]


class Place(NamedTuple):
    """Where that leads. Of the columns it keeps, or fills, those that hold."""

    certainty: Certainty
    commune: Values
    seat: Values
    issues: tuple[CellIssue, ...]
    postcode: str | None = None
    locality: str | None = None
    country: str | None = None
    departement: str | None = None
    is_open: bool = False
    """Nothing but a postcode or a département says where it is: its point may."""
    guessed_postcode: str | None = None
    """A postcode that a zero was put before, and that holds if the point is there."""
    basis: Literal["code", "name", "address"] | None = None
    """What leads to the commune."""
    code: str | None = None
    claims: tuple[Claim, ...] = ()
    """What the other columns say, where one of them speaks of another commune: `agreement.py` settles it."""


def zero_doubtful(column: str, restored: str) -> CellIssue:
    """That nothing confirms the zero that was put before a code."""
    return CellIssue("zero-doubtful", restored.removeprefix("0"), {"to": restored, "of": column})


def commune_doubtful(name: str | None, french: str, english: str) -> CellIssue:
    """That a commune of this name is not the one that is meant, and why."""
    return CellIssue("commune-doubtful", name, {"why": french, "why_en": english})


class PlaceCache(dict[Said, Place]):
    """Places by what is said of them, each worked out once."""

    def __init__(self, territories: Territories) -> None:
        super().__init__()
        self._resolver = _Resolver(territories)

    def __missing__(self, said: Said) -> Place:
        place = self._resolver.place(said)
        if len(self) >= _CACHE_SIZE:
            self.clear()
        self[said] = place
        return place


class _Resolver:
    def __init__(self, territories: Territories) -> None:
        self._territories = territories
        self._geography = territories.geography
        self._names = CommuneNames(territories)

    def place(self, said: Said) -> Place:
        """The commune of today: by its code, by its name, or as the address ends."""
        said, end = self._with_address(said)
        issues: list[CellIssue] = []
        if said.country and said.country not in FRANCE:
            if not self._is_surely_french(said):
                return self._abroad(said)
            issues.append(CellIssue("country-doubtful", said.country, {"commune": said.code or ""}))
            said = said._replace(country=None)
        code, postcode = said.code, said.postcode
        if said.code_guessed and code and not self._code_agrees(said):
            if self._is_contradicted(said) or not self._territories.commune(code):
                issues.append(zero_doubtful("commune", code))
                code = None
            else:
                return self._finish("guess", said, code, [], said.postcode, AddressEnd(), "code")
        foreign, guessed_postcode = said.foreign, None
        if said.postcode_guessed and postcode and not self._postcode_agrees(said, code):
            issues.append(zero_doubtful("postcode", postcode))
            guessed_postcode = None if said.country else postcode
            postcode, foreign = None, True
        if code and self._territories.commune(code):
            return self._finish("sure", said, code, issues, postcode, end, "code")
        name, departement = said.name, said.departement
        certainty: Certainty
        named = self._names.find(name, postcode, departement) if name else Named()
        departement, postcode = departement or named.departement, postcode or named.postcode
        if commune := named.commune:
            if foreign and not departement and said.country is None:
                issues.append(commune_doubtful(name, *_WHY_POSTCODE))
                return Place("none", (), self._seat(said), tuple(issues), postcode, said.name, said.country)
            issues += named.issues
            is_sure = postcode and self._has_postcode(commune.code, postcode, name or "")
            certainty = "sure" if is_sure else "name-alone"
            return self._finish(certainty, said, commune.code, issues, postcode, end, "name")
        if end.postcode and end.locality and not foreign:
            commune = self._territories.commune_by_name(end.locality, postcode=end.postcode)
            is_pair = commune is not None and self._has_postcode(commune.code, end.postcode, end.locality)
            if commune and (is_pair or not postcode):
                issues.append(CellIssue("commune-by-address", f"{end.postcode} {end.locality}", {"to": commune.code}))
                # A name that is none of a commune, such as a hamlet's, stands as it was given.
                found = said._replace(name=said.name if name and not _WITH_POSTCODE.search(name) else end.locality)
                certainty = "sure" if is_pair else "name-alone"
                return self._finish(
                    certainty, found, commune.code, issues, postcode or end.postcode, AddressEnd(), "address"
                )
            postcode = postcode or end.postcode
        seat = self._seat(said._replace(departement=departement))
        issues += named.issues
        if (shown := name or code) and not named.issues:  # a département alone is where it is, and nothing is unknown
            issues.append(CellIssue("commune-unknown", shown, {"seat": seat[0] if seat else "–"}))
        is_other = bool(name and self._territories.is_name(name) and not is_any_name(name))
        is_open = not foreign and not is_other and not named.issues and (bool(postcode) or not name)
        held_to = departement or departement_of_postcode(postcode or "")
        return Place(
            "none", (), seat, tuple(issues), postcode, said.name, said.country, held_to, is_open and not code,
            guessed_postcode,
        )  # fmt: skip

    def _with_address(self, said: Said) -> tuple[Said, AddressEnd]:
        """What is said, with what the cell of the name or the address says besides; and how the address ends."""
        end = AddressEnd()
        has_code = bool(said.code) and not said.code_guessed
        for text, is_name in ((said.name, True), (said.street, False)):
            if not text or (is_name and has_code):
                continue
            found = address_end(text)
            is_alone = not has_code and (is_name or not said.postcode or said.postcode_guessed)
            if found.country and not said.country and is_alone:
                said = said._replace(country=found.country)
            if found.postcode:
                end = found
                if is_name and not said.postcode:
                    said = said._replace(name=found.locality, postcode=found.postcode)
        return said, end

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
        end: AddressEnd, basis: Literal["code", "name", "address"],
    ) -> Place:  # fmt: skip
        commune = self._territories.commune(code)
        if commune is None:
            raise ValueError(f"{code} is no commune")
        if code == said.code and commune.status != "current":
            detail = {"how": commune.status, "how_fr": _STATUS_LABELS[commune.status], "to": commune.code}
            issues.append(CellIssue("commune-merged", code, detail))
        seat = self._territories.seat(commune.code, said.departement)
        claims = () if certainty == "guess" else self._claims(said, commune.code, postcode, end, basis)
        is_unknown = postcode and not claims and self._geography.is_unknown_postcode(postcode)
        if is_unknown and not _CEDEX.search(f"{said.name} {said.street}"):
            issues.append(CellIssue("postcode-unknown", postcode, {}))
        return Place(
            certainty, (commune.code,), (seat,) if seat else (), tuple(issues), postcode, said.name, said.country,
            said.departement, basis=basis, code=said.code, claims=claims,
        )  # fmt: skip

    def _claims(
        self, said: Said, commune: str, postcode: str | None, end: AddressEnd, basis: Literal["code", "name", "address"]
    ) -> tuple[Claim, ...]:
        """What other columns say of a commune; nothing where none says another."""
        claims = []
        if basis != "name" and said.name and not is_any_name(said.name):
            if self._territories.has_name(commune, said.name):
                claims.append(Claim("name", said.name, frozenset([commune])))
            else:
                found = (self._names.find(said.name, one, None).commune for one in dict.fromkeys((postcode, None)))
                claims += [Claim("name", said.name, frozenset([one.code])) for one in found if one][:1]
        if end.postcode and end.locality:
            pair = self._territories.commune_by_name(end.locality, postcode=end.postcode)
            if pair and self._has_postcode(pair.code, end.postcode, end.locality):
                claims.append(Claim("address", f"{end.postcode} {end.locality}", frozenset([pair.code])))
        if postcode and (communes := self._geography.with_postcode(postcode)):
            claims.append(Claim("postcode", postcode, communes))
        elif postcode and self._geography.is_unknown_postcode(postcode):
            # A CEDEX is none of a commune's, but not the INSEE code, and hardly ever of another département.
            is_cedex = departement_of_postcode(postcode) == self._territories.departement_of(commune)
            if postcode in (said.code, commune) or not is_cedex:
                claims.append(Claim("postcode", postcode, frozenset()))
        if said.departement and said.departement != self._territories.departement_of(commune):
            claims.append(Claim("departement", said.departement, frozenset()))
        return tuple(claims) if any(commune not in claim.communes for claim in claims) else ()

    def _seat(self, said: Said) -> Values:
        seat = self._territories.seat(None, said.departement)
        return (seat,) if seat else ()

    def _has_postcode(self, commune: str, postcode: str, name: str) -> bool:
        """Whether a commune has a postcode, as far as that is known: those of a CEDEX are not."""
        known = self._geography.postcodes.get(commune)
        if known is None or postcode in known:
            return True
        near = departement_of_postcode(postcode) == self._territories.departement_of(commune)
        return near and (bool(_CEDEX.search(name)) or postcode not in self._geography.by_postcode)

    def _code_agrees(self, said: Said) -> bool:
        """Whether another column says the same as a code that a zero was put before."""
        code = said.code or ""
        commune = self._territories.commune(code)
        if commune is None or self._is_contradicted(said):
            return False
        if said.name and self._territories.has_name(commune.code, said.name):
            return True
        postcode = said.postcode
        if postcode and (said.name is None or not self._territories.is_name(said.name)):
            known = self._geography.postcodes.get(commune.code)
            if (postcode in known) if known else not said.postcode_guessed:
                return True
        return bool(said.departement) or (said.country is not None and said.name is None)

    def _is_contradicted(self, said: Said) -> bool:
        """Whether another column says that a commune cannot be the one whose code a zero was put before."""
        departement = self._territories.departement_of(said.code or "")
        if said.foreign or (said.country and said.country not in FRANCE):
            return True
        if said.departement and said.departement != departement:
            return True
        commune = self._territories.commune(said.code or "")
        known = self._geography.postcodes.get(commune.code, ()) if commune else ()
        if (
            said.postcode
            and not said.postcode_guessed
            and said.postcode not in known
            and departement_of_postcode(said.postcode) != departement
        ):
            return True
        return bool(
            said.name
            and commune
            and not self._territories.has_name(commune.code, said.name)
            and self._territories.is_name(said.name)
        )

    def _postcode_agrees(self, said: Said, code: str | None) -> bool:
        """Whether another column says the same as a postcode that a zero was put before."""
        postcode = said.postcode or ""
        departement = departement_of_postcode(postcode)
        if code and (commune := self._territories.commune(code)):
            known = self._geography.postcodes.get(commune.code)
            return (
                postcode in known
                if known and postcode in self._geography.by_postcode
                else departement == self._territories.departement_of(commune.code)
            )
        if said.departement:
            return said.departement == departement
        if said.name:
            commune = self._territories.commune_by_name(said.name, postcode=postcode)
            if commune is None:
                return False
            known = self._geography.postcodes.get(commune.code)
            return (postcode in known or bool(_CEDEX.search(said.name))) if known else said.country is not None
        return said.country is not None


_WHY_POSTCODE = ("le code postal n'est pas français", "the postcode is not a French one")
