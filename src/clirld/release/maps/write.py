"""`map.sqlite` of a release: the same bytes for the same tables.

place        id, key, name, source, license, longitude, latitude, precision, territory   one an initiative, by name;
             without a place longitude, latitude and precision are empty
facet        name, value, place          what places are found by: FACETS
label        name, value, fr, en         the values in words
contour      level, territory, name, west, south, east, north, geometry   geometry as GeoJSON: polygons; the centres of
             the communes, where the contour does not lie around them
recognition  place, recognition, year    each recognition of an initiative, and those broader; without its year where
             none is said
density      level, notation, communes, inhabitants, year   the communes of a level of the density grid
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl

from clirld import checksums, stages
from clirld.release.extracts.tables import read_same
from clirld.release.maps.contours import Polygon, Position, polygons, simplified
from clirld.release.maps.placing import DECIMALS, PRECISIONS, Territories, carriers, level_of, place
from clirld.search.words import key as search_key
from clirld.vocabulary.terms import Concept

FILE = "map.sqlite"
"""Its name in the folder of a release."""

FACETS = ("kind", "practice", "recognition", "departement", "epci", "situation", "density", "year", "source", "place")
"""What places are found by. `place` is one of `placing.PRECISIONS`, or `none`."""

NOWHERE = "none"
_SCHEMES = {
    "kind": "initiative-kind",
    "practice": "practice-field",
    "recognition": "recognition",
    "situation": "territory-situation",
    "density": "density-grid",
}
_LEVELS = {"outline": ("departement", 0.02), "departement": ("departement", 0.008), "epci": ("epci", 0.004)}
"""Name of a set of contours → whose they are, and how far a border may move, in degrees."""
_NEAR = 0.5
"""Degrees that the centre of its inhabitants may lie out of the contour of a territory."""
_TABLES = ("initiative", "recognition", "territory", "zoning", "contour", "participation", "organization")
_SCHEMA = """
CREATE TABLE place (id INTEGER PRIMARY KEY, key TEXT NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL,
                    license TEXT NOT NULL, longitude REAL, latitude REAL, precision TEXT NOT NULL, territory TEXT);
CREATE TABLE facet (name TEXT NOT NULL, value TEXT NOT NULL, place INTEGER NOT NULL,
                    PRIMARY KEY (name, value, place)) WITHOUT ROWID;
CREATE INDEX facet_of ON facet (place);
CREATE TABLE label (name TEXT NOT NULL, value TEXT NOT NULL, fr TEXT NOT NULL, en TEXT NOT NULL,
                    PRIMARY KEY (name, value)) WITHOUT ROWID;
CREATE TABLE contour (level TEXT NOT NULL, territory TEXT NOT NULL, name TEXT NOT NULL,
                      west REAL, south REAL, east REAL, north REAL, geometry TEXT NOT NULL,
                      PRIMARY KEY (level, territory)) WITHOUT ROWID;
CREATE TABLE recognition (place INTEGER NOT NULL, recognition TEXT NOT NULL, year TEXT, source TEXT NOT NULL);
CREATE TABLE density (level TEXT PRIMARY KEY, notation TEXT, communes INTEGER NOT NULL, inhabitants INTEGER NOT NULL,
                      year TEXT) WITHOUT ROWID;
"""
Concepts = Mapping[str, Mapping[str, Concept]]
Record = Mapping[str, Any]


def make(
    folder: Path,
    concepts: Concepts,
    links: Iterable[Path],
    taken_over: Callable[[str, str, Sequence[str]], bool],
) -> None:
    """Make the file from the tables in the folder of a release, or let it be taken over from the one before.

    `concepts` is scheme → slug → concept; `links` are files of N-Quads that say which records are one; `taken_over` is
    as in `incremental.pieces`.
    """
    tables = sorted(path for name in _TABLES for path in folder.glob(f"tables/*/{name}.parquet"))
    words = [f"{one.iri} {dict(one.labels)} {one.broader}" for name in _SCHEMES.values() for one in _of(concepts, name)]
    same = {one: first for path in links for one, first in read_same(path).items() if one.startswith("initiative:")}
    told = (*words, repr(sorted(same.items())), *map(checksums.sha256_of, tables))
    if not taken_over(FILE, stages.fingerprint(sqlite3.sqlite_version, *told), [FILE]):
        write(folder, concepts, same)


def _of(concepts: Concepts, scheme: str) -> Iterable[Concept]:
    return concepts.get(scheme, {}).values()


def write(folder: Path, concepts: Concepts, same: Mapping[str, str]) -> None:
    """Write the file into the folder of a release from its tables.

    `same` is as `extracts.tables.read_same` gives it: the short name of a record → that of the one that stands for it.
    """
    table = {name: _table(folder, name) for name in _TABLES}
    territories = Territories.of(table["territory"]) if "key" in table["territory"].columns else Territories()
    with closing(sqlite3.connect(folder / FILE)) as database:
        database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
        with database:
            _write_places(database, table, territories, concepts, same)
            _write_contours(database, table["contour"], territories)
            _write_density(database, table["zoning"], territories, concepts.get(_SCHEMES["density"], {}))
        database.execute("VACUUM")


def _table(folder: Path, name: str) -> pl.DataFrame:
    """The rows of a table of all licence groups; none, and no columns, where there is none."""
    frames = [pl.read_parquet(path) for path in sorted(folder.glob(f"tables/*/{name}.parquet"))]
    return pl.concat(frames, how="diagonal") if frames else pl.DataFrame()


def _write_places(
    database: sqlite3.Connection,
    table: Mapping[str, pl.DataFrame],
    territories: Territories,
    concepts: Concepts,
    same: Mapping[str, str],
) -> None:
    def stands_for(key: str) -> str:
        return same.get(f"initiative:{key}", f":{key}").partition(":")[2]

    has_carriers = not table["participation"].is_empty() and not table["organization"].is_empty()
    carried_in = carriers(table["participation"], table["organization"]) if has_carriers else {}
    found: dict[str, list[tuple[Record, Position | None, str]]] = {}
    row: Record
    initiatives = table["initiative"]
    for row in (initiatives if initiatives.is_empty() else initiatives.sort("key")).iter_rows(named=True):
        found.setdefault(stands_for(row["key"]), []).append((row, *place(row, territories, carried_in)))
    for key, records in found.items():
        records.sort(key=lambda one: one[0]["key"] != key)  # of as sure ones, what stands for all comes first
        records.sort(key=lambda one: (*PRECISIONS, "").index(one[2]))
    recognised = _recognitions(table["recognition"], stands_for)
    situated = _zoned(table["zoning"], "situation")
    dense = {key: levels[0] for key, levels in _zoned(table["zoning"], "density").items()}
    used: dict[str, set[str]] = {}
    order = sorted(found, key=lambda key: (search_key(found[key][0][0]["name"]), key))
    for number, key in enumerate(order, 1):
        row, position, precision = found[key][0]
        seat = row["seat"] or (row["acts_in"][0] if row["acts_in"] and len(row["acts_in"]) == 1 else None)
        longitude, latitude = (round(one, DECIMALS) for one in position) if position else (None, None)
        told = (number, key, row["name"], row["source"], row["license"], longitude, latitude, precision, seat)
        database.execute("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", told)
        years = recognised.get(key, [])
        schemes = concepts.get(_SCHEMES["recognition"], {})
        wider = {(one, year or "", by) for name, year, by in years for one in _with_broader([name], schemes)}
        dated = [(number, name, year or None, by) for name, year, by in sorted(wider)]
        database.executemany("INSERT INTO recognition VALUES (?, ?, ?, ?)", dated)
        rows = [record for record, _, _ in found[key]]
        facets = {
            "kind": [one for record in rows for one in record["kind"] or []],
            "practice": [one for record in rows for one in record["practice_field"] or []],
            "recognition": [name for name, _, _ in years],
            "year": [year for _, year, _ in years if year],
            "source": [record["source"] for record in rows],
            "place": [precision or NOWHERE],
            **_territorial(rows, territories, situated, dense),
        }
        for name, values in facets.items():
            every = _with_broader(values, concepts.get(_SCHEMES.get(name, ""), {}))
            used.setdefault(name, set()).update(every)
            database.executemany("INSERT INTO facet VALUES (?, ?, ?)", [(name, one, number) for one in sorted(every)])
    _write_labels(database, used, territories, concepts)


def _territorial(
    rows: Sequence[Record],
    territories: Territories,
    situated: Mapping[str, Sequence[str]],
    dense: Mapping[str, str],
) -> dict[str, list[str]]:
    """The départements and groupings that an initiative has its seat or acts in, their situations, its density."""
    of = [one for row in rows for one in (row["seat"], *(row["acts_in"] or [])) if one]
    epci = {one for key in of if level_of(key) in ("commune", "epci") for one in territories.within(key, "epci")}
    communes = [key for key in of if level_of(key) == "commune"]
    # A level is of a commune: that of the seat, else the only one where it acts, of the record that is told.
    acts_in = rows[0]["acts_in"] or []
    own = rows[0]["seat"] or (acts_in[0] if len(acts_in) == 1 else "")
    return {
        "departement": sorted({one for key in of for one in territories.within(key, "departement")}),
        "epci": sorted(epci),
        "situation": sorted({one for key in {*communes, *epci} for one in situated.get(key, ())}),
        "density": [dense[own]] if own in dense else [],
    }


def _with_broader(values: Iterable[str], concepts: Mapping[str, Concept]) -> set[str]:
    found: set[str] = set()
    more = list(values)
    while more:
        value = more.pop()
        if value not in found:
            found.add(value)
            more += concepts[value].broader if value in concepts else ()
    return found


def _recognitions(
    table: pl.DataFrame, stands_for: Callable[[str], str]
) -> dict[str, list[tuple[str, str | None, str]]]:
    """Key of an initiative → its recognitions, each with the years that sources say, and by which source."""
    found: dict[str, set[tuple[str, str, str]]] = {}
    for row in table.iter_rows(named=True):
        if row["initiative"]:
            said = row["recognition"], row["year"] or "", row["source"]
            found.setdefault(stands_for(row["initiative"]), set()).add(said)
    return {
        # Where one source says a year, that another says none adds nothing.
        key: [
            (name, year or None, by)
            for name, year, by in sorted(said)
            if year or not any(other == name and when for other, when, _ in said)
        ]
        for key, said in found.items()
    }


def _zoned(table: pl.DataFrame, column: str) -> dict[str, list[str]]:
    if column not in table.columns:
        return {}
    found: dict[str, set[str]] = {}
    for territory, values in table.select("territory", column).drop_nulls().iter_rows():
        found.setdefault(territory, set()).update([values] if isinstance(values, str) else values)
    return {territory: sorted(values) for territory, values in found.items()}


def _write_labels(
    database: sqlite3.Connection, used: Mapping[str, set[str]], territories: Territories, concepts: Concepts
) -> None:
    def labels() -> Iterator[tuple[str, str, str, str]]:
        for name, values in used.items():
            scheme = concepts.get(_SCHEMES.get(name, ""), {})
            for value in values:
                if value in scheme:
                    said = scheme[value].labels
                    yield name, value, said.get("fr", value), said.get("en", said.get("fr", value))
                elif name in ("departement", "epci"):
                    own = territories.names.get(value, value)
                    yield name, value, own, own

    database.executemany("INSERT INTO label VALUES (?, ?, ?, ?)", sorted(labels()))
    seats = database.execute("SELECT DISTINCT territory FROM place WHERE territory IS NOT NULL ORDER BY 1").fetchall()
    named = [("territory", one, *[territories.names.get(one, one)] * 2) for (one,) in seats]
    database.executemany("INSERT INTO label VALUES (?, ?, ?, ?)", named)


def _write_contours(database: sqlite3.Connection, table: pl.DataFrame, territories: Territories) -> None:
    if table.is_empty():
        return
    every = {row["territory"]: polygons(row["polygon"]) for row in table.sort("territory", "key").iter_rows(named=True)}
    moved = [key for key, shape in every.items() if _is_moved(key, shape, territories)]
    # Of what has no contour of its own, overseas for one, the communes are drawn.
    centres = {key: _communes(key, territories) for key in (*moved, *(territories.parts.keys() - every.keys()))}
    for name, (level, tolerance) in _LEVELS.items():
        mine = {key: one for key, one in every.items() if level_of(key) == level}
        drawn = simplified({key: one for key, one in mine.items() if key not in centres}, tolerance)
        for key in sorted({*mine, *(key for key in centres if level_of(key) == level)}):
            points = sorted(centres.get(key, []))
            if not points and key not in drawn:
                continue
            geometry = {"type": "MultiPoint", "coordinates": points} if points else _geometry(drawn[key])
            corners = points or [position for polygon in drawn[key] for position in polygon[0]]
            told = (name, key, territories.names.get(key, key), *_bounds(corners))
            text = json.dumps(geometry, separators=(",", ":"))
            database.execute("INSERT INTO contour VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*told, text))


def _is_moved(key: str, shape: Sequence[Polygon], territories: Territories) -> bool:
    """Whether a contour does not lie where its communes are: files for drawing move what lies overseas near France."""
    centre = territories.centres.get(key)
    if centre is None:
        return False
    west, south, east, north = _bounds([position for polygon in shape for position in polygon[0]])
    return not (west - _NEAR < centre[0] < east + _NEAR and south - _NEAR < centre[1] < north + _NEAR)


def _communes(key: str, territories: Territories) -> list[Position]:
    communes = [territories.centres[one] for one in territories.parts.get(key, []) if one in territories.centres]
    return [(round(x, DECIMALS), round(y, DECIMALS)) for x, y in communes]


def _bounds(positions: Sequence[Position]) -> tuple[float, float, float, float]:
    xs, ys = zip(*positions, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _geometry(shape: Sequence[Polygon]) -> dict[str, Any]:
    if len(shape) == 1:
        return {"type": "Polygon", "coordinates": shape[0]}
    return {"type": "MultiPolygon", "coordinates": shape}


def _write_density(
    database: sqlite3.Connection, zoning: pl.DataFrame, territories: Territories, grid: Mapping[str, Concept]
) -> None:
    levels: dict[str, list[int]] = {}
    for key, (level, *_) in _zoned(zoning, "density").items():
        if key in territories.wholes:
            levels.setdefault(level, []).append(territories.populations.get(key, 0))
    for level, found in sorted(levels.items()):
        notation = grid[level].notation if level in grid else None
        told = (level, notation, len(found), sum(found), territories.population_year)
        database.execute("INSERT INTO density VALUES (?, ?, ?, ?, ?)", told)
