"""What comes over HTTP: settings for it, an answer and its body, decoded in small steps within its limits.

A body that ends before its length, its last chunk or the end of its gzip raises RetryableError: another try may do.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from clirld.errors import FetchError

_CHUNK = 1 << 16
_GZIP_WBITS = 31  # zlib's wbits for the gzip format

RETRY_LATER = (
    "try again later: the last good data stays published; if it lasts, tell the publisher, "
    "or take the file from a local copy with --mirror"
)


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """How to behave towards servers. Times are seconds, sizes bytes (of the decoded body).

    `hosts` is the folder where the turns of each host are kept (`clirld.fetch.rate_limits`); without it none are taken.
    """

    # Those without defaults are settings of a user: theirs stand in clirld.settings.
    contact: str
    connect_timeout: float
    read_timeout: float
    retries: int
    max_bytes: int
    max_run_bytes: int
    total_timeout: float = 3600.0
    backoff: float = 1.0
    max_wait: float = 120.0
    max_redirects: int = 10
    hosts: Path | None = None


@dataclass(frozen=True, slots=True)
class StreamedResponse:
    """A server's answer. `framed`: it would show if the body had ended too early; `url`: who gave it in the end."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: Iterator[bytes]
    media_type: str | None
    framed: bool


class RetryableError(Exception):
    """Why a try failed, in a way that may pass; with the answer, where there was one."""

    def __init__(self, why: str, raw: Any = None, *, unreachable: bool = False) -> None:
        """`unreachable`: nothing was asked of anyone, since no way leads there."""
        super().__init__(why)
        self.raw = raw
        self.unreachable = unreachable


def streamed_response(response: requests.Response, http: HttpSettings, url: str, deadline: float) -> StreamedResponse:
    """The answer, its body yet to come; until `deadline` (monotonic) at most.

    Raises FetchError, and RetryableError on the way.
    """
    length = response.headers.get("Content-Length", "")
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    # x-gzip is an old name of gzip (RFC 9110, 8.4.1.3).
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise FetchError(
            f"the server sends the body as “{encoding}” though only gzip was offered",
            where=url,
            do="tell the publisher, or take the file from a local copy with --mirror",
        )
    if length.isdecimal() and int(length) > http.max_bytes:
        raise too_large(url, http.max_bytes)
    is_gzip = encoding.endswith("gzip")
    chunks = _chunks(response.raw, url, http, deadline)
    return StreamedResponse(
        status=response.status_code,
        url=response.url,
        headers=response.headers,
        body=_gunzip(chunks) if is_gzip else chunks,
        media_type=response.headers.get("Content-Type"),
        framed=is_gzip or length.isdecimal() or bool(response.raw.chunked),
    )


def _chunks(raw: Any, url: str, http: HttpSettings, deadline: float) -> Iterator[bytes]:
    """The body as it comes, undecoded; urllib3 raises where it ends before its Content-Length or last chunk."""
    if raw.chunked:
        pieces = raw.read_chunked(_CHUNK, decode_content=False)
    else:
        # `read` would wait for a full chunk, however slowly it comes, and the deadline would not be looked at.
        pieces = iter(lambda: raw.read1(_CHUNK, decode_content=False), b"")
    for piece in pieces:
        yield piece
        if time.monotonic() > deadline:
            raise timed_out(url, http)


def _gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decode gzip in small steps, so that a small body cannot become a large one unseen; its end must be there."""
    decoder = zlib.decompressobj(_GZIP_WBITS)
    try:
        for data in chunks:
            while data:
                # At most so many bytes at a time; the rest stays in `unconsumed_tail`.
                yield decoder.decompress(data, _CHUNK)
                data = decoder.unconsumed_tail
                if decoder.eof and decoder.unused_data.startswith(b"\x1f\x8b"):  # another member follows
                    data = decoder.unused_data
                    decoder = zlib.decompressobj(_GZIP_WBITS)
        yield decoder.flush()
    except zlib.error as problem:
        raise RetryableError(f"the body is not whole gzip ({problem})") from None
    if not decoder.eof:
        raise RetryableError("the gzip body ended too early")


def too_large(where: str, limit: int) -> FetchError:
    """The error for more bytes than allowed."""
    return FetchError(
        f"more than {limit:,} bytes",
        where=where,
        do="check the address; if the file is that large, raise CLIRLD_MAX_BYTES",
    )


def timed_out(url: str, http: HttpSettings) -> FetchError:
    """The error for more time than allowed."""
    return FetchError(f"not done in {http.total_timeout:g} s", where=url, do=RETRY_LATER)
