"""The Prefect flows: the same release as the command line, failures that are told of, with and without a server."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from contextvars import copy_context
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pytest
from ruamel.yaml import YAML

from tests.conftest import PROJECT
from tests.dumps import quads_of
from tests.replicate.stores import SECRET, Store, bucket_at
from tests.servers import Handler, Server, good, serving

sys.path.insert(0, str(PROJECT / "pipelines"))

import flows
import notifications
import on_dask
from distributed import Client, LocalCluster, Worker, WorkerPlugin
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import FlowRun, TaskRun
from prefect.client.schemas.sorting import FlowRunSort, TaskRunSort
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_HOME,
    PREFECT_LOCAL_STORAGE_PATH,
    PREFECT_SERVER_DATABASE_CONNECTION_URL,
    PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE,
    temporary_settings,
)

from clirld.card.source import Source
from clirld.errors import DataError, GuardError
from clirld.fetch.stage import Origin
from clirld.harvest import line, outcome
from clirld.project import Project
from clirld.records import stage as records_stage
from clirld.release import published
from clirld.release.make import make_release
from clirld.replicate.address import Address
from clirld.replicate.fetch import fetch
from clirld.settings import Settings
from clirld.snapshot.store import Snapshot

UNUSED_SERVICES = ("CANCELLATION_CLEANUP", "FOREMAN", "LATE_RUNS", "PAUSE_EXPIRATIONS", "SCHEDULER")
"""What a server does by itself that no test looks at: it takes a good part of its time."""

SOURCES = ("territories", "tiers-lieux-2019", "ptce")
STAGES = ("fetch", "records", "presence", "map", "validate", "guards")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all tests, with a home of its own; gives its address."""
    # Not above: it loads the whole server, in every process of the tests.
    from prefect.testing.utilities import prefect_test_harness

    home = tmp_path_factory.mktemp("prefect")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(home))
        for service in UNUSED_SERVICES:
            patch.setenv(f"PREFECT_SERVER_SERVICES_{service}_ENABLED", "false")
        # Flows of these processes send no heartbeat: each would end up to a second later, once its thread has noticed.
        own = {
            PREFECT_HOME: home,
            PREFECT_LOCAL_STORAGE_PATH: home / "storage",
            PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
            PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE: 1,  # states are known as soon as they are so
        }
        with temporary_settings(updates=own), prefect_test_harness(server_startup_timeout=180):
            yield str(PREFECT_API_URL.value())


@pytest.fixture(scope="module")
def sources(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sources whose distributions are their samples, kept by hand: a whole harvest without the network."""
    folder = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        shutil.copytree(project / "pipelines" / "sources" / name, folder / name)
        card = edit(folder / name)
        for key, distribution in card["distributions"].items():
            several = (folder / name / "sample").is_dir()
            distribution.pop("url", None)
            distribution["path"] = f"sample{'/' + key if several else ''}.{distribution['format']}"
        keep(folder / name, card)
    return folder


def edit(folder: Path) -> Any:
    """A source's card less its assertions, which are about the whole registry."""
    card = YAML(typ="safe").load(folder / "source.yaml")
    card.pop("assertions", None)
    return card


def keep(folder: Path, card: Any) -> None:
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False  # a key between braces that is broken into two lines is not for libyaml
    yaml.dump(card, folder / "source.yaml")


def settings(patch: pytest.MonkeyPatch, sources: Path) -> None:
    """What flows find in their environment."""
    patch.setenv("CLIRLD_SOURCES", str(sources))
    patch.setenv("CLIRLD_RETRIES", "0")
    patch.setenv("CLIRLD_WORKERS", "1")


@pytest.fixture
def environment(sources: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The same for one test, to be changed there."""
    settings(monkeypatch, sources)
    return monkeypatch


@pytest.fixture(scope="module")
def plainly(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a release made without Prefect, as the command line does it."""
    data = tmp_path_factory.mktemp("plainly")
    project = Project.load(
        Settings.from_environment({"CLIRLD_SOURCES": str(sources), "CLIRLD_WORKERS": "1"}, data=data)
    )
    for source in project.sources.values():
        line.harvest(project, source, Origin())
    make_release(project)
    return data


def served(data: Path) -> published.Release:
    found = published.current(data)
    assert found is not None
    return found


def dump(one: published.Release) -> list[bytes]:
    return quads_of(one.folder)


def runs(parent: FlowRun | None = None) -> list[FlowRun]:
    """Flow runs that the server knows of, the newest first; those within another if given."""
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC)
        if parent is None:
            return found
        within = {str(one.state.state_details.child_flow_run_id) for one in tasks_of(parent) if one.state}
        return [one for one in found if str(one.id) in within]


def tasks_of(run: FlowRun) -> list[TaskRun]:
    with get_client(sync_client=True) as client:
        mine = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
        return client.read_task_runs(flow_run_filter=mine, sort=TaskRunSort.EXPECTED_START_TIME_ASC)


# The same release ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def by_prefect(server: str, sources: Path, plainly: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a release made by Prefect from the very snapshots of `plainly`."""
    data = tmp_path_factory.mktemp("by-prefect")
    shutil.copytree(plainly / "snapshots", data / "snapshots")
    with pytest.MonkeyPatch.context() as patch:
        settings(patch, sources)
        assert flows.harvest_all(data=str(data)) == str(served(data).folder)
    return data


@pytest.fixture
def harvested(by_prefect: Path, tmp_path: Path) -> Path:
    """A copy of it, for a test that changes it."""
    return Path(shutil.copytree(by_prefect, tmp_path / "data", symlinks=True))


def lasting(release: published.Release) -> list[dict[str, object]]:
    """The files of a release but for those that name it and its time: its catalogue, and what changes with it."""
    named = ("catalog.ttl", "ro-crate-metadata.json", "changes/", "feed/", "quality/")
    return [file for file in release.manifest["files"] if not file["path"].startswith(named)]


def test_both_ways_give_the_same_release(by_prefect: Path, plainly: Path) -> None:
    one, other = served(plainly), served(by_prefect)
    assert dump(one) == dump(other)
    assert len(dump(one)) > 500
    assert lasting(one) == lasting(other)  # path, size and sha256 of every one
    for table in (one.folder / "tables").glob("*/*.parquet"):
        assert pl.read_parquet(table).equals(pl.read_parquet(other.folder / table.relative_to(one.folder)))
    apart = ("id", "created", "files")
    assert {name: value for name, value in one.manifest.items() if name not in apart} == {
        name: value for name, value in other.manifest.items() if name not in apart
    }
    assert [(source["id"], source["state"]) for source in other.manifest["sources"]] == [
        (name, "fresh") for name in ("territories", "ptce", "tiers-lieux-2019")
    ]


def test_a_stage_is_one_task_and_nothing_of_it_is_stored(by_prefect: Path) -> None:
    whole = next(run for run in reversed(runs()) if run.name == "harvest all")
    within = runs(whole)
    assert sorted(run.name for run in within) == sorted([*(f"harvest {name}" for name in SOURCES), "publish"])
    for run in within:
        names = [task.name.rsplit("-", 1)[0] for task in tasks_of(run)]
        assert names == ([] if run.name == "publish" else list(STAGES))
        assert [task.tags for task in tasks_of(run) if task.tags] == []  # the server is asked about each
    storage = PREFECT_LOCAL_STORAGE_PATH.value()
    assert not storage.exists() or not any(storage.iterdir())


def artifacts() -> dict[str, Any]:
    """The newest artifact of each key that the server knows of."""
    with get_client(sync_client=True) as client:
        found = client.read_latest_artifacts(limit=200)
    return {str(one.key): one for one in found}


def test_the_page_shows_accounts_issues_and_the_release(by_prefect: Path, environment: pytest.MonkeyPatch) -> None:
    found = artifacts()
    each = {f"{kind}-{name}" for kind in ("accounting", "issues", "mends") for name in SOURCES}
    assert set(found) >= {*each, "accounting", "failures", "release"}
    sources = served(by_prefect).manifest["sources"]
    table = json.loads(found["accounting"].data)
    assert [row["source"] for row in table] == [*(one["id"] for one in sources), "total"]
    assert table[-1]["lignes lues"] == sum(one["rows_in"] for one in sources)
    mine = json.loads(found["accounting-tiers-lieux-2019"].data)
    whole = next(one for one in sources if one["id"] == "tiers-lieux-2019")
    assert mine[0]["lignes lues"] == whole["rows_in"] == sum(mine[0][n] for n in ("publiées", "retenues", "écartées"))
    assert sum(row["écartées"] for row in mine[1:] if row["écartées"]) == whole["dropped"]
    assert served(by_prefect).id in str(found["release"].data)
    issues = str(found["issues-tiers-lieux-2019"].data)
    assert "ligne écartée" in issues
    assert "clirld issues tiers-lieux-2019" in issues
    first = json.loads(found["mends-tiers-lieux-2019"].data)[0]
    assert first["une fois corrigé"] == "la ligne sera reprise"
    assert found["failures"].data == "Toutes les sources sont à jour."


class Called(BaseHTTPRequestHandler):
    """Keeps the JSON that is sent to it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((self.headers["Content-Type"], json.loads(body)))  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


@pytest.fixture
def told() -> Iterator[list[tuple[str, dict[str, str]]]]:
    """What the automations have sent to a webhook: registered twice, as somebody would after an update."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Called) as listening:
        listening.told = []  # type: ignore[attr-defined]
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        for _ in range(2):
            notifications.register(f"http://127.0.0.1:{listening.server_port}/hook")
        with get_client(sync_client=True) as client:
            assert len([one for one in client.read_automations() if one.name.startswith("clirld")]) == 2
        yield listening.told  # type: ignore[attr-defined]
        listening.shutdown()


def test_a_failed_and_a_late_source_are_told_of_by_webhook(
    told: list[tuple[str, dict[str, str]]],
    harvested: Path,
    environment: pytest.MonkeyPatch,
    sources: Path,
    tmp_path: Path,
) -> None:
    environment.setenv("CLIRLD_SOURCES", str(shutil.copytree(sources, tmp_path / "sources")))
    (tmp_path / "sources" / "ptce" / "sample" / "poles.csv").write_text('a "quoted"\n', encoding="utf-8")
    with pytest.raises(DataError):
        flows.harvest("ptce", data=str(harvested), fetch_retries=[])
    for name in SOURCES:
        path = harvested / "harvests" / f"{name}.json"
        found = outcome.last_good(flows._project(str(harvested)), name)
        assert found
        path.write_text(json.dumps(replace(found, checked="2024-01-31T03:00:00Z").as_data(harvested)), encoding="utf-8")
    flows.publish(data=str(harvested))
    late = {"territories", "ptce"}  # tiers-lieux-2019 never changes
    assert any(len(told) > len(late) or time.sleep(0.1) for _ in range(600))
    assert {kind for kind, _ in told} == {"application/json"}
    by_kind = {(one["kind"], one["source"]): one for _, one in told}
    assert by_kind.keys() == {("failed", "ptce"), *(("late", name) for name in late)}
    failed = by_kind["failed", "ptce"]
    assert "poles" in failed["message"]
    assert failed["text"].startswith("clirld · harvest ptce · Failed · ")
    assert by_kind["late", "ptce"]["message"].startswith("ptce : demandée pour la dernière fois le 2024-01-31")


def test_lanes_share_no_host_and_territories_come_first(project: Path) -> None:
    loaded = Project.load(Settings.from_environment({}))
    sources = list(loaded.sources.values())
    first, *others = flows._lanes(sources, is_local=False)
    assert first == ["territories"]
    assert sorted(name for lane in others for name in lane) == sorted(set(loaded.sources) - {"territories"})
    asked = [{host for name in lane for host in flows.hosts(loaded.sources[name])} for lane in others]
    assert sum(len(hosts) for hosts in asked) == len(set().union(*asked))
    assert any(len(lane) > 1 for lane in others)
    assert all(len(lane) == 1 for lane in flows._lanes(sources, is_local=True))


def test_a_task_gives_a_path_or_where_bytes_came_from(harvested: Path, environment: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def call(stage: str, work: Any) -> Any:
        given[stage] = work()
        return given[stage]

    project = Project.load(Settings.from_environment(data=harvested))
    line.harvest(project, project.sources["ptce"], Origin(), call=call)
    assert tuple(given) == STAGES[:-1]  # what has passed the guards before is not looked at again
    assert all(isinstance(one, Snapshot) for one in given.pop("fetch").values())
    for path, skipped in given.values():
        assert isinstance(path, Path)
        assert skipped is True


# What fails ---------------------------------------------------------------------------------------


def broken(handler: Handler, _number: int) -> None:
    handler.reply(404)


def remote(sources: Path, folder: Path, server: Server) -> Path:
    """The sources, of which the tiers-lieux are fetched from this server."""
    shutil.copytree(sources, folder)
    card = edit(folder / "tiers-lieux-2019")
    card["distributions"]["default"].pop("path")
    card["distributions"]["default"]["url"] = server.url
    keep(folder / "tiers-lieux-2019", card)
    return folder


def test_a_fetch_that_fails_is_tried_again(
    server: str, sources: Path, harvested: Path, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sample = (sources / "tiers-lieux-2019" / "sample.csv").read_bytes()

    def better_the_third_time(handler: Handler, number: int) -> None:
        (broken if number < 3 else good(sample))(handler, number)

    with serving(better_the_third_time) as host:
        environment.setenv("CLIRLD_SOURCES", str(remote(sources, tmp_path / "sources", host)))
        flows.harvest("tiers-lieux-2019", data=str(harvested), fetch_retries=[0, 0])
        assert len(host.served) == 3
    project = Project.load(Settings.from_environment(data=harvested))
    kept = outcome.last_good(project, "tiers-lieux-2019")
    assert kept is not None
    assert [one["via"] for one in kept.snapshots] == ["http"]
    with get_client(sync_client=True) as client:
        limit = client.read_global_concurrency_limit_by_name(f"clirld-host-{urlsplit(host.url).hostname}")
    assert (limit.limit, limit.active_slots) == (1, 0)
    assert outcome.failure(project, "tiers-lieux-2019") is None


def test_a_source_that_fails_keeps_its_last_good_harvest(
    server: str, sources: Path, harvested: Path, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = dump(served(harvested))
    with serving(broken) as host:
        folder = remote(sources, tmp_path / "sources", host)
        (folder / "unfinished").mkdir()
        (folder / "unfinished" / "source.yaml").write_text("id: unfinished\n", encoding="utf-8")
        environment.setenv("CLIRLD_SOURCES", str(folder))
        with pytest.raises(DataError, match="failed: unfinished, tiers-lieux-2019; what was last good") as caught:
            flows.harvest_all(data=str(harvested), fetch_retries=[0])
        assert [one.path for one in host.served if one.path != "/robots.txt"] == ["/data.csv"] * 2
    failure = outcome.failure(Project.load(Settings.from_environment(data=harvested)), "tiers-lieux-2019")
    assert failure is not None
    assert failure["do"] in caught.value.do
    now = served(harvested)
    assert {source["id"]: source["state"] for source in now.manifest["sources"]} == {
        "territories": "fresh",
        "ptce": "fresh",
        "tiers-lieux-2019": "kept",
    }
    graph = b"<https://w3id.org/clirld/graph/tiers-lieux-2019> ."
    assert [quad for quad in dump(now) if quad.endswith(graph)] == [quad for quad in before if quad.endswith(graph)]
    whole = next(run for run in runs() if run.name == "harvest all")
    assert whole.state is not None
    assert whole.state.is_failed()
    assert f"tiers-lieux-2019: {failure['what']}" in (whole.state.message or "")
    assert failure["do"] in (whole.state.message or "")
    found = artifacts()
    for key in ("failures", "issues-tiers-lieux-2019"):
        assert "le serveur a répondu 404" in str(found[key].data)
    states = {run.name: run.state.is_completed() for run in runs(whole) if run.state}
    assert states == {
        "harvest territories": True,
        "harvest ptce": True,
        "harvest tiers-lieux-2019": False,
        "publish": True,
    }


def test_what_the_guards_keep_back_ends_with_their_message_and_no_traceback(
    server: str, sources: Path, harvested: Path, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "guarded"
    shutil.copytree(sources, folder)
    card = folder / "tiers-lieux-2019" / "source.yaml"
    card.write_text(f"{card.read_text(encoding='utf-8')}\nassertions:\n  rows: {{default: [9000, 9999]}}\n")
    environment.setenv("CLIRLD_SOURCES", str(folder))
    with pytest.raises(GuardError, match="9000 to 9999"):
        flows.harvest("tiers-lieux-2019", data=str(harvested))
    refused = next(run for run in runs() if run.name == "harvest tiers-lieux-2019")
    assert refused.state is not None
    assert refused.state.is_failed()
    assert "clirld accept tiers-lieux-2019" in (refused.state.message or "")
    with get_client(sync_client=True) as client:
        logs = client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[refused.id])))
    assert [log.message for log in logs if "Traceback" in log.message] == []
    with pytest.raises(DataError, match="failed: tiers-lieux-2019; what was last good"):
        flows.harvest_all(data=str(harvested))


def test_where_nothing_is_good_what_was_released_stays(
    server: str, sources: Path, harvested: Path, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = served(harvested)
    shutil.rmtree(harvested / "harvests")
    with serving(broken) as host:
        folder = remote(sources, tmp_path / "sources", host)
        for other in ("territories", "ptce"):
            shutil.rmtree(folder / other)
        environment.setenv("CLIRLD_SOURCES", str(folder))
        with pytest.raises(DataError, match="failed: tiers-lieux-2019; nothing is published") as caught:
            flows.harvest_all(data=str(harvested), fetch_retries=[])
    assert "the server answered 404" in caught.value.do
    assert served(harvested) == before
    assert len(published.all_releases(harvested)) == 1


# Prefect is kept apart ----------------------------------------------------------------------------


def imported(path: Path) -> set[str]:
    """Top-level packages that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." if node.level else node.module or "")
    return {name.split(".")[0] for name in names}


def test_the_engine_does_not_know_prefect(project: Path) -> None:
    modules = list((project / "src" / "clirld").rglob("*.py"))
    assert len(modules) > 20
    assert [path.name for path in modules if "prefect" in imported(path)] == []


def test_the_flows_know_the_engine_and_prefect_only(project: Path) -> None:
    ours = imported(project / "pipelines" / "flows.py") - set(sys.stdlib_module_names)
    assert ours == {"artifacts", "clirld", "elsewhere", "notifications", "prefect"}


def copy_database(home: Path) -> None:
    """Give a new home the database of the tests' server: to make its tables anew takes longer than all else."""
    url = str(PREFECT_SERVER_DATABASE_CONNECTION_URL.value())
    home.mkdir()
    with closing(sqlite3.connect(urlsplit(url).path)) as ours, closing(sqlite3.connect(home / "prefect.db")) as copy:
        ours.backup(copy)


def test_the_flows_start_from_anywhere_without_a_server_and_send_nothing(
    server: str, sources: Path, tmp_path: Path
) -> None:
    """prefect.toml is only found from the project's folder, so the flows must say it too."""
    copy_database(tmp_path / "prefect")
    shutil.copytree(sources / "territories", tmp_path / "sources" / "territories")
    there = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "DO_NOT_TRACK"))}
    own = {
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "CLIRLD_SOURCES": str(tmp_path / "sources"),
        "CLIRLD_WORKERS": "1",
        "CLIRLD_DATA": str(tmp_path / "data"),
    }
    script = f"""
import os, runpy
runpy.run_path({flows.__file__!r}, run_name="__main__")
from prefect.settings import get_current_settings
now = get_current_settings()
print(now.server.analytics_enabled, os.environ["DO_NOT_TRACK"], now.server.ephemeral.startup_timeout_seconds)
"""
    done = run(["-c", script], tmp_path, {**there, **own})
    assert "Starting temporary server" in done.stderr + done.stdout
    assert done.stdout.splitlines()[-1] == "False 1 120"
    assert [source["id"] for source in served(tmp_path / "data").manifest["sources"]] == ["territories"]


def run(arguments: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run Python there; a failure shows all that it said."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_a_worker_runs_a_deployment_as_the_operator_is_told(
    server: str, project: Path, sources: Path, tmp_path: Path
) -> None:
    own = {
        **os.environ,
        "PREFECT_API_URL": server,
        "CLIRLD_SOURCES": str(sources),
        "CLIRLD_WORKERS": "1",
        "CLIRLD_DATA": str(tmp_path / "data"),
    }
    prefect = ["-m", "prefect", "--no-prompt"]
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name="clirld", type="process"))
    run([*prefect, "deploy", "--all"], project, own)
    written = YAML(typ="safe").load(project / "prefect.yaml")["deployments"]
    with get_client(sync_client=True) as client:
        made = {one.name: one for one in client.read_deployments()}
        client.create_flow_run_from_deployment(made["territories"].id)
    assert set(made) == {one["name"] for one in written}
    for one in written:
        there = made[one["name"]]
        assert there.work_pool_name == "clirld"
        assert there.parameters == one.get("parameters", {})
        kept = [item.schedule.model_dump() for item in there.schedules if item.active]
        assert [{"cron": item["cron"], "timezone": item["timezone"]} for item in kept] == one["schedules"]
    done = run([*prefect, "worker", "start", "--pool", "clirld", "--run-once"], project, own)
    assert (tmp_path / "data" / "harvests" / "territories.json").is_file(), done.stdout + done.stderr


# On Dask ------------------------------------------------------------------------------------------


def hold(reached: str) -> None:
    """In a worker: whoever comes to the records of ptce first says so, and stays there for ever."""

    def make_records(source: Source, *given: Any) -> Any:
        with suppress(FileExistsError):
            if source.id == "ptce":
                Path(reached).touch(exist_ok=False)
                Path(reached).write_text(str(os.getpid()), encoding="ascii")
                threading.Event().wait()
        return records_stage.make_records(source, *given)

    line.make_records = make_records


class OwnData(WorkerPlugin):
    """Gives each worker process a data folder of its own, one that comes in the place of a killed one too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def setup(self, worker: Worker) -> None:
        os.environ["CLIRLD_DATA"] = str(self.folder / f"worker-{os.getpid()}")


def on_two_workers(reached: Path, own: Path | None = None, **given: str) -> str:
    """Harvest all on two processes of one thread each; one is killed with -9 in the middle, and comes back.

    Gives the folder of the release; with `own`, a folder of each worker's data folder.
    """
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as cluster,
        Client(cluster, set_as_default=False) as client,
        ThreadPoolExecutor(1) as beside,
    ):
        if own:
            client.register_plugin(OwnData(own))
        workers = set(client.run(os.getpid).values())
        client.run(hold, str(reached))
        run = beside.submit(copy_context().run, on_dask.on, cluster.scheduler_address, **given)
        while not (reached.exists() and reached.read_text(encoding="ascii")):
            assert not run.done(), run.result()
            time.sleep(0.05)
        killed = int(reached.read_text(encoding="ascii"))
        assert killed in workers
        os.kill(killed, signal.SIGKILL)
        folder = run.result()
        client.wait_for_workers(2)
        assert killed not in client.run(os.getpid).values()
    return folder


def assert_the_same(one: published.Release, other: published.Release) -> None:
    assert dump(one) == dump(other)
    assert lasting(one) == lasting(other)
    assert [source["state"] for source in other.manifest["sources"]] == ["fresh"] * len(SOURCES)


def test_on_dask_the_release_is_the_same_and_a_killed_worker_is_survived(
    server: str, plainly: Path, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(plainly / "snapshots", data / "snapshots")
    assert on_two_workers(tmp_path / "reached", data=str(data)) == str(served(data).folder)
    assert_the_same(served(plainly), served(data))
    assert [path for path in data.rglob(".*") if path.name.startswith(".") and "tmp" not in path.name] == []


def test_on_dask_workers_may_share_nothing_but_a_bucket(
    server: str, plainly: Path, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(plainly / "snapshots", home / "snapshots")
    with Store() as store:
        for name, value in {
            "CLIRLD_DATA": str(home),
            "AWS_ENDPOINT_URL": store.url,
            "AWS_ACCESS_KEY_ID": "somebody",
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }.items():
            environment.setenv(name, value)
        folder = on_two_workers(tmp_path / "reached", tmp_path, stages="s3://releases/here")
        assert folder == str(served(home).folder)
        assert_the_same(served(plainly), served(home))
        harvested = {path.stem for path in tmp_path.glob("worker-*/harvests/*.json") if path.stem in SOURCES}
        assert harvested == set(SOURCES)
        assert len(list(tmp_path.glob("worker-*"))) >= 2
        assert not list(tmp_path.glob("worker-*/releases"))
        replica = tmp_path / "replica"
        fetch(bucket_at(Address("releases", "here", store.url)), replica)
        assert dump(served(replica)) == dump(served(home))
