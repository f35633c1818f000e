"""Erasures of one source: which records are to be left out for ever (the list: `clirld.records.erasure_list`).

A record is named by its identifier at its source; a SIREN, SIRET or RNA number counts for every source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from clirld import stages
from clirld.records import erasure_list
from clirld.records.carried import scan_table
from clirld.records.erasure_list import ErasureList, Request
from clirld.settings import Settings

OFFICIAL_NUMBERS = ("siren", "siret", "rna")
"""Kinds of official numbers, which are also the types of the columns that hold them."""


@dataclass(frozen=True, slots=True)
class Erasures:
    """The requests that concern one source."""

    source: str
    key: bytes = field(repr=False)
    hashes: frozenset[str]
    kinds: frozenset[str]

    @classmethod
    def of(cls, listed: ErasureList, source: str) -> Erasures | None:
        """Those of a list; None where none concerns the source."""
        # A request without a source is about an official number, which counts everywhere.
        requests = [request for request in listed.requests if request.source in (None, source)]
        hashes, kinds = (frozenset(getattr(request, name) for request in requests) for name in ("hash", "kind"))
        return cls(source, listed.key, hashes, kinds) if requests else None

    @property
    def fingerprint(self) -> str:
        """Changes with what is asked of this source, and with the key."""
        return stages.fingerprint(erasure_list.check_value(self.key), *sorted(self.hashes))

    def covers(self, identifier: str, numbers: Iterable[str] = ()) -> bool:
        """Whether a record is to be left out, by its identifier at the source and the official numbers it has."""
        # A request may name it with the decimals that a spreadsheet gave it in the file.
        named = [("record", identifier), ("record", f"{identifier}.0")]
        for number in map(_normalized, numbers):
            named += [(kind, number) for kind in OFFICIAL_NUMBERS]
            if len(number) == 14:  # a SIRET is a place of the legal person that its first nine digits name
                named.append(("siren", number[:9]))
        return any(self._has(kind, value) for kind, value in named)

    def _has(self, kind: str, value: str) -> bool:
        return kind in self.kinds and request(self.key, kind, value, self.source).hash in self.hashes


def load(settings: Settings, source: str) -> Erasures | None:
    """The requests that concern a source; None where there is none. Raises as `erasure_list.read`."""
    listed = erasure_list.read(settings)
    return Erasures.of(listed, source) if listed else None


def request(key: bytes, kind: str, value: str, source: str | None = None) -> Request:
    """What the list says of a value: of a number whatever its spelling, and for every source."""
    if kind in OFFICIAL_NUMBERS:
        return Request(kind, None, erasure_list.digest(key, kind, "", _normalized(value)))
    return Request(kind, source, erasure_list.digest(key, kind, source or "", value))


def add_request(settings: Settings, kind: str, value: str, reason: str, by: str, source: str | None = None) -> bool:
    """Add a request to the list; gives whether it was not there. Raises as `erasure_list.read`."""
    asked = request(erasure_list.key_of(settings), kind, value, source)
    return bool(erasure_list.add(settings, [asked], reason, by))


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
