"""The mapping means what an RML engine makes of it: the same quads as morph-kgc, to the last one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyoxigraph as ox
import pytest

from clirld.harvest import outcome
from clirld.map import nquads, rml, yarrrml
from clirld.project import Project
from clirld.settings import Settings
from clirld.vocabulary import tables
from clirld.vocabulary.tables import Column, Table, Tables
from clirld.vocabulary.terms import Vocabulary

Quads = set[str]
Compare = Callable[[Path], tuple[Quads, Quads]]

NASTY = [
    'Les "Ateliers" d\'à côté',
    "back\\slash, \\n is not a newline",
    "two\nlines\r\nand\ttabs",
    "  œuvre, café; 100 % | $(name) {key} <a> ",
    "nan",
    "NULL",
    "0123",
    "🌱 ’",
    "1.0",
]
KEYS = ["ptce-2.A", "siren-552100554", "x_1-y.z", "commune-2A004", "b"]

VALUES = {
    "text": NASTY,
    "name": NASTY,
    "url": ["http://example.org/a%20b?c=d&e=(f)#g", "https://xn--caf-dma.example/~x/"],
    "latitude": ["46.5", "-21.1"],
    "longitude": ["5.25", "55.5"],
    "wkt": ["POINT(5.25 46.5)"],
    "insee_commune": ["2A004", "01001"],
    "postcode": ["01000", "20000"],
    "siren": ["552100554"],
    "siret": ["55210055400013"],
    "rna": ["W123456789"],
    "naf": ["01.11Z", "94.99Z"],
    "date": ["2019-06-01", "1901-12-31"],
    "datetime": ["2026-11-24T10:00:00Z"],
    "year": ["2019", "1850"],
    "integer": ["0", "34875", "-1"],
    "territory": ["commune-2A004", "epci-200069193"],
}


@pytest.fixture(scope="module")
def engine(project: Path) -> Path:
    """The interpreter of the environment that morph-kgc has to itself."""
    python = project / ".venv-oracle" / "bin" / "python"
    if not python.exists():
        pytest.skip("no .venv-oracle: run “make test”, or make a venv there from requirements-oracle.txt")
    return python


@pytest.fixture(scope="module")
def known(project: Path) -> Tables:
    return tables.load(project / "ontology" / "tables.yaml")


@pytest.fixture
def compare(project: Path, engine: Path, known: Tables, tmp_path: Path) -> Compare:
    """Gives the quads of a folder of canonical tables, as the project makes them and as morph-kgc does."""
    file = project / "ontology" / "mapping.yarrrml"
    rdf = yarrrml.load(file, known, Vocabulary.load(project / "ontology").terms)

    def compared(records: Path) -> tuple[Quads, Quads]:
        nquads.write_graph(records, known, rdf, tmp_path / "ours.nq")
        rml.export(records, known, file, tmp_path / "rml")
        command = [engine, project / "bench" / "morph.py", tmp_path / "rml", tmp_path / "theirs.nq"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return quads(tmp_path / "ours.nq"), quads(tmp_path / "theirs.nq")

    return compared


def quads(path: Path) -> Quads:
    return {str(quad) for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS)}


def values(column: Column) -> list[str]:
    # morph-kgc writes no boolean that is none; the tables have no type of their own for the one that there is.
    return ["true", "false"] if column.name == "near" else VALUES.get(column.type, KEYS)


def nasty(table: Table, rows: int = 24) -> pl.DataFrame:
    """A table with every column filled and empty, and lists of none, one and three values."""
    found: dict[str, list[object]] = {
        "key": [f"{KEYS[n % len(KEYS)]}-{n}" for n in range(rows)],
        "record": [f"sample-{n // 2}" for n in range(rows)],
        "source": ["sample" if n % 3 else "other-sample" for n in range(rows)],
        "row": list(range(2, rows + 2)),
    }
    for turn, column in enumerate(table.published):
        cells = values(column)
        for n in range(rows):
            cell: object = cells[(n + turn) % len(cells)] if (n + turn) % 4 else None
            if column.list:
                cell = [None, [cells[n % len(cells)]], (cells * 3)[n % len(cells) :][:3]][(n + turn) % 3]
            found.setdefault(column.name, []).append(cell)
    return pl.DataFrame(found, schema=table.schema)


def write(frame: pl.DataFrame, records: Path, table: str) -> None:
    (records / table).mkdir(parents=True)
    frame.write_parquet(records / table / "part-00000.parquet")


def test_nasty_sample_gives_the_same_quads(compare: Compare, known: Tables, tmp_path: Path) -> None:
    for table in known.values():
        write(nasty(table), tmp_path / "records", table.name)
    ours, theirs = compare(tmp_path / "records")
    assert ours == theirs
    assert len(ours) > 1000


def test_columns_that_are_all_empty_give_the_same_quads(compare: Compare, known: Tables, tmp_path: Path) -> None:
    for table in known.values():
        empty = [pl.lit(None, column.dtype).alias(column.name) for column in table.published]
        write(nasty(table, 3).with_columns(empty), tmp_path / "records", table.name)
    ours, theirs = compare(tmp_path / "records")
    assert ours == theirs


def test_samples_of_all_sources_give_the_same_quads(
    compare: Compare, known: Tables, samples: Path, tmp_path: Path
) -> None:
    project = Project.load(Settings.from_environment({}, data=samples))
    for name in project.sources:
        harvest = outcome.last_good(project, name)
        assert harvest is not None
        for part in harvest.records.glob("*/*.parquet"):
            (tmp_path / "records" / part.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copy(part, tmp_path / "records" / part.parent.name / f"{name}-{part.name}")
    ours, theirs = compare(tmp_path / "records")
    assert ours == theirs
    assert all(any(f"/graph/{name}>" in quad for quad in ours) for name in project.sources)


def test_nasty_sample_has_every_column_filled_and_empty(known: Tables) -> None:
    for table in known.values():
        frame = nasty(table)
        assert frame.schema == table.schema
        for column in table.published:
            assert 0 < frame[column.name].null_count() < frame.height
            if column.list:
                assert set(frame[column.name].list.len().drop_nulls()) == {1, 3}
