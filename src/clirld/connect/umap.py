"""uMap: the layers of a map, each a GeoJSON FeatureCollection.

What the page of a map is made from is JSON too, at `/<language>/map/<id>/geojson/`: `properties.datalayers` are its
layers, `properties.urls.datalayer_view` how the server makes their addresses (`/datalayer/{pk}/` in older versions,
`/datalayer/{map_id}/{pk}/` since), `properties.licence` the licence that the author chose, its name, or name and url;
`properties.licences` those that may be chosen. Read in umap-project/umap: umap/urls.py and umap/views.py.
"""

from __future__ import annotations

import re
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

from clirld.connect import answer
from clirld.connect.base import Client, CollectRequest, CollectResult, Connector
from clirld.errors import FetchError

_MAP_PATH = re.compile(r"^(?P<before>/(?:[a-z]{2}(?:-[a-z]+)?/)?)(?:map/(?:[-\w]*_)?|m/)(?P<id>\d+)/?(?:geojson/?)?$")
_NO_LICENCE = ("no licence set", "no license set", "pas de licence définie")


class UMap(Connector):
    """The map whose page is the distribution's address; only `layers` of these names, or all."""

    layers: tuple[str, ...] = ()

    def collect(self, request: CollectRequest, client: Client, out: BinaryIO) -> CollectResult:
        """Ask for the page of the map, then for its layers."""
        settings, map_id = _settings_url(request.url)
        document = answer.parse_json(client.get(settings))
        properties = answer.value_at(document, "properties")
        layers = answer.record_container(document, "properties.datalayers.item", settings)
        template = answer.value_at(properties, "urls.datalayer_view") or "/datalayer/{map_id}/{pk}/"
        for layer in self._select(list(layers), request.url):
            path = str(template).replace("{map_id}", map_id).replace("{pk}", _layer_id(layer, settings))
            self._layer(urljoin(settings, path), layer, client, out)
        return CollectResult(license=_licence(properties))

    def _select(self, layers: list[Any], url: str) -> list[dict[str, Any]]:
        """The layers that are wanted, in the map's order. Raises FetchError where one is not there."""
        objects = [one for one in layers if isinstance(one, dict)]
        names = [str(one.get("name") or "") for one in objects]
        if missing := [one for one in self.layers if one not in names]:
            do = f"correct layers in source.yaml; there are: {', '.join(names)}"
            raise FetchError(f"the map has no layer {missing[0]}", where=url, do=do)
        chosen = [one for one, name in zip(objects, names, strict=True) if not self.layers or name in self.layers]
        if not chosen:
            do = "open the map in a browser; if its author took the layers out, ask the author"
            raise FetchError("the map has no layer", where=url, do=do)
        return chosen

    def _layer(self, url: str, layer: dict[str, Any], client: Client, out: BinaryIO) -> None:
        start = out.tell()
        client.save(url, out)
        scanned = answer.scan(out, start, "features.item", url)
        remote = scanned.texts.get("_umap_options.remoteData.url") or answer.value_at(layer, "remoteData.url")
        if remote and not scanned.records:
            do = "name the other layers as layers in source.yaml, and make this one a distribution of its own"
            what = f"the layer {layer.get('name')} is only shown here, its data are at {remote}"
            raise FetchError(what, where=url, do=do)
        out.write(b"\n")


def _settings_url(url: str) -> tuple[str, str]:
    """The address of the map's settings, and its number, from that of its page."""
    match = _MAP_PATH.match(urlsplit(url).path)
    if not match:
        do = "give the address of the map's page as url in source.yaml, https://<server>/fr/map/<name>_<number>"
        raise FetchError("this is not the address of a map", where=url, do=do)
    prefix = "/fr/" if match["before"] == "/" else match["before"]
    return urljoin(url, f"{prefix}map/{match['id']}/geojson/"), match["id"]


def _layer_id(layer: dict[str, Any], url: str) -> str:
    identifier = layer.get("id") or layer.get("uuid") or layer.get("pk")
    if not identifier:
        raise answer.missing_value_error("properties.datalayers.item.id", "", url)
    return str(identifier)


def _licence(properties: Any) -> str | None:
    """The address of the licence that the author chose, or its name; None where none was chosen."""
    chosen = answer.value_at(properties, "licence")
    if isinstance(chosen, str):
        chosen = (answer.value_at(properties, "licences") or {}).get(chosen) or {"name": chosen}
    if not isinstance(chosen, dict) or str(chosen.get("name") or "").strip().lower() in _NO_LICENCE:
        return None
    return str(chosen.get("url") or chosen.get("name") or "") or None
