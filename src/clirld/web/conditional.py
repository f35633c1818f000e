"""What all routes that only read share: their methods, their validators and the answers to conditional requests.

Conditional requests: RFC 9110, section 13. An entity tag is the hash of the bytes, so that it is true whatever changed:
the data, the pages or the language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.web.release import ServedRelease

READ_METHODS = ("GET", "HEAD", "OPTIONS")


def read_route(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
    """A route that is read and never written to, and says so when asked (OPTIONS)."""

    async def answer(request: Request) -> Response:
        return preflight(READ_METHODS) if request.method == "OPTIONS" else await endpoint(request)

    return Route(path, answer, methods=list(READ_METHODS))


def preflight(methods: tuple[str, ...]) -> Response:
    """The answer to OPTIONS: which methods there are, also for scripts of other sites (CORS)."""
    allowed = ", ".join(methods)
    headers = {
        "allow": allowed,
        "access-control-allow-methods": allowed,
        "access-control-allow-headers": "Accept, Accept-Datetime, Accept-Language, Clirld-Release, "
        "Content-Encoding, Content-Type, If-Modified-Since, If-None-Match",
        "access-control-max-age": "86400",
    }
    return Response(status_code=204, headers=headers)


def conditional(request: Request, response: Response, release: ServedRelease | None = None) -> Response:
    """The response with its validators; 304 without a body where the client already has these bytes."""
    response.headers["etag"] = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:32]}"'
    response.headers.setdefault("cache-control", "no-cache")
    response.headers.update(release_headers(release))
    if not not_modified(request, response.headers["etag"], release):
        return response
    kept = ("etag", "vary", "cache-control", "last-modified", "content-location", "link", "clirld-release")
    return Response(
        status_code=304, headers={name: response.headers[name] for name in kept if name in response.headers}
    )


def release_headers(release: ServedRelease | None) -> dict[str, str]:
    """Which release answers, and since when it says so."""
    if release is None:
        return {}
    created = release.created
    modified = {"last-modified": _http_date(created)} if created else {}
    return {"clirld-release": release.id, **modified}


@lru_cache(maxsize=8)
def _http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def not_modified(request: Request, etag: str, release: ServedRelease | None = None) -> bool:
    """Whether the client already has what has this validator (weak comparison), or this release."""
    known = request.headers.get("if-none-match")
    if known is not None:  # then If-Modified-Since is not looked at (RFC 9110, section 13.1.3)
        tags = [part.strip().removeprefix("W/") for part in known.split(",")]
        return "*" in tags or etag.removeprefix("W/") in tags
    since, created = parsed_date(request.headers.get("if-modified-since")), release.created if release else None
    return since is not None and created is not None and created <= since


def parsed_date(text: str | None) -> datetime | None:
    """A date as HTTP has it; None where it is none."""
    try:
        date = parsedate_to_datetime(text or "")
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
