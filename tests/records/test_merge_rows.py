"""One value of what can only have one, whatever the rows say: invented entities, in any order."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from clirld.records import merge_rows
from clirld.settings import Settings
from clirld.vocabulary import tables as canonical

TABLES = canonical.load(Settings.from_environment({}).ontology / "tables.yaml")
SINGLE = ("name", "siret", "rna", "naf", "commune", "seat")


def written(folder: Path, rows: list[dict[str, Any]], parts: int = 1) -> Path:
    """Organizations and their records, in so many parts; `at` is a row's distribution."""
    frames: dict[str, list[dict[str, Any]]] = {"organization": [], "record": []}
    for n, row in enumerate(rows):
        record = {"key": f"r{n}", "record": f"r{n}", "row": n + 2, "identifier": row.get("identifier", f"r{n}")}
        record |= {"distribution": row.get("at", "default"), "missing_since": row.get("since")}
        frames["record"].append(record)
        frames["organization"].append({"record": f"r{n}", "row": n + 2, "source": "s", **row})
    for name, data in frames.items():
        (folder / name).mkdir(parents=True)
        size = -(-len(data) // parts)
        for n in range(parts):
            if chunk := data[n * size : (n + 1) * size]:
                frame = TABLES[name].conform(pl.from_dicts(chunk, infer_schema_length=None))
                frame.write_parquet(folder / name / f"part-{n:05}.parquet")
    return folder


def settled(folder: Path) -> list[dict[str, Any]]:
    return pl.read_parquet(sorted((folder / "organization").glob("*.parquet"))).to_dicts()


def unit(**values: Any) -> dict[str, Any]:
    return {"key": "siren-552100554", **values}


def test_rows_of_one_unit_that_disagree(tmp_path: Path) -> None:
    rows = [unit(name="A", rna="W1"), unit(name="B", rna="W2"), unit(name="A", homepage=["https://example.org/"])]
    folder = written(tmp_path, [*rows, {"key": "r4", "name": "Z"}], parts=2)
    told = merge_rows.settle(folder, TABLES, {"organization": {"default"}})
    found = settled(folder)
    assert [(row["name"], row["rna"]) for row in found] == [("A", "W1"), ("A", "W1"), ("A", "W1"), ("Z", None)]
    assert found[2]["homepage"] == ["https://example.org/"]  # a list keeps all of its values
    assert [(one.column, one.row, one.value, one.kept, one.kept_row) for one in told] == [
        ("name", 3, "B", "A", 2),
        ("rna", 3, "W2", "W1", 2),
    ]


@pytest.mark.parametrize(
    ("other", "own"),
    [
        ({"since": "2026-01-01T00:00:00Z"}, {}),
        ({"at": "carriers"}, {}),
        ({}, {"identifier": "552 100 554"}),
        ({}, {"name": "Exemple, siège social"}),
        ({"name": "Exemple siège", "at": "carriers"}, {}),
        ({"name": "Exemple siège"}, {"identifier": "552100554"}),
    ],
)
def test_the_units_own_row_wins_wherever_it_stands(other: dict[str, Any], own: dict[str, Any], tmp_path: Path) -> None:
    first, second = unit(**{"name": "Agence", "commune": "1", **other}), unit(**{"name": "Own", "commune": "2", **own})
    for n, rows in enumerate(([first, second], [second, first])):
        folder = written(tmp_path / str(n), rows)
        merge_rows.settle(folder, TABLES, {"organization": {"default"}})
        assert {(row["name"], row["commune"]) for row in settled(folder)} == {(second["name"], "2")}


def test_no_value_where_the_own_row_has_none_and_the_others_disagree(tmp_path: Path) -> None:
    rows = [unit(name="A"), unit(name="A", commune="01004", seat="commune-01004"), unit(name="A", commune="39198")]
    folder = written(tmp_path, rows)
    told = merge_rows.settle(folder, TABLES, {})
    assert {(row["commune"], row["seat"]) for row in settled(folder)} == {(None, None)}
    assert [(one.column, one.value, one.kept) for one in told] == [
        ("commune", "01004", None),
        ("commune", "39198", None),
    ]


def test_what_does_not_disagree_is_not_written_anew(tmp_path: Path) -> None:
    folder = written(tmp_path, [unit(name="A"), unit(name="A", naf="62.01Z"), {"key": "r2", "name": "B"}])
    (part,) = (folder / "organization").glob("*.parquet")
    before = part.stat()
    assert merge_rows.settle(folder, TABLES, {}) == []
    assert part.stat().st_ino == before.st_ino


_row = st.fixed_dictionaries(
    {"key": st.sampled_from(["siren-1", "siren-2", "rna-W1"]), "name": st.sampled_from("ABC")},
    optional={name: st.sampled_from([None, "1", "2", "3"]) for name in SINGLE[1:]},
)


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(_row, min_size=1, max_size=8), st.integers(1, 3))
def test_one_value_or_none_of_what_was_given_and_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], parts: int
) -> None:
    folder = written(tmp_path_factory.mktemp("rows"), rows, parts)
    told = merge_rows.settle(folder, TABLES, {})
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for before, after in zip(rows, settled(folder), strict=True):
        assert (before["key"], after["name"] is not None) == (after["key"], True)
        for name in SINGLE:
            values[after["key"], name] |= {after[name]} - {None}
            lost = before.get(name) is not None and after[name] != before.get(name)
            said = {(one.value, one.row) for one in told if (one.key, one.column) == (after["key"], name)}
            assert not lost or (before[name], after["row"]) in said or name == "seat"
    given_values = {(row["key"], name, row.get(name)) for row in rows for name in SINGLE}
    for (key, name), found in values.items():
        assert len(found) <= 1
        assert all((key, name, value) in given_values for value in found)
    assert merge_rows.settle(folder, TABLES, {}) == []  # settled once and for all
