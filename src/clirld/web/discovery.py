"""What tells people and programs what there is: `/release/`, `/catalog`, `/.well-known/void`, the sitemap, robots.txt.

in: the release; out: its files as a page, its catalogue as a page or RDF, the addresses of its documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl
from anyio import to_thread
from pyoxigraph import RdfFormat, parse, serialize
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from clirld.query.failure import Failure
from clirld.query.formats import GRAPH_FORMATS, HTML, PREFIXES
from clirld.query.worker_pool import ServeSettings
from clirld.release import licensing
from clirld.settings import BASE
from clirld.web import pages, protocol
from clirld.web.citable.choice import Releases, address, release_of
from clirld.web.conditional import conditional, read_route
from clirld.web.local_links import document_path
from clirld.web.release import ServedRelease

CATALOG_TYPES = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "html": HTML,
}
LISTING_TYPES = {"json": "application/json", "html": HTML}
ON_A_SITEMAP = 40_000
"""Addresses in one sitemap; the protocol allows 50,000 (https://www.sitemaps.org/protocol.html)."""

_TABLES = ("initiative", "organization", "territory", "programme", "process")
"""Tables whose rows have pages that one looks for. Their IRIs have the same name after `id/`."""
_SHEETS = ("initiative", "organization", "territory")


@dataclass(frozen=True)
class DiscoveryPages:
    """The routes of a release that lead to all others."""

    releases: Releases
    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]
    host: Callable[[Request], str]

    @property
    def routes(self) -> list[Route]:
        """What the application serves to be found by."""
        return [
            read_route("/release/", self.files),
            read_route("/catalog", self.catalog),
            read_route("/catalog.{suffix}", self.catalog),
            read_route("/.well-known/void", self.void),
            read_route("/sitemap.xml", self.sitemap_index),
            read_route("/sitemap/{table}-{number:int}.xml", self.sitemap),
            read_route("/robots.txt", self.robots),
        ]

    async def files(self, request: Request) -> Response:
        """The files of the release: a page, or the manifest, which has them with their checksums."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        media = protocol.offered_media_type(request, LISTING_TYPES)
        if isinstance(media, Failure):
            return self.failure_response(request, media)
        vary = {"vary": "Accept, Accept-Language"}
        if media != HTML:
            file = release.file("manifest.json")
            body = await to_thread.run_sync(file.read_bytes) if file else b"{}\n"
            return conditional(request, Response(body, media_type=media, headers=vary), release)
        host = self.host(request)
        files = await to_thread.run_sync(self._given, release)
        kept = await to_thread.run_sync(self.releases.kept)
        sheets = await to_thread.run_sync(_sheets, release, files)
        context = {"release": release, "groups": _grouped(files), "sheets": sheets, "kept": kept[::-1], "base": BASE}
        page = pages.render(request, "files.html", self.settings, **context)
        catalog = address(request, "/catalog.ttl")
        page.headers["link"] = f'<{BASE}id/dataset/clirld>; rel="cite-as", <{host}{catalog}>; rel="describedby"'
        return conditional(request, page, release)

    def _given(self, release: ServedRelease) -> list[tuple[str, int]]:
        """Path and size of the files that are given."""
        return [one for one in release.files() if self.releases.why_withheld(release, one[0]) is None]

    async def catalog(self, request: Request) -> Response:
        """The catalogue: a page of the sources, or RDF."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        suffix = request.path_params.get("suffix")
        if suffix and suffix not in CATALOG_TYPES:
            return self.failure_response(request, Failure("not-found", detail={"path": request.url.path}))
        media = protocol.offered_media_type(request, CATALOG_TYPES, suffix)
        if isinstance(media, Failure):
            return self.failure_response(request, media)
        if media == HTML:
            response: Response = pages.render(
                request,
                "catalog.html",
                self.settings,
                release=release,
                m=release.manifest,
                left_out=[licensing.told(one) for one in release.manifest.get("left_out") or []],
            )
        else:
            file = release.file("catalog.ttl")
            if file is None:
                return self.failure_response(request, Failure("not-found", detail={"path": request.url.path}))
            response = Response(await to_thread.run_sync(_rdf, file, media), media_type=media)
        host = self.host(request)
        links = [f'<{BASE}id/dataset/clirld>; rel="cite-as"']
        for name, one in CATALOG_TYPES.items():
            links.append(f'<{host}{address(request, f"/catalog.{name}")}>; rel="describedby"; type="{one}"')
        links += [f'<{host}{address(request, f"/doc/graph/{source}")}>; rel="item"' for source in release.sources]
        response.headers["link"] = ", ".join(links)
        response.headers["vary"] = "Accept, Accept-Language"
        return conditional(request, response, release)

    async def void(self, _: Request) -> Response:
        """Where the VoID description is (https://www.w3.org/TR/void/#well-known)."""
        return RedirectResponse("/catalog", 303, {"vary": "Accept, Accept-Language"})

    async def robots(self, request: Request) -> Response:
        """Crawlers may read every page; questions are for people and programs that want an answer."""
        refused = "".join(f"Disallow: {path}\n" for path in ("/sparql", "/search", "/*?link="))
        text = f"User-agent: *\n{refused}Sitemap: {self.host(request)}/sitemap.xml\n"
        return conditional(request, PlainTextResponse(text))

    async def sitemap_index(self, request: Request) -> Response:
        """The sitemaps of the release."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        counts = await to_thread.run_sync(_row_counts, release)
        names = [
            f"{self.host(request)}/sitemap/{table}-{number}.xml"
            for table, rows in counts.items()
            for number in range(1, -(-rows // ON_A_SITEMAP) + 1)
        ]
        return conditional(request, _xml("sitemapindex", "sitemap", names, release), release)

    async def sitemap(self, request: Request) -> Response:
        """The documents of one part of a table, or of all sources."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        table, number = request.path_params["table"], request.path_params["number"]
        paths = await to_thread.run_sync(_documents, release, table, number)
        if not paths:
            return protocol.problem(request, Failure("not-found", detail={"path": request.url.path}))
        addresses = (self.host(request) + path for path in paths)
        return conditional(request, _xml("urlset", "url", addresses, release), release)


def _rdf(file: Path, media: str) -> bytes:
    if media == CATALOG_TYPES["ttl"]:
        return file.read_bytes()
    triples = (quad.triple for quad in parse(path=str(file), format=RdfFormat.TURTLE))
    format_ = GRAPH_FORMATS[media][1]
    names = None if format_ == RdfFormat.N_TRIPLES else PREFIXES
    return serialize(triples, format=format_, prefixes=names) or b""


def _row_counts(release: ServedRelease) -> dict[str, int]:
    counts = {"graph": len(release.sources)}
    for table in _TABLES:
        if files := _table_files(release, table):
            counts[table] = int(pl.scan_parquet(files).select(pl.len()).collect().item())
    return {table: rows for table, rows in counts.items() if rows}


def _documents(release: ServedRelease, table: str, number: int) -> list[str]:
    """Paths of the documents on one sitemap; none where there is no such."""
    start = (number - 1) * ON_A_SITEMAP
    if number < 1:
        return []
    if table == "graph":
        return [document_path(f"{BASE}graph/{source}") for source in release.sources[start : start + ON_A_SITEMAP]]
    files = _table_files(release, table) if table in _TABLES else []
    if not files:
        return []
    keys = pl.scan_parquet(files).select("key").slice(start, ON_A_SITEMAP).collect()["key"]
    return list(dict.fromkeys(document_path(f"{BASE}id/{table}/{key}") for key in keys if key))


def _table_files(release: ServedRelease, table: str) -> list[Path]:
    """A table of every licence group."""
    return sorted((release.folder / "tables").glob(f"*/{table}.parquet"))


def _xml(outer: str, inner: str, addresses: Iterable[str], release: ServedRelease) -> Response:
    changed = f"<lastmod>{release.created.date().isoformat()}</lastmod>" if release.created else ""

    def lines() -> Iterator[str]:
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield f'<{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        for one in addresses:
            yield f"<{inner}><loc>{escape(one)}</loc>{changed}</{inner}>"
        yield f"</{outer}>\n"

    return Response("\n".join(lines()), media_type="application/xml")


def _sheets(release: ServedRelease, files: Iterable[tuple[str, int]]) -> list[tuple[str, str, int, int]]:
    """The tables that most people want, as CSV: path, name, rows and size."""
    sizes, found = dict(files), []
    for name in _SHEETS:
        for path in sorted(one for one in sizes if re.fullmatch(rf"tables/[^/]+/{name}\.csv", one)):
            rows = release.file(path.removesuffix("csv") + "parquet")
            if rows is None:
                continue
            with suppress(pl.exceptions.PolarsError, OSError):  # a damaged one is in the list of all files only
                found.append((path, name, pl.scan_parquet(rows).select(pl.len()).collect().item(), sizes[path]))
    return found


def _grouped(files: Iterable[tuple[str, int]]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Files by the folder that they are in; those in none come first, under no name."""
    found: dict[str, list[tuple[str, int]]] = {"": []}
    for one in files:
        found.setdefault(one[0].partition("/")[0] if "/" in one[0] else "", []).append(one)
    return [(name, group) for name, group in found.items() if group]
