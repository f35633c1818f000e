"""Prefect flows: thin shells over `clirld.line` and `clirld.release`.

    harvest(source)   one source through the line, a task a stage
    harvest_all()     every source, then publish
    publish()         a release of the last good harvests

They work without a Prefect server (`python pipelines/flows.py`) and with one (`prefect deploy --all`, see
docs/operate.md). The command line does the same without Prefect.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

from clirld import line, release
from clirld.errors import DataError
from clirld.project import Project
from clirld.settings import Settings

FETCH_RETRIES = [30, 300]
"""Seconds before a fetch is tried again; what the server says in Retry-After is heeded within each try."""


def _as_task(stage: str, work: Callable[[], Any]) -> Any:
    retries = FETCH_RETRIES if stage == "fetch" else []
    run = task(
        name=stage,
        tags=[stage],
        retries=len(retries),
        retry_delay_seconds=retries,
        cache_policy=NO_CACHE,
        persist_result=False,
    )(work)
    return run()


def _project(data: str | None) -> Project:
    return Project.load(Settings.from_environment(data=Path(data) if data else None))


def _origin(mirror: str | None, sample: bool) -> line.Origin:
    return line.Origin(mirror=Path(mirror).absolute() if mirror else None, sample=sample)


@flow(name="harvest", flow_run_name="harvest {source}")
def harvest(source: str, mirror: str | None = None, sample: bool = False, data: str | None = None) -> str:
    """Take one source through the line; gives the folder of its validated graph."""
    project = _project(data)
    logger = get_run_logger()

    def said(name: str, stage: str, state: str) -> None:
        logger.info("%s · %s · %s", name, stage, state)

    done = line.harvest(project, project.named([source])[0], _origin(mirror, sample), said, _as_task)
    logger.info("%s", done.account.summary())
    return str(done.validated)


@flow(name="publish")
def publish(data: str | None = None, force: bool = False) -> str:
    """Make a release of the last good harvests; gives its folder."""
    made, new = release.make(_project(data), force=force)
    get_run_logger().info("%s: %s", "new release" if new else "nothing has changed", made.id)
    return str(made.folder)


@flow(name="harvest-all")
def harvest_all(mirror: str | None = None, sample: bool = False, data: str | None = None) -> str:
    """Take every source through the line, then publish. A source that fails does not stop the others."""
    failed: list[str] = []
    for source in _project(data).sources:
        try:
            harvest(source, mirror=mirror, sample=sample, data=data)
        except DataError as error:
            get_run_logger().error("%s", error)
            failed.append(source)
    folder = publish(data=data)
    if failed:
        raise DataError(
            f"{len(failed)} sources failed: {', '.join(failed)}",
            where=folder,
            do="their last good harvest is published; see their runs for what to do",
        )
    return folder


if __name__ == "__main__":
    harvest_all()
