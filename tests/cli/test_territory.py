"""`clirld territory`: what it prints, and what it says where it cannot."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.errors import ClirldError, DataError, UsageError
from tests.conftest import PROJECT


def territory(*words: str) -> str:
    told = CliRunner().invoke(app.app, ["territory", *words], catch_exceptions=False)
    assert told.exit_code == 0
    return told.stdout


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", [
            "33110 Caudéran : jusqu'au 1965-02-22",
            "aujourd'hui : 33063 Bordeaux (avec d'autres)",
            "  1965-02-22  fusion simple : 33110 Caudéran, 33063 Bordeaux → 33063 Bordeaux",
        ]),
        ("en", [
            "33110 Caudéran: until 1965-02-22",
            "today: 33063 Bordeaux (with others)",
            "  1965-02-22  simple merger: 33110 Caudéran, 33063 Bordeaux → 33063 Bordeaux",
        ]),
    ],
)  # fmt: skip
def test_what_a_code_meant(samples: Path, monkeypatch: pytest.MonkeyPatch, language: str, told: list[str]) -> None:
    monkeypatch.setenv("CLIRLD_LANGUAGE", language)
    assert territory("resolve", "33110", "--at", "1960", "--data", str(samples)).splitlines() == told


def test_for_a_program(samples: Path) -> None:
    found = json.loads(territory("resolve", "8227", "--data", str(samples), "--json"))["found"]
    assert [(one["code"], one["whole"]) for one in found[0]["today"]] == [("08203", False), ("08454", False)]
    assert [one["date"] for one in found[0]["changes"]] == ["1968-03-02"]


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (["resolve", "33110", "--at", "yesterday"], UsageError, "yesterday is no day"),
        (["resolve", "99999"], DataError, "no commune has had the code"),
    ],
)
def test_what_cannot_be_told(samples: Path, words: list[str], error: type[ClirldError], said: str) -> None:
    with pytest.raises(error, match=said):
        territory(*words, "--data", str(samples))


def test_without_a_harvest(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not been harvested") as told:
        territory("resolve", "33110", "--data", str(tmp_path))
    assert "clirld run territories" in told.value.do


def test_the_page_shows_what_is_printed(samples: Path) -> None:
    page = (PROJECT / "docs" / "territories.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    shown = [part.partition("\n") for block in blocks for part in block.split("$ clirld territory ")[1:]]
    assert shown
    for command, _, output in shown:
        assert territory(*shlex.split(command), "--data", str(samples)).rstrip() == output.rstrip(), command
