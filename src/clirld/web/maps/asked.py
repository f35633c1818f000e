"""What a request asks of the map: filters, each a parameter and so a part of an address, a window and a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request

from clirld.query.failure import Failure, Language
from clirld.release.maps.write import FACETS
from clirld.web import protocol
from clirld.web.search.asked import sought

SOUGHT = ("q", "territory", "domain", "need")
"""Parameters of a search that are no facets of the map: they are looked up in the index (`found_in`)."""
_SHORT = {"departement": "departement-", "epci": "epci-"}
"""Facets whose values are asked for by their official code."""
_MAX_PAGE = 999
_NUMBER = re.compile(r"-?\d{1,3}(\.\d{1,9})?")


class Window(NamedTuple):
    """West, south, east and north, in degrees."""

    west: float
    south: float
    east: float
    north: float

    def __str__(self) -> str:
        return ",".join(f"{one:.4f}".rstrip("0").rstrip(".") for one in self)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; `filters` is facet → value, as `map.sqlite` has them, `search` those of SOUGHT → value."""

    filters: tuple[tuple[str, str], ...] = ()
    search: tuple[tuple[str, str], ...] = ()
    found: tuple[str, ...] | None = None
    """Keys of the initiatives that the search finds; None where nothing is searched."""
    words: str = ""
    """What was looked for: the words asked, or what was meant by them."""
    window: Window | None = None
    page: int = 1
    language: Language = "fr"
    is_interactive: bool = False

    def value(self, facet: str) -> str:
        """The value of a facet that is asked for; empty where any will do."""
        return dict(self.filters).get(facet, "")

    def query(self, **other: object) -> str:
        """The query string of this view; `other` are parameters in the place of its own, empty to have none."""
        given: dict[str, object] = {name: short(name, value) for name, value in self.filters}
        given |= dict(self.search)
        given |= {"bbox": self.window or "", "lang": self.language, "view": "map" if self.is_interactive else ""}
        given |= {name: short(name, str(value)) if value else "" for name, value in other.items()}
        return urlencode({name: value for name, value in given.items() if value}, safe=",")

    def but(self, facet: str) -> Asked:
        """The same without one of its filters."""
        filters, search = (tuple(one for one in pairs if one[0] != facet) for pairs in (self.filters, self.search))
        return replace(self, filters=filters, search=search, page=1)


def short(facet: str, value: str) -> str:
    """A value of a facet as addresses have it."""
    return value.removeprefix(_SHORT.get(facet, ""))


def asked(request: Request) -> Asked:
    """What a request asks for. Raises protocol.Refused where a parameter cannot be read."""
    given = request.query_params
    return Asked(
        filters_of(given),
        search_of(given),
        None,
        "",
        window(given.get("bbox", "")),
        page_number(given.get("page", "")),
        protocol.request_language(request, "fr"),
        given.get("view") == "map",
    )


def filters_of(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The filters among the parameters of an address, in the order of the facets."""
    found = ((name, given.get(name, "").strip()) for name in FACETS)
    return tuple((name, _SHORT.get(name, "") + short(name, value)) for name, value in found if value)


def search_of(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The parts of a search that are no facets of the map. Raises protocol.Refused as `/search` does."""
    words, territory, others = sought(given)
    found = {"q": words.strip(), "territory": territory, **others}
    return tuple((name, found[name]) for name in SOUGHT if found.get(name))


def window(text: str) -> Window | None:
    """A window as OGC API – Features has it: `bbox=west,south,east,north`. Raises protocol.Refused."""
    if not text:
        return None
    parts = text.split(",")
    if len(parts) == len(Window._fields) and all(_NUMBER.fullmatch(part.strip()) for part in parts):
        found = Window(*map(float, parts))
        if found.west <= found.east and found.south <= found.north:
            return found
    raise refused("bbox", text, "west,south,east,north")


def page_number(text: str) -> int:
    """The number of a page, from 1. Raises protocol.Refused."""
    return number("page", text, 1, _MAX_PAGE)


def number(name: str, text: str, default: int, most: int) -> int:
    """A number from 1 to `most` that a parameter gives. Raises protocol.Refused."""
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= most:
        return int(text)
    raise refused(name, text, f"1–{most}")


def refused(name: str, given: str, allowed: str) -> protocol.Refused:
    """That a parameter has a value that it cannot have."""
    return protocol.Refused(Failure("parameter", detail={"name": name, "given": given[:80], "allowed": allowed}))
