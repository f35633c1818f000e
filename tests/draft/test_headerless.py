"""Whether a first row is a header or data. All names are invented."""

from __future__ import annotations

import pytest

from clirld.draft.headerless import header_of, is_data

BELOW = [["Le Lieu", "39100", "Dole", "https://a.example.org/"], ["La Grange", "39300", "Dole", ""]]


@pytest.mark.parametrize(
    "row",
    [
        ["L'Atelier", "jeanne@exemple.fr"],
        ["L'Atelier", "06 12 34 56 78"],
        ["L'Atelier", "Mme Jeanne Exemple"],
        ["L'Atelier", "39000"],
        ["L'Atelier", "", "", "www.example.org"],
        ["La Grange", "", "Dole"],
    ],
)
def test_a_row_of_data(row: list[str]) -> None:
    assert is_data(row, BELOW)
    assert header_of([row, *BELOW], 1) == 0


@pytest.mark.parametrize(
    "row",
    [
        ["nom", "code postal", "ville", "site"],
        ["nom", "39100 (cp)", "ville", "http"],
        ["nom", "", "Dole", ""],
        ["2019", "2020", "2021", "2022"],
        ["Mme / M.", "cp", "Nom du contact", "courriel"],
    ],
)
def test_a_row_of_titles(row: list[str]) -> None:
    assert not is_data(row, BELOW)
    assert header_of([row, *BELOW], 1) == 1


def test_persons_are_known_by_the_column_below() -> None:
    assert is_data(["Jeanne Exemple"], [["Camille Témoin"], ["Anne Fictive"], ["Jean Inventé"]])
    assert not is_data(["Jeanne Exemple"], [["oui"], ["non"]])


def test_a_header_that_is_repeated_is_one() -> None:
    header = ["nom", "ville"]
    assert not is_data(header, [["Le Lieu", "Dole"], header, ["La Grange", "Dole"]])


def test_titles_above_fuller_data_are_the_header() -> None:
    rows = [["nom", "cp", "ville"], ["L'Atelier", "39300", "Dole", "jeanne@exemple.fr"], *BELOW]
    assert header_of(rows, 2) == 1
