"""Names of persons. All that are here are invented, or names of places and organizations that look like some."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.values import personal_data
from clirld.values.persons import names as person_names

NAMED = {
    "Mme Jeanne Exemple": "[…]",
    "M. Exemple": "[…]",
    "Monsieur Jean EXEMPLE": "[…]",
    "MADAME EXEMPLE JEANNE": "[…]",
    "mme jeanne exemple": "[…]",
    "Écrire à Mme Jeanne Exemple, présidente": "Écrire à […], présidente",
    "M. et Mme Exemple": "M. et […]",
    "Ferme de M. Exemple": "Ferme de […]",
    "EXEMPLE Jeanne": "[…]",
    "Jeanne EXEMPLE": "[…]",
    "EXEMPLE – Jeanne": "[…]",
    "EXEMPLE, Jean-Pierre": "[…]",
    "contact : Jeanne EXEMPLE": "contact : […]",
    "Animé par Jeanne Exemple et ses amis": "Animé par […] et ses amis",
    "Président : EXEMPLE Jean": "Président : […]",
    "Référente : Jeanne d'Exemple": "Référente : […]",
    "Se renseigner auprès de Jeanne Exemple.": "Se renseigner auprès de […].",
    "Jeanne Exemple, présidente": "[…], présidente",
    "Référents : Jeanne Exemple et Jean Témoin": "Référents : […] et […]",
    "Responsable du lieu : Jeanne LE FICTIF": "Responsable du lieu : […]",
    "contact : jeanne exemple, à la mairie": "contact : […], à la mairie",
    "Mme Exemple, jeanne@exemple.fr, 06 12 34 56 78": "[…], […], […]",
    "Un lieu tenu par Jeanne et Jean Exemple depuis 2010": "Un lieu tenu par […] et […] depuis 2010",
    "TENU PAR JEANNE ET JEAN EXEMPLE": "TENU PAR […] ET […]",
    "Contact : Jeanne, Jean & Camille": "Contact : […], […] & […]",
    "Jeanne et son équipe vous accueillent": "[…] et son équipe vous accueillent",
    "Un café. Jeanne et Jean vous attendent": "Un café. […] et […] vous attendent",
    "L'équipe : Jeanne Exemple (accueil), Jean Témoin": "L'équipe : […] (accueil), […]",
    "Mmes Exemple et Témoin": "[…] et […]",
    "demander Jean-Luc à l'accueil": "demander […] à l'accueil",
    "Animé par J. Exemple": "Animé par […]",
    "Animé par Jeanne Exemple Association": "Animé par […] Association",
    "EXEMPLE Jeanne et TÉMOIN Jean": "[…]",
    "M.Exemple": "[…]",
    "Pôle adultes, Dr Jeanne Exemple-Fictif – Dr Arielle Témoin": "Pôle adultes, […] – […]",
    "par délégation du Pr Exemple": "par délégation du […]",
    "Médecin référent : Dr Jeanne Exemple": "Médecin référent : […]",
    "DR JEANNE EXEMPLE": "[…]",
    "les docteurs Exemple et Témoin": "les […] et […]",
    "Maître Jeanne Exemple, notaire": "[…], notaire",
    "Me Exemple": "[…]",
    "Chez Mme Jeanne Exemple": "Chez […]",
    "référente : EXEMPLE Jeanne Témoin": "référente : […]",
}
NOBODY = [
    "Monsieur le Maire",
    "Madame la Présidente",
    "MONSIEUR LE MAIRE",
    "Madame, Monsieur",
    "rue de M. Exemple",
    "Collège Madame de Sévigné",
    "avenue du Président John Kennedy",
    "M.J.C. de Champagnole",
    "à 200 M. Une salle",
    "FABLAB Martin",
    "SARL Martin",
    "MJC Jean MACÉ",
    "Espace Simone VEIL",
    "SAINT MARTIN",
    "Rosa Parks",
    "Ferme des Volonteux",
    "L'Hermitage",
    "Maison Jeanne",
    "Les Ateliers de Camille",
    "PTCE Sud Aquitaine",
    "Contact Champagnole",
    "Directeur Général",
    "Martin pêcheur",
    "TIERS-LIEU Camille Claudel",
    "LA Fabrique",
    "EMMAUS EXEMPLE FONDATEUR ABBE PIERRE",
    "ASSOC PART AGRI CHAMPAGNOLE",
    "M.A HOLDING",
    "Cité Jean Exemple-Couturier",
    "auprès de Nancy",
    "Chez Jeanne et ses amis",
    "La Fabrique de Camille vous accueille",
    "rue du Docteur Roux",
    "avenue du Dr Albert Schweitzer",
    "Hôpital Dr Schweitzer",
    "ZI du Pr Exemple",
    "Groupe scolaire Docteur Exemple",
    "place du Général de Gaulle",
    "12 Mme de Sévigné",
    "Chez Mme Jeanne",
    "DR Normandie",
    "Docteur Ordi",
    "Dr. Bike",
    "Maître Composteur",
    "Me Contacter",
    "Professeur des Écoles",
]
"""What names no one, or a place after someone."""


ENTRIES = [
    json.loads(line) for line in (Path(__file__).parent / "persons.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_recall_and_precision(capsys: pytest.CaptureFixture[str]) -> None:
    named = [one["text"] for one in ENTRIES if one["person"]]
    look_alikes = [one["text"] for one in ENTRIES if not one["person"]]
    assert len(named) >= 330
    assert len(look_alikes) >= 350
    missed = [text for text in named if not personal_data.names_person(text)]
    mistaken = [text for text in look_alikes if personal_data.names_person(text)]
    found = len(named) - len(missed)
    recall, precision = found / len(named), found / (found + len(mistaken))
    with capsys.disabled():
        print(
            f"\nnames of persons: recall {recall:.3f} of {len(named)} texts,"
            f" precision {precision:.3f} beside {len(look_alikes)} look-alikes"
        )
    assert recall >= 0.98, missed
    assert precision >= 0.98, mistaken


@pytest.mark.parametrize(("text", "masked"), NAMED.items())
def test_a_person_is_named(text: str, masked: str) -> None:
    assert personal_data.without_personal_data(text) == masked


@pytest.mark.parametrize("text", NOBODY)
def test_nobody_is_named(text: str) -> None:
    assert personal_data.without_personal_data(text) == text


@pytest.mark.parametrize(
    "values",
    [
        ["Jeanne Exemple", "Jean Témoin", "Camille Fictif"],
        ["Exemple Jeanne", "Témoin Jean", "Fictif Camille"],
        ["EXEMPLE JEANNE", "TÉMOIN JEAN", "FICTIF CAMILLE"],
        ["Jeanne", "Jean", "Camille", "Marc-Antoine"],
        ["Mme Exemple", "M. Témoin", "Mme Fictif", "Le bureau"],
        ["jeanne exemple", "jean témoin", "camille fictif"],
        ["J. Exemple", "J.-P. Témoin", "C. d'Exemple"],
        ["Jeanne Exemple et Jean Témoin", "Camille Fictif, Jean Témoin", "Le bureau"],
    ],
)
def test_a_column_of_persons_is_known(values: list[str]) -> None:
    assert person_names.is_column_of_names(values)


@pytest.mark.parametrize(
    "values",
    [
        ["La Fabrique", "Le Martin", "Rosa Parks", "Hôtel Pasteur"],
        ["Champagnole", "Saint-Claude", "Dole", "Besançon"],
        ["Claude", "Claude", "Claude"],
        ["39300", "39000", "39100"],
        ["fablab", "coworking", "friche"],
        [],
    ],
)
def test_another_column_is_not(values: list[str]) -> None:
    assert not person_names.is_column_of_names(values)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Projet de Jeanne Exemple depuis 2020", ["Jeanne Exemple"]),
        ("JEANNE EXEMPLE et Jean Fictif", ["JEANNE EXEMPLE", "Jean Fictif"]),
        ("rue Jeanne Exemple", []),
        ("Saint Jean Exemple", []),
        ("La Fabrique de Camille", []),
        ("Jeanne d'Arc", []),
    ],
)
def test_anywhere_in_a_text(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in person_names.find_anywhere(text)] == found


PIECES = ["Mme", "M.", "Jeanne", "EXEMPLE", "contact :", "par", "et", "vous", "06", "12", "@", "exemple.fr", "–"]

texts = st.lists(
    st.one_of(
        st.sampled_from([*NAMED, *NOBODY, *PIECES]),
        st.text(max_size=12),
    ),
    max_size=8,
).map(" ".join)


@given(texts)
def test_masking_again_changes_nothing_and_nothing_is_left(text: str) -> None:
    masked = personal_data.without_personal_data(text)
    assert personal_data.find(masked) == []
    assert personal_data.without_personal_data(masked) == masked


@given(
    st.sampled_from(NOBODY),
    st.sampled_from(["", "Le lieu : ", "« "]),
    st.sampled_from(["", ".", " »", ", depuis 2012"]),
)
def test_what_names_nobody_is_left_untouched(text: str, before: str, after: str) -> None:
    assert personal_data.without_personal_data(f"{before}{text}{after}") == f"{before}{text}{after}"
