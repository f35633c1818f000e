"""`clirld contributions`: what waits is listed and shown, and decided with one key and a reason."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.contributions.inbox import Inbox, state_of
from clirld.contributions.tokens import is_secret
from clirld.errors import ClirldError, UsageError
from tests.contributions.forms import ADDITION, PLACE, submission

ONE = submission("addition", ADDITION, number="1" * 20)
OTHER = submission("addition", {**ADDITION, "name": "Exemple – Autre"}, number="2" * 20)
GONE = replace(submission("correction", {}, number="3" * 20), about=f"{PLACE}00")


class Desk:
    """A moderator's terminal, before the release of the samples and an inbox of three."""

    def __init__(self, samples: Path, inbox: Inbox) -> None:
        self.samples, self.inbox = samples, inbox

    def do(self, *words: str, keys: str = "") -> str:
        arguments = ["contributions", *words, "--data", str(self.samples)]
        result = CliRunner().invoke(app.app, arguments, input=keys, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    @property
    def states(self) -> list[str]:
        decisions = self.inbox.decisions()
        return [state_of(decisions.get(one.number, [])) for one in self.inbox.submissions()]


@pytest.fixture
def desk(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("CLIRLD_LANGUAGE", "en")
    monkeypatch.setenv("CLIRLD_INBOX", str(tmp_path))
    inbox = Inbox.of(tmp_path)
    for one in (ONE, OTHER, GONE):
        inbox.add(one.number, one)
    return Desk(samples, inbox)


def test_what_waits_is_listed_shown_and_decided_by_number(desk: Desk) -> None:
    assert [line[:20] for line in desk.do("list").splitlines()] == [ONE.number, OTHER.number, GONE.number]
    assert "Exemple – Atelier du Val" in desk.do("show", "11")
    desk.do("ask", "22", "--because", "Since when?")
    desk.do("reject", "33", "--because", "It is gone.")
    assert "clirld run contributions" in desk.do("accept", "11", "--as", "steward")
    assert desk.states == ["accepted", "asked", "rejected"]
    listed: list[dict[str, Any]] = json.loads(desk.do("list", "--all", "--json"))
    assert [one["state"] for one in listed] == desk.states
    assert json.loads(desk.do("show", "22", "--json"))["decisions"][0]["reason"] == "Since when?"
    rows = [
        json.loads(line) for line in (desk.inbox.folder / "accepted.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert {row["contribution"] for row in rows} == {ONE.number}
    assert '"reviewer_role": "steward"' in rows[-1]["values"]


def test_one_key_a_decision_then_the_reason(desk: Desk) -> None:
    told = desk.do("review", keys="rA duplicate.\nkSince when?\naOf course.\n")
    assert desk.states == ["rejected", "asked", "received"]  # what is gone cannot be accepted
    assert "decided: 2; left: 1" in told
    assert "contribution 1 of 1" in desk.do("review", keys="q")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("accept", "33"), "no longer in the data"),
        (("reject", "11"), "Give the reason"),
        (("reject", "11", "--because", "Ask Mme Camille Durand"), "seems to name a person"),
        (("show", "9"), "0 contributions"),
        (("ask", "11", "--because", "x", "--as", "king"), "there is no king"),
    ],
)
def test_what_cannot_be_decided_is_said(desk: Desk, words: tuple[str, ...], told: str) -> None:
    with pytest.raises(ClirldError, match=told):
        desk.do(*words)
    assert desk.states == ["received"] * 3


def test_servers_are_off_unless_they_are_switched_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="not switched on"):
        desk.do("serve")
    with pytest.raises(UsageError, match="nobody could log in"):
        desk.do("moderate")
    monkeypatch.setenv("CLIRLD_MODERATION_LOGIN_HEADER", "Remote-User")
    with pytest.raises(UsageError, match="only to be trusted behind a proxy"):
        desk.do("moderate")


def test_a_token_and_the_hash_that_lets_it_in() -> None:
    made = json.loads(CliRunner().invoke(app.app, ["contributions", "token", "--json"]).output)
    assert is_secret(made["token"], made["hash"])
