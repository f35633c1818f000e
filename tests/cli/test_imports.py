"""What a command loads: neither Prefect nor pySHACL to ask a release, to link, or to list the commands."""

from __future__ import annotations

import subprocess
import sys

import pytest

from clirld.cli import commands

HEAVY = ("prefect", "pyshacl", "rdflib")
FOR_HARVESTS = (*HEAVY, "polars", "requests", "pydantic", "phonenumbers", "pyproj")
"""What a command that only asks a release, or lists, has no use for either."""

CALL = "from clirld.cli.app import main; import sys; sys.argv = ['clirld', {arguments}]; main()"


def loaded(program: str) -> set[str]:
    """The packages that a program has loaded when it is at its end, however it ends."""
    watched = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n{program}"
    ran = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True, check=False)
    return set(ran.stderr.split())


@pytest.mark.parametrize(
    "module",
    ["clirld.query.run", "clirld.query.worker", "clirld.query.worker_pool", "clirld.link.matching", "clirld.web.app"],
)
def test_to_ask_and_to_link_takes_no_prefect_and_no_pyshacl(module: str) -> None:
    names = loaded(f"import {module}")
    assert module in names
    assert names & set(HEAVY) == set()


@pytest.mark.parametrize(
    "module", ["clirld.cli.app", "clirld.cli.commands", "clirld.cli.query", "clirld.cli.releases.release"]
)
def test_to_list_and_to_ask_takes_nothing_of_harvests(module: str) -> None:
    names = loaded(f"import {module}")
    assert module in names
    assert names & set(FOR_HARVESTS) == set()


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_no_command_loads_prefect_or_pyshacl_before_it_has_to(name: str) -> None:
    names = loaded(CALL.format(arguments=f"'{name}', '--help'"))
    assert "clirld.cli.commands" in names
    assert names & set(HEAVY) == set()
