"""Serve a release over HTTP, read-only.

in: the data folder; out: SPARQL, pages and files; nothing is written there.

Which release a request is about is looked up once (`clirld.web.citable.choice`), so that a new one is served from the
next request on, while the queries under way end on the one that they began with.
"""

from __future__ import annotations

import hashlib
import logging
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clirld import logs
from clirld.errors import UsageError
from clirld.query.answer_cache import AnswerCache
from clirld.query.failure import Failure
from clirld.query.files import examples
from clirld.query.worker_pool import ServeSettings, WorkerPool
from clirld.settings import Settings
from clirld.web import connections, pages, protocol
from clirld.web.at_once.lookup_requests import LookupRequests
from clirld.web.at_once.repeated_requests import Repeats
from clirld.web.changes.routes import ChangePages
from clirld.web.citable.choice import ReleaseChoice, Releases, release_of
from clirld.web.citable.mistyped import meant
from clirld.web.citable.timemaps import TimeMaps
from clirld.web.compare.routes import ComparisonPages
from clirld.web.conditional import not_modified, read_route, release_headers
from clirld.web.contribution.without_forms import TellingPages
from clirld.web.discovery import DiscoveryPages
from clirld.web.documentation.routes import GuidePages
from clirld.web.documents.routes import DocumentPages
from clirld.web.editor.registered import RegisteredPage
from clirld.web.figures.routes import FigurePages
from clirld.web.grade import GradePage
from clirld.web.home.routes import HomePage
from clirld.web.issues import IssuePages
from clirld.web.maps.routes import MapPages
from clirld.web.openapi.description import ApiDescription
from clirld.web.operation import metrics
from clirld.web.operation.counts import Counts
from clirld.web.operation.health import Health
from clirld.web.operation.read_ahead import reading_ahead
from clirld.web.operation.routes import OperationPages
from clirld.web.practice.routes import SheetPages
from clirld.web.quality import QualityPages
from clirld.web.reconciliation.routes import ReconciliationService
from clirld.web.release import MEDIA_TYPES
from clirld.web.reuse.routes import ReusePages
from clirld.web.search.routes import SearchPages
from clirld.web.sparql import SparqlEndpoint
from clirld.web.static_files import PackedFiles
from clirld.web.vocabulary import VocabularyPages

__all__ = ["ServeSettings", "create_app", "serve"]

log = logging.getLogger("clirld.serve")

# All of them, so that a wrong one gets this server's own answer and not the framework's.
_MISSING = ("not-found", "unknown-iri")
_METHODS = ["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"]
_CORS_HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Clirld-Graphs, Clirld-Hits, Clirld-Release, Content-Language, Content-Location, "
    "ETag, Link, Memento-Datetime, Retry-After",
    "x-content-type-options": "nosniff",
}


@lru_cache(maxsize=64)
def _base_url(scheme: str, server: tuple[object, ...], host: str) -> str:
    """Where a server is reached from, as a request says; read once, since it stands in every answer."""
    headers = [(b"host", host.encode("latin-1"))] if host else []
    where = {"server": server or None, "path": "/", "query_string": b""}
    scope = {"type": "http", "scheme": scheme, "headers": headers, **where}
    return str(Request(scope).base_url).rstrip("/")


class _Endpoints:
    """What the endpoints of one server share."""

    def __init__(
        self, data: Path, settings: ServeSettings, queries: Path, behind_since: Callable[[], datetime | None]
    ) -> None:
        self.releases = Releases(data)
        self.settings = settings
        self.examples = examples.load(queries)
        self.counts = Counts()
        self.pool = WorkerPool(settings, self.counts.ended)
        self.counts.watch(self.pool)
        self.health = Health(data, behind_since=behind_since)
        # Half of what is kept are answers by what is asked, half by how: the bytes of the request.
        kept, repeated = (AnswerCache(settings.answer_memory // 2) for _ in range(2))
        self.sparql = SparqlEndpoint(
            self.releases, settings, self.examples, self.pool, self.failure_response, self.host, kept, self.counts
        )
        self.repeats = Repeats(data, repeated, self.counts.repeated)

    def host(self, request: Request) -> str:
        """Where this server is reached from, without a slash at the end."""
        if self.settings.document_host:
            return self.settings.document_host.rstrip("/")
        server = tuple(request.scope.get("server") or ())
        return _base_url(request.scope["scheme"], server, request.headers.get("host", ""))

    def failure_response(self, request: Request, failure: Failure, query: str = "") -> Response:
        """A failure, for a person or for a program: where the release has gone meanwhile, that is the reason."""
        failure = self.releases.vanished(request) or failure
        if failure.kind in _MISSING and (other := meant(request)):
            return RedirectResponse(other, 308)
        self.counts.failed(failure.kind)
        if protocol.prefers_page(request):
            return pages.problem(request, failure, self.settings, query)
        return protocol.problem(request, failure)

    async def file(self, request: Request) -> Response:
        """A file of the release, as published."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        path = str(request.path_params["path"])
        file = release.file(path)
        if file is not None:
            path = file.relative_to(release.folder).as_posix()  # without dots, which may lead to another folder
        if path.startswith("changes/") and (withheld := self.releases.why_withheld(release, path)):
            return self.failure_response(request, withheld)
        if file is None:
            return self.failure_response(request, Failure("not-found", detail={"path": request.url.path}))
        if not release.is_whole(path):
            return self.failure_response(request, Failure("damaged", detail={"path": path}))
        # The release's id is enough to tell two versions of a file apart: a release never changes.
        etag = f'"{hashlib.sha256(f"{release.id} {path}".encode()).hexdigest()[:32]}"'
        headers = {"etag": etag, "cache-control": "no-cache", **release_headers(release)}
        if not_modified(request, etag, release):
            return Response(status_code=304, headers=headers)
        media = MEDIA_TYPES.get(file.suffix, "application/octet-stream")
        return FileResponse(file, media_type=media, headers=headers)


class _HeadersMiddleware:
    """Every response may be read by scripts of any site: the data are public and nothing here knows its visitor.

    Several Accept lines of a request are made one list (RFC 9110, section 5.3).
    """

    def __init__(self, app: ASGIApp, counts: Counts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accept = [value for name, value in scope.get("headers", ()) if name == b"accept"]
        if len(accept) > 1:
            others = [pair for pair in scope["headers"] if pair[0] != b"accept"]
            scope["headers"] = [*others, (b"accept", b", ".join(accept))]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_CORS_HEADERS)
                self._counts.response(message["status"])
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def serve_settings(settings: Settings) -> ServeSettings:
    """What a server is told of the project's settings."""
    return ServeSettings(
        timeout=settings.query_timeout,
        workers=settings.workers,
        memory=settings.query_memory,
        answer_memory=settings.answer_memory,
        trusted_proxies=settings.trusted_proxies,
        document_host=settings.document_host or None,
        contributions_url=settings.contributions_url.rstrip("/"),
    )


def create_app(
    data: Path,
    *,
    settings: ServeSettings,
    queries: Path | None = None,
    behind_since: Callable[[], datetime | None] = lambda: None,
) -> Starlette:
    """The application for the releases of a data folder. `queries` is the folder of example queries.

    `behind_since` says, of a replica, since when it could not look for a newer release.
    """
    own = Settings.from_environment()
    endpoints = _Endpoints(data, settings, queries or own.queries, behind_since)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with endpoints.pool:
            yield

    async def http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 405:
            allowed = (error.headers or {}).get("Allow", "GET, HEAD") if isinstance(error, HTTPException) else ""
            detail = {"method": request.method, "allow": allowed}
            return endpoints.failure_response(request, Failure("method", detail=detail))
        if status == 404:
            return endpoints.failure_response(request, Failure("not-found", detail={"path": request.url.path}))
        return endpoints.failure_response(request, Failure("internal"))

    app = Starlette(
        routes=[
            *HomePage(endpoints.releases, settings, endpoints.failure_response).routes,
            Route("/sparql", endpoints.sparql.answer, methods=_METHODS),
            Route("/sparql/", endpoints.sparql.answer, methods=_METHODS),
            *DiscoveryPages(endpoints.releases, settings, endpoints.failure_response, endpoints.host).routes,
            read_route("/release/{path:path}", endpoints.file),
            *TimeMaps(endpoints.releases, endpoints.failure_response, endpoints.host).routes,
            *VocabularyPages(own.ontology).routes,
            *SheetPages(settings, endpoints.failure_response).routes,  # before the documents, whose paths it is one of
            *DocumentPages(own.ontology, settings, endpoints.failure_response, endpoints.host, own.contact).routes,
            *SearchPages(settings, endpoints.failure_response, endpoints.host).routes,
            *ReconciliationService(endpoints.failure_response, endpoints.host).routes,
            *TellingPages(settings, endpoints.failure_response, own.contact, own.ontology).routes,
            *ReusePages(settings, endpoints.failure_response).routes,
            *ComparisonPages(settings, endpoints.failure_response).routes,
            *MapPages(settings, endpoints.failure_response, endpoints.host).routes,
            *FigurePages(settings, endpoints.failure_response).routes,
            *ChangePages(endpoints.releases, settings, endpoints.failure_response, endpoints.host).routes,
            *IssuePages(settings, endpoints.failure_response).routes,
            *QualityPages(settings, endpoints.failure_response).routes,
            *OperationPages(endpoints.health, endpoints.pool, endpoints.failure_response).routes,
            *GradePage(settings, endpoints.failure_response).routes,
            *RegisteredPage(settings, endpoints.failure_response).routes,
            *ApiDescription(lambda: app.routes, endpoints.host).routes,
            *GuidePages(settings, endpoints.failure_response, endpoints.host, own.contact).routes,
            Mount("/static", PackedFiles(directory=Path(__file__).parent / "static")),
        ],
        middleware=[
            Middleware(endpoints.repeats.middleware),
            Middleware(_HeadersMiddleware, endpoints.counts),
            Middleware(ReleaseChoice, endpoints.releases, endpoints.failure_response, endpoints.host),
        ],
        exception_handlers={HTTPException: http_error, Exception: http_error},
        lifespan=lifespan,
    )
    app.state.at_once = LookupRequests(
        endpoints.sparql, endpoints.releases, endpoints.host, endpoints.repeats, _CORS_HEADERS
    )
    app.state.counts = endpoints.counts
    app.state.health = endpoints.health
    return app


def _announce(where: str) -> None:
    sys.stdout.write(f"{where}\n")
    sys.stdout.flush()  # whoever reads it through a pipe waits for it


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there. Raises UsageError where the address cannot be bound."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio only turns Nagle's algorithm off where the protocol is named: without it every answer takes 40 ms.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        # A port that was closed a moment ago is still held for the connections that it had.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(512)
        except OSError as error:
            raise UsageError(
                f"cannot listen there: {error.strerror}",
                where=f"{host}:{port}",
                do="choose another port with --port, or stop what listens on this one",
            ) from error
        yield listener


def serve(
    data: Path,
    host: str,
    port: int,
    *,
    settings: ServeSettings,
    queries: Path | None = None,
    announce: Callable[[str], None] = _announce,
    behind_since: Callable[[], datetime | None] = lambda: None,
    metrics_at: str = "",
    log_form: str = "text",
    reads_ahead: bool = False,
) -> None:
    """Serve until interrupted; `announce` is given the address once it is bound.

    `behind_since` is as in `create_app`; `metrics_at` is where metrics are served, `host:port`; nowhere if empty.
    `log_form` is one of `logs.FORMS`. With `reads_ahead`, what first pages need is read before they are asked for.
    Raises UsageError where an address cannot be bound.

    On Ctrl-C or SIGTERM the queries under way get their time, then the workers are ended.
    """
    app = create_app(data, settings=settings, queries=queries, behind_since=behind_since)
    # A query at work may use all its time, and its answer has two seconds to be sent.
    logs.configure(log_form)
    graceful = int(settings.timeout) + 2
    config = connections.config(app, settings, timeout_graceful_shutdown=graceful, log_config=None)
    with listening(host, port) as listener:
        name = f"[{host}]" if ":" in host else host
        app.state.counts.registry.register(metrics.OfTheData(data, app.state.health))
        ahead = reading_ahead(data) if reads_ahead else nullcontext()
        with metrics.listening(metrics_at, app.state.counts.registry) as at, ahead:
            where = f"http://{name}:{listener.getsockname()[1]}/"
            announce(where)
            logs.event(log, "listening", at=where, metrics=at)
            # uvicorn ends in order, then raises the signal that it caught once more.
            with suppress(KeyboardInterrupt):
                uvicorn.Server(config).run(sockets=[listener])
