"""The documentation as it was built, under /docs; nothing where it was not."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from clirld.web import pages

SITE = Path(__file__).parent / "site"
"""Where `make docs` builds it."""

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


def routes(site: Path = SITE) -> list[BaseRoute]:
    """Where the site is answered; no route where it was not built."""
    return [Mount("/docs", _Site(directory=site, html=True))] if is_built(site) else []


def is_built(site: Path = SITE) -> bool:
    """Whether there is a site."""
    return (site / "index.html").is_file()
