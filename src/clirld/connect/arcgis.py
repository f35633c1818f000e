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
from clirld.connect.base import Client, CollectRequest, CollectResult, Connector
from clirld.connect.pages import ListChanged
from clirld.errors import FetchError

_RETRY_ADVICE = "run the source again when the layer is not being edited; if it lasts, tell the registry"


class ArcGis(Connector):
    """The layer at the distribution's address (…/FeatureServer/0): `fields` of the features that fit `where`."""

    where: str = "1=1"
    fields: tuple[str, ...] = ("*",)
    size: int = Field(2000, ge=1)

    def collect(self, request: CollectRequest, client: Client, out: BinaryIO) -> CollectResult:
        """Ask for all features; their number is compared with the server's count."""
        start = out.tell()
        try:
            return self._collect_once(request, client, out)
        except ListChanged:
            out.seek(start)
            out.truncate()
        try:
            return self._collect_once(request, client, out)
        except ListChanged as again:
            raise again.error from None

    def _collect_once(self, request: CollectRequest, client: Client, out: BinaryIO) -> CollectResult:
        layer, _ = _get_object(client, answer.with_parameters(request.url, {"f": "json"}))
        query = answer.child_url(request.url, "query")
        total = self._count(query, client)
        limit = layer.get("maxRecordCount")
        size = min(self.size, limit) if isinstance(limit, int) and limit > 0 else self.size
        if total > size and not _supports_pagination(layer):
            raise _no_pagination(total, size, request.url)
        received, has_more, known_ids = 0, True, set[int]()
        while has_more:
            url = answer.with_parameters(query, self._parameters(layer, received, size))
            document, body = _get_object(client, url)
            features = list(answer.record_container(document, "features.item", url))
            out.write(body)
            out.write(b"\n")
            object_ids = [one for feature in features if (one := _feature_id(feature, layer)) is not None]
            # Where no id is given, it only shows when a whole page comes again.
            ids = {hash(str(one)) for one in object_ids} or {hash(answer.fingerprint(features))}
            if ids & known_ids or len(ids) < len(object_ids):
                raise _duplicate_features(url)
            known_ids |= ids
            received += len(features)
            if received > total:
                raise _count_mismatch(total, received, url)
            has_more = bool(features) and (received < total or _transfer_limit_exceeded(document))
        if (recount := self._count(query, client)) != total:
            raise _count_changed(total, recount, query)
        if received != total:
            raise _count_mismatch(total, received, query)
        return CollectResult(records=total)

    def _count(self, query: str, client: Client) -> int:
        url = answer.with_parameters(query, {"where": self.where, "returnCountOnly": "true", "f": "json"})
        count = _get_object(client, url)[0].get("count")
        # True is an int in Python, and no count.
        if not isinstance(count, int) or isinstance(count, bool):
            raise answer.missing_value_error("count", "", url)
        return count

    def _parameters(self, layer: dict[str, Any], offset: int, size: int) -> dict[str, str]:
        # 4326 is WGS 84: GeoJSON has no other coordinates (RFC 7946, 4), whatever the layer has.
        parameters = {"where": self.where, "outFields": ",".join(self.fields), "outSR": "4326", "f": "geojson"}
        if not _supports_pagination(layer):
            return parameters
        # Without an order, a server may give a feature on two pages and another on none.
        if order := _object_id_field(layer):
            parameters["orderByFields"] = order
        return {**parameters, "resultOffset": str(offset), "resultRecordCount": str(size)}


def _get_object(client: Client, url: str) -> tuple[dict[str, Any], bytes]:
    """The object that a server answers, and its bytes. Raises FetchError where it is an error."""
    reply = client.get(url)
    document = answer.parse_json(reply)
    if not isinstance(document, dict):
        raise answer.not_json_error(url, reply.body)
    if "error" in document:
        details = answer.value_at(document, "error.details")
        messages = (
            [answer.error_message(document), *(str(one) for one in details if one)] if isinstance(details, list) else []
        )
        raise answer.missing_value_error(
            "error", "; ".join(dict.fromkeys(messages)) or answer.error_message(document), url
        )
    return document, reply.body


def _feature_id(feature: Any, layer: dict[str, Any]) -> Any:
    """The object id of a feature, beside its properties or among them; None where it is not given."""
    properties = answer.value_at(feature, "properties")
    in_properties = properties.get(_object_id_field(layer)) if isinstance(properties, dict) else None
    return in_properties if in_properties is not None else answer.value_at(feature, "id")


def _supports_pagination(layer: dict[str, Any]) -> bool:
    return answer.value_at(layer, "advancedQueryCapabilities.supportsPagination") is True


def _object_id_field(layer: dict[str, Any]) -> str | None:
    """The field of the object id: named so in newer answers, to be found by its type in older ones."""
    named = layer.get("objectIdField")
    fields = layer.get("fields")
    typed = [one.get("name") for one in fields or () if isinstance(one, dict) and one.get("type") == "esriFieldTypeOID"]
    return next((str(one) for one in (named, *typed) if one), None)


def _transfer_limit_exceeded(document: Any) -> bool:
    return True in (
        answer.value_at(document, "exceededTransferLimit"),
        answer.value_at(document, "properties.exceededTransferLimit"),
    )


def _count_mismatch(total: int, received: int, url: str) -> ListChanged:
    return ListChanged(FetchError(f"the server counts {total} features, {received} came", where=url, do=_RETRY_ADVICE))


def _count_changed(before: int, now: int, url: str) -> ListChanged:
    what = f"the number of features changed from {before} to {now} while they were read"
    return ListChanged(FetchError(what, where=url, do=_RETRY_ADVICE))


def _duplicate_features(url: str) -> ListChanged:
    return ListChanged(FetchError("features come more than once", where=url, do=_RETRY_ADVICE))


def _no_pagination(total: int, size: int, url: str) -> FetchError:
    what = f"the server counts {total} features, gives {size} at once, and has no pages"
    do = "divide the layer by where into several distributions, in source.yaml"
    return FetchError(what, where=url, do=do)
