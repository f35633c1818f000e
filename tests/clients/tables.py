"""What reads tables and places: frictionless, csvw, rocrate and DuckDB (PyPI), GDAL and QGIS (Debian)."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import polars as pl

from tests.clients.portal import PYTHON

_DESCRIBED = """
import json, sys, warnings
from pathlib import Path
from csvw import CSVW
from frictionless import validate
from rocrate.rocrate import ROCrate
release, tables, rows = Path(sys.argv[1]), 0, 0
for folder in sorted((release / "tables").iterdir()):
    report = validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["name", "type", "message"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        group = CSVW(str(folder / "csv-metadata.json"), validate=True)
    assert group.is_valid, group.warnings
    tables += len(report.tasks)
    rows += sum(1 for _row in group.to_json(minimal=True))
files = len(ROCrate(str(release)).data_entities)
print(f"{tables} tables valid by frictionless, {rows} rows valid by csvw, {files} files in rocrate")
"""
_DUCKDB = """
import sys, duckdb
from duckdb_extensions import import_extension
import_extension("httpfs")
duckdb.sql("LOAD httpfs")
for url in sys.argv[1:]:
    print(duckdb.sql(f"SELECT count(*) FROM '{url}' WHERE commune LIKE '39%'").fetchone()[0])
"""
_QGIS = """
import json, os, sys
from qgis.core import QgsApplication, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
layer = QgsVectorLayer(f"{sys.argv[1]}|layername=initiative", "initiative", "ogr")
assert layer.isValid() and layer.crs().authid() == "EPSG:4326"
placed = {f["key"]: f.geometry().asWkt() for f in layer.getFeatures() if f.hasGeometry()}
print(json.dumps([layer.featureCount(), placed]), flush=True)
os._exit(0)  # QGIS 3.22 crashes while Python takes it down
"""


def describe(release: Path, _address: str) -> str:
    """Hold the tables to what describes them; what was valid. Raises AssertionError where something is not."""
    if not PYTHON.exists():
        return "left out: not installed"
    return _run([str(PYTHON), "-c", _DESCRIBED, str(release.resolve())]).strip()


def ask_duckdb(release: Path, address: str) -> str:
    """Ask for one département over HTTP; how many rows. Raises AssertionError where it is not what the file has."""
    if not PYTHON.exists():
        return "left out: not installed"
    paths = [path.relative_to(release) for path in sorted(release.glob("tables/*/initiative.parquet"))]
    told = _run([str(PYTHON), "-c", _DUCKDB, *(f"{address}/release/{path}" for path in paths)]).split()
    of_jura = pl.col("commune").str.starts_with("39")
    wanted = [pl.read_parquet(release / path).filter(of_jura).height for path in paths]
    assert [int(count) for count in told] == wanted, (told, wanted)
    return f"{sum(wanted)} initiatives of one département from {len(paths)} files"


def open_geopackages(release: Path, _address: str) -> str:
    """Open each GeoPackage; what was seen. Raises AssertionError where QGIS or GDAL sees something else."""
    counts: list[str] = []
    for path in sorted(release.resolve().glob("tables/*/*.gpkg")):
        table = pl.read_parquet(path.parent / "initiative.parquet")
        placed = {key: _wkt(*pair) for key, *pair in _pairs(table)}
        if shutil.which("ogrinfo"):
            told = _run(["ogrinfo", "-ro", "-so", str(path), "initiative"])
            assert f"Feature Count: {table.height}" in told, told
            assert "Warning" not in told, told
            counts.append("GDAL")
        if _has_qgis():
            features, seen = json.loads(_run(["/usr/bin/python3", "-c", _QGIS, str(path)]).splitlines()[-1])
            assert features == table.height
            assert {key: _wkt(*_numbers(text)) for key, text in seen.items()} == placed
            counts.append("QGIS")
    if not counts:
        return "left out: neither ogrinfo nor QGIS is installed"
    return ", ".join(f"{name} opened {counts.count(name)} files" for name in sorted(set(counts)))


def _has_qgis() -> bool:
    command = ["/usr/bin/python3", "-c", "import qgis.core"]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


def _pairs(table: pl.DataFrame) -> list[tuple[str, float, float]]:
    placed = table.filter(pl.col("point").is_not_null())
    return list(placed.select("key", pl.col("longitude", "latitude").cast(pl.Float64)).iter_rows())


def _numbers(wkt: str) -> tuple[float, float]:
    longitude, latitude = wkt.partition("(")[2].rstrip(")").split()
    return float(longitude), float(latitude)


def _wkt(longitude: float, latitude: float) -> tuple[float, float]:
    return round(longitude, 9), round(latitude, 9)


def _run(command: list[str]) -> str:
    environment = {"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin", "HOME": "/tmp"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
