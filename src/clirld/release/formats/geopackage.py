"""A GeoPackage (OGC 12-128r19, version 1.3): the tables of a licence group in one file that a GIS opens.

Tables with points are features, all others attributes. GDAL would write it as well: its wheel brings a hundred
megabytes, and needs Arrow beside it (docs/decisions.md).
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl

from clirld.release.formats import geometry
from clirld.vocabulary.tables import LIST_SEPARATOR, Table

WGS84 = 4326
_APPLICATION_ID = 0x47504B47  # “GPKG”
_VERSION = 10300
_AT_ONCE = 20_000
_PAGE = 16384
"""Bytes: copying whole tables takes half of the time that it does in SQLite's own 4096."""

_SCHEMA = """
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
"""
"""Annex C.1 to C.3 of the standard, as it is there."""

_DEFINITION = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]'
)
_SYSTEMS = (
    ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian coordinate reference system"),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
    ("WGS 84 geodetic", WGS84, "EPSG", WGS84, _DEFINITION, "longitude and latitude in degrees"),
)
_BOUNDS = "SELECT min_x, min_y, max_x, max_y FROM earlier.gpkg_contents WHERE table_name = ?"
_TYPES = {"integer": "INTEGER", "latitude": "REAL", "longitude": "REAL", "decimal": "REAL"}


def write(
    path: Path,
    tables: Mapping[str, tuple[Table, pl.LazyFrame]],
    last_change: str,
    earlier: Path | None = None,
    same: Collection[str] = (),
) -> None:
    """Write a new file: of each table its columns as published, and `license`; lists with “ | ” between their values.

    `last_change` is when the content was had, ISO 8601 in UTC. The tables that are the `same` in an earlier file are
    taken from there, which takes a tenth of the time. The same rows give the same bytes.
    """
    moment = last_change.replace("Z", ".000Z") if "." not in last_change else last_change
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rwc", uri=True)) as database, database:
        database.execute(f"PRAGMA page_size = {_PAGE}")
        if earlier:
            database.execute("ATTACH ? AS earlier", (f"{earlier.absolute().as_uri()}?mode=ro&immutable=1",))
        database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"  # a new file: it is whole, or the release is not
            f"PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {_VERSION}; {_SCHEMA}"
        )
        database.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", _SYSTEMS)
        for name, (table, rows) in tables.items():
            is_placed = geometry.has_points(table)
            bounds: tuple[float | None, ...] = (None,) * 4
            if is_placed and name in same:
                bounds = database.execute(_BOUNDS, (name,)).fetchone()
            elif is_placed:
                bounds = geometry.extent(rows) or bounds
            kind, system = ("features", WGS84) if is_placed else ("attributes", None)
            described = f"{table.title['fr']} / {table.title['en']}"
            contents = (name, kind, name, described, moment, *bounds, system)
            database.execute("INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", contents)
            columns = _columns(table)
            if is_placed:
                placed = (name, geometry.COLUMN, "POINT", WGS84, 0, 0)
                database.execute("INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, ?, ?)", placed)
                columns[geometry.COLUMN] = "POINT"
            declared = "".join(f', "{column}" {kind}' for column, kind in columns.items())
            database.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL{declared})')
            if name in same:
                database.execute(f'INSERT INTO main."{name}" SELECT * FROM earlier."{name}"')  # noqa: S608, likewise
                continue
            places = ", ".join("?" * len(columns))
            names = ", ".join(f'"{column}"' for column in columns)
            insert = f'INSERT INTO "{name}" ({names}) VALUES ({places})'  # noqa: S608, the names are of tables.yaml
            database.executemany(insert, _cells(rows, table, columns))


def _columns(table: Table) -> dict[str, str]:
    """SQL types of the columns of a table, by name."""
    published = {column.name: _TYPES.get(column.type, "TEXT") for column in table.published}
    standard = {name: "INTEGER" if kind == pl.Int64() else "TEXT" for name, kind in table.schema.items()}
    return {**standard, **published, "license": "TEXT"}


def _cells(rows: pl.LazyFrame, table: Table, columns: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    flat = rows.with_columns(pl.col(column.name).list.join(LIST_SEPARATOR) for column in table.published if column.list)
    numbers = [
        pl.col(column.name).cast(pl.Float64() if _TYPES[column.type] == "REAL" else pl.Int64(), strict=False)
        for column in table.published
        if column.type in _TYPES
    ]
    placed = geometry.with_points(flat) if geometry.has_points(table) else flat
    frame = placed.with_columns(numbers).select(list(columns)).collect()
    rows_read = frame.iter_rows(buffer_size=_AT_ONCE)
    if not geometry.has_points(table):
        yield from rows_read
        return
    for *cells, point in rows_read:  # the column of points is the last one
        yield (*cells, point and _blob(point))


def _blob(point: bytes) -> bytes:
    """WKB with the header of the standard (section 2.1.3.1.1): version 1, no envelope, lowest byte first."""
    return struct.pack("<2sBBi", b"GP", 0, 1, WGS84) + point
