"""Prefect flows: thin shells over `clirld.line` and `clirld.release`.

    harvest(source)   one source through the line, a task a stage
    harvest_all()     every source, then publish
    publish()         a release of the last good harvests

They work without a Prefect server (`python pipelines/flows.py`, or with a mirror's folder after it) and with one
(`prefect deploy --all`, see docs/operate.md). The command line does the same without Prefect.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Before Prefect is imported. prefect.toml says the same, but it is only found from the project's folder.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")  # 20 is too short on a busy machine

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

from clirld import line, release
from clirld.errors import ClirldError, DataError, ReleaseError
from clirld.project import Project
from clirld.settings import Settings

FETCH_RETRIES: list[float] = [30, 300]
"""Seconds before a fetch is tried again; what the server says in Retry-After is heeded within each try."""

_ROWS = ("rows_in", "published", "held", "dropped")


def _as_tasks(fetch_retries: list[float]) -> line.Call:
    """Runs each stage as a Prefect task. What it gives is a path or where bytes came from, and is not kept."""

    def call(stage: str, work: Callable[[], Any]) -> Any:
        waits = fetch_retries if stage == "fetch" else []
        run = task(
            name=stage,
            tags=[stage],
            retries=len(waits),
            retry_delay_seconds=waits,
            cache_policy=NO_CACHE,
            persist_result=False,
        )(work)
        return run()

    return call


def _project(data: str | None) -> Project:
    return Project.load(Settings.from_environment(data=Path(data) if data else None))


@flow(name="harvest", flow_run_name="harvest {source}", persist_result=False)
def harvest(
    source: str,
    mirror: str | None = None,
    sample: bool = False,
    data: str | None = None,
    fetch_retries: list[float] = FETCH_RETRIES,
) -> str:
    """Take one source through the line; gives the folder of its validated graph."""
    project = _project(data)
    origin = line.Origin(mirror=Path(mirror).absolute() if mirror else None, sample=sample)
    logger = get_run_logger()

    def said(name: str, stage: str, state: str) -> None:
        logger.info("%s · %s · %s", name, stage, state)

    local = bool(mirror) or sample  # a file that is not there will not be there in five minutes either
    call = _as_tasks([] if local else fetch_retries)
    done = line.harvest(project, project.named([source])[0], origin, said, call)
    rows = done.account.summary()
    logger.info("%s · %s", source, ", ".join(f"{rows[name]} {name}" for name in _ROWS))
    return str(done.validated)


@flow(name="publish", flow_run_name="publish", persist_result=False)
def publish(data: str | None = None, force: bool = False) -> str:
    """Make a release of the last good harvests; gives its folder."""
    made, new = release.make(_project(data), force=force)
    get_run_logger().info("%s: %s", "new release" if new else "nothing has changed", made.id)
    return str(made.folder)


@flow(name="harvest-all", flow_run_name="harvest all", persist_result=False)
def harvest_all(
    mirror: str | None = None,
    sample: bool = False,
    data: str | None = None,
    fetch_retries: list[float] = FETCH_RETRIES,
) -> str:
    """Take every source through the line, then publish; gives the release's folder.

    A source that fails does not stop the others: the release holds its last good harvest. Raises DataError with
    what failed and what to do once all is done, so that the run is marked as failed.
    """
    project = _project(data)
    failed: dict[str, ClirldError] = dict(project.broken)
    for source in project.sources:
        try:
            harvest(source, mirror=mirror, sample=sample, data=data, fetch_retries=fetch_retries)
        except DataError as error:
            failed[source] = error
    try:
        folder = publish(data=data)
    except ReleaseError as error:
        if not failed:
            raise
        raise _failure(failed, f"nothing is published: {error.what}", error.where) from error
    if failed:
        raise _failure(failed, "what was last good of them stays published", folder)
    return folder


def _failure(failed: dict[str, ClirldError], published: str, where: str) -> DataError:
    advice = [f"{name}: {error.what} ({error.where}): {error.do}" for name, error in failed.items()]
    return DataError(f"failed: {', '.join(failed)}; {published}", where=where, do="\n  → ".join(advice))


if __name__ == "__main__":
    harvest_all(mirror=sys.argv[1] if sys.argv[1:] else None)
