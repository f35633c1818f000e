"""The route of the search: `/search?q=…`, a page without a script, or rows for programs by `Accept` or `?format=`."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from urllib.parse import urlencode

from anyio import CapacityLimiter, to_thread
from pyoxigraph import Literal, NamedNode, Store
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.query.failure import Failure, Language
from clirld.query.formats import HTML
from clirld.query.worker_pool import ServeSettings
from clirld.search.excerpt import Piece, excerpt, marked
from clirld.search.find import MOST, Hit, Hits, SearchTimeout, find, kinds
from clirld.search.index import FILE
from clirld.search.suggest import suggestion
from clirld.search.things import COLUMNS, kinds_of
from clirld.settings import BASE
from clirld.web import pages, protocol
from clirld.web.citable.choice import address, release_of
from clirld.web.conditional import conditional, read_route
from clirld.web.documents import lookup
from clirld.web.documents.naming import Naming, names
from clirld.web.release import ServedRelease
from clirld.web.search import results

OFFERED = {
    "json": "application/sparql-results+json",
    "application/json": "application/json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "html": HTML,
}
DEFAULT_LIMIT, MAX_LIMIT = 20, 100
_AT_ONCE = 2
"""Searches that are made at the same time; others wait, some thousandths of a second each."""
_TERRITORY = f"{BASE}id/territory/"
_KEY = re.compile(r"[0-9A-Za-z-]{1,100}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks for."""

    words: str
    is_blank: bool
    """Whether the form was sent with nothing in it."""
    kind: str
    territory: str
    limit: int
    page: int
    """0 of what is no number."""
    language: Language

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.words.strip() or self.kind or self.territory)

    def last_page(self, found: Hits) -> int:
        """The last page of what was found; the first, which is empty, where nothing was."""
        return max(-(-found.found // self.limit), 1)

    def query(self, **other: object) -> str:
        """The query string of this search, with other parameters in their place."""
        given = {"q": self.words, "type": self.kind, "territory": self.territory, "lang": self.language}
        given |= {"limit": str(self.limit) if self.limit != DEFAULT_LIMIT else ""}
        return urlencode({name: value for name, value in {**given, **other}.items() if value})


@dataclass(frozen=True, slots=True)
class _Row:
    """A hit as the page shows it."""

    hit: Hit
    label: list[Piece]
    kind: str
    text: list[Piece]
    territory_key: str


@dataclass(frozen=True)
class SearchPages:
    """The search of a release."""

    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]
    host: Callable[[Request], str]

    @cached_property
    def _threads(self) -> CapacityLimiter:
        return CapacityLimiter(_AT_ONCE)

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
        if isinstance(media, Failure):
            return self.failure_response(request, media)
        try:
            asked = _asked(request)
            answer = partial(self._answer, request, release, asked, media)
            response, found = await to_thread.run_sync(answer, limiter=self._threads)
        except protocol.Refused as refused:
            return self.failure_response(request, refused.failure)
        except SearchTimeout:
            return self.failure_response(request, Failure("slow-search"))
        except sqlite3.DatabaseError:
            return self.failure_response(request, Failure("damaged", detail={"path": FILE}))
        except lookup.UNREADABLE as error:
            return self.failure_response(request, lookup.unreadable(error))
        response.headers["vary"] = "Accept, Accept-Language"
        response.headers["clirld-hits"] = f"{found.found};cut" if found.is_cut else str(found.found)
        if links := self._links(request, asked, found):
            response.headers["link"] = links
        return conditional(request, response, release)

    def _answer(self, request: Request, release: ServedRelease, asked: _Asked, media: str) -> tuple[Response, Hits]:
        index = release.folder / FILE
        if not index.is_file():
            raise protocol.Refused(Failure("no-search"))
        if not release.is_whole(FILE):
            raise protocol.Refused(Failure("damaged", detail={"path": FILE}))
        known = kinds(index)
        if asked.kind and asked.kind not in known:
            raise _refused("type", asked.kind, ", ".join(sorted(known)))
        naming = Naming(lookup.open_store(release.store), asked.language)
        if asked.territory and not lookup.outgoing(naming.store, NamedNode(_TERRITORY + asked.territory), 1):
            raise _unknown_territory(asked.territory)
        if asked.is_empty and media != HTML:
            raise protocol.Refused(Failure("no-words"))
        if asked.is_empty:
            return self._page(request, release, asked, None, known, naming), Hits([], 0, is_cut=False)
        kind, territory = asked.kind or None, asked.territory or None
        found = find(
            index,
            asked.words,
            kind=kind,
            territory=territory,
            language=asked.language,
            start=max(asked.page - 1, 0) * asked.limit,
            limit=asked.limit,
        )
        if not 1 <= asked.page <= -(-MOST // asked.limit):
            given, last = request.query_params.get("page", "")[:80], str(asked.last_page(found))
            raise protocol.Refused(Failure("no-search-page", detail={"given": given, "last": last}))
        meant = None
        if not found.found:
            meant = suggestion(index, asked.words, kind=kind, territory=territory, language=asked.language)
        if media == HTML:
            return self._page(request, release, asked, found, known, naming, meant), found
        headers = {"content-language": asked.language}
        return Response(results.write(found.hits, media, meant), media_type=media, headers=headers), found

    def _page(
        self,
        request: Request,
        release: ServedRelease,
        asked: _Asked,
        found: Hits | None,
        known: dict[str, int],
        naming: Naming,
        meant: str | None = None,
    ) -> Response:
        shown = [name for name in names()["kinds"] if name in known]
        if asked.kind and asked.kind not in shown:
            shown.append(asked.kind)
        return pages.render(
            request,
            "search.html",
            self.settings,
            release=release,
            asked=asked,
            found=found,
            meant=meant,
            rows=[_row(hit, asked, naming) for hit in found.hits] if found else [],
            kinds=[(name, _kind_in_words(name, naming)) for name in shown],
            place=naming.label(_TERRITORY + asked.territory) if asked.territory else "",
        )

    def _links(self, request: Request, asked: _Asked, found: Hits) -> str:
        path = self.host(request) + address(request, "/search")
        pages_ = {"prev": asked.page - 1, "next": asked.page + 1}
        last = -(-found.found // asked.limit)
        return ", ".join(
            f'<{path}?{asked.query(page=page, format=request.query_params.get("format"))}>; rel="{relation}"'
            for relation, page in pages_.items()
            if 1 <= page <= last
        )


def _asked(request: Request) -> _Asked:
    """Raises protocol.Refused where a parameter has a value that it cannot have."""
    given = request.query_params
    limit = _number(given.get("limit"), DEFAULT_LIMIT)
    if not 1 <= limit <= MAX_LIMIT:
        raise _refused("limit", given["limit"], f"1–{MAX_LIMIT}")
    territory = given.get("territory", "").removeprefix(_TERRITORY)
    if territory and not _KEY.fullmatch(territory):
        raise _unknown_territory(territory)
    return _Asked(
        given.get("q", ""),
        "q" in given and not any(given.get(name, "").strip() for name in ("q", "type", "territory")),
        given.get("type", ""),
        territory,
        limit,
        _number(given.get("page"), 1),
        protocol.request_language(request, "fr"),
    )


def _number(text: str | None, default: int) -> int:
    """0 of what is no number."""
    if not text:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0


def _refused(name: str, given: str, allowed: str) -> protocol.Refused:
    return protocol.Refused(Failure("parameter", detail={"name": name, "given": given[:80], "allowed": allowed}))


def _unknown_territory(given: str) -> protocol.Refused:
    return protocol.Refused(Failure("unknown-territory", detail={"given": given[:80]}))


def _row(hit: Hit, asked: _Asked, naming: Naming) -> _Row:
    label = hit.label.text if hit.label else naming.label(hit.iri)
    text = _text(naming.store, hit.iri, asked)
    key = hit.iri.removeprefix(_TERRITORY) if hit.iri.startswith(_TERRITORY) and not hit.is_gone else ""
    kind = _kind_in_words(kinds_of(hit.iri)[-1], naming, "one")
    return _Row(hit, marked(label, asked.words), kind, excerpt(text, asked.words) if text != label else [], key)


def _kind_in_words(name: str, naming: Naming, number: str = "many") -> str:
    return naming.kind(name, number) or naming.kind(f"territory/{name}") or name


def _text(store: Store, iri: str, asked: _Asked) -> str:
    """What shows best why a thing was found: a name, number or description with a word of the question."""
    said = lookup.outgoing(store, NamedNode(iri))

    def texts(*columns: str) -> list[str]:
        found = [
            quad.object
            for predicate in (one for column in columns for one in COLUMNS[column])
            for quad in said
            if quad.predicate.value == predicate and isinstance(quad.object, Literal)
        ]
        return [one.value for one in sorted(found, key=lambda one: one.language not in (asked.language, None))]

    every, described = texts("name", "notation", "description"), texts("description")
    shows = (text for text in every if any(is_asked for _, is_asked in marked(text, asked.words)))
    return next(shows, None) or next(iter(described), "")
