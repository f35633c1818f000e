"""From the fields of a form to rows: what is right becomes rows, and what is wrong is told at its field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clirld.cases.model import LISTS
from clirld.contributions.case_form import own_fields, sections
from clirld.contributions.fields import ADDRESS_COLUMNS, Addition, correctables
from clirld.contributions.inbox import Kind
from clirld.contributions.problems import MAX_TEXT, messages
from clirld.contributions.rows import is_field
from tests.contributions.forms import ADDITION, CASE, FORMS, HOME, NAME, UNCHANGED, VALUES, WHERE, made

BAD = {
    "markup": "<b>Exemple</b>",
    "script": "<script>alert(1)</script>",
    "direction": "Exemple \u202egnol",
    "zero-width": "Exem\u200bple",
    "null": "Exemple\0",
    "much": "a" * (MAX_TEXT + 1),
}
PERSONAL = {"mail": "écrire à camille@example.org", "phone": "06 12 34 56 78", "person": "Mme Camille Durand"}


def names(kind: Kind) -> list[str]:
    """Every field of a form: of a case, those of one fact of each kind."""
    if kind == "addition":
        return list(Addition.model_fields)
    if kind == "correction":
        columns = [one.column for one in correctables("initiative") if one.column != "address"]
        return [*columns, *ADDRESS_COLUMNS, f"name.{NAME}", f"homepage.{HOME}", f"street.{WHERE}", "remark", "page"]
    one_each = {f"{name}.0.x": "" for name, _model in LISTS.values()}
    facts = [one.name for section in sections(one_each) for _number, fields in section.items for one in fields]
    return [*(one.name for one in own_fields()), *facts]


@pytest.mark.parametrize("kind", FORMS)
def test_a_right_form_becomes_rows(kind: Kind) -> None:
    found = made(kind, FORMS[kind])
    assert found.problems == []
    assert found.rows


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
@pytest.mark.parametrize("kind", FORMS)
def test_what_no_field_can_have_is_refused_in_every_field(kind: Kind, text: str) -> None:
    found = made(kind, {**FORMS[kind], **dict.fromkeys(names(kind), text)})
    assert set(names(kind)) - {problem.field for problem in found.problems} == set()
    assert found.rows == []
    for problem in found.problems:
        assert problem.message("fr") != problem.message("en")
        assert text not in problem.message("fr")


@pytest.mark.parametrize("text", PERSONAL.values(), ids=PERSONAL)
@pytest.mark.parametrize(("kind", "name"), [("addition", "description"), ("correction", "remark"), ("case", "résumé")])
def test_nobody_is_named(kind: Kind, name: str, text: str) -> None:
    found = made(kind, {**FORMS[kind], name: text})
    assert [problem.code for problem in found.problems if problem.field == name] == ["personal"]


def test_an_organization_with_a_number_may_have_the_name_of_its_owner() -> None:
    named = {**ADDITION, "carrier_name": "Camille Durand Conseil"}
    assert made("addition", {**named, "carrier_siren": "356000000"}).problems == []


@pytest.mark.parametrize("kind", FORMS)
def test_every_field_is_known(kind: Kind) -> None:
    assert [name for name in names(kind) if not is_field(kind, name) or is_field(kind, f"{name}.x.y")] == []


@pytest.mark.parametrize("name", ["token", "do", "lang", "email", "x", "acteurs.0.x", "acteurs.9999.nom", "x.0.nom"])
@pytest.mark.parametrize("kind", FORMS)
def test_what_is_no_field_is_not_kept(kind: Kind, name: str) -> None:
    assert not is_field(kind, name)


@pytest.mark.parametrize("name", [one for one, info in Addition.model_fields.items() if info.is_required()])
def test_what_is_needed_is_told_where_it_lacks(name: str) -> None:
    found = made("addition", {**ADDITION, name: " "})
    assert [(problem.field, problem.code) for problem in found.problems] == [(name, "missing-field")]


def test_an_unknown_value_is_answered_with_the_nearest() -> None:
    (problem,) = made("addition", {**ADDITION, "kind": "tier-lieu"}).problems
    assert "« tiers-lieu »" in problem.message("fr")
    assert "Did you mean “tiers-lieu”" in problem.message("en")


def values(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [json.loads(row["values"]) for row in rows]


def test_a_correction_names_the_statement_that_it_contradicts() -> None:
    (row,) = values(made("correction", {**UNCHANGED, f"name.{NAME}": "Exemple corrigé"}).rows)
    assert row["contradicted_source"] == ["tiers-lieux-2019"]
    assert (row["contradicted_label"], row["name"]) == ("Exemple", "Exemple corrigé")
    assert (row["initiative"], row["property"]) == ("tiers-lieux-2019-15", "http://www.w3.org/2000/01/rdf-schema#label")


def test_an_address_is_corrected_whole() -> None:
    (row,) = values(made("correction", {**UNCHANGED, f"street.{WHERE}": "12 rue Haute"}).rows)
    assert (row["street"], row["postcode"], row["locality"]) == ("12 rue Haute", "39000", "Lons-le-Saunier")
    assert row["contradicted_iri"] == "http://a.example/"


def test_a_value_that_is_taken_out_needs_a_reason_and_says_nothing_else() -> None:
    emptied = {**UNCHANGED, f"homepage.{HOME}": ""}
    assert [problem.code for problem in made("correction", emptied).problems] == ["no-remark"]
    (row,) = values(made("correction", {**emptied, "remark": "Le site n'existe plus."}).rows)
    assert "homepage" not in row
    assert "initiative" not in row
    assert row["remark"] == "Le site n'existe plus."


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (UNCHANGED, "no-change"),
        ({**UNCHANGED, "name." + "9" * 12: "x"}, "statement-gone"),
        ({**UNCHANGED, f"name.{NAME}": "y", "page": ""}, "page-needed"),
        ({**UNCHANGED, "wrong": "9" * 12, "remark": "x"}, "statement-gone"),
    ],
)
def test_a_correction_that_cannot_be(fields: dict[str, str], code: str) -> None:
    assert code in [problem.code for problem in made("correction", fields).problems]


def test_a_case_is_checked_by_its_own_reader_and_told_at_its_field() -> None:
    found = made("case", {**CASE, "rôles.0.acteur": "ass"})
    assert [(problem.field, problem.code) for problem in found.problems] == [("rôles.0.acteur", "unknown-reference")]


def test_facts_of_a_case_cite_the_only_document_and_empty_ones_are_passed_over() -> None:
    found = made("case", {**CASE, "acteurs.3.nom": "", "besoins.7.genre": "jobs"})
    assert found.problems == []
    assert {row["table"] for row in found.rows} == {"initiative", "organization", "participation", "need"}
    assert {row["page"] for row in found.rows} == {"https://example.org/cuisine"}


def test_every_message_is_in_both_languages() -> None:
    assert {frozenset(words) for words in messages().values()} == {frozenset({"fr", "en"})}
    assert VALUES.labels("contributor-role")
