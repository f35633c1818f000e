"""With --json a command writes JSON whatever happens: what went wrong too."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clirld.cli import app, commands


def paths(one: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The commands that have --json, by their words."""
    if any("--json" in getattr(parameter, "opts", ()) for parameter in one.params):
        yield path
    for name, part in getattr(one, "commands", {}).items():
        yield from paths(part, (*path, name))


COMMANDS = [path for name in commands.COMMANDS for path in paths(commands.load(name), (name,))]

WRONG: dict[str, list[str]] = {
    "run": ["no-such-source"],
    "issues": ["no-such-source"],
    "accept": ["no-such-source", "--by", "x", "--because", "x"],
    "check": ["no-such-source"],
    "release": [],
    "releases": ["--use", "no-such-release"],
    "publish": ["--to", "ftp://example.org"],
    "tidy": ["--keep", "0"],
    "query": ["no-such-file.rq"],
    "search": ["words", "--type", "no-such-type"],
    "territory resolve": ["39300"],
    "territory convert": ["no-such-file.csv", "--code", "x", "-o", "x.csv"],
    "territory like": ["39300"],
    "territory experience": [],
    "reuse": ["--territory", "39300"],
    "replay": ["no-such-file"],
    "case check": ["no-such-case"],
    "grade": [],
    "link": ["no-such-file.csv"],
    "match check": [],
    "registered": [],
    "contributions show": ["no-such-number"],
}
"""What is wrong with a command beyond its options: a thing that is not there."""


def ended(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["clirld", *arguments])
    before = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(SystemExit) as end:
            app.main()
    finally:
        signal.signal(signal.SIGINT, before)
    assert isinstance(end.value.code, int)
    return end.value.code


def error_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
    code = ended(monkeypatch, *arguments, "--json")
    said = capsys.readouterr()
    error = json.loads(said.out)["error"]
    assert (error["exit_code"], bool(error["what"]), bool(error["do"])) == (code, True, True)
    assert code in (1, 2)
    assert error["what"] in said.err


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_called_wrongly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], path: tuple[str, ...]
) -> None:
    error_of(monkeypatch, capsys, *path, "--no-such-option")


@pytest.mark.parametrize("name", WRONG)
def test_a_thing_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv("CLIRLD_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    error_of(monkeypatch, capsys, *name.split(), *WRONG[name])


def test_every_command_is_tried() -> None:
    cannot_fail = {"source list", "source schemes", "demo", "contributions list", "contributions token"}
    assert {" ".join(path) for path in COMMANDS} - WRONG.keys() <= cannot_fail


def test_without_it_nothing_is_written(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(monkeypatch, "reuse", "--no-such-option") == 2
    assert ended(monkeypatch, "reuse", "--territory", "x", "--", "--json") == 2
    assert capsys.readouterr().out == ""
