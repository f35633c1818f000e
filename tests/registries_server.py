"""A local server that answers as the registries do: true paths, parameters, caps and layouts, invented records."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request that came. `form` is what was posted."""

    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str] = field(default_factory=dict)
    origin: str = ""

    def number(self, name: str, default: int) -> int:
        return int(self.parameters.get(name, default))


@dataclass(frozen=True)
class Given:
    """One answer."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


Service = Callable[[Asked], Given]


def given(found: Any, status: int = 200) -> Given:
    """An answer in JSON."""
    return Given(json.dumps(found, ensure_ascii=False).encode(), status)


class Registry(ThreadingHTTPServer):
    """Serves one service, and remembers what was asked. A service may be changed between two runs."""

    daemon_threads = True

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two packets: the second would wait 40 ms
    server: Registry

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, posted: bytes) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/robots.txt":  # politeness is tested with the client
            found = Given(b"", 404)
        else:
            asked = Asked(
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                dict(parse_qsl(posted.decode(), keep_blank_values=True)),
                self.server.url,
            )
            self.server.asked.append(asked)
            found = self.server.service(asked)
        self.close_connection = True
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(found.status)
            for name, value in {"Content-Length": str(len(found.body)), **found.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.body)

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


@contextmanager
def registry(service: Service) -> Iterator[Registry]:
    """A running server, stopped at the end."""
    server = Registry(service)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def changed(service: Service, change: Callable[[dict[str, Any], int], Any]) -> Service:
    """A service whose answers in JSON are changed; `change` takes the answer and the number of the request, from 1."""
    count = 0

    def changing(asked: Asked) -> Given:
        nonlocal count
        count += 1
        found = service(asked)
        document = json.loads(found.body)
        after = change(document, count)
        return after if isinstance(after, Given) else replace(found, body=json.dumps(document).encode())

    return changing


# Paged JSON --------------------------------------------------------------------------------------


def places(number: int, **more: Any) -> list[dict[str, Any]]:
    """Invented records."""
    return [{"id": f"P{n:03}", "name": f"Lieu {n}", **more} for n in range(1, number + 1)]


def sirene(number: int) -> Service:
    """API Sirene 3.11, /siren: `curseur` starts with *, and comes back as it was asked after the last page."""
    units = [{"siren": f"{n:09}", "statutDiffusionUniteLegale": "O"} for n in range(1, number + 1)]

    def answer(asked: Asked) -> Given:
        if asked.headers.get("x-insee-api-key-integration") != "secret":
            return given({"header": {"statut": 401, "message": "Unauthorized"}}, 401)
        cursor = asked.parameters["curseur"]
        start = 0 if cursor == "*" else int(cursor.removeprefix("AoE="))
        page = units[start : start + min(asked.number("nombre", 20), 1000)]
        after = f"AoE={start + len(page)}" if page else cursor
        header = {"statut": 200, "message": "OK", "total": number, "debut": 0, "nombre": len(page)}
        return given({"header": {**header, "curseur": cursor, "curseurSuivant": after}, "unitesLegales": page})

    return answer


def recherche_entreprises(companies: Sequence[Mapping[str, Any]], cap: int = 10_000) -> Service:
    """API Recherche d'entreprises, /search: `per_page` ≤ 25, page × per_page and the total stop at the cap."""

    def answer(asked: Asked) -> Given:
        size, page = asked.number("per_page", 10), asked.number("page", 1)
        if not 1 <= size <= 25:
            return given(
                {"erreur": "Veuillez indiquer un paramètre `per_page` entre `1` et `25`, par défaut `10`."}, 400
            )
        if size * page > cap:
            return given({"erreur": "Le nombre total de résultats est restreint à 10 000."}, 400)
        found = [
            one
            for one in companies
            if all(one.get(name) == asked.parameters.get(name, one.get(name)) for name in ("departement", "section"))
        ]
        total = min(len(found), cap)
        return given(
            {
                "results": found[(page - 1) * size : page * size],
                "total_results": total,
                "page": page,
                "per_page": size,
                "total_pages": -(-total // size),
            }
        )

    return answer


def tabular(number: int) -> Service:
    """data.gouv.fr's tabular API: `page_size` ≤ 200, `links.next` with http behind the proxy, `meta.total`."""
    rows = places(number)

    def answer(asked: Asked) -> Given:
        size, page = asked.number("page_size", 20), asked.number("page", 1)
        if size > 200:
            return given(
                {"errors": [{"title": "Invalid query string", "detail": "Page size exceeds allowed maximum: 200"}]}, 400
            )
        more = page * size < number
        link = f"{asked.origin}{asked.path}?page={page + 1}&page_size={size}" if more else None
        return given(
            {
                "data": [{"__id": n, **row} for n, row in enumerate(rows, start=1)][(page - 1) * size : page * size],
                "links": {"profile": f"{asked.origin}/profile/", "next": link, "prev": None},
                "meta": {"page": page, "page_size": size, "total": number},
            }
        )

    return answer


def murmurations(number: int, profile: Callable[[int], str]) -> Service:
    """The Murmurations index, /v2/nodes, and the profiles, which are on the sites of those they describe."""

    def answer(asked: Asked) -> Given:
        if asked.path.startswith("/profiles/"):
            return given(
                {"name": f"Organisation {asked.path[10:-5]}", "linked_schemas": ["organizations_schema-v1.0.0"]}
            )
        size, page = asked.number("page_size", 30), asked.number("page", 1)
        if size * page > 10_000:
            return given({"errors": [{"status": 400, "title": "Max Results Exceeded"}]}, 400)
        nodes = [{"profile_url": profile(n), "status": "posted", "country": "FR"} for n in range(1, number + 1)]
        links = {"self": f"{asked.origin}{asked.path}?page={page}"}
        if page * size < number:
            links["next"] = f"{asked.origin}{asked.path}?page={page + 1}&page_size={size}"
        meta = {"number_of_results": number, "total_pages": -(-number // size)}
        return given({"data": nodes[(page - 1) * size : page * size], "links": links, "meta": meta})

    return answer


def communecter(number: int) -> Service:
    """Communecter, /api/organization/get/key/<costum>: `entities` keyed by id, an empty list after the last."""

    def answer(asked: Asked) -> Given:
        size, start = asked.number("limit", 30), asked.number("indexMin", 0)
        page = places(number)[start : start + size]
        entities: Any = {f"5f{one['id']}": {"name": one["name"], "geo": {"latitude": "48.1"}} for one in page} or []
        link = f"{asked.origin}{asked.path}?limit={size}&indexMin={start + size}" if page else ""
        return given({"meta": {"limit": size, "next": link}, "entities": entities})

    return answer


def siae(number: int) -> Service:
    """Marché de l'inclusion, /api/siae: `limit`, `offset`, `count`, with a token."""

    def answer(asked: Asked) -> Given:
        if asked.headers.get("authorization") != "Bearer secret":
            return given({"detail": "Informations d'authentification non fournies."}, 401)
        size, start = min(asked.number("limit", 100), 100), asked.number("offset", 0)
        found = [{"siret": f"{n:014}", "kind": "EI"} for n in range(1, number + 1)]
        return given({"count": number, "next": None, "results": found[start : start + size]})

    return answer


# Opendatasoft ------------------------------------------------------------------------------------


def opendatasoft(records: Sequence[Mapping[str, Any]], *, exports: bool = True) -> Service:
    """Explore API v2.1 of a portal: `records` gives 100 a page and offset + limit ≤ 10,000, exports all of them.

    Of ODSQL it knows `field=value`, joined by and, in parentheses.
    """

    def fits(record: Mapping[str, Any], where: str) -> bool:
        pairs = [one.strip("() ").split("=") for one in where.split(" and ") if one]
        return all(str(record[name]) == value.strip('"') for name, value in pairs)

    def answer(asked: Asked) -> Given:
        found = [one for one in records if fits(one, asked.parameters.get("where", ""))]
        if "select" in asked.parameters:
            found = [{name: one[name] for name in asked.parameters["select"].split(",")} for one in found]
        if asked.path.endswith("/exports/jsonl"):
            if not exports:
                return given({"error_code": "ForbiddenError", "message": "Exports are not allowed."}, 403)
            body = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found)
            return Given(body.encode(), headers={"Content-Type": "application/json; charset=utf-8"})
        if not asked.path.startswith("/api/explore/v2.1/catalog/datasets/"):
            return given({"error_code": "NotFoundError"}, 404)
        limit, offset = asked.number("limit", 10), asked.number("offset", 0)
        if limit > 100 or limit + offset > 10_000:
            return given({"error_code": "InvalidRESTParameterError", "message": "Invalid value for limit"}, 400)
        return given({"total_count": len(found), "results": found[offset : offset + limit]})

    return answer


# Maps --------------------------------------------------------------------------------------------

ODBL = "https://opendatacommons.org/licenses/odbl/summary/"


def elements(number: int) -> list[dict[str, Any]]:
    """Invented elements, on a line from south-west to north-east."""
    return [
        {
            "id": f"{n}z",
            "name": f"Lieu {n}",
            "geo": {"latitude": 47.0 + n / 10, "longitude": -2.0 + n / 10},
            "address": {"addressLocality": "Exempleville"},
            "categories": ["Tiers-lieu"],
        }
        for n in range(number)
    ]


def gogocarto(found: Sequence[Mapping[str, Any]]) -> Service:
    """A GoGoCarto map: everything at once, or what is within `bounds`, in three layouts; and its categories."""

    def within(one: Mapping[str, Any], bounds: str) -> bool:
        west, south, east, north = map(float, bounds.split(","))
        return west <= one["geo"]["longitude"] <= east and south <= one["geo"]["latitude"] <= north

    def answer(asked: Asked) -> Given:
        bounds = asked.parameters.get("bounds")
        here = [one for one in found if bounds is None or within(one, bounds)]
        if asked.path == "/api/elements.jsonld":
            return given({"@context": "https://example.org/context.jsonld", "@graph": [{"@id": o["id"]} for o in here]})
        if asked.path == "/api/taxonomy.json":
            return given([{"id": 1, "name": "Catégories", "options": [{"id": 2, "name": "Tiers-lieu"}]}])
        if asked.path != "/api/elements.json":
            return Given(b"<!DOCTYPE html><title>404</title>", 404)
        ontology = asked.parameters.get("ontology", "gogofull")
        compact = [[one["id"], [one["name"]], one["geo"]["latitude"], one["geo"]["longitude"], []] for one in here]
        return given({"licence": ODBL, "ontology": ontology, "data": compact if ontology == "gogocompact" else here})

    return answer


def features(number: int, **more: Any) -> dict[str, Any]:
    """Invented points."""
    points = [
        {
            "type": "Feature",
            "id": n,
            "geometry": {"type": "Point", "coordinates": [-1.5, 47 + n / 100]},
            "properties": {"name": f"Lieu {n}"},
        }
        for n in range(1, number + 1)
    ]
    return {"type": "FeatureCollection", "features": points, **more}


def umap(layers: Mapping[str, dict[str, Any]], *, old: bool = False, **properties: Any) -> Service:
    """A uMap server with map 1234: its settings, its layers; `old` versions have numbers and shorter addresses."""
    ids = {str(900 + n) if old else f"a1b2c3d4-0000-4000-8000-{n:012}": name for n, name in enumerate(layers)}
    before = "/datalayer/" if old else "/fr/datalayer/1234/"
    urls = {"datalayer_view": "/datalayer/{pk}/" if old else "/fr/datalayer/{map_id}/{pk}/"}

    def answer(asked: Asked) -> Given:
        if asked.path == "/fr/map/1234/geojson/":
            known = [{"id": int(pk) if old else pk, "name": name} for pk, name in ids.items()]
            settings = {"name": "Carte", "urls": urls, "datalayers": known, "licences": LICENCES, **properties}
            return given({"type": "Feature", "properties": settings})
        pk = asked.path.removeprefix(before).strip("/")
        return given(layers[ids[pk]]) if pk in ids else Given(b"<h1>Not Found</h1>", 404)

    return answer


LICENCES = {"ODbL": {"name": "ODbL", "url": ODBL}, "No licence set": {"name": "No licence set", "url": ""}}
LAYER = "/ArcGIS/rest/services/TIERS_LIEUX/FeatureServer/0"


def arcgis(number: int, most: int = 3, *, pages: bool = True) -> Service:
    """A layer of an ArcGIS server that gives `most` features at once. Errors come with status 200."""
    points = features(number)["features"]

    def answer(asked: Asked) -> Given:
        if asked.path == LAYER:
            advanced = {"supportsPagination": pages}
            fields = [{"name": "OBJECTID", "type": "esriFieldTypeOID"}, {"name": "name", "type": "esriFieldTypeString"}]
            return given({"maxRecordCount": most, "advancedQueryCapabilities": advanced, "fields": fields})
        if asked.path != f"{LAYER}/query" or asked.parameters["where"] != "1=1":
            return given({"error": {"code": 400, "message": "Invalid URL", "details": ["Invalid URL"]}})
        if asked.parameters.get("returnCountOnly") == "true":
            return given({"count": number})
        start = asked.number("resultOffset", 0)
        end = start + min(asked.number("resultRecordCount", most), most)
        more = {"properties": {"exceededTransferLimit": True}} if end < number else {}
        return given({"type": "FeatureCollection", "features": points[start:end], **more})

    return answer


# Queries -----------------------------------------------------------------------------------------


def sparql(body: bytes) -> Service:
    """An endpoint that gives `body` to whatever is asked as it should be."""

    def answer(asked: Asked) -> Given:
        asks = "application/n-triples" in asked.headers.get("accept", "") and "CONSTRUCT" in asked.form.get("query", "")
        return Given(body, 200 if asks else 400, {"Content-Type": "application/n-triples;charset=utf-8"})

    return answer


def overpass(number: int, **more: Any) -> Service:
    """An interpreter of Overpass."""

    def answer(asked: Asked) -> Given:
        if "[out:json]" not in asked.form.get("data", ""):
            return Given(b'<?xml version="1.0"?><osm></osm>', headers={"Content-Type": "application/osm3s+xml"})
        found = [
            {"type": "node", "id": n, "lat": 47.1, "lon": -1.5, "tags": {"name": f"Lieu {n}"}} for n in range(number)
        ]
        about = {"version": 0.6, "generator": "Overpass API", "osm3s": {"copyright": "ODbL"}}
        return given({**about, "elements": found, **more})

    return answer
