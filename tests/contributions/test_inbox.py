"""The files of contributions: written once, decided in order, forgotten in time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clirld.contributions import decide
from clirld.contributions.decide import RefusedDecisionError
from clirld.contributions.inbox import Inbox, Verdict, number_of, state_of
from clirld.errors import DataError
from tests.contributions.forms import ADDITION, submission

ONE = submission("addition", ADDITION)
DAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    inbox = Inbox.of(tmp_path)
    inbox.add("nonce", ONE, "camille@example.org")
    return inbox


def decided(
    inbox: Inbox, verdict: Verdict, *, seen: int = 0, reason: str = "Une page le dit.", at: datetime = DAY
) -> None:
    rows = [{"table": "initiative"}]
    decide.decide(inbox, ONE.number, verdict, reason=reason, role="moderator", at=at, seen=seen, rows=rows)


def test_a_submission_is_kept_whole_and_its_address_apart(inbox: Inbox) -> None:
    assert inbox.submission(ONE.number) == ONE
    written = json.loads((inbox.folder / f"{ONE.number}.json").read_text(encoding="utf-8"))
    assert (written["version"], written["licence_version"]) == (1, "4.0")
    assert "camille" not in json.dumps(written)
    assert inbox.contact(ONE.number) == "camille@example.org"
    assert (inbox.folder / "contacts" / f"{ONE.number}.json").stat().st_mode & 0o077 == 0
    assert (inbox.key(), (inbox.folder / "key").stat().st_mode & 0o077) == (inbox.key(), 0)


def test_a_form_that_is_sent_many_times_at_once_is_one_submission(tmp_path: Path) -> None:
    inbox = Inbox.of(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        numbers = set(threads.map(lambda _: inbox.add("nonce", ONE), range(40)))
    assert numbers == {ONE.number}
    assert inbox.add("nonce", replace(ONE, number="f" * 20)) == ONE.number
    assert [one.number for one in inbox.submissions()] == [ONE.number]
    assert inbox.form_became("nonce") == ONE.number
    assert inbox.form_became("../key") == "" or inbox.form_became("x") == ""


@pytest.mark.parametrize("number", ["", "..", "../x", "G" * 20, "a" * 19, "accepted"])
def test_what_is_no_number_is_no_submission(inbox: Inbox, number: str) -> None:
    assert inbox.submission(number) is None


def test_the_number_does_not_lead_to_the_receipt() -> None:
    assert number_of("receipt") not in "receipt"
    assert len(number_of("receipt")) == 20


def test_states_follow_the_decisions(inbox: Inbox) -> None:
    states = [state_of([])]
    decided(inbox, "asked", reason="Quelle année ?")
    states.append(state_of(inbox.decisions()[ONE.number]))
    decide.answer(inbox, ONE.number, "2019.", DAY)
    states.append(state_of(inbox.decisions()[ONE.number]))
    decided(inbox, "accepted", seen=2)
    states.append(state_of(inbox.decisions()[ONE.number]))
    assert states == ["received", "asked", "received", "accepted"]
    assert (inbox.folder / "accepted.jsonl").read_text(encoding="utf-8") == '{"table": "initiative"}\n'
    decided(inbox, "rejected", seen=3, reason="Un doublon.")
    assert (inbox.folder / "accepted.jsonl").read_text(encoding="utf-8") == ""
    written = (inbox.folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["verdict"] for line in written] == ["asked", "answered", "accepted", "rejected"]


def test_of_two_who_decide_at_once_the_second_is_told_of_the_first(inbox: Inbox) -> None:
    def one(verdict: Verdict) -> str:
        try:
            decided(inbox, verdict)
        except RefusedDecisionError as refused:
            return refused.problems[0].code
        return "done"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(one, ("accepted", "rejected"))) == ["decided-meanwhile", "done"]
    assert len(inbox.decisions()[ONE.number]) == 1


@pytest.mark.parametrize(
    ("verdict", "reason", "code"),
    [
        ("rejected", " ", "reason-needed"),
        ("asked", "", "reason-needed"),
        ("rejected", "Voir avec Mme Camille Durand", "reason-personal"),
        ("accepted", "camille@example.org le confirme", "reason-personal"),
        ("rejected", "<b>non</b>", "markup"),
        ("rejected", "non\u202e", "unseen-signs"),
        ("rejected", "n" * 5001, "too-long"),
    ],
)
def test_a_reason_that_cannot_be(inbox: Inbox, verdict: Verdict, reason: str, code: str) -> None:
    with pytest.raises(RefusedDecisionError) as refused:
        decided(inbox, verdict, reason=reason)
    assert refused.value.problems[0].code == code
    assert inbox.decisions() == {}


def test_an_answer_needs_a_question(inbox: Inbox) -> None:
    with pytest.raises(RefusedDecisionError):
        decide.answer(inbox, ONE.number, "Oui.", DAY)
    with pytest.raises(RefusedDecisionError, match="no contribution"):
        decide.decide(inbox, "f" * 20, "rejected", reason="x", role="moderator", at=DAY, seen=0)


def test_an_address_is_forgotten_thirty_days_after_the_decision(inbox: Inbox) -> None:
    forms = {inbox.folder / "forms" / "nonce"}
    assert set(inbox.expired(DAY + timedelta(days=900))) == forms  # nobody has decided
    decided(inbox, "asked", at=DAY)
    assert set(inbox.expired(DAY + timedelta(days=900))) == forms
    decided(inbox, "rejected", seen=1, at=DAY)
    contact = inbox.folder / "contacts" / f"{ONE.number}.json"
    assert contact not in inbox.expired(DAY + timedelta(days=30, seconds=-1))
    assert contact in inbox.expired(DAY + timedelta(days=30))


@pytest.mark.parametrize("text", ["{", "[]", '{"x": 1}', "\0"])
def test_a_damaged_file_is_named(inbox: Inbox, text: str) -> None:
    (inbox.folder / f"{ONE.number}.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=ONE.number):
        inbox.submission(ONE.number)
    (inbox.folder / "decisions.jsonl").write_text(text + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"decisions\.jsonl:1"):
        inbox.decisions()
