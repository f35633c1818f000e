"""Answers of the map and the pictures, packed with gzip for who takes it: drawings and points come to a fifth."""

from __future__ import annotations

import gzip

from starlette.requests import Request
from starlette.responses import Response

from clirld.web.content_negotiation import accepts_gzip
from clirld.web.made_pages import Make

_WORTH_PACKING = 1000  # bytes


def packed_of(make: Make) -> Make:
    """What makes the same answers, packed."""
    return lambda request, release: packed(request, make(request, release))


def packed(request: Request, response: Response) -> Response:
    """The response with its body packed, where that is taken and worth it."""
    vary = response.headers.get("vary")
    response.headers["vary"] = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
    if len(response.body) >= _WORTH_PACKING and accepts_gzip(request.scope):
        # By zlib, and not by isal as other answers: a tenth smaller, at some hundredths of a second for the largest.
        response.body = gzip.compress(bytes(response.body), compresslevel=6, mtime=0)
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(response.body))
    return response
