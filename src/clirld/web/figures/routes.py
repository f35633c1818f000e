"""The routes of the pictures: a page with picture and table, the picture alone, the table alone."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.query.failure import Failure, Language
from clirld.web import maps, pages, protocol
from clirld.web.conditional import read_route
from clirld.web.documents import lookup
from clirld.web.documents.naming import Naming
from clirld.web.figures import density, kept_quality, network, years
from clirld.web.figures.picture import Picture
from clirld.web.figures.sheet import new_sheet, svg_response
from clirld.web.made_pages import MadePages, Make
from clirld.web.maps import places
from clirld.web.maps.found import view_of
from clirld.web.maps.packed import packed_of
from clirld.web.maps.routes import SCRIPTED, credits, source_titles
from clirld.web.release import ServedRelease

_COUNTED = {
    years.RECOGNITIONS: years.recognitions,
    years.STARTS: years.starts,
    density.DENSITY: density.density,
}
"""Pictures of counts, which may be filtered as the map is."""
NAMES = (*_COUNTED, network.NETWORK, kept_quality.QUALITY)


class FigurePages(MadePages):
    """The pictures of a release."""

    @property
    def routes(self) -> list[Route]:
        """What the application serves of pictures."""
        answers: dict[str, Make] = {
            "/figure/": self._index,
            "/figure/{figure}.{kind}": self._in_one_format,
            "/figure/{figure}": self._page,
        }
        return [read_route(path, partial(self.made, packed_of(answer))) for path, answer in answers.items()]

    def _index(self, request: Request, release: ServedRelease) -> Response:
        language = protocol.request_language(request, "fr")
        found = []
        for name in _COUNTED:
            try:
                found.append(self._counted(request, release, name))
            except protocol.Refused:  # there is none to be had of this release
                continue
        said = pages.words(__package__, language)
        return pages.render(request, "figures.html", self.settings, release=release, w=said, pictures=found)

    def _page(self, request: Request, release: ServedRelease) -> Response:
        language = protocol.request_language(request, "fr")
        picture = self._picture(request, release)
        response = pages.render(
            request,
            "figure.html",
            self.settings,
            release=release,
            w=pages.words(__package__, language),
            m=pages.words(maps.__name__, language),
            picture=picture,
            rows=picture.table(language),
            is_of_places=picture.name in _COUNTED,
            credits=credits(release, picture.sources, pages.words(maps.__name__, language), language),
            fixed=f"/release/{release.id}/figure/{picture.name}?{urlencode({'lang': language})}&{picture.query}",
        )
        response.headers["content-security-policy"] = SCRIPTED
        return response

    def _in_one_format(self, request: Request, release: ServedRelease) -> Response:
        kind, language = str(request.path_params["kind"]), protocol.request_language(request, "fr")
        if kind == "html":
            return self._page(request, release)
        if kind not in ("svg", "csv"):
            raise protocol.Refused(Failure("not-found", detail={"path": request.url.path}))
        picture = self._picture(request, release)
        if kind == "csv":
            headers = {"vary": "Accept-Language", "content-language": language}
            return Response(
                picture.csv(language, release.id, *_whence(release, picture, language)),
                media_type="text/csv; charset=utf-8",
                headers=headers,
            )
        sheet = new_sheet(request, picture.title, picture.description, picture.width)
        whence = [*picture.notes, *credits(release, picture.sources, pages.words(maps.__name__, language), language)]
        if request.query_params.get("bare"):  # in a page that says all this
            picture.draw(sheet)
        else:
            sheet.head()
            picture.draw(sheet)
            sheet.foot(whence)
        return svg_response(sheet)

    def _picture(self, request: Request, release: ServedRelease) -> Picture:
        name, language = str(request.path_params["figure"]), protocol.request_language(request, "fr")
        say, titles = pages.words(__package__, language), source_titles(release, language)
        if name in _COUNTED:
            return self._counted(request, release, name)
        if name == network.NETWORK:
            naming = Naming(lookup.open_store(release.store), language)
            return network.picture(naming, request.query_params.get("thing", ""), say, titles)
        if name == kept_quality.QUALITY:
            source = request.query_params.get("source") or next(iter(release.sources), "")
            return kept_quality.picture(release, source, language, say, pages.labels(language), titles)
        raise protocol.Refused(Failure("not-found", detail={"path": request.url.path}))

    def _counted(self, request: Request, release: ServedRelease, name: str) -> Picture:
        view = view_of(request, release)
        with places.opened(release) as database:
            places.check(database, view)
            return _COUNTED[name](release, database, view, pages.words(__package__, view.language))


def _whence(release: ServedRelease, picture: Picture, language: Language) -> tuple[str, str]:
    """The titles of the sources of a picture, and those of their licences."""
    told = [one for one in release.manifest.get("sources") or [] if one.get("id") in picture.sources]
    titles = source_titles(release, language)
    licences = {str(((one.get("license") or {}).get("title") or {}).get(language) or "") for one in told} - {""}
    return "; ".join(titles[one["id"]] for one in told), "; ".join(sorted(licences))
