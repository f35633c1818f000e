"""Organizations that numbers say are one: one IRI stands for each, and numbers that contradict join nothing."""

from __future__ import annotations

import polars as pl
import pytest

from clirld.link import identifiers, records

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
    ],
)
def test_two_numbers_of_one_register_contradict(rows: list[Row], pairs: list[tuple[str, str]]) -> None:
    assert [one.conflicts for one in found(*rows)] == [pairs]


def test_who_says_so() -> None:
    rows = [("siren-1", "b", ["siren:1", "rna:W1"]), ("c-1", "c", ["rna:W1"]), ("rna-W1", "a", ["rna:W1"])]
    (one,) = found(*rows)
    assert (one.keys, one.numbers, one.sources) == (("siren-1", "rna-W1", "c-1"), ("siren-1", "rna-W1"), ("b", "c"))
