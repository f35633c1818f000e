"""The communes that a cell with an address names, each beside its postcode; a cell may hold several addresses.

A postcode and the name beside it count where the commune of that name has that postcode. What is between them and other
towns does not: « 12000 rue Inventée 20000 Ajaccio » is one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from clirld.records.placing.address_text import Written, last_part, may_have_end, postcodes_in, words_before_cedex
from clirld.records.placing.locality_text import is_any_name
from clirld.records.placing.model import Cell, Claim, Town
from clirld.records.territory import Territories, departements_of_postcode

_CEDEX = re.compile(r"\bcedex\b", re.IGNORECASE)
_JOINER = re.compile(r"(?<![\w-])(?:et|ou)(?![\w-])|[/|&+]")
_LONGEST = 8
"""Words of a name that has others beside it."""
_LINK = re.compile(
    r"(?:de|du|des|la|le|les|sur|sous|en|aux?|à|lès|lez|rue|route|rte|avenue|av|boulevard|bd|place|pl|chemin|impasse"
    r"|allée|quai|cours|square|passage|zi|za|zac|parc|porte)\.?|[dl]['’].*",
    re.IGNORECASE,
)
"""Words that go on with a name, or that a street's name follows: « route de Montaigu », « Saint-Martin de … »."""


class Towns:
    """Looks the words beside postcodes up in the territories."""

    def __init__(self, territories: Territories) -> None:
        self._territories = territories
        self._postcodes = territories.geography.postcodes

    def named(self, address: str, of: Cell) -> tuple[Town, ...]:
        """The towns of a cell in their order, each once: most cells have one or none."""
        if not may_have_end(address):
            return ()
        written = list(postcodes_in(address))
        towns = list(self._all(written, of))
        if len(towns) < 2 and len(written) < 2:
            return tuple(towns)
        alone = {one.postcode for one in written} - {town.postcode for town in towns}
        found: dict[str, Town] = {}
        for town in towns:
            given = alone | {one.postcode for one in towns if one.postcode and one.commune == town.commune}
            found.setdefault(town.commune, town._replace(postcode=self._postcode(town, given)))
        return tuple(found.values())

    def led_to(
        self,
        towns: tuple[Town, ...],
        of_name: tuple[Town, ...],
        name: str | None,
        postcode: str | None,
        departement: str | None,
    ) -> tuple[Town, ...]:
        """Of several towns the one that the postcode, the name or the département leads to, if it is one; else all."""
        if len(towns) < 2:
            return towns
        in_name = {town.commune for town in of_name if towns != of_name}
        of = self._territories
        led_to = (
            {one for one in towns if postcode in self._postcodes.get(one.commune, ())},
            {one for one in towns if one.commune in in_name or (name and of.has_name(one.commune, name))},
            {one for one in towns if departement and of.departement_of(one.commune) == departement},
        )
        left = tuple(one for one in towns if all(one in some for some in led_to if some))
        return left if len(left) == 1 else towns

    def without_postcode(self, address: str, postcode: str | None, departement: str | None) -> Town | None:
        """The town of an address without a postcode: its last part, if it has the one given, or what a CEDEX is of."""
        if postcode:
            name = last_part(address)
            commune = self._territories.commune_by_name(name, postcode=postcode)
            if commune and postcode in self._postcodes.get(commune.code, ()):
                return Town(commune.code, None, name, "street")
        words = words_before_cedex(address).split()
        for name in (" ".join(words[n:]) for n in range(len(words))):
            if self._territories.is_name(name):
                commune = self._territories.commune_by_name(name, postcode=postcode, departement=departement)
                is_meant = commune and (not postcode or self.has_postcode(commune.code, postcode, "cedex"))
                return Town(commune.code, None, name, "street") if commune and is_meant else None
        return None

    def mentioned(self, address: str) -> Claim | None:
        """The last part of an address, if it is the name of a commune, or of several."""
        name = last_part(address)
        communes = frozenset() if is_any_name(name) else self._territories.communes_named(name)
        return Claim("address", name, communes) if communes else None

    def has_postcode(self, commune: str, postcode: str, name: str) -> bool:
        """Whether a commune has a postcode, as far as that is known: those of a CEDEX are not."""
        known = self._postcodes.get(commune)
        if known is None or postcode in known:
            return True
        near = self._territories.departement_of(commune) in departements_of_postcode(postcode)
        return near and (bool(_CEDEX.search(name)) or postcode not in self._territories.geography.by_postcode)

    def _postcode(self, town: Town, given: Set[str]) -> str | None:
        """The postcode of a town in a cell with several; none where two of them are its own. A CEDEX is not."""
        own = given & self._postcodes.get(town.commune, frozenset())
        return town.postcode if not own else next(iter(own)) if len(own) == 1 else None

    def _all(self, written: Iterable[Written], of: Cell) -> Iterator[Town]:
        for one in written:
            town, others = self._after(one, of)
            if town := town or self._before(one, of):
                yield town
                yield from self._joined(others, town)

    def _after(self, written: Written, of: Cell) -> tuple[Town | None, str]:
        """The town whose name follows a postcode, the longest that does, and what stands behind it."""
        words = written.after.split()
        for n in _lengths(words):
            if n == len(words) or not _LINK.fullmatch(words[n]):
                town = self._town(" ".join(words[:n]), written.postcode, of, is_whole=n == len(words))
                if town:
                    return town, " ".join(words[n:])
        return None, ""

    def _before(self, written: Written, of: Cell) -> Town | None:
        """The town whose name stands before a postcode; only whole where a name follows: that may be the town's."""
        words = written.words_before
        for n in _lengths(words) if written.is_apart else filter(None, [len(words)]):
            if n == len(words) or not _LINK.fullmatch(words[-n - 1]):
                town = self._town(" ".join(words[-n:]), written.postcode, of, is_whole=False)
                if town:
                    return town
        return None

    def _town(self, name: str, postcode: str, of: Cell, *, is_whole: bool) -> Town | None:
        commune = self._territories.commune_by_name(name, postcode=postcode)
        if commune is None:
            return None
        served = postcode in self._postcodes.get(commune.code, ())
        if not served and not (is_whole and self.has_postcode(commune.code, postcode, name)):
            return None
        return Town(commune.code, postcode, name.strip(" -–./|&+"), of)

    def _joined(self, rest: str, town: Town) -> Iterator[Town]:
        """Towns without a postcode of their own: « et Nice », after « 13001 Marseille »."""
        if not _JOINER.match(rest):
            return
        near = self._territories.departement_of(town.commune)
        for name in filter(None, map(str.strip, _JOINER.split(rest))):
            if near in self._territories.departements_named(name):
                continue  # « 97400 Saint-Denis / La Réunion »
            commune = self._territories.commune_by_name(name, departement=near)
            commune = commune or self._territories.commune_by_name(name)
            if commune:
                yield Town(commune.code, None, name, town.of)


def _lengths(words: list[str]) -> Iterator[int]:
    """How many of the words may be a name: all, then fewer."""
    if words:
        yield len(words)
    yield from range(min(len(words) - 1, _LONGEST), 0, -1)
