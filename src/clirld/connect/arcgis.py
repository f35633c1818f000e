"""ArcGIS: the features of a FeatureServer or MapServer layer, page by page, as GeoJSON.

`resultOffset` and `resultRecordCount` say which page, in the order of the layer's object id; a server gives no more
than its `maxRecordCount`, whatever is asked for. `exceededTransferLimit`, beside the features or in `properties`, says
that there is more (help page of the query operation; Esri/esri-leaflet#786, facebook/Rapid#404). Errors come with
status 200, as `{"error": {"code": …, "message": …}}`.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from pydantic import Field

from clirld.connect import answer
from clirld.connect.base import Client, Collected, Connector, Wanted
from clirld.errors import FetchError


class ArcGis(Connector):
    """The layer at the distribution's address (…/FeatureServer/0): `fields` of the features that fit `where`."""

    where: str = "1=1"
    fields: tuple[str, ...] = ("*",)
    size: int = Field(2000, ge=1)

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask for all features; their number is compared with the server's count."""
        layer = _told(client, answer.address(wanted.url, {"f": "json"}))
        query = answer.below(wanted.url, "query")
        counted = self._count(query, client)
        most = layer.get("maxRecordCount")
        size = min(self.size, most) if isinstance(most, int) and most > 0 else self.size
        if counted > size and not _pages(layer):
            raise _no_pages(counted, size, wanted.url)
        came, more, seen = 0, True, set[bytes]()
        while more:
            url = answer.address(query, self._parameters(layer, came, size, counted))
            reply = client.get(url)
            found = answer.document(reply)
            features = answer.records(found, "features.item", url)
            page = answer.fingerprint(list(features))
            out.write(reply.body)
            out.write(b"\n")
            came += len(features)
            more = bool(features) and (came < counted or _exceeded(found))
            if came > counted or (features and page in seen) or (_exceeded(found) and not features):
                raise _differs(counted, came, url)
            seen.add(page)
        again = self._count(query, client)
        if came != counted or again != counted:
            raise _differs(again, came, query)
        return Collected(records=counted)

    def _count(self, query: str, client: Client) -> int:
        url = answer.address(query, {"where": self.where, "returnCountOnly": "true", "f": "json"})
        count = _told(client, url).get("count")
        if not isinstance(count, int):
            raise answer.no_items("count", "", url)
        return count

    def _parameters(self, layer: dict[str, Any], came: int, size: int, counted: int) -> dict[str, str]:
        parameters = {"where": self.where, "outFields": ",".join(self.fields), "outSR": "4326", "f": "geojson"}
        if not _pages(layer):
            return parameters
        if order := _object_id(layer):
            parameters["orderByFields"] = order
        return {**parameters, "resultOffset": str(came), "resultRecordCount": str(size)}


def _told(client: Client, url: str) -> dict[str, Any]:
    """The object that a server answers. Raises FetchError where it is an error."""
    found = answer.document(client.get(url))
    if not isinstance(found, dict) or "error" in found:
        raise answer.no_items("the object", answer.said(found), url)
    return found


def _pages(layer: dict[str, Any]) -> bool:
    return answer.at(layer, "advancedQueryCapabilities.supportsPagination") is True


def _object_id(layer: dict[str, Any]) -> str | None:
    """The field of the object id: named so in newer answers, to be found by its type in older ones."""
    named = layer.get("objectIdField")
    fields = layer.get("fields")
    typed = [one.get("name") for one in fields or () if isinstance(one, dict) and one.get("type") == "esriFieldTypeOID"]
    return next((str(one) for one in (named, *typed) if one), None)


def _exceeded(found: Any) -> bool:
    return True in (answer.at(found, "exceededTransferLimit"), answer.at(found, "properties.exceededTransferLimit"))


def _differs(counted: int, came: int, url: str) -> FetchError:
    do = "run the source again when the layer is not being edited; if it lasts, tell the registry"
    return FetchError(f"the server counts {counted} features, {came} came", where=url, do=do)


def _no_pages(counted: int, size: int, url: str) -> FetchError:
    what = f"the server counts {counted} features, gives {size} at once, and has no pages"
    do = "divide the layer by where into several distributions, in source.yaml"
    return FetchError(what, where=url, do=do)
