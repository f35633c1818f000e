"""Persons in streets. All that are here are invented, or streets and places named after somebody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.values.cleaned import Cleaned
from clirld.values.cleaners import CLEANERS
from clirld.values.persons import streets

LEFT = {
    "chez Mme Jeanne Exemple": "",
    "c/o M. Exemple": "",
    "c/o Exemple": "",
    "15 route de Dole (Chez Jeanne Exemple) 39300 Champagnole": "15 route de Dole 39300 Champagnole",
    "6 rue Basse (Mme Exemple Jeanne) 39300 Champagnole": "6 rue Basse 39300 Champagnole",
    "Maison Rouge (c/o Mme Jeanne Exemple) 39300 Champagnole": "Maison Rouge 39300 Champagnole",
    "Mme Jeanne Exemple, 3 rue des Lilas": "3 rue des Lilas",
    "M. et Mme Exemple\n3 rue Basse": "3 rue Basse",
    "Chez M. et Mme Exemple 12 rue Basse": "12 rue Basse",
    "à l'attention de Jeanne Exemple, 3 rue Basse": "3 rue Basse",
    "C/O JEANNE EXEMPLE 3 RUE BASSE": "3 RUE BASSE",
    "chez EXEMPLE Jeanne 3 rue Basse": "3 rue Basse",
    "chez Jean-Luc Exemple lieu-dit Basse": "lieu-dit Basse",
    "EXEMPLE Jeanne, 3 rue Basse": "3 rue Basse",
    "Jeanne Exemple - 3 rue Basse": "3 rue Basse",
    "3 rue Basse, Dr Exemple": "3 rue Basse",
    "Bât 3 Mme Jeanne Exemple": "Bât 3",
    "Jeanne EXEMPLE 45 rue Basse": "45 rue Basse",
    "EXEMPLE Jeanne 45 bis rue Basse": "45 bis rue Basse",
    "Jeanne Exemple 45 la Basse": "45 la Basse",
    "Jeanne Exemple rue Basse": "rue Basse",
    "(Jeanne) 06.12.34.56.78": "",
    "06 12 34 56 78": "",
    "Famille Exemple, 45 la Basse": "45 la Basse",
    "45 rue Basse, famille Exemple": "45 rue Basse",
    "Le Bourg\nMme Exemple": "Le Bourg",
    "3 rue Basse jeanne@exemple.fr 06 12 34 56 78": "3 rue Basse",
}
KEPT = [
    "rue du Docteur Roux",
    "avenue du Dr Albert Schweitzer",
    "3 r. Dr Exemple",
    "place du Général de Gaulle",
    "12 Mme de Sévigné",
    "23 rue du Président Wilson",
    "12 rue Jean Jaurès",
    "12, Jean Jaurès",
    "Espace Simone Veil, 3 rue Basse",
    "Résidence Jeanne, 3 rue Basse",
    "place de la Mairie (salle Jeanne Exemple)",
    "Chez Martin",
    "Victor Hugo 12 bis",
    "Louise Michel, 3 rue Basse",
    "Rosa Parks 3 rue Basse",
    "place de la Famille",
    "121 route de Chez Jean",
    "c/o Mairie, place de la Mairie",
    "c/o Maison des associations, 3 rue Basse",
    "3 rue Basse, à l'attention du service culture",
]


@pytest.mark.parametrize(("street", "left"), LEFT.items())
def test_who_lives_there_is_taken_out(street: str, left: str) -> None:
    assert streets.without_persons(street) == left
    assert CLEANERS["street"](street) == Cleaned(left or None, "street-names-person" if left else "street-only-person")


@pytest.mark.parametrize("street", KEPT)
def test_after_whom_a_street_is_named_stays(street: str) -> None:
    assert CLEANERS["street"](street) == Cleaned(street)


PIECES = ["Mme", "chez", "c/o", "(", ")", ",", " - ", "3 rue", "\n", "12", "jeanne@exemple.fr"]


@given(st.lists(st.sampled_from([*LEFT, *KEPT, *PIECES]) | st.text(max_size=8), max_size=6).map(" ".join))
def test_nobody_is_left_and_doing_it_again_changes_nothing(street: str) -> None:
    left = streets.without_persons(street)
    assert streets.find(left) == []
    assert streets.without_persons(left) == left
