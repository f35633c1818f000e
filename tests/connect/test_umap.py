"""uMap: the layers of a map, whatever its version, and the licence that its author chose."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from clirld.connect import CollectResult
from clirld.errors import FetchError
from tests.registries_server import ODBL, Given, features, registry, umap

Ask = Callable[..., tuple[CollectResult, bytes]]

LAYERS = {"Tiers-lieux": features(3), "Fablabs": features(2), "Vide": features(0)}


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize(
    "page", ["/fr/map/lieux-intermediaires_1234", "/m/1234/", "/fr/map/lieux_1234?scaleControl=1#6/47/2"]
)
def test_all_layers_of_a_map(ask: Ask, old: bool, page: str) -> None:
    with registry(umap(LAYERS, old=old, licence="ODbL")) as server:
        collected, body = ask(url=server.url + page, umap={}, format="geojson")
    assert [json.loads(line) for line in body.splitlines()] == list(LAYERS.values())
    assert collected.license == ODBL


def test_layers_by_name(ask: Ask) -> None:
    with registry(umap(LAYERS)) as server:
        _, body = ask(url=f"{server.url}/fr/map/x_1234", umap={"layers": ["Fablabs"]}, format="geojson")
        assert json.loads(body) == LAYERS["Fablabs"]
        with pytest.raises(FetchError, match=r"the map has no layer Cafés\n.*Tiers-lieux, Fablabs, Vide"):
            ask(url=f"{server.url}/fr/map/x_1234", umap={"layers": ["Cafés"]}, format="geojson")


@pytest.mark.parametrize(
    ("chosen", "licence"),
    [
        ({"licence": {"name": "Licence ouverte", "url": "https://example.org/lo"}}, "https://example.org/lo"),
        ({"licence": {"name": "Licence ouverte"}}, "Licence ouverte"),
        ({"licence": "Other"}, "Other"),
        ({"licence": "No licence set"}, None),
        ({"licence": {"name": "No licence set", "url": ""}}, None),
        ({}, None),
    ],
)
def test_the_licence_is_what_the_author_chose(ask: Ask, chosen: dict[str, Any], licence: str | None) -> None:
    with registry(umap(LAYERS, **chosen)) as server:
        collected, _ = ask(url=f"{server.url}/fr/map/x_1234", umap={}, format="geojson")
    assert collected.license == licence


def test_a_layer_whose_data_are_elsewhere_is_not_passed_over(ask: Ask) -> None:
    options = {"remoteData": {"url": "https://example.org/x.csv", "format": "csv"}}
    layers = {**LAYERS, "Ailleurs": features(0, _umap_options=options)}
    with (
        registry(umap(layers)) as server,
        pytest.raises(FetchError, match=r"its data are at https://example\.org/x\.csv"),
    ):
        ask(url=f"{server.url}/fr/map/x_1234", umap={}, format="geojson")


@pytest.mark.parametrize("page", ["", "/fr/datalayer/1234/", "/fr/user/x/"])
def test_what_is_no_map(ask: Ask, page: str) -> None:
    with registry(umap(LAYERS)) as server, pytest.raises(FetchError, match="this is not the address of a map"):
        ask(url=server.url + page, umap={}, format="geojson")
    assert server.asked == []


@pytest.mark.parametrize(
    ("layers", "properties", "message"),
    [
        ({"x": {"type": "Point"}}, {}, "has nothing at features.item"),
        ({}, {}, "the map has no layer"),
        (LAYERS, {"datalayers": None}, "has nothing at properties.datalayers.item"),
        (LAYERS, {"datalayers": [{"name": "x"}]}, "has nothing at properties.datalayers.item.id"),
    ],
)
def test_what_is_not_whole_is_refused(ask: Ask, layers: Any, properties: dict[str, Any], message: str) -> None:
    with registry(umap(layers, **properties)) as server, pytest.raises(FetchError, match=message):
        ask(url=f"{server.url}/fr/map/x_1234", umap={}, format="geojson")


def test_a_page_instead_of_the_settings(ask: Ask) -> None:
    with registry(lambda _: Given(b"<!DOCTYPE html>")) as server, pytest.raises(FetchError, match="is not JSON"):
        ask(url=f"{server.url}/fr/map/x_1234", umap={}, format="geojson")
