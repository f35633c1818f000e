"""What `map.sqlite` has: where initiatives are drawn and how sure that is, what they are found by, what is counted."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from clirld.release.maps.placing import PRECISIONS
from clirld.release.maps.write import FACETS, FILE
from tests.web.maps import sample


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the map of the sample."""
    folder = tmp_path_factory.mktemp("map")
    sample.write_map(folder)
    return folder


def rows(folder: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(folder / FILE)) as database:
        return database.execute(query).fetchall()


def test_each_initiative_is_where_it_is_best_known(folder: Path) -> None:
    found = {key: (x, y, precision) for key, x, y, precision in rows(
        folder, "SELECT key, longitude, latitude, precision FROM place")}  # fmt: skip
    assert found == sample.PLACES
    assert {precision for _, _, precision in found.values()} == {*PRECISIONS, ""}


def test_they_keep_their_source_and_licence(folder: Path) -> None:
    assert dict(rows(folder, "SELECT key, license FROM place"))["atelier"] == sample.SHARED
    assert dict(rows(folder, "SELECT source, count(*) FROM place GROUP BY 1")) == {"autres": 1, "lieux": 6}


@pytest.mark.parametrize(
    ("facet", "value", "keys"),
    [
        ("kind", "third-place", ["atelier", "lieu"]),
        ("kind", "fablab", ["atelier", "lieu"]),
        ("kind", "territory-project", ["contrat"]),
        ("practice", "recycling-centre", ["pole"]),
        ("recognition", "ptce-laureate", ["nulle-part", "pole", "porte"]),
        ("year", "2023", ["pole"]),
        ("departement", "departement-08", ["atelier", "contrat", "lieu", "pole"]),
        ("departement", "departement-974", ["ile"]),
        ("epci", "epci-200000001", ["atelier", "lieu", "pole"]),
        ("situation", "isolated-rural", ["atelier"]),
        ("situation", "weakening", ["atelier", "lieu", "pole"]),
        ("density", "rural-town", ["atelier", "lieu"]),
        ("source", "autres", ["atelier", "lieu"]),
        ("place", "none", ["nulle-part"]),
    ],
)
def test_they_are_found_by_what_they_are(folder: Path, facet: str, value: str, keys: list[str]) -> None:
    having = f"facet.name = '{facet}' AND value = '{value}'"
    query = f"SELECT key FROM place JOIN facet ON place = id WHERE {having} ORDER BY key"
    assert [key for (key,) in rows(folder, query)] == keys
    assert {name for (name,) in rows(folder, "SELECT DISTINCT name FROM facet")} == {*FACETS}


def test_a_contour_that_was_moved_gives_way_to_the_communes(folder: Path) -> None:
    told = {(level, key): (name, json.loads(geometry)["type"]) for level, key, name, geometry in rows(
        folder, "SELECT level, territory, name, geometry FROM contour")}  # fmt: skip
    assert told[("departement", "departement-08")] == ("Le département", "Polygon")
    assert told[("outline", "departement-974")] == ("L'île", "MultiPoint")
    assert told[("epci", "epci-200000001")][1] == "Polygon"
    bounds = rows(folder, "SELECT west, north FROM contour WHERE territory = 'departement-974'")
    assert set(bounds) == {(55.5, -21.1)}


def test_what_is_counted(folder: Path) -> None:
    assert rows(folder, "SELECT * FROM density ORDER BY level") == [
        ("rural-town", "5", 2, 3000, "2023"),
        ("small-town", "4", 1, 500, "2023"),
    ]
    recognised = rows(
        folder,
        "SELECT key, recognition, year, recognition.source FROM recognition JOIN place ON place = id ORDER BY 1, 2",
    )
    assert ("pole", "ptce-laureate", "2023", "lieux") in recognised
    assert ("pole", "ami-ptce-2023", None, "autres") not in recognised  # another source says when
    assert ("nulle-part", "ptce-laureate", None, "lieux") in recognised


def test_communes_have_the_postcodes_of_their_table(folder: Path) -> None:
    found = [("08100", "commune-08001"), ("08100", "commune-08002"), ("08110", "commune-08001")]
    assert rows(folder, "SELECT * FROM postcode") == found


def test_records_that_are_one_are_one_place_with_what_each_says(folder: Path) -> None:
    assert rows(folder, "SELECT name, source FROM place WHERE key IN ('lieu', 'double')") == [("Lieu", "lieux")]
    (place,) = rows(folder, "SELECT id FROM place WHERE key = 'lieu'")[0]
    said = rows(folder, f"SELECT recognition, year, source FROM recognition WHERE place = {place} ORDER BY source")
    assert said == [("fabrique-de-territoire", "2020", "autres"), ("fabrique-de-territoire", "2020", "lieux")]


def test_the_same_tables_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    sample.write_map(tmp_path)
    assert (tmp_path / FILE).read_bytes() == (folder / FILE).read_bytes()
