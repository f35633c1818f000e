"""Samples: varied rows in the file's own layout, without what is personal, that read as the file does."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from clirld.draft import sample as sampling
from clirld.draft.sniff import sniff
from clirld.read.reader import read
from clirld.read.rows import SourceRow

ROWS = [
    {"id": f"0{n:02}", "nom": f"Lieu d'été {n}", "type": "a" if n % 9 else "rare", "mel": f"x{n}@example.org"}
    for n in range(1, 60)
]
ROWS[40]["nom"] = "appeler le 06 12 34 56 78, ou y@example.org"
ROWS[50]["id"] = ""


def _write(path: Path, form: str) -> None:
    table = [list(ROWS[0]), *(list(row.values()) for row in ROWS)]
    if form == "csv":
        path.write_text("\n".join(";".join(row) for row in table) + "\n", encoding="cp1252")
    elif form == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a/lieux.csv", "\n".join(";".join(row) for row in table) + "\n")
    elif form == "xlsx":
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet("Lieux")
            for number, row in enumerate(table):
                sheet.write_row(number, 0, row)
    elif form == "parquet":
        pl.DataFrame(ROWS).write_parquet(path)
    elif form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    elif form == "keyed":
        path.write_text(json.dumps({"entities": {row["id"]: {**row, "x": {"n": 1.5}} for row in ROWS}}))
    elif form == "geojson":
        point = {"type": "Point", "coordinates": [1.5, 47]}
        features = [{"type": "Feature", "properties": row, "geometry": point} for row in ROWS]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    else:
        path.write_text(json.dumps({"data": {"items": ROWS}}))


@pytest.mark.parametrize("form", ["csv", "zip", "xlsx", "parquet", "json", "jsonl", "keyed", "geojson"])
def test_a_sample_reads_as_its_file(tmp_path: Path, form: str) -> None:
    file = tmp_path / "file"
    _write(file, form)
    sniffed = sniff(file)
    prefix = "properties." if form == "geojson" else ""
    sample = tmp_path / f"sample.{sampling.suffix(sniffed.layout)}"
    assert sampling.write_sample(sample, file, sniffed, {f"{prefix}mel"}) == sampling.SAMPLE_ROWS
    rows = [row.values for row in read(sample, sniffed.layout) if isinstance(row, SourceRow)]
    assert len(rows) == sampling.SAMPLE_ROWS
    whole = [row.values for row in read(file, sniffed.layout) if isinstance(row, SourceRow)]
    assert [list(row) for row in rows] == [list(whole[0])] * len(rows)
    text = json.dumps([row.get(f"{prefix}nom") for row in rows])
    assert "06 12" not in text
    assert "@" not in json.dumps(rows)
    names = {row[f"{prefix}nom"] for row in whole}
    assert {row[f"{prefix}nom"] for row in rows} - names <= {"appeler le […], ou […]", "appeler le [...], ou [...]"}
    assert {row[f"{prefix}type"] for row in rows} == {"a", "rare"}
    assert any(not row[f"{prefix}id"] for row in rows)  # the only row without: a flaw is worth a place


def test_what_stands_above_a_header_is_kept_as_rows(tmp_path: Path) -> None:
    file = tmp_path / "file"
    body = "".join(f"{n};Lieu {n};{n % 3}\n" for n in range(40))
    file.write_text("Liste des lieux;;\nau 1er janvier;;\nid;nom;type\n" + body)
    sniffed = sniff(file)
    assert sniffed.layout.header == 3
    sample = tmp_path / "sample.csv"
    sampling.write_sample(sample, file, sniffed, set())
    assert sum(isinstance(row, SourceRow) for row in read(sample, sniffed.layout)) == sampling.SAMPLE_ROWS


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text(max_size=5), min_size=3), max_size=30))
def test_rows_are_picked_once_and_in_order(cells: list[dict[str, str]]) -> None:
    rows = [SourceRow(n, dict(values)) for n, values in enumerate(cells, start=2)]
    picked = sampling.select_rows(rows, 7)
    assert len(picked) == min(7, len(rows))
    assert [row.row for row in picked] == sorted({row.row for row in picked})
