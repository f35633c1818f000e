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
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from clirld import stages
from clirld.errors import FetchError
from clirld.fetch import robots
from clirld.fetch.http import NoManners, Request, get
from clirld.fetch.http_body import Answer, HttpSettings
from clirld.fetch.robots import Robots

PROGRAM = "clirld"
_DAY = 86_400
_LONGEST_PAUSE = 3600.0
_UNAVAILABLE = frozenset({200, *range(400, 500)} - {408, 429})
_STALE = 30 * _DAY


@dataclass(frozen=True, slots=True)
class Limit:
    """What one host is asked at most; `apis` are paths where its robots.txt is not asked (see hosts.yaml)."""

    per_minute: float
    at_once: int
    source: str
    apis: tuple[str, ...] = ()


def limits() -> dict[str, Limit]:
    """The limits that ship with the package, by host; `default` for the others."""
    data = YAML(typ="safe").load(files(__package__).joinpath("hosts.yaml").read_text(encoding="utf-8"))
    return {host: Limit(**{**entry, "apis": tuple(entry.get("apis", ()))}) for host, entry in data.items()}


class Politeness:
    """Implements `clirld.http_get.Manners` with files in a folder that all runs share."""

    def __init__(
        self,
        http: HttpSettings,
        folder: Path,
        known: Mapping[str, Limit] | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`known` are limits by host, those of the package if not given."""
        self._http = http
        self._folder = folder
        self._known = limits() if known is None else known
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def turn(self, url: str, end: float) -> Iterator[None]:
        """Wait for a turn at the host of `url`, until `end` (monotonic) at most, and hold it. Raises FetchError."""
        host = _host(url)
        if host is None:  # no address: the request itself says so
            yield
            return
        limit = self._limit(host)
        place = self._place(host)
        delay = 0.0
        if not any((urlsplit(url).path or "/").startswith(prefix) for prefix in limit.apis):
            rules = self._robots(url, host, place, limit, end)
            if not rules.allows(url):
                raise FetchError(
                    f"the robots.txt of {host} asks programs not to ask for this",
                    where=url,
                    do="ask the publisher for leave, or take the file from a local copy with --mirror",
                )
            delay = rules.delay
        with self._slot(place, limit, url, end):
            self._pace(place, max(60 / limit.per_minute, delay), url, end)
            yield

    def hold(self, url: str, seconds: float) -> None:
        """The host asked for no request at all for so long: nobody here asks it before."""
        host = _host(url)
        if host is None:
            return
        with _locked(self._place(host) / "pace") as file:
            _write(file, max(self._next(file), self._clock() + min(seconds, _LONGEST_PAUSE)))

    def _place(self, host: str) -> Path:
        place = self._folder / host.replace(":", "_")
        place.mkdir(parents=True, exist_ok=True)
        return place

    def _limit(self, host: str) -> Limit:
        name = host.partition(":")[0]
        while name not in self._known and "." in name:
            name = name.partition(".")[2]
        return self._known.get(name) or self._known["default"]

    @contextmanager
    def _slot(self, place: Path, limit: Limit, url: str, end: float) -> Iterator[None]:
        while True:
            for number in range(limit.at_once):
                with (place / f"slot-{number}").open("ab") as file:
                    try:
                        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        continue
                    yield
                    return
            self._wait(0.2, url, end)

    def _pace(self, place: Path, interval: float, url: str, end: float) -> None:
        """Take the next place in the row, and wait for it."""
        with _locked(place / "pace") as file:
            now = self._clock()
            start = max(now, self._next(file))
            if time.monotonic() + start - now > end:
                raise _too_busy(url)
            _write(file, start + interval)
        if start > now:
            self._sleep(start - now)

    def _next(self, file: BinaryIO) -> float:
        """When the next request may start; what lies too far ahead is a clock that was wrong."""
        try:
            when = float(file.read().decode() or 0)
        except ValueError:
            when = 0.0
        return when if math.isfinite(when) and when <= self._clock() + 2 * _LONGEST_PAUSE else 0.0

    def _wait(self, seconds: float, url: str, end: float) -> None:
        if time.monotonic() + seconds > end:
            raise _too_busy(url)
        self._sleep(seconds)

    def _robots(self, url: str, host: str, place: Path, limit: Limit, end: float) -> Robots:
        kept = _kept(place / "robots.json")
        age = self._clock() - float(kept["asked"]) if kept else math.inf
        if kept is None or not 0 <= age < _DAY:
            try:
                with self._slot(place, limit, url, end):
                    self._pace(place, 60 / limit.per_minute, url, end)
                    kept = self._ask(f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/robots.txt")
            except FetchError as problem:
                if kept is None or not 0 <= age < _STALE:
                    raise FetchError(
                        f"the robots.txt of {host} cannot be had, so the host may not be asked now: {problem.what}",
                        where=problem.where,
                        do=problem.do,
                    ) from None
            else:
                stages.write_json(place / "robots.json", kept)
        return robots.read(kept["text"], PROGRAM)

    def _ask(self, url: str) -> dict[str, Any]:
        def take(answer: Answer) -> str:
            body = b""
            for chunk in answer.body:
                body += chunk
                if len(body) > robots.MOST:
                    break
            return body[: robots.MOST].decode("utf-8", "replace") if answer.status == 200 else ""

        _, text = get(Request(url, statuses=_UNAVAILABLE), self._http, take, NoManners(), self._sleep)
        return {"asked": self._clock(), "text": text or ""}


def _host(url: str) -> str | None:
    with suppress(ValueError):
        parts = urlsplit(url)
        name = parts.hostname or ""
        if parts.scheme in ("http", "https") and name and name.strip(".") and not set(name) & set("/\\\0"):
            return f"{name}:{parts.port}" if parts.port else name
    return None


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        yield file


def _write(file: BinaryIO, when: float) -> None:
    file.seek(0)
    file.truncate()
    file.write(f"{when:.3f}".encode())


def _kept(path: Path) -> dict[str, Any] | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return kept if isinstance(kept["text"], str) and isinstance(kept["asked"], int | float) else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _too_busy(url: str) -> FetchError:
    return FetchError(
        "no turn at this host in the time that a request may take",
        where=url,
        do="let the other runs end, then run the source again; the last good data stays published",
    )
