"""From the clean values of source rows to rows of the canonical tables: places, references, derived columns, keys.

Rows are made many at a time, column by column: a `Columns` holds for each canonical column the values of every row.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple

import polars as pl

from clirld.records.cells import Note, Values
from clirld.records.territory import Territories
from clirld.vocabulary.tables import Column, Table, Tables

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REFERENCE = re.compile(r"\$\((\w+)\)")

_HOW = {
    "municipal-arrondissement": "arrondissement municipal",
    "delegated": "commune déléguée",
    "associated": "commune associée",
    "merged": "commune fusionnée",
}

_CACHE = 100_000
"""Places remembered: addresses repeat themselves, and memory stays flat."""

Columns = dict[str, list[Values]]
"""Clean values by canonical column, for every row; several for a list, or where rows are made of each."""


@dataclass(frozen=True, slots=True)
class Given:
    """Source rows to make something of: their numbers, their identifiers, and their clean values by table."""

    rows: Sequence[int]
    identifiers: Sequence[str]
    values: Mapping[str, Columns]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one canonical table. `at` says which of the given rows each comes from."""

    table: str
    at: list[int]
    frame: pl.DataFrame


@dataclass(slots=True)
class Entities:
    """What source rows make, and what was noticed: the given row, the table, the note.

    `missing` says, for a row that makes nothing, which column it lacks.
    """

    blocks: list[Block] = field(default_factory=list)
    notes: list[tuple[int, str, Note]] = field(default_factory=list)
    missing: dict[int, str] = field(default_factory=dict)


def local_key(identifier: str) -> str:
    """An identifier as the last part of an IRI: itself where it is safe, else 16 hex digits of its SHA-256."""
    if _SAFE.fullmatch(identifier):
        return identifier
    return hashlib.sha256(identifier.encode()).hexdigest()[:16]


class _Place(NamedTuple):
    """Where a commune's code, a name, a postcode and a département lead."""

    commune: Values
    seat: Values
    notes: tuple[Note, ...]


class _Places(dict[tuple[str | None, ...], _Place]):
    """Places by (commune, locality, postcode, departement), each looked up once."""

    def __init__(self, territories: Territories) -> None:
        super().__init__()
        self._territories = territories

    def __missing__(self, asked: tuple[str | None, ...]) -> _Place:
        """The commune of today, found by its code or else by its name."""
        code, name, postcode, departement = asked
        notes: list[Note] = []
        if code and (found := self._territories.commune(code)):
            if found.how != "current":
                detail = {"how": found.how, "how_fr": _HOW[found.how], "to": found.code}
                notes.append(Note("commune-merged", code, detail))
        elif name and (found := self._territories.commune_by_name(name, postcode=postcode, departement=departement)):
            notes.append(Note("commune-by-name", name, {"to": found.code}))
        else:
            found = None
        seat = self._territories.seat(found.code if found else None, departement)
        if not found and (code or name or departement):
            known = name or code or departement or ""
            notes.append(Note("commune-unknown", known, {"seat": seat or "–"}))
        place = _Place((found.code,) if found else (), (seat,) if seat else (), tuple(notes))
        if len(self) >= _CACHE:
            self.clear()
        self[asked] = place
        return place


class _ByCode(dict[str | None, _Place | None]):
    """Places by the code of a commune alone, which needs no more where it is known; None where it is not."""

    def __init__(self, places: _Places) -> None:
        super().__init__()
        self._places = places

    def __missing__(self, code: str | None) -> _Place | None:
        place = self._places[code, None, None, None] if code else None
        self[code] = found = place if place and place.commune else None
        return found


@dataclass(slots=True)
class _Filled:
    """Rows of one table in the making: the given rows they come from, and the values of their columns."""

    table: Table
    at: list[int]
    columns: Columns
    standard: Mapping[str, Sequence[str]]
    """`record` and `identifier` of all given rows, which keys may be made of."""

    def first(self, name: str) -> Sequence[str | None] | None:
        """The first value of a column in each row, or what stands for it; None for a column that is not there."""
        if name in self.columns:
            return [values[0] if values else None for values in self.columns[name]]
        return [self.standard[name][n] for n in self.at] if name in self.standard else None

    def keys(self) -> list[str]:
        """The key of each row: the one given, or by the first of the table's rules whose columns are filled, or ""."""
        keys = [key or "" for key in self.first("key") or repeat(None, len(self.at))]
        for rule in self.table.key:
            parts = [self.first(name) for name in _REFERENCE.findall(rule)]
            if all(keys):
                break
            if None in parts:
                continue
            text = _REFERENCE.sub("%s", rule.replace("%", "%%"))
            given = zip(*(part for part in parts if part is not None), strict=True)
            keys = [key or (text % of if all(of) else "") for key, of in zip(keys, given, strict=True)]
        return keys

    def lacking(self) -> dict[int, list[str]]:
        """For rows that cannot be, the columns they lack: the required ones, or those that a key is made of."""
        required = [column.name for column in self.table.columns.values() if column.required]
        unfit = {n for n, key in enumerate(self.keys()) if not key}
        for name in required:
            unfit.update(n for n, one in enumerate(self.columns.get(name) or repeat((), len(self.at))) if not one)
        found: dict[int, list[str]] = {}
        for n in sorted(unfit):
            empty = {name for name in self.columns if not self.columns[name][n]}
            known = self.columns.keys() - empty | {name for name, texts in self.standard.items() if texts[self.at[n]]}
            rules = [[name for name in _REFERENCE.findall(rule) if name not in known] for rule in self.table.key]
            found[n] = [name for name in required if name not in known] or min(rules, key=len, default=[])
            if not found[n]:  # tables.yaml promises a rule; a records.py must give a key
                raise ValueError(f"a row of {self.table.name} has no key")
        return found

    def only(self, kept: Sequence[int]) -> _Filled:
        """Some of the rows."""
        columns = {name: [cells[n] for n in kept] for name, cells in self.columns.items()}
        return _Filled(self.table, [self.at[n] for n in kept], columns, self.standard)

    def each(self) -> _Filled:
        """One row for each value of a column that should have one value and has several.

        Those of a given row that would have the same key are one: the first counts.
        """
        several = [
            name
            for name, cells in self.columns.items()
            if name in self.table.columns and not self.table.columns[name].list and any(len(one) > 1 for one in cells)
        ]
        if not several:
            return self
        made = _Filled(self.table, [], {name: [] for name in self.columns}, self.standard)
        for n, at in enumerate(self.at):
            rows = [{name: cells[n] for name, cells in self.columns.items()}]
            for name in several:
                values = dict.fromkeys(rows[0][name])
                rows = [{**row, name: (value,)} for row in rows for value in values] if values else rows
            for row in rows:
                made.at.append(at)
                for name, one in row.items():
                    made.columns[name].append(one)
        first: dict[tuple[int, str], int] = {}
        for n, place in enumerate(zip(made.at, made.keys(), strict=True)):
            first.setdefault(place, n)
        return made.only(list(first.values()))


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the canonical rows of one source."""

    source: str
    tables: Tables
    territories: Territories
    _places: _Places = field(init=False)
    _by_code: _ByCode = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_places", _Places(self.territories))
        object.__setattr__(self, "_by_code", _ByCode(self._places))

    def make(self, primary: str, given: Given, constants: Mapping[str, Mapping[str, Values]]) -> Entities:
        """Rows of `primary` and of the other tables that the values can fill.

        Constants fill only where the columns gave nothing. `primary` must be made, or `missing` names the
        column it lacks; the others are made where their required columns are there.
        """
        made = Entities()
        local = [local_key(identifier) for identifier in given.identifiers]
        standard = {"record": [f"{self.source}-{one}" for one in local], "identifier": local}
        names = [name for name in self.tables if name == primary or name in given.values or name in constants]
        # Participations and recognitions refer to the others, so entities come first.
        names.sort(
            key=lambda name: (
                name != primary,
                any(column.references in names for column in self.tables[name].columns.values()),
            )
        )
        keys: dict[str, list[str]] = {}
        for name in names:
            cells, fixed = given.values.get(name, {}), constants.get(name, {})
            filled_in = list(map(any, zip(*cells.values(), strict=True))) if cells else [False] * len(given.rows)
            at = [n for n in range(len(given.rows)) if name == primary or fixed or filled_in[n]]
            if made.missing:
                at = [n for n in at if n not in made.missing]
            filled = _Filled(self.tables[name], at, _columns(cells, fixed, at), standard)
            self._refer(filled, primary, keys)
            if "locality" in filled.table.columns:
                made.notes += [(n, name, note) for n, note in self._place(filled)]
            if lacking := filled.lacking():
                for n, missing in lacking.items():
                    if name == primary:
                        made.missing[at[n]] = missing[0]
                    elif filled_in[at[n]]:
                        detail = {"table": name, "missing": ", ".join(missing)}
                        made.notes.append((at[n], name, Note("entity-incomplete", given.identifiers[at[n]], detail)))
                filled = filled.only([n for n in range(len(at)) if n not in lacking])
            if name != primary:
                filled = filled.each()
            if filled.at:
                block = self._block(filled, standard["record"], given.rows)
                made.blocks.append(block)
                keys[name] = [""] * len(given.rows)
                for n, key in zip(reversed(block.at), reversed(block.frame["key"].to_list()), strict=True):
                    keys[name][n] = key  # of several, the first
        return made

    @staticmethod
    def _refer(filled: _Filled, primary: str, keys: Mapping[str, Sequence[str]]) -> None:
        """Fill references to entities of the same source row: required ones, and those to the primary table."""
        for column in filled.table.columns.values():
            target = column.references
            if target and target in keys and (column.required or target == primary):
                made: list[Values] = [(keys[target][n],) if keys[target][n] else () for n in filled.at]
                both = zip(filled.columns.get(column.name, made), made, strict=True)
                filled.columns[column.name] = [one or key for one, key in both]

    def _place(self, filled: _Filled) -> Iterable[tuple[int, Note]]:
        """Replace communes by the current ones; gives what was noticed, with the given row."""
        empty = [None] * len(filled.at)
        asked = (filled.first(column) or empty for column in ("commune", "locality", "postcode", "departement"))
        places = [self._by_code[one[0]] or self._places[one] for one in zip(*asked, strict=True)]
        filled.columns["commune"] = [place.commune for place in places]
        filled.columns["seat"] = [place.seat for place in places]
        return [(n, note) for n, place in zip(filled.at, places, strict=True) for note in place.notes]

    def _block(self, filled: _Filled, records: Sequence[str], rows: Sequence[int]) -> Block:
        """The rows as a table, with their keys and their derived columns."""
        table, columns, keys = filled.table, filled.columns, filled.keys()
        if "point" in table.columns:
            latitudes, longitudes = filled.first("latitude"), filled.first("longitude")
            if latitudes and longitudes:
                columns["point"] = [_point(*one) for one in zip(latitudes, longitudes, strict=True)]
        for column in table.columns.values():
            # A node of its own, such as an address, for columns that are only said where they are filled.
            if column.type == "key" and column.sources and not column.references:
                sources = [columns[name] for name in column.sources if name in columns]
                given = map(any, zip(*sources, strict=True)) if sources else repeat(False, len(keys))
                columns[column.name] = [(key,) if one else () for key, one in zip(keys, given, strict=True)]
        frame = pl.DataFrame(
            [
                pl.Series("key", keys, dtype=pl.String()),
                pl.Series("record", [records[n] for n in filled.at], dtype=pl.String()),
                pl.Series("row", [rows[n] for n in filled.at], dtype=pl.Int64()),
                *(_series(column, columns[column.name]) for column in table.published if column.name in columns),
            ]
        )
        return Block(table.name, filled.at, table.conform(frame.with_columns(source=pl.lit(self.source))))


def _columns(given: Columns, fixed: Mapping[str, Values], at: Sequence[int]) -> Columns:
    """The cells of some rows; constants where they have none."""
    columns: Columns = {name: [value] * len(at) for name, value in fixed.items()}
    for name, cells in given.items():
        chosen = cells if len(at) == len(cells) else [cells[n] for n in at]
        columns[name] = [one or fixed[name] for one in chosen] if name in fixed else chosen
    return columns


def _series(column: Column, cells: Sequence[Values]) -> pl.Series:
    if column.list and any(len(values) > 1 for values in cells):
        return pl.Series(column.name, [list(dict.fromkeys(values)) or None for values in cells], dtype=column.dtype)
    texts = pl.Series(column.name, [values[0] if values else None for values in cells], dtype=pl.String())
    if not column.list:
        return texts
    # As lists they would be read cell by cell: this is thirty times faster.
    return pl.select(pl.when(texts.is_not_null()).then(pl.concat_list(texts)).alias(column.name)).to_series()


def _point(latitude: str | None, longitude: str | None) -> Values:
    """WKT in CRS84 axis order, longitude first (OGC GeoSPARQL 1.1, section 8.5.1); (0, 0) is no place in France."""
    if not latitude or not longitude or (float(latitude) == 0 and float(longitude) == 0):
        return ()
    return (f"POINT({longitude} {latitude})",)
