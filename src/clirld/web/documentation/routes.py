"""What a visitor is told of using the data: /table, and the documentation as it was built, under /docs.

Where it was not built, /docs says where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from clirld.french import spaced_words
from clirld.link.own_table.release_things import FILES
from clirld.query.failure import Failure, Language
from clirld.query.worker_pool import ServeSettings
from clirld.web import pages
from clirld.web.citable.choice import address, release_of
from clirld.web.conditional import conditional, read_route
from clirld.web.protocol import request_language

SITE = Path(__file__).parent / "site"
"""Where `make docs` builds it."""

TABLE = "/table"
"""The page that says how a table is linked."""

_BEGINNINGS = ("", "fr", "fr/", "index.html", "fr/index.html")
"""Where the documentation begins, under /docs/."""

_POLICY = pages.HEADERS["content-security-policy"].replace(
    "default-src 'none';", "default-src 'none'; script-src 'self'; connect-src 'self';"
)
"""Its search is a script of its own, which reads its index and the pages that it finds."""


class _Site(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["content-security-policy"] = _POLICY
        response.headers["referrer-policy"] = pages.HEADERS["referrer-policy"]
        response.headers["cache-control"] = "no-cache"
        return response


@dataclass(frozen=True)
class GuidePages:
    """The pages, and the site where it was built; `contact` is the address of the project."""

    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]
    host: Callable[[Request], str]
    contact: str
    site: Path = SITE

    @property
    def routes(self) -> list[BaseRoute]:
        """What the application serves to be read by whoever uses the data."""
        return [
            read_route(TABLE, self.table),
            *(
                read_route(path, partial(_led, f"{TABLE}?lang={lang}"))
                for path, lang in (("/aide", "fr"), ("/help", "en"))
            ),
            *site_routes(self.site),
            read_route("/docs", partial(_led, "/docs/") if is_built(self.site) else self.elsewhere),
            read_route("/docs/{path:path}", self.elsewhere),
        ]

    async def table(self, request: Request) -> Response:
        """How a table is linked: with OpenRefine, on one's own computer, with a program."""
        language = request_language(request, "fr")
        service = f"{self.host(request)}/reconcile/{language}"
        release = release_of(request)
        files = [one for one in release.files() if FILES.fullmatch(one[0])] if release else []
        return self._page(
            request,
            "table.html",
            w=_words(language),
            host=self.host(request),
            service=service,
            contact=self.contact,
            files=files,
            source=self.host(request) + address(request, "/release/"),
        )

    async def elsewhere(self, request: Request) -> Response:
        """Where the documentation is, in both languages, the reader's first."""
        if request.path_params.get("path", "") not in _BEGINNINGS:
            return self.failure_response(request, Failure("not-found", detail={"path": request.url.path}))
        languages: tuple[Language, ...] = ("fr", "en") if request_language(request, "fr") == "fr" else ("en", "fr")
        said = [(one, _words(one)) for one in languages]
        return self._page(request, "documentation.html", said=said, contact=self.contact)

    def _page(self, request: Request, template: str, **context: Any) -> Response:
        release = release_of(request)
        return conditional(request, pages.render(request, template, self.settings, release=release, **context), release)


def site_routes(site: Path = SITE) -> list[BaseRoute]:
    """Where the site is answered; no route where it was not built."""
    return [Mount("/docs", _Site(directory=site, html=True))] if is_built(site) else []


def is_built(site: Path = SITE) -> bool:
    """Whether there is a site."""
    return (site / "index.html").is_file()


async def _led(path: str, _: Request) -> Response:
    return RedirectResponse(path, 303)


@cache
def _words(language: Language) -> dict[str, str]:
    said = pages.words(__package__, language)
    return spaced_words(said, language)
