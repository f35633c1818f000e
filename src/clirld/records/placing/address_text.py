"""The postcodes and towns in an address: « 5 rue d'Exemple, 20167 Alata », « 37000TOURS », « …, 1201 Genève, Suisse ».

Nothing is looked up here: `address_communes.py` asks the territories which of the words are communes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from clirld.values.countries import country_code

# 44000, 44 000, 974 10, F-44000.
_POSTCODE = r"(?<!\w)(?:[Ff][Rr]?\s?[–-]?\s?)?(?P<postcode>(?:0[1-9]|[1-8]\d|9[0-8]) ?\d{3}|9[78]\d \d\d)(?!\d)"
# The last number of five digits before a name, which is no unit, and nothing but a CEDEX or a country after it.
_END = re.compile(rf"{_POSTCODE}[\s,–-]+(?P<locality>(?!(?:m|ha|euros?|habitants?)(?![^\W\d_]))[^\W\d_][^,;()\d]*)")
# « Exemple – 45800 », « Exemple (45800) », after a comma or on a line of its own.
_TOWN_FIRST = re.compile(rf"(?P<locality>(?!FR?[\s–-])[^\W\d_][^()\d]*?)[\s(–-]+{_POSTCODE}\)?")
# « F-45800 » without a town: the sign says that it is a postcode.
_SIGNED = re.compile(rf"(?<!\w)FR?\s?[–-]\s?{_POSTCODE}\W*$")
_AROUND = re.compile(rf"{_POSTCODE}(?:(?P<apart>[\s,–-]*)(?P<after>[^\W\d_][^,;()\d]*))?")
_BREAK = re.compile(r"[,;()\d\n]")
_MAY_END = re.compile(r"\d\d ?\d ?\d\d(?!\d)")
_PARTS = re.compile(r"[,;\n]| - ")
_LAST_PART = re.compile(r"[,;\n()|]|\s[–—/-]\s")
_CEDEX = re.compile(r"\bcedex\b", re.IGNORECASE)


class AddressEnd(NamedTuple):
    """What an address ends with; None for what it does not say."""

    postcode: str | None = None
    locality: str | None = None
    country: str | None = None


class Written(NamedTuple):
    """A postcode in an address, and what stands before and after it, which may be apart from it by a comma."""

    postcode: str
    before: str
    after: str
    is_apart: bool

    @property
    def words_before(self) -> list[str]:
        """The words before it, but not those before a comma, a bracket, a line's end or a number."""
        return _BREAK.split(self.before.rstrip(" ,(–-\n"))[-1].split()


def address_end(address: str) -> AddressEnd:
    """Read the postcode, the town and the country (ISO 3166-1 alpha-2) at the end of an address."""
    country, address = country_at_end(address)
    last = None
    if may_have_end(address):
        last = next(reversed(list(_END.finditer(address))), None)
        last = last or _TOWN_FIRST.fullmatch(re.split(r"[,;\n]", address)[-1].strip())
        if last is None and (signed := _SIGNED.search(address)):
            return AddressEnd(signed["postcode"].replace(" ", ""), None, country)
    if last is None:
        return AddressEnd(country=country)
    return AddressEnd(last["postcode"].replace(" ", ""), " ".join(last["locality"].split()).strip(" -–."), country)


def country_at_end(address: str) -> tuple[str | None, str]:
    """The country (ISO 3166-1 alpha-2) that an address ends with, and what stands before it."""
    parts = _PARTS.split(address)
    last = parts[-1].strip()
    # An address of one word is a town; and most end with a postcode and a town.
    country = country_code(last) if len(parts) > 1 and len(last) > 3 and not last[0].isdigit() else None
    return country, address[: address.rindex(last)].rstrip(" ,;\n-") if country else address


def postcodes_in(address: str) -> Iterator[Written]:
    """Every postcode in an address, in their order, with what stands beside it: most addresses have one."""
    begin = 0
    for match in _AROUND.finditer(address) if may_have_end(address) else ():
        postcode, apart, after = match["postcode"], match["apart"], match["after"] or ""
        yield Written(postcode.replace(" ", ""), address[begin : match.start()], after, apart is None or "," in apart)
        begin = match.end("postcode")


def words_before_cedex(address: str) -> str:
    """The words before the last CEDEX of an address: all but two of « 3 rue Inventée LYON Cedex 08 »; "" for none."""
    *before, _after = _CEDEX.split(address)
    return _BREAK.split(before[-1])[-1].strip() if before else ""


def last_part(address: str) -> str:
    """What stands after the last comma, bracket or dash of an address, but for a country; all of it where none is."""
    parts = [part for one in _LAST_PART.split(address) if (part := one.strip(" .-–"))]
    if len(parts) > 1 and len(parts[-1]) > 3 and country_code(parts[-1]):
        parts.pop()
    return parts[-1] if parts else ""


def may_have_end(address: str) -> bool:
    """Whether there may be a postcode in an address: what most streets do not have."""
    return _MAY_END.search(address) is not None
