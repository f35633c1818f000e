"""Places and contours as GeoJSON (RFC 7946), in the answers of OGC API – Features 1.0 (OGC 17-069r4, 7.15.6).

Each feature names its source and its licence: an answer mixes the licence groups of the release.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from clirld.settings import BASE
from clirld.web.local_links import document_path
from clirld.web.maps.places import Contour, Place

MEDIA_TYPE = "application/geo+json"


def of_places(places: Sequence[Place], matched: int, release: str, links: Sequence[Mapping[str, str]]) -> bytes:
    """A collection of places; `matched` says how many there are in all."""
    head = {
        "type": "FeatureCollection",
        "numberMatched": matched,
        "numberReturned": len(places),
        "release": release,
        "links": list(links),
    }
    return _collection(head, [json.dumps(_place(one), ensure_ascii=False, separators=(",", ":")) for one in places])


def _place(place: Place) -> dict[str, Any]:
    at = None if place.longitude is None else {"type": "Point", "coordinates": [place.longitude, place.latitude]}
    properties = {
        "name": place.name,
        "kind": place.kinds,
        "precision": place.precision or None,
        "territory": place.territory_name,
        "source": place.source,
        "license": place.license,
        "page": document_path(place.iri),
    }
    return {
        "type": "Feature",
        "id": place.iri,
        "geometry": at,
        "properties": {name: value for name, value in properties.items() if value},
    }


def of_contours(contours: Sequence[Contour], release: str) -> bytes:
    """A collection of contours, whose geometries are told as they stand."""
    features = []
    for one in contours:
        iri = f"{BASE}id/territory/{one.territory}"
        said = {"type": "Feature", "id": iri, "bbox": one.window, "properties": {"name": one.name}}
        told = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        features.append(f'{told[:-1]},"geometry":{one.geometry}}}')
    return _collection({"type": "FeatureCollection", "numberReturned": len(features), "release": release}, features)


def _collection(head: Mapping[str, Any], features: Sequence[str]) -> bytes:
    told = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    return f'{told[:-1]},"features":[{",".join(features)}]}}\n'.encode()
