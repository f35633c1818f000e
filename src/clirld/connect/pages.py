"""The pages of one query of a paged API, each held against those before it, and all against what was promised."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from pydantic import Field, model_validator

from clirld.connect import answer
from clirld.connect.base import Client
from clirld.errors import FetchError
from clirld.read.json import KEY
from clirld.values.model import CardPart

_MOST_PAGES = 100_000
_SPARE_PAGES = 10


class Paging(CardPart):
    """How the pages of a list follow each other, and how it shows that all are there: fields of a `Paged`."""

    by: Literal["page", "offset", "cursor", "next"]
    parameter: str | None = None
    first: str | None = None
    size: int | None = Field(None, ge=1)
    size_parameter: str | None = None
    cursor: str | None = None
    next: str | None = None
    total: str | None = None
    cap: int | None = Field(None, ge=1)
    identifier: str | None = None

    @model_validator(mode="after")
    def _place_of_what_follows(self) -> Paging:
        for way in ("cursor", "next"):
            if (self.by == way) != (getattr(self, way) is not None):
                raise ValueError(f"by: {way} goes with {way}, its place in an answer, always")
        if self.size and not self.size_parameter and self.by in ("cursor", "next"):
            raise ValueError("size is asked for with size_parameter: give it")
        return self


class Moved(Exception):  # noqa: N818 (not an error yet: the next try may do)
    """The list changed while it was read, or seems to."""

    def __init__(self, error: FetchError) -> None:
        super().__init__(error.what)
        self.error = error


class TooMany(Exception):  # noqa: N818 (not an error yet: slices may do)
    """A query reaches the cap."""


_AGAIN = "run the source again when the registry is not being updated; if it lasts, tell the registry"


@dataclass(slots=True)
class Walk:
    """The pages of one query, from the first to the last."""

    paging: Paging
    items: str
    client: Client
    total: int | None = None
    came: int = 0
    asked: int = 0
    first: bytes = b""
    pages_seen: set[bytes] = field(default_factory=set)
    ids_seen: set[int] = field(default_factory=set)
    steps_seen: set[str] = field(default_factory=set)

    def pages(self, url: str) -> Iterator[tuple[bytes, Any]]:
        """Bytes and document of each page. Raises FetchError, or Moved."""
        how = self.paging
        parameters = {}
        if how.size:
            parameters[how.size_parameter or ("limit" if how.by == "offset" else "per_page")] = str(how.size)
        if (first := _first(how)) is not None:
            parameters[_parameter(how)] = first
            self.steps_seen.add(first)
        step: str | None = answer.address(url, parameters)
        if how.by == "next":
            self.steps_seen.add(step or url)
        while step is not None:
            asked = step
            reply = self.client.get(asked)
            found = answer.document(reply)
            holder = answer.records(found, self.items, asked)
            self._count(found, holder, asked)
            yield reply.body, found
            step = self._after(found, len(holder), asked)
        if self.total is not None and self.came != self.total:
            raise _differs(self.total, self.came, url)

    def _count(self, found: Any, holder: list[Any] | dict[str, Any], url: str) -> None:
        """Hold a page against those before it."""
        how, items = self.paging, list(holder.values()) if isinstance(holder, dict) else holder
        page = answer.fingerprint(items)
        if self.asked == 0:
            self.first = page
        if items and page in self.pages_seen:
            raise _repeats(self.asked + 1, url)
        self.pages_seen.add(page)
        if how.identifier:
            keys = isinstance(holder, dict) and how.identifier == KEY
            given = list(holder) if keys else [answer.at(item, how.identifier) for item in items]
            if None in given:
                raise _no_identifier(how.identifier, url)
            ids = {hash(str(one)) for one in given}
            if ids & self.ids_seen:
                raise _again_there(how.identifier, url)
            self.ids_seen |= ids
        self.asked += 1
        self.came += len(items)
        if how.total:
            total = _number(answer.at(found, how.total), how.total, url)
            if self.total is not None and total != self.total:
                raise _total_changed(self.total, total, url)
            self.total = total
        # A total that stops at the cap says nothing: there may be more.
        if how.cap and max(self.came, self.total or 0) >= how.cap:
            raise TooMany
        if self.total is not None and self.came > self.total:
            raise _differs(self.total, self.came, url)
        if self.asked > self._most(len(items)):
            raise _endless(self.asked, url)

    def _most(self, items: int) -> int:
        if self.total is None:
            return _MOST_PAGES
        return math.ceil(self.total / max(1, min(items, self.paging.size or items))) + _SPARE_PAGES

    def _after(self, found: Any, items: int, url: str) -> str | None:
        """The address of the next page; None after the last."""
        how = self.paging
        if how.by == "page" or how.by == "offset":
            if items == 0 or (self.total is not None and self.came >= self.total):
                return None
            start = _number(_first(how), "first", url)
            step = str(start + (self.asked if how.by == "page" else self.came))
            return answer.address(url, {_parameter(how): step})
        place = how.cursor if how.by == "cursor" else how.next
        value = answer.at(found, place or "")
        short = self.total is not None and self.came < self.total
        if value in (None, "", False):
            if short:
                raise _lost(place or "", self.total, self.came, url)
            return None
        step = str(value) if how.by == "cursor" else _same_host(str(value), url)
        if step in self.steps_seen:
            # Back to where it was: the end where all came that was promised, or where a cursor stands.
            if short or (self.total is None and (how.by == "next" or step != self._asked_with(url))):
                raise _stands(place or "", step, url)
            return None
        self.steps_seen.add(step)
        return answer.address(url, {_parameter(how): step}) if how.by == "cursor" else step

    def _asked_with(self, url: str) -> str | None:
        return answer.parameter(url, _parameter(self.paging))


def _parameter(how: Paging) -> str:
    return how.parameter or ("page" if how.by == "next" else how.by)


def _first(how: Paging) -> str | None:
    if how.first is None and how.by in ("page", "offset"):
        return "1" if how.by == "page" else "0"
    return how.first


def _number(value: Any, place: str, url: str) -> int:
    try:
        if isinstance(value, bool):
            raise ValueError
        return int(value)
    except (TypeError, ValueError):
        do = "open the address in a browser; put the place of the number as total in source.yaml"
        raise FetchError(f"there is no number at {place} of the answer", where=url, do=do) from None


def _same_host(link: str, url: str) -> str:
    """The address that a link leads to, by the way that the page came; registries behind a proxy often say http."""
    here, there = urlsplit(url), urlsplit(urljoin(url, link))
    if there.hostname != here.hostname or there.scheme not in ("http", "https"):
        do = "open the address in a browser; if the registry moved, put its new address in source.yaml"
        raise FetchError(f"the next page would be on another host, {link}", where=url, do=do)
    return there._replace(scheme=here.scheme, netloc=here.netloc, fragment="").geturl()


def _repeats(page: int, url: str) -> Moved:
    do = "check parameter, first and size in source.yaml; if they are right, tell the registry"
    return Moved(FetchError(f"page {page} repeats an earlier one", where=url, do=do))


def _again_there(place: str, url: str) -> Moved:
    what = f"records of an earlier page come again, by their {place}: the list moves while it is read"
    return Moved(FetchError(what, where=url, do=_AGAIN))


def _total_changed(before: int, now: int, url: str) -> Moved:
    what = f"the number of records changed from {before} to {now} while they were read"
    return Moved(FetchError(what, where=url, do=_AGAIN))


def _differs(promised: int, came: int, url: str) -> Moved:
    return Moved(FetchError(f"{promised} records were promised, {came} came", where=url, do=_AGAIN))


def _lost(place: str, promised: int | None, came: int, url: str) -> Moved:
    what = f"nothing at {place} of the answer though {promised} records were promised and {came} came"
    return Moved(FetchError(what, where=url, do=_AGAIN))


def _stands(place: str, step: str, url: str) -> FetchError:
    do = "check cursor or next in source.yaml; if it is right, tell the registry"
    return FetchError(f"{place} of the answer leads back to {step[:80]}", where=url, do=do)


def _endless(pages: int, url: str) -> FetchError:
    do = "check parameter, first and size in source.yaml; if they are right, tell the registry"
    return FetchError(f"still no end after {pages} pages", where=url, do=do)


def _no_identifier(place: str, url: str) -> FetchError:
    do = "open the address in a browser; correct identifier in source.yaml, or take it out"
    return FetchError(f"a record has nothing at {place}", where=url, do=do)
