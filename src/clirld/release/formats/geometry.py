"""Points of the canonical tables as GeoParquet and GeoPackage keep them: well-known binary, longitude first."""

from __future__ import annotations

import json
import struct
from typing import Any

import polars as pl

from clirld.vocabulary.tables import Table

COLUMN = "geom"
"""Name of the column of points, which the canonical tables have as text (`point`)."""


def has_points(table: Table) -> bool:
    """Whether rows of a table may be places."""
    return {"longitude", "latitude", "point"} <= {column.name for column in table.published}


def with_points(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows with the column `geom` at their end: a point as WKB, null where there is none."""
    longitude_latitude = pl.struct(longitude=_number("longitude"), latitude=_number("latitude"))
    points = longitude_latitude.map_batches(_points, return_dtype=pl.Binary())
    return rows.with_columns(pl.when(pl.col("point").is_not_null()).then(points).alias(COLUMN))


def geo_metadata(rows: pl.LazyFrame) -> dict[str, str]:
    """What GeoParquet 1.1.0 keeps under the key `geo` of a file: its column of points, and where they lie.

    Without a `crs` coordinates are those of OGC:CRS84, longitude and latitude, which these are.
    """
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Point"]}
    if bounds := extent(rows):
        column["bbox"] = list(bounds)
    return {"geo": json.dumps({"version": "1.1.0", "primary_column": COLUMN, "columns": {COLUMN: column}})}


def extent(rows: pl.LazyFrame) -> tuple[float, float, float, float] | None:
    """West, south, east and north of all points, in degrees; None where there is none."""
    placed = rows.filter(pl.col("point").is_not_null()).select(x=_number("longitude"), y=_number("latitude"))
    aggregates = (pl.col("x").min(), pl.col("y").min(), pl.col("x").max().alias("e"), pl.col("y").max().alias("n"))
    west, south, east, north = placed.select(*aggregates).collect().row(0)
    return None if west is None else (west, south, east, north)


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64(), strict=False)


def _points(pairs: pl.Series) -> pl.Series:
    cells = [
        None if one["longitude"] is None or one["latitude"] is None else point(one["longitude"], one["latitude"])
        for one in pairs
    ]
    return pl.Series(cells, dtype=pl.Binary())


def point(longitude: float, latitude: float) -> bytes:
    """A point as WKB, lowest byte first (OGC 06-103r4, section 8.2)."""
    return struct.pack("<BIdd", 1, 1, longitude, latitude)
