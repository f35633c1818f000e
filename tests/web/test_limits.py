"""What a query may cost: time, memory, a place, the network; and releases that change while it runs."""

from __future__ import annotations

import asyncio
import http.client
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import requests

from clirld import checksums
from clirld.query.evaluate import QueryRequest
from clirld.query.failure import Failure
from clirld.query.fork_server import ForkServer, Worker
from tests.web.served import make_release, serve_settings, serving, switch

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HOG = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?f ?a"
LABEL = "SELECT ?o { <http://example.org/release> <http://example.org/label> ?o }"


def ask(site: str, query: str) -> requests.Response:
    return requests.get(f"{site}/sparql", {"query": query}, timeout=180)


def label(site: str) -> str:
    return str(ask(site, LABEL).json()["results"]["bindings"][0]["o"]["value"])


def children(parent: int) -> set[int]:
    """Processes started by one, those that have ended but for their record left out."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, of = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(of) == parent and state != "Z":
            found.add(int(folder.name))
    return found


@pytest.fixture(scope="module")
def strict(data: Path) -> Iterator[str]:
    """A server with little time."""
    with serving(data, serve_settings(timeout=1, workers=2)) as address:
        yield address


@pytest.fixture(scope="module")
def busy(data: Path) -> Iterator[str]:
    """A server where a place is taken for far longer than anybody waits for one."""
    with serving(data, serve_settings(timeout=6, workers=2, max_wait=0.3)) as address:
        yield address


def test_a_query_is_stopped_and_the_next_one_answers(strict: str) -> None:
    response = ask(strict, ENDLESS)
    assert response.status_code == 504
    assert "1 seconds" in response.json()["detail"]
    assert "LIMIT" in response.json()["do"]
    assert label(strict) == "one"


def test_a_hog_ends_alone(data: Path) -> None:
    # So much time that memory is the limit that comes first, however busy the machine is.
    with serving(data, serve_settings(timeout=170, workers=2, memory=400 << 20)) as site:
        response = ask(site, HOG)
        assert response.status_code == 507
        assert "400 MiB" in response.json()["detail"]
        assert label(site) == "one"


def test_too_many_queries_wait_a_little_and_are_told_when_to_come_back(busy: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: ask(busy, f"{ENDLESS} # {n}"), range(6)))
    assert sorted(answer.status_code for answer in answers) == [503, 503, 503, 503, 504, 504]
    refusal = next(answer for answer in answers if answer.status_code == 503)
    assert int(refusal.headers["retry-after"]) in range(1, 7)  # until a slice is over, or all the time of a long one
    assert refusal.json()["type"].endswith("#busy")
    assert label(busy) == "one"


def workers(others: set[int] = frozenset()) -> set[int]:  # type: ignore[assignment]
    """Processes that answer queries, of all fork servers of this process but for others."""
    return {worker for server in children(os.getpid()) - others for worker in children(server)}


def test_a_killed_worker_is_gone_and_replaced(data: Path) -> None:
    others = children(os.getpid())
    with serving(data, serve_settings(timeout=1, workers=2)) as site:
        assert until(lambda: len(workers(others)) == 4)
        before = workers(others)
        assert ask(site, ENDLESS).status_code == 504
        assert until(lambda: len(before - workers(others)) == 1)
        assert until(lambda: len(workers(others)) == 4)


def until(holds: Callable[[], bool]) -> bool:
    """Whether something holds within a minute."""
    return any(holds() or time.sleep(0.05) for _ in range(1200))


def test_a_client_that_hangs_up_frees_its_place(data: Path) -> None:
    # The place would be taken for ten minutes: an answer within one shows that it is free.
    with serving(data, serve_settings(timeout=600, workers=1, max_wait=60)) as site:
        assert label(site) == "one"
        for _ in range(3):
            with pytest.raises(requests.exceptions.ReadTimeout):
                requests.get(f"{site}/sparql", {"query": ENDLESS}, timeout=0.3)
        assert label(site) == "one"


def test_other_requests_are_answered_while_all_places_are_taken(busy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = queries_begun(monkeypatch)
    asking = [http.client.HTTPConnection(urlsplit(busy).netloc, timeout=60) for _ in range(2)]
    for number, connection in enumerate(asking):
        connection.request("GET", "/sparql?query=" + quote(f"{ENDLESS} # taken {number}"))
    for _ in asking:
        assert begun.acquire(timeout=60)
    assert requests.get(f"{busy}/healthz", timeout=60).text == "ok\n"
    assert requests.get(f"{busy}/", timeout=60).status_code == 200
    answered, _, _ = select.select([connection.sock for connection in asking], [], [], 0)
    assert answered == []
    for connection in asking:
        connection.close()  # and with them the queries: nobody waits for their end
    assert label(busy) == "one"


def queries_begun(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Counts the queries that workers of this process are given from now on, but for those that open a release."""
    begun, ask_worker = threading.Semaphore(0), Worker.ask

    def count_and_ask(worker: Worker, store: Path, request: QueryRequest) -> None:
        if request != QueryRequest("ASK {}"):
            begun.release()
        ask_worker(worker, store, request)

    monkeypatch.setattr(Worker, "ask", count_and_ask)
    return begun


def ask_worker(store: Path, query: str) -> bytes | Failure:
    """Give a worker of its own a query, as it is."""

    async def answer() -> bytes | Failure:
        async with ForkServer(memory=1 << 30) as server:
            worker = await server.worker()
            if isinstance(worker, Failure):
                return worker
            worker.ask(store, QueryRequest(query))
            pieces = []
            while isinstance(piece := await worker.piece(), bytes):
                pieces.append(piece)
            return piece or b"".join(pieces)

    return asyncio.run(answer())


def test_a_worker_cannot_reach_the_network(data: Path) -> None:
    """Even where the reading of the query is left out: the kernel refuses the socket."""
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.2)
        call = f"SELECT * {{ SERVICE <http://127.0.0.1:{trap.getsockname()[1]}/> {{ ?s ?p ?o }} }}"
        answer = ask_worker(data / "current" / "store", call)
        assert isinstance(answer, Failure)
        assert answer.kind == "service"
        with pytest.raises(TimeoutError):
            trap.accept()


def test_workers_are_gone_once_closed(data: Path) -> None:
    before = children(os.getpid())
    assert isinstance(ask_worker(data / "current" / "store", "ASK {}"), bytes)
    assert children(os.getpid()) == before


def test_a_worker_that_cannot_start_says_so(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    answer = ask_worker(data / "current" / "store", "ASK {}")
    assert isinstance(answer, Failure)
    assert answer.text("what", "en").endswith("exit status 1")


def test_a_new_release_is_served_without_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path, serve_settings()) as site:
        none = ask(site, LABEL)
        assert none.status_code == 503
        assert none.json()["type"].endswith("#no-release")
        assert requests.get(f"{site}/readyz", timeout=60).status_code == 503
        make_release(tmp_path, "1", label="one")
        assert label(site) == "one"
        first = ask(site, LABEL)
        make_release(tmp_path, "2", label="two")
        assert label(site) == "two"
        assert ask(site, LABEL).headers["clirld-release"] == "2"
        assert requests.get(f"{site}/readyz", timeout=60).json()["release"] == "2"
        assert ask(site, LABEL).headers["etag"] != first.headers["etag"]
        switch(tmp_path, "1")
        assert label(site) == "one"
        assert requests.get(f"{site}/readyz", timeout=60).json()["release"] == "1"


def test_no_query_is_dropped_or_mixed_by_switches(tmp_path: Path) -> None:
    """Each release says its name in 300 subjects; an answer must have one name only, that of its header."""
    for name in ("1", "2"):
        make_release(tmp_path, name, rows=300, label=name)
    query = "SELECT ?l { ?s <http://example.org/p> ?v . <http://example.org/release> ?label ?l }"
    stop = threading.Event()

    def keep_asking(site: str) -> set[tuple[int, str, frozenset[str]]]:
        seen = set()
        while not stop.is_set():
            answer = ask(site, query)
            rows = answer.json()["results"]["bindings"]
            names = frozenset(row["l"]["value"] for row in rows)
            assert len(rows) == 300
            seen.add((answer.status_code, answer.headers["clirld-release"], names))
        return seen

    with serving(tmp_path, serve_settings(max_wait=20)) as site, ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(keep_asking, site) for _ in range(3)]
        for turn in range(40):
            switch(tmp_path, str(1 + turn % 2))
            time.sleep(0.03)
        stop.set()
        seen = set().union(*(one.result() for one in asking))
    assert seen == {(200, "1", frozenset({"1"})), (200, "2", frozenset({"2"}))}


def test_a_query_under_way_ends_on_its_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_release(tmp_path, "1", rows=1500, label="one")
    slow = "SELECT ?l (COUNT(*) AS ?n) { ?a <http://example.org/p> ?b . ?c <http://example.org/p> ?d . "
    slow += "<http://example.org/release> <http://example.org/label> ?l } GROUP BY ?l"
    with serving(tmp_path, serve_settings(timeout=170)) as site, ThreadPoolExecutor(1) as pool:
        label(site)
        begun = queries_begun(monkeypatch)
        running = pool.submit(ask, site, slow)
        assert begun.acquire(timeout=60)
        make_release(tmp_path, "2", rows=10, label="two")
        assert label(site) == "two"
        answer = running.result()
    assert answer.headers["clirld-release"] == "1"
    row = answer.json()["results"]["bindings"][0]
    assert (row["l"]["value"], row["n"]["value"]) == ("one", str(1500**2))


def test_a_damaged_release_is_a_failure_of_the_server(tmp_path: Path) -> None:
    folder = make_release(tmp_path, "1")
    (folder / "store" / "CURRENT").unlink()
    with serving(tmp_path, serve_settings()) as site:
        answer = ask(site, LABEL)
        assert answer.status_code == 503
        assert answer.json()["type"].endswith("#store")
        assert requests.get(f"{site}/readyz", timeout=60).status_code == 503
        assert requests.get(f"{site}/healthz", timeout=60).status_code == 200


@pytest.mark.parametrize("pattern", ["CURRENT", "*.sst", "MANIFEST-*"])
def test_a_store_that_is_cut_short_is_said_to_be_damaged(tmp_path: Path, pattern: str) -> None:
    folder = make_release(tmp_path, "1")
    checksums.write(folder)
    with serving(tmp_path, serve_settings()) as site:
        assert ask(site, LABEL).status_code == 200
        other = make_release(tmp_path, "2")
        checksums.write(other)
        path = sorted((other / "store").glob(pattern))[0]
        os.truncate(path, path.stat().st_size // 2)
        (other / "catalog.ttl").write_text("")
        answer = ask(site, LABEL)
        assert (answer.status_code, answer.json()["type"].rpartition("#")[2]) == (503, "damaged")
        assert f"store/{path.name}" in answer.text
        document = requests.get(f"{site}/doc/initiative/none", timeout=60)
        assert (document.status_code, f"store/{path.name}" in document.text) == (503, True)
        assert requests.get(f"{site}/readyz", timeout=60).status_code == 503
        assert requests.get(f"{site}/release/catalog.ttl", timeout=60).status_code == 503
        assert requests.get(f"{site}/release/dump/lieux.nq", timeout=60).status_code == 200
        switch(tmp_path, "1")
        assert ask(site, LABEL).status_code == 200


def test_large_answers_leave_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    make_release(tmp_path)
    with serving(tmp_path, serve_settings()) as site:
        big = ask(site, "SELECT * { ?s ?p ?o . ?a ?b ?o . VALUES ?n { 1 2 3 4 } }")
        assert len(big.content) > 1 << 20
        assert [path for path in (tmp_path / "tmp").rglob("*") if path.is_file()] == []
    assert list((tmp_path / "tmp").iterdir()) == []
