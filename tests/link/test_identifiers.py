"""Organizations that numbers say are one: one IRI stands for each, and numbers that contradict join nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from clirld.harvest.outcome import last_good
from clirld.link import identifiers, records
from clirld.project import Project
from clirld.settings import Settings
from clirld.vocabulary.tables import Tables

Row = tuple[str, str, list[str]]


def numbered(*rows: Row) -> list[tuple[str, ...]]:
    return [one.keys for one in found(*rows)]


def found(*rows: Row) -> list[identifiers.Numbered]:
    told = [dict(zip(("key", "source", "identifiers"), row, strict=True)) for row in rows]
    return identifiers.numbered(pl.DataFrame(told, schema=records.SCHEMA))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([("siren-1", "a", ["siren:1"])], []),
        ([("a-1", "a", []), ("a-2", "a", [])], []),
        ([("siren-1", "a", ["siren:1", "rna:W1"])], [("siren-1",)]),
        ([("siren-1", "a", ["siren:1", "rna:W1"]), ("rna-W1", "b", ["rna:W1"])], [("siren-1", "rna-W1")]),
        ([("b-7", "b", ["siret:12345678900011"])], [("b-7",)]),
        ([("a-1", "a", ["rna:W1"]), ("b-1", "b", ["rna:W1"])], [("a-1", "b-1")]),
        ([("siren-1", "a", ["siren:1", "rnf:075-FE-1"]), ("b-1", "b", ["rnf:075-FE-1"])], [("siren-1", "b-1")]),
        (
            [("siren-1", "a", ["siren:1", "wikidata:Q7"]), ("rna-W1", "b", ["rna:W1", "wikidata:Q7"])],
            [("siren-1", "rna-W1")],
        ),
        # The id of a source may begin as the name of a register does.
        ([("rnf-x-1", "rnf-x", ["rnf:1"]), ("rnf-x-2", "rnf-x", ["rnf:2"])], [("rnf-x-1",), ("rnf-x-2",)]),
        (
            [("rna-import-1", "rna-import", ["siren:1"]), ("rna-import-2", "rna-import", ["siren:1"])],
            [("rna-import-1", "rna-import-2")],
        ),
    ],
)
def test_one_key_goes_first(rows: list[Row], expected: list[tuple[str, ...]]) -> None:
    assert numbered(*rows) == expected
    assert numbered(*reversed(rows)) == expected


@pytest.mark.parametrize(
    ("rows", "pairs"),
    [
        ([("siren-1", "a", ["rna:W1"]), ("siren-2", "b", ["rna:W1"])], [("siren-1", "siren-2")]),
        ([("siren-1", "a", ["rna:W1"]), ("siren-1", "b", ["rna:W2"])], [("rna-W1", "rna-W2")]),
        ([("siren-1", "a", ["siren:1", "siret:22222222200011"])], [("siren-1", "siren-222222222")]),
        ([("siren-1", "a", ["siren:1", "rna:W1"])], []),
        ([("siren-1", "a", ["wikidata:Q1"]), ("siren-1", "b", ["wikidata:Q2"])], [("wikidata:Q1", "wikidata:Q2")]),
        ([("siren-1", "a", ["rnf:1"]), ("siren-2", "b", ["rnf:1"])], [("siren-1", "siren-2")]),
        ([("rna-import-1", "rna-import", ["siren:1"]), ("rna-import-2", "rna-import", ["siren:1"])], []),
    ],
)
def test_two_numbers_of_one_register_contradict(rows: list[Row], pairs: list[tuple[str, str]]) -> None:
    assert [one.conflicts for one in found(*rows)] == [pairs]


def test_who_says_so() -> None:
    rows = [("siren-1", "b", ["siren:1", "rna:W1"]), ("c-1", "c", ["rna:W1"]), ("rna-W1", "a", ["rna:W1"])]
    (one,) = found(*rows)
    assert (one.keys, one.numbers, one.sources) == (("siren-1", "rna-W1", "c-1"), ("siren-1", "rna-W1"), ("b", "c"))


def sample_of(samples: Path, source: str, tables: Tables) -> pl.LazyFrame:
    harvest = last_good(Project.load(replace(Settings.from_environment({}), data=samples)), source)
    assert harvest
    assert harvest.sample
    parts = sorted((harvest.require_outputs().records / "organization").glob("*.parquet"))
    return tables["organization"].conform(pl.scan_parquet(parts))


def test_foundations_and_wikidata_join_others_by_the_numbers_they_give(samples: Path) -> None:
    """No second register here has numbers of the RNF or of Wikidata: an invented one has."""
    tables = Project.load(Settings.from_environment({})).tables
    foundations, wikidata = (sample_of(samples, name, tables) for name in ("rnf-fondations", "wikidata"))
    schema = tables["organization"].schema
    other = tables["organization"].conform(
        pl.LazyFrame(
            [
                {"key": "siren-000005017", "source": "other", "name": "Exemple – le fonds 1", "siren": "000005017"},
                {"key": "rna-W999900002", "source": "other", "name": "Exemple – une association", "rna": "W999900002"},
                {"key": "other-3", "source": "other", "name": "Fonds exemple 4 sans SIRET"},
                {"key": "other-4", "source": "other", "name": "Un fonds", "rnf": "031-FDD-00004-08"},
                {"key": "other-5", "source": "other", "name": "Les amis", "wikidata": "Q999900003"},
            ],
            schema_overrides={name: schema[name] for name in ("siren", "rna", "rnf", "wikidata")},
        )
    )
    everything = records.of_tables([foundations, wikidata, other])
    by_key = dict(everything.group_by("key").agg(pl.col("source").unique().sort()).iter_rows())
    # The foundation has the IRI of its SIREN already, and is the same for both; without a number it is its own record.
    assert by_key["siren-000005017"] == ["other", "rnf-fondations"]
    alone = [key for key, sources in by_key.items() if sources == ["rnf-fondations"] and not key.startswith("siren-")]
    assert alone
    assert all(key.startswith("rnf-fondations-") for key in alone)
    joined = [one for one in identifiers.numbered(everything) if "rna-W999900002" in one.numbers]
    # Of Wikidata the association has both numbers, so that the other source's, known by the RNA alone, is the same.
    assert [one.keys for one in joined] == [("siren-000003012", "rna-W999900002")]
    assert joined[0].conflicts == []
    keys = [one.keys for one in identifiers.numbered(everything)]
    assert ("other-4", "rnf-fondations-031-FDD-00004-08") in keys
    assert ("rna-W999900003", "other-5") in keys
    assert not any("other-3" in one for one in keys)
