"""One release says one id, one version and one date, wherever: files, dumps, headers, pages, RDF, citations."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from pyoxigraph import RdfFormat, parse
from typer.testing import CliRunner

from clirld.cli import app
from clirld.release import history, published
from clirld.release.make import make_release
from clirld.settings import BASE
from tests.followed import followed, row
from tests.web.served import serve_settings, serving
from tests.web.test_pages import BROWSER

NOW = datetime(2031, 5, 6, 10, 15, 30, 987654, tzinfo=UTC)
WHOLE = f"{BASE}id/dataset/clirld"
VERSION = f"SELECT ?v {{ <{WHOLE}> <http://www.w3.org/ns/dcat#version> ?v }}"
OF_A_RELEASE = (
    "/", "/sparql?query=ASK%7B%7D", "/doc/dataset/clirld", "/doc/dataset/clirld.html", "/doc/graph/lieux.csv",
    "/catalog", "/catalog.jsonld", "/release/", "/release/manifest.json", "/release/dump/clirld-open.nq.gz", "/issues",
    "/issues/lieux", "/sitemap.xml", "/sitemap/graph-1.xml",
)  # fmt: skip
PAGES = ("/", "/sparql?query=ASK%7B%7D&format=html", "/doc/dataset/clirld.html", "/catalog", "/release/", "/issues")


@dataclass(frozen=True)
class Served:
    site: str
    data: Path

    def get(self, path: str, **headers: str) -> requests.Response:
        answer = requests.get(self.site + path, headers=headers, timeout=20)
        assert answer.status_code == 200, path
        return answer

    def file(self, path: str) -> bytes:
        return (self.data / "current" / path).read_bytes()

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(json.loads(self.file("manifest.json")))

    def csl(self) -> dict[str, Any]:
        return dict(self.get("/sparql?query=ASK%7B%7D&format=csl").json()[0])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A release that was made, not the first of its second, and is served."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        source = followed(tmp_path_factory.mktemp("versions"), monkeypatch)
        source.run([row(1), row(2)], "2026-01-01")
        first, _ = make_release(source.project, now=NOW)
        second, _ = make_release(source.project, now=NOW, force=True)
        assert first.id != second.id
        with serving(source.settings.data, serve_settings()) as site:
            yield Served(site, source.settings.data)


def said(content: bytes, format_: RdfFormat, subject: str, name: str) -> str:
    """The one value of a property, by the end of its IRI."""
    quads = [quad for quad in parse(content, format=format_) if str(quad.subject) == f"<{subject}>"]
    (value,) = {quad.object.value for quad in quads if re.split("[#/]", quad.predicate.value)[-1] == name}  # type: ignore[union-attr]
    return str(value)


Reader = Callable[[Served], object]
VERSIONS: dict[str, Reader] = {
    "manifest": lambda one: one.manifest["version"],
    "manifest over HTTP": lambda one: one.get("/release/", accept="application/json").json()["version"],
    "README": lambda one: one.file("README.md").decode().split("\n")[0].removeprefix("# clirld "),
    "catalogue, file": lambda one: said(one.file("catalog.ttl"), RdfFormat.TURTLE, WHOLE, "version"),
    "catalogue, Turtle": lambda one: said(one.get("/catalog.ttl").content, RdfFormat.TURTLE, WHOLE, "version"),
    "catalogue, JSON-LD": lambda one: said(one.get("/catalog.jsonld").content, RdfFormat.JSON_LD, WHOLE, "version"),
    "document": lambda one: said(one.get("/doc/dataset/clirld.nt").content, RdfFormat.N_TRIPLES, WHOLE, "version"),
    "store": lambda one: one.get(f"/sparql?format=csv&query={requests.utils.quote(VERSION)}").text.split()[1],
    "dump of the catalogue": lambda one: said(
        gzip.decompress(one.file("dump/catalog.nq.gz")), RdfFormat.N_QUADS, WHOLE, "version"
    ),
    "dump of all": lambda one: said(
        gzip.decompress(one.get("/release/dump/clirld-open.nq.gz").content), RdfFormat.N_QUADS, WHOLE, "version"
    ),
    "citation": lambda one: one.csl()["custom"]["version"],
    "page": lambda one: re.findall(one.manifest["version"], one.get("/doc/dataset/clirld.html", **BROWSER).text)[0],
}
IDS: dict[str, Reader] = {
    "folder": lambda one: (one.data / "current").resolve().name,
    "manifest": lambda one: one.manifest["id"],
    "last of the list": lambda one: history.releases(one.data)[-1].id,
    "current of the command": lambda one: getattr(published.current(one.data), "id", None),
    "clirld releases": lambda one: next(
        release["id"] for release in json.loads(releases(one.data))["releases"] if release["current"]
    ),
    "readiness": lambda one: one.get("/readyz").json()["release"],
    "service description": lambda one: re.findall(
        'identifier "([^"]+)"', one.get("/sparql?format=ttl").text
    )[0],
    "catalogue": lambda one: said(one.file("catalog.ttl"), RdfFormat.TURTLE, WHOLE, "hasCurrentVersion").split("/")[-2],
    "citation": lambda one: one.csl()["version"],
    "citation's address": lambda one: one.csl()["URL"].split("/release/")[1].split("/")[0],
    "list of states": lambda one: one.get("/timemap/release/").text.split("/release/")[-1].split("/")[0],
    **{f"header of {path}": lambda one, path=path: one.get(path).headers["clirld-release"] for path in OF_A_RELEASE},
    **{f"foot of {path}": lambda one, path=path: foot(one.get(path, **BROWSER).text) for path in PAGES},
}  # fmt: skip
DATES: dict[str, Reader] = {
    "manifest": lambda one: one.manifest["created"],
    "name": lambda one: datetime.strptime(one.manifest["id"][:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).isoformat(),
    "list": lambda one: history.releases(one.data)[-1].created.isoformat(),
    "catalogue": lambda one: said(one.file("catalog.ttl"), RdfFormat.TURTLE, WHOLE, "issued"),
    "catalogue over HTTP": lambda one: said(one.get("/catalog.nt").content, RdfFormat.N_TRIPLES, WHOLE, "issued"),
    "document": lambda one: said(
        one.get("/doc/dataset/clirld.nt").content, RdfFormat.N_TRIPLES, f"{one.site}/doc/dataset/clirld", "modified"
    ),
    "home page": lambda one: re.findall('<time datetime="([^"]+)"', one.get("/", **BROWSER).text)[0],
    "page of a release": lambda one: re.findall(
        '<time datetime="([^"]+)"', one.get(f"/release/{one.manifest['id']}/", **BROWSER).text
    )[0],
    "citation": lambda one: one.csl()["custom"]["created"],
    "state": lambda one: http_date(one.get(f"/release/{one.manifest['id']}/catalog").headers["memento-datetime"]),
    "list of states": lambda one: http_date(
        re.findall('datetime="([^"]+)"', one.get("/timemap/catalog").text)[-1]
    ),
    **{
        f"header of {path}": lambda one, path=path: http_date(one.get(path).headers["last-modified"])
        for path in OF_A_RELEASE
    },
}  # fmt: skip
DAYS: dict[str, Reader] = {
    "sitemap": lambda one: re.findall("<lastmod>([^<]+)<", one.get("/sitemap.xml").text)[0],
    "citation": lambda one: "-".join(f"{part:02}" for part in one.csl()["issued"]["date-parts"][0]),
}


def foot(page: str) -> str:
    """The release that the foot of a page names."""
    return re.findall("<code>([^<]+)</code>", page.partition('<footer class="foot">')[2])[0]


def http_date(text: str) -> str:
    return parsedate_to_datetime(text).isoformat()


def releases(data: Path) -> str:
    return CliRunner().invoke(app.app, ["releases", "--json", "--data", str(data)], catch_exceptions=False).stdout


@pytest.mark.parametrize(
    ("what", "where"),
    [
        *(("version", where) for where in VERSIONS),
        *(("id", where) for where in IDS),
        *(("date", where) for where in DATES),
        *(("day", where) for where in DAYS),
    ],
)
def test_all_say_the_same(served: Served, what: str, where: str) -> None:
    version = served.manifest["version"]
    expected = {
        "version": version,
        "id": f"20310506T101531Z-{version[:8]}",
        "date": "2031-05-06T10:15:31+00:00",
        "day": "2031-05-06",
    }[what]
    readers = {"version": VERSIONS, "id": IDS, "date": DATES, "day": DAYS}[what]
    assert readers[where](served) == expected


def test_no_dump_has_a_clock(served: Served) -> None:
    for path in (served.data / "current" / "dump").glob("*.nq.gz"):
        assert b"2031-05-06" not in gzip.decompress(path.read_bytes()), path.name
