"""A drawing for a request: in its language, its width and its colours, with its own policy."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from clirld.web import protocol
from clirld.web.figures.svg import NARROW, THEMES, WIDEST, Sheet
from clirld.web.maps.asked import number, refused

_HEADERS = {
    "vary": "Accept-Language",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


def new_sheet(request: Request, title: str, description: str, width: int) -> Sheet:
    """A sheet as wide as `?width=` says, in the colours of `?theme=`: light, to be printed, or dark.

    Raises protocol.Refused where one of them cannot be read.
    """
    theme = request.query_params.get("theme") or "light"
    if theme not in ("light", "dark"):
        raise refused("theme", theme, "light, dark")
    asked = number("width", request.query_params.get("width", ""), width, WIDEST)
    if asked < NARROW:
        raise refused("width", str(asked), f"{NARROW}–{WIDEST}")
    language = protocol.request_language(request, "fr")
    return Sheet(title, description, language, THEMES["dark" if theme == "dark" else "light"], asked)


def svg_response(sheet: Sheet) -> Response:
    """The sheet as an answer."""
    headers = {**_HEADERS, "content-language": sheet.language}
    return Response(sheet.document(), media_type="image/svg+xml", headers=headers)
