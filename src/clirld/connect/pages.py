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
from clirld.read.json import KEY_COLUMN
from clirld.values.model import CardPart

# Where no total is given: beyond that, the list is taken to have no end.
_MAX_PAGES = 100_000
# Pages more than the total needs, as servers may give less on a page than was asked for.
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
    def _validate_next_place(self) -> Paging:
        for way in ("cursor", "next"):
            if (self.by == way) != (getattr(self, way) is not None):
                raise ValueError(f"by: {way} goes with {way}, its place in an answer, always")
        if self.size and not self.size_parameter and self.by in ("cursor", "next"):
            raise ValueError("size is asked for with size_parameter: give it")
        return self


class ListChanged(Exception):  # noqa: N818 (not an error yet: the next try may do)
    """The list changed while it was read, or seems to."""

    def __init__(self, error: FetchError) -> None:
        super().__init__(error.what)
        self.error = error


class CapReached(Exception):  # noqa: N818 (not an error yet: slices may do)
    """A query reaches the cap."""


_RETRY_ADVICE = "run the source again when the registry is not being updated; if it lasts, tell the registry"


@dataclass(slots=True)
class Paginator:
    """The pages of one query, from the first to the last."""

    paging: Paging
    items: str
    client: Client
    total: int | None = None
    received: int = 0
    page_count: int = 0
    first_page: bytes = b""
    page_fingerprints: set[bytes] = field(default_factory=set)
    known_ids: set[int] = field(default_factory=set)
    visited: set[str] = field(default_factory=set)

    def pages(self, url: str) -> Iterator[tuple[bytes, Any]]:
        """Bytes and document of each page. Raises FetchError, or ListChanged."""
        paging = self.paging
        parameters = {}
        if paging.size:
            parameters[paging.size_parameter or ("limit" if paging.by == "offset" else "per_page")] = str(paging.size)
        if (first := _first_value(paging)) is not None:
            parameters[_parameter(paging)] = first
            self.visited.add(first)
        step: str | None = answer.with_parameters(url, parameters)
        if paging.by == "next":
            self.visited.add(step or url)
        while step is not None:
            page_url = step
            reply = self.client.get(page_url)
            document = answer.parse_json(reply)
            container = answer.record_container(document, self.items, page_url)
            self._check_page(document, container, page_url)
            yield reply.body, document
            step = self._next_url(document, len(container), page_url)
        if self.total is not None and self.received != self.total:
            raise _total_mismatch(self.total, self.received, url)

    def _check_page(self, document: Any, container: list[Any] | dict[str, Any], url: str) -> None:
        """Hold a page against those before it."""
        paging, items = self.paging, list(container.values()) if isinstance(container, dict) else container
        page_fingerprint = answer.fingerprint(items)
        if self.page_count == 0:
            self.first_page = page_fingerprint
        if items and page_fingerprint in self.page_fingerprints:
            raise _repeated_page(self.page_count + 1, url)
        self.page_fingerprints.add(page_fingerprint)
        if paging.identifier:
            keys = isinstance(container, dict) and paging.identifier == KEY_COLUMN
            identifiers = list(container) if keys else [answer.value_at(item, paging.identifier) for item in items]
            if None in identifiers:
                raise _missing_identifier(paging.identifier, url)
            # Hashes, as the identifiers of all pages are held until the last.
            ids = {hash(str(one)) for one in identifiers}
            if ids & self.known_ids:
                raise _duplicate_ids(paging.identifier, url)
            self.known_ids |= ids
        self.page_count += 1
        self.received += len(items)
        if paging.total:
            total = _parse_number(answer.value_at(document, paging.total), paging.total, url)
            if self.total is not None and total != self.total:
                raise _total_changed(self.total, total, url)
            self.total = total
        # A total that stops at the cap says nothing: there may be more.
        if paging.cap and max(self.received, self.total or 0) >= paging.cap:
            raise CapReached
        if self.total is not None and self.received > self.total:
            raise _total_mismatch(self.total, self.received, url)
        if self.page_count > self._page_limit(len(items)):
            raise _page_limit_exceeded(self.page_count, url)

    def _page_limit(self, item_count: int) -> int:
        if self.total is None:
            return _MAX_PAGES
        return math.ceil(self.total / max(1, min(item_count, self.paging.size or item_count))) + _SPARE_PAGES

    def _next_url(self, document: Any, item_count: int, url: str) -> str | None:
        """The address of the next page; None after the last."""
        paging = self.paging
        if paging.by == "page" or paging.by == "offset":
            if item_count == 0 or (self.total is not None and self.received >= self.total):
                return None
            start = _parse_number(_first_value(paging), "first", url)
            step = str(start + (self.page_count if paging.by == "page" else self.received))
            return answer.with_parameters(url, {_parameter(paging): step})
        path = paging.cursor if paging.by == "cursor" else paging.next
        value = answer.value_at(document, path or "")
        is_incomplete = self.total is not None and self.received < self.total
        if value in (None, "", False):
            if is_incomplete:
                raise _ended_early(path or "", self.total, self.received, url)
            return None
        step = str(value) if paging.by == "cursor" else _same_host(str(value), url)
        if step in self.visited:
            # Back to where it was: the end where all came that was promised, or where a cursor stands.
            if is_incomplete or (self.total is None and (paging.by == "next" or step != self._current_cursor(url))):
                raise _cursor_loop(path or "", step, url)
            return None
        self.visited.add(step)
        return answer.with_parameters(url, {_parameter(paging): step}) if paging.by == "cursor" else step

    def _current_cursor(self, url: str) -> str | None:
        return answer.query_parameter(url, _parameter(self.paging))


def _parameter(paging: Paging) -> str:
    return paging.parameter or ("page" if paging.by == "next" else paging.by)


def _first_value(paging: Paging) -> str | None:
    if paging.first is None and paging.by in ("page", "offset"):
        return "1" if paging.by == "page" else "0"
    return paging.first


def _parse_number(value: Any, path: str, url: str) -> int:
    try:
        if isinstance(value, bool):
            raise ValueError
        return int(value)
    except (TypeError, ValueError):
        do = "open the address in a browser; put the place of the number as total in source.yaml"
        raise FetchError(f"there is no number at {path} of the answer", where=url, do=do) from None


def _same_host(link: str, url: str) -> str:
    """The address that a link leads to, by the way that the page came; registries behind a proxy often say http."""
    current, target = urlsplit(url), urlsplit(urljoin(url, link))
    if target.hostname != current.hostname or target.scheme not in ("http", "https"):
        do = "open the address in a browser; if the registry moved, put its new address in source.yaml"
        raise FetchError(f"the next page would be on another host, {link}", where=url, do=do)
    return target._replace(scheme=current.scheme, netloc=current.netloc, fragment="").geturl()


def _repeated_page(page: int, url: str) -> ListChanged:
    do = "check parameter, first and size in source.yaml; if they are right, tell the registry"
    return ListChanged(FetchError(f"page {page} repeats an earlier one", where=url, do=do))


def _duplicate_ids(path: str, url: str) -> ListChanged:
    what = f"records of an earlier page come again, by their {path}: the list moves while it is read"
    return ListChanged(FetchError(what, where=url, do=_RETRY_ADVICE))


def _total_changed(before: int, now: int, url: str) -> ListChanged:
    what = f"the number of records changed from {before} to {now} while they were read"
    return ListChanged(FetchError(what, where=url, do=_RETRY_ADVICE))


def _total_mismatch(expected: int, received: int, url: str) -> ListChanged:
    return ListChanged(FetchError(f"{expected} records were promised, {received} came", where=url, do=_RETRY_ADVICE))


def _ended_early(path: str, expected: int | None, received: int, url: str) -> ListChanged:
    what = f"nothing at {path} of the answer though {expected} records were promised and {received} came"
    return ListChanged(FetchError(what, where=url, do=_RETRY_ADVICE))


def _cursor_loop(path: str, step: str, url: str) -> FetchError:
    do = "check cursor or next in source.yaml; if it is right, tell the registry"
    return FetchError(f"{path} of the answer leads back to {step[:80]}", where=url, do=do)


def _page_limit_exceeded(pages: int, url: str) -> FetchError:
    do = "check parameter, first and size in source.yaml; if they are right, tell the registry"
    return FetchError(f"still no end after {pages} pages", where=url, do=do)


def _missing_identifier(path: str, url: str) -> FetchError:
    do = "open the address in a browser; correct identifier in source.yaml, or take it out"
    return FetchError(f"a record has nothing at {path}", where=url, do=do)
