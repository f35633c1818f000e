"""`clirld territory like`: what it prints, for people and for programs, and what it says where it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.errors import ClirldError

FIGEAC, LILLE, MAYOTTE = "200067361", "200093201", "200060457"


def like(samples: Path, *words: str) -> str:
    told = CliRunner().invoke(app.app, ["territory", "like", *words, "--data", str(samples)], catch_exceptions=False)
    assert told.exit_code == 0
    return told.stdout


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ["dont Figeac fait partie", "en affaiblissement (règle 2) : Oui.", "ne disent rien des commerces"]),
        ("en", ["which Figeac is part of", "weakening (rule 2): Yes.", "say nothing of shops"]),
    ],
)
def test_a_commune_leads_to_its_grouping(
    samples: Path, language: str, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIRLD_LANGUAGE", language)
    text = like(samples, "46102")
    for one in said:
        assert one in text
    assert text.count("Les plus différents" if language == "fr" else "Most different") == 10


def test_for_a_program(samples: Path) -> None:
    answer = json.loads(like(samples, FIGEAC, "--json"))
    assert answer["territory"].endswith(f"epci-{FIGEAC}")
    assert {one["answer"] for one in answer["situations"]} <= {"holds", "does-not-hold", "cannot-be-said"}
    assert all(one["rule"].endswith(one["version"]) for one in answer["situations"])
    neighbours = answer["comparison"]["neighbours"]
    assert [one["rank"] for one in neighbours] == list(range(1, 11))
    assert [one["distance"] for one in neighbours] == sorted(one["distance"] for one in neighbours)
    assert 0 <= answer["comparison"]["stable_without_group"] <= 1


def test_doubts_are_said(samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIRLD_LANGUAGE", "en")
    assert "foreign city" in like(samples, LILLE)
    assert "Not comparable" in like(samples, MAYOTTE)


@pytest.mark.parametrize("code", ["99999", "000000000", "39", 'x" }'])
def test_a_code_that_is_none_is_refused(samples: Path, code: str) -> None:
    with pytest.raises(ClirldError, match="no commune and no grouping of communes"):
        like(samples, code)


@pytest.mark.parametrize(
    ("asked", "code"), [("46 102", FIGEAC), ("figeac", FIGEAC), ("59355", LILLE), ("lomme", LILLE), ("59350.0", LILLE)]
)
def test_codes_and_names_are_read_as_by_the_other_commands(samples: Path, asked: str, code: str) -> None:
    """By `clirld.reuse.places`: lost zeros, names, and communes that are a part of another one today."""
    assert json.loads(like(samples, asked, "--json"))["code"] == code


def test_a_former_commune_is_told_to_be_one(samples: Path) -> None:
    assert "\nLomme est aujourd'hui : Lille.\n" in like(samples, "59355")


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "Communes ressemblantes\n  Non comparable"), ("en", "Alike communes\n  Not comparable")],
)
def test_a_commune_is_compared_with_those_of_its_size(
    samples: Path, language: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIRLD_LANGUAGE", language)
    alone = json.loads(like(samples, "46102", "--json"))["commune"]  # the only one of its class in the sample
    assert (alone["least"], alone["most"]) == (5_000, 9_999)
    assert not alone["neighbours"]
    assert said in like(samples, "46102")
    compared = json.loads(like(samples, "42218", "--json"))["commune"]
    one = compared["neighbours"][0]
    assert one["rank"] == 1
    assert compared["compared_with"] >= len(compared["neighbours"])
    assert one["in_what"]
    assert one["differs_most"]
    text = like(samples, "42218")
    assert one["name"] in text
    assert ("2\N{NARROW NO-BREAK SPACE}000" if language == "fr" else "2,000") in text
    assert "commune" not in json.loads(like(samples, FIGEAC, "--json"))
    lille, lomme = (json.loads(like(samples, code, "--json"))["commune"] for code in ("59350", "59355"))
    assert lomme == lille  # which it is a part of today
    assert lille["neighbours"]
