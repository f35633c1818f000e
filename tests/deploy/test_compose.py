"""compose.yaml and Containerfile: a tool takes them, they do as they promise, and what is installed is the lock."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from clirld.settings import Settings
from tests.conftest import PROJECT

COMPOSE = YAML(typ="safe").load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CONTAINERFILE = (PROJECT / "Containerfile").read_text(encoding="utf-8")
TOOLS = (("docker-compose",), ("docker", "compose"), ("podman-compose",))


def own(name: str) -> bool:
    return SERVICES[name]["image"] == "clirld"


def is_there(tool: tuple[str, ...]) -> bool:
    """Whether a tool runs: the client of Docker is there without its compose, too."""
    return (
        bool(shutil.which(tool[0]))
        and not subprocess.run([*tool, "version"], capture_output=True, check=False).returncode
    )


def test_a_tool_takes_it(tmp_path: Path) -> None:
    tool = next((tool for tool in TOOLS if is_there(tool)), None)
    if tool is None:
        pytest.skip("no docker-compose: apt install docker-compose")
    variables = (PROJECT / "deploy" / "env.example").read_text(encoding="utf-8")
    env = tmp_path / ".env"
    env.write_text(variables.replace("PASSWORD=", "PASSWORD=abc123"), encoding="utf-8")
    command = [*tool, "-f", str(PROJECT / "compose.yaml"), "--env-file", str(env), "config"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "prefect:abc123@database" in done.stdout
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CLIRLD_")}
    env.write_text("", encoding="utf-8")
    unset = subprocess.run(
        command,
        capture_output=True, text=True, check=False, env=clean,
    )  # fmt: skip
    assert unset.returncode != 0
    assert "set it in .env" in unset.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert "privileged" not in service
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    if own(name):
        assert service["user"] == "10001:10001"
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    if service.get("restart") == "unless-stopped":
        assert service["healthcheck"]["test"]


def test_who_serves_cannot_write_the_data_and_knows_no_secret() -> None:
    web = SERVICES["web"]
    assert web["volumes"] == ["data:/data:ro"]
    assert [web["environment"][name] for name in ("CLIRLD_ERASURE_KEY", "INSEE_API_KEY")] == ["", ""]


def test_contributions_are_off_unless_asked_for_and_only_their_moderators_know_the_token() -> None:
    assert {name for name, one in SERVICES.items() if "contributions" in one.get("command", [])} == {
        "contribute",
        "moderate",
    }
    for name in ("contribute", "moderate"):
        service = SERVICES[name]
        assert service["profiles"] == ["contributions"]
        assert [service["environment"][secret] for secret in ("CLIRLD_ERASURE_KEY", "INSEE_API_KEY")] == ["", ""]
    knowing = {name for name, one in SERVICES.items() if "CLIRLD_MODERATION_TOKEN_HASH" in one.get("environment", {})}
    assert knowing == {"moderate"}
    assert "CLIRLD_CONTRIBUTIONS_URL" in SERVICES["web"]["environment"]  # the pages lead to the forms


def test_the_commands_and_settings_are_ones_that_there_are() -> None:
    settings = {f"CLIRLD_{name.upper()}" for name in Settings.__dataclass_fields__}
    for service in SERVICES.values():
        named = {name for name in service.get("environment", {}) if name.startswith("CLIRLD_")}
        assert named <= settings | {"CLIRLD_WEBHOOK"}
        for word in service.get("command", []):
            assert not word.startswith("deploy/") or os.access(PROJECT / word, os.X_OK)
    example = set(re.findall(r"^([A-Z_]+)=", (PROJECT / "deploy" / "env.example").read_text(encoding="utf-8"), re.M))
    wanted = set(re.findall(r"\$\{([A-Z_]+)", (PROJECT / "compose.yaml").read_text(encoding="utf-8")))
    assert wanted - example <= {"CLIRLD_LANGUAGE"}
    assert example <= wanted


def test_the_image_is_made_of_the_lock_by_name() -> None:
    installs = re.findall(r"pip install ([^&\\\n]+)", CONTAINERFILE)
    assert len(installs) == 4
    assert all("--require-hashes -r requirements-" in one or "--no-deps --no-index" in one for one in installs)
    last = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert "USER 10001:10001" in last
    assert "HEALTHCHECK" in last
    ignored = (PROJECT / ".containerignore").read_text(encoding="utf-8").splitlines()
    given = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert [one for one in given if not (PROJECT / one).exists()] == []
    build = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    wheel = build["targets"]["wheel"]
    assert {"src", *wheel["force-include"], *wheel["sbom-files"], "README.md", "LICENSE", "pyproject.toml"} <= given
    assert not any("http" in line and "127.0.0.1" not in line for line in CONTAINERFILE.splitlines())


def pins(name: str) -> dict[str, str]:
    text = (PROJECT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))


def test_the_lock_of_servers_is_that_of_the_tests_less_their_tools() -> None:
    server, whole = pins("requirements-server.txt"), pins("requirements.txt")
    assert server.items() <= whole.items()
    assert {"pytest", "hypothesis", "mypy", "ruff"} <= whole.keys() - server.keys()
    assert {"prefect", "asyncpg", "polars", "pyoxigraph", "obstore", "prefect-dask"} <= server.keys()
