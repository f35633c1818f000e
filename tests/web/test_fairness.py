"""Nobody waits for anybody else's long query; answers come while they are computed; processes that die are replaced."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import requests

from tests.web.served import make_release, serve_settings, serving, switch
from tests.web.test_limits import ENDLESS, LABEL, ask, children, label, queries_begun, until, workers

ENDLESS_GRAPH = "CONSTRUCT { ?a ?e ?c } WHERE { ?a ?b ?c . ?d ?e ?f }"
UNKNOWN = "SELECT ?o { <http://example.org/release> ?p ?o FILTER(STRLEN(STR(?o)) > 0) }"
"""Short, but no lookup by its form."""


@pytest.fixture(scope="module")
def patient(data: Path) -> Iterator[str]:
    """A server behind a proxy, where a long query has far more time than any test takes, and waits as long."""
    with serving(data, serve_settings(timeout=600, workers=2, max_wait=600, trusted_proxies=1)) as address:
        yield address


def from_client(site: str, client: str, query: str, timeout: float = 120) -> requests.Response:
    return requests.get(f"{site}/sparql", {"query": query}, headers={"x-forwarded-for": client}, timeout=timeout)


class Asking:
    """Long queries that go on until the context is left; within it, each of them has begun once (`begun` counts)."""

    def __init__(self, site: str, client: str, queries: list[str], begun: threading.Semaphore) -> None:
        self._begun = begun
        self._connections = []
        for query in queries:
            connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=600)
            connection.request("GET", "/sparql?query=" + quote(query), headers={"x-forwarded-for": client})
            self._connections.append(connection)

    def __enter__(self) -> Asking:
        for _ in self._connections:
            assert self._begun.acquire(timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._connections:
            connection.close()


def test_short_queries_wait_for_no_long_one(patient: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = [f"{ENDLESS} # {number}" for number in range(12)]
    with Asking(patient, "192.0.2.1", hostile, queries_begun(monkeypatch)):
        for number in range(20):
            for query in (LABEL, UNKNOWN):
                answer = from_client(patient, "198.51.100.1", f"{query} # {number}")
                assert answer.status_code == 200, answer.text
    assert label(patient) == "one"


def test_a_burst_of_lookups_is_answered(data: Path) -> None:
    with serving(data, serve_settings()) as site, ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda number: ask(site, f"{LABEL} # {number}").status_code, range(100)))
    assert answers == [200] * 100


def test_a_heavy_query_of_another_client_gets_its_turn(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One client has six long queries; that of another, who came last, runs to its limit before the last of them."""
    settings = serve_settings(timeout=1.5, workers=1, max_wait=60, trusted_proxies=1)
    begun = queries_begun(monkeypatch)
    with serving(data, settings) as site, ThreadPoolExecutor(11) as pool:
        order: list[str] = []

        def heavy(client: str, number: int) -> None:
            assert from_client(site, client, f"{ENDLESS} # {client} {number}").status_code == 504
            order.append(client)

        greedy = [pool.submit(heavy, "192.0.2.1", number) for number in range(6)]
        for _ in greedy:
            assert begun.acquire(timeout=60)
        pool.submit(heavy, "198.51.100.1", 0).result()
        assert all(one.result() is None for one in greedy)
        # In the order of coming it would be the last. How many are before it depends on how busy the machine is.
        assert order.index("198.51.100.1") <= len(greedy) - 2, order


def test_an_answer_begins_before_it_ends(patient: str) -> None:
    target = f"{patient}/sparql?query={quote(ENDLESS_GRAPH)}"
    with requests.get(target, headers={"accept": "application/n-triples"}, stream=True, timeout=60) as answer:
        assert answer.status_code == 200
        assert next(answer.iter_lines()).startswith(b"<http://example.org/")
    assert label(patient) == "one"  # what computed it is stopped, and its place free


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_what_is_broken_off_never_looks_whole(data: Path, coding: str, caplog: pytest.LogCaptureFixture) -> None:
    with serving(data, serve_settings(timeout=1)) as site:
        connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
        target = "/sparql?query=" + quote(ENDLESS_GRAPH)
        connection.request("GET", target, headers={"accept-encoding": coding})
        answer = connection.getresponse()
        assert answer.status == 200
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            answer.read()
        connection.close()
        assert label(site) == "one"
    assert not caplog.records


def test_a_client_that_reads_slowly_holds_no_worker(data: Path) -> None:
    """It reads on when the time of a query is over: what it asked for was computed long before, and kept for it."""
    with serving(data, serve_settings(timeout=5)) as site:
        large = "SELECT * { ?s ?p ?o . ?a ?b ?o . VALUES ?n { 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 } }"
        with requests.get(f"{site}/sparql", {"query": large}, stream=True, timeout=60) as unread:
            time.sleep(6)
            assert len(unread.json()["results"]["bindings"]) == 16 * 2001


@pytest.mark.parametrize("whom", ["workers", "fork server"])
def test_processes_found_dead_are_replaced(data: Path, whom: str) -> None:
    others = children(os.getpid())
    with serving(data, serve_settings(workers=2)) as site:
        assert until(lambda: len(workers(others)) == 4)
        victims = workers(others) if whom == "workers" else children(os.getpid()) - others
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        for number in range(6):
            assert ask(site, f"{LABEL} # {number}").status_code == 200
        assert ask(site, "ASK { ?s ?p 'one' }").json()["boolean"] is True


def test_kept_answers_go_with_their_release(tmp_path: Path) -> None:
    for name in ("1", "2"):
        make_release(tmp_path, name, rows=10, label=name)
    with serving(tmp_path, serve_settings()) as site, requests.Session() as session:
        for turn in range(12):
            name = str(1 + turn // 3 % 2)
            switch(tmp_path, name)
            answer = session.get(f"{site}/sparql", params={"query": LABEL}, timeout=60)
            assert answer.headers["clirld-release"] == name
            assert answer.json()["results"]["bindings"][0]["o"]["value"] == name
            assert "date" in answer.headers


def test_repeats_are_answered_without_a_worker(data: Path) -> None:
    with serving(data, serve_settings()) as site, requests.Session() as session:
        first = session.get(f"{site}/sparql", params={"query": LABEL}, timeout=60)
        for worker in workers():
            os.kill(worker, signal.SIGSTOP)
        try:
            for accept in ("*/*", "application/json;q=0.1, application/sparql-results+json"):
                again = session.get(f"{site}/sparql", params={"query": LABEL}, headers={"accept": accept}, timeout=60)
                assert again.content == first.content
                assert again.headers["etag"] == first.headers["etag"]
                assert again.headers["access-control-allow-origin"] == "*"
        finally:
            for worker in workers():
                os.kill(worker, signal.SIGCONT)


def test_what_changes_by_itself_is_not_kept(data: Path) -> None:
    with serving(data, serve_settings()) as site:
        assert len({ask(site, "SELECT (UUID() AS ?o) {}").text for _ in range(3)}) == 3


def test_clients_that_vanish_fill_no_log(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    with serving(data, serve_settings(timeout=600)) as site:
        host, port = urlsplit(site).hostname or "", urlsplit(site).port or 0
        starts = [
            f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: x\r\n\r\n",
            f"GET /sparql?query={quote(ENDLESS_GRAPH)} HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
            "Content-Length: 99\r\n\r\nASK",
            "GET /sparql?query=ASK",
        ]
        for start in starts * 3:
            connection = http.client.HTTPConnection(host, port, timeout=60)
            connection.connect()
            connection.sock.sendall(start.encode())
            threading.Event().wait(0.2)
            connection.close()
        assert label(site) == "one"
    assert not caplog.records
