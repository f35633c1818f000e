"""CLIRLD_LOG=json: what a command tells on standard error is a line of JSON an event."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from clirld import stages
from clirld.cli import app, terminal
from clirld.errors import DataError
from tests.followed import Followed, row


@pytest.mark.usefixtures("source")
def test_stages_and_errors_of_a_run(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIRLD_LOG", "json")
    source.write([row(number) for number in range(3)])
    terminal._console.cache_clear()  # it would write where it did before
    ran = CliRunner().invoke(app.app, ["run", "lieux", "--no-release"])
    source.write(["1"], header="id")
    failed = CliRunner().invoke(app.app, ["run", "lieux", "--no-release"])
    terminal._console.cache_clear()
    told = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [(one["event"], one["source"], one["stage"], one["state"]) for one in told] == [
        ("stage", "lieux", stage, "done") for stage in ("fetch", "records", "presence", "map", "validate", "guards")
    ]
    errors = [json.loads(line) for line in failed.stderr.splitlines()]
    (said,) = (one for one in errors if one["event"] == "error")
    assert "lieux" in said["about"]
    assert {"what", "where", "do"} <= said.keys()


def test_a_notice(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CLIRLD_LOG", "json")
    terminal.show_notices()
    stages.give_notice(DataError("it was damaged", where="harvests/lieux.json", do="nothing"))
    (said,) = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (said["event"], said["level"], said["where"]) == ("notice", "warning", "harvests/lieux.json")
