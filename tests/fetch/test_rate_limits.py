"""Politeness: rates, turns, pauses and robots.txt, kept to by all processes together."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from clirld.errors import FetchError
from clirld.fetch import robots
from clirld.fetch.client import WebClient
from clirld.fetch.http_body import HttpSettings
from clirld.fetch.rate_limits import HostRateLimiter, RateLimit, default_limits
from tests.servers import CSV, Handler, http_settings, serving

HTTP = http_settings(contact="https://example.org/", read_timeout=60, retries=0, backoff=0)
API = RateLimit(per_minute=60, at_once=1, source="a test", apis=("/",))


class Clock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


def polite(folder: Path, clock: Clock, limit: RateLimit = API, http: HttpSettings = HTTP) -> HostRateLimiter:
    return HostRateLimiter(http, folder, {"default": limit}, clock, clock.sleep)


def ask(manners: HostRateLimiter, url: str = "http://x.fr/a") -> None:
    with manners.acquire(url, time.monotonic() + 1000):
        pass


def test_requests_are_spread_over_the_minute_for_all_processes(tmp_path: Path) -> None:
    clock = Clock()
    first, second = polite(tmp_path, clock), polite(tmp_path, clock)
    for manners in (first, second, first):
        ask(manners)
    assert clock.slept == [1, 1]
    ask(first, "http://y.fr/a")  # another host has a row of its own
    assert clock.slept == [1, 1]


def test_time_that_went_by_is_not_saved_up(tmp_path: Path) -> None:
    clock = Clock()
    manners = polite(tmp_path, clock)
    ask(manners)
    clock.now += 3600
    for _ in range(3):
        ask(manners)
    assert clock.slept == [1, 1]


def test_a_clock_that_was_wrong_stops_nobody_for_long(tmp_path: Path) -> None:
    clock = Clock()
    clock.now += 10_000_000
    ask(polite(tmp_path, clock))
    clock.now -= 10_000_000
    ask(polite(tmp_path, clock))
    assert clock.slept == []


@pytest.mark.parametrize("rubbish", [b"", b"nan", b"x", b"\xff"])
def test_a_damaged_pace_is_begun_anew(tmp_path: Path, rubbish: bytes) -> None:
    clock = Clock()
    (tmp_path / "x.fr").mkdir()
    (tmp_path / "x.fr" / "pace").write_bytes(rubbish)
    ask(polite(tmp_path, clock))
    assert clock.slept == []


def test_a_pause_that_the_server_asked_for_holds_for_everybody(tmp_path: Path) -> None:
    clock = Clock()
    polite(tmp_path, clock).pause("http://x.fr/b", 42)
    ask(polite(tmp_path, clock))
    assert clock.slept == [42]


def test_so_many_at_once_and_no_more(tmp_path: Path) -> None:
    clock = Clock()
    manners = polite(tmp_path, clock, replace(API, at_once=2, per_minute=6e9))
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(manners.acquire("http://x.fr/", time.monotonic() + 10))
        assert clock.slept == []
        with pytest.raises(FetchError, match="no turn at this host") as error:
            stack.enter_context(manners.acquire("http://x.fr/", time.monotonic() + 0.1))
        assert "last good data stays" in error.value.do
    ask(manners)


def hold(folder: Path, ready: Callable[[], None], over: Callable[[float], bool]) -> None:
    with polite(folder, Clock()).acquire("http://x.fr/", time.monotonic() + 10):
        ready()
        over(60)


def test_a_turn_is_held_against_other_processes_and_given_back_by_their_death(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, over = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path, ready.set, over.wait))
    other.start()
    try:
        assert ready.wait(60)
        with pytest.raises(FetchError, match="no turn"), polite(tmp_path, Clock()).acquire("http://x.fr/", 0):
            pass
    finally:
        other.kill()
        other.join()
    ask(polite(tmp_path, Clock()))


def test_the_limits_that_ship_are_those_that_hosts_state() -> None:
    known = default_limits()
    assert known["recherche-entreprises.api.gouv.fr"].per_minute == 7 * 60
    assert known["api.insee.fr"].per_minute == 30
    assert known["overpass-api.de"].at_once == 2
    assert known["default"].at_once == 1
    assert all(one.source and one.at_once >= 1 and one.per_minute > 0 for one in known.values())


def test_a_subdomain_has_the_limit_of_its_longest_ending(tmp_path: Path) -> None:
    manners = HostRateLimiter(HTTP, tmp_path)
    assert manners._limit_of("lz4.overpass-api.de").at_once == 2
    assert manners._limit_of("nobody.example") == default_limits()["default"]


# robots.txt --------------------------------------------------------------------------------------

RULES = """
User-agent: clirld
User-agent: other
Disallow: /private   # not here
Allow: /private/open
Disallow: /*.zip$
Crawl-delay: 5

User-agent: *
Disallow: /
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True), ("/private", False), ("/private/x", False), ("/private/open/a", True), ("/a.zip", False),
        ("/a.zip?x=1", True), ("/%70rivate", False), ("/x/private", True),
    ],
)  # fmt: skip
def test_the_longest_rule_of_our_group_decides(path: str, allowed: bool) -> None:
    rules = robots.parse(RULES, "clirld")
    assert rules.delay == 5
    assert rules.allows(f"https://x.fr{path}") == allowed
    assert not robots.parse(RULES, "somebody").allows("https://x.fr/")
    assert robots.parse("", "clirld").allows("https://x.fr/a")
    assert robots.parse("User-agent: *\nDisallow:", "clirld").allows("https://x.fr/a")


def robots_server(status: int, body: bytes = b"") -> Callable[[Handler, int], None]:
    def behave(handler: Handler, _: int) -> None:
        handler.reply(status, body) if handler.path == "/robots.txt" else handler.reply(200, CSV)

    return behave


def client(folder: Path, clock: Clock) -> WebClient:
    return WebClient(HTTP, polite(folder, clock, replace(API, apis=())))


def test_robots_is_asked_once_a_day_and_kept_to(tmp_path: Path) -> None:
    clock = Clock()
    with serving(robots_server(200, b"User-agent: *\nDisallow: /data.csv\nCrawl-delay: 7\n")) as server:
        other = server.url.replace("data.csv", "other.csv")
        with pytest.raises(FetchError, match="asks programs not to ask") as error:
            client(tmp_path, clock).get(server.url)
        assert "ask the publisher" in error.value.do
        for _ in range(2):
            client(tmp_path, clock).get(other)
        assert [one.path for one in server.served] == ["/robots.txt", "/other.csv", "/other.csv"]
        assert 7 in clock.slept
        clock.now += 90_000
        client(tmp_path, clock).get(other)
        assert [one.path for one in server.served][3:] == ["/robots.txt", "/other.csv"]


@pytest.mark.parametrize("status", [404, 403, 401])
def test_no_robots_is_leave(tmp_path: Path, status: int) -> None:
    with serving(robots_server(status)) as server:
        assert client(tmp_path, Clock()).get(server.url).body == CSV


@pytest.mark.parametrize("status", [500, 503, 429])
def test_robots_that_cannot_be_had_is_not_now(tmp_path: Path, status: int) -> None:
    with serving(robots_server(status)) as server:
        with pytest.raises(FetchError, match="may not be asked now") as error:
            client(tmp_path, Clock()).get(server.url)
        assert [one.path for one in server.served] == ["/robots.txt"]
    assert "later" in error.value.do


def test_robots_of_last_week_do_where_there_is_no_newer(tmp_path: Path) -> None:
    clock = Clock()
    status = 200

    def behave(handler: Handler, number: int) -> None:
        robots_server(status, b"User-agent: *\nDisallow: /secret\n")(handler, number)

    with serving(behave) as server:
        client(tmp_path, clock).get(server.url)
        clock.now += 7 * 86_400
        status = 503
        assert client(tmp_path, clock).get(server.url).body == CSV
        with pytest.raises(FetchError, match="asks programs not"):
            client(tmp_path, clock).get(server.url.replace("data.csv", "secret"))
        clock.now += 40 * 86_400
        with pytest.raises(FetchError, match="may not be asked now"):
            client(tmp_path, clock).get(server.url)


def test_a_documented_interface_is_asked_by_its_terms(tmp_path: Path) -> None:
    manners = polite(tmp_path, Clock(), replace(API, apis=("/data",)))
    with serving(robots_server(200, b"User-agent: *\nDisallow: /\n")) as server:
        assert WebClient(HTTP, manners).get(server.url).body == CSV
        with pytest.raises(FetchError, match="asks programs not"):
            WebClient(HTTP, manners).get(server.url.replace("data.csv", "page"))
