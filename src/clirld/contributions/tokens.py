"""The tokens of forms, and the proof of work in the place of a captcha.

A form carries a token: a nonce and when it was made, signed (HMAC-SHA256). It expires, and becomes one submission only.
The proof of work is that of ALTCHA, version 1 (https://altcha.org/docs/v2/server-integration/): a number that a
script finds, such that SHA-256(salt + number) is the challenge. The salt holds the nonce of the form, so that a
proof is of no use with another one. Whoever has no script waits instead: the form is taken once it is old enough, and
less often from one address (`clirld.contributions.rates`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Literal

LIFETIME = 12 * 3600
"""Seconds in which a form can be sent: a case takes an afternoon."""
WAIT = 8
"""Seconds that a form without a proof has to be open; a person takes longer to fill it in."""
MAX_NUMBER = 60_000
"""The largest number that is looked for: half a second to two of a phone (docs/contribute.md)."""

Verdict = Literal["proved", "waited", "expired", "too-soon", "wrong"]


@dataclass(frozen=True, slots=True)
class Token:
    """A form's token, as it stands in the form."""

    nonce: str
    made: int
    signature: str

    def __str__(self) -> str:
        return f"{self.nonce}.{self.made}.{self.signature}"


def new_token(key: bytes, now: float) -> Token:
    """The token of a form that is made now."""
    nonce = secrets.token_hex(16)
    return Token(nonce, int(now), _sign(key, f"form {nonce} {int(now)}"))


def read_token(key: bytes, text: str) -> Token | None:
    """A token that was made with this key; None for any other text."""
    nonce, _, rest = text.partition(".")
    made, _, signature = rest.partition(".")
    if not (len(nonce) == 32 and nonce.isascii() and nonce.isalnum() and made.isascii() and made.isdigit()):
        return None
    if len(made) > 12 or not _is_same(signature, _sign(key, f"form {nonce} {made}")):
        return None
    return Token(nonce, int(made), signature)


def challenge(key: bytes, token: Token) -> dict[str, str | int]:
    """The challenge of a form, as ALTCHA has it; the same for the same form."""
    salt = f"{token.nonce}?expires={token.made + LIFETIME}&"  # the sign at the end parts it from the number
    number = int.from_bytes(hmac.digest(key, f"number {salt}".encode(), "sha256")[:8]) % (MAX_NUMBER + 1)
    hashed = hashlib.sha256(f"{salt}{number}".encode()).hexdigest()
    return {
        "algorithm": "SHA-256",
        "challenge": hashed,
        "maxnumber": MAX_NUMBER,
        "salt": salt,
        "signature": _sign(key, hashed),
    }


def is_solution(key: bytes, token: Token, payload: str) -> bool:
    """Whether a payload, JSON in Base64, solves the challenge of a form."""
    try:
        told = json.loads(base64.b64decode(payload, validate=True))
        number = told["number"]
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError):
        return False
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MAX_NUMBER:
        return False
    asked = challenge(key, token)
    same = (
        _is_same(str(told.get(name, "")), str(asked[name])) for name in ("algorithm", "challenge", "salt", "signature")
    )
    return all(same) and hashlib.sha256(f"{asked['salt']}{number}".encode()).hexdigest() == asked["challenge"]


def judge(key: bytes, text: str, payload: str, now: float) -> tuple[Verdict, Token | None]:
    """Whether a form may be taken: its token, its age, and its proof or its having waited."""
    token = read_token(key, text)
    if token is None:
        return "wrong", None
    age = now - token.made
    if age > LIFETIME or age < -60:
        return "expired", token
    if payload and is_solution(key, token, payload):
        return "proved", token
    return ("waited" if age >= WAIT else "too-soon"), token


def receipt(key: bytes, nonce: str) -> str:
    """The receipt of what a form becomes: nobody can guess it, and the same form has the same one."""
    return base64.b32encode(hmac.digest(key, f"receipt {nonce}".encode(), "sha256")).decode()[:32].lower()


def hashed_secret(secret: str) -> str:
    """What of a moderators' token stands in the settings: scrypt, with a salt of its own."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{salt.hex()}:{_scrypt(secret, salt).hex()}"


def is_secret(secret: str, stored: str) -> bool:
    """Whether a token is the one whose hash is stored."""
    try:
        kind, salt, digest = stored.split(":")
        wanted = bytes.fromhex(digest)
        return kind == "scrypt" and hmac.compare_digest(_scrypt(secret[:200], bytes.fromhex(salt)), wanted)
    except ValueError:
        return False


def _scrypt(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def sign(key: bytes, text: str) -> str:
    """The signature of a text."""
    return _sign(key, text)


def _sign(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()


def _is_same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
