"""The routes of what a release changed: `/changes`, `/changes.atom`, `/feed/…`. Patches are files of `/release/`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from anyio import to_thread
from isal import igzip
from pyoxigraph import Store
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.query.failure import Failure, Language
from clirld.query.formats import HTML
from clirld.query.worker_pool import ServeSettings
from clirld.release.changes.write import graph_iri
from clirld.web import pages, protocol
from clirld.web.changes.atom import atom
from clirld.web.changes.classes import counts
from clirld.web.changes.summary import read, summary_of
from clirld.web.citable.choice import Releases, release_of
from clirld.web.conditional import conditional, not_modified, read_route, release_headers
from clirld.web.content_negotiation import accepts_gzip
from clirld.web.documents.naming import Naming
from clirld.web.release import ServedRelease

_TYPES = {"json": "application/json", "html": HTML}
_NAME = re.compile(r"[a-z0-9-]{1,200}")  # longer ones no file can have
_PAGE = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}-[0-9]{5}\.trig")
_A_DAY = "public, max-age=86400"  # and no longer: a page may hold what is erased later, and must not live on in caches


@dataclass(frozen=True)
class ChangePages:
    """The routes that tell what a release changed."""

    releases: Releases
    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]
    host: Callable[[Request], str]

    @property
    def routes(self) -> list[Route]:
        """What the application serves of changes."""
        return [
            read_route("/changes", self.page),
            read_route("/changes.json", self.page),
            read_route("/changes.atom", self.page),
            read_route("/feed/{stream}/{file}", self.feed),
        ]

    async def page(self, request: Request) -> Response:
        """What the release changed: a page, the counts as JSON, or the last releases as Atom."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        suffix = request.url.path.partition(".")[2] or request.query_params.get("format")
        summary = await to_thread.run_sync(summary_of, self.releases, release)
        if summary is None:
            return self.failure_response(request, Failure("not-found", detail={"path": request.url.path}))
        if suffix == "atom":
            text = atom(summary, self.host(request), protocol.request_language(request, "fr"))
            response = Response(text, media_type="application/atom+xml", headers={"vary": "Accept-Language"})
            return conditional(request, response, release)
        media = protocol.offered_media_type(request, _TYPES, suffix)
        if isinstance(media, Failure):
            return self.failure_response(request, media)
        if media != HTML:
            headers = {"vary": "Accept, Accept-Language"}
            return conditional(request, Response(json.dumps(summary), media_type=media, headers=headers), release)
        language = protocol.request_language(request, "fr")
        graphs = await to_thread.run_sync(_named, release, language)
        streams = [
            (name, label)
            for name, label in await to_thread.run_sync(_streams, release.folder, release.store, language)
            if not self.releases.why_withheld(release, f"feed/{name}/index.trig")
        ]
        withheld = self.releases.why_withheld(release, "changes/")
        context = {"release": release, "summary": summary, "graphs": graphs, "streams": streams, "withheld": withheld}
        return conditional(request, pages.render(request, "changes.html", self.settings, **context), release)

    async def feed(self, request: Request) -> Response:
        """A page of the feed; one that is not kept any more is gone for good."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        name, page = request.path_params["stream"], request.path_params["file"]
        folder = release.folder / "feed" / name
        is_index = page == "index.trig"
        if not (_NAME.fullmatch(name) and folder.is_dir() and (is_index or _PAGE.fullmatch(page))):
            return self.failure_response(request, Failure("not-found", detail={"path": request.url.path}))
        if withheld := self.releases.why_withheld(release, f"feed/{name}/{page}"):
            return self.failure_response(request, withheld)
        file = folder / (page if is_index else f"{page}.gz")
        if not file.is_file():
            return self.failure_response(request, Failure("gone-page", detail={"name": name}))
        path = file.relative_to(release.folder).as_posix()
        if not release.is_whole(path):
            return self.failure_response(request, Failure("damaged", detail={"path": path}))
        body = await to_thread.run_sync(file.read_bytes)
        if is_index:
            return conditional(request, Response(body, media_type="application/trig"), release)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"etag": etag, "cache-control": _A_DAY, "vary": "Accept-Encoding", **release_headers(release)}
        if not_modified(request, etag, release):
            return Response(status_code=304, headers=headers)
        if accepts_gzip(request.scope):
            headers["content-encoding"] = "gzip"
        else:
            body = await to_thread.run_sync(igzip.decompress, body)
        return Response(body, media_type="application/trig", headers=headers)


@lru_cache(maxsize=64)
def _streams(folder: Path, store: Path, language: Language) -> list[tuple[str, str]]:
    """The streams of a release, each with the name of its graph."""
    names = sorted(path.parent.name for path in (folder / "feed").glob("*/index.trig"))
    naming = Naming(Store.read_only(str(store)), language)
    return [(name, naming.label(graph_iri(name))) for name in names]


def _named(release: ServedRelease, language: Language) -> list[dict[str, Any]]:
    """The graphs that changed, with their classes, both in words."""
    return _named_once(release.folder, release.store, language)


@lru_cache(maxsize=64)
def _named_once(folder: Path, store: Path, language: Language) -> list[dict[str, Any]]:
    summary = read(folder) or {}
    naming = Naming(Store.read_only(str(store)), language)
    graphs = []
    for graph, quads in summary.get("quads", {}).items():
        iri = graph_iri(graph)
        classes = counts((row for row in summary["classes"] if row["graph"] == graph), naming)
        graphs.append({"name": graph, "iri": iri, "label": naming.label(iri), "quads": quads, "classes": classes})
    return graphs
