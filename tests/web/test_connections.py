"""Bytes that are no request, too many of them, and connections that go on for ever."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from clirld.web import connections
from tests.web.served import make_release, serve_settings, serving
from tests.web.test_limits import until
from tests.web.test_protocol import plain

QUERY = "SELECT ?o { <http://example.org/release> ?p ?o }"
GET = f"GET /sparql?query={quote(QUERY)} HTTP/1.1\r\nHost: x\r\n".encode()
CLOSE = b"Connection: close\r\n\r\n"


class _Wire:
    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.packets.append(data)

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("body", [b"abc", b"", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_head_goes_out_with_its_body_and_nothing_else_waits(body: bytes) -> None:
    wire = _Wire()
    answer = connections._HeadWithBody(wire)  # type: ignore[arg-type]
    for part in (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", body, b"HTTP/1.1 100 more"):
        answer.write(part)
    assert wire.packets == [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n" + body, b"HTTP/1.1 100 more"]
    answer.close()
    assert wire.closed
    assert len(wire.packets) == 3


def test_a_head_without_a_body_goes_out_where_the_connection_ends() -> None:
    wire = _Wire()
    answer = connections._HeadWithBody(wire)  # type: ignore[arg-type]
    answer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    assert wire.packets == []
    answer.close()
    assert (wire.packets, wire.closed) == ([b"HTTP/1.1 200 OK\r\n\r\n"], True)


@pytest.mark.parametrize(
    ("request_bytes", "statuses"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),  # TLS
        (b"NONSENSE\r\n\r\n", {400}),
        (b"GET / HTTP/9.9\r\n\r\n", {400}),
        (b"GET /sparql?query=ASK {} HTTP/1.1\r\nHost: x\r\n" + CLOSE, {400}),
        (b"GET /sparql?query=\xff\xfe HTTP/1.1\r\nHost: x\r\n" + CLOSE, {400}),
        (b"GET /sparql?query=%FF%FE HTTP/1.1\r\nHost: x\r\n" + CLOSE, {400}),
        (b"GET http://x HTTP/1.1\r\nHost: x\r\n" + CLOSE, {200, 400}),
        (b"GET /sparql?query=" + b"x" * 600_000 + b" HTTP/1.1\r\nHost: x\r\n" + CLOSE, {431}),
        (b"GET /sparql?query=" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n" + CLOSE, {414}),
        (b"GET /sparql?query=" + b"x" * 60_000 + b" HTTP/1.1\r\nHost: x\r\n" + CLOSE, {413}),
        (GET + b"X: y\r\n" * 200_000 + CLOSE, {431}),
        (GET + b"Cookie: " + b"x" * 600_000 + b"\r\n" + CLOSE, {431}),
        (GET + b"Accept: " + b"a/b," * 5_000 + b"\r\n" + CLOSE, {406}),
        (GET + b"Accept: \xff\xff;q=nan\r\n" + CLOSE, {406}),
        (GET + b"Accept-Encoding: \xff;q=x, gzip;q=9e999\r\n" + CLOSE, {200}),
        (GET + b"X-Forwarded-For: " + b"1," * 1000 + b"\r\n" + CLOSE, {200}),
        (GET + b"If-None-Match: \xff\r\nIf-Modified-Since: \xff\r\n" + CLOSE, {200}),
        (GET + b"Connection: upgrade\r\nUpgrade: websocket\r\n" + CLOSE, {200}),
        (GET + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", {400}),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", {400}),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", {400}),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: \xff\r\nContent-Length: 1\r\n" + CLOSE + b"x", {415}),
        (b"GET /sparql?" + b"&".join([b"a=b"] * 3000) + b" HTTP/1.1\r\nHost: x\r\n" + CLOSE, {400}),
        (b"GET /sparql?query=ASK%7B%7D&default-graph-uri=%00 HTTP/1.1\r\nHost: x\r\n" + CLOSE, {400}),
        (b"GET /sparql?query=%00%EF%BF%BF%F0%9F%98%80 HTTP/1.1\r\nHost: x\r\n" + CLOSE, {400}),
        (b"GET /sparql?query=ASK%7B%7D&format=%F0%9F%98%80 HTTP/1.1\r\nHost: x\r\n" + CLOSE, {406}),
        (b"GET /..%2f..%2fetc/passwd HTTP/1.1\r\nHost: x\r\n" + CLOSE, {404}),
        (b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: \xff\r\n" + CLOSE, {200, 400}),
    ],
)
def test_bad_input_is_told_what_to_do(site: str, request_bytes: bytes, statuses: set[int]) -> None:
    try:
        head, _, body = plain(site, request_bytes).partition(b"\r\n\r\n")
    except ConnectionResetError:  # refused before all of it was read, and the reset came before the answer
        assert len(request_bytes) > 1 << 16
        return
    status = int(head.split(b" ", 2)[1])
    assert status in statuses, head + body
    if status >= 400 and b"content-type: application/problem+json" in head.lower():
        problem = json.loads(body)
        assert problem["status"] == status
        assert problem["do"]
    elif status >= 400:
        assert "→ " in body.decode()


def test_requests_in_a_row_are_all_answered(site: str) -> None:
    """Also where they came before, in other pieces."""
    whole = GET + b"\r\n"
    for sent in (whole + GET + CLOSE, whole * 3 + GET + CLOSE, whole + GET + CLOSE, GET + CLOSE):
        answer = plain(site, sent)
        assert answer.count(b"HTTP/1.1 200 OK") == sent.count(b"GET ")
        assert answer.count(b'"value":"one"') == sent.count(b"GET ")


@pytest.fixture
def hasty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server without patience."""
    make_release(tmp_path)
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(connections, "READ_SECONDS", 0.3)
    monkeypatch.setattr("clirld.web.protocol.BODY_SECONDS", 0.3)
    monkeypatch.setattr(connections, "MAX_CONNECTIONS_PER_CLIENT", 5)
    with serving(tmp_path, serve_settings()) as address:
        yield address


@pytest.mark.parametrize("start", [b"", b"GET", GET])
def test_a_head_that_never_ends_is_cut_off(hasty: str, start: bytes) -> None:
    assert plain(hasty, start) == b""


def test_a_body_that_never_comes_is_refused(hasty: str) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 9\r\n"
    answer = plain(hasty, head + CLOSE)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"slow-request" in answer


def test_an_answer_that_is_never_read_is_cut_off(hasty: str) -> None:
    large = "SELECT * { ?s ?p ?o . ?a ?b ?o . VALUES ?n { 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 } }"
    parts = urlsplit(hasty)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(60)
        connection.connect((parts.hostname, parts.port))
        connection.sendall(f"GET /sparql?query={quote(large)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert until(lambda: was_cut_off(connection))
    assert plain(hasty, GET + CLOSE).startswith(b"HTTP/1.1 200")


def was_cut_off(connection: socket.socket) -> bool:
    try:
        connection.send(b"x")
    except OSError:
        return True
    return False


def test_a_client_has_so_many_connections_and_no_more(hasty: str) -> None:
    parts = urlsplit(hasty)
    held = [socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) for _ in range(6)]
    try:
        assert b"" in {one.recv(1) for one in held[5:]}
    finally:
        for one in held:
            one.close()
    assert plain(hasty, GET + CLOSE).startswith(b"HTTP/1.1 200")
