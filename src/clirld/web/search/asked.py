"""What a request asks for, read from its parameters, and the addresses of searches near it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.requests import Request

from clirld.query.failure import Failure, Language
from clirld.search.find import MAX_CHARACTERS, Hits, Narrowed
from clirld.settings import BASE
from clirld.web import protocol

DEFAULT_LIMIT, MAX_LIMIT = 20, 100
MOST_ON_PAGE = 50
"""Rows that a page has, so that it stays below 50 KB; who asks for more turns pages."""
TERRITORY = f"{BASE}id/territory/"
FILTERS = ("source", "kind", "practice", "domain", "need")
"""Parameters that narrow a search, beside `type` and `territory`: as the index calls them."""
_KEY = re.compile(r"[0-9A-Za-z-]{1,100}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    words: str
    is_blank: bool
    """Whether the form was sent with nothing in it."""
    kind: str
    territory: str
    others: dict[str, str] = field(default_factory=dict)
    """What else it is narrowed to: one of FILTERS, and a value."""
    is_exact: bool = False
    """Whether nothing is to be taken for a typing error."""
    limit: int = DEFAULT_LIMIT
    page: int = 1
    """0 of what is no number."""
    language: Language = "fr"

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.words.strip() or self.kind or self.territory or self.others)

    @property
    def narrowed(self) -> Narrowed:
        """What the search is narrowed to, but for the kind of things."""
        others = tuple(f"{name}/{value}" for name, value in sorted(self.others.items()))
        return Narrowed(None, self.territory or None, others)

    def last_page(self, found: Hits) -> int:
        """The last page of what was found; the first, which is empty, where nothing was."""
        return max(-(-found.found // self.limit), 1)

    def query(self, **other: object) -> str:
        """The query string of this search, with other parameters in their place."""
        given = {"q": self.words, "type": self.kind, "territory": self.territory, **self.others, "lang": self.language}
        given |= {"exact": "1" if self.is_exact else ""}
        given |= {"limit": str(self.limit) if self.limit != DEFAULT_LIMIT else ""}
        return urlencode({name: value for name, value in {**given, **other}.items() if value})


def read(request: Request) -> Asked:
    """What a request asks for. Raises protocol.Refused where a parameter has a value that it cannot have."""
    given = request.query_params
    words, territory, others = sought(given)
    limit = _number(given.get("limit"), DEFAULT_LIMIT)
    if not 1 <= limit <= MAX_LIMIT:
        raise refused("limit", given["limit"], f"1–{MAX_LIMIT}")
    return Asked(
        words,
        "q" in given and not any(given.get(name, "").strip() for name in ("q", "type", "territory", *FILTERS)),
        given.get("type", ""),
        territory,
        others,
        given.get("exact", "") == "1",
        limit,
        _number(given.get("page"), 1),
        protocol.request_language(request, "fr"),
    )


def sought(given: Mapping[str, str]) -> tuple[str, str, dict[str, str]]:
    """The words, the key of the territory and the other filters of an address. Raises protocol.Refused as `read`."""
    if len(words := given.get("q", "")) > MAX_CHARACTERS:
        raise protocol.Refused(Failure("long-words", detail={"given": str(len(words)), "most": str(MAX_CHARACTERS)}))
    territory = given.get("territory", "").removeprefix(TERRITORY)
    if territory and not _KEY.fullmatch(territory):
        raise unknown_territory(territory)
    others = {name: value for name in FILTERS if (value := given.get(name, "").strip())}
    for name, value in others.items():
        if not _KEY.fullmatch(value):
            raise refused(name, value, "a–z, 0–9, -")
    return words, territory, others


def refused(name: str, given: str, allowed: str) -> protocol.Refused:
    """What to raise of a value that a parameter cannot have."""
    return protocol.Refused(Failure("parameter", detail={"name": name, "given": given[:80], "allowed": allowed}))


def unknown_territory(given: str) -> protocol.Refused:
    """What to raise of a territory that the release does not know."""
    return protocol.Refused(Failure("unknown-territory", detail={"given": given[:80]}))


def _number(text: str | None, default: int) -> int:
    """0 of what is no number."""
    if not text:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0
