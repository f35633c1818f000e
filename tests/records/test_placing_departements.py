"""Départements by their names."""

from __future__ import annotations

import pytest

from clirld.records.placing.departements import departement_code
from clirld.records.territory import Territories
from tests.records.communes import departement

NAMES = {"01": "Ain", "06": "Alpes-Maritimes", "2A": "Corse-du-Sud", "38": "Isère", "59": "Nord", "974": "La Réunion"}
TERRITORIES = Territories.from_rows([departement(code, name) for code, name in NAMES.items()])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Alpes-Maritimes", "06"),
        ("ALPES MARITIMES", "06"),
        ("Département de l'Isère", "38"),
        ("DEPARTEMENT DU NORD", "59"),
        ("Ain (01)", "01"),
        ("2A Corse-du-Sud", "2A"),
        ("38 - Isère", "38"),
        ("Réunion", "974"),
        ("38", "38"),
        ("Ain (38)", None),  # two départements
        ("06 Ain", None),
        ("Nulle-Part", None),
        ("", None),
    ],
)
def test_a_departement_by_its_name(text: str, code: str | None) -> None:
    assert departement_code(text, TERRITORIES) == code
