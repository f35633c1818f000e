"""Erasures of one source: which records are to be left out for ever (the list: `clirld.records.erasure.erasure_list`).

A record is named by its identifier at its source; a SIREN, SIRET or RNA number counts for every source.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from clirld import stages
from clirld.records.erasure import erasure_list, identity
from clirld.records.erasure.erasure_list import ErasureList, Request
from clirld.records.erasure.identity import Identity
from clirld.settings import Settings
from clirld.values.persons.identifiers import hashed

OFFICIAL_NUMBERS = ("siren", "siret", "rna")
"""Kinds of official numbers, which are also the types of the columns that hold them."""

TWINS_FILE = "twins.jsonl"
"""Beside the tables of the records stage: requests for the other numbers of legal units that are to be left out."""

UNDECIDED_FILE = "undecided.jsonl"
"""Beside the tables of the records stage: the rows that a person has to look at, which are never published."""

ERASED = "erased"
"""Reason of a row that somebody asked to keep nothing of."""

MAYBE_ERASED = "erased-maybe-back"
"""Reason of a row that has the name and place of an erased one, and another identifier: held until a person looks."""

_TWIN = ("l'autre numéro d'une unité effacée · the other number of a unit that was erased", "clirld")


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
        if self._names("record", identifier) or self._has("record", f"{identifier}.0"):
            return True
        return not self.kinds.isdisjoint(OFFICIAL_NUMBERS) and any(map(self._covers_number, numbers))

    def _covers_number(self, text: str) -> bool:
        number = _normalized(text)
        if len(number) == 14:  # a SIRET is a place of the legal person that its first nine digits name
            return self._has("siret", number) or self._has("siren", number[:9])
        return self._has("siren" if len(number) == 9 else "rna", number)

    def may_cover(self, identifier: str, known_by: Identity) -> bool:
        """Whether a record has the name and place of one that is to be left out by its identifier.

        Not one of which a person has said that it is another.
        """
        if "place" not in self.kinds or not known_by.name or not known_by.place:
            return False
        return self._has("place", name_and_place(known_by)) and not self._names("other", identifier)

    def twin(self, numbers: Iterable[tuple[str, str]]) -> Request | None:
        """The request for the other number of a legal unit one of whose numbers is to be left out.

        `numbers` are kinds and numbers that one row gives of one unit; None where they are not one SIREN and one RNA
        number, or both are to be left out, or neither.
        """
        pairs = {("siren", number[:9]) if kind == "siret" else (kind, number) for kind, number in numbers}
        if sorted(kind for kind, _number in pairs) != ["rna", "siren"]:
            return None
        unknown = [pair for pair in sorted(pairs) if not self._has(*pair)]
        return request(self.key, *unknown[0]) if len(unknown) == 1 else None

    def opaque(self, key: str) -> str:
        """The key that stands for one of an erased record: the same each time, and nothing leads back from it."""
        return f"{self.source}-erased-{erasure_list.digest(self.key, 'tombstone', self.source, key)[:32]}"

    def _names(self, kind: str, identifier: str) -> bool:
        """Whether a request is about an identifier, or about the hash that is published in its place."""
        return kind in self.kinds and (self._has(kind, identifier) or self._has(kind, hashed(identifier)))

    def _has(self, kind: str, value: str) -> bool:
        if kind not in self.kinds:
            return False
        scope = "" if kind in OFFICIAL_NUMBERS else self.source
        return erasure_list.digest(self.key, kind, scope, value) in self.hashes


def name_and_place(known_by: Identity) -> str:
    """What the list keeps a hash of, for a record that its source may give another identifier."""
    return f"{known_by.name}\0{known_by.place}"


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


Scan = Callable[[str], pl.LazyFrame | None]
"""Gives the rows of a canonical table, None where there are none."""


def erased_records(scan: Scan, erasures: Erasures) -> set[str]:
    """The records in canonical tables that are to be left out."""
    records = scan("record")
    if records is None:
        return set()
    numbers: dict[str, set[str]] = {}
    for table in ("organization", "ended"):
        rows = scan(table)
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


def suspected_records(scan: Scan, erasures: Erasures) -> set[str]:
    """The records in canonical tables that may be those of an erased one under another identifier."""
    records = scan("record") if "place" in erasures.kinds else None
    if records is None:
        return set()
    known_by = identity.of_tables(scan)
    pairs = records.select("key", "identifier").collect().iter_rows()
    return {key for key, identifier in pairs if key in known_by and erasures.may_cover(identifier, known_by[key])}


def covered_records(scan: Scan, erasures: Erasures) -> set[str]:
    """The records that may not be published: those that are to be left out, and those that a person has to look at."""
    return erased_records(scan, erasures) | suspected_records(scan, erasures)


def add_twins(settings: Settings, rows: Path) -> None:
    """Add the twins that the records stage has met to the list: what else has them is then to be left out too."""
    path = rows / TWINS_FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    if lines:
        erasure_list.add(settings, [Request(**json.loads(line)) for line in lines], *_TWIN)


def _normalized(number: str) -> str:
    return number if number.isdigit() else "".join(filter(str.isalnum, number)).upper()
