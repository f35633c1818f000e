"""One HTTP request that is whole or fails: tries again what may pass, refuses what will not, and says what to do.

What may pass: no connection, silence, a body that ends early, 408, 429 and 5xx. The server's Retry-After is kept to;
without one the wait is random, up to twice as long each time (so that many who failed at once do not come back at
once). Redirects are followed here: keys go to the host they are for and to no other, and each host has its turn.
"""

from __future__ import annotations

import random
import re
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
from clirld.errors import FetchError
from clirld.fetch.http_body import LATER, Answer, HttpSettings, Passing, answer_of, too_long
from clirld.values.text import plain_text

_T = TypeVar("_T")
_PASSING_STATUS = (408, 429, 500, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
_CHANCE = random.SystemRandom()


class Manners(Protocol):
    """Politeness towards a host, as `get` needs it."""

    def turn(self, url: str, end: float) -> AbstractContextManager[None]:
        """Wait for a turn at the host of `url`, until `end` (monotonic) at most, and hold it. Raises FetchError."""
        ...

    def hold(self, url: str, seconds: float) -> None:
        """The host asked for no request at all for so long."""
        ...


class NoManners:
    """Asks at once, for where nobody is to be spared."""

    def turn(self, _url: str, _end: float) -> AbstractContextManager[None]:
        """No wait."""
        return nullcontext()

    def hold(self, _url: str, _seconds: float) -> None:
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
    save: Callable[[Answer], _T],
    manners: Manners | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Answer, _T | None]:
    """Ask; `save` takes the body and is called again on every try.

    Gives the answer and what `save` gave, or None in its place for 304 (nothing changed).
    Raises FetchError; what `save` raises goes through, but for Passing, after which another try is made.
    """
    end = time.monotonic() + http.total_timeout
    manners = manners or NoManners()
    tries = 0
    with requests.Session() as session:
        while True:
            tries += 1
            try:
                return _try(session, request, http, save, manners, end)
            except Passing as problem:
                asked = _asked(problem)
                if asked is not None:
                    manners.hold(request.url, min(asked, http.longest_wait))
                if tries > http.retries:
                    why = f"no whole answer in {tries} tries: {problem}"
                    raise FetchError(why, where=request.url, do=LATER) from None
                sleep(_wait(asked, problem, tries, http, request.url, end))


def _asked(problem: Passing) -> float | None:
    """What the server's Retry-After says, in seconds."""
    if problem.raw is None:
        return None
    try:
        return Retry().get_retry_after(problem.raw)
    except urllib3.exceptions.InvalidHeader:
        return None


def _wait(asked: float | None, problem: Passing, tries: int, http: HttpSettings, url: str, end: float) -> float:
    if asked is not None and asked > http.longest_wait:
        raise FetchError(
            f"the server asks to come back in {asked:.0f} s ({problem})",
            where=url,
            do="run the source again after that time; the last good data stays published",
        )
    most = min(http.backoff * 2**tries, http.longest_wait)
    seconds = _CHANCE.uniform(0, most) if asked is None else asked
    if time.monotonic() + seconds > end:
        raise too_long(url, http)
    return seconds


def _try(
    session: requests.Session,
    request: Request,
    http: HttpSettings,
    save: Callable[[Answer], _T],
    manners: Manners,
    end: float,
) -> tuple[Answer, _T | None]:
    conditions = request.conditions()
    url, data = request.url, request.data
    for _ in range(http.redirects + 1):
        keys = request.keys if host(url) == host(request.url) else {}
        headers = {
            "User-Agent": f"clirld/{__version__} (+{http.contact})",
            "Accept": "*/*",
            "Accept-Encoding": "identity" if "Range" in conditions else "gzip",
            **request.headers,
            **conditions,
            **keys,
        }
        with _passing(request.url, http), manners.turn(url, end), _ask(session, url, data, headers, http) as response:
            target = response.headers.get("Location") if response.status_code in _REDIRECTS else None
            if target is None:
                return _taken(response, request, conditions, http, save, end)
            if response.status_code in (301, 302, 303):
                data = None
            url = _next(url, target)
    raise FetchError(
        f"more than {http.redirects} redirects, probably in a circle",
        where=request.url,
        do="open the address in a browser, and put the address of the file itself in source.yaml",
    )


def _next(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError as problem:
        raise _no_address(url, problem) from None


def host(url: str) -> tuple[str, str]:
    """Scheme and authority: a key for https is not sent over http either."""
    scheme, _, rest = url.partition("://")
    return scheme.lower(), re.split(r"[/?#]", rest, maxsplit=1)[0].lower()


def _ask(
    session: requests.Session, url: str, data: bytes | None, headers: Mapping[str, str], http: HttpSettings
) -> requests.Response:
    timeout = (http.connect_timeout, http.read_timeout)
    method = "GET" if data is None else "POST"
    return session.request(
        method, url, data=data, headers=dict(headers), stream=True, timeout=timeout, allow_redirects=False
    )


def _taken(
    response: requests.Response,
    request: Request,
    conditions: Mapping[str, str],
    http: HttpSettings,
    save: Callable[[Answer], _T],
    end: float,
) -> tuple[Answer, _T | None]:
    status = response.status_code
    if status in _PASSING_STATUS:
        raise Passing(f"the server answered {status} {response.reason or ''}".rstrip(), response.raw)
    if status == 304 and conditions.keys() & {"If-None-Match", "If-Modified-Since"}:
        return answer_of(response, http, request.url, end), None
    partial = status in (206, 416) and "Range" in conditions
    if status not in request.statuses and not partial:
        said = _said(response) if request.data is not None else ""
        raise _refused(status, response.url, said)
    answer = answer_of(response, http, request.url, end)
    return answer, save(answer)


@contextmanager
def _passing(url: str, http: HttpSettings) -> Iterator[None]:
    """Turn the library's exceptions into Passing, or FetchError where another try would not help."""
    try:
        yield
    except requests.exceptions.SSLError as problem:
        raise FetchError(
            f"no safe connection: {_short(problem)}",
            where=url,
            do="check the address and this machine's clock and certificates; if they are right, tell the publisher",
        ) from None
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        raise Passing(f"nothing came for {http.read_timeout:g} s") from None
    except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError) as problem:
        raise Passing(f"the connection failed ({_short(problem)})") from None
    except urllib3.exceptions.LocationValueError as problem:
        raise _no_address(url, problem) from None
    except urllib3.exceptions.HTTPError as problem:
        raise Passing(f"the body ended too early or was damaged ({_short(problem)})") from None
    except requests.exceptions.RequestException as problem:
        raise _no_address(url, problem) from None


def _no_address(url: str, problem: Exception) -> FetchError:
    return FetchError(
        f"not an address that can be asked: {_short(problem)}",
        where=url,
        do="give an http:// or https:// address as url in source.yaml",
    )


def _said(response: requests.Response) -> str:
    """The first words of an answer to a query: they say what is wrong with it."""
    text = plain_text(next(response.iter_content(2048, decode_unicode=False), b"").decode("utf-8", "replace"))
    return " ".join(text.split())[:200]


def _refused(status: int, url: str, said: str = "") -> FetchError:
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
    elif said:
        what = f"the server answered {status}: “{said}”"
        do = "correct the query that source.yaml names"
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
