"""Shards on the other workers of a Dask cluster: who has time looks, and nobody is waited for who does not answer."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT

sys.path.insert(0, str(PROJECT / "pipelines"))

import elsewhere
from distributed import Client, LocalCluster, get_worker

from clirld.validate import shards
from clirld.validate.graph import validate
from clirld.validate.shacl import Shapes
from clirld.vocabulary.terms import Vocabulary
from tests.validate.graphs import address, initiative, record
from tests.validate.test_statements import FILES


@pytest.fixture(scope="module")
def cluster() -> Iterator[Client]:
    """Three processes of one thread."""
    with (
        LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as made,
        Client(made, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty initiatives, some of persons, in forty shards or so."""
    path = tmp_path_factory.mktemp("graph") / "graph.nq"
    names = ("Le Moulin", "Camille Témoin", "06 12 34 56 78")
    rows = (record(n) + initiative(n, names[n % 7 // 3]) for n in range(40))
    path.write_text("".join([*rows, address(39)]), encoding="utf-8")
    return path


def validated(graph: str, out: str, others: Any) -> dict[str, bytes]:
    shapes, vocabulary = Shapes.load(PROJECT / "shapes"), Vocabulary.load(PROJECT / "ontology")
    validate(Path(graph), shapes, vocabulary, Path(out), source="x", part=4000, shard=1000, elsewhere=others)
    return {name: (Path(out) / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def alone(graph: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return validated(str(graph), str(tmp_path_factory.mktemp("alone")), None)


def on_a_worker(graph: str, out: str, patience: float) -> tuple[dict[str, bytes], int]:
    """What is found by a worker that has others, and how many shards it looked at itself."""
    others, looked = elsewhere.others(), []
    assert others
    here = others._here
    others._here = lambda *given: (looked.append(1), here(*given))[1]  # type: ignore[method-assign]
    others.above, others.patience = 0, patience
    return validated(graph, out, others), len(looked)


def first(client: Client) -> str:
    return sorted(client.nthreads())[0]


def test_others_look_and_nothing_changes(cluster: Client, graph: Path, alone: dict[str, bytes], tmp_path: Path) -> None:
    found, here = cluster.submit(on_a_worker, str(graph), str(tmp_path / "out"), 300, workers=[first(cluster)]).result()
    assert found == alone
    assert found["graph.nq"].count(b"Le Moulin") == 18
    assert here <= len(shards.of(graph, 1000)) - 4  # two went to each


def hold(reached: str) -> None:
    """Be busy with something else, until the worker is killed."""
    Path(reached).write_text(str(os.getpid()), encoding="ascii")
    threading.Event().wait()


def hang() -> int:
    """Be one that begins to look at a shard, and never ends."""
    elsewhere._packed = lambda *_given: threading.Event().wait()
    return os.getpid()


def wait_for(path: Path) -> int:
    while not (path.exists() and path.read_text(encoding="ascii")):
        time.sleep(0.05)
    return int(path.read_text(encoding="ascii"))


def kill(processes: list[int]) -> None:
    for process in processes:
        os.kill(process, signal.SIGKILL)


def test_who_is_at_something_else_is_given_nothing(
    cluster: Client, graph: Path, alone: dict[str, bytes], tmp_path: Path
) -> None:
    mine, *others = sorted(cluster.nthreads())
    holding = [
        cluster.submit(hold, str(tmp_path / str(number)), workers=[one], pure=False, retries=0)
        for number, one in enumerate(others)
    ]
    busy = [wait_for(tmp_path / str(number)) for number in range(len(others))]
    found, here = cluster.submit(on_a_worker, str(graph), str(tmp_path / "out"), 3600, workers=[mine]).result()
    assert found == alone
    assert here == len(shards.of(graph, 1000))
    cluster.cancel(holding, force=True)
    kill(busy)
    while set(others) & set(cluster.nthreads()):
        time.sleep(0.05)


def test_who_does_not_answer_is_not_waited_for_and_who_is_killed_not_missed(
    cluster: Client, graph: Path, alone: dict[str, bytes], tmp_path: Path
) -> None:
    cluster.wait_for_workers(3)
    mine, *others = sorted(cluster.nthreads())
    hanging = list(cluster.run(hang, workers=others).values())
    found, here = cluster.submit(on_a_worker, str(graph), str(tmp_path / "a"), 0.1, workers=[mine]).result()
    assert found == alone
    assert here == len(shards.of(graph, 1000))
    run = cluster.submit(on_a_worker, str(graph), str(tmp_path / "b"), 5, workers=[mine], pure=False)
    kill(hanging)
    assert run.result()[0] == alone


def test_who_is_alone_has_no_others(cluster: Client) -> None:
    assert elsewhere.others() is None  # no worker
    assert cluster.submit(lambda: get_worker() is not None and elsewhere.others() is not None).result()
