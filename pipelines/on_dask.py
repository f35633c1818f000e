"""`harvest_all` on the workers of a Dask cluster: a source is a task, on whichever worker is free.

    python pipelines/on_dask.py tcp://scheduler:8786 [MIRROR]    on a cluster that runs, see docs/dask.md

The workers share the data folder, or each has its own and they share a bucket (`stages`, or CLIRLD_STAGES), and nothing
else. A task is the flow `harvest`, which leaves whole stage folders or
none, so that one whose worker was killed is begun anew by the scheduler on another, and goes on from what is whole.
"""

from __future__ import annotations

import sys
from typing import Any

from flows import FETCH_RETRIES, Failures, harvest, harvest_and_publish
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect_dask.task_runners import DaskTaskRunner

from clirld.errors import DataError


@task(name="harvest-source", task_run_name="harvest {source} on a worker", cache_policy=NO_CACHE, persist_result=False)
def harvest_source(
    source: str,
    mirror: str | None,
    sample: bool,
    data: str | None,
    fetch_retries: list[float],
    stages: str | None = None,
) -> DataError | None:
    """Take one source through the line, on a worker; gives why it failed, None where it did not."""
    try:
        harvest(source, mirror=mirror, sample=sample, data=data, fetch_retries=fetch_retries, stages=stages)
    except DataError as error:
        return error
    return None


@flow(name="harvest-all-on-dask", flow_run_name="harvest all on Dask", persist_result=False)
def harvest_all_on_dask(
    mirror: str | None = None,
    sample: bool = False,
    data: str | None = None,
    fetch_retries: list[float] = FETCH_RETRIES,
    stages: str | None = None,
) -> str:
    """As `harvest_all`, but that each source is a task for the flow's task runner; gives the release's folder.

    Sources of one host follow each other; the release is made here. With `stages`, a bucket that all exchange harvests
    through, leave `data` to CLIRLD_DATA, which is another folder on each machine. To be called with a task runner, see
    `on`.
    """

    def harvest_lanes(lanes: list[list[str]]) -> Failures:
        found: dict[str, Any] = {}
        for lane in lanes:
            before: list[Any] = []
            for source in lane:
                found[source] = harvest_source.submit(
                    source, mirror, sample, data, fetch_retries, stages, return_state=False, wait_for=before
                )
                before = [found[source]]
        return {source: error for source, future in found.items() if (error := future.result()) is not None}

    return harvest_and_publish(mirror, data, harvest_lanes, sample=sample, stages=stages)


@flow(name="harvest-all-on-cluster", flow_run_name="harvest all on {address}", persist_result=False)
def harvest_all_on_cluster(
    address: str,
    mirror: str | None = None,
    sample: bool = False,
    data: str | None = None,
    stages: str | None = None,
) -> str:
    """`harvest_all_on_dask` on the cluster whose scheduler is at an address, as in tcp://10.0.0.1:8786."""
    return on(address, mirror, sample, data, stages)


def on(
    address: str,
    mirror: str | None = None,
    sample: bool = False,
    data: str | None = None,
    stages: str | None = None,
) -> str:
    """The same, called where no run of its own is wanted."""
    runner: Any = DaskTaskRunner(address=address)
    return harvest_all_on_dask.with_options(task_runner=runner)(mirror, sample, data, stages=stages)


if __name__ == "__main__":
    on(sys.argv[1], mirror=sys.argv[2] if sys.argv[2:] else None)
