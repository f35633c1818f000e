"""Serve a release over HTTP, read-only.

in: the data folder; out: SPARQL, pages and files; nothing is written there.

`data/current` is looked up once a request, so that a new release is served from the next request on, while
the queries under way end on the one that they began with.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clirld.errors import UsageError
from clirld.query.evaluate import Question, check
from clirld.query.failure import Failure
from clirld.query.formats import GRAPHS, PAGE
from clirld.query.worker_pool import Pool, ServeSettings
from clirld.settings import Settings
from clirld.web import examples, pages, protocol
from clirld.web.content_negotiation import preferred, wants_page
from clirld.web.description import describe
from clirld.web.issues import Issues
from clirld.web.release import MEDIA_TYPES, Served, current
from clirld.web.vocabulary import Words

__all__ = ["ServeSettings", "create_app", "serve"]

_METHODS = ["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"]
_OPEN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Clirld-Release, ETag, Retry-After, Content-Language",
    "x-content-type-options": "nosniff",
}
_PREFLIGHT = {
    "allow": "GET, HEAD, POST, OPTIONS",
    "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
    "access-control-allow-headers": "Accept, Accept-Language, Content-Type, If-None-Match",
    "access-control-max-age": "86400",
}


class _Site:
    """What the endpoints of one server share."""

    def __init__(self, data: Path, settings: ServeSettings, queries: Path) -> None:
        self.data = data
        self.settings = settings
        self.examples = examples.load(queries)
        self.pool = Pool(settings)
        self.answered: Path | None = None

    def host(self, request: Request) -> str:
        """Where this server is reached from, without a slash at the end."""
        return (self.settings.document_host or str(request.base_url)).rstrip("/")

    def refuse(self, request: Request, failure: Failure, query: str = "") -> Response:
        """A failure, for a person or for a program."""
        if protocol.page_wanted(request):
            return pages.problem(request, failure, self.settings, query)
        return protocol.problem(request, failure)

    async def home(self, request: Request) -> Response:
        release = current(self.data)
        if release is None:
            failure = Failure("no-release")
            program = "json" in request.headers.get("accept", "") and not protocol.page_wanted(request)
            return protocol.problem(request, failure) if program else pages.problem(request, failure, self.settings)
        return pages.home(request, release, self.examples, self.settings, self.host(request) + "/sparql")

    async def sparql(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        if request.method not in ("GET", "HEAD", "POST"):
            return self.refuse(request, Failure("method", detail={"method": request.method}))
        asked = await protocol.read(request, self.settings.max_query)
        if isinstance(asked, Failure):
            return self.refuse(request, asked)
        release = current(self.data)
        if release is None:
            return self.refuse(request, Failure("no-release"))
        response = await self._query(request, release, asked) if asked else self._about(request, release)
        response.headers["clirld-release"] = release.id
        return response

    def _about(self, request: Request, release: Served) -> Response:
        """GET without a query: the form for people, the Service Description for programs."""
        endpoint = self.host(request) + request.url.path
        accept = request.headers.get("accept")
        if "format" not in request.query_params and wants_page(accept):
            return pages.home(request, release, self.examples, self.settings, endpoint)
        by_name = {short: media for media, (short, _) in reversed(GRAPHS.items())}
        named = request.query_params.get("format")
        media = by_name.get(named) if named else preferred(accept, list(GRAPHS))
        if media is None:
            detail = {"kind": "sd:Service", "types": ", ".join(GRAPHS)}
            return self.refuse(request, Failure("not-acceptable", detail=detail))
        body = describe(endpoint, release, media)
        return Response(body, media_type=media, headers={"vary": "Accept", "cache-control": "no-cache"})

    async def _query(self, request: Request, release: Served, asked: protocol.Asked) -> Response:
        kind = check(asked.query, allow=self.settings.services, max_length=self.settings.max_query)
        if isinstance(kind, Failure):
            return self.refuse(request, kind, asked.query)
        media = protocol.choose(request, asked, kind)
        if isinstance(media, Failure):
            return self.refuse(request, media, asked.query)
        base = self.host(request) + request.url.path
        graphs = (asked.default_graphs, asked.named_graphs)
        question = Question(asked.query, media, base, *graphs, rows=self.settings.rows)
        headers = {"vary": pages.HEADERS["vary"] if media == PAGE else "Accept", "cache-control": "no-cache"}
        if not kind.volatile:
            headers["etag"] = protocol.etag(release, question, protocol.spoken(request, "fr"))
            if request.method != "POST" and protocol.unchanged(request, headers["etag"]):
                return Response(status_code=304, headers=headers)
        answer = await _while_listened(request, lambda: self.pool.ask(release.store, question))
        if answer is None:
            return Response(status_code=499)  # the client has gone
        if isinstance(answer, Failure):
            return self.refuse(request, answer, asked.query)
        if media != PAGE:
            return protocol.answered(answer, media, headers)
        content = answer if isinstance(answer, bytes) else b"".join([part async for part in protocol.stream(answer)])
        again = [("query", asked.query)]
        again += [("default-graph-uri", iri) for iri in asked.default_graphs or ()]
        again += [("named-graph-uri", iri) for iri in asked.named_graphs or ()]
        page = pages.results(request, release, self.settings, asked.query, json.loads(content), urlencode(again))
        page.headers.update(headers)
        return page

    async def file(self, request: Request) -> Response:
        """A file of the release, as published."""
        release = current(self.data)
        if release is None:
            return self.refuse(request, Failure("no-release"))
        path = str(request.path_params["path"])
        found = release.file(path)
        if found is None:
            return self.refuse(request, Failure("not-found", detail={"path": request.url.path}))
        # The release's id is enough to tell two versions of a file apart: a release never changes.
        tag = f'"{hashlib.sha256(f"{release.id} {path}".encode()).hexdigest()[:32]}"'
        headers = {"etag": tag, "cache-control": "no-cache", "clirld-release": release.id}
        if protocol.unchanged(request, tag):
            return Response(status_code=304, headers=headers)
        media = MEDIA_TYPES.get(found.suffix, "application/octet-stream")
        return FileResponse(found, media_type=media, headers=headers)

    async def alive(self, _: Request) -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})

    async def ready(self, request: Request) -> Response:
        """The current release answers a query: asked once a release, since releases do not change."""
        release = current(self.data)
        if release is None:
            return self.refuse(request, Failure("no-release"))
        if self.answered != release.folder:
            answer = await self.pool.ask(release.store, Question("ASK { ?s ?p ?o }"))
            if isinstance(answer, Failure):
                return self.refuse(request, answer)
            self.answered = release.folder
        body = {"ready": True, "release": release.id}
        return JSONResponse(body, headers={"cache-control": "no-store", "clirld-release": release.id})


async def _while_listened(
    request: Request, work: Callable[[], Awaitable[bytes | Path | Failure]]
) -> bytes | Path | Failure | None:
    """Do the work, and stop it when the client hangs up (then there is nothing to give)."""
    async with anyio.create_task_group() as group:

        async def hung_up() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        group.start_soon(hung_up)
        result = await work()
        group.cancel_scope.cancel()
        return result
    return None


class _OpenHeaders:
    """Every response may be read by scripts of any site:

    The data are public and nothing here knows its visitor.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_OPEN)
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)


def create_app(data: Path, *, settings: ServeSettings | None = None, queries: Path | None = None) -> Starlette:
    """The application for the releases of a data folder. `queries` is the folder of example queries."""
    settings = settings or ServeSettings()
    site = _Site(data, settings, queries or Settings.from_environment().queries)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with site.pool:
            yield

    async def http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 405:
            return site.refuse(request, Failure("method", detail={"method": request.method}))
        if status == 404:
            return site.refuse(request, Failure("not-found", detail={"path": request.url.path}))
        return site.refuse(request, Failure("internal"))

    return Starlette(
        routes=[
            Route("/", site.home),
            Route("/sparql", site.sparql, methods=_METHODS),
            Route("/sparql/", site.sparql, methods=_METHODS),
            Route("/release/{path:path}", site.file),
            *Words(Settings.from_environment().ontology).routes,
            *Issues(data, settings, site.refuse).routes,
            Route("/healthz", site.alive),
            Route("/readyz", site.ready),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        middleware=[Middleware(_OpenHeaders)],
        exception_handlers={HTTPException: http_error, Exception: http_error},
        lifespan=lifespan,
    )


def serve(
    data: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    settings: ServeSettings | None = None,
    *,
    queries: Path | None = None,
    announce: Callable[[str], None] = print,
) -> None:
    """Serve until interrupted; `announce` is given the address once it is bound.

    Raises UsageError where it cannot be.

    On Ctrl-C or SIGTERM the queries under way get their time, then the workers are ended.
    """
    settings = settings or ServeSettings()
    app = create_app(data, settings=settings, queries=queries)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(settings.timeout) + 2,
    )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio only turns Nagle's algorithm off where the protocol is named: without it every answer takes 40 ms.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(512)
        except OSError as error:
            raise UsageError(
                f"cannot listen there: {error.strerror}",
                where=f"{host}:{port}",
                do="choose another port with --port, or stop what listens on this one",
            ) from error
        name = f"[{host}]" if ":" in host else host
        announce(f"http://{name}:{listening.getsockname()[1]}/")
        # uvicorn ends in order, then raises the signal that it caught once more.
        with suppress(KeyboardInterrupt):
            asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))
