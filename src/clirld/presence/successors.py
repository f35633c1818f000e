"""Records that a source gave another id: the same name and place, unique both ways, no official number against it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from clirld.values.text import fold

_TABLES = ("initiative", "organization")
_PLACES = ("commune", "seat", "point")
"""Columns that say where it is, the first that is filled."""
_NUMBERS = ("siren", "siret", "rna")


@dataclass(slots=True)
class Identity:
    """What a record is known by: folded name, place, official numbers."""

    name: str = ""
    place: str = ""
    numbers: dict[str, set[str]] = field(default_factory=dict)

    def is_compatible_with(self, other: Identity) -> bool:
        """Whether no number says that they are two."""
        return all(self.numbers[kind] & other.numbers[kind] for kind in self.numbers.keys() & other.numbers.keys())


def successors(before: Path, vanished: Collection[str], rows: Path, appeared: Collection[str]) -> dict[str, str]:
    """Vanished record → the record that appeared in its place; only where there is no doubt which."""
    if not vanished or not appeared:
        return {}
    old, new = _identities(before, vanished), _identities(rows, appeared)
    candidates = _by_place(new)
    replacements = {}
    for key, records in _by_place(old).items():
        matches = candidates.get(key, [])
        # Two of the same name in one place, then or now: which became which would be a guess.
        if len(records) == len(matches) == 1 and old[records[0]].is_compatible_with(new[matches[0]]):
            replacements[records[0]] = matches[0]
    return replacements


def _by_place(identities: Mapping[str, Identity]) -> dict[tuple[str, str], list[str]]:
    groups: dict[tuple[str, str], list[str]] = {}
    for record, identity in identities.items():
        if identity.name and identity.place:
            groups.setdefault((identity.name, identity.place), []).append(record)
    return groups


def _identities(folder: Path, records: Collection[str]) -> dict[str, Identity]:
    identities: dict[str, Identity] = {}
    for record, row in _rows(folder, records):
        identity = identities.setdefault(record, Identity())
        identity.name = identity.name or fold(row.get("name") or "")
        identity.place = identity.place or next((place for name in _PLACES if (place := row.get(name))), "")
        for kind in _NUMBERS:
            if number := row.get(kind):
                identity.numbers.setdefault(kind, set()).add(number)
    return identities


def _rows(folder: Path, records: Collection[str]) -> Iterator[tuple[str, dict[str, str | None]]]:
    for table in _TABLES:
        parts = sorted((folder / table).glob("*.parquet"))
        if parts:
            table_scan = pl.scan_parquet(parts, missing_columns="insert", extra_columns="ignore")
            columns = [name for name in ("name", *_PLACES, *_NUMBERS) if name in table_scan.collect_schema()]
            rows = table_scan.filter(pl.col("record").is_in(list(records))).select("record", *columns).collect()
            for row in rows.iter_rows(named=True):
                yield row.pop("record"), row
