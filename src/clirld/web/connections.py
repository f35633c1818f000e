"""Connections: how they are read, and ended where a client is too slow, sends too much or has too many of them.

uvicorn's protocol for httptools, which has no limit on the head of a request, on how slowly it comes, and on how slowly
an answer is read.
"""

from __future__ import annotations

import asyncio
import json
import logging
from asyncio import TimerHandle
from http import HTTPStatus
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from clirld.query.answer import BrokenOff
from clirld.query.failure import Failure
from clirld.query.worker_pool import ServeSettings
from clirld.web.at_once.lookup_requests import LookupRequests
from clirld.web.at_once.repeated_requests import REQUEST_BYTES
from clirld.web.operation.counts import Counts

HEAD_SECONDS = 10.0
"""In which the head of a request has to come."""
READ_SECONDS = 30.0
"""In which a client has to take what was written before, some 64 KiB."""
MAX_CONNECTIONS = 2000
MAX_CONNECTIONS_PER_CLIENT = 400
_MAX_TARGET = 65_535  # bytes, which httptools reads
_OTHER_HEADERS = 1 << 16  # bytes of a head besides the query


def config(app: Starlette, settings: ServeSettings, **given: Any) -> uvicorn.Config:
    """How uvicorn serves the application, within these limits; what can be answered at once is, before it."""
    logging.getLogger("uvicorn.error").addFilter(_is_news)

    class Connection(_Connection):
        at_once = app.state.at_once
        counts = app.state.counts
        # A character is at most four bytes, each three characters once escaped.
        max_head = settings.max_query * 12 + _OTHER_HEADERS
        behind_proxy = settings.trusted_proxies > 0

    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        **given,
    )


def _is_news(record: logging.LogRecord) -> bool:
    """Whether an error is the server's: not one of an answer that was broken off, or of a client that has gone."""
    return not (record.exc_info and isinstance(record.exc_info[1], BrokenOff | ClientDisconnect))


class _HeadWithBody:
    """The transport of one answer, whose head goes out with the first bytes of its body, in one packet."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None
        self._is_out = False

    def write(self, data: bytes) -> None:
        """The first bytes that are not “100 Continue” are the head; a body, maybe an empty one, follows."""
        if self._is_out or data.startswith(b"HTTP/1.1 100 "):
            self._transport.write(data)
        elif self._head is None:
            self._head = data
        else:
            self._transport.write(self._head + data)
            self._is_out = True

    def close(self) -> None:
        """Also where no body came: then the head goes out alone."""
        if self._head is not None and not self._is_out:
            self._transport.write(self._head)
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Connection(HttpToolsProtocol):
    at_once: LookupRequests
    counts: Counts
    max_head: int
    behind_proxy: bool
    _head_timer: TimerHandle | None = None
    _read_timer: TimerHandle | None = None
    _head_bytes = 0
    _in_head = True
    _whole: bytes | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._are_too_many():
            self.counts.limit("connections")
            transport.abort()
        else:
            self._expect_head()

    def _are_too_many(self) -> bool:
        count = len(self.connections)
        if count <= MAX_CONNECTIONS_PER_CLIENT or self.client is None:
            return False
        host = self.client[0]
        clients = (getattr(one, "client", None) for one in self.connections)
        mine = sum(client is not None and client[0] == host for client in clients)
        return count > MAX_CONNECTIONS or (mine > MAX_CONNECTIONS_PER_CLIENT and not self.behind_proxy)

    def data_received(self, data: bytes) -> None:
        is_idle = self._head_bytes == 0 and self._in_head and (self.cycle is None or self.cycle.response_complete)
        is_whole = is_idle and data.endswith(b"\r\n\r\n") and data.count(b"\r\n\r\n") == 1  # one, without a body
        if is_whole and (answer := self.at_once.get(data, self.client, self.server)):
            self.counts.at_once()
            self._answer(answer)
            return
        self._whole = data if is_whole else None
        if self._in_head:
            self._head_bytes += len(data)
            # The end of the head may be in these bytes: then the parser finds it, and they are not too many.
            if self._head_bytes > self.max_head + (1 << 18):
                self._refuse(431, "head-too-long", self.max_head)
                return
        super().data_received(data)
        if self._in_head and self._head_bytes > self.max_head:
            self._refuse(431, "head-too-long", self.max_head)

    def _answer(self, answer: bytes) -> None:
        self._stop("_head_timer")
        self._unset_keepalive_if_required()
        headers = b"".join(b"%s: %s\r\n" % pair for pair in self.server_state.default_headers)
        self.transport.write(b"HTTP/1.1 200 OK\r\n" + headers + answer)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._whole is not None:
            self.scope[REQUEST_BYTES] = self._whole  # type: ignore[literal-required]
        self._expect_head()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        self._stop("_head_timer")
        super().on_headers_complete()
        if self.scope["method"] != "HEAD":  # which has no body
            self.cycle.transport = _HeadWithBody(self.transport)  # type: ignore[assignment]

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = True

    def _expect_head(self) -> None:
        self._in_head = True
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._end, "slow-head")

    def pause_writing(self) -> None:
        super().pause_writing()
        self._read_timer = self._read_timer or self.loop.call_later(READ_SECONDS, self._end, "slow-reader")

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop("_read_timer")

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop("_head_timer")
        self._stop("_read_timer")
        super().connection_lost(exc)

    def _end(self, limit: str) -> None:
        self.counts.limit(limit)
        self.transport.abort()

    def _stop(self, name: str) -> None:
        timer: TimerHandle | None = getattr(self, name)
        if timer is not None:
            timer.cancel()
            setattr(self, name, None)

    def send_400_response(self, msg: str) -> None:
        """What cannot be read as HTTP, for which there is no request that the application could answer."""
        if len(getattr(self, "url", b"")) > _MAX_TARGET:
            self._refuse(414, "head-too-long", _MAX_TARGET)
        else:
            self._refuse(400, "http")

    def _refuse(self, status: int, kind: str, limit: int = 0) -> None:
        if self.transport.is_closing():
            return
        failure = Failure(kind, detail={"limit": str(limit)})
        self.counts.failed(kind)
        self.counts.response(status)
        body = {
            "type": f"https://w3id.org/clirld/problem#{kind}",
            "title": failure.text("title"),
            "status": status,
            "detail": failure.text("what"),
            "do": failure.text("do"),
        }
        content = json.dumps(body).encode()
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(content)}\r\ncache-control: no-store\r\naccess-control-allow-origin: *\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + content)
        self.transport.close()
