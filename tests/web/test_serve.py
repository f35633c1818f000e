"""`serve` as a process: announced once it listens, ended by a signal in order, its workers gone."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from clirld.errors import UsageError
from clirld.web.app import serve
from tests.web.served import make_release, serve_settings

START = """
import sys
from pathlib import Path
from clirld.web.app import ServeSettings, serve
serve(Path(sys.argv[1]), "127.0.0.1", 0, settings=ServeSettings(timeout=2, workers=2, memory=2 << 30,
      answer_memory=1 << 20, trusted_proxies=0), announce=lambda address: print(address, flush=True))
print("ended", flush=True)
"""


@contextmanager
def started(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(data)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def workers(parent: int) -> list[int]:
    """The children of a process, and theirs."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found += [int(folder.name), *workers(int(folder.name))]
        except OSError:
            continue
    return found


def gone(pid: int, within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(tmp_path: Path, sent: signal.Signals) -> None:
    make_release(tmp_path)
    with started(tmp_path) as (process, address):
        assert requests.get(f"{address}readyz", timeout=60).status_code == 200
        children = workers(process.pid)
        assert len(children) == 1 + 4  # the fork server, two that may run long, one that may not, one for lookups
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    assert err == ""
    if sent is signal.SIGINT:
        assert process.returncode == 0
        assert out == "ended\n"
    assert all(gone(child, 60) for child in children)


def test_workers_do_not_outlive_a_killed_server(tmp_path: Path) -> None:
    make_release(tmp_path)
    with started(tmp_path) as (process, address):
        assert requests.get(f"{address}healthz", timeout=60).status_code == 200
        children = workers(process.pid)
        endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
        asking = threading.Thread(target=ask_in_vain, args=[f"{address}sparql", endless])
        asking.start()
        time.sleep(0.5)
        process.kill()
        asking.join()
        assert all(gone(child, 60) for child in children)


def ask_in_vain(endpoint: str, query: str) -> None:
    with suppress(requests.exceptions.ConnectionError):
        requests.get(endpoint, {"query": query}, timeout=60)


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match="choose another port"):
            serve(tmp_path, "127.0.0.1", port, settings=serve_settings())


def test_answers_do_not_wait_for_acknowledgements(tmp_path: Path) -> None:
    """With Nagle's algorithm on, no answer would take less than 40 ms on a connection that is kept open."""
    make_release(tmp_path)
    quick = timedelta(milliseconds=30)
    with started(tmp_path) as (_, address), requests.Session() as session:
        asked = (session.get(f"{address}sparql", params={"query": "ASK {}"}, timeout=60).elapsed for _ in range(500))
        assert any(elapsed < quick for elapsed in asked)  # one is enough, on a machine however busy
