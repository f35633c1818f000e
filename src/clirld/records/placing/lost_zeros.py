"""Codes and postcodes that lost their zero in a spreadsheet: whether another column agrees with what was put back."""

from __future__ import annotations

import re

from clirld.records.placing.model import Said
from clirld.records.territory import Territories, departement_of_postcode
from clirld.values.countries import FRANCE

_CEDEX = re.compile(r"\bcedex\b", re.IGNORECASE)


class Zeros:
    """Holds zeros that were put back against the other columns."""

    def __init__(self, territories: Territories) -> None:
        self._territories = territories
        self._geography = territories.geography

    def code_agrees(self, said: Said) -> bool:
        """Whether another column says the same as a code that a zero was put before."""
        code = said.code or ""
        commune = self._territories.commune(code)
        if commune is None or self.is_contradicted(said):
            return False
        if said.name and self._territories.has_name(commune.code, said.name):
            return True
        postcode = said.postcode
        if postcode and (said.name is None or not self._territories.is_name(said.name)):
            known = self._geography.postcodes.get(commune.code)
            if (postcode in known) if known else not said.postcode_guessed:
                return True
        return bool(said.departement) or (said.country is not None and said.name is None)

    def is_contradicted(self, said: Said) -> bool:
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

    def postcode_agrees(self, said: Said, code: str | None) -> bool:
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
