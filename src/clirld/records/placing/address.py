"""The postcode and the town that an address ends with: « 5 rue d'Exemple, 20167 Alata », « …, 1201 Genève, Suisse »."""

from __future__ import annotations

import re
from typing import NamedTuple

from clirld.values.countries import country_code

_POSTCODE = r"(?<!\w)(?P<postcode>(?:0[1-9]|[1-8]\d|9[0-8]) ?\d{3})"
# The last number of five digits before a name, and nothing but a CEDEX or a country after it.
_END = re.compile(rf"{_POSTCODE}[\s,–-]+(?P<locality>[^\W\d_][^,;()\d]*)")
# « Exemple – 45800 », « Exemple (45800) », after a comma or on a line of its own.
_TOWN_FIRST = re.compile(rf"(?P<locality>[^\W\d_][^()\d]*?)[\s(–-]+{_POSTCODE}\)?")
_MAY_END = re.compile(r"\d\d ?\d{3}(?!\d)")


class AddressEnd(NamedTuple):
    """What an address ends with; None for what it does not say."""

    postcode: str | None = None
    locality: str | None = None
    country: str | None = None


def address_end(address: str) -> AddressEnd:
    """Read the postcode, the town and the country (ISO 3166-1 alpha-2) at the end of an address."""
    parts = [part.strip() for part in re.split(r"[,;\n]| - ", address)]
    country = country_code(parts[-1]) if len(parts[-1]) > 3 else None
    if country and len(parts) > 1:
        address = address[: address.rindex(parts[-1])].rstrip(" ,;\n-")
    elif country:
        country = None  # an address of one word is a town
    last = next(reversed(list(_END.finditer(address))), None)
    if last is None:
        last = _TOWN_FIRST.fullmatch(re.split(r"[,;\n]", address)[-1].strip())
    if last is None:
        return AddressEnd(country=country)
    return AddressEnd(last["postcode"].replace(" ", ""), " ".join(last["locality"].split()).strip(" -–."), country)


def may_have_end(address: str) -> bool:
    """Whether there may be a postcode in an address: what most streets do not have."""
    return _MAY_END.search(address) is not None
