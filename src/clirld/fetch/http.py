"""One HTTP request that is whole or fails: tries again what may pass, refuses what will not, and says what to do.

What may pass: no connection, silence, a body that ends early, 408, 429 and 5xx. The server's Retry-After is kept to;
without one the wait is random, up to twice as long each time (so that many who failed at once do not come back at
once). Redirects are followed here: keys go to the host they are for and to no other, and each host has its turn.
"""

from __future__ import annotations

import errno
import random
import re
import socket
import time
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from urllib.parse import urljoin

import requests
import urllib3
from urllib3.util.retry import Retry

from clirld import __version__
from clirld.errors import FetchError, UnreachableError
from clirld.fetch.http_body import (
    RETRY_LATER,
    HttpSettings,
    RetryableError,
    StreamedResponse,
    streamed_response,
    timed_out,
)
from clirld.values.text import plain_text

_T = TypeVar("_T")
# 408 and 429 are the only refusals that mean "later"; of 5xx, 501 and 505 do not pass by waiting.
_RETRYABLE_STATUSES = (408, 429, 500, 502, 503, 504)
_REDIRECT_STATUSES = (301, 302, 303, 307, 308)
# Not a seeded generator: runs that failed at the same moment must not wait equally long.
_RANDOM = random.SystemRandom()


class RateLimiter(Protocol):
    """Politeness towards a host, as `get` needs it."""

    def acquire(self, url: str, deadline: float) -> AbstractContextManager[None]:
        """Wait for a turn at the host of `url`, until `deadline` (monotonic), and hold it. Raises FetchError."""
        ...

    def pause(self, url: str, seconds: float) -> None:
        """The host asked for no request at all for so long."""
        ...


class NoRateLimiter:
    """Asks at once, for where nobody is to be spared."""

    def acquire(self, _url: str, _deadline: float) -> AbstractContextManager[None]:
        """No wait."""
        return nullcontext()

    def pause(self, _url: str, _seconds: float) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask: a GET, or a POST of `data`. `headers` go to every host, `keys` to that of `url` only.

    `conditions` are asked for before each try: what is wanted may have changed by what came in the one before.
    `statuses` are those whose body is wanted, besides 304 and 206 where the conditions call for them.
    """

    url: str
    data: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    conditions: Callable[[], Mapping[str, str]] = dict
    statuses: Container[int] = (200,)


def get(
    request: Request,
    http: HttpSettings,
    save: Callable[[StreamedResponse], _T],
    limiter: RateLimiter | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[StreamedResponse, _T | None]:
    """Ask; `save` takes the body and is called again on every try.

    Gives the answer and what `save` gave, or None in its place for 304 (nothing changed).
    Raises FetchError; what `save` raises goes through, but for RetryableError, after which another try is made.
    """
    deadline = time.monotonic() + http.total_timeout
    limiter = limiter or NoRateLimiter()
    attempts = 0
    with requests.Session() as session:
        while True:
            attempts += 1
            try:
                return _attempt(session, request, http, save, limiter, deadline)
            except RetryableError as problem:
                retry_after = _retry_after(problem)
                if retry_after is not None:
                    limiter.pause(request.url, min(retry_after, http.max_wait))
                if attempts > http.retries:
                    if problem.unreachable:
                        raise UnreachableError(_NOT_REACHED, where=request.url, do=_CHECK_NETWORK) from None
                    reason = f"no whole answer in {attempts} tries: {problem}"
                    raise FetchError(reason, where=request.url, do=RETRY_LATER) from None
                sleep(_backoff(retry_after, problem, attempts, http, request.url, deadline))


def _retry_after(problem: RetryableError) -> float | None:
    """What the server's Retry-After says, in seconds."""
    if problem.raw is None:
        return None
    try:
        return Retry().get_retry_after(problem.raw)
    except urllib3.exceptions.InvalidHeader:
        return None


def _backoff(
    retry_after: float | None, problem: RetryableError, attempts: int, http: HttpSettings, url: str, deadline: float
) -> float:
    if retry_after is not None and retry_after > http.max_wait:
        raise FetchError(
            f"the server asks to come back in {retry_after:.0f} s ({problem})",
            where=url,
            do="run the source again after that time; the last good data stays published",
        )
    # The whole span is random, not only its end, so that those who failed together come back apart.
    longest = min(http.backoff * 2**attempts, http.max_wait)
    seconds = _RANDOM.uniform(0, longest) if retry_after is None else retry_after
    if time.monotonic() + seconds > deadline:
        raise timed_out(url, http)
    return seconds


def _attempt(
    session: requests.Session,
    request: Request,
    http: HttpSettings,
    save: Callable[[StreamedResponse], _T],
    limiter: RateLimiter,
    deadline: float,
) -> tuple[StreamedResponse, _T | None]:
    conditions = request.conditions()
    url, data = request.url, request.data
    for _ in range(http.max_redirects + 1):
        keys = request.keys if host(url) == host(request.url) else {}
        headers = {
            "User-Agent": f"clirld/{__version__} (+{http.contact})",
            "Accept": "*/*",
            # The rest of a gzip body could not be joined to decoded bytes: a range is of the plain body.
            "Accept-Encoding": "identity" if "Range" in conditions else "gzip",
            **request.headers,
            **conditions,
            **keys,
        }
        # The turn lasts until the body is saved, and ends before the host of a redirect is asked for its own.
        with (
            _translated_errors(request.url, http),
            limiter.acquire(url, deadline),
            _send(session, url, data, headers, http) as response,
        ):
            location = response.headers.get("Location") if response.status_code in _REDIRECT_STATUSES else None
            if location is None:
                return _handle_response(response, request, conditions, http, save, deadline)
            # After these a POST goes on as a GET; 307 and 308 keep its method and body (RFC 9110, 15.4).
            if response.status_code in (301, 302, 303):
                data = None
            url = _redirect_url(url, location)
    raise FetchError(
        f"more than {http.max_redirects} redirects, probably in a circle",
        where=request.url,
        do="open the address in a browser, and put the address of the file itself in source.yaml",
    )


def _redirect_url(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as problem:
        raise _invalid_url(url, problem) from None


def host(url: str) -> tuple[str, str]:
    """Scheme and authority: a key for https is not sent over http either."""
    scheme, _, rest = url.partition("://")
    return scheme.lower(), re.split(r"[/?#]", rest, maxsplit=1)[0].lower()


def _send(
    session: requests.Session, url: str, data: bytes | None, headers: Mapping[str, str], http: HttpSettings
) -> requests.Response:
    timeout = (http.connect_timeout, http.read_timeout)
    method = "GET" if data is None else "POST"
    return session.request(
        method, url, data=data, headers=dict(headers), stream=True, timeout=timeout, allow_redirects=False
    )


def _handle_response(
    response: requests.Response,
    request: Request,
    conditions: Mapping[str, str],
    http: HttpSettings,
    save: Callable[[StreamedResponse], _T],
    deadline: float,
) -> tuple[StreamedResponse, _T | None]:
    status = response.status_code
    if status in _RETRYABLE_STATUSES:
        raise RetryableError(f"the server answered {status} {response.reason or ''}".rstrip(), response.raw)
    if status == 304 and conditions.keys() & {"If-None-Match", "If-Modified-Since"}:
        return streamed_response(response, http, request.url, deadline), None
    # 416: there is no rest to send; what to do with that is for the one who saves.
    is_partial = status in (206, 416) and "Range" in conditions
    if status not in request.statuses and not is_partial:
        message = _error_excerpt(response) if request.data is not None else ""
        raise _status_error(status, response.url, message)
    answer = streamed_response(response, http, request.url, deadline)
    return answer, save(answer)


@contextmanager
def _translated_errors(url: str, http: HttpSettings) -> Iterator[None]:
    """Turn the library's exceptions into RetryableError, or FetchError where another try would not help."""
    try:
        yield
    # Before ConnectionError, of which it is a subclass: a certificate does not become right by waiting.
    except requests.exceptions.SSLError as problem:
        raise FetchError(
            f"no safe connection: {_root_cause(problem)}",
            where=url,
            do="check the address and this machine's clock and certificates; if they are right, tell the publisher",
        ) from None
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        raise RetryableError(f"nothing came for {http.read_timeout:g} s") from None
    except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError) as problem:
        if _is_unreachable(problem):
            raise RetryableError(_NOT_REACHED, unreachable=True) from None
        raise RetryableError(f"the connection failed ({_root_cause(problem)})") from None
    # Before HTTPError, of which it is a subclass.
    except urllib3.exceptions.LocationValueError as problem:
        raise _invalid_url(url, problem) from None
    except urllib3.exceptions.HTTPError as problem:
        raise RetryableError(f"the body ended too early or was damaged ({_root_cause(problem)})") from None
    except requests.exceptions.RequestException as problem:
        raise _invalid_url(url, problem) from None


_NOT_REACHED = "the host cannot be reached: its name is not known here, or there is no network"
_CHECK_NETWORK = (
    "check that this machine has a network, and the address; then run again: the last good data stays published. "
    "Without a network, give a folder of copies with --mirror"
)


def _is_unreachable(problem: BaseException) -> bool:
    """Whether a name was not resolved, or no way leads to its address: nothing was asked of anyone."""
    if isinstance(problem, urllib3.exceptions.NameResolutionError | socket.gaierror):
        return True
    if isinstance(problem, OSError) and problem.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
        return True
    inner = (*problem.args, getattr(problem, "reason", None), problem.__cause__, problem.__context__)
    return any(_is_unreachable(one) for one in inner if isinstance(one, BaseException))


def _invalid_url(url: str, problem: Exception) -> FetchError:
    return FetchError(
        f"not an address that can be asked: {_root_cause(problem)}",
        where=url,
        do="give an http:// or https:// address as url in source.yaml",
    )


def _error_excerpt(response: requests.Response) -> str:
    """The first words of an answer to a query: they say what is wrong with it."""
    text = plain_text(next(response.iter_content(2048, decode_unicode=False), b"").decode("utf-8", "replace"))
    return " ".join(text.split())[:200]


def _status_error(status: int, url: str, message: str = "") -> FetchError:
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
    elif message:
        what = f"the server answered {status}: “{message}”"
        do = "correct the query that source.yaml names"
    else:
        what = f"the server answered {status} instead of the file"
        do = "open the address in a browser and check url in source.yaml"
    return FetchError(what, where=url, do=do)


def _root_cause(problem: BaseException) -> str:
    """The innermost reason, on one line."""
    while (inner := next((arg for arg in problem.args if isinstance(arg, BaseException)), None)) is not None:
        problem = inner
    reason = getattr(problem, "reason", None)
    if isinstance(reason, BaseException):
        return _root_cause(reason)
    return " ".join(str(problem).split())[:200] or type(problem).__name__
