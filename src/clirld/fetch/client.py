"""The client that connectors and `fetch` ask through: patient, polite, and within the limits of one run.

One client is made for one run of a source: all its requests share the run's budget of bytes. Keys come from the
environment by the names in the card, go into request headers and nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO, TypeVar

from clirld.connect.base import Response
from clirld.errors import FetchError
from clirld.fetch import http as http_get
from clirld.fetch.http import RateLimiter, Request
from clirld.fetch.http_body import HttpSettings, StreamedResponse, too_large
from clirld.fetch.rate_limits import HostRateLimiter

_T = TypeVar("_T")

_MAX_IN_MEMORY = 256 * 1024**2
"""Largest answer that is held in memory; longer ones have to be saved."""


@dataclass(slots=True)
class Budget:
    """Bytes that one run may still receive, over all its requests and tries."""

    limit: int
    used: int = 0

    def spend(self, size: int, url: str) -> None:
        """Count bytes that came. Raises FetchError for more than the limit."""
        self.used += size
        if self.used > self.limit:
            raise FetchError(
                f"this run has taken more than {self.limit:,} bytes from the network",
                where=url,
                do="check what the source is asked for; if it is that much, raise CLIRLD_MAX_RUN_BYTES",
            )


class WebClient:
    """Implements `clirld.connect.base.Client`; `keys` are headers for the host of the address `keys_for` only."""

    def __init__(self, http: HttpSettings, limiter: RateLimiter | None = None) -> None:
        """A client for one run; the turns of hosts are taken in `http.hosts`, if there is such a folder."""
        self.http = http
        self._limiter = limiter or (HostRateLimiter(http, http.hosts) if http.hosts else None)
        self._budget = Budget(http.max_run_bytes)
        self._keys: Mapping[str, str] = {}
        self._keys_url = ""

    def with_keys(self, keys: Mapping[str, str], url: str) -> WebClient:
        """The same client (budget and turns are shared) that sends `keys` to the host of `url`."""
        other = WebClient(self.http, self._limiter)
        other._budget = self._budget
        other._keys, other._keys_url = keys, url
        return other

    def get(self, url: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> Response:
        """The answer to a GET, or to a POST of `data`, held in memory."""
        limit = min(self.http.max_bytes, _MAX_IN_MEMORY)

        def take(answer: StreamedResponse) -> bytes:
            body = bytearray()
            for chunk in answer.body:
                body += chunk
                if len(body) > limit:
                    raise too_large(url, limit)
            return bytes(body)

        answer, body = self.request(Request(url, data, headers or {}), take)
        return Response(url=answer.url, body=body or b"", headers=answer.headers, media_type=answer.media_type)

    def save(
        self, url: str, out: BinaryIO, *, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """As `get`, with an empty `body`: it is written to `out` as it comes, which is rewound before another try."""
        start = out.tell()

        def take(answer: StreamedResponse) -> None:
            out.seek(start)
            out.truncate()
            size = 0
            for chunk in answer.body:
                size += len(chunk)
                if size > self.http.max_bytes:
                    raise too_large(url, self.http.max_bytes)
                out.write(chunk)

        answer, _ = self.request(Request(url, data, headers or {}), take)
        return Response(url=answer.url, body=b"", headers=answer.headers, media_type=answer.media_type)

    def request(self, request: Request, save: Callable[[StreamedResponse], _T]) -> tuple[StreamedResponse, _T | None]:
        """As `clirld.fetch.http.get`, with the keys that are for this host, counted in the run's budget."""
        if self._keys and http_get.host(request.url) == http_get.host(self._keys_url):
            request = replace(request, keys=self._keys)

        def metered(answer: StreamedResponse) -> _T:
            return save(replace(answer, body=self._metered(answer.body, request.url)))

        return http_get.get(request, self.http, metered, self._limiter)

    def _metered(self, body: Iterator[bytes], url: str) -> Iterator[bytes]:
        for chunk in body:
            self._budget.spend(len(chunk), url)
            yield chunk


def headers_from_environment(
    names: Mapping[str, str], where: str, environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Headers from the environment variables that a card names.

    Raises FetchError for one that is absent or cannot be a header; its value is never in the message.
    """
    variables = os.environ if environment is None else environment
    headers: dict[str, str] = {}
    for header, name in names.items():
        value = variables.get(name, "").strip()
        if not value:
            raise FetchError(
                f"the key in {name} is not there", where=where, do=f"set the environment variable {name} to your key"
            )
        if not (value.isascii() and value.isprintable()):
            raise FetchError(
                f"the key in {name} has characters that no key has",
                where=where,
                do=f"set the environment variable {name} to your key, without quotes or line breaks",
            )
        headers[header] = value
    return headers
