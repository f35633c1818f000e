"""How often an address may send something. No address is kept: a hash with a salt that is thrown away every day."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from dataclasses import dataclass, field

_DAY = 86_400
DAILY = {"proved": 20, "waited": 3, "check": 300, "login": 20}
"""Times a day and address: submissions with a proof of work and without, checks of a form, wrong logins."""
_MOST_ADDRESSES = 100_000


@dataclass(slots=True)
class Rates:
    """The counts of today, in memory only: a server that starts anew begins anew."""

    _day: int = -1
    _salt: bytes = b""
    _counts: Counter[bytes] = field(default_factory=Counter)

    def is_full(self, kind: str, address: str, now: float) -> bool:
        """Whether an address has done it as often as it may today."""
        return self._counts[self._key(kind, address, now)] >= DAILY[kind]

    def count(self, kind: str, address: str, now: float) -> None:
        """Note that an address has done it once more."""
        key = self._key(kind, address, now)
        if len(self._counts) < _MOST_ADDRESSES or key in self._counts:
            self._counts[key] += 1

    def _key(self, kind: str, address: str, now: float) -> bytes:
        day = int(now // _DAY)
        if day != self._day:
            self._day, self._salt = day, secrets.token_bytes(32)
            self._counts.clear()
        return hashlib.blake2b(f"{kind} {address}".encode(), key=self._salt, digest_size=16).digest()
