"""`/doc/process/{key}/sheet`: a process on two A4 pages, with blanks for one's own territory."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.query.failure import Failure
from clirld.settings import BASE
from clirld.web import pages, protocol
from clirld.web.conditional import read_route
from clirld.web.documents import lookup
from clirld.web.documents.naming import Naming
from clirld.web.documents.pages import source_title
from clirld.web.documents.sources import sources_of
from clirld.web.local_links import document_path
from clirld.web.made_pages import MadePages
from clirld.web.practice.story import process_page
from clirld.web.release import ServedRelease


class SheetPages(MadePages):
    """The sheets of the processes of a release."""

    @property
    def routes(self) -> list[Route]:
        """What the application serves of them."""
        return [read_route("/doc/process/{key}/sheet", partial(self.made, self._sheet))]

    def _sheet(self, request: Request, release: ServedRelease) -> Response:
        """The sheet. Raises Refused for what is no process, or one that was drawn from no case."""
        iri = f"{BASE}id/process/{request.path_params['key']}"
        language = protocol.request_language(request, "fr")
        store = lookup.open_store(release.store)
        description = lookup.describe(store, iri)
        context = process_page(release, iri, language) if description else None
        if description is None or context is None:
            raise protocol.Refused(Failure("unknown-iri", detail={"iri": iri[:200]}))
        naming = Naming(store, language)
        context |= {
            "iri": iri,
            "path": document_path(iri),
            "datasets": sources_of(release, description.outgoing),
            "source_title": lambda one: source_title(one, naming),
        }
        return pages.render(request, "sheet.html", self.settings, release=release, **context)
