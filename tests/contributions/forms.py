"""Forms that are right, one of each kind, and what fills them; all of it is invented."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from clirld.cases.values import Values
from clirld.contributions.fields import ADDRESS, CORRECTABLES, Addition
from clirld.contributions.inbox import Kind, Submission
from clirld.contributions.rows import Outcome, outcome
from clirld.settings import Settings
from clirld.vocabulary.terms import Vocabulary

PLACE = "https://w3id.org/clirld/id/initiative/tiers-lieux-2019-15"
NAME, YEAR, HOME, WHERE = "a" * 12, "b" * 12, "c" * 12, "d" * 12
LABELS = {one.column: one.column for one in CORRECTABLES} | {column: name for column, name, *_ in Addition.fields()}
LABELS |= {"remark": "explication"}


def statement(column: str, predicate: str, *shown: str, **columns: Any) -> dict[str, Any]:
    """A statement that can be contradicted."""
    told = {"contradicted_source": ["tiers-lieux-2019"], **columns}
    return {"property": predicate, "column": column, "shown": list(shown), "columns": told}


CONTRADICTS = {
    NAME: statement("name", "http://www.w3.org/2000/01/rdf-schema#label", "Exemple", contradicted_label="Exemple"),
    YEAR: statement("start_year", "https://w3id.org/clirld/ontology#startYear", "2021", contradicted_year="2021"),
    HOME: statement(
        "homepage",
        "http://xmlns.com/foaf/0.1/homepage",
        "http://old.example.org/",
        contradicted_iri="http://o.example/",
    ),
    WHERE: statement(
        "address", ADDRESS, "1 rue Basse", "39000", "Lons-le-Saunier", contradicted_iri="http://a.example/"
    ),
}
UNCHANGED = {
    f"name.{NAME}": "Exemple",
    f"start_year.{YEAR}": "2021",
    f"homepage.{HOME}": "http://old.example.org/",
    f"street.{WHERE}": "1 rue Basse",
    f"postcode.{WHERE}": "39000",
    f"locality.{WHERE}": "Lons-le-Saunier",
    "page": "https://example.org/page",
}
ADDITION = {
    "name": "Exemple – Atelier du Val",
    "kind": "tiers-lieu",
    "street": "3 rue Basse",
    "postcode": "39000",
    "locality": "Lons-le-Saunier",
    "carrier_name": "Association Exemple",
    "page": "https://example.org/atelier",
}
CASE = {
    "titre": "Exemple – Cuisine partagée",
    "genre": "tiers-lieu",
    "commune": "39300",
    "documents.0.titre": "Article d'exemple",
    "documents.0.url": "https://example.org/cuisine",
    "acteurs.0.id": "asso",
    "acteurs.0.nom": "Association Exemple de la cuisine",
    "rôles.0.acteur": "asso",
    "rôles.0.rôle": "structure porteuse",
}
FORMS: dict[Kind, dict[str, str]] = {
    "addition": ADDITION,
    "correction": {**UNCHANGED, f"name.{NAME}": "Exemple corrigé"},
    "case": CASE,
}

_EMPTY = Submission(
    "0123456789abcdef0123", "addition", "", {}, {}, "resident", "fr", "2026-11-20T10:00:00+00:00", "r", with_proof=True
)


def submission(kind: Kind, fields: dict[str, str], **other: Any) -> Submission:
    """A submission of these fields."""
    about = {"about": PLACE, "contradicts": CONTRADICTS} if kind == "correction" else {}
    return replace(_EMPTY, kind=kind, fields=fields, **{**about, **other})


VALUES = Values(Vocabulary.load(Settings.from_environment({}).ontology))


def made(kind: Kind, fields: dict[str, str], **other: Any) -> Outcome:
    """What these fields become."""
    return outcome(submission(kind, fields, **other), VALUES, LABELS, {})
