"""Requests that come again to the byte, answered before anything reads them.

An answer is a function of the request and the release, so the bytes of a request may stand for it: nothing is parsed
again, and no worker is asked. Reading, routing and negotiating cost more than all else where an answer is kept.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clirld.query.answer_cache import AnswerCache

REQUEST_BYTES = "clirld.request"
"""Key of the scope: the bytes of a request that came whole, in one piece and alone."""
_ENDS = re.compile(rb"\r\nconnection:(?![ \t]*keep-alive[ \t]*\r\n)", re.IGNORECASE)


@lru_cache(maxsize=8)
def _release(data: Path, link: str) -> Path:
    return data / link


class Repeats:
    """The answers to requests by their bytes, of the release that a data folder points to."""

    def __init__(self, data: Path, kept: AnswerCache, given: Callable[[], None] = lambda: None) -> None:
        """`given` is called each time that an answer is given again."""
        self._data = data
        self._kept = kept
        self._given = given

    def answer(self, request: bytes, compute: Callable[[bytes], bytes | None]) -> bytes | None:
        """Headers (but for the date) and body of the answer to a request that came whole.

        The one that is kept, else what `compute` gives. Kept where the release is the same before and after: whose
        answer it is, is not known otherwise.
        """
        release, key = self._release(), sha256(request).digest()
        known = self._kept.get(release, key)
        if known is not None:
            self._given()
        elif (known := compute(request)) is not None and self._release() == release:
            self._kept.put(release, key, known)
        return known

    def _release(self) -> Path:
        try:
            return _release(self._data, os.readlink(f"{self._data}/current"))  # noqa: PTH115, as in clirld.web.release
        except OSError:
            return self._data

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """The application, whose answers to queries are kept where they have an entity tag and are of one piece."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            request: bytes | None = scope.get(REQUEST_BYTES)
            asks = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith("/sparql")
            if request is None or not asks or _ENDS.search(request):
                await app(scope, receive, send)
                return
            release = self._release()
            head: list[bytes] | None = None

            async def keep(message: Message) -> None:
                nonlocal head
                if message["type"] == "http.response.start" and message["status"] == 200:
                    names = {name for name, _ in message["headers"]}
                    # Of an earlier release nothing is kept: it may be deleted, or be refused, at any time.
                    if {b"etag", b"content-length"} <= names and b"memento-datetime" not in names:
                        head = [b"%s: %s\r\n" % pair for pair in message["headers"]]
                elif message["type"] == "http.response.body" and head and not message.get("more_body"):
                    # A release that was switched meanwhile: whose answer it is, is not known.
                    if self._release() == release:
                        answered = b"".join(head) + b"\r\n" + message["body"]
                        self._kept.put(release, sha256(request).digest(), answered)
                    head = None
                else:
                    head = None
                await send(message)

            await app(scope, receive, keep)

        return answer
