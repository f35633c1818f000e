"""Columns that hold persons, by their names and by what is in them. All names are invented."""

from __future__ import annotations

from collections import Counter

import pytest

from clirld.values.persons import columns
from clirld.values.persons.columns import BY_NAME, CONTACTS, PERSONS, SURNAMES, Reason

PLACES = ["Le lieu", "La grange", "L'atelier", "Rosa Parks"]
FULL = ["Jeanne Exemple", "Jean Fictif", "Camille Exemple", "Le bureau"]
SURNAME = ["Exemple", "Fictif", "Témoin"]


def why(name: str, values: list[str], *others: str) -> Reason | None:
    return columns.why_personal(name, Counter(values), [name, *others])


@pytest.mark.parametrize(
    "name",
    [
        *("CONTACT", "Référent·e", "référent(e)", "auteur", "Prénom", "PRENOM 2", "nom_responsable", "NOMRESPONSABLE"),
        *(
            "nomReferent",
            "telcontact",
            "author",
            "meta.createdBy",
            "submitted_by",
            "Owner",
            "full name",
            "Nom et prénom",
        ),
        *(
            "meta.author.name",
            "Chargé de mission",
            "Déposé par",
            "Cheffe de projet",
            "Fait par (animateur)",
            "Proposer",
        ),
        *("nom_usage", "Nom de famille", "codirecteur", "mail du porteur", "Date of birth", "contacts.0.name"),
    ],
)
def test_by_its_name_whatever_is_in_it(name: str) -> None:
    assert why(name, SURNAME) == BY_NAME
    assert why(name, []) == BY_NAME


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Nom de la structure",
            "NOM",
            "nom_du_lieu",
            "structure porteuse",
            "porteur",
            "latitude",
            "hauteur",
            "contenu",
        ),
        *("denominationUniteLegale", "libelle", "adresse", "commune", "mairie", "telechargement", "Objet social"),
        *(
            "gestionnaire",
            "contact_website",
            "type de personne morale",
            "secretariat",
            "elevage",
            "nom complet",
            "membres",
        ),
    ],
)
def test_names_that_tell_of_nobody(name: str) -> None:
    assert why(name, PLACES) is None
    assert not columns.by_name(name)


@pytest.mark.parametrize(
    "values",
    [
        FULL,
        [value.lower() for value in FULL],
        [value.upper() for value in FULL],
        ["EXEMPLE, Jeanne", "FICTIF, Jean", "TÉMOIN, Camille"],
        ["Jeanne Exemple et Jean Fictif", "Camille Témoin, Jean Fictif", "Jeanne Exemple"],
        ["J. Exemple", "J.-P. Fictif", "C. Témoin"],
        ["Jeanne", "Camille", "Jean"],
    ],
)
def test_by_what_is_in_it_whatever_its_name(values: list[str]) -> None:
    assert why("porteur", values) == PERSONS
    assert why("colonne", values) == PERSONS
    assert why("nom de la rue", values) is None


def test_contacts_are_personal_where_they_are_many() -> None:
    assert why("joindre", ["a@example.org", "b@example.org", "le lundi"]) == CONTACTS
    assert why("joindre", ["a@example.org", "le lundi", "le mardi", "le jeudi"]) is None


@pytest.mark.parametrize(
    ("name", "others", "expected"),
    [
        ("Nom", ["Prénom"], SURNAMES),
        ("nom_du_porteur", ["prenomPorteur"], SURNAMES),
        ("Nom du porteur", ["Prénom"], SURNAMES),
        ("porteur.nom", ["porteur.prenom"], SURNAMES),
        ("Nom du lieu", ["Prénom"], None),
        ("Nom du lieu", ["Prénom du porteur"], None),
        ("Nom", ["Prénom du porteur"], None),
    ],
)
def test_a_surname_is_known_by_the_first_name_beside_it(name: str, others: list[str], expected: Reason | None) -> None:
    assert why(name, SURNAME, *others) == expected


def test_how_many_persons_there_are_and_whether_is_no_person() -> None:
    assert why("Nombre de bénévoles", ["3", "12", "0"]) is None
    assert why("Nombre de bénévoles", ["Jeanne Exemple"]) == BY_NAME
    assert why("bénévoles", ["3", "12", "0"]) is None
    assert why("Téléphone", ["3", "12"]) == BY_NAME
    assert why("sexe", ["1", "2"]) == BY_NAME
    assert why("Référent", ["oui", "Non", ""]) is None


def test_of_nested_json_the_whole_is_personal_with_its_parts() -> None:
    assert why("membres", ['{"prenom":"Jeanne"}'], "membres.0.prenom", "id") == BY_NAME
    assert why("membres", ['{"nom":"Le lieu"}'], "membres.0.nom", "id") is None


def test_persons_among_organizations() -> None:
    associations = [f"Association exemple {n}" for n in range(30)]
    some = Counter([*associations, "Jeanne Exemple", "Jean Fictif", "Camille Témoin"])
    assert columns.why_personal("porteur", some) is None
    assert columns.some_persons("porteur", some)
    assert not columns.some_persons("porteur", Counter([*associations, "Jeanne Exemple"]))
    assert not columns.some_persons("commune", some)


def test_who_may_be_meant_by_a_word_alone() -> None:
    assert columns.may_hold_surnames("PORTEUR DU PROJET")
    assert not columns.may_hold_surnames("Structure porteuse")
    assert not columns.may_hold_surnames("Nom du lieu")
