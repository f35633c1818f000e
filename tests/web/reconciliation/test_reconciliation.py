"""The Reconciliation API as its clients use it, its answers by the schemas of its specification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jsonschema
import pytest
import requests
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from clirld.link.reconciliation.candidates import given_of
from clirld.link.reconciliation.properties import properties
from clirld.web.reconciliation.manifest import BATCH
from tests.web.served import serve_settings, serving


@pytest.fixture(scope="module")
def sampled(samples: Path) -> Any:
    with serving(samples, serve_settings()) as address:
        yield f"{address}/reconcile/fr"


@pytest.fixture(scope="module")
def schema(shared: Path) -> Any:
    folder = shared / "suites" / "reconciliation" / "0.2" / "schemas"

    schemas = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    # They name each other by address: here they are known by it.
    known = {one["$id"]: Resource.from_contents(one, DRAFT7) for one in schemas.values() if "$id" in one}

    def valid(name: str, instance: Any) -> None:
        jsonschema.Draft7Validator(schemas[name], registry=Registry().with_resources(known.items())).validate(instance)

    return valid


def ask(address: str, **parameters: Any) -> Any:
    """POST, as OpenRefine does; what is no text as JSON."""
    form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}
    answer = requests.post(address, data=form, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


def read(address: str, **parameters: str) -> Any:
    answer = requests.get(address, params=parameters, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


def one(address: str, words: str, type_: str = "initiative", **given: Any) -> list[dict[str, Any]]:
    known = [{"pid": name, "v": value} for name, value in given.items()]
    found: list[dict[str, Any]] = ask(address, queries={"q": {"query": words, "type": type_, "properties": known}})[
        "q"
    ]["result"]
    return found


def test_answers_are_by_the_schemas(sampled: str, schema: Any) -> None:
    schema("manifest", requests.get(sampled, timeout=20).json())
    batch = {
        "q0": {"query": "Exemple Le Quai", "type": "initiative", "properties": [{"pid": "commune", "v": "Nantes"}]}
    }
    schema("reconciliation-query-batch", batch)
    schema("reconciliation-result-batch", ask(sampled, queries=batch))
    wanted = {"ids": ["territory/commune-39300", "none/none"], "properties": [{"id": name} for name in properties()]}
    schema("data-extension-query", wanted)
    schema("data-extension-response", ask(sampled, extend=wanted))
    for kind, name in (("entity", "entities"), ("property", "properties"), ("type", "types")):
        schema(f"suggest-{name}-response", read(f"{sampled}/suggest/{kind}", prefix="n"))
    schema("data-extension-property-proposal", read(f"{sampled}/properties", type="initiative", limit="5"))


def test_a_name_and_a_place_are_a_match_and_a_name_alone_is_none(sampled: str) -> None:
    first = one(sampled, "EXEMPLE, LE QUAI", commune="Nantes")[0]
    assert first["name"] == "Exemple – Le Quai"
    assert (first["match"], first["score"]) == (True, 100.0)
    assert {feature["id"]: feature["value"] for feature in first["features"]} == {"name": 100.0, "commune": True}
    assert "Nantes" in first["description"]
    alone = one(sampled, "Exemple – Le Quai")
    assert (alone[0]["name"], alone[0]["match"], alone[0]["score"]) == ("Exemple – Le Quai", False, 90.0)
    assert one(sampled, "Exemple – Le Quai", insee="44109")[0]["match"]
    assert not one(sampled, "Exemple – Le Quai", commune="Lille")[0]["match"]


def test_a_number_is_a_match_and_another_number_never(sampled: str) -> None:
    found = one(sampled, "", "organization", siren="000 003 004")
    assert [(each["id"], each["match"]) for each in found[:1]] == [("organization/siren-000003004", True)]
    other = one(sampled, "EXEMPLE SCOP 1", "organization", siren="000003012", commune="Nantes")
    assert {each["id"]: each["score"] for each in other}.get("organization/siren-000003004", 0) <= 50
    assert [each["id"] for each in other if each["match"]] == ["organization/siren-000003012"]


def test_numbers_that_contradict_are_no_match(sampled: str) -> None:
    found = one(sampled, "", "organization", siren="000000018", rna="W999999999")
    assert [(each["id"], each["match"]) for each in found[:1]] == [("organization/siren-000000018", False)]
    assert one(sampled, "", "organization", siren="000000018", rna="W000000001")[0]["match"]


def test_a_territory_by_its_code(sampled: str) -> None:
    found = one(sampled, "Lons le Saunier", "territory", insee="39300")[0]
    assert (found["id"], found["match"]) == ("territory/commune-39300", True)


def test_codes_that_a_spreadsheet_took_for_numbers_and_any_establishment() -> None:
    given = given_of([{"pid": "insee", "v": 1053}, {"pid": "postcode", "v": 1000.0}])
    assert given == {"insee": ["01053"], "postcode": ["01000"]}
    assert given_of([{"pid": "siret", "v": "00000300400021"}])["siren"] == ["000003004"]


def test_at_most_one_is_a_match(sampled: str) -> None:
    for words in ("Exemple", "Exemple – Le Lieu", "Association exemple 1"):
        for type_ in ("initiative", "organization", ""):
            found = one(sampled, words, type_, commune="Lons-le-Saunier")
            assert sum(each["match"] for each in found) <= 1
            assert [each["score"] for each in found] == sorted((each["score"] for each in found), reverse=True)


def test_a_table_is_extended(sampled: str) -> None:
    match = one(sampled, "Exemple – Le Quai", commune="Nantes")[0]["id"]
    names = ["commune", "departement", "source", "license", "last_seen", "kind", "siren"]
    found = ask(sampled, extend={"ids": [match], "properties": [{"id": name} for name in names]})
    assert [one["id"] for one in found["meta"]] == names
    row = found["rows"][match]
    assert row["commune"] == [{"id": "territory/commune-44109", "name": "Nantes"}]
    assert row["source"] == [{"str": "france-tiers-lieux"}]
    assert row["kind"] == [{"str": "tiers-lieu"}]
    assert row["license"][0]["str"]
    assert row["last_seen"][0]["date"].endswith("T00:00:00+00:00")
    assert row["siren"] == []


def test_the_language_is_that_of_the_address(sampled: str) -> None:
    english = sampled.replace("/fr", "/en")
    types = [requests.get(address, timeout=20).json()["defaultTypes"][1]["name"] for address in (sampled, english)]
    assert types == ["Organisation", "Organization"]
    manifest = requests.get(english, timeout=20).json()
    assert manifest["view"]["url"].startswith(english)


def test_a_release_can_be_named(sampled: str, samples: Path) -> None:
    host, name = sampled.removesuffix("/reconcile/fr"), (samples / "current").resolve().name
    pinned = f"{host}/release/{name}/reconcile/fr"
    assert requests.get(pinned, timeout=20).json()["view"]["url"].startswith(pinned)
    assert one(pinned, "Exemple – Le Quai", commune="Nantes") == one(sampled, "Exemple – Le Quai", commune="Nantes")
    assert requests.get(f"{host}/release/1/reconcile/fr", timeout=20).status_code == 404


def test_ways_to_look_at_a_thing(sampled: str) -> None:
    there = {"id": "territory/commune-39300"}
    seen = requests.get(f"{sampled}/view?{urlencode(there)}", timeout=20, allow_redirects=False)
    assert (seen.status_code, seen.headers["location"]) == (303, "/doc/territory/commune-39300?lang=fr")
    page = requests.get(f"{sampled}/preview?{urlencode(there)}", timeout=20)
    assert "<h1" in page.text
    assert "Lons-le-Saunier" in page.text
    assert "Lons-le-Saunier" not in read(f"{sampled}/flyout/entity", id="territory/commune-39300")["html"]
    assert requests.get(f"{sampled}/preview?id=none", timeout=20).status_code == 404


def test_an_old_client_gets_a_call(sampled: str) -> None:
    answer = requests.get(f"{sampled}?callback=jsonp123", timeout=20)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.text.startswith("jsonp123({")
    assert requests.get(f"{sampled}?callback=alert(1)", timeout=20).status_code == 400


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"queries": "{"}, 400),
        ({"queries": "[]"}, 400),
        ({"queries": '{"q": 3}'}, 400),
        ({"queries": '{"q": {"query": "Lons", "type": "nothing"}}'}, 400),
        ({"queries": '{"q": {"query": "Lons", "type": [["territory"]]}}'}, 400),
        ({"queries": "[" * 100_000}, 400),
        ({"queries": json.dumps({f"q{n}": {"query": "x"} for n in range(BATCH + 1)})}, 413),
        ({"queries": json.dumps({f"q{n}": {"query": "x"} for n in range(10_000)})}, 413),
        ({"queries": "x" * 2_000_000}, 413),
        ({"extend": '{"ids": []}'}, 400),
        ({"extend": '{"ids": [], "properties": [{"id": "nothing"}]}'}, 400),
        ({"extend": json.dumps({"ids": [str(n) for n in range(1000)], "properties": []})}, 413),
    ],
)
def test_bad_input_is_told(sampled: str, form: dict[str, str], status: int) -> None:
    answer = requests.post(sampled, data=form, timeout=20)
    assert answer.status_code == status
    assert answer.json()["do"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"query": None},
        {"query": ""},
        {"query": '"( OR NEAR'},
        {"query": "<script>", "type": [], "limit": -3},
        {"query": "<script>", "type": {"id": "territory"}, "limit": 3.5},
        {"query": "x" * 5000, "limit": 10**9},
        {
            "query": "Lons",
            "properties": [{"pid": "commune", "v": {"id": "x"}}, {"pid": None, "v": [None, True, 3.5]}, 4],
        },
        {"query": "Lons", "type": ["territory"], "properties": "no"},
    ],
)
def test_any_query_is_answered(sampled: str, query: dict[str, Any]) -> None:
    assert isinstance(ask(sampled, queries={"q": query})["q"]["result"], list)


@pytest.mark.parametrize("departement", ["44", 44, "Loire-Atlantique", "territory/departement-44"])
def test_a_departement_says_more_than_what_is_not_known(sampled: str, departement: str | int) -> None:
    first = one(sampled, "Exemple, le quai", departement=departement)[0]
    assert (first["name"], first["score"], first["match"]) == ("Exemple – Le Quai", 94.0, True)
    assert not one(sampled, "Exemple, le quaai", departement=departement)[0]["match"]


def test_one_wrong_letter_in_a_name_of_one_word(sampled: str) -> None:
    for words in ("Nanets", "Natnes", "Nants", "Nanntes"):
        assert one(sampled, words, "territory")[0]["id"] == "territory/commune-44109"
