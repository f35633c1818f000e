"""Answers over HTTP: whole with their length, or in pieces as they are computed; packed where the client takes gzip."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from isal import igzip, isal_zlib
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from clirld.query.answer import Answer
from clirld.web.content_negotiation import accepts_gzip

_WORTH_PACKING = 1000  # bytes
_PATIENCE = 0.05  # seconds before it is looked at whether the client is still there: most answers come sooner
_Result = TypeVar("_Result")


class StreamedAnswer(Response):
    """An answer in pieces. `kept` is given all of it at its end, where it is no longer than `max_kept`."""

    def __init__(
        self, answer: Answer, media_type: str, headers: dict[str, str], kept: Callable[[bytes], None], max_kept: int
    ) -> None:
        super().__init__(media_type=media_type, headers=headers)
        del self.headers["content-length"]
        self._answer = answer
        self._kept = kept
        self._max_kept = max_kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises BrokenOff: what was begun is then never ended as if it were whole."""
        try:
            if scope["method"] == "HEAD":
                await super().__call__(scope, receive, send)
                return
            pieces = self._pieces()
            if accepts_gzip(scope) and scope["http_version"] != "1.0":  # which knows no pieces
                self.headers["content-encoding"] = "gzip"
                pieces = _packed(pieces)
            elif self._answer.ended:
                self.headers["content-length"] = str(self._answer.length)
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await until_disconnect(receive, self._send(pieces, send))
        finally:
            self._answer.close()

    async def _send(self, pieces: AsyncIterator[bytes], send: Send) -> None:
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _pieces(self) -> AsyncIterator[bytes]:
        kept: bytearray | None = bytearray()
        async for piece in self._answer.pieces():
            if kept is not None:
                kept += piece
                if len(kept) > self._max_kept:
                    kept = None
            yield piece
        if kept is not None:
            self._kept(bytes(kept))


async def _packed(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = isal_zlib.compressobj(level=1, wbits=31)
    async for piece in pieces:
        # Flushed each time: the client can read what it has, and a piece is long enough for that.
        yield packer.compress(piece) + packer.flush(isal_zlib.Z_SYNC_FLUSH)
    yield packer.flush()


def whole_answer(scope: Scope, content: bytes, media_type: str, headers: dict[str, str]) -> Response:
    """An answer that is all there."""
    if len(content) >= _WORTH_PACKING and accepts_gzip(scope):
        content, headers = igzip.compress(content, compresslevel=1), headers | {"content-encoding": "gzip"}
    return Response(content, media_type=media_type, headers=headers)


async def until_disconnect(receive: Receive, work: Coroutine[Any, Any, _Result]) -> _Result | None:
    """Do the work, and stop it when the client hangs up: then there is nothing to give."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task], timeout=_PATIENCE)
        if not task.done():
            gone = asyncio.ensure_future(_disconnected(receive))
            try:
                await asyncio.wait([task, gone], return_when=asyncio.FIRST_COMPLETED)
            finally:
                gone.cancel()
        return task.result() if task.done() else None
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait([task])


async def _disconnected(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
