"""What comes over HTTP: settings for it, an answer and its body, decoded in small steps within its limits.

A body that ends before its length, its last chunk or the end of its gzip raises Passing: another try may do.
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
_GZIP = 31  # zlib's wbits for the gzip format

LATER = (
    "try again later: the last good data stays published; if it lasts, tell the publisher, "
    "or take the file from a local copy with --mirror"
)


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """How to behave towards servers. Times are seconds, sizes bytes (of the decoded body).

    `hosts` is the folder where the turns of each host are kept (`clirld.fetch.rate_limits`); without it none are taken.
    """

    contact: str
    connect_timeout: float = 15.0
    read_timeout: float = 60.0
    total_timeout: float = 3600.0
    retries: int = 4
    backoff: float = 1.0
    longest_wait: float = 120.0
    redirects: int = 10
    max_bytes: int = 4 * 1024**3
    max_run_bytes: int = 16 * 1024**3
    hosts: Path | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer. `framed`: it would show if the body had ended too early; `url`: who gave it in the end."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: Iterator[bytes]
    media_type: str | None
    framed: bool


class Passing(Exception):  # noqa: N818 (not an error yet: the next try may do)
    """Why a try failed, in a way that may pass; with the answer, where there was one."""

    def __init__(self, why: str, raw: Any = None) -> None:
        super().__init__(why)
        self.raw = raw


def answer_of(response: requests.Response, http: HttpSettings, url: str, end: float) -> Answer:
    """The answer, its body yet to come; until `end` (monotonic) at most. Raises FetchError, and Passing on the way."""
    length = response.headers.get("Content-Length", "")
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise FetchError(
            f"the server sends the body as “{encoding}” though only gzip was offered",
            where=url,
            do="tell the publisher, or take the file from a local copy with --mirror",
        )
    if length.isdecimal() and int(length) > http.max_bytes:
        raise too_large(url, http.max_bytes)
    zipped = encoding.endswith("gzip")
    chunks = _chunks(response.raw, url, http, end)
    return Answer(
        status=response.status_code,
        url=response.url,
        headers=response.headers,
        body=_gunzip(chunks) if zipped else chunks,
        media_type=response.headers.get("Content-Type"),
        framed=zipped or length.isdecimal() or bool(response.raw.chunked),
    )


def _chunks(raw: Any, url: str, http: HttpSettings, end: float) -> Iterator[bytes]:
    """The body as it comes, undecoded; urllib3 raises where it ends before its Content-Length or last chunk."""
    if raw.chunked:
        pieces = raw.read_chunked(_CHUNK, decode_content=False)
    else:
        pieces = iter(lambda: raw.read1(_CHUNK, decode_content=False), b"")
    for piece in pieces:
        yield piece
        if time.monotonic() > end:
            raise too_long(url, http)


def _gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decode gzip in small steps, so that a small body cannot become a large one unseen; its end must be there."""
    decoder = zlib.decompressobj(_GZIP)
    try:
        for data in chunks:
            while data:
                yield decoder.decompress(data, _CHUNK)
                data = decoder.unconsumed_tail
                if decoder.eof and decoder.unused_data.startswith(b"\x1f\x8b"):  # another member follows
                    data = decoder.unused_data
                    decoder = zlib.decompressobj(_GZIP)
        yield decoder.flush()
    except zlib.error as problem:
        raise Passing(f"the body is not whole gzip ({problem})") from None
    if not decoder.eof:
        raise Passing("the gzip body ended too early")


def too_large(where: str, limit: int) -> FetchError:
    """The error for more bytes than allowed."""
    return FetchError(
        f"more than {limit:,} bytes",
        where=where,
        do="check the address; if the file is that large, raise CLIRLD_MAX_BYTES",
    )


def too_long(url: str, http: HttpSettings) -> FetchError:
    """The error for more time than allowed."""
    return FetchError(f"not done in {http.total_timeout:g} s", where=url, do=LATER)
