"""Tokens of forms, the proof of work, and how often an address may send something."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from clirld.contributions import tokens
from clirld.contributions.rates import DAILY, Rates

KEY, OTHER = b"k" * 32, b"o" * 32
NOW = 1_790_000_000.0
TOKEN = tokens.new_token(KEY, NOW)


def solution(token: tokens.Token = TOKEN, **other: Any) -> str:
    """What the script of the form sends."""
    asked = tokens.challenge(KEY, token)
    numbers = range(tokens.MAX_NUMBER + 1)
    number = next(
        n for n in numbers if hashlib.sha256(f"{asked['salt']}{n}".encode()).hexdigest() == asked["challenge"]
    )
    return base64.b64encode(json.dumps({**asked, "number": number, **other}).encode()).decode()


PROOF = solution()


@pytest.mark.parametrize(
    ("text", "payload", "now", "verdict"),
    [
        (str(TOKEN), PROOF, NOW + 1, "proved"),
        (str(TOKEN), "", NOW + 1, "too-soon"),
        (str(TOKEN), "", NOW + tokens.WAIT, "waited"),
        (str(TOKEN), "unsolved", NOW + tokens.WAIT, "waited"),
        (str(TOKEN), PROOF, NOW + tokens.LIFETIME + 1, "expired"),
        (str(TOKEN), PROOF, NOW - 61, "expired"),
        (str(tokens.new_token(OTHER, NOW)), "", NOW + 20, "wrong"),
        (str(TOKEN).replace(str(int(NOW)), str(int(NOW) + 900)), "", NOW + 20, "wrong"),
        ("", "", NOW, "wrong"),
        ("é" * 32 + ".1.2", "", NOW, "wrong"),
        ("a" * 32 + "." + "9" * 400 + ".x", "", NOW, "wrong"),
    ],
)
def test_a_form_is_judged(text: str, payload: str, now: float, verdict: str) -> None:
    assert tokens.judge(KEY, text, payload, now)[0] == verdict


@pytest.mark.parametrize(
    "payload",
    [
        solution(tokens.new_token(KEY, NOW)),
        solution(number=0),
        solution(number=True),
        solution(number="1"),
        solution(number=-1),
        solution(algorithm="SHA-1"),
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b"[" * 9000).decode(),
        "é",
        "====",
    ],
)
def test_a_proof_of_another_form_or_none_is_no_proof(payload: str) -> None:
    assert not tokens.is_solution(KEY, TOKEN, payload)


def test_a_receipt_is_the_same_for_the_same_form_and_not_to_be_guessed() -> None:
    assert tokens.receipt(KEY, TOKEN.nonce) == tokens.receipt(KEY, TOKEN.nonce)
    assert tokens.receipt(KEY, TOKEN.nonce) != tokens.receipt(OTHER, TOKEN.nonce)
    assert len(tokens.receipt(KEY, TOKEN.nonce)) == 32  # 160 bits


@pytest.mark.parametrize(("given", "is_right"), [("secret", True), ("Secret", False), ("", False)])
def test_of_the_token_of_moderators_only_a_hash_is_kept(given: str, is_right: bool) -> None:
    stored = tokens.hashed_secret("secret")
    assert "secret" not in stored
    assert tokens.is_secret(given, stored) == is_right


@pytest.mark.parametrize("stored", ["", "x", "scrypt:zz:zz", "md5:00:00", "a:b:c:d"])
def test_a_hash_that_cannot_be_read_lets_nobody_in(stored: str) -> None:
    assert not tokens.is_secret("secret", stored)


def test_an_address_is_counted_by_a_hash_whose_salt_is_gone_the_next_day() -> None:
    rates = Rates()
    for _ in range(DAILY["waited"]):
        assert not rates.is_full("waited", "192.0.2.1", NOW)
        rates.count("waited", "192.0.2.1", NOW)
    assert rates.is_full("waited", "192.0.2.1", NOW)
    assert not rates.is_full("proved", "192.0.2.1", NOW)
    assert not rates.is_full("waited", "192.0.2.2", NOW)
    assert "192.0.2" not in repr(rates)
    salt = rates._salt
    assert not rates.is_full("waited", "192.0.2.1", NOW + 86_400)
    assert rates._salt != salt
