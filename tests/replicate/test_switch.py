"""Three replicas behind a proxy: a switch of the release without a failed request, and no session with two releases."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from clirld.replicate import upload
from clirld.replicate.bucket import Bucket
from clirld.replicate.follow import Follower
from tests.replicate.proxy import COOKIE, nginx, proxying
from tests.replicate.stores import LABEL, NEW, OLD, asked_release, load
from tests.web.served import serve_settings, serving

SPARQL = f"/sparql?{urlencode({'query': LABEL, 'format': 'csv'})}"
PATHS = (SPARQL, "/", "/catalog.ttl", "/release/manifest.json", SPARQL, "/release/dump/lieux.nq")
SESSION = 12
"""Requests of a session: four rounds of three replicas."""


@dataclass
class Visitors:
    """Visitors who come one after the other, until they are told to end; each asks several things in one session."""

    site: str
    is_sticky: bool = True
    sessions: list[set[str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    asked: int = 0
    _end: threading.Event = field(default_factory=threading.Event)

    def visit(self) -> None:
        with requests.Session() as session:
            seen = set()
            for number in range(SESSION):
                path = PATHS[number % len(PATHS)]
                answer = session.get(self.site + path, timeout=30)
                self.asked += 1
                if not self.is_sticky:
                    session.cookies.clear()
                if answer.status_code != 200:
                    self.failed.append(f"{path} {answer.status_code} {answer.text[:200]}")
                    continue
                seen.add(answer.headers["clirld-release"])
                if path == SPARQL:
                    assert answer.text.split() == ["label", answer.headers["clirld-release"]]
            self.sessions.append(seen)

    def run(self) -> None:
        while not self._end.is_set():
            self.visit()

    def end(self) -> None:
        self._end.set()


@pytest.fixture
def replicas(bucket: Bucket, tmp_path: Path) -> Iterator[tuple[list[Follower], list[str]]]:
    """Three replicas of a release, each a server with a data folder of its own."""
    upload.publish(bucket, tmp_path / "origin", load(tmp_path / "origin", asked_release(tmp_path / "origin", OLD).name))
    with ExitStack() as stack:
        followers, urls = [], []
        for number in range(3):
            data = tmp_path / f"replica-{number}"
            followers.append(Follower(bucket, data))
            followers[-1].begin()
            urls.append(stack.enter_context(serving(data, serve_settings(workers=1))))
        yield followers, urls


@pytest.mark.parametrize("proxy", ["own", "nginx"])
def test_a_switch_fails_no_request_and_no_session_sees_two_releases(
    replicas: tuple[list[Follower], list[str]], bucket: Bucket, tmp_path: Path, proxy: str
) -> None:
    if proxy == "nginx" and not shutil.which("nginx"):
        pytest.skip("nginx is not installed here: the lines of docs/replicas.md are not tried")
    followers, urls = replicas
    origin = tmp_path / "origin"
    with proxying(urls) if proxy == "own" else nginx(urls, tmp_path) as site:
        visitors = [Visitors(site), Visitors(site)]
        threads = [threading.Thread(target=one.run) for one in visitors]
        for thread in threads:
            thread.start()
        try:
            reached(visitors, 1)
            asked_release(origin, NEW)
            upload.publish(bucket, origin, load(origin, NEW))
            for follower in followers:
                follower.look()  # one after the other: meanwhile they serve two releases
                reached(visitors, 2)
                without = Visitors(site, is_sticky=False)
                without.visit()
                is_last = follower is followers[-1]
                if proxy == "own":  # what the header is for; nginx leaves one that said 503 alone for ten seconds
                    assert without.sessions == [{NEW} if is_last else {OLD, NEW}]
            reached(visitors, 2)
        finally:
            for one in visitors:
                one.end()
            for thread in threads:
                thread.join()
    assert [one.failed for one in visitors] == [[], []]
    sessions = [seen for one in visitors for seen in one.sessions]
    assert {frozenset(seen) for seen in sessions} == {frozenset({OLD}), frozenset({NEW})}


def reached(visitors: list[Visitors], more: int) -> None:
    """Wait until each has come to the end of so many sessions more."""
    wanted = [len(one.sessions) + more for one in visitors]
    while any(len(one.sessions) < number for one, number in zip(visitors, wanted, strict=True)):
        assert not any(one.failed for one in visitors), [one.failed for one in visitors]
        threading.Event().wait(0.01)


def test_a_replica_that_lags_sends_its_visitors_on(
    replicas: tuple[list[Follower], list[str]], bucket: Bucket, tmp_path: Path
) -> None:
    """One has the release; for another it is damaged on the way; the third has not looked yet."""
    followers, urls = replicas
    origin = tmp_path / "origin"
    asked_release(origin, NEW)
    upload.publish(bucket, origin, load(origin, NEW))
    followers[0].look()
    bucket._store.put(f"releases/{NEW}/manifest.json", b"damaged")
    followers[1].look()
    goes_on = {"Clirld-Release": NEW}
    assert [requests.get(url + SPARQL, headers=goes_on, timeout=20).status_code for url in urls] == [200, 503, 503]
    assert [requests.get(url + SPARQL, timeout=20).text.split()[1] for url in urls] == [NEW, OLD, OLD]
    with proxying(urls) as site:
        told = [requests.get(site + SPARQL, cookies={COOKIE: NEW}, timeout=20) for _ in range(6)]
    assert {(answer.status_code, answer.headers["clirld-release"]) for answer in told} == {(200, NEW)}
