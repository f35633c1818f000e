"""Where an address that is not there probably was to lead: without the slash at its end, or in small letters."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request

from clirld.web.citable.choice import address, raw_path

_WITHOUT_NAME = ("/id", "/doc", "/graph", "/doc/graph", "/doc/concept", "/timemap")
"""Below which there are pages, and which have none of their own."""
_KEPT = "/%:@!$&'()*+,;=~-._"


def meant(request: Request) -> str:
    """The path and query that were probably meant; empty where there is nothing to guess.

    It begins with one slash and has no backslash: two would name another site.
    """
    if request.method not in ("GET", "HEAD"):
        return ""
    asked = raw_path(request)
    path = "/" + asked.strip("/")
    if path.count("/") == 1:
        path = path.lower()
    # Below /release/ there are files, and none of a folder.
    if path in (asked, "/", *_WITHOUT_NAME) or path.startswith("/release/") or "//" in asked:
        return ""
    query = f"?{request.url.query}" if request.url.query else ""
    return address(request, quote(path, safe=_KEPT)) + query
