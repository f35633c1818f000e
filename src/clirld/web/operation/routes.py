"""`/healthz`, that the process answers, and `/readyz`, whether what it answers is as it should be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from clirld.query.evaluate import QueryRequest
from clirld.query.failure import Failure
from clirld.query.worker_pool import WorkerPool
from clirld.web import protocol
from clirld.web.citable.choice import release_of
from clirld.web.conditional import read_route
from clirld.web.operation.health import Health


class OperationPages:
    """The routes that machines ask, to know whether to send visitors here, or a person to look."""

    def __init__(
        self, health: Health, pool: WorkerPool, failure_response: Callable[[Request, Failure], Response]
    ) -> None:
        self._health = health
        self._pool = pool
        self._failure_response = failure_response
        self._answered: Path | None = None
        """The release that has answered a query: asked once a release, since releases do not change."""

    @property
    def routes(self) -> list[Route]:
        """What the application serves to be watched."""
        return [read_route("/healthz", self.alive), read_route("/readyz", self.ready)]

    async def alive(self, _: Request) -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})

    async def ready(self, request: Request) -> Response:
        """503 where the release does not answer; else 200, and `degraded` with reasons where not all is well."""
        release = release_of(request)
        if release is None:
            return self._failure_response(request, Failure("no-release"))
        failure, reasons = await to_thread.run_sync(self._health.look, release)
        if failure is None and self._answered != release.folder:
            answer = await self._pool.evaluate(release.store, QueryRequest("ASK { ?s ?p ?o }"))
            failure = answer if isinstance(answer, Failure) else None
        if failure:
            return self._failure_response(request, failure)
        self._answered = release.folder
        language = protocol.request_language(request, "en")
        body = {
            "ready": True,
            "state": "degraded" if reasons else "ready",
            "release": release.id,
            "reasons": [{"kind": one.kind, **one.detail, "message": one.text(language)} for one in reasons],
        }
        headers = {"cache-control": "no-store", "clirld-release": release.id, "content-language": language}
        return JSONResponse(body, headers={**headers, "vary": "Accept-Language"})
