"""A local HTTP server that misbehaves on demand, for the tests of fetch."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from clirld.fetch import stage
from clirld.fetch.http_body import HttpSettings
from clirld.settings import Settings

CSV = b"id,name\n1,Le Zinc\n2,La Cordee\n"


@dataclass
class Served:
    """One request that came: its path and headers."""

    path: str
    headers: dict[str, str]


class Handler(BaseHTTPRequestHandler):
    """Writes what a test wants, byte by byte where it matters."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two packets: the second would wait 40 ms
    server: Server

    def do_GET(self) -> None:
        self.server.served.append(Served(self.path, dict(self.headers)))
        number = len(self.server.served)
        self.close_connection = True
        with suppress(BrokenPipeError, ConnectionResetError):  # the client gave up, as it should
            self.server.behave(self, number)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def reply(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """A well-behaved answer, or one with a wrong Content-Length if given; `-` leaves it out."""
        headers.setdefault("Content_Length", str(len(body)))
        self.send_response(status)
        for name, value in headers.items():
            if value != "-":
                self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def start_chunks(self, *chunks: bytes) -> None:
        """A chunked answer without its end."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.flush()

    def pause(self) -> None:
        """Say nothing until the test is over."""
        self.server.over.wait(10)

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


Behaviour = Callable[[Handler, int], None]
"""Takes the handler and the number of the request, from 1."""


class Server(ThreadingHTTPServer):
    """Serves one behaviour and remembers what was asked."""

    daemon_threads = True

    def __init__(self, behave: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behave = behave
        self.served: list[Served] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """Address of a file on this server."""
        return f"http://127.0.0.1:{self.server_address[1]}/data.csv"


@contextmanager
def serving(behave: Behaviour) -> Iterator[Server]:
    """A running server, stopped at the end."""
    server = Server(behave)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def good(body: bytes = CSV, **headers: str) -> Behaviour:
    """Always the same right answer."""
    return lambda handler, _: handler.reply(200, body, **headers)


def bomb(size: int) -> bytes:
    """A small gzip that becomes `size` bytes."""
    return gzip.compress(b"0" * size)


def http_settings(contact: str = "https://example.org/", **given: Any) -> HttpSettings:
    """Settings of a download: the project's own, but for those given; no turns at hosts are kept."""
    return replace(stage.http_settings(Settings.from_environment({})), contact=contact, hosts=None, **given)
