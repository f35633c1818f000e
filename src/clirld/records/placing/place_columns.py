"""What the columns of a row say of its place, with what its name and its address say besides."""

from __future__ import annotations

from typing import NamedTuple

from clirld.records.placing.address_communes import Towns
from clirld.records.placing.address_text import AddressEnd, address_end, country_at_end
from clirld.records.placing.model import Cell, Said, Town

_NONE: tuple[Town, ...] = ()


class Reading(NamedTuple):
    """What is said, with the country, the name and the postcode that the name's cell or the address says besides."""

    said: Said
    end: AddressEnd = AddressEnd()
    """How the address ends, or else the name's cell."""
    towns: tuple[Town, ...] = ()
    """The towns in it."""
    towns_of_name: tuple[Town, ...] = ()
    """Those in the name's cell, where they are several."""


def read(said: Said, towns: Towns) -> Reading:
    """Read the cell of the name, where there is no code, and the address."""
    last, named, of_name = AddressEnd(), _NONE, _NONE
    has_code = bool(said.code) and not said.code_guessed
    if said.name and not has_code:
        found, end = _read(said.name, "locality", towns)
        if end.country and not said.country:
            said = said._replace(country=end.country)
        if end.postcode or found:
            last, named, of_name = end, found, found if len(found) > 1 else _NONE
            if not said.postcode and len(found) < 2:
                postcode, name = (found[0].postcode, found[0].name) if found else (end.postcode, end.locality)
                said = said._replace(name=name, postcode=postcode)
    if said.street:
        found, end = _read(said.street, "street", towns)
        if end.country and not said.country and not has_code and (not said.postcode or said.postcode_guessed):
            said = said._replace(country=end.country)
        if end.postcode or found:
            last, named = end, found
    return Reading(said, last, named, of_name)


def _read(text: str, of: Cell, towns: Towns) -> tuple[tuple[Town, ...], AddressEnd]:
    """The towns in a cell, and what it ends with: of a cell with towns that is only of use for the country."""
    found = towns.named(text, of)
    return found, AddressEnd(country=country_at_end(text)[0]) if found else address_end(text)
