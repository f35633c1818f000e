"""Prefect flows: thin shells over `clirld.replicate.harvests.shared`: `clirld.harvest.line`, `clirld.release.make`.

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
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# Before Prefect is imported. prefect.toml says the same, and why, but it is only found from the project's folder.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")  # 20 is too short on a busy machine
os.environ.setdefault("PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE", "50")
os.environ.setdefault("PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL", "1")

sys.path.insert(0, str(Path(__file__).resolve().parent))  # for what is beside this file, from wherever it is run

import artifacts
import elsewhere
import notifications
from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.client.schemas.objects import State
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectAlreadyExists
from prefect.states import Failed

from clirld.card.source import Source
from clirld.cli import report
from clirld.errors import ClirldError, DataError, GuardError, ReleaseError
from clirld.fetch.stage import Origin
from clirld.french import french
from clirld.harvest import line
from clirld.project import Project
from clirld.records.stage import TERRITORIES
from clirld.replicate.harvests import shared
from clirld.settings import Settings
from clirld.validate import engine

AT_ONCE = 2
"""Sources that `harvest_all` takes side by side."""

FETCH_RETRIES: list[float] = [30, 300]
"""Seconds before a fetch is tried again; what the server says in Retry-After is heeded within each try."""

_ROWS = ("rows_in", "published", "held", "dropped")


def _task_runner(fetch_retries: list[float], limits: list[str]) -> line.StageRunner:
    """Runs each stage as a Prefect task. What it gives is a path or where bytes came from, and is not kept.

    A fetch waits for its turn at its hosts: another run, in whatever process, may be asking there. Tasks have no tags:
    for each Prefect would ask its server whether it has a limit, and wait seconds where SQLite is being written to.
    """

    def call(stage: str, work: Callable[[], Any]) -> Any:
        is_fetch = stage == "fetch"
        retry_delays = fetch_retries if is_fetch else []

        def within_limits() -> Any:
            with concurrency(limits if is_fetch else []):
                return work()

        run = task(
            name=stage,
            retries=len(retry_delays),
            retry_delay_seconds=retry_delays,
            cache_policy=NO_CACHE,
            persist_result=False,
        )(within_limits)
        return run()

    return call


def hosts(source: Source) -> list[str]:
    """The hosts that a source's distributions are on."""
    names = {urlsplit(distribution.address or "").hostname for distribution in source.card.distributions.values()}
    return sorted(host for host in names if host)


def _limits(source: Source) -> list[str]:
    """Names of the global concurrency limits of a source's hosts, made where they are not there yet: one at a time."""
    names = [f"clirld-host-{host}" for host in hosts(source)]
    with get_client(sync_client=True) as client:
        # 200 is the most that Prefect gives in a page; a limit beyond them is met as ObjectAlreadyExists below.
        limits = client.read_global_concurrency_limits(limit=200, offset=0) if names else []
        existing = {limit.name for limit in limits}
        for name in names:
            if name not in existing:
                with suppress(ObjectAlreadyExists):  # another run was quicker
                    client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))
    return names


def _project(data: str | None, stages: str | None = None) -> Project:
    return Project.load(Settings.from_environment(data=Path(data) if data else None, stages=stages))


@flow(name="harvest", flow_run_name="harvest {source}", persist_result=False)
def harvest(
    source: str,
    mirror: str | None = None,
    sample: bool = False,
    data: str | None = None,
    fetch_retries: list[float] = FETCH_RETRIES,
    stages: str | None = None,
) -> str | State[GuardError]:
    """Take one source through the line; gives the folder of its validated graph, or why the guards keep it back.

    With `stages`, as in s3://bucket/prefix, from what was committed there, and committed there (docs/dask.md).

    A flow that gives a failed state has failed: whoever calls it gets the GuardError.
    """
    project = _project(data, stages)
    origin = Origin(mirror=Path(mirror).absolute() if mirror else None, sample=sample)
    logger = get_run_logger()

    def log_state(name: str, stage: str, state: str) -> None:
        logger.info("%s · %s · %s", name, stage, state)

    if engine.is_fallback():
        logger.warning("%s", report.labels_of(project.settings.message_language)["slow_validation"])
    is_local = bool(mirror) or sample  # a file that is not there will not be there in five minutes either
    source_ = project.select([source])[0]
    if origin.passes_over(source_):
        logger.info("%s", report.labels_of(project.settings.message_language)["by_hand"].format(source))
    call = _task_runner([] if is_local else fetch_retries, [] if is_local else _limits(source_))
    try:
        harvested = shared.harvest(project, source_, origin, log_state, call, elsewhere.others())
        artifacts.account(project, report.account_of(harvested))
        artifacts.mends(project, source)
    except GuardError as error:  # a state with its message: an exception would log a traceback
        is_french = project.settings.message_language == "fr"
        message = f"{error.fr if is_french else error.what}\n  → {french(error.do) if is_french else error.do}"
        logger.error("%s · %s", source, message)
        return Failed(message=message, data=error)
    finally:  # of a failure too: it is the first of them
        artifacts.issues(project, source)
    rows = harvested.account.summary()
    logger.info("%s · %s", source, ", ".join(f"{rows[name]} {name}" for name in _ROWS))
    return str(harvested.validated)


@flow(name="publish", flow_run_name="publish", persist_result=False)
def publish(data: str | None = None, force: bool = False, stages: str | None = None) -> str:
    """Make a release of the last good harvests; gives its folder. Sources that are late are told of as events.

    With `stages` it is of what was committed there, and published there.
    """
    project = _project(data, stages)
    try:
        new_release, is_new, damaged = shared.release(project, force=force)
    finally:
        notifications.tell_late(project)
    artifacts.release(project, new_release)
    logger = get_run_logger()
    for error in damaged.values():
        logger.error("%s", error)
    logger.info("%s: %s", "new release" if is_new else "nothing has changed", new_release.id)
    return str(new_release.folder)


@flow(name="harvest-all", flow_run_name="harvest all", persist_result=False)
def harvest_all(
    mirror: str | None = None,
    sample: bool = False,
    data: str | None = None,
    fetch_retries: list[float] = FETCH_RETRIES,
    at_once: int = AT_ONCE,
    stages: str | None = None,
) -> str:
    """Take every source through the line, then publish; gives the release's folder.

    Territories come first, since all others are placed with them. Then sources of different hosts are taken side by
    side, `at_once` of them at a time; those of one host follow each other.

    A source that fails does not stop the others: the release holds its last good harvest. Raises DataError with
    what failed and what to do once all is done, so that the run is marked as failed. `stages`: see `harvest`.
    """

    def harvest_lane(sources: list[str]) -> Failures:
        failures: Failures = {}
        for source in sources:
            try:
                harvest(source, mirror=mirror, sample=sample, data=data, fetch_retries=fetch_retries, stages=stages)
            except DataError as error:
                failures[source] = error
        return failures

    def harvest_lanes(lanes: list[list[str]]) -> Failures:
        with ThreadPoolExecutor(at_once) as pool:
            # Each thread is given this run's context: its runs are of this one.
            futures = [pool.submit(copy_context().run, harvest_lane, sources) for sources in lanes]
            return {name: error for future in futures for name, error in future.result().items()}

    return harvest_and_publish(mirror, data, harvest_lanes, sample=sample, stages=stages)


Failures = dict[str, ClirldError]
"""Source → why its harvest failed."""


def harvest_and_publish(
    mirror: str | None,
    data: str | None,
    harvest_lanes: Callable[[list[list[str]]], Failures],
    *,
    sample: bool,
    stages: str | None = None,
) -> str:
    """What `harvest_all` does, with lanes of sources harvested side by side, one after another within each."""
    project = _project(data, stages)
    shared.prepare(project)
    failures: Failures = dict(project.card_errors)
    origin = Origin(mirror=Path(mirror).absolute() if mirror else None, sample=sample)
    taken = [
        source
        for source in project.sources.values()
        if origin.includes(source, project.sources, project.settings.inbox)
    ]
    first, *others = _lanes([source for source in taken if not source.harvested], bool(mirror) or sample)
    failures |= harvest_lanes([first])
    failures |= harvest_lanes(others)
    failures |= harvest_lanes([[source.id for source in taken if source.harvested]])  # made of tables of the others
    failed = {name: failures[name] for name in (*project.card_errors, *project.sources) if name in failures}
    try:
        folder = publish(data=data, stages=stages)
    except ReleaseError as error:
        if not failed:
            raise
        raise _failure(failed, f"nothing is published: {error.what}", error.where) from error
    if failed:
        raise _failure(failed, "what was last good of them stays published", folder)
    return folder


def _lanes(sources: list[Source], is_local: bool) -> list[list[str]]:
    """Territories alone, then the others in lanes: no two lanes ask one host. From files, each source is a lane."""
    lanes: list[tuple[set[str], list[str]]] = []
    for source in sources:
        if source.id == TERRITORIES:
            continue
        lane_hosts = set() if is_local else set(hosts(source))
        lane_sources = [source.id]
        # A source of several hosts joins their lanes into one.
        for lane in [lane for lane in lanes if lane[0] & lane_hosts]:
            lanes.remove(lane)
            lane_hosts, lane_sources = lane_hosts | lane[0], [*lane[1], *lane_sources]
        lanes.append((lane_hosts, lane_sources))
    territories = [source.id for source in sources if source.id == TERRITORIES]
    return [territories, *(lane_sources for _hosts, lane_sources in lanes)]


def _failure(failed: dict[str, ClirldError], published: str, where: str) -> DataError:
    advice = [f"{name}: {error.what} ({error.where}): {error.do}" for name, error in failed.items()]
    return DataError(f"failed: {', '.join(failed)}; {published}", where=where, do="\n  → ".join(advice))


if __name__ == "__main__":
    harvest_all(mirror=sys.argv[1] if sys.argv[1:] else None)
