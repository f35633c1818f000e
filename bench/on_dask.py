"""Harvests on one Dask worker and on two, of one core each: equal sources of invented rows in the RNA's layout.

    python -m bench.on_dask --sources 4 --rows 20000

Territories are harvested before; what is measured is the harvest of the sources, from their files, in rounds that take
one worker and two in turn. Seconds mean something on a quiet machine only, so the processor seconds of each worker
stand beside them: how many times quicker two could be is those of one alone divided by those of the busier of two.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.rna import SOURCE, rna_csv
from clirld.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "pipelines"))


def prepare(work: Path, sources: int, rows: int) -> list[str]:
    """Cards and files of equal sources, and a data folder with the territories; gives their names."""
    cards = Settings.from_environment({}).sources
    names = [f"rna-{number}" for number in range(1, sources + 1)]
    (work / "sources").mkdir()
    shutil.copytree(cards / "territories", work / "sources" / "territories")
    rna_csv(work / "data", work / "rows.csv", rows)
    for name in names:
        shutil.copytree(cards / SOURCE, work / "sources" / name)
        card = work / "sources" / name / "source.yaml"
        text = card.read_text(encoding="utf-8").replace(f"id: {SOURCE}\n", f"id: {name}\n")
        card.write_text(text, encoding="utf-8")
        (work / "mirror" / name).mkdir(parents=True)
        os.link(work / "rows.csv", work / "mirror" / name / "default.csv")
    return names


def measure(work: Path, names: list[str], workers: int) -> dict[str, Any]:
    """Seconds, and processor seconds of each worker, for the harvest of all sources; the digests of what they gave."""
    import on_dask
    from distributed import Client, LocalCluster
    from prefect import flow
    from prefect_dask.task_runners import DaskTaskRunner

    data = work / "now"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(work / "data", data, symlinks=True)
    cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs=50)
    with cluster, Client(cluster, set_as_default=False) as client:
        for number, worker in enumerate(sorted(client.scheduler_info()["workers"])):
            client.run(prepare_worker, number, workers=[worker])
        before = client.run(time.process_time)

        @flow(task_runner=DaskTaskRunner(address=cluster.scheduler_address), persist_result=False)
        def lanes() -> list[Any]:
            futures = [
                on_dask.harvest_source.submit(name, str(work / "mirror"), False, str(data), []) for name in names
            ]
            return [future.result() for future in futures]

        started = time.perf_counter()
        failures = lanes()
        seconds = time.perf_counter() - started
        after = client.run(time.process_time)
    assert failures == [None] * len(names), failures
    graphs = sorted(path.read_text() for path in data.glob("validated/rna-*/*/version.txt"))
    return {"seconds": seconds, "processor": [after[one] - before[one] for one in after], "graphs": graphs}


def prepare_worker(number: int) -> None:
    """One core, and what a harvest imports."""
    import on_dask  # noqa: F401

    from clirld.project import Project

    os.sched_setaffinity(0, {number % (os.cpu_count() or 1)})
    Project.load(Settings.from_environment())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=4)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        names = prepare(work, options.sources, options.rows)
        os.environ |= {"CLIRLD_SOURCES": str(work / "sources"), "POLARS_MAX_THREADS": "1", "CLIRLD_WORKERS": "1"}
        os.environ |= {"PREFECT_HOME": str(work / "prefect"), "PREFECT_LOGGING_LEVEL": "ERROR"}
        from prefect.testing.utilities import prefect_test_harness

        with prefect_test_harness(server_startup_timeout=300):
            for _round in range(options.rounds):
                one, two = (measure(work, names, workers) for workers in (1, 2))
                assert one["graphs"] == two["graphs"]
                processor = {1: sum(one["processor"]), 2: sum(two["processor"])}
                print(f"one worker: {one['seconds']:.1f} s, {processor[1]:.1f} processor seconds")
                parts = " + ".join(f"{part:.1f}" for part in two["processor"])
                print(f"two workers: {two['seconds']:.1f} s, {processor[2]:.1f} processor seconds ({parts})")
                print(f"times: {one['seconds'] / two['seconds']:.2f} by the clock; ", end="")
                print(f"{processor[1] / max(two['processor']):.2f} by the processor seconds of the busier one")


if __name__ == "__main__":
    main()
