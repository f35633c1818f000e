"""ArcGIS: the features of a FeatureServer or MapServer layer, page by page, as GeoJSON.

`resultOffset` and `resultRecordCount` say which page, in the order of the layer's object id; a server gives no more
than its `maxRecordCount`, whatever is asked for. `exceededTransferLimit`, beside the features or in `properties`, says
that there is more (help page of the query operation; Esri/esri-leaflet#786, facebook/Rapid#404). Errors come with
status 200, as `{"error": {"code": …, "message": …, "details": […]}}`. Some servers say `exceededTransferLimit` on the
last page too (Esri/arcgis-python-api#2027). A layer that was edited while it was read is read once more from the start.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from pydantic import Field

from clirld.connect import answer
from clirld.connect.base import Client, Collected, Connector, Wanted
from clirld.connect.pages import Moved
from clirld.errors import FetchError

_AGAIN = "run the source again when the layer is not being edited; if it lasts, tell the registry"


class ArcGis(Connector):
    """The layer at the distribution's address (…/FeatureServer/0): `fields` of the features that fit `where`."""

    where: str = "1=1"
    fields: tuple[str, ...] = ("*",)
    size: int = Field(2000, ge=1)

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask for all features; their number is compared with the server's count."""
        start = out.tell()
        try:
            return self._all(wanted, client, out)
        except Moved:
            out.seek(start)
            out.truncate()
        try:
            return self._all(wanted, client, out)
        except Moved as again:
            raise again.error from None

    def _all(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        layer, _ = _told(client, answer.address(wanted.url, {"f": "json"}))
        query = answer.below(wanted.url, "query")
        counted = self._count(query, client)
        most = layer.get("maxRecordCount")
        size = min(self.size, most) if isinstance(most, int) and most > 0 else self.size
        if counted > size and not _pages(layer):
            raise _no_pages(counted, size, wanted.url)
        came, more, seen = 0, True, set[int]()
        while more:
            url = answer.address(query, self._parameters(layer, came, size))
            found, body = _told(client, url)
            features = list(answer.records(found, "features.item", url))
            out.write(body)
            out.write(b"\n")
            given = [one for feature in features if (one := _id(feature, layer)) is not None]
            # Where no id is given, it only shows when a whole page comes again.
            ids = {hash(str(one)) for one in given} or {hash(answer.fingerprint(features))}
            if ids & seen or len(ids) < len(given):
                raise _again_there(url)
            seen |= ids
            came += len(features)
            if came > counted:
                raise _differs(counted, came, url)
            more = bool(features) and (came < counted or _exceeded(found))
        if (again := self._count(query, client)) != counted:
            raise _changed(counted, again, query)
        if came != counted:
            raise _differs(counted, came, query)
        return Collected(records=counted)

    def _count(self, query: str, client: Client) -> int:
        url = answer.address(query, {"where": self.where, "returnCountOnly": "true", "f": "json"})
        count = _told(client, url)[0].get("count")
        if not isinstance(count, int) or isinstance(count, bool):
            raise answer.no_items("count", "", url)
        return count

    def _parameters(self, layer: dict[str, Any], came: int, size: int) -> dict[str, str]:
        parameters = {"where": self.where, "outFields": ",".join(self.fields), "outSR": "4326", "f": "geojson"}
        if not _pages(layer):
            return parameters
        if order := _object_id(layer):
            parameters["orderByFields"] = order
        return {**parameters, "resultOffset": str(came), "resultRecordCount": str(size)}


def _told(client: Client, url: str) -> tuple[dict[str, Any], bytes]:
    """The object that a server answers, and its bytes. Raises FetchError where it is an error."""
    reply = client.get(url)
    found = answer.document(reply)
    if not isinstance(found, dict):
        raise answer.no_json(url, reply.body)
    if "error" in found:
        details = answer.at(found, "error.details")
        words = [answer.said(found), *(str(one) for one in details if one)] if isinstance(details, list) else []
        raise answer.no_items("error", "; ".join(dict.fromkeys(words)) or answer.said(found), url)
    return found, reply.body


def _id(feature: Any, layer: dict[str, Any]) -> Any:
    """The object id of a feature, beside its properties or among them; None where it is not given."""
    properties = answer.at(feature, "properties")
    among = properties.get(_object_id(layer)) if isinstance(properties, dict) else None
    return among if among is not None else answer.at(feature, "id")


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


def _differs(counted: int, came: int, url: str) -> Moved:
    return Moved(FetchError(f"the server counts {counted} features, {came} came", where=url, do=_AGAIN))


def _changed(before: int, now: int, url: str) -> Moved:
    what = f"the number of features changed from {before} to {now} while they were read"
    return Moved(FetchError(what, where=url, do=_AGAIN))


def _again_there(url: str) -> Moved:
    return Moved(FetchError("features come more than once", where=url, do=_AGAIN))


def _no_pages(counted: int, size: int, url: str) -> FetchError:
    what = f"the server counts {counted} features, gives {size} at once, and has no pages"
    do = "divide the layer by where into several distributions, in source.yaml"
    return FetchError(what, where=url, do=do)
