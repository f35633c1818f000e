"""What a record is known by besides its identifier: its folded name, its place and its official numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import polars as pl

from clirld.values.text import fold

TABLES = ("initiative", "organization")
"""Tables that say it, the first one before the other."""

_PLACES = ("commune", "seat", "point")
"""Columns that say where it is, the first that is filled."""

_NUMBERS = ("siren", "siret", "rna")

Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class Identity:
    """What a record is known by."""

    name: str = ""
    place: str = ""
    numbers: dict[str, set[str]] = field(default_factory=dict)

    def is_compatible_with(self, other: Identity) -> bool:
        """Whether no number says that they are two."""
        return all(self.numbers[kind] & other.numbers[kind] for kind in self.numbers.keys() & other.numbers.keys())


def columns(frame_columns: Collection[str]) -> list[str]:
    """Those of a table's columns that say it."""
    return [name for name in ("name", *_PLACES, *_NUMBERS) if name in frame_columns]


def of_rows(rows: Iterable[tuple[Key, Mapping[str, Any]]]) -> dict[Key, Identity]:
    """Identities by record, of the rows that its record gave in TABLES, in their order."""
    identities: dict[Key, Identity] = {}
    for record, row in rows:
        identity = identities.setdefault(record, Identity())
        identity.name = identity.name or fold(row.get("name") or "")
        identity.place = identity.place or next((place for name in _PLACES if (place := row.get(name))), "")
        for kind in _NUMBERS:
            if number := row.get(kind):
                identity.numbers.setdefault(kind, set()).add(number)
    return identities


def of_tables(
    scan: Callable[[str], pl.LazyFrame | None], records: Collection[str] | None = None
) -> dict[str, Identity]:
    """Identities of the records of canonical tables, or of some of them; `scan` gives the rows of a table."""
    return of_rows(_rows(scan, records))


def _rows(
    scan: Callable[[str], pl.LazyFrame | None], records: Collection[str] | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    for table in TABLES:
        frame = scan(table)
        if frame is not None:
            names = columns(frame.collect_schema().names())
            some = frame if records is None else frame.filter(pl.col("record").is_in(list(records)))
            for row in some.select("record", *names).collect().iter_rows(named=True):
                yield row.pop("record"), row
