"""Harvests on one Dask worker and on two, of one core each: equal sources of invented rows in the RNA's layout.

    python -m bench.on_dask --sources 4 --rows 20000

Territories are harvested before; what is measured is the harvest of the sources, from their files, in rounds that take
the line without Prefect, one worker and two in turn. Seconds mean something on a quiet machine only, so processor
seconds stand beside them: how many times quicker two could be is those of one worker alone divided by those of the
busier of two. What Prefect's server and the process of the flow, which is Dask's scheduler too, take beside the workers
has to find a core as well: on a machine of two cores it is taken from the workers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import psutil

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


class Used(NamedTuple):
    """What a harvest of all sources took: seconds by the clock, and of processors."""

    seconds: float
    workers: list[float]
    server: float
    flow: float

    def __str__(self) -> str:
        parts = " + ".join(f"{part:.1f}" for part in self.workers)
        beside = f"; server {self.server:.1f}, process of the flow {self.flow:.1f}" if self.server else ""
        return f"{self.seconds:.1f} s by the clock; processor seconds: {parts} in workers{beside}"


def measure(work: Path, names: list[str], workers: int, server: list[psutil.Process]) -> tuple[Used, list[str]]:
    """What the harvest of all sources takes on that many workers, the digests of what they gave.

    With 0 workers it is the line without Prefect, in a process of its own.
    """
    import on_dask
    from distributed import Client, LocalCluster
    from prefect import flow
    from prefect_dask.task_runners import DaskTaskRunner

    data = work / "now"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(work / "data", data, symlinks=True)
    cluster = LocalCluster(n_workers=workers or 1, threads_per_worker=1, dashboard_address=":0", silence_logs=50)
    with cluster, Client(cluster, set_as_default=False) as client:
        for number, worker in enumerate(sorted(client.scheduler_info()["workers"])):
            client.run(prepare_worker, number, workers=[worker])

        @flow(task_runner=DaskTaskRunner(address=cluster.scheduler_address), persist_result=False)
        def lanes(given: list[str]) -> list[Any]:
            futures = [
                on_dask.harvest_source.submit(name, str(work / "mirror"), False, str(data), []) for name in given
            ]
            return [future.result() for future in futures]

        def used() -> list[float]:
            own = psutil.Process()
            return [*client.run(time.process_time).values(), processor(server), processor([own])]

        if workers:
            lanes([])  # a server that has just started answers late
        before, started = used(), time.perf_counter()
        if workers:
            assert lanes(names) == [None] * len(names)
        else:
            client.submit(harvest_plainly, names, str(work / "mirror"), str(data)).result()
        seconds = time.perf_counter() - started
        *in_workers, in_server, in_flow = [now - then for now, then in zip(used(), before, strict=True)]
    graphs = sorted(path.read_text() for path in data.glob("validated/rna-*/*/version.txt"))
    return Used(seconds, in_workers, in_server if workers else 0, in_flow), graphs


def processor(processes: list[psutil.Process]) -> float:
    """Processor seconds that they have taken."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def harvest_plainly(names: list[str], mirror: str, data: str) -> None:
    """What `clirld run` does with the sources."""
    from clirld.fetch.stage import Origin
    from clirld.harvest import line
    from clirld.project import Project

    for name in names:
        project = Project.load(Settings.from_environment(data=Path(data)))
        line.harvest(project, project.sources[name], Origin(mirror=Path(mirror)))


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
            server = psutil.Process().children(recursive=True)
            for _round in range(options.rounds):
                measured = [measure(work, names, workers, server) for workers in (0, 1, 2)]
                (plain, graphs), (one, same), (two, same_again) = measured
                assert graphs == same == same_again
                print(f"without Prefect: {plain}")
                print(f"one worker: {one}")
                print(f"two workers: {two}")
                print(f"beyond the line: {(one.seconds - plain.seconds) / len(names):.1f} s a source on one worker")
                print(f"times: {one.seconds / two.seconds:.2f} by the clock; ", end="")
                print(f"{one.workers[0] / max(two.workers):.2f} by the processor seconds of the busier one")


if __name__ == "__main__":
    main()
