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
from clirld.connect.base import Client, Collected, Connector, Wanted
from clirld.errors import FetchError

_MAP = re.compile(r"^(?P<before>/(?:[a-z]{2}(?:-[a-z]+)?/)?)(?:map/(?:[-\w]*_)?|m/)(?P<id>\d+)/?(?:geojson/?)?$")
_NOT_SET = ("no licence set", "no license set", "pas de licence définie")


class UMap(Connector):
    """The map whose page is the distribution's address; only `layers` of these names, or all."""

    layers: tuple[str, ...] = ()

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask for the page of the map, then for its layers."""
        settings, number = _settings(wanted.url)
        found = answer.document(client.get(settings))
        properties = answer.at(found, "properties")
        layers = answer.records(found, "properties.datalayers.item", settings)
        template = answer.at(properties, "urls.datalayer_view") or "/datalayer/{map_id}/{pk}/"
        for layer in self._chosen(list(layers), wanted.url):
            path = str(template).replace("{map_id}", number).replace("{pk}", _id(layer, settings))
            self._layer(urljoin(settings, path), layer, client, out)
        return Collected(license=_licence(properties))

    def _chosen(self, layers: list[Any], url: str) -> list[dict[str, Any]]:
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
        seen = answer.look(out, start, "features.item", url)
        remote = seen.texts.get("_umap_options.remoteData.url") or answer.at(layer, "remoteData.url")
        if remote and not seen.records:
            do = "name the other layers as layers in source.yaml, and make this one a distribution of its own"
            what = f"the layer {layer.get('name')} is only shown here, its data are at {remote}"
            raise FetchError(what, where=url, do=do)
        out.write(b"\n")


def _settings(url: str) -> tuple[str, str]:
    """The address of the map's settings, and its number, from that of its page."""
    found = _MAP.match(urlsplit(url).path)
    if not found:
        do = "give the address of the map's page as url in source.yaml, https://<server>/fr/map/<name>_<number>"
        raise FetchError("this is not the address of a map", where=url, do=do)
    before = "/fr/" if found["before"] == "/" else found["before"]
    return urljoin(url, f"{before}map/{found['id']}/geojson/"), found["id"]


def _id(layer: dict[str, Any], url: str) -> str:
    given = layer.get("id") or layer.get("uuid") or layer.get("pk")
    if not given:
        raise answer.no_items("properties.datalayers.item.id", "", url)
    return str(given)


def _licence(properties: Any) -> str | None:
    """The address of the licence that the author chose, or its name; None where none was chosen."""
    chosen = answer.at(properties, "licence")
    if isinstance(chosen, str):
        chosen = (answer.at(properties, "licences") or {}).get(chosen) or {"name": chosen}
    if not isinstance(chosen, dict) or str(chosen.get("name") or "").strip().lower() in _NOT_SET:
        return None
    return str(chosen.get("url") or chosen.get("name") or "") or None
