"""The OpenAPI description (https://spec.openapis.org/oas/v3.1.0): made from the routes and what routes.yaml says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

import clirld
from clirld import yamlfile
from clirld.web.conditional import conditional, read_route
from clirld.web.local_links import is_of_a_release, within

PATH = "/openapi.json"
CATALOG_PATH = "/.well-known/api-catalog"
SERVICE_DESC = f'<{PATH}>; rel="service-desc"; type="application/json"'
"""The link to the description (RFC 8631)."""

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457; `do` says what to do about it.",
    "required": ["type", "title", "status", "detail", "do"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "do": {"type": "string"},
        "line": {"type": "integer"},
        "column": {"type": "integer"},
    },
}
_PROBLEM_TYPES = ("application/problem+json", "text/plain", "text/html")
_GONE = 410
_ALWAYS = (304, 400, 404, 406)
"""Statuses that any route may answer: known already, malformed, not there, not in that format."""


@dataclass(frozen=True)
class ApiDescription:
    """The routes of the description. `routes` gives those of the application, itself among them."""

    described: Callable[[], Iterable[BaseRoute]]
    host: Callable[[Request], str]

    @property
    def routes(self) -> list[Route]:
        """What the application serves of its own description."""
        return [read_route(PATH, self.openapi), read_route(CATALOG_PATH, self.api_catalog)]

    async def openapi(self, request: Request) -> Response:
        """The description of every route."""
        return conditional(request, JSONResponse(describe(self.described(), self.host(request))))

    async def api_catalog(self, request: Request) -> Response:
        """What describes the endpoint, for people and for programs: a linkset (RFC 9264)."""
        host = self.host(request)
        entry = {
            "anchor": f"{host}/sparql",
            "service-desc": [{"href": host + PATH, "type": "application/json"}],
            "service-doc": [{"href": f"{host}/", "type": "text/html"}],
            "service-meta": [{"href": f"{host}/sparql?format=ttl", "type": "text/turtle"}],
        }
        return conditional(request, JSONResponse({"linkset": [entry]}, media_type="application/linkset+json"))


def describe(routes: Iterable[BaseRoute], host: str) -> dict[str, Any]:
    """The description of an application's routes. Raises KeyError for one that routes.yaml does not tell of."""
    said = said_of_routes()
    paths: dict[str, Any] = {}
    for path in route_paths(routes):
        entry = said["routes"][path]
        paths[path] = _operations(entry, said["parameters"])
        if is_of_a_release(path):
            paths[within("/release/{id}", path)] = _operations(_within_release(entry), said["parameters"])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "clirld",
            "version": clirld.__version__,
            "description": "Linked open data of territorial cooperation: SPARQL, documents, files, read-only.",
            "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        },
        "servers": [{"url": host}],
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM}},
    }


def said_of_routes() -> Mapping[str, Any]:
    """What routes.yaml says."""
    return dict(yamlfile.shipped(__package__, "routes.yaml"))


def route_paths(routes: Iterable[BaseRoute]) -> list[str]:
    """The paths of the routes, as OpenAPI has them; files that pages are dressed with are none."""
    return [re.sub(r":\w+}", "}", route.path) for route in routes if isinstance(route, Route)]


def _within_release(entry: Mapping[str, Any]) -> dict[str, Any]:
    others = [name for name in entry["parameters"] if name not in ("release", "Accept-Datetime")]
    return {**entry, "summary": f"{entry['summary']}, of one release", "parameters": ["id", *others]}


def _operations(entry: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    own = {"path": {**parameters["path"], "example": entry["path"]}} if "path" in entry else {}
    given = [_parameter(name, own.get(name, parameters[name])) for name in entry.get("parameters", ())]
    read = {"summary": entry["summary"], "parameters": given, "responses": _responses(entry, given)}
    if not entry.get("posts"):
        return {"get": read}
    fields = {one["name"]: one["schema"] for one in given if one["in"] == "query"}
    is_query = entry["posts"] == "query"
    form = {"type": "object", "required": ["query"] if is_query else [], "properties": fields}
    content: dict[str, Any] = {"application/x-www-form-urlencoded": {"schema": form}}
    if is_query:
        content["application/sparql-query"] = {"schema": {"type": "string"}}
    posted = {
        "summary": entry["summary"],
        "parameters": [one for one in given if one["in"] != "query"],
        "requestBody": {"required": True, "content": content},
        "responses": {**_responses(entry, given), **{str(one): _problem(one) for one in (403, 408, 413, 415)}},
    }
    read["responses"] |= {str(one): _problem(one) for one in (403, 413)}
    return {"get": read, "post": posted}


def _parameter(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    schema = {"type": said.get("type", "string"), **{name: said[name] for name in ("enum", "pattern") if name in said}}
    found = {"name": said.get("name", name), "in": said["in"], "description": said["description"]}
    found |= {"schema": schema, "required": said["in"] == "path"}
    return {**found, **({"example": said["example"]} if "example" in said else {})}


def _responses(entry: Mapping[str, Any], parameters: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    given: dict[str, Any] = {media: {} for media in entry.get("gives", ())}
    responses: dict[str, Any] = {"200": {"description": "OK", "content": given}} if given else {}
    for status in entry.get("redirects", ()):
        responses[str(status)] = {"description": HTTPStatus(status).phrase}
    for status in (*_ALWAYS, *entry.get("also", ())):
        partial = {"description": HTTPStatus(status).phrase, "content": given}
        responses[str(status)] = partial if status < 400 else _problem(status)
    if any(one["name"] in ("id", "release") for one in parameters):
        # A thing that is gone is told of in its formats, a release in words.
        problem = _problem(_GONE)
        responses[str(_GONE)] = {**problem, "content": {**given, **problem["content"]}}
    responses["304"] = {"description": HTTPStatus(304).phrase}
    return responses


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {media: {"schema": schema} if media.endswith("json") else {} for media in _PROBLEM_TYPES}
    return {"description": HTTPStatus(status).phrase, "content": content}
