"""Cells of a column: several values, values cut out of longer ones, and what says that there is none."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from clirld.card.model import Target
from clirld.records.cells import CellReader
from clirld.records.territory import Territories
from clirld.settings import Settings
from clirld.vocabulary import tables as canonical
from clirld.vocabulary.terms import Vocabulary

ONTOLOGY = Settings.from_environment({}).ontology
TABLES = canonical.load(ONTOLOGY / "tables.yaml")
VOCABULARY = Vocabulary.load(ONTOLOGY)


def read(
    table: str, target: Target, cell: str | tuple[str, ...], lookup: dict[str, str | None] | None = None
) -> tuple[list[str], list[str]]:
    """Values of a cell, and the codes of what was noticed."""
    column = TABLES[table].columns[target.to]
    reader = CellReader(target, column, lookup, VOCABULARY, Territories.from_rows([]))
    values, issues = reader.read_cell(cell)
    assert reader.read_column([cell, cell])[0] == [values, values]
    return list(values), [issue.code for issue in issues]


@pytest.mark.parametrize(
    ("cell", "values", "codes"),
    [
        ("https://x.fr/ https://y.fr/", ["https://x.fr/", "https://y.fr/"], []),
        ("https://x.fr/;https://y.fr/", ["https://x.fr/", "https://y.fr/"], []),
        ("www.x.fr ou y.fr", ["http://www.x.fr", "http://y.fr"], ["scheme-added", "scheme-added"]),
        ("https://x.fr\n\nhttps://y.fr", ["https://x.fr", "https://y.fr"], []),
        ("https://x.fr, https://x.fr", ["https://x.fr"], []),
        ("https://x.fr (Facebook : x)", [], ["value-unclean"]),
        ("néant", [], []),
    ],
)
def test_addresses_in_one_cell_of_a_list(cell: str, values: list[str], codes: list[str]) -> None:
    assert read("initiative", Target(to="homepage"), cell) == (values, codes)


@pytest.mark.parametrize(
    ("table", "column", "cell"),
    [
        ("record", "page", "https://x.fr/ https://y.fr/"),
        ("organization", "siret", "55210055400013 / 05000007400018"),
        ("initiative", "postcode", "39300 ; 39100"),
        ("initiative", "start_year", "2019\n2020"),
    ],
)
def test_several_values_where_one_is_wanted_are_none(table: str, column: str, cell: str) -> None:
    assert read(table, Target(to=column), cell) == ([], ["value-unclean"])


def test_of_a_list_where_one_is_wanted_the_first_is_taken_and_told() -> None:
    assert read("initiative", Target(to="name"), ("Le lieu", "L'autre")) == (["Le lieu", "L'autre"], ["value-doubtful"])
    assert read("initiative", Target(to="name"), ("Le lieu", "Le lieu"))[1] == []


@pytest.mark.parametrize(
    ("cell", "values", "codes"),
    [
        ("5000007400018", ["050000074"], ["zero-restored"]),
        ("552.100.554.00013", ["552100554"], []),
        ("55210055400014", [], ["value-unclean"]),
        ("55210055400013 / 05000007400018", [], ["value-unclean"]),
        ("#N/A", [], []),
        ("", [], []),
    ],
)
def test_a_siren_is_cut_out_of_a_whole_siret(cell: str, values: list[str], codes: list[str]) -> None:
    assert read("organization", Target(to="siren", first=9), cell) == (values, codes)


def test_two_numbers_in_one_cell_of_a_list() -> None:
    values = ["552100554", "050000074"]
    assert read("territory", Target(to="authority"), "552100554 ; 050000074") == (values, [])
    sirets = "55210055400013 / 05000007400018"
    assert read("territory", Target(to="authority", first=9), sirets) == (values, [])
    assert read("territory", Target(to="authority", first=9, split="|"), "55210055400013|x") == (
        values[:1],
        ["value-unclean"],
    )


@pytest.mark.parametrize(
    ("cell", "values", "codes"),
    [
        ("1", ["fablab"], []),
        ("1.0", ["fablab"], []),
        ("NC", [], []),
        ("non renseigné", [], []),
        ("#REF!", [], []),
        ("2", [], ["lookup-miss"]),
    ],
)
def test_what_says_that_there_is_no_value_is_no_miss(cell: str, values: list[str], codes: list[str]) -> None:
    lookup = {"1": next(iter(VOCABULARY.concepts["initiative-kind"])), "NC": None}
    expected = [lookup["1"] for _ in values]
    assert read("initiative", Target(to="kind", lookup="kinds"), cell, lookup) == (expected, codes)


@pytest.mark.parametrize("target", [Target(to="kind", by="label"), Target(to="acts_in", level="commune")])
def test_nor_is_it_an_unknown_concept_or_territory(target: Target) -> None:
    assert read("initiative", target, "#N/A") == ([], [])
    assert len(read("initiative", target, "Autre chose")[1]) == 1


@pytest.mark.real
def test_the_addresses_of_a_case(shared: Path) -> None:
    """`04-phone-in-homepage`: the rows with two addresses in a cell, or with words after one."""
    with (shared / "cases/04-phone-in-homepage/urls.csv").open(encoding="utf-8", newline="") as file:
        cells = {row["id"]: row["site"] for row in csv.DictReader(file, delimiter=";")}
    values = {identifier: read("initiative", Target(to="homepage"), cell) for identifier, cell in cells.items()}
    assert values["u0"] == (["http://exemple.fr", "http://autre.fr"], [])
    assert values["u1"] == (["http://exemple.fr/", "http://autre.fr/"], [])
    assert values["u2"][0] == ["http://www.exemple.fr/page", "http://www.autre.fr"]
    assert values["u3"] == (["https://exemple.fr/", "https://autre.fr/"], [])
    assert values["u4"] == (["https://exemple.fr/", "https://autre.fr"], [])
    assert values["u37"] == ([], ["value-unclean"])
    assert values["u44"][0] == ["http://www.exemple.fr", "http://www.autre.fr"]
    assert values["u45"] == (["https://exemple.fr/a", "https://autre.fr/b"], [])
    assert not [value for found, _codes in values.values() for value in found if "%20" in value]
