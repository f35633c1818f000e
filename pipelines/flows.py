"""Prefect flows: thin shells over `clirld.harvest.line` and `clirld.release.make`.

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

# Before Prefect is imported. prefect.toml says the same, but it is only found from the project's folder.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")  # 20 is too short on a busy machine

sys.path.insert(0, str(Path(__file__).resolve().parent))  # for what is beside this file, from wherever it is run

import artifacts
from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectAlreadyExists

from clirld.card.source import Source
from clirld.cli import report
from clirld.errors import ClirldError, DataError, ReleaseError
from clirld.fetch import Origin
from clirld.harvest import line
from clirld.project import Project
from clirld.records.stage import TERRITORIES
from clirld.release import make_release
from clirld.settings import Settings

AT_ONCE = 2
"""Sources that `harvest_all` takes side by side."""

FETCH_RETRIES: list[float] = [30, 300]
"""Seconds before a fetch is tried again; what the server says in Retry-After is heeded within each try."""

_ROWS = ("rows_in", "published", "held", "dropped")


def _as_tasks(fetch_retries: list[float], limits: list[str]) -> line.Call:
    """Runs each stage as a Prefect task. What it gives is a path or where bytes came from, and is not kept.

    A fetch waits for its turn at its hosts: another run, in whatever process, may be asking there.
    """

    def call(stage: str, work: Callable[[], Any]) -> Any:
        fetching = stage == "fetch"
        waits = fetch_retries if fetching else []

        def in_turn() -> Any:
            with concurrency(limits if fetching else []):
                return work()

        run = task(
            name=stage,
            tags=[stage],
            retries=len(waits),
            retry_delay_seconds=waits,
            cache_policy=NO_CACHE,
            persist_result=False,
        )(in_turn)
        return run()

    return call


def hosts(source: Source) -> list[str]:
    """The hosts that a source's distributions are on."""
    found = {urlsplit(one.address or "").hostname for one in source.card.distributions.values()}
    return sorted(host for host in found if host)


def _limits(source: Source) -> list[str]:
    """Names of the global concurrency limits of a source's hosts, made where they are not there yet: one at a time."""
    names = [f"clirld-host-{host}" for host in hosts(source)]
    with get_client(sync_client=True) as client:
        there = {one.name for one in client.read_global_concurrency_limits(limit=200, offset=0)} if names else set()
        for name in names:
            if name not in there:
                with suppress(ObjectAlreadyExists):  # another run was quicker
                    client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))
    return names


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
    origin = Origin(mirror=Path(mirror).absolute() if mirror else None, sample=sample)
    logger = get_run_logger()

    def said(name: str, stage: str, state: str) -> None:
        logger.info("%s · %s · %s", name, stage, state)

    local = bool(mirror) or sample  # a file that is not there will not be there in five minutes either
    card = project.select([source])[0]
    call = _as_tasks([] if local else fetch_retries, [] if local else _limits(card))
    try:
        done = line.harvest(project, card, origin, said, call)
        artifacts.account(project, report.account_of(done))
    finally:  # of a failure too: it is the first of them
        artifacts.issues(project, source)
    rows = done.account.summary()
    logger.info("%s · %s", source, ", ".join(f"{rows[name]} {name}" for name in _ROWS))
    return str(done.validated)


@flow(name="publish", flow_run_name="publish", persist_result=False)
def publish(data: str | None = None, force: bool = False) -> str:
    """Make a release of the last good harvests; gives its folder."""
    project = _project(data)
    made, new = make_release(project, force=force)
    artifacts.release(project, made)
    get_run_logger().info("%s: %s", "new release" if new else "nothing has changed", made.id)
    return str(made.folder)


@flow(name="harvest-all", flow_run_name="harvest all", persist_result=False)
def harvest_all(
    mirror: str | None = None,
    sample: bool = False,
    data: str | None = None,
    fetch_retries: list[float] = FETCH_RETRIES,
    at_once: int = AT_ONCE,
) -> str:
    """Take every source through the line, then publish; gives the release's folder.

    Territories come first, since all others are placed with them. Then sources of different hosts are taken side by
    side, `at_once` of them at a time; those of one host follow each other.

    A source that fails does not stop the others: the release holds its last good harvest. Raises DataError with
    what failed and what to do once all is done, so that the run is marked as failed.
    """
    project = _project(data)
    local = bool(mirror) or sample
    failures: dict[str, ClirldError] = dict(project.card_errors)

    def lane(sources: list[str]) -> None:
        for source in sources:
            try:
                harvest(source, mirror=mirror, sample=sample, data=data, fetch_retries=fetch_retries)
            except DataError as error:
                failures[source] = error

    origin = Origin(mirror=Path(mirror).absolute() if mirror else None, sample=sample)
    first, *others = _lanes([source for source in project.sources.values() if origin.has(source)], local)
    lane(first)
    with ThreadPoolExecutor(at_once) as pool:
        # Each thread is given this run's context: its runs are of this one.
        for done in [pool.submit(copy_context().run, lane, sources) for sources in others]:
            done.result()
    failed = {name: failures[name] for name in (*project.card_errors, *project.sources) if name in failures}
    try:
        folder = publish(data=data)
    except ReleaseError as error:
        if not failed:
            raise
        raise _failure(failed, f"nothing is published: {error.what}", error.where) from error
    if failed:
        raise _failure(failed, "what was last good of them stays published", folder)
    return folder


def _lanes(sources: list[Source], local: bool) -> list[list[str]]:
    """Territories alone, then the others in lanes: no two lanes ask one host. From files, each source is a lane."""
    lanes: list[tuple[set[str], list[str]]] = []
    for source in sources:
        if source.id == TERRITORIES:
            continue
        asked = set() if local else set(hosts(source))
        names = [source.id]
        for lane in [lane for lane in lanes if lane[0] & asked]:
            lanes.remove(lane)
            asked, names = asked | lane[0], [*lane[1], *names]
        lanes.append((asked, names))
    return [[source.id for source in sources if source.id == TERRITORIES], *(names for _asked, names in lanes)]


def _failure(failed: dict[str, ClirldError], published: str, where: str) -> DataError:
    advice = [f"{name}: {error.what} ({error.where}): {error.do}" for name, error in failed.items()]
    return DataError(f"failed: {', '.join(failed)}; {published}", where=where, do="\n  → ".join(advice))


if __name__ == "__main__":
    harvest_all(mirror=sys.argv[1] if sys.argv[1:] else None)
