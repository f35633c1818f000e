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
    """What is asked for; `filters` is facet → value, as `map.sqlite` has them."""

    filters: tuple[tuple[str, str], ...] = ()
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
        given |= {"bbox": self.window or "", "lang": self.language, "view": "map" if self.is_interactive else ""}
        given |= {name: short(name, str(value)) if value else "" for name, value in other.items()}
        return urlencode({name: value for name, value in given.items() if value}, safe=",")

    def but(self, facet: str) -> Asked:
        """The same without one of its filters."""
        return replace(self, filters=tuple(pair for pair in self.filters if pair[0] != facet), page=1)


def short(facet: str, value: str) -> str:
    """A value of a facet as addresses have it."""
    return value.removeprefix(_SHORT.get(facet, ""))


def asked(request: Request) -> Asked:
    """What a request asks for. Raises protocol.Refused where a parameter cannot be read."""
    given = request.query_params
    return Asked(
        filters_of(given),
        window(given.get("bbox", "")),
        page_number(given.get("page", "")),
        protocol.request_language(request, "fr"),
        given.get("view") == "map",
    )


def filters_of(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The filters among the parameters of an address, in the order of the facets."""
    found = ((name, given.get(name, "").strip()) for name in FACETS)
    return tuple((name, _SHORT.get(name, "") + short(name, value)) for name, value in found if value)


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
