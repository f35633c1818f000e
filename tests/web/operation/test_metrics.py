"""Metrics: queries of all lanes and processes add up, and what the data folder says is there."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from clirld.errors import UsageError
from clirld.web.operation.counts import Counts
from clirld.web.operation.metrics import listening
from tests.web.operation.operated import Operated, operated
from tests.web.served import make_release
from tests.web.test_limits import ENDLESS, children

QUICK = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c } # "
LOOKUP = "SELECT * { <http://example.org/s1> ?p ?o } # "


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("metrics")
    make_release(folder)
    (folder / "harvests").mkdir()
    good = {"checked": "2026-11-28T03:00:00Z"}
    failed = {"when": "2026-11-29T03:00:00+00:00", "stage": "guards"}
    for name, said in {"": good, ".failed": failed, ".refused": {"guards": "guards/lieux/1"}}.items():
        (folder / "harvests" / f"lieux{name}.json").write_text(json.dumps(said), encoding="utf-8")
    (folder / "guards" / "lieux" / "1").mkdir(parents=True)
    issues = [("guard-fewer", "error"), ("guard-fewer", "error"), ("guard-new-column", "warning")]
    lines = [json.dumps({"code": code, "severity": severity}) + "\n" for code, severity in issues]
    (folder / "guards" / "lieux" / "1" / "issues.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Operated]:
    with operated(data) as found:
        yield found


def ask(server: Operated, query: str, **headers: str) -> int:
    return requests.get(f"{server.site}/sparql", {"query": query}, headers=headers, timeout=120).status_code


def settled(holds: Callable[[], bool]) -> None:
    assert any(holds() or time.sleep(0.1) for _ in range(600))


def workers(server: Operated) -> set[int]:
    """The query processes: grandchildren of the server, behind the process that forks them."""
    return {worker for fork_server in children(server.process.pid) for worker in children(fork_server)}


def test_queries_of_every_process_add_up(server: Operated) -> None:
    """Also those of a process that was killed meanwhile: what is counted is what was asked."""
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda n: ask(server, f"{QUICK}{n}"), range(12)))
        statuses += list(pool.map(lambda n: ask(server, f"{LOOKUP}{n}"), range(8)))
        victim = min(workers(server))
        os.kill(victim, signal.SIGKILL)
        settled(lambda: victim not in workers(server))
        statuses += list(pool.map(lambda n: ask(server, f"{QUICK}again {n}"), range(12)))
    assert statuses == [200] * 32
    assert ask(server, "SELECT nothing") == 400
    assert ask(server, "ASK { SERVICE <http://example.org/> {} }") == 403
    assert ask(server, ENDLESS) == 504
    with requests.Session() as session:
        session.headers["Connection"] = None  # type: ignore[assignment]  # what names it is not given again
        for _ in range(3):
            first = session.get(f"{server.site}/sparql", params={"query": "ASK { ?x ?y ?z }"}, timeout=60)
    known = {"if-none-match": first.headers["etag"]}
    assert ask(server, "ASK { ?x ?y ?z }", **known) == 304
    found = server.samples("clirld_queries_total")
    assert sum(found.values()) == 12 + 8 + 12 + 1 + 1 + 1 + 3 + 1
    by_lane = {lane: sum(count for (one, _), count in found.items() if one == lane) for lane, _ in found}
    assert found["refused", "service"] == 1
    assert found["quick", "syntax"] == 1
    assert found["long", "timeout"] == 1
    assert found["repeated", "answered"] >= 1
    assert found["kept", "not-modified"] == 1
    assert by_lane["quick"] + by_lane["long"] + by_lane.get("lookup", 0) >= 25
    assert server.samples("clirld_limits_total") == {("timeout",): 1}
    waits, seconds = (server.samples(f"clirld_query_{name}_count") for name in ("wait_seconds", "seconds"))
    assert sum(waits.values()) == sum(by_lane.get(lane, 0) for lane in ("quick", "long", "lookup"))
    assert seconds == waits
    assert sum(server.samples("clirld_query_seconds_sum").values()) >= 1
    assert server.samples("clirld_queries_running") == {("long",): 0, ("other",): 0}
    assert server.samples("clirld_queries_waiting") == {(): 0}
    responses = server.samples("clirld_responses_total")
    assert (responses["400",], responses["504",]) == (1, 1)


def test_a_client_that_goes_is_counted_once(server: Operated) -> None:
    before = server.samples("clirld_queries_total")
    with pytest.raises(requests.exceptions.Timeout):
        requests.get(f"{server.site}/sparql", {"query": f"{ENDLESS} # gone"}, timeout=0.3)
    gone = lambda: {  # noqa: E731
        key: count - before.get(key, 0)
        for key, count in server.samples("clirld_queries_total").items()
        if count != before.get(key, 0)
    }
    settled(lambda: bool(gone()))
    ((_, outcome),) = gone()
    assert outcome == "gone"
    assert sum(gone().values()) == 1


def test_the_release_its_sources_and_their_rows(server: Operated) -> None:
    assert server.samples("clirld_ready") == {(): 1}
    assert server.samples("clirld_degraded") == {("source-held",): 1}
    assert list(server.samples("clirld_release_info")) == [("20261124T101530Z-3f9a1c2b", "")]
    assert server.samples("clirld_release_created_timestamp_seconds") == {(): 1795515330}
    assert server.samples("clirld_release_quads") == {(): 1234567}
    rows = {"read": 1512, "published": 1500, "held": 7, "dropped": 5}
    assert server.samples("clirld_source_rows") == {(fate, "lieux"): count for fate, count in rows.items()}
    assert server.samples("clirld_source_checked_timestamp_seconds") == {("lieux",): 1795834800}
    assert server.samples("clirld_source_retrieved_timestamp_seconds") == {("lieux",): 1793491200}
    assert server.samples("clirld_source_failed_timestamp_seconds") == {("lieux", "guards"): 1795921200}
    assert server.samples("clirld_source_guard_findings") == {("guard-fewer", "lieux"): 2}


def test_metrics_are_not_where_visitors_come(server: Operated) -> None:
    assert requests.get(f"{server.site}/metrics", timeout=60).status_code == 404
    assert server.metrics.split("/")[2] != server.site.split("/")[2]


@pytest.mark.parametrize("address", ["9464", "nowhere:port", "127.0.0.1:99999", "192.0.2.1:9464"])
def test_an_address_that_cannot_be_used_is_said(address: str) -> None:
    with pytest.raises(UsageError, match=r"no address|cannot listen"), listening(address, Counts().registry):
        pass


def test_nothing_listens_where_no_address_is_set() -> None:
    with listening("", Counts().registry) as at:
        assert at == ""
