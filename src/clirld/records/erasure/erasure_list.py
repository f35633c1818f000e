"""The list of erasures on disk: what people asked to be left out for ever, as keyed hashes, so that it names nobody.

    CLIRLD_ERASURES (data/erasures.jsonl)   one request a line: kind, source, hash, check, when, by, because
    data/erased.json                        which requests the list has had, and the check value of its key

`hash` is the HMAC-SHA256 (RFC 2104) of kind, source and value under CLIRLD_ERASURE_KEY, which is kept elsewhere: a bare
hash of a SIREN is found by trying all of them. `check` is the HMAC of a constant: with another key no hash would match,
and all that was erased would be published again. A list without its key, with another, or with fewer requests than it
has had stops everything.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from clirld import stages
from clirld.errors import DataError, UsageError
from clirld.settings import Settings

SEEN_FILE = "erased.json"
"""In the data folder: what the list has had."""

_CHECKED_TEXT = b"clirld erasures"
_SHORTEST_KEY = 16


class Request(NamedTuple):
    """A line of the list: what kind of thing is named, in which source (None: in every one), and its hash."""

    kind: str
    source: str | None
    hash: str


@dataclass(frozen=True, slots=True)
class ErasureList:
    """All requests, with the key that they were made with."""

    key: bytes = field(repr=False)
    requests: tuple[Request, ...]

    @property
    def fingerprint(self) -> str:
        """Changes with what is asked, and with the key."""
        return stages.fingerprint(check_value(self.key), *sorted({request.hash for request in self.requests}))


def read(settings: Settings) -> ErasureList | None:
    """The list; None where nothing was ever erased. Notes which requests it has.

    Raises DataError where there is a list and no key, another key than its own, a line that is not whole or without the
    check value of its key, or where requests that it has had are gone; UsageError for a key that is too short.
    """
    lines = _lines(settings)
    seen_check, seen = _seen(settings)
    if not lines and not seen:
        return None
    hashes = {line["hash"] for line in lines}
    if lost := seen - hashes:
        raise DataError(
            f"{len(lost)} of {len(seen)} requests to erase are no longer in the list",
            where=str(settings.erasure_file),
            do="put the list back from a backup, or correct CLIRLD_ERASURES; to take a request back on purpose, "
            f"take its line out of the list and its hash out of {_seen_file(settings)}",
        )
    key = key_of(settings)
    check = check_value(key)
    if seen_check not in ("", check) or any(line["check"] != check for line in lines):
        raise DataError(
            "the key is not the one that the list of erasures was made with",
            where=str(settings.erasure_file),
            do="set CLIRLD_ERASURE_KEY to that key: with another, all that was erased would be published again",
        )
    if hashes != seen:
        stages.write_json(_seen_file(settings), {"check": check, "requests": sorted(hashes)})
    return ErasureList(key, tuple(Request(line["kind"], line["source"], line["hash"]) for line in lines))


def add(settings: Settings, requests: Sequence[Request], because: str, by: str) -> list[Request]:
    """Add requests to the list; gives those that were not there. Raises as `read`."""
    key, listed = key_of(settings), read(settings)
    known = {request.hash for request in listed.requests} if listed else set()
    new = list({request.hash: request for request in requests if request.hash not in known}.values())
    entry = {"because": because, "by": by, "when": datetime.now(UTC).isoformat(timespec="seconds")}
    entry["check"] = check_value(key)
    lines = [
        json.dumps(
            {**entry, "kind": request.kind, "source": request.source, "hash": request.hash},
            ensure_ascii=False,
            sort_keys=True,
        )
        for request in new
    ]
    if lines:
        path = settings.erasure_file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))
        read(settings)  # notes that they are there
    return new


def digest(key: bytes, *parts: str) -> str:
    """The HMAC-SHA256 of some texts, in hex."""
    return hmac.digest(key, "\0".join(parts).encode(), hashlib.sha256).hex()


def check_value(key: bytes) -> str:
    """What tells a key from another without giving it away."""
    return hmac.digest(key, _CHECKED_TEXT, hashlib.sha256).hex()


def key_of(settings: Settings) -> bytes:
    """The key. Raises DataError where there is none, UsageError where it is too short."""
    if not settings.erasure_key:
        raise DataError(
            "there are erasures and no key to apply them with",
            where=str(settings.erasure_file),
            do="set CLIRLD_ERASURE_KEY to the key that the list was made with; nothing is published without it",
        )
    if len(settings.erasure_key) < _SHORTEST_KEY:
        do = "set CLIRLD_ERASURE_KEY to 16 characters or more that nobody can guess"
        raise UsageError("the key of the erasures is too short", where="environment", do=do)
    return settings.erasure_key.encode()


def _lines(settings: Settings) -> list[dict[str, Any]]:
    path = settings.erasure_file
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        if settings.erasures:  # a name that is given and leads nowhere is a slip of the pen, or a lost disk
            raise DataError(
                "the list of erasures is not there",
                where=str(path),
                do="correct CLIRLD_ERASURES, or put the list back from a backup; if nothing was ever erased, "
                "make an empty file there",
            ) from None
        return []
    return [_entry(line, f"{path}:{n}") for n, line in enumerate(lines, 1)]


def _entry(line: bytes, where: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
        entry = {"kind": str(data["kind"]), "source": data["source"], "hash": str(data["hash"])}
    except (ValueError, KeyError, TypeError) as problem:
        do = "put the line back from a backup: without it something would be published that must not be"
        raise DataError(f"not whole: {problem!r}", where=where, do=do) from problem
    if not data.get("check"):
        raise DataError(
            "this request has no check value of its key, so that it cannot be known whether it still works",
            where=where,
            do="take the line out and give the request again with “clirld erase”",
        )
    return {**entry, "check": str(data["check"])}


def _seen(settings: Settings) -> tuple[str, set[str]]:
    """The check value and the hashes of the requests that the list has had."""
    path = _seen_file(settings)
    try:
        data = json.loads(path.read_bytes())
        return str(data["check"]), set(data["requests"])
    except FileNotFoundError:
        return "", set()
    except (ValueError, KeyError, TypeError) as problem:
        do = "put it back from a backup; delete it only if you are sure that the list of erasures is whole"
        raise DataError(f"not whole: {problem!r}", where=str(path), do=do) from problem


def _seen_file(settings: Settings) -> Path:
    return settings.data / SEEN_FILE
