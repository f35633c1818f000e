"""What holds for every route: its methods and what OPTIONS says of them, CORS, validators, conditional requests."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from starlette.routing import Route

from clirld.web.app import create_app
from clirld.web.documentation.routes import is_built
from tests.web.served import serve_settings

EXAMPLES = {
    "/": ["/", "/?lang=en"],
    "/sparql": ["/sparql?query=ASK%7B%7D"],
    "/sparql/": ["/sparql/?query=ASK%7B%7D&format=xml"],
    "/id/{path:path}": ["/id/initiative/atelier"],
    "/graph/{path:path}": ["/graph/lieux"],
    "/doc/{path:path}": [
        *(f"/doc/initiative/atelier.{name}" for name in ("html", "ttl", "jsonld", "nt", "nq", "trig", "csv")),
        "/doc/graph/lieux",
        "/doc/territory/commune-1?link=clir:seatedIn&page=2&format=html",
    ],
    "/doc/process/{key}/sheet": ["/doc/process/essayer/sheet"],
    "/context.jsonld": ["/context.jsonld"],
    "/release/": ["/release/", "/release/?format=html"],
    "/release/{path:path}": ["/release/dump/lieux.nq", "/release/catalog.ttl"],
    "/timemap/{path:path}": [
        "/timemap/release/",
        "/timemap/doc/initiative/atelier.ttl",
        "/timemap/sparql?query=ASK%7B%7D",
    ],
    "/catalog": ["/catalog", "/catalog?format=html"],
    "/catalog.{suffix}": ["/catalog.jsonld", "/catalog.nt"],
    "/.well-known/void": ["/.well-known/void"],
    "/sitemap.xml": ["/sitemap.xml"],
    "/sitemap/{table}-{number:int}.xml": ["/sitemap/graph-1.xml"],
    "/robots.txt": ["/robots.txt"],
    "/ontology": ["/ontology"],
    "/ontology/{lang}/index.html": ["/ontology/fr/index.html"],
    "/concept/{scheme}": ["/concept/phase"],
    "/concept/{scheme}/{slug}": ["/concept/phase/observation"],
    "/contribute/case.md": ["/contribute/case.md"],
    "/contribute/case.xlsx": ["/contribute/case.xlsx"],
    "/contribute": ["/contribute", "/contribute?about=initiative/atelier"],
    "/search": ["/search?q=atelier", "/search?q=atelier&format=csv", "/search?format=html"],
    "/table": ["/table", "/table?lang=en"],
    "/aide": ["/aide"],
    "/help": ["/help"],
    # Where it was built, it is answered by what serves files.
    "/docs": [] if is_built() else ["/docs"],
    "/docs/{path:path}": [] if is_built() else ["/docs/", "/docs/fr"],
    "/reconcile": ["/reconcile", "/reconcile?callback=jsonp1"],
    "/reconcile/{lang}": [
        "/reconcile/fr",
        "/reconcile/en?queries=%7B%22q0%22%3A%7B%22query%22%3A%22atelier%22%7D%7D",
        "/reconcile/fr?extend=%7B%22ids%22%3A%5B%22initiative%2Fatelier%22%5D%2C%22properties%22%3A%5B%7B%22id%22%3A%22name%22%7D%5D%7D",
    ],
    "/reconcile/{lang}/suggest/{kind}": [
        f"/reconcile/fr/suggest/{kind}?prefix=a" for kind in ("entity", "property", "type")
    ],
    "/reconcile/{lang}/flyout/{kind}": [
        "/reconcile/fr/flyout/entity?id=initiative/atelier",
        "/reconcile/en/flyout/type?id=territory",
    ],
    "/reconcile/{lang}/properties": ["/reconcile/fr/properties?type=initiative&limit=3"],
    "/reconcile/{lang}/preview": ["/reconcile/fr/preview?id=initiative/atelier"],
    "/reconcile/{lang}/view": ["/reconcile/fr/view?id=initiative%2Fatelier"],
    "/reuse": ["/reuse?format=html", "/reuse?format=html&lang=en"],
    "/reuse/missing": ["/reuse/missing", "/reuse/missing?format=html"],
    "/compare": [
        *(f"/compare?a=initiative/atelier&b=initiative/a.ttl&format={name}" for name in ("json", "csv", "html")),
        "/compare?format=html",
    ],
    "/map": ["/map", "/map?lang=en&kind=third-place&bbox=5,46,6,47", "/map?place=none"],
    "/map.svg": ["/map.svg", "/map.svg?departement=08&width=400&theme=dark&bare=1"],
    "/map/initiatives.geojson": ["/map/initiatives.geojson", "/map/initiatives.geojson?epci=200000001&limit=1"],
    "/map/initiatives.csv": ["/map/initiatives.csv", "/map/initiatives.csv?departement=08&lang=en"],
    "/map/contours/{level}.geojson": ["/map/contours/departement.geojson", "/map/contours/epci.geojson?bbox=5,46,6,47"],
    "/figure/": ["/figure/"],
    "/figure/{figure}": ["/figure/recognitions-by-year", "/figure/network?thing=initiative/atelier&lang=en"],
    "/figure/{figure}.{kind}": [
        "/figure/initiatives-by-density.svg",
        "/figure/initiatives-by-density.csv?kind=third-place",
        "/figure/network.html?thing=organization/ville",
    ],
    "/issues": ["/issues"],
    "/quality": ["/quality"],
    "/quality/{source}": ["/quality/lieux"],
    "/queries/registered": ["/queries/registered"],
    "/grade": ["/grade"],
    "/issues/{source}": ["/issues/lieux"],
    "/changes": ["/changes", "/changes?format=html"],
    "/changes.json": ["/changes.json"],
    "/changes.atom": ["/changes.atom"],
    "/feed/{stream}/{file}": ["/feed/lieux/index.trig", "/feed/lieux/20261124T101530Z-3f9a1c2b-00001.trig"],
    "/openapi.json": ["/openapi.json"],
    "/.well-known/api-catalog": ["/.well-known/api-catalog"],
    "/healthz": ["/healthz"],
    "/readyz": ["/readyz"],
}
"""Path of a route → addresses that it answers."""

ADDRESSES = [address for addresses in EXAMPLES.values() for address in addresses]
POSTED = ("/sparql", "/sparql/", "/reconcile", "/reconcile/fr", "/reconcile/en")
REDIRECTS = ("/aide", "/help", "/reconcile/fr/view", "/id/", "/graph/", "/.well-known/void")
NOT_DATA = (*REDIRECTS, "/healthz", "/readyz")
NOT_OF_A_RELEASE = (
    "/ontology",
    "/concept/",
    "/context.jsonld",
    "/robots.txt",
    "/sparql",
    "/timemap/",
    "/openapi.json",
    "/.well-known/",
)


def ask(site: str, method: str, address: str, **headers: str) -> requests.Response:
    return requests.request(method, site + address, headers=headers, timeout=60, allow_redirects=False)


def test_every_route_is_tried(tmp_path: Path) -> None:
    routes = create_app(tmp_path, settings=serve_settings()).routes
    assert [route.path for route in routes if isinstance(route, Route) and route.path not in EXAMPLES] == []
    assert {route.path for route in routes if isinstance(route, Route)} == EXAMPLES.keys()


@pytest.mark.parametrize("address", ADDRESSES)
def test_methods_are_those_that_it_says(documents: str, address: str) -> None:
    asked = ask(documents, "OPTIONS", address)
    assert (asked.status_code, asked.content) == (204, b"")
    allowed = asked.headers["allow"].split(", ")
    assert ("POST" in allowed) == (urlsplit(address).path in POSTED)
    assert asked.headers["access-control-allow-methods"] == asked.headers["allow"]
    assert "If-None-Match" in asked.headers["access-control-allow-headers"]
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        answer = ask(documents, method, address)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert (answer.status_code == 405) == (method not in allowed), method
        if answer.status_code == 405:
            assert sorted(answer.headers["allow"].split(", ")) == sorted(allowed)
            assert answer.headers["allow"] in answer.text


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_is_get_without_its_body(documents: str, address: str) -> None:
    get, head = ask(documents, "GET", address), ask(documents, "HEAD", address)
    assert get.status_code == head.status_code == (303 if address.startswith(REDIRECTS) else 200)
    assert head.content == b""
    for name in ("content-type", "etag", "last-modified", "vary", "link", "content-location", "location"):
        assert head.headers.get(name) == get.headers.get(name), name


@pytest.mark.parametrize("address", [one for one in ADDRESSES if not one.startswith(NOT_DATA)])
def test_what_is_known_is_not_sent_again(documents: str, address: str) -> None:
    first = ask(documents, "GET", address)
    known = ask(documents, "GET", address, **{"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == first.headers["etag"]
    assert known.headers.get("vary") == first.headers.get("vary")
    assert ask(documents, "GET", address, **{"If-None-Match": '"other"'}).content == first.content
    if address.startswith(NOT_OF_A_RELEASE):
        return
    modified = first.headers["last-modified"]
    assert modified == "Tue, 24 Nov 2026 10:15:30 GMT"
    assert ask(documents, "GET", address, **{"If-Modified-Since": modified}).status_code == 304
    for since in ("Tue, 24 Nov 2026 10:15:29 GMT", "yesterday", "", "Tue, 99 Foo 2026 10:15:30 GMT"):
        assert ask(documents, "GET", address, **{"If-Modified-Since": since}).status_code == 200, since
    # The tag decides where there is one.
    both = {"If-None-Match": '"other"', "If-Modified-Since": modified}
    assert ask(documents, "GET", address, **both).status_code == 200


STRANGE = [
    "",
    "%00",
    "%",
    "..%2F..%2Fmanifest.json",
    "a" * 300,
    "%C3%A9",
    "-1",
    "9" * 30,
    "nan",
    "%22",
    "%EF%BF%BF",
    "fr",
]


@pytest.mark.parametrize("path", EXAMPLES)
def test_what_no_address_has_is_refused_in_words(documents: str, path: str) -> None:
    """Whatever stands in an address or in its parameters: what is answered is never a failure of the server."""
    for value in STRANGE:
        there = re.sub(r"\{[^}]*\}", value, path)
        parameters = [f"{name}={value}" for name in ("format", "lang", "page", "limit", "q", "link", "release")]
        for address in (there, f"{there}?{'&'.join(parameters[:-1])}", f"{there}?{parameters[-1]}"):
            answer = ask(documents, "GET", address)
            assert answer.status_code < 500, address


NEGOTIATED = ("/", "/doc/initiative/atelier", "/id/initiative/atelier", "/catalog", "/release/", "/ontology", "/issues")


@pytest.mark.parametrize("address", NEGOTIATED)
def test_what_depends_on_who_asks_says_so(documents: str, address: str) -> None:
    dated = ", Accept-Datetime, Clirld-Release" if address not in ("/", "/ontology") else ""
    assert ask(documents, "GET", address).headers["vary"] == f"Accept, Accept-Language{dated}"
