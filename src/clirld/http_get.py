"""One HTTP GET that is whole or fails: tries again what may pass, refuses what will not, and says what to do.

What may pass: no connection, silence, a body that ends early, 408, 429 and 5xx. The server's Retry-After is kept to.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import requests
import urllib3
from urllib3.util.retry import Retry

from clirld import __version__
from clirld.errors import FetchError

_T = TypeVar("_T")
_CHUNK = 1 << 16
_PASSING_STATUS = (408, 429, 500, 502, 503, 504)
_GZIP = 31  # zlib's wbits for the gzip format

_LATER = (
    "try again later: the last good data stays published; if it lasts, tell the publisher, "
    "or take the file from a local copy with --mirror"
)


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """How to behave towards servers. Times are seconds, sizes bytes (of the decoded body)."""

    contact: str
    connect_timeout: float = 15.0
    read_timeout: float = 60.0
    total_timeout: float = 3600.0
    retries: int = 4
    backoff: float = 1.0
    longest_wait: float = 120.0
    redirects: int = 10
    max_bytes: int = 4 * 1024**3


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer with status 200 or 304. `framed`: it would show if the body had ended too early."""

    headers: Mapping[str, str]
    body: Iterator[bytes]
    media_type: str | None
    framed: bool


class _Passing(Exception):  # noqa: N818 (not an error yet: the next try may do)
    """Why a try failed, in a way that may pass; with the answer, where there was one."""

    def __init__(self, why: str, raw: Any = None) -> None:
        super().__init__(why)
        self.raw = raw


def get(
    url: str, http: HttpSettings, conditions: Mapping[str, str], save: Callable[[Answer], _T]
) -> tuple[Answer, _T | None]:
    """GET `url` with `conditions` (If-None-Match, …); `save` takes the body and is called again on every try.

    Gives the answer and what `save` gave, or None in its place for 304 (nothing changed).
    Raises FetchError; what `save` raises goes through.
    """
    end = time.monotonic() + http.total_timeout
    retry = Retry(total=http.retries, backoff_factor=http.backoff, backoff_max=http.longest_wait)
    with requests.Session() as session:
        session.max_redirects = http.redirects
        while True:
            try:
                return _try(session, url, http, conditions, save, end)
            except _Passing as problem:
                try:
                    retry = retry.increment("GET", url)
                except urllib3.exceptions.MaxRetryError:
                    tries = http.retries + 1
                    raise FetchError(f"no whole answer in {tries} tries: {problem}", where=url, do=_LATER) from None
                _wait(retry, problem, http, url, end)


def _wait(retry: Retry, problem: _Passing, http: HttpSettings, url: str, end: float) -> None:
    asked = None
    if problem.raw is not None:
        try:
            asked = retry.get_retry_after(problem.raw)
        except urllib3.exceptions.InvalidHeader:
            asked = None
    seconds = retry.get_backoff_time() if asked is None else asked
    if asked is not None and asked > http.longest_wait:
        raise FetchError(
            f"the server asks to come back in {asked:.0f} s ({problem})",
            where=url,
            do="run the source again after that time; the last good data stays published",
        )
    if time.monotonic() + seconds > end:
        raise _too_long(url, http)
    time.sleep(seconds)


def _try(
    session: requests.Session,
    url: str,
    http: HttpSettings,
    conditions: Mapping[str, str],
    save: Callable[[Answer], _T],
    end: float,
) -> tuple[Answer, _T | None]:
    headers = {
        "User-Agent": f"clirld/{__version__} (+{http.contact})",
        "Accept": "*/*",
        "Accept-Encoding": "gzip",
        **conditions,
    }
    timeout = (http.connect_timeout, http.read_timeout)
    try:
        with session.get(url, headers=headers, stream=True, timeout=timeout) as response:
            status = response.status_code
            if status in _PASSING_STATUS:
                raise _Passing(f"the server answered {status} {response.reason or ''}".rstrip(), response.raw)
            if status == 304 and conditions:
                return _answer(response, http, url, end), None
            if status != 200:
                raise _refused(status, response.url)
            answer = _answer(response, http, url, end)
            return answer, save(answer)
    except requests.exceptions.TooManyRedirects:
        raise FetchError(
            f"more than {http.redirects} redirects, probably in a circle",
            where=url,
            do="open the address in a browser, and put the address of the file itself in source.yaml",
        ) from None
    except requests.exceptions.SSLError as problem:
        raise FetchError(
            f"no safe connection: {_short(problem)}",
            where=url,
            do="check the address and this machine's clock and certificates; if they are right, tell the publisher",
        ) from None
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        raise _Passing(f"nothing came for {http.read_timeout:g} s") from None
    except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError) as problem:
        raise _Passing(f"the connection failed ({_short(problem)})") from None
    except urllib3.exceptions.LocationValueError as problem:
        raise _no_address(url, problem) from None
    except urllib3.exceptions.HTTPError as problem:
        raise _Passing(f"the body ended too early or was damaged ({_short(problem)})") from None
    except requests.exceptions.RequestException as problem:
        raise _no_address(url, problem) from None


def _answer(response: requests.Response, http: HttpSettings, url: str, end: float) -> Answer:
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
            raise _too_long(url, http)


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
        raise _Passing(f"the body is not whole gzip ({problem})") from None
    if not decoder.eof:
        raise _Passing("the gzip body ended too early")


def too_large(where: str, limit: int) -> FetchError:
    """The error for more bytes than allowed."""
    return FetchError(
        f"more than {limit:,} bytes",
        where=where,
        do="check the address; if the file is that large, raise CLIRLD_MAX_BYTES",
    )


def _no_address(url: str, problem: Exception) -> FetchError:
    return FetchError(
        f"not an address that can be asked: {_short(problem)}",
        where=url,
        do="give an http:// or https:// address as url in source.yaml",
    )


def _too_long(url: str, http: HttpSettings) -> FetchError:
    return FetchError(f"not done in {http.total_timeout:g} s", where=url, do=_LATER)


def _refused(status: int, url: str) -> FetchError:
    if status in (404, 410):
        what = f"the file is gone (the server answered {status})"
        do = (
            "find the new address on the publisher's page and put it in url of source.yaml; for data.gouv.fr take "
            "the stable one, https://www.data.gouv.fr/datasets/r/<resource id>"
        )
    elif status in (401, 403, 407, 451):
        what = f"the server refuses to give the file (it answered {status})"
        do = (
            "open the address in a browser: if it opens there, the publisher refuses programs; ask the publisher, "
            "or take the file from a local copy with --mirror"
        )
    else:
        what = f"the server answered {status} instead of the file"
        do = "open the address in a browser and check url in source.yaml"
    return FetchError(what, where=url, do=do)


def _short(problem: BaseException) -> str:
    """The innermost reason, on one line."""
    while (inner := next((arg for arg in problem.args if isinstance(arg, BaseException)), None)) is not None:
        problem = inner
    reason = getattr(problem, "reason", None)
    if isinstance(reason, BaseException):
        return _short(reason)
    return " ".join(str(problem).split())[:200] or type(problem).__name__
