"""GeoParquet and GeoPackage: read by others, with the points where the tables have them, the same bytes each time."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from clirld.release.formats import geometry, geopackage
from clirld.settings import Settings
from clirld.vocabulary import tables as canonical
from clirld.vocabulary.tables import Table

TABLES = canonical.load(Settings.from_environment({}).ontology / "tables.yaml")
INITIATIVES = TABLES["initiative"]


def rows(points: list[tuple[str, str] | None], table: Table = INITIATIVES) -> pl.LazyFrame:
    """Rows of a table, each at a place (latitude, longitude) or nowhere."""
    frame = pl.DataFrame(
        [
            {
                "key": f"k{n}",
                "name": f"L'« été » n° {n}",
                "homepage": ["a", "b"],
                **({"latitude": one[0], "longitude": one[1], "point": f"POINT({one[1]} {one[0]})"} if one else {}),
            }
            for n, one in enumerate(points)
        ],
        schema=table.schema,
    )
    return table.conform(frame).with_columns(license=pl.lit("https://example.org/licence")).lazy()


def test_points_are_longitude_then_latitude() -> None:
    found = geometry.with_points(rows([("46.5", "5.25"), None])).collect()
    assert found[geometry.COLUMN].to_list() == [struct.pack("<BIdd", 1, 1, 5.25, 46.5), None]
    assert geometry.extent(rows([("46.5", "5.25"), None, ("-21", "55.5")])) == (5.25, -21.0, 55.5, 46.5)
    assert geometry.extent(rows([None])) is None


def test_the_metadata_of_geoparquet(tmp_path: Path) -> None:
    placed = rows([("46.5", "5.25"), None])
    geometry.with_points(placed).sink_parquet(tmp_path / "a.parquet", metadata=geometry.geo_metadata(placed))
    said = json.loads(pl.read_parquet_metadata(tmp_path / "a.parquet")["geo"])
    assert (said["version"], said["primary_column"]) == ("1.1.0", "geom")
    assert said["columns"]["geom"] == {"encoding": "WKB", "geometry_types": ["Point"], "bbox": [5.25, 46.5, 5.25, 46.5]}
    assert "bbox" not in json.loads(geometry.geo_metadata(rows([None]))["geo"])["columns"]["geom"]


def opened(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True))


@pytest.fixture
def package(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "a.gpkg"
    tables = {"initiative": (INITIATIVES, rows([("46.5", "5.25"), None])), "programme": (TABLES["programme"], other())}
    geopackage.write(path, tables, "2026-01-01T06:00:00Z")
    with opened(path) as database:
        yield database


def other() -> pl.LazyFrame:
    table = TABLES["programme"]
    frame = pl.DataFrame({"key": ["p"], "name": ["Un appel"], "start_year": ["2021"], "page": [["a", "b"]], "row": [7]})
    return table.conform(frame).with_columns(license=pl.lit("https://example.org/licence")).lazy()


def test_tables_that_are_the_same_are_taken_from_an_earlier_file(tmp_path: Path) -> None:
    placed, more = (rows([(f"46.{n % 90}", "5.25") for n in range(many)]) for many in (3000, 3001))
    first = {"programme": (TABLES["programme"], other()), "initiative": (INITIATIVES, placed)}
    named = TABLES["organization"]
    second = {"initiative": (INITIATIVES, placed), "organization": (named, rows([("1", "2")], named))}
    third = {**second, "initiative": (INITIATIVES, more)}
    paths = [tmp_path / f"{name}.gpkg" for name in ("first", "second", "anew", "third")]
    geopackage.write(paths[0], first, "2026-01-01T06:00:00Z")
    geopackage.write(paths[1], second, "2026-01-02T06:00:00Z", paths[0], {"initiative"})
    geopackage.write(paths[2], second, "2026-01-02T06:00:00Z")
    assert paths[1].read_bytes() == paths[2].read_bytes()
    geopackage.write(paths[3], third, "2026-01-02T06:00:00Z", paths[1], {"organization"})
    with opened(paths[3]) as database:
        assert database.execute("SELECT count(*) FROM initiative").fetchone() == (3001,)


def test_what_the_standard_asks_of_the_file(package: sqlite3.Connection) -> None:
    """Requirements 1 to 31 of OGC 12-128r19 as far as a file can be asked for them."""
    one = package.execute
    assert one("PRAGMA application_id").fetchone() == (0x47504B47,)
    assert one("PRAGMA user_version").fetchone() == (10300,)
    assert one("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert one("PRAGMA foreign_key_check").fetchall() == []
    assert {system for (system,) in one("SELECT srs_id FROM gpkg_spatial_ref_sys")} == {-1, 0, 4326}
    contents = {row[0]: row[1:] for row in one("SELECT table_name, data_type, srs_id, last_change FROM gpkg_contents")}
    assert contents == {
        "initiative": ("features", 4326, "2026-01-01T06:00:00.000Z"),
        "programme": ("attributes", None, "2026-01-01T06:00:00.000Z"),
    }
    assert one("SELECT * FROM gpkg_geometry_columns").fetchall() == [("initiative", "geom", "POINT", 4326, 0, 0)]
    (key,) = [row for row in one("PRAGMA table_info(initiative)") if row[5]]
    assert key[1:3] == ("fid", "INTEGER")


def test_the_cells_of_a_geopackage(package: sqlite3.Connection) -> None:
    placed, nowhere = package.execute(
        "SELECT name, homepage, latitude, typeof(latitude), geom, license FROM initiative"
    )
    assert placed[:4] == ("L'« été » n° 0", "a | b", 46.5, "real")
    assert placed[4] == b"GP\x00\x01" + struct.pack("<i", 4326) + struct.pack("<BIdd", 1, 1, 5.25, 46.5)
    assert nowhere[2:5] == (None, "null", None)
    assert nowhere[5] == "https://example.org/licence"
    assert package.execute("SELECT key, start_year, page, row FROM programme").fetchall() == [("p", "2021", "a | b", 7)]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        tables = {"initiative": (INITIATIVES, rows([("46.5", "5.25"), None]))}
        geopackage.write(tmp_path / name, tables, "2026-01-01T06:00:00Z")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_release_of_the_samples_has_them(samples: Path) -> None:
    """Of each licence group, every row of the Parquet tables stands in the GeoPackage, and every point in both."""
    groups = sorted((samples / "current" / "tables").iterdir())
    assert len(groups) > 1
    for folder in groups:
        (path,) = folder.glob("*.gpkg")
        with opened(path) as database:
            names = {name for (name,) in database.execute("SELECT table_name FROM gpkg_contents")}
            assert names == {path.stem for path in folder.glob("*.parquet")} - {"record"}
            for name in names:
                table = pl.read_parquet(folder / f"{name}.parquet")
                (height,) = database.execute(f'SELECT count(*) FROM "{name}"').fetchone()
                assert height == table.height
                if geometry.COLUMN in table.columns:
                    keys = dict(database.execute(f'SELECT key, geom FROM "{name}"'))
                    points = dict(table.select("key", "geom").iter_rows())
                    assert {key: blob and blob[8:] for key, blob in keys.items()} == points
                    assert {key for key, blob in points.items() if blob} == set(
                        table.filter(pl.col("point").is_not_null())["key"]
                    )


def test_where_rows_have_a_commune_a_departement_lies_together(samples: Path) -> None:
    for path in (samples / "current" / "tables").glob("*/*.parquet"):
        table = pl.read_parquet(path)
        if "commune" in table.columns:
            assert table["commune"].is_sorted(), path
