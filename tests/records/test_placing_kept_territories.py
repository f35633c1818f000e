"""Territories that are kept in a file are those of their table, and only the latest are kept."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl

from clirld.records.placing import kept_territories
from clirld.records.territory import Territories
from tests.records.test_territory import ROWS

GROUND = {"latitude": "46.67", "longitude": "5.55", "area": "7.6", "postcode": ["39000", "39300"], "population": "17"}


def tables(folder: Path, *dropped: str) -> Path:
    """The canonical table of territories, of which those `dropped` are left out."""
    rows = [{**row, **(GROUND if row["kind"] == "commune" else {})} for row in ROWS if row["key"] not in dropped]
    (folder / "territory").mkdir(parents=True)
    lists = dict.fromkeys(("part_of", "replaced_by", "authority", "postcode"), pl.List(pl.String))
    frame = pl.DataFrame(rows, schema_overrides={**lists, "end": pl.String}, infer_schema_length=None)
    frame.write_parquet(folder / "territory" / "part-00000.parquet")
    return folder


def as_text(territories: Territories) -> str:
    fields = {name: getattr(territories, name) for name in Territories.__slots__ if name != "geography"}
    return json.dumps(fields, default=sorted)


def test_what_is_kept_is_what_the_table_says(tmp_path: Path) -> None:
    records = tables(tmp_path / "records")
    made, read = (kept_territories.load(tmp_path / "data", records) for _ in range(2))
    expected = Territories.load([records / "territory" / "part-00000.parquet"])
    for one in (made, read):
        assert as_text(one) == as_text(expected)
        assert one.geography == expected.geography
        assert one.commune_by_name("Lons-le-Saunier") == expected.commune_by_name("Lons-le-Saunier") is not None
        assert isinstance(one.communes_named("Lons-le-Saunier"), frozenset)


def test_only_the_latest_are_kept_and_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    data, first, second = tmp_path / "data", tables(tmp_path / "first"), tables(tmp_path / "second", "commune-39300")
    assert kept_territories.load(data, first).commune("39300")
    assert kept_territories.load(data, second).commune("39300") is None
    (kept,) = (data / kept_territories.FOLDER).glob("*/territories.json")
    status = kept.stat()
    kept.write_text("{" * status.st_size)
    os.utime(kept, ns=(status.st_atime_ns, status.st_mtime_ns))  # so that it looks as it was made
    assert kept_territories.load(data, second).commune("39300") is None
    kept.write_text("{")
    assert kept_territories.load(data, second).commune("39300") is None
    assert kept_territories.load(data, first).commune("39300")
