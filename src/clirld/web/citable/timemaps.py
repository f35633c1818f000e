"""`/timemap/…`: the list of all states of a resource, those in each release that is kept (Memento, RFC 7089)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.query.failure import Failure
from clirld.web.citable import memento
from clirld.web.citable.choice import Releases, raw_path
from clirld.web.conditional import conditional, read_route
from clirld.web.local_links import is_of_a_release, within

_START = "/timemap"


@dataclass(frozen=True)
class TimeMaps:
    """The route of all lists. A state may be that there was nothing yet: 404 is what it then says."""

    releases: Releases
    failure_response: Callable[[Request, Failure], Response]
    host: Callable[[Request], str]

    @property
    def routes(self) -> list[Route]:
        """What the application serves of past states."""
        return [read_route(f"{_START}/{{path:path}}", self.timemap)]

    async def timemap(self, request: Request) -> Response:
        """The states of the resource whose address comes after `/timemap`."""
        raw = raw_path(request).removeprefix(_START)
        query = f"?{request.url.query}" if request.url.query else ""
        if not is_of_a_release(f"/{request.path_params['path']}") or not is_of_a_release(raw):
            return self.failure_response(request, Failure("not-found", detail={"path": request.url.path}))
        host, rest = self.host(request), raw + query
        kept = await to_thread.run_sync(self.releases.kept)
        states = [(host + within(f"/release/{past.id}", rest), past.created) for past in kept]
        body = memento.timemap(host, rest, states)
        return conditional(request, Response(body, media_type=memento.LINK_FORMAT))
