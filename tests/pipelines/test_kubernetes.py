"""The files of deploy/kubernetes, which no test can run: what they name is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
import yaml
from distributed.cli import dask_scheduler, dask_worker

from clirld.cli import commands
from clirld.settings import Settings
from tests.conftest import PROJECT

FOLDER = PROJECT / "deploy" / "kubernetes"
FILES = sorted(FOLDER.glob("*.yaml"))
OBJECTS = [one for path in FILES for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def within(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping."""
    if isinstance(node, dict):
        yield node
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from within(one)


CONTAINERS = [one for part in within(OBJECTS) for one in part.get("containers", ())]


def options(words: list[str]) -> set[str]:
    """Those of a command that a container runs."""
    if words[0] == "clirld":
        parameters = commands.load(words[1]).params
    else:
        parameters = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}[words[1]].params
    return {option for parameter in parameters for option in (*parameter.opts, *parameter.secondary_opts)}


@pytest.mark.parametrize(
    "container", [one for one in CONTAINERS if isinstance(one["args"], list)], ids=lambda one: str(one["name"])
)
def test_a_container_runs_a_command_that_there_is(container: dict[str, Any]) -> None:
    words = [str(word) for word in container["args"]]
    assert {word for word in words if word.startswith("--")} <= options(words)
    assert container["resources"]["limits"]["memory"]


def test_settings_and_secrets_are_those_that_are_read() -> None:
    settings = {f"CLIRLD_{field.name.upper()}" for field in fields(Settings)}
    data = [one["data"] for one in OBJECTS if one.get("kind") == "ConfigMap"]
    named = {name for one in data for name in one}
    lists = [one["env"] for one in CONTAINERS if isinstance(one.get("env"), list)]
    named |= {one["name"] for variables in lists for one in variables}
    assert {name for name in named if name.startswith("CLIRLD_")} <= settings
    assert data[0]["PYTHONPATH"].endswith("/pipelines")
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    assert "AWS_SECRET_ACCESS_KEY:" not in text


def test_what_is_mounted_and_selected_is_there() -> None:
    for one in OBJECTS:
        if one.get("kind") not in ("Deployment", "StatefulSet"):
            continue
        pod = one["spec"]["template"]
        assert one["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
        volumes = {volume["name"] for volume in pod["spec"].get("volumes", ())}
        volumes |= {claim["metadata"]["name"] for claim in one["spec"].get("volumeClaimTemplates", ())}
        for container in pod["spec"]["containers"]:
            assert {mount["name"] for mount in container.get("volumeMounts", ())} <= volumes
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
