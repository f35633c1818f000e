"""`/doc/process/{key}/sheet`: a process on two A4 pages, with blanks for one's own territory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.query.failure import Failure
from clirld.query.worker_pool import ServeSettings
from clirld.settings import BASE
from clirld.web import pages, protocol
from clirld.web.citable.choice import release_of
from clirld.web.conditional import conditional, read_route
from clirld.web.documents import lookup
from clirld.web.documents.naming import Naming
from clirld.web.documents.pages import source_title
from clirld.web.documents.sources import sources_of
from clirld.web.local_links import document_path
from clirld.web.practice.story import process_page
from clirld.web.release import ServedRelease

_AT_ONCE = 2
"""Sheets that are made at the same time; others wait."""


@dataclass(frozen=True)
class SheetPages:
    """The sheets of the processes of a release."""

    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]

    @cached_property
    def _threads(self) -> CapacityLimiter:
        return CapacityLimiter(_AT_ONCE)

    @property
    def routes(self) -> list[Route]:
        """What the application serves of them."""
        return [read_route("/doc/process/{key}/sheet", self.sheet)]

    async def sheet(self, request: Request) -> Response:
        """The sheet; 404 for what is no process, or one that was drawn from no case."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        iri = f"{BASE}id/process/{request.path_params['key']}"
        try:
            response = await to_thread.run_sync(self._write, request, release, iri, limiter=self._threads)
        except lookup.UNREADABLE as error:
            return self.failure_response(request, lookup.unreadable(error))
        if response is None:
            return self.failure_response(request, Failure("unknown-iri", detail={"iri": iri[:200]}))
        return conditional(request, response, release)

    def _write(self, request: Request, release: ServedRelease, iri: str) -> Response | None:
        language = protocol.request_language(request, "fr")
        store = lookup.open_store(release.store)
        description = lookup.describe(store, iri)
        context = process_page(release, iri, language) if description else None
        if description is None or context is None:
            return None
        naming = Naming(store, language)
        context |= {
            "iri": iri,
            "path": document_path(iri),
            "datasets": sources_of(release, description.outgoing),
            "source_title": lambda one: source_title(one, naming),
        }
        return pages.render(request, "sheet.html", self.settings, release=release, **context)
