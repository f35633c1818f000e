"""A round-robin proxy as docs/replicas.md sets nginx up, and nginx itself as it is set up there.

A cookie says which release a visitor goes on with.
"""

from __future__ import annotations

import http.client
import itertools
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import PROJECT

COOKIE = "clirld_release"
_PASSED = ("accept", "accept-language", "user-agent")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Proxy

    def do_GET(self) -> None:
        headers = {name: value for name in _PASSED if (value := self.headers.get(name))}
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get(COOKIE)
        if cookie:
            headers["Clirld-Release"] = cookie.value
        answer, body = self.server.ask(self.path, headers)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        if answer.status == 200 and (release := answer.getheader("Clirld-Release")):
            self.send_header("Set-Cookie", f"{COOKIE}={release}; Path=/; Max-Age=1800; HttpOnly; SameSite=Lax")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, backends: Sequence[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._backends, self._turn = backends, itertools.count()

    def ask(self, path: str, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
        """The answer of the next one; of the one after it where that one is away or says 503."""
        answer, body = None, b""
        first = next(self._turn)
        for number in range(first, first + len(self._backends)):
            backend = urlsplit(self._backends[number % len(self._backends)])
            connection = http.client.HTTPConnection(backend.hostname or "", backend.port or 80, timeout=20)
            try:
                connection.request("GET", path, headers={**headers, "Host": "data.example.org"})
                answer = connection.getresponse()
                body = answer.read()
            except OSError:
                continue
            finally:
                connection.close()
            if answer.status != 503:
                break
        assert answer
        return answer, body


@contextmanager
def proxying(backends: Sequence[str]) -> Iterator[str]:
    """The address of the proxy while the context is open."""
    server = _Proxy(backends)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def nginx(backends: Sequence[str], folder: Path) -> Iterator[str]:
    """The same, by nginx with the lines of the documentation: but for addresses and TLS, which are a test's own."""
    page = (PROJECT / "docs" / "replicas.md").read_text(encoding="utf-8")
    lines = next(block for block in re.findall(r"^```text\n(.*?)^```", page, re.M | re.S) if "upstream clirld" in block)
    servers = iter(backends)
    lines = re.sub(r"10\.0\.0\.\d:8000", lambda _: urlsplit(next(servers)).netloc, lines)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lines = lines.replace("listen 443 ssl", f"listen 127.0.0.1:{port}").replace(" Secure;", "")
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    log = f"pid {folder}/pid; error_log {folder}/log; daemon off; events {{}}"
    (folder / "nginx.conf").write_text(f"{log} http {{ access_log off; {paths}\n{lines} }}", encoding="utf-8")
    process = subprocess.Popen(
        ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "log")]
    )
    try:
        while process.poll() is None and not listens(port):
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0
