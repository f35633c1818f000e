"""The route of the home page."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld import yamlfile
from clirld.french import spaced_words
from clirld.query.failure import Failure, Language
from clirld.query.worker_pool import ServeSettings
from clirld.release.maps.write import FILE as MAP
from clirld.search.find import SearchTimeout
from clirld.web import pages, protocol
from clirld.web.changes.summary import summary_of
from clirld.web.citable.choice import Releases, release_of
from clirld.web.conditional import conditional, read_route
from clirld.web.documents import lookup
from clirld.web.documents.naming import Naming
from clirld.web.home.beginnings import NONE, Beginnings, beginnings
from clirld.web.home.news import news
from clirld.web.openapi.description import SERVICE_DESC
from clirld.web.protocol import request_language
from clirld.web.release import ServedRelease
from clirld.web.search.page import wording as search_wording


@cache
def wording(language: Language) -> dict[str, str]:
    """The words of one language, by name, French ones with the spaces that do not break."""
    said = {name: str(words[language]) for name, words in yamlfile.shipped(__package__, "wording.yaml").items()}
    return spaced_words(said, language)


@dataclass(frozen=True)
class HomePage:
    """The home page of a release."""

    releases: Releases
    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]

    @property
    def routes(self) -> list[Route]:
        """What the application serves at its root."""
        return [read_route("/", self.home)]

    async def home(self, request: Request) -> Response:
        """Where to begin, what there is, and what is new."""
        release = release_of(request)
        if release is None:
            failure = Failure("no-release")
            program = "json" in request.headers.get("accept", "") and not protocol.prefers_page(request)
            return protocol.problem(request, failure) if program else pages.problem(request, failure, self.settings)
        try:
            page = await to_thread.run_sync(partial(self._page, request, release))
        except lookup.UNREADABLE as error:
            return self.failure_response(request, lookup.unreadable(error))
        page.headers["link"] = SERVICE_DESC
        return conditional(request, page, release)

    def _page(self, request: Request, release: ServedRelease) -> Response:
        language = request_language(request, "fr")
        naming = Naming(lookup.open_store(release.store), language)
        return pages.render(
            request,
            "home.html",
            self.settings,
            release=release,
            m=release.manifest,
            h=wording(language),
            s=search_wording(language),
            has_map=(release.folder / MAP).is_file(),
            begin=_beginnings(release, language),
            news=news(summary_of(self.releases, release), release.manifest, naming),
        )


def _beginnings(release: ServedRelease, language: Language) -> Beginnings:
    """What there is to begin with: nothing where the index is not there, is damaged or does not answer in time."""
    try:
        return beginnings(release.folder, release.store, language)
    except (sqlite3.DatabaseError, SearchTimeout):
        return NONE
