"""GoGoCarto: the elements of a map, in its three layouts, whole or tile by tile."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from clirld.connect import CollectResult, GoGoCarto
from clirld.errors import FetchError
from tests.registries_server import ODBL, Asked, Given, elements, gogocarto, registry

Ask = Callable[..., tuple[CollectResult, bytes]]


def test_all_elements_and_the_licence_of_the_map(ask: Ask) -> None:
    with registry(gogocarto(elements(9))) as server:
        collected, body = ask(url=f"{server.url}/", gogocarto={}, items="data.item")
    assert json.loads(body)["data"] == elements(9)
    assert collected.license == ODBL
    assert [(one.path, one.parameters) for one in server.asked] == [("/api/elements.json", {"ontology": "gogofull"})]


def test_the_other_layouts_and_the_categories(ask: Ask) -> None:
    with registry(gogocarto(elements(2))) as server:
        _, compact = ask(url=server.url, gogocarto={"ontology": "gogocompact"}, items="data.item", fields=["id"])
        _, linked = ask(url=server.url, gogocarto={"ontology": "jsonld"}, format="rdf", syntax="jsonld")
        _, taxonomy = ask(url=server.url, gogocarto={"taxonomy": True})
    assert json.loads(compact)["data"][1][:2] == ["1z", ["Lieu 1"]]
    assert [one["@id"] for one in json.loads(linked)["@graph"]] == ["0z", "1z"]
    assert json.loads(taxonomy)[0]["options"][0]["name"] == "Tiers-lieu"


def test_what_narrows_the_elements(ask: Ask) -> None:
    options = {"categories": ["10", "11"], "stamps": ["3"], "exclude_external": True}
    with registry(gogocarto(elements(2))) as server:
        ask(url=server.url, gogocarto=options)
    asked = {"ontology": "gogofull", "categories": "10,11", "stamps": "3", "excludeExternal": "true"}
    assert server.asked[0].parameters == asked


def test_tiles_cover_the_bounds(ask: Ask) -> None:
    options = {"bounds": [-5, 41, 10, 51.5], "tiles": 3}
    with registry(gogocarto(elements(40))) as server:
        _, body = ask(url=server.url, gogocarto=options)
    answers = [json.loads(line) for line in body.splitlines()]
    assert len(answers) == len(server.asked) == 9
    assert {one["id"] for answer in answers for one in answer["data"]} == {one["id"] for one in elements(40)}
    assert server.asked[0].parameters["bounds"] == "-5.000000,41.000000,0.000000,44.500000"
    assert server.asked[8].parameters["bounds"] == "5.000000,48.000000,10.000000,51.500000"


def test_an_answer_that_was_cut_is_not_kept_before_the_whole_one(ask: Ask) -> None:
    bodies = [b'{"data": [{"id": "1"}, {"id"', b'{"data": [{"id": "1"}]}']

    def cut_once(_asked: Asked) -> Given:
        body = bodies[0] if len(server.asked) == 1 else bodies[1]
        return Given(body, headers={"Content-Length": "60"} if body == bodies[0] else {})

    with registry(cut_once) as server:
        _, body = ask(url=server.url, gogocarto={})
    assert body == bodies[1] + b"\n"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"You need to provide a token to access to this API.", "it begins: “You need to provide a token"),
        (b"<!DOCTYPE html><title>Maintenance</title>", "it begins: “<!DOCTYPE html>"),
        (b'{"licence": "x", "data": [{"id": "1"}, {"id', "is not JSON"),
        (b'{"data": [{"id": "1"}]}\n<br />Warning: memory', "is not JSON"),
        (b'{"error": "Internal error"}', "answers with an error: Internal error"),
        (b'{"ontology": "gogofull"}', "has nothing at data.item"),
        (b'{"ontology": "gogocompact", "data": []}', "answers in the layout gogocompact, not in gogofull"),
        (b"", "the answer is empty"),
    ],
)
def test_what_is_not_whole_is_refused(ask: Ask, body: bytes, message: str) -> None:
    with registry(lambda _asked: Given(body)) as server, pytest.raises(FetchError, match=message):
        ask(url=server.url, gogocarto={})


@pytest.mark.parametrize(
    "wrong",
    [
        {"tiles": 2},
        {"bounds": [10, 41, -5, 51]},
        {"bounds": [48, -5, 200, 10]},
        {"taxonomy": True, "categories": ["1"]},
    ],
)
def test_a_card_that_makes_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GoGoCarto.model_validate(wrong)
