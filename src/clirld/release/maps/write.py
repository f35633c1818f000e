"""`map.sqlite` of a release: the same bytes for the same tables.

place        id, key, name, source, license, longitude, latitude, precision, territory   one an initiative, by name;
             without a place longitude, latitude and precision are empty
facet        name, value, place          what places are found by: FACETS
label        name, value, fr, en         the values in words
contour      level, territory, name, west, south, east, north, geometry   geometry as GeoJSON: polygons; the centres of
             the communes, where the contour does not lie around them
recognition  place, recognition, year    each recognition of an initiative, and those broader; without its year where
             none is said
postcode     code, territory     the communes of today that have a postcode: a question of five digits is one
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

from clirld import stages
from clirld.release.extracts.tables import read_same
from clirld.release.files import Earlier
from clirld.release.incremental.pieces import FOLDER
from clirld.release.maps.moved import corrected_places, moved
from clirld.release.maps.placing import DECIMALS, PRECISIONS, Position, Territories, carriers, place
from clirld.search import postcodes
from clirld.search.around import closed, level_of
from clirld.search.words import key as search_key
from clirld.vocabulary.terms import Concept

FILE = postcodes.FILE
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
_TABLES = ("initiative", "recognition", "territory", "zoning", "contour", "participation", "organization", "correction")
_OF_CONTOURS = ("contour", "territory")
_CONTOURS, _CENTRES = f"{FOLDER}/contours.json", f"{FOLDER}/centres.json"
_SCHEMA = """
CREATE TABLE place (id INTEGER PRIMARY KEY, key TEXT NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL,
                    license TEXT NOT NULL, longitude REAL, latitude REAL, precision TEXT NOT NULL, territory TEXT);
CREATE TABLE facet (name TEXT NOT NULL, value TEXT NOT NULL, place INTEGER NOT NULL,
                    PRIMARY KEY (name, value, place)) WITHOUT ROWID;
CREATE TABLE label (name TEXT NOT NULL, value TEXT NOT NULL, fr TEXT NOT NULL, en TEXT NOT NULL,
                    PRIMARY KEY (name, value)) WITHOUT ROWID;
CREATE TABLE contour (level TEXT NOT NULL, territory TEXT NOT NULL, name TEXT NOT NULL,
                      west REAL, south REAL, east REAL, north REAL, geometry TEXT NOT NULL,
                      PRIMARY KEY (level, territory)) WITHOUT ROWID;
CREATE TABLE recognition (place INTEGER NOT NULL, recognition TEXT NOT NULL, year TEXT, source TEXT NOT NULL);
CREATE TABLE postcode (code TEXT NOT NULL, territory TEXT NOT NULL, PRIMARY KEY (code, territory)) WITHOUT ROWID;
CREATE TABLE density (level TEXT PRIMARY KEY, notation TEXT, communes INTEGER NOT NULL, inhabitants INTEGER NOT NULL,
                      year TEXT) WITHOUT ROWID;
"""
_INDEX = "CREATE INDEX facet_of ON facet (place)"
_COLUMNS = ("key", "name", "source", "license", "longitude", "latitude", "seat", "acts_in", "kind", "practice_field")
"""Of the table `initiative`, those that are read."""
Concepts = Mapping[str, Mapping[str, Concept]]
Record = Mapping[str, Any]


def make(
    folder: Path,
    concepts: Concepts,
    links: Iterable[Path],
    earlier: Earlier,
) -> None:
    """Make the file from the tables in the folder of a release, or let it be taken over from the one before.

    `concepts` is scheme → slug → concept; `links` are files of N-Quads that say which records are one; `earlier` is
    as in `incremental.pieces`.
    """
    sums = {path: earlier.sha256_of(path) for name in _TABLES for path in _paths(folder, name)}
    words = [f"{one.iri} {dict(one.labels)} {one.broader}" for name in _SCHEMES.values() for one in _of(concepts, name)]
    same = {one: first for path in links for one, first in read_same(path).items() if one.startswith("initiative:")}
    told = (*words, repr(sorted(same.items())), *sums.values())
    of_contours = [sums[path] for name in _OF_CONTOURS for path in _paths(folder, name)]
    is_drawn = earlier.taken_over(_CONTOURS, stages.fingerprint(*of_contours), [_CONTOURS])
    of_centres = [sums[path] for path in _paths(folder, "territory")]
    has_centres = earlier.taken_over(_CENTRES, stages.fingerprint(*of_centres), [_CENTRES])
    if not earlier.taken_over(FILE, stages.fingerprint(sqlite3.sqlite_version, *told), [FILE]):
        write(folder, concepts, same, is_drawn=is_drawn, has_centres=has_centres)


def _of(concepts: Concepts, scheme: str) -> Iterable[Concept]:
    return concepts.get(scheme, {}).values()


def _paths(folder: Path, table: str) -> list[Path]:
    return sorted(folder.glob(f"tables/*/{table}.parquet"))


def write(
    folder: Path, concepts: Concepts, same: Mapping[str, str], *, is_drawn: bool = False, has_centres: bool = False
) -> None:
    """Write the file into the folder of a release from its tables.

    `same` is as `extracts.tables.read_same` gives it: the short name of a record → that of the one that stands for it.
    The contours are drawn, which takes longer than all else, unless `is_drawn`: then they are there. So
    are the centres of territories that have communes, with `has_centres`.
    """
    table = {name: _table(folder, name) for name in _TABLES if name != "contour" or not is_drawn}
    territories = Territories()
    if "key" in table["territory"].columns:
        territories = Territories.of(table["territory"], _read(folder / _CENTRES) if has_centres else None)
    if not has_centres:
        stages.write_json(folder / _CENTRES, territories.centres_of_wholes())
    if not is_drawn:
        from clirld.release.maps import drawn  # with NumPy: takes a while, and most releases take it over

        stages.write_json(folder / _CONTOURS, list(drawn.rows(table["contour"], territories)))
    contours = _read(folder / _CONTOURS)
    with closing(sqlite3.connect(folder / FILE)) as database:
        database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
        with database:
            dense = _dense(table["zoning"])
            _write_places(database, table, territories, dense, concepts, same)
            database.executemany("INSERT INTO contour VALUES (?, ?, ?, ?, ?, ?, ?, ?)", contours)
            _write_postcodes(database, table["territory"])
            _write_density(database, dense, territories, concepts.get(_SCHEMES["density"], {}))
            database.execute(_INDEX)
        database.execute("VACUUM")


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _table(folder: Path, name: str) -> pl.DataFrame:
    """The rows of a table of all licence groups; none, and no columns, where there is none."""
    frames = [pl.read_parquet(path) for path in _paths(folder, name)]
    return pl.concat(frames, how="diagonal") if frames else pl.DataFrame()


def _write_places(
    database: sqlite3.Connection,
    table: Mapping[str, pl.DataFrame],
    territories: Territories,
    dense: Mapping[str, str],
    concepts: Concepts,
    same: Mapping[str, str],
) -> None:
    def stands_for(key: str) -> str:
        return same.get(f"initiative:{key}", f":{key}").partition(":")[2]

    has_carriers = not table["participation"].is_empty() and not table["organization"].is_empty()
    carried_in = carriers(table["participation"], table["organization"]) if has_carriers else {}
    found: dict[str, list[tuple[Record, Position | None, str]]] = {}
    corrected = corrected_places(table["correction"], stands_for)
    row: Record
    initiatives = table["initiative"]
    if not initiatives.is_empty():
        initiatives = initiatives.select(*_COLUMNS).sort("key")
    for row in initiatives.iter_rows(named=True):
        key = stands_for(row["key"])
        now = moved(row, corrected.get(key))
        found.setdefault(key, []).append((now, *place(now, territories, carried_in)))
    for key, records in found.items():
        records.sort(key=lambda one: one[0]["key"] != key)  # of as sure ones, what stands for all comes first
        records.sort(key=lambda one: (*PRECISIONS, "").index(one[2]))
    recognised = _recognitions(table["recognition"], stands_for)
    situated = _zoned(table["zoning"], "situation")
    used: dict[str, set[str]] = {}
    places, dated, facets = list[tuple[Any, ...]](), list[tuple[Any, ...]](), list[tuple[str, str, int]]()
    order = sorted(found, key=lambda key: (search_key(found[key][0][0]["name"]), key))
    for number, key in enumerate(order, 1):
        row, position, precision = found[key][0]
        seat = row["seat"] or (row["acts_in"][0] if row["acts_in"] and len(row["acts_in"]) == 1 else None)
        longitude, latitude = (round(one, DECIMALS) for one in position) if position else (None, None)
        places.append((number, key, row["name"], row["source"], row["license"], longitude, latitude, precision, seat))
        years = recognised.get(key, [])
        schemes = concepts.get(_SCHEMES["recognition"], {})
        wider = {(one, year or "", by) for name, year, by in years for one in _with_broader([name], schemes)}
        dated += [(number, name, year or None, by) for name, year, by in sorted(wider)]
        rows = [record for record, _, _ in found[key]]
        found_by = {
            "kind": [one for record in rows for one in record["kind"] or []],
            "practice": [one for record in rows for one in record["practice_field"] or []],
            "recognition": [name for name, _, _ in years],
            "year": [year for _, year, _ in years if year],
            "source": [record["source"] for record in rows],
            "place": [precision or NOWHERE],
            **_territorial(rows, territories, situated, dense),
        }
        for name, values in found_by.items():
            every = _with_broader(values, concepts.get(_SCHEMES.get(name, ""), {}))
            used.setdefault(name, set()).update(every)
            facets += [(name, one, number) for one in every]
    database.executemany("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", places)
    database.executemany("INSERT INTO recognition VALUES (?, ?, ?, ?)", dated)
    database.executemany("INSERT INTO facet VALUES (?, ?, ?)", sorted(facets))
    _write_labels(database, used, territories, concepts)


def _territorial(
    rows: Sequence[Record],
    territories: Territories,
    situated: Mapping[str, Sequence[str]],
    dense: Mapping[str, str],
) -> dict[str, list[str]]:
    """The départements and groupings where an initiative has its seat or acts, their situations, its density."""
    of = [one for row in rows for one in (row["seat"], *(row["acts_in"] or [])) if one]
    around = territories.around(of)
    epci = around.get("epci", [])
    communes = [key for key in of if level_of(key) == "commune"]
    # A level is of a commune: that of the seat, else the only one where it acts, of the record that is told.
    acts_in = rows[0]["acts_in"] or []
    own = rows[0]["seat"] or (acts_in[0] if len(acts_in) == 1 else "")
    return {
        "departement": around.get("departement", []),
        "epci": epci,
        "situation": sorted({one for key in {*communes, *epci} for one in situated.get(key, ())}),
        "density": [dense[own]] if own in dense else [],
    }


def _with_broader(values: Iterable[str], concepts: Mapping[str, Concept]) -> list[str]:
    """Some concepts of a scheme, by slug, and those that are broader."""
    return closed(values, lambda value: concepts[value].broader if value in concepts else ())


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


def _dense(table: pl.DataFrame) -> dict[str, str]:
    """Key of a commune → its level of density, the first of several by name."""
    if "density" not in table.columns:
        return {}
    rows = table.select("territory", "density").drop_nulls().sort("territory", "density")
    first = rows.unique("territory", keep="first", maintain_order=True)
    return dict(zip(first["territory"].to_list(), first["density"].to_list(), strict=True))


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


def _write_density(
    database: sqlite3.Connection, dense: Mapping[str, str], territories: Territories, grid: Mapping[str, Concept]
) -> None:
    levels: dict[str, list[int]] = {}
    for key, level in dense.items():
        if territories.is_known(key) and level_of(key) == "commune":
            levels.setdefault(level, []).append(territories.populations.get(key, 0))
    for level, found in sorted(levels.items()):
        notation = grid[level].notation if level in grid else None
        told = (level, notation, len(found), sum(found), territories.population_year)
        database.execute("INSERT INTO density VALUES (?, ?, ?, ?, ?)", told)


def _write_postcodes(database: sqlite3.Connection, table: pl.DataFrame) -> None:
    if "postcode" not in table.columns:
        return
    today = table.filter(pl.col("kind") == "commune", pl.col("end").is_null()).select("postcode", "key")
    rows = today.explode("postcode").drop_nulls().unique().sort("postcode", "key")
    database.executemany("INSERT INTO postcode VALUES (?, ?)", rows.iter_rows())
