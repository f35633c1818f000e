"""The full record of each item of a page, where a list only has a part of it and says where the rest is."""

from __future__ import annotations

import io
import ipaddress
import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from clirld.connect import answer
from clirld.connect.base import Client
from clirld.errors import FetchError

_MIN_REQUESTED = 30
"""Details asked for before the share of those that failed says something."""
_MAX_BYTES = 2 * 1024**2
"""Bytes of a full record: it comes from somebody's site, and a page of them is held in memory."""


@dataclass(slots=True)
class Details:
    """Asks for the details at `path` of the items of the list at `url`, and counts those that could not be had."""

    path: str
    client: Client
    url: str
    requested: int = 0
    failed: int = 0

    def with_details(self, document: Any, items: str) -> bytes:
        """The page, with `{"item": …, "detail": …}` in the place of every item."""
        container: Any = answer.record_container(document, items, self.url)
        for key in list(container) if isinstance(container, dict) else range(len(container)):
            container[key] = {"item": container[key], "detail": self._detail(container[key])}
            self.check_failure_rate()
        return json.dumps(document if items else container[0], ensure_ascii=False).encode()

    def _detail(self, item: Any) -> Any:
        """The full record; None where it cannot be had: they are on many sites, of which some are always away."""
        self.requested += 1
        link = answer.value_at(item, self.path)
        try:
            if isinstance(link, str) and self._is_public(link):
                out = _LimitedBuffer()
                reply = self.client.save(urljoin(self.url, link), out)
                return answer.parse_json(replace(reply, body=out.getvalue()))
        except FetchError:
            pass
        self.failed += 1
        return None

    def _is_public(self, link: str) -> bool:
        """Whether an address that somebody wrote into a registry is one of the public network, not one beside us."""
        parts = urlsplit(urljoin(self.url, link))
        if parts.hostname == urlsplit(self.url).hostname:
            return True
        try:
            return ipaddress.ip_address(parts.hostname or "").is_global
        except ValueError:
            return parts.scheme in ("http", "https") and "." in (parts.hostname or "")

    def check_failure_rate(self, *, last: bool = False) -> None:
        """Raise FetchError where more than a third could not be had."""
        if self.failed * 3 > self.requested and (last or self.requested >= _MIN_REQUESTED):
            raise FetchError(
                f"{self.failed} of {self.requested} full records could not be had",
                where=self.url,
                do="check detail in source.yaml and this machine's connection; if sites are down, run the source later",
            )


class _LimitedBuffer(io.BytesIO):
    """Takes so many bytes and no more."""

    def write(self, data: Any) -> int:
        """Raises FetchError for more."""
        if self.tell() + len(data) > _MAX_BYTES:
            raise FetchError(f"more than {_MAX_BYTES} bytes", do="check detail in source.yaml")
        return super().write(data)
