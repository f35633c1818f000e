"""The page of the registered queries: who relies on what, and what the release that answers gives for it.

in: what the manifest of the release says of them; out: a page, without a script.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.query.failure import Failure
from clirld.query.files.registered import Finding
from clirld.query.worker_pool import ServeSettings
from clirld.release.registered.guard import sentence
from clirld.web import pages
from clirld.web.citable.choice import release_of
from clirld.web.conditional import conditional, read_route
from clirld.web.protocol import request_language


@dataclass(frozen=True)
class RegisteredPage:
    """The page, and the route that leads to it."""

    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]

    @property
    def routes(self) -> list[Route]:
        """What the application serves of them."""
        return [read_route("/queries/registered", self.page)]

    async def page(self, request: Request) -> Response:
        """Each query with what is relied on, what it gets, and what it lacks."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        language = request_language(request, "fr")
        listed: list[dict[str, Any]] = [
            {**one, "lacks": [sentence(Finding(**lack), language) for lack in one.get("lacks", [])]}
            for one in release.manifest.get("registered") or []
        ]
        page = pages.render(request, "registered.html", self.settings, release=release, registered=listed)
        return conditional(request, page, release)
