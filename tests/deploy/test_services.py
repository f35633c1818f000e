"""What compose.yaml starts, without containers: the same commands and settings, free ports, PostgreSQL of Debian."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import PROJECT
from tests.deploy.test_compose import SERVICES

POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
PASSWORD = "letters-and-digits-1"
HOSTS = {"prefect": "127.0.0.1", "database": "127.0.0.1"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def until(holds: Callable[[], bool], seconds: float = 240) -> None:
    """Wait until something holds; a connection that is refused does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if holds():
                return
        except (requests.exceptions.RequestException, OSError):
            pass
        time.sleep(0.3)
    pytest.fail("it never came")


class Services:
    """The services by name: their commands with other ports, in a folder that looks like the image's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {port: free_port() for port in ("4200", "5432", "8000", "8080", "9464")}
        self.data = folder / "data"
        self.backup = folder / "backup"
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        for made in (self.data, self.backup, folder / "tmp", folder / "srv"):
            made.mkdir()
        for name in ("pipelines", "deploy", "prefect.yaml", "prefect.toml"):
            (folder / "srv" / name).symlink_to(PROJECT / name)

    def here(self, text: str) -> str:
        """A word of compose.yaml, for this machine."""
        for name, host in HOSTS.items():
            text = text.replace(f"http://{name}:", f"http://{host}:").replace(f"@{name}:", f"@{host}:")
            text = text.replace(f"--host={name}", f"--host={host}")
        for port, mine in self.ports.items():
            text = text.replace(port, str(mine)) if text == port or f":{port}" in text else text
        text = text.replace("0.0.0.0", "127.0.0.1").replace("${CLIRLD_DATABASE_PASSWORD}", PASSWORD)
        text = text if text.startswith(str(self.folder)) else text.replace("/data", str(self.data))
        return text.replace("/backup/", f"{self.backup}/") if text.startswith(("/backup/", "--file=")) else text

    def environment(self, name: str) -> dict[str, str]:
        said = {
            variable: "" if text.startswith("${") and "DATABASE" not in text else self.here(text)
            for variable, text in SERVICES[name].get("environment", {}).items()
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"HOME": str(self.folder / "tmp"), "PREFECT_HOME": str(self.folder / "tmp"), "PATH": path}
        small = {"CLIRLD_WORKERS": "1", "CLIRLD_CONTACT": "https://example.org/", "PYTHONPATH": str(PROJECT / "src")}
        return {
            **own,
            **small,
            **said,
            "CLIRLD_SOURCES": str(self.folder / "sources"),
            "PGPORT": str(self.ports["5432"]),
        }

    def command(self, name: str) -> list[str]:
        words = ["/backup" if word == "/backup" else self.here(str(word)) for word in SERVICES[name]["command"]]
        return [str(self.backup) if word == "/backup" else word for word in words]

    def run(self, name: str) -> str:
        """One that ends: what it says."""
        done = subprocess.run(
            self.command(name), cwd=self.folder / "srv", env=self.environment(name), capture_output=True, text=True,
            check=False, timeout=500,
        )  # fmt: skip
        assert done.returncode == 0, f"{name}: {done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    @contextmanager
    def started(self, name: str) -> Iterator[None]:
        """One that stays, until its health check says that it is well."""
        log = (self.folder / f"{name}.log").open("wb")
        process = subprocess.Popen(
            self.command(name), cwd=self.folder / "srv", env=self.environment(name), stdout=log, stderr=log
        )
        try:
            until(lambda: process.poll() is not None or self.is_well(name))
            assert process.poll() is None, (self.folder / f"{name}.log").read_text(encoding="utf-8")[-3000:]
            yield
        finally:
            process.terminate()
            try:
                process.wait(60)
            finally:
                process.kill()
            log.close()

    def is_well(self, name: str) -> bool:
        """What its health check says; of one that answers, whatever it answers, the address is the check's."""
        words = [self.here(str(word)) for word in SERVICES[name]["healthcheck"]["test"][1:]]
        words[0] = sys.executable if words[0] == "python" else words[0]
        return subprocess.run(words, capture_output=True, check=False, env=self.environment(name)).returncode == 0


@contextmanager
def postgresql(services: Services) -> Iterator[Callable[..., str]]:
    """A database as the service has it: its user, its password. Gives a way to run its tools."""
    bin_ = POSTGRESQL[-1]
    folder = Path(tempfile.mkdtemp(prefix="clirld-postgresql-"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:  # it does not run as root
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    (folder / "password").chmod(0o644)

    def tool(name: str, *arguments: str, given: Path | None = None) -> str:
        own = {**os.environ, "PGPASSWORD": PASSWORD, "PGPORT": str(services.ports["5432"])}
        with given.open("rb") if given else nullcontext() as stdin:
            done = subprocess.run(
                [bin_ / name, *arguments], stdin=stdin, capture_output=True, text=True, check=False, cwd=folder,
                env=own, **as_user,
            )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    tool("initdb", "-D", f"{folder}/db", "-U", "prefect", "--auth=scram-sha-256", f"--pwfile={folder}/password", "-N")
    options = f"-p {services.ports['5432']} -k {folder} -h 127.0.0.1 -c fsync=off"
    tool("pg_ctl", "-D", f"{folder}/db", "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        tool("createdb", "-h", "127.0.0.1", "-U", "prefect", "prefect")
        yield tool
    finally:
        tool("pg_ctl", "-D", f"{folder}/db", "-m", "fast", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    if not os.environ.get("CLIRLD_TEST_SERVICES"):
        pytest.skip("takes a minute of a processor: make services")
    if not POSTGRESQL:
        pytest.skip("no PostgreSQL: apt install postgresql")
    found = Services(tmp_path_factory.mktemp("services"))
    for name in ("territories", "tiers-lieux-2019"):
        shutil.copytree(PROJECT / "pipelines" / "sources" / name, found.folder / "sources" / name)
    return found


def test_all_services_start_work_and_are_backed_up(services: Services) -> None:
    """The database, Prefect on it, the deployments, a worker that runs one of them, the site, both backups."""
    api = f"http://127.0.0.1:{services.ports['4200']}/api"
    with postgresql(services) as tool, services.started("prefect"):
        services.run("register")
        services.run("register")  # as after an update
        named = {one["name"] for one in requests.post(f"{api}/deployments/filter", json={}, timeout=60).json()}
        assert {"territories", "ptce", "publish", "all"} <= named
        with services.started("worker"):
            ran = run_deployment(api, "harvest", "territories", {"sample": True})
            assert ran["state"]["type"] == "COMPLETED", ran
            assert run_deployment(api, "publish", "publish", {})["state"]["type"] == "COMPLETED"
        with services.started("web"):
            site = f"http://127.0.0.1:{services.ports['8000']}"
            assert requests.get(f"{site}/readyz", timeout=60).json()["state"] == "ready"
            metrics = requests.get(f"http://127.0.0.1:{services.ports['9464']}/metrics", timeout=60).text
            assert "clirld_ready 1.0" in metrics
        archive = services.run("backup").strip()
        assert Path(archive).is_file()
        services.run("backup-prefect")
        restored(tool, services)


def run_deployment(api: str, flow: str, name: str, parameters: dict[str, object]) -> dict[str, Any]:
    """Have a worker run a deployment; gives the run once it has ended."""
    found = requests.get(f"{api}/deployments/name/{flow}/{name}", timeout=60).json()
    body = {"parameters": {**found["parameters"], **parameters}, "state": {"type": "SCHEDULED"}}
    run = requests.post(f"{api}/deployments/{found['id']}/create_flow_run", json=body, timeout=60).json()
    ended: dict[str, Any] = {}

    def has_ended() -> bool:
        ended.update(requests.get(f"{api}/flow_runs/{run['id']}", timeout=60).json())
        return ended["state"]["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")

    until(has_ended)
    return ended


def restored(tool: Callable[..., str], services: Services) -> None:
    """Prefect's dump in another database says the same."""
    connection = ("-h", "127.0.0.1", "-U", "prefect")
    tool("createdb", *connection, "restored")
    tool("pg_restore", *connection, "-d", "restored", "--exit-on-error", given=services.backup / "prefect.dump")
    question = "SELECT json_agg(name ORDER BY name) FROM deployment"
    told = [json.loads(tool("psql", *connection, "-d", one, "-Atc", question)) for one in ("prefect", "restored")]
    assert told[0] == told[1]
    assert len(told[0]) > 30
