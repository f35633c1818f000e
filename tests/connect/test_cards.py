"""Every card that names a connector: what it asks first, and that what comes is read by what the card says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from ruamel.yaml import YAML

from clirld.card.model import CONNECTORS, Distribution
from clirld.connect import CollectResult
from clirld.errors import CardError, FetchError
from clirld.fetch.download import fetch_distribution
from clirld.fetch.format_check import check
from clirld.fetch.location import Service
from clirld.read.reader import read
from clirld.read.rows import SourceRow
from clirld.yamlfile import load as load_yaml
from tests.conftest import PROJECT
from tests.registries_server import (
    LAYER,
    arcgis,
    communecter,
    elements,
    features,
    given,
    gogocarto,
    murmurations,
    opendatasoft,
    overpass,
    places,
    registry,
    sirene,
    sparql,
    umap,
)
from tests.registries_server import Service as Answers
from tests.servers import http_settings

Ask = Callable[..., tuple[CollectResult, bytes]]

HTTP = http_settings(contact="https://example.org/us", read_timeout=60, retries=1, backoff=0)
SOURCES = PROJECT / "pipelines" / "sources"


def with_connector() -> dict[str, tuple[Path, dict[str, Any]]]:
    found = {}
    for path in sorted(SOURCES.glob("*/source.yaml")):
        card = load_yaml(path, CardError).data
        for name, distribution in card["distributions"].items():
            if any(connector in distribution for connector in CONNECTORS):
                found[f"{path.parent.name}/{name}"] = (path.parent, distribution)
    return found


PATHS = {
    "opendatasoft": "/api/explore/v2.1/catalog/datasets/",
    "gogocarto": "/api/",
    "umap": "/geojson/",
}
"""What is in the path of the first request, where the card's address is only the server's."""


@pytest.mark.parametrize("name", with_connector())
def test_the_first_request_of_a_card(ask: Ask, name: str) -> None:
    folder, distribution = with_connector()[name]
    address = urlsplit(distribution["url"])
    connector = next(one for one in CONNECTORS if one in distribution)
    with registry(lambda _asked: given({})) as server:
        here = urlsplit(server.url)
        card = {**distribution, "url": address._replace(scheme=here.scheme, netloc=here.netloc).geturl()}
        with pytest.raises(FetchError) as refused:
            ask(folder=folder, **card)
        asked = server.asked[0]
    assert refused.value.where.startswith(server.url)
    assert PATHS.get(connector, address.path) in asked.path
    assert "//" not in asked.path
    assert dict(parse_qsl(address.query)).items() <= asked.parameters.items()
    if connector in ("sparql", "overpass"):
        query = (folder / distribution[connector]["query"]).read_text(encoding="utf-8")
        assert query in asked.form.values()
    if connector == "paged" and (size := distribution["paged"].get("size")):
        assert str(size) in asked.parameters.values()


def fragments() -> list[dict[str, Any]]:
    """What docs/add-a-source.md shows of distributions with a connector."""
    page = (SOURCES.parents[1] / "docs" / "add-a-source.md").read_text(encoding="utf-8")
    section = page.partition("## A registry behind an API")[2].partition("\n## ")[0]
    yaml, found = YAML(typ="safe", pure=True), []
    for block in re.findall(r"```yaml\n(.*?)```", section, re.DOTALL):
        alone = block.count("paged:") > 1  # alternatives, a line each
        found += [yaml.load(one.strip() if alone else one) for one in (block.splitlines() if alone else [block])]
    return found


def test_what_the_documentation_shows_holds() -> None:
    shown = [Distribution.model_validate({"url": "https://x.example", "format": "json", **one}) for one in fragments()]
    assert {name for one in shown for name in CONNECTORS if getattr(one, name)} == set(CONNECTORS)
    assert all(one.connector for one in shown)


def rows(path: Path, body: bytes, **card: Any) -> list[dict[str, Any]]:
    """The bytes, looked at and read as a harvest does."""
    distribution = Distribution.model_validate({"format": "json", "url": "https://example.org/", **card})
    path.write_bytes(body)
    check(path, "here", distribution.expects, "application/json", framed=True)
    return [one.values for one in read(path, distribution.layout) if isinstance(one, SourceRow)]


CURSOR = {"by": "cursor", "parameter": "curseur", "first": "*", "cursor": "header.curseurSuivant", "size": 3}
DETAIL = {"by": "page", "size": 2, "size_parameter": "page_size", "total": "meta.number_of_results"}
READ_BACK: dict[str, tuple[Answers, str, dict[str, Any], int, str]] = {
    "cursor": (
        sirene(7),
        "/siren",
        {"paged": {**CURSOR, "size_parameter": "nombre", "total": "header.total"}, "items": "unitesLegales.item"},
        7,
        "siren",
    ),
    "keyed by id": (
        communecter(40),
        "/api/organization/get/key/x",
        {"paged": {"by": "next", "next": "meta.next"}, "items": "entities.*"},
        40,
        "_key",
    ),
    "details": (
        murmurations(5, lambda n: f"/profiles/{n}.json"),
        "/v2/nodes",
        {"paged": {**DETAIL, "detail": "profile_url"}, "items": "data.item"},
        5,
        "detail.name",
    ),
    "export": (opendatasoft(places(30)), "", {"opendatasoft": {"dataset": "x"}, "format": "jsonl"}, 30, "id"),
    "records": (
        opendatasoft(places(130)),
        "",
        {"opendatasoft": {"dataset": "x", "export": "false", "order_by": "id"}, "format": "jsonl"},
        130,
        "id",
    ),
    "gogofull": (gogocarto(elements(4)), "", {"gogocarto": {}, "items": "data.item"}, 4, "geo.latitude"),
    "gogocompact": (
        gogocarto(elements(4)),
        "",
        {"gogocarto": {"ontology": "gogocompact"}, "items": "data.item", "fields": ["id", "name", "a", "b", "c"]},
        4,
        "id",
    ),
    "tiles": (
        gogocarto(elements(4)),
        "",
        {"gogocarto": {"bounds": [-3, 46, 3, 49.5], "tiles": 2}, "items": "data.item"},
        4,
        "id",
    ),
    "umap": (
        umap({"a": features(3), "b": features(2)}),
        "/fr/map/x_1234",
        {"umap": {}, "format": "geojson"},
        5,
        "geometry.longitude",
    ),
    "arcgis": (arcgis(7), LAYER, {"arcgis": {}, "format": "geojson"}, 7, "properties.name"),
    "sparql": (
        sparql(b"".join(b'<http://x.example/%d> <http://x.example/p> "x" .\n' % n for n in range(6))),
        "/sparql",
        {"sparql": {"query": "q"}, "format": "rdf", "syntax": "ntriples"},
        6,
        "http://x.example/p",
    ),
    "overpass": (
        overpass(3),
        "/api/interpreter",
        {"overpass": {"query": "q"}, "items": "elements.item"},
        3,
        "tags.name",
    ),
}


@pytest.mark.parametrize("name", READ_BACK)
def test_what_was_collected_is_read_by_what_the_card_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The whole way: fetched as a run does, kept as a snapshot, read."""
    service, path, card, number, column = READ_BACK[name]
    (tmp_path / "q").write_text("[out:json]; CONSTRUCT")
    monkeypatch.setenv("A_KEY", "secret")
    with registry(service) as server:
        distribution = Distribution.model_validate({"format": "json", "url": server.url + path, **card})
        assert distribution.url
        assert distribution.connector
        keys = {"X-INSEE-Api-Key-Integration": "A_KEY"}
        origin = Service(distribution.url, distribution.connector, distribution.items, tmp_path, keys)
        kept = fetch_distribution("s", "default", origin, tmp_path / "snapshots", HTTP, expect=distribution.expects)
    found = [one.values for one in read(kept.path, distribution.layout) if isinstance(one, SourceRow)]
    assert len(found) == number
    assert all(row[column] for row in found)


def test_a_single_answer_kept_in_a_mirror_reads_the_same_way(ask: Ask, tmp_path: Path) -> None:
    card = {"gogocarto": {}, "items": "data.item"}
    with registry(gogocarto(elements(4))) as server:
        _collected, body = ask(url=server.url, **card)
    mirrored = json.dumps({"licence": "x", "data": elements(4)}).encode()
    assert rows(tmp_path / "a", body, **card) == rows(tmp_path / "b", mirrored, **card)
