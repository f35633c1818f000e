"""From the clean values of one source row to canonical rows: places, references, derived columns, keys."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from clirld.cells import Note
from clirld.tables import Column, Table, Tables
from clirld.territory import Territories

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REFERENCE = re.compile(r"\$\((\w+)\)")

_HOW = {
    "municipal-arrondissement": "arrondissement municipal",
    "delegated": "commune déléguée",
    "associated": "commune associée",
    "merged": "commune fusionnée",
}

Values = dict[str, list[str]]
"""Clean values by canonical column; several where the column is a list, or where rows are made of each."""

CanonicalRow = dict[str, str | list[str] | int | None]


@dataclass(slots=True)
class Entities:
    """What one source row makes, and what was noticed on the way; `missing` says why the row makes nothing."""

    rows: list[tuple[str, CanonicalRow]] = field(default_factory=list)
    notes: list[tuple[str, Note]] = field(default_factory=list)
    missing: str | None = None


def local_key(identifier: str) -> str:
    """An identifier as the last part of an IRI: itself where it is safe, else 16 hex digits of its SHA-256."""
    if _SAFE.fullmatch(identifier):
        return identifier
    return hashlib.sha256(identifier.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the canonical rows of one source."""

    source: str
    tables: Tables
    territories: Territories

    def make(
        self,
        primary: str,
        values: Mapping[str, Values],
        constants: Mapping[str, Values],
        row: int,
        identifier: str,
    ) -> Entities:
        """Rows of `primary` and of the other tables that `values` (by table) can fill.

        Constants fill only where the columns gave nothing. `primary` must be made, or `missing` names the
        column it lacks; the others are made where their required columns are there.
        """
        made = Entities()
        standard = {"record": f"{self.source}-{local_key(identifier)}", "identifier": local_key(identifier)}
        names = [primary, *(name for name in self.tables if name != primary and (name in values or name in constants))]
        keys: dict[str, str] = {}
        # Participations and recognitions refer to the others, so entities come first.
        names.sort(
            key=lambda name: (
                name != primary,
                any(c.references in names for c in self.tables[name].columns.values()),
            )
        )
        for name in names:
            table = self.tables[name]
            given = values.get(name, {})
            filled = {
                **constants.get(name, {}),
                **{column: cells for column, cells in given.items() if cells},
            }
            self._refer(table, primary, filled, keys)
            if "locality" in table.columns:
                self._place(name, filled, made)
            if missing := _missing(table, filled, standard):
                if name == primary:
                    made.missing = missing[0]
                    return made
                if any(given.values()):
                    detail = {"table": name, "missing": ", ".join(missing)}
                    made.notes.append((name, Note("entity-incomplete", identifier, detail)))
                continue
            for one in self._each(table, filled) if name != primary else [filled]:
                keys.setdefault(name, self._row(table, one, standard, row, made))
        return made

    def _refer(self, table: Table, primary: str, filled: Values, keys: Mapping[str, str]) -> None:
        """Fill references to entities of the same source row: required ones, and those to the primary table."""
        for column in table.columns.values():
            target = column.references
            if target and target in keys and not filled.get(column.name) and (column.required or target == primary):
                filled[column.name] = [keys[target]]

    @staticmethod
    def _each(table: Table, filled: Values) -> list[Values]:
        """One row for each value of a column that should have one value and has several.

        Those that would have the same key are one: the first counts.
        """
        rows = [filled]
        for name, cells in filled.items():
            if len(cells) > 1 and not table.columns[name].list:
                rows = [{**row, name: [cell]} for row in rows for cell in dict.fromkeys(cells)]
        return rows

    def _place(self, table: str, filled: Values, made: Entities) -> None:
        """Replace the commune by the current one, found by its code or else by its name."""
        code, name, postcode, departement = (
            _first(filled, column) for column in ("commune", "locality", "postcode", "departement")
        )
        if code and (found := self.territories.commune(code)):
            if found.how != "current":
                detail = {"how": found.how, "how_fr": _HOW[found.how], "to": found.code}
                made.notes.append((table, Note("commune-merged", code, detail)))
        elif name and (found := self.territories.commune_by_name(name, postcode=postcode, departement=departement)):
            made.notes.append((table, Note("commune-by-name", name, {"to": found.code})))
        else:
            found = None
        filled["commune"] = [found.code] if found else []
        seat = self.territories.seat(found.code if found else None, departement)
        filled["seat"] = [seat] if seat else []
        if not found and (code or name or departement):
            known = name or code or departement or ""
            made.notes.append((table, Note("commune-unknown", known, {"seat": seat or "–"})))

    def _row(self, table: Table, filled: Values, standard: Mapping[str, str], row: int, made: Entities) -> str:
        """Add one canonical row, with its key and its derived columns; gives the key."""
        texts = {**standard, **{name: cells[0] for name, cells in filled.items() if cells}}
        key = texts.get("key") or _key(table, texts)
        if any(name == table.name and known["key"] == key for name, known in made.rows):
            return key
        out: CanonicalRow = {"key": key, "record": standard["record"], "source": self.source, "row": row}
        if "point" in table.columns and (point := _point(texts)):
            filled = {**filled, "point": [point]}
        for column in table.columns.values():
            # A node of its own, such as an address, for columns that are only said where they are filled.
            if column.type == "key" and column.sources and not column.references:
                filled = {**filled, column.name: [key] if any(filled.get(c) for c in column.sources) else []}
        for column in table.published:
            out[column.name] = _cell(column, filled.get(column.name, []))
        made.rows.append((table.name, out))
        return key


def _first(filled: Values, column: str) -> str | None:
    cells = filled.get(column)
    return cells[0] if cells else None


def _cell(column: Column, cells: list[str]) -> str | list[str] | None:
    if not cells:
        return None
    return list(dict.fromkeys(cells)) if column.list else cells[0]


def _missing(table: Table, filled: Values, standard: Mapping[str, str]) -> list[str]:
    """Columns a row of a table cannot be without: the required ones, or those that its key is made of."""
    required = [column.name for column in table.columns.values() if column.required and not filled.get(column.name)]
    keys = [
        [name for name in _REFERENCE.findall(key) if not (standard.get(name) or filled.get(name))] for key in table.key
    ]
    return required or ([] if filled.get("key") else min(keys, key=len, default=[]))


def _key(table: Table, texts: Mapping[str, str]) -> str:
    for template in table.key:
        names = _REFERENCE.findall(template)
        if all(texts.get(name) for name in names):
            return _REFERENCE.sub(lambda found: texts[found[1]], template)
    raise ValueError(f"a row of {table.name} has no key")  # tables.yaml promises one; a records.py must give one


def _point(texts: Mapping[str, str]) -> str | None:
    """WKT in CRS84 axis order, longitude first (OGC GeoSPARQL 1.1, section 8.5.1); (0, 0) is no place in France."""
    latitude, longitude = texts.get("latitude"), texts.get("longitude")
    if not latitude or not longitude or (float(latitude) == 0 and float(longitude) == 0):
        return None
    return f"POINT({longitude} {latitude})"
