"""Erasures: what people asked to be left out for ever, as keyed hashes, so that the list itself names nobody.

    CLIRLD_ERASURES (data/erasures.jsonl)   one request a line: kind, source of a record, hash, when, by, because

`hash` is the HMAC-SHA256 (RFC 2104) of kind, source and value under CLIRLD_ERASURE_KEY, which is kept elsewhere: a bare
hash of a SIREN is found by trying all of them. A record is named by its identifier at its source; a SIREN, SIRET or RNA
number counts for every source. A list without its key stops everything: what must be erased is never published.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clirld import stages
from clirld.errors import DataError, UsageError
from clirld.records.carried import scan_table
from clirld.settings import Settings

OFFICIAL_NUMBERS = ("siren", "siret", "rna")
"""Kinds of official numbers, which are also the types of the columns that hold them."""


@dataclass(frozen=True, slots=True)
class Erasures:
    """The requests that concern one source."""

    source: str
    key: bytes
    hashes: frozenset[str]

    @property
    def fingerprint(self) -> str:
        """Changes with what is asked of this source."""
        return stages.fingerprint(*sorted(self.hashes))

    def covers(self, identifier: str, numbers: Iterable[str] = ()) -> bool:
        """Whether a record is to be left out, by its identifier at the source and the official numbers it has."""
        # A request may name it with the decimals that a spreadsheet gave it in the file.
        named = [("record", identifier), ("record", f"{identifier}.0")]
        for number in map(_normalized, numbers):
            named += [(kind, number) for kind in OFFICIAL_NUMBERS]
            if len(number) == 14:  # a SIRET is a place of the legal person that its first nine digits name
                named.append(("siren", number[:9]))
        return any(_hash(self.key, kind, self.source, value) in self.hashes for kind, value in named)


def load(settings: Settings, source: str) -> Erasures | None:
    """The requests that concern a source; None where there is none.

    Raises DataError where there is a list and no key, or a line that is not whole.
    """
    entries = _entries(settings.erasure_file)
    if not entries:
        return None
    key = _key(settings)
    # A request without a source is about an official number, which counts everywhere.
    hashes = {entry["hash"] for entry in entries if entry["source"] in (None, source)}
    return Erasures(source, key, frozenset(hashes)) if hashes else None


def add_request(settings: Settings, kind: str, value: str, reason: str, by: str, source: str | None = None) -> bool:
    """Add a request to the list; gives whether it was not there. Raises DataError without a key."""
    key, path = _key(settings), settings.erasure_file
    entry = {
        "kind": kind,
        "source": source,
        "hash": _hash(key, kind, source or "", value if kind == "record" else _normalized(value)),
        "because": reason,
        "by": by,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if entry["hash"] in {one["hash"] for one in _entries(path)}:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n")
    return True


def erased_records(tables: Path, erasures: Erasures) -> set[str]:
    """The records in canonical tables that are to be left out."""
    records = scan_table(tables, "record")
    if records is None:
        return set()
    numbers: dict[str, set[str]] = {}
    for table in ("organization", "ended"):
        rows = scan_table(tables, table)
        if rows is None:
            continue
        names = [name for name in ("key", *OFFICIAL_NUMBERS) if name in rows.collect_schema()]
        for record, *keys_and_numbers in rows.select("record", *names).collect().iter_rows():
            # an organization's key is its number where it has one
            numbers.setdefault(record, set()).update(
                number.removeprefix("siren-").removeprefix("rna-") for number in keys_and_numbers if number
            )
    pairs = records.select("key", "identifier").collect().iter_rows()
    return {record for record, identifier in pairs if erasures.covers(identifier, numbers.get(record, ()))}


def _normalized(number: str) -> str:
    return "".join(sign for sign in number if sign.isalnum()).upper()


def _hash(key: bytes, kind: str, source: str, value: str) -> str:
    scope = source if kind == "record" else ""
    return hmac.digest(key, f"{kind}\0{scope}\0{value}".encode(), hashlib.sha256).hex()


def _key(settings: Settings) -> bytes:
    if not settings.erasure_key:
        raise DataError(
            "there are erasures and no key to apply them with",
            where=str(settings.erasure_file),
            do="set CLIRLD_ERASURE_KEY to the key that the list was made with; nothing is published without it",
        )
    if len(settings.erasure_key) < 16:
        do = "set CLIRLD_ERASURE_KEY to 16 characters or more that nobody can guess"
        raise UsageError("the key of the erasures is too short", where="environment", do=do)
    return settings.erasure_key.encode()


def _entries(path: Path) -> list[dict[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    entries = []
    for n, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            entries.append({"hash": str(entry["hash"]), "source": entry["source"]})
        except (ValueError, KeyError, TypeError) as problem:
            do = "put the line back from a backup: without it something would be published that must not be"
            raise DataError(f"not whole: {problem!r}", where=f"{path}:{n}", do=do) from problem
    return entries
