"""The third places of 2019 are published twice, as CSV and as GeoJSON: the same rows, so only the CSV is a source.

A source of its own for the other would publish each place twice; the test reads it by the same card instead.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from clirld.card import source
from clirld.card.source import Source
from clirld.records.make import ReferenceData, write_records
from clirld.records.territory import Territories
from clirld.snapshot.store import Snapshot
from clirld.vocabulary.tables import load as load_tables
from clirld.vocabulary.terms import Vocabulary


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "registries" / "tiers_lieux_cget_2019"


@pytest.fixture(scope="module")
def reference(project: Path, shared: Path) -> ReferenceData:
    """The communes of today and their arrondissements are enough to place them."""
    with (shared / "registries" / "decoupage_administratif" / "communes.csv").open(encoding="utf-8") as lines:
        territories = Territories.from_rows(
            {
                "key": f"{'commune' if row['TYPECOM'] == 'COM' else 'part'}-{row['COM']}",
                "kind": "commune" if row["TYPECOM"] == "COM" else "arrondissement-municipal",
                "name": row["LIBELLE"],
                "code": row["COM"],
                "part_of": [f"commune-{row['COMPARENT']}"] if row["COMPARENT"] else [f"departement-{row['DEP']}"],
            }
            for row in csv.DictReader(lines)
            if row["TYPECOM"] in ("COM", "ARM")
        )
    ontology = project / "ontology"
    return ReferenceData(load_tables(ontology / "tables.yaml"), Vocabulary.load(ontology), territories)


def as_geojson(csv_source: Source) -> Source:
    """The same card for the other file: its columns are properties, the coordinates are the geometry's."""
    rows = csv_source.card.records[0]
    elsewhere = {"LAT": "geometry.latitude", "LONG": "geometry.longitude"}
    columns = {elsewhere.get(name, f"properties.{name}"): target for name, target in rows.columns.items()}
    columns |= {"type": None, "geometry.type": None}
    distribution = csv_source.card.distributions["default"].model_copy(update={"format": "geojson"})
    update = {
        "distributions": {"default": distribution},
        "records": [rows.model_copy(update={"columns": columns})],
    }
    return Source(csv_source.card.model_copy(update=update), csv_source.folder)


def made(one: Source, path: Path, reference: ReferenceData, out: Path) -> list[dict[str, Any]]:
    """Rows of the table `initiative`, without their number in the file."""
    out.mkdir()
    snapshot = Snapshot(one.id, "default", path, "0" * 64, 0, None, "2026-11-24T10:00:00Z", "mirror")
    account = write_records(one, {"default": snapshot}, reference, out)
    assert (sum(account.rows_in.values()), len(account.excluded)) == (1_512, 0)
    assert "column-new" not in (out / "issues.jsonl").read_text(encoding="utf-8")
    return pl.read_parquet(out / "initiative" / "*.parquet").drop("row").sort("key").to_dicts()


@pytest.mark.real
def test_both_files_make_the_same_places(project: Path, folder: Path, reference: ReferenceData, tmp_path: Path) -> None:
    card = source.load(project / "pipelines" / "sources" / "tiers-lieux-2019", reference.tables, reference.vocabulary)
    of_csv = made(card, folder / "CGET_TiersLieux_2019.csv", reference, tmp_path / "csv")
    of_geojson = made(as_geojson(card), folder / "CGET_TiersLieux_2019.geojson", reference, tmp_path / "geojson")
    different = [(a, b) for a, b in zip(of_csv, of_geojson, strict=True) if a != b]
    assert different == []
    assert sum(1 for row in of_csv if row["commune"]) > 1_300
