"""Politeness towards hosts, across all processes on this machine: turns, rates, pauses asked for, robots.txt.

    <folder>/<host>/slot-<n>      locked as long as a request runs: so many at once
                    pace          when the next request may start (seconds since 1970)
                    robots.json   its robots.txt, asked again after a day

A process that is killed loses its locks: nothing has to be tidied.
"""

from __future__ import annotations

import fcntl
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from clirld import stages, yamlfile
from clirld.errors import FetchError, UnreachableError
from clirld.fetch import robots
from clirld.fetch.http import NoRateLimiter, Request, get
from clirld.fetch.http_body import HttpSettings, StreamedResponse
from clirld.fetch.robots import Robots

USER_AGENT = "clirld"
# RFC 9309: a copy of a robots.txt serves for 24 hours (2.4), longer only while it cannot be reached (2.3.1.4).
_DAY = 86_400
# However long a Retry-After is, it must not stop a host for all the runs to come.
_MAX_PAUSE = 3600.0
# A robots.txt that is refused or absent (4xx) allows everything (RFC 9309, 2.3.1.3); 408 and 429 say "later".
_USABLE_STATUSES = frozenset({200, *range(400, 500)} - {408, 429})
_MAX_STALE = 30 * _DAY


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What one host is asked at most; `apis` are paths where its robots.txt is not asked (see rate_limits.yaml)."""

    per_minute: float
    at_once: int
    source: str
    apis: tuple[str, ...] = ()


def default_limits() -> dict[str, RateLimit]:
    """The limits that ship with the package, by host; `default` for the others."""
    data = yamlfile.shipped(__package__, "rate_limits.yaml")
    return {host: RateLimit(**{**entry, "apis": tuple(entry.get("apis", ()))}) for host, entry in data.items()}


class HostRateLimiter:
    """Implements `clirld.fetch.http.RateLimiter` with files in a folder that all runs share."""

    def __init__(
        self,
        http: HttpSettings,
        folder: Path,
        limits: Mapping[str, RateLimit] | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`limits` are limits by host, those of the package if not given."""
        self._http = http
        self._folder = folder
        self._limits = default_limits() if limits is None else limits
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def acquire(self, url: str, deadline: float) -> Iterator[None]:
        """Wait for a turn at the host of `url`, until `deadline` (monotonic), and hold it. Raises FetchError."""
        host = _host(url)
        if host is None:  # no address: the request itself says so
            yield
            return
        limit = self._limit_of(host)
        folder = self._host_folder(host)
        crawl_delay = 0.0
        if not any((urlsplit(url).path or "/").startswith(prefix) for prefix in limit.apis):
            rules = self._robots(url, host, folder, limit, deadline)
            if not rules.allows(url):
                raise FetchError(
                    f"the robots.txt of {host} asks programs not to ask for this",
                    where=url,
                    do="ask the publisher for leave, or take the file from a local copy with --mirror",
                )
            crawl_delay = rules.delay
        with self._slot(folder, limit, url, deadline):
            self._pace(folder, max(60 / limit.per_minute, crawl_delay), url, deadline)
            yield

    def pause(self, url: str, seconds: float) -> None:
        """The host asked for no request at all for so long: nobody here asks it before."""
        host = _host(url)
        if host is None:
            return
        with _locked_file(self._host_folder(host) / "pace") as file:
            _write_time(file, max(self._next_start(file), self._clock() + min(seconds, _MAX_PAUSE)))

    def _host_folder(self, host: str) -> Path:
        folder = self._folder / host.replace(":", "_")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _limit_of(self, host: str) -> RateLimit:
        name = host.partition(":")[0]
        # From the host itself to the domains above it: a limit of data.gouv.fr holds for www.data.gouv.fr.
        while name not in self._limits and "." in name:
            name = name.partition(".")[2]
        return self._limits.get(name) or self._limits["default"]

    @contextmanager
    def _slot(self, folder: Path, limit: RateLimit, url: str, deadline: float) -> Iterator[None]:
        while True:
            for number in range(limit.at_once):
                with (folder / f"slot-{number}").open("ab") as file:
                    try:
                        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        continue
                    yield
                    return
            self._wait(0.2, url, deadline)

    def _pace(self, folder: Path, interval: float, url: str, deadline: float) -> None:
        """Take the next place in the row, and wait for it."""
        with _locked_file(folder / "pace") as file:
            now = self._clock()
            start = max(now, self._next_start(file))
            # The file has the time of day, which processes share; the deadline is monotonic, so only the wait is added.
            if time.monotonic() + start - now > deadline:
                raise _too_busy(url)
            _write_time(file, start + interval)
        if start > now:
            self._sleep(start - now)

    def _next_start(self, file: BinaryIO) -> float:
        """When the next request may start; what lies too far ahead is a clock that was wrong."""
        try:
            when = float(file.read().decode() or 0)
        except ValueError:
            when = 0.0
        return when if math.isfinite(when) and when <= self._clock() + 2 * _MAX_PAUSE else 0.0

    def _wait(self, seconds: float, url: str, deadline: float) -> None:
        if time.monotonic() + seconds > deadline:
            raise _too_busy(url)
        self._sleep(seconds)

    def _robots(self, url: str, host: str, folder: Path, limit: RateLimit, deadline: float) -> Robots:
        cached = _cached_robots(folder / "robots.json")
        age = self._clock() - float(cached["asked"]) if cached else math.inf
        if cached is None or not 0 <= age < _DAY:
            try:
                with self._slot(folder, limit, url, deadline):
                    self._pace(folder, 60 / limit.per_minute, url, deadline)
                    cached = self._fetch_robots(f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/robots.txt")
            except FetchError as problem:
                if cached is None or not 0 <= age < _MAX_STALE:
                    if isinstance(problem, UnreachableError):  # it is not the robots.txt that is the matter
                        raise UnreachableError(problem.what, where=url, do=problem.do) from None
                    raise FetchError(
                        f"the robots.txt of {host} cannot be had, so the host may not be asked now: {problem.what}",
                        where=problem.where,
                        do=problem.do,
                    ) from None
            else:
                stages.write_json(folder / "robots.json", cached)
        return robots.parse(cached["text"], USER_AGENT)

    def _fetch_robots(self, url: str) -> dict[str, Any]:
        def take(answer: StreamedResponse) -> str:
            body = b""
            for chunk in answer.body:
                body += chunk
                if len(body) > robots.MAX_BYTES:
                    break
            return body[: robots.MAX_BYTES].decode("utf-8", "replace") if answer.status == 200 else ""

        _, text = get(Request(url, statuses=_USABLE_STATUSES), self._http, take, NoRateLimiter(), self._sleep)
        return {"asked": self._clock(), "text": text or ""}


def _host(url: str) -> str | None:
    with suppress(ValueError):
        parts = urlsplit(url)
        name = parts.hostname or ""
        if parts.scheme in ("http", "https") and name and name.strip(".") and not set(name) & set("/\\\0"):
            return f"{name}:{parts.port}" if parts.port else name
    return None


@contextmanager
def _locked_file(path: Path) -> Iterator[BinaryIO]:
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        yield file


def _write_time(file: BinaryIO, when: float) -> None:
    file.seek(0)
    file.truncate()
    file.write(f"{when:.3f}".encode())


def _cached_robots(path: Path) -> dict[str, Any] | None:
    try:
        cached = json.loads(path.read_text(encoding="utf-8"))
        return cached if isinstance(cached["text"], str) and isinstance(cached["asked"], int | float) else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _too_busy(url: str) -> FetchError:
    return FetchError(
        "no turn at this host in the time that a request may take",
        where=url,
        do="let the other runs end, then run the source again; the last good data stays published",
    )
