"""ArcGIS: as many features as the server counts, whatever it gives at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from clirld.connect import CollectResult
from clirld.errors import FetchError
from tests.registries_server import LAYER, Asked, Given, Service, arcgis, changed, features, given, registry

Ask = Callable[..., tuple[CollectResult, bytes]]


@pytest.mark.parametrize("number", [0, 2, 3, 7])
def test_page_by_page_in_the_order_of_the_object_id(ask: Ask, number: int) -> None:
    with registry(arcgis(number)) as server:
        collected, body = ask(url=server.url + LAYER, arcgis={"fields": ["name", "city"]}, format="geojson")
    found = [one for line in body.splitlines() for one in json.loads(line)["features"]]
    assert found == features(number)["features"]
    assert collected.records == number
    pages = [one.parameters for one in server.asked if "resultOffset" in one.parameters]
    assert [one["resultOffset"] for one in pages] == [str(n) for n in range(0, number or 1, 3)]
    assert {(one["resultRecordCount"], one["orderByFields"], one["outFields"], one["f"]) for one in pages} == {
        ("3", "OBJECTID", "name,city", "geojson")
    }


def test_a_server_without_pages_is_asked_once_or_not_at_all(ask: Ask) -> None:
    with registry(arcgis(3, pages=False)) as server:
        collected, _ = ask(url=server.url + LAYER, arcgis={}, format="geojson")
        assert collected.records == 3
        server.service = arcgis(4, pages=False)
        with pytest.raises(FetchError, match="counts 4 features, gives 3 at once, and has no pages"):
            ask(url=server.url + LAYER, arcgis={}, format="geojson")


def test_errors_come_with_status_200(ask: Ask) -> None:
    with registry(arcgis(3)) as server:
        with pytest.raises(FetchError, match="answers with an error: Invalid URL"):
            ask(url=f"{server.url}/ArcGIS/rest/services/GONE/FeatureServer/0", arcgis={}, format="geojson")
        with pytest.raises(FetchError, match="answers with an error: Invalid URL"):
            ask(url=server.url + LAYER, arcgis={"where": "nonsense"}, format="geojson")


def pages_changed(change: Callable[[dict[str, Any]], Any]) -> Service:
    def only_pages(found: dict[str, Any], _n: int) -> Any:
        return change(found) if "features" in found else None

    return changed(arcgis(7), only_pages)


def _same(found: dict[str, Any]) -> None:
    found["features"] = features(3)["features"]


def _none(found: dict[str, Any]) -> None:
    found["features"] = []


def _many(found: dict[str, Any]) -> None:
    found["features"] *= 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_same, "features come more than once"),
        (_none, "the server counts 7 features, 0 came"),
        (_many, "features come more than once"),
        (lambda _: given({"error": {"code": 500, "message": "Error performing query operation"}}), "Error performing"),
        (lambda _: given({"objectIdFieldName": "x"}), "has nothing at features.item"),
        (lambda _: Given(b"<html>504</html>"), "is not JSON"),
    ],
)
def test_what_is_not_whole_is_refused(ask: Ask, change: Callable[[dict[str, Any]], Any], message: str) -> None:
    with registry(pages_changed(change)) as server, pytest.raises(FetchError, match=message):
        ask(url=server.url + LAYER, arcgis={}, format="geojson")


def counting(*counts: int) -> Service:
    """A layer that counts so, one time after another."""
    left = iter(counts)

    def answer(asked: Asked) -> Given:
        count = asked.parameters.get("returnCountOnly")
        return given({"count": next(left)}) if count else arcgis(7)(asked)

    return answer


def test_a_layer_that_is_edited_meanwhile_is_read_again_from_the_start(ask: Ask) -> None:
    with registry(counting(7, 8, 7, 7)) as server:
        collected, body = ask(url=server.url + LAYER, arcgis={}, format="geojson")
    assert [one for line in body.splitlines() for one in json.loads(line)["features"]] == features(7)["features"]
    assert collected.records == 7


def test_a_layer_that_is_edited_all_the_time(ask: Ask) -> None:
    with (
        registry(counting(7, 8, 7, 9)) as server,
        pytest.raises(FetchError, match="the number of features changed from 7 to 9 while they were read"),
    ):
        ask(url=server.url + LAYER, arcgis={}, format="geojson")


def test_more_features_than_the_server_counts(ask: Ask) -> None:
    with registry(counting(5, 5)) as server, pytest.raises(FetchError, match="the server counts 5 features, 6 came"):
        ask(url=server.url + LAYER, arcgis={}, format="geojson")


@pytest.mark.parametrize("place", ["id", "properties"])
def test_a_feature_on_two_pages_hides_one_that_is_on_none(ask: Ask, place: str) -> None:
    """The number is right all the same."""

    def overlap(found: dict[str, Any]) -> None:
        for feature in found["features"]:
            number = feature.pop("id", None) or feature["properties"]["OBJECTID"]
            number = 3 if number == 4 else number
            feature["properties"].pop("OBJECTID", None)
            if place == "id":
                feature["id"] = number
            else:
                feature["properties"]["OBJECTID"] = number

    with registry(pages_changed(overlap)) as server, pytest.raises(FetchError, match="come more than once"):
        ask(url=server.url + LAYER, arcgis={}, format="geojson")


def test_a_server_that_always_says_that_there_is_more(ask: Ask) -> None:
    def always(found: dict[str, Any]) -> None:
        found["exceededTransferLimit"] = True

    with registry(pages_changed(always)) as server:
        collected, body = ask(url=server.url + LAYER, arcgis={}, format="geojson")
    assert collected.records == 7
    assert json.loads(body.splitlines()[-1])["features"] == []


def test_the_details_of_an_error(ask: Ask) -> None:
    error = {"code": 400, "message": "Cannot perform query.", "details": ["'Invalid field: nom' parameter is invalid"]}
    with (
        registry(pages_changed(lambda _: given({"error": error}))) as server,
        pytest.raises(FetchError, match=r"error: Cannot perform query\.; 'Invalid field: nom' parameter is invalid"),
    ):
        ask(url=server.url + LAYER, arcgis={"fields": ["nom"]}, format="geojson")
