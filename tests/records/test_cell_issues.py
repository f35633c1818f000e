"""What an issue of a cell may show."""

from __future__ import annotations

from pathlib import Path

import pytest

from clirld.card.model import Target
from clirld.records.cells import CellReader
from clirld.records.territory import EMPTY
from clirld.vocabulary.tables import Column
from clirld.vocabulary.terms import Vocabulary


@pytest.fixture(scope="module")
def vocabulary(project: Path) -> Vocabulary:
    return Vocabulary.load(project / "ontology")


@pytest.mark.parametrize(
    ("type_", "cell", "shown"),
    [
        ("date", "Mme Jeanne Exemple", "… … …"),
        ("date", "mars 2020", "… 2020"),
        ("integer", "Exemple 12", "… 12"),
        ("siret", "voir Jeanne", "… …"),
        ("naf", "62.0Z", "62.0Z"),
        ("postcode", "CH-39300", "…-39300"),
        ("latitude", "jeanne@exemple.fr", "…"),
        ("url", "M. Exemple", "…"),
    ],
)
def test_no_letters_of_a_date_a_code_or_a_number_are_told(
    type_: str, cell: str, shown: str, vocabulary: Vocabulary
) -> None:
    reader = CellReader(Target(to="x"), Column("x", type_), None, vocabulary, EMPTY)
    values, [issue] = reader.read_cell(cell)
    assert values == ()
    assert issue.value == shown


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("3 rue Basse (chez Jeanne Exemple)", "3 rue Basse"),
        ("c/o M. Exemple", ""),
        ("Mme Jeanne Exemple, Dole", "Dole"),
    ],
)
def test_who_is_named_in_a_street_is_neither_kept_nor_told(cell: str, left: str, vocabulary: Vocabulary) -> None:
    reader = CellReader(Target(to="street"), Column("street", "street"), None, vocabulary, EMPTY)
    values, [issue] = reader.read_cell(cell)
    assert values == ((left,) if left else ())
    assert issue.code == ("street-names-person" if left else "street-only-person")
    assert not {"Jeanne", "Exemple"} & set(f"{issue.value} {issue.detail}".replace("'", " ").split())
