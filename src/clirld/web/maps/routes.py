"""The routes of the map: a page that works without a script, the same drawn, and as GeoJSON for programs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.query.failure import Failure, Language
from clirld.release.maps.placing import POINT
from clirld.release.maps.write import FACETS, NOWHERE
from clirld.search.find import SearchTimeout
from clirld.search.index import FILE as INDEX
from clirld.settings import BASE
from clirld.web import number_formats, pages, protocol
from clirld.web.citable.choice import address
from clirld.web.conditional import read_route
from clirld.web.figures.sheet import new_sheet, svg_response
from clirld.web.figures.svg import WIDE
from clirld.web.made_pages import MadePages, Make
from clirld.web.maps import geojson, places
from clirld.web.maps.asked import Asked, Window, number, short, window
from clirld.web.maps.drawing import METROPOLE, draw, form
from clirld.web.maps.found import searched, view_of
from clirld.web.maps.packed import packed_of
from clirld.web.maps.places import LEVELS, Choice
from clirld.web.maps.sheet import sheet_of
from clirld.web.release import ServedRelease
from clirld.web.search.asked import FILTERS
from clirld.web.search.sheet import MOST_ROWS

PAGE = 25
"""Places of the list on a page."""
DEFAULT_LIMIT, MAX_LIMIT = 1000, 20_000
"""Features of an answer."""
_MOST_CHOICES, _MOST_GROUPINGS = 60, 80
"""Values of a facet that the page names; territories are all named, by name."""
SCRIPTED = pages.HEADERS["content-security-policy"].replace(
    "default-src 'none';", "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self';"
)
"""The policy of a page that has a script of this server."""


@dataclass(frozen=True)
class MapPages(MadePages):
    """The map of a release."""

    host: Callable[[Request], str]

    @property
    def routes(self) -> list[Route]:
        """What the application serves of the map."""
        answers: dict[str, Make] = {
            "/map": self._page,
            "/map.svg": self._drawing,
            "/map/initiatives.geojson": self._points,
            "/map/initiatives.csv": self._sheet,
            "/map/contours/{level}.geojson": self._contours,
        }
        return [read_route(path, partial(self.made, packed_of(answer))) for path, answer in answers.items()]

    def _page(self, request: Request, release: ServedRelease) -> Response:
        view = view_of(request, release)
        with places.opened(release) as database:
            places.check(database, view)
            found = places.count(database, view)
            rows = places.found(database, view, PAGE, (view.page - 1) * PAGE)
            choices = places.choices(database, view, _offered(view))
            contours = places.contours(database, "outline")
            seen = places.window_of(database, view)
            chosen = [(name, value, _label(database, name, value, view.language)) for name, value in view.filters]
        say = pages.words(__package__, view.language)
        _name_sources(choices, release, say, view.language)
        precisions = {one.value: one.count for one in choices.get("place", [])}
        response = pages.render(
            request,
            "map.html",
            self.settings,
            release=release,
            w=say,
            view=view,
            words_asked=dict(view.search).get("q", ""),
            kept=parse_qsl(view.query(q="", bbox="")),
            search_query=_search_query(view),
            found=found,
            most_rows=MOST_ROWS,
            rows=[(one, form(one.kinds)) for one in rows],
            pages=max(1, -(-found // PAGE)),
            chosen=[(*one, view.but(one[0])) for one in searched(release, view)] +
                   [(name, short(name, value), _in_words(name, label, release, say, view.language), view.but(name))
                    for name, value, label in chosen],
            narrowing=_narrowing(choices, view),
            precisions=precisions,
            placed=found - precisions.get(NOWHERE, 0),
            sure=precisions.get(POINT, 0),
            overseas=[(one.name, _around(one.window)) for one in contours if one.window.west < METROPOLE.west
                      or one.window.east > METROPOLE.east],
            frame=seen or METROPOLE,
            credits=credits(release, {one.value for one in choices.get("source", [])} or {view.value("source")}, say,
                            view.language),
            base=BASE,
        )  # fmt: skip
        response.headers["content-security-policy"] = SCRIPTED
        return response

    def _drawing(self, request: Request, release: ServedRelease) -> Response:
        view = replace(view_of(request, release), page=1)
        say = pages.words(__package__, view.language)
        with places.opened(release) as database:
            places.check(database, view)
            drawn = places.found(database, view, MAX_LIMIT, placed_only=True)
            seen = places.window_of(database, view)
            contours = places.contours(database, "epci" if seen else "outline", seen)
            named = [_label(database, name, value, view.language) for name, value in view.filters]
            named = [_in_words(name, label, release, say, view.language)
                     for (name, _), label in zip(view.filters, named, strict=True)]  # fmt: skip
        title = " – ".join([say["title"], *(label for _name, _value, label in searched(release, view)), *named])
        count = number_formats.number(len(drawn), view.language)
        sheet = new_sheet(request, title, say["drawing"].format(count=count), WIDE)
        is_bare = bool(request.query_params.get("bare"))  # in a page that says all this
        if not is_bare:
            sheet.head()
        legend = {name.removeprefix("legend_"): text for name, text in say.items() if name.startswith("legend_")}
        outside = draw(sheet, contours, drawn, seen, legend)
        if outside:
            sheet.paragraph(_off_sheet(say, outside, view.language), soft=True)
        if not is_bare:
            sheet.foot([*credits(release, {one.source for one in drawn}, say, view.language), say["contours_source"]])
        return svg_response(sheet)

    def _points(self, request: Request, release: ServedRelease) -> Response:
        view = view_of(request, release)
        limit = number("limit", request.query_params.get("limit", ""), DEFAULT_LIMIT, MAX_LIMIT)
        placed_only = view.value("place") != NOWHERE
        with places.opened(release) as database:
            places.check(database, view)
            matched = places.count_placed(database, view) if placed_only else places.count(database, view)
            found = places.found(database, view, limit, (view.page - 1) * limit, placed_only=placed_only)
        path = self.host(request) + address(request, "/map/initiatives.geojson")
        pages_ = {"self": view.page, "next": view.page + 1 if view.page * limit < matched else 0, "prev": view.page - 1}
        links = [
            {"rel": name, "type": geojson.MEDIA_TYPE, "href": f"{path}?{view.query(page=page, limit=limit)}"}
            for name, page in pages_.items()
            if page > 0
        ]
        return _told(geojson.of_places(found, matched, release.id, links))

    def _sheet(self, request: Request, release: ServedRelease) -> Response:
        view = view_of(request, release)
        with places.opened(release) as database:
            places.check(database, view)
            matched, found = places.count(database, view), places.found(database, view, MOST_ROWS)
        try:
            response = sheet_of(release, found, view.language)
        except SearchTimeout:
            raise protocol.Refused(Failure("slow-search")) from None
        except sqlite3.DatabaseError:
            raise protocol.Refused(Failure("damaged", detail={"path": INDEX})) from None
        response.headers["clirld-hits"] = f"{len(found)};cut" if matched > len(found) else str(matched)
        return response

    def _contours(self, request: Request, release: ServedRelease) -> Response:
        level = str(request.path_params["level"])
        if level not in LEVELS:
            raise protocol.Refused(Failure("not-found", detail={"path": request.url.path}))
        seen = window(request.query_params.get("bbox", ""))
        with places.opened(release) as database:
            contours = places.contours(database, level, seen)
        return _told(geojson.of_contours(contours, release.id))


def _told(content: bytes) -> Response:
    return Response(content, media_type=geojson.MEDIA_TYPE)


def _around(frame: Window) -> Window:
    margin = max(frame.east - frame.west, frame.north - frame.south) * 0.1
    return Window(frame.west - margin, frame.south - margin, frame.east + margin, frame.north + margin)


def _search_query(view: Asked) -> str:
    """The query string of the search that finds the same, but for the filters that only the map has."""
    filters = {name: value for name, value in view.filters if name in FILTERS}
    search = {**dict(view.search), "q": view.words}
    return urlencode({"type": "initiative", **search, **filters, "lang": view.language})


def _label(database: sqlite3.Connection, name: str, value: str, language: Language) -> str:
    return places.labels(database, name, language).get(value, short(name, value))


def _in_words(name: str, label: str, release: ServedRelease, say: Mapping[str, str], language: Language) -> str:
    """A value in words, where they stand in the manifest or here."""
    if name == "source":
        return source_titles(release, language).get(label, label)
    return say.get(f"precision_{label}", label) if name == "place" else label


def _name_sources(
    choices: Mapping[str, list[Choice]], release: ServedRelease, say: Mapping[str, str], language: Language
) -> None:
    for name in ("source", "place"):
        offered = choices.get(name, [])
        offered[:] = [replace(one, label=_in_words(name, one.value, release, say, language)) for one in offered]


def _offered(view: Asked) -> list[str]:
    """The facets that a view offers values of: groupings once their département, or another, is chosen."""
    hidden = {name for name, _ in view.filters} - {"place"}
    if not (view.value("departement") or view.window):
        hidden.add("epci")
    return [name for name in FACETS if name not in hidden]


def _narrowing(choices: Mapping[str, list[Choice]], view: Asked) -> list[tuple[str, list[tuple[str, Choice]]]]:
    """Facet → addresses of the views that its values lead to."""
    found = []
    for name in FACETS:
        values = choices.get(name, [])
        if view.value(name) or len(values) < 2 or (name == "epci" and len(values) > _MOST_GROUPINGS):
            continue
        kept = values if name in ("departement", "epci", "year") else values[:_MOST_CHOICES]
        found.append((name, [(view.query(**{name: one.value}), one) for one in kept]))
    return found


def _off_sheet(say: Mapping[str, str], count: int, language: Language) -> str:
    if count == 1:
        return say["off_sheet_one"]
    return say["off_sheet"].format(count=number_formats.number(count, language))


def source_titles(release: ServedRelease, language: Language) -> dict[str, str]:
    """Id of a source → its title."""
    sources = release.manifest.get("sources") or []
    return {str(one["id"]): str((one.get("title") or {}).get(language) or one["id"]) for one in sources if "id" in one}


def credits(release: ServedRelease, sources: Collection[str], say: Mapping[str, str], language: Language) -> list[str]:
    """Where a drawing of some sources comes from, and under which licences."""
    titles = source_titles(release, language)
    told = [one for one in release.manifest.get("sources") or [] if one.get("id") in sources]
    licences = sorted({str(((one.get("license") or {}).get("title") or {}).get(language) or "") for one in told} - {""})
    between = "\N{NO-BREAK SPACE}; " if language == "fr" else "; "
    named = between.join(titles[one] for one in sorted(sources) if one in titles)
    lines = [say["from"].format(release=release.id, sources=named or "–")]
    return [*lines, say["under"].format(licences=between.join(licences))] if licences else lines
