"""The route of the search: `/search?q=…`, a page without a script, or rows for programs by `Accept` or `?format=`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import get_args

from anyio import CapacityLimiter, to_thread
from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.query.failure import Failure, Language
from clirld.query.formats import HTML
from clirld.query.worker_pool import ServeSettings
from clirld.search.find import MOST, Hits, Narrowed, SearchTimeout, find, kinds
from clirld.search.index import FILE
from clirld.search.initials import spelled_out
from clirld.search.near import meant, near_words
from clirld.search.overview import GROUPS, count
from clirld.web import protocol
from clirld.web.citable.choice import address, release_of
from clirld.web.conditional import conditional, read_route
from clirld.web.documents import lookup
from clirld.web.documents.naming import Naming
from clirld.web.release import ServedRelease
from clirld.web.search import page, results
from clirld.web.search.asked import MOST_ON_PAGE, TERRITORY, Asked, read, unknown_territory
from clirld.web.search.rows import rows
from clirld.web.search.sheet import MOST_ROWS, sheet, sheet_headers

OFFERED = {
    "json": "application/sparql-results+json",
    "application/json": "application/json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "sheet": "text/csv",
    "html": HTML,
}
"""`sheet` is CSV as a person reads it, `csv` as SPARQL results have it."""
_AT_ONCE = 2
"""Searches that are made at the same time; others wait, some thousandths of a second each."""


@dataclass(frozen=True)
class SearchPages:
    """The search of a release."""

    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]
    host: Callable[[Request], str]

    @cached_property
    def _threads(self) -> CapacityLimiter:
        return CapacityLimiter(_AT_ONCE)

    @cached_property
    def _sheets(self) -> CapacityLimiter:
        """One is made after the other, so that no search waits for them: the longest takes seconds."""
        return CapacityLimiter(1)

    @property
    def routes(self) -> list[Route]:
        """What the application serves to be searched."""
        return [read_route("/search", self.search)]

    async def search(self, request: Request) -> Response:
        """What is found; on a page, the form to ask again."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        media = protocol.offered_media_type(request, OFFERED)
        is_whole = request.query_params.get("format") == "sheet"
        if isinstance(media, Failure):
            return self.failure_response(request, media)
        try:
            asked = read(request)
            if media == HTML:
                asked = replace(asked, limit=min(asked.limit, MOST_ON_PAGE))
            answer = partial(self._answer, request, release, asked, media)
            limiter = self._sheets if is_whole else self._threads
            response, found = await to_thread.run_sync(answer, limiter=limiter)
        except protocol.Refused as refusal:
            return self.failure_response(request, refusal.failure)
        except SearchTimeout:
            return self.failure_response(request, Failure("slow-search"))
        except sqlite3.DatabaseError:
            return self.failure_response(request, Failure("damaged", detail={"path": FILE}))
        except lookup.UNREADABLE as error:
            return self.failure_response(request, lookup.unreadable(error))
        response.headers["vary"] = "Accept, Accept-Language"
        response.headers["clirld-hits"] = f"{found.found};cut" if found.is_cut else str(found.found)
        if links := "" if is_whole else self._links(request, asked, found):
            response.headers["link"] = links
        return conditional(request, response, release)

    def _answer(self, request: Request, release: ServedRelease, asked: Asked, media: str) -> tuple[Response, Hits]:
        index = release.folder / FILE
        if not index.is_file():
            raise protocol.Refused(Failure("no-search"))
        if not release.is_whole(FILE):
            raise protocol.Refused(Failure("damaged", detail={"path": FILE}))
        known = kinds(index)
        if asked.kind and asked.kind not in known:
            raise protocol.Refused(Failure("unknown-type", detail={"given": asked.kind[:80], **_told(known)}))
        naming = Naming(lookup.open_store(release.store), asked.language)
        if asked.territory and not lookup.outgoing(naming.store, NamedNode(TERRITORY + asked.territory), 1):
            raise unknown_territory(asked.territory)
        if media == HTML and (asked.is_empty or 1 <= asked.page <= -(-MOST // asked.limit)):
            return page.answer(request, self.settings, release, asked, naming)
        if asked.is_empty:
            raise protocol.Refused(Failure("no-words"))
        narrowed = Narrowed(asked.kind or None, asked.narrowed.territory, asked.narrowed.others)
        if request.query_params.get("format") == "sheet":
            return self._sheet(release, asked, narrowed, naming)
        start = max(asked.page - 1, 0) * asked.limit
        found = find(index, asked.words, narrowed, around=True, language=asked.language, start=start, limit=asked.limit)
        if not 1 <= asked.page <= -(-MOST // asked.limit):
            wanted, last = request.query_params.get("page", "")[:80], str(asked.last_page(found))
            raise protocol.Refused(Failure("no-search-page", detail={"given": wanted, "last": last}))
        suggestion = None
        if not found.found and not asked.is_exact:
            suggestion = next(iter(spelled_out(index, asked.words)), None)
            if suggestion is None:
                near = near_words(index, asked.words)
                suggestion = meant(index, asked.words, near, narrowed, around=True, language=asked.language)
        headers: dict[str, str] = {"content-language": asked.language}
        return Response(results.write(found.hits, media, suggestion), media_type=media, headers=headers), found

    def _sheet(self, release: ServedRelease, asked: Asked, narrowed: Narrowed, naming: Naming) -> tuple[Response, Hits]:
        """All that is found, up to MOST_ROWS: who opens a spreadsheet turns no pages."""
        index, said = release.folder / FILE, page.wording(asked.language)
        found = find(index, asked.words, narrowed, around=True, language=asked.language, most=MOST_ROWS)
        shown = rows(found.hits, asked.words, naming, said, partial(count, index), index)
        content = sheet(shown, naming, said, release)
        return Response(content, media_type="text/csv", headers=sheet_headers("clirld", asked.language)), found

    def _links(self, request: Request, asked: Asked, found: Hits) -> str:
        path = self.host(request) + address(request, "/search")
        pages_ = {"prev": asked.page - 1, "next": asked.page + 1}
        last = -(-found.found // asked.limit)
        return ", ".join(
            f'<{path}?{asked.query(page=page, format=request.query_params.get("format"))}>; rel="{relation}"'
            for relation, page in pages_.items()
            if 1 <= page <= last
        )


def _told(known: Mapping[str, int]) -> dict[str, str]:
    """The kinds of results that people look for, in the words of the page and as `type` has them."""
    kinds = [name for name in GROUPS if name in known]
    named = {language: page.wording(language) for language in get_args(Language)}
    return {
        f"known_{language}": ", ".join(f"{name} ({said[f'group-{name}'].lower()})" for name in kinds)
        for language, said in named.items()
    }
