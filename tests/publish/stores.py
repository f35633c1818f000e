"""Stores to publish to: the official Oxigraph server, a small one that knows graphs only, and what breaks."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest
import requests

from clirld.publish import state
from clirld.publish.client import Client
from clirld.publish.endpoints import Endpoints, endpoints
from clirld.publish.target import Target
from clirld.release import gzip_files
from clirld.release.published import Release
from clirld.settings import BASE, Settings

OXIGRAPH = shutil.which("oxigraph") or shutil.which("oxigraph", path=str(Path(sys.executable).parent))
"""The command of the official server, of the dev group."""


@contextmanager
def oxigraph(*options: str) -> Iterator[str]:
    """The address of the graphs of an official Oxigraph server, empty, in memory."""
    if OXIGRAPH is None:
        pytest.skip("no oxigraph: it is in the dev group of pyproject.toml")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [OXIGRAPH, "serve", "--bind", address, *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with suppress(OSError), socket.create_connection(address.split(":"), 1):
                break
            assert process.poll() is None, "oxigraph did not start"
            time.sleep(0.05)
        yield f"http://{address}/store"
    finally:
        process.kill()
        process.wait()


def quads(store: str) -> set[str]:
    """All quads of an Oxigraph server, as lines of N-Quads, but for the state of a publication."""
    answer = requests.get(store, headers={"Accept": "application/n-quads"}, timeout=60)
    answer.raise_for_status()
    parsed = ox.parse(input=answer.content, format=ox.RdfFormat.N_QUADS)
    return {str(quad) for quad in parsed if quad.graph_name != ox.NamedNode(state.GRAPH)}


@dataclass
class Asked:
    """A request that came."""

    method: str
    graph: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def is_of_data(self) -> bool:
        """Whether it changes a graph that is not the state."""
        return self.method in ("PUT", "DELETE") and self.graph != state.GRAPH


Fault = Callable[["Handler", Asked, int], bool]
"""Takes a request, and its number among those of its kind (PUT of data, POST …), from 1; True where it has answered."""


class Handler(BaseHTTPRequestHandler):
    """Keeps graphs, or asks the store behind it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two packets: the second would wait 40 ms
    server: GraphServer

    def handle_any(self) -> None:
        parts = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = self._body()
        asked = Asked(self.command, parameters.get("graph", ""), parameters, dict(self.headers), body)
        self.server.asked.append(asked)
        number = sum(one.method == asked.method and one.is_of_data == asked.is_of_data for one in self.server.asked)
        with suppress(BrokenPipeError, ConnectionResetError):
            if self.server.fault and self.server.fault(self, asked, number):
                return
            if self.server.behind:
                self._pass_on(asked, parts.path)
            else:
                self._keep(asked)

    do_GET = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _pass_on(self, asked: Asked, path: str) -> None:
        headers = {name: value for name, value in asked.headers.items() if name not in ("Host", "Transfer-Encoding")}
        base = self.server.behind.rpartition("/")[0]
        answer = requests.request(
            asked.method, f"{base}{path}", params=asked.parameters, data=asked.body, headers=headers, timeout=60
        )
        self.reply(answer.status_code, answer.content, Content_Type=answer.headers.get("Content-Type", "text/plain"))

    def _keep(self, asked: Asked) -> None:
        graph = ox.NamedNode(asked.graph) if asked.graph else ox.DefaultGraph()
        store = self.server.store
        there = asked.graph == "" or store.contains_named_graph(graph)
        if asked.method == "POST" or not asked.parameters.keys() & {"graph", "default"}:
            self.reply(405)
        elif asked.method == "PUT":
            store.clear_graph(graph)
            store.add_graph(graph) if asked.graph else None  # type: ignore[arg-type]
            store.load(input=asked.body, format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
            self.reply(204 if there else 201)
        elif not there:
            self.reply(404, b"<p>no such graph", Content_Type="text/html")
        elif asked.method == "DELETE":
            store.remove_graph(graph)
            self.reply(204)
        else:
            body = store.dump(format=ox.RdfFormat.TURTLE, from_graph=graph)
            self.reply(200, body or b"", Content_Type="text/turtle; charset=utf-8")

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> bool:
        """Close the connection without an answer."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
        return True

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


class GraphServer(ThreadingHTTPServer):
    """Knows graphs and nothing else, or passes on to a store behind it; what `fault` answers, it does not."""

    daemon_threads = True

    def __init__(self, behind: str = "", fault: Fault | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind, self.fault = behind, fault
        self.store = ox.Store()
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        """The address of its graphs."""
        return f"http://127.0.0.1:{self.server_address[1]}/{'store' if self.behind else 'graphs'}"

    def put(self) -> list[str]:
        """The graphs that were put, the state aside, in their order."""
        return [one.graph for one in self.asked if one.method == "PUT" and one.is_of_data]


@contextmanager
def graph_server(behind: str = "", fault: Fault | None = None) -> Iterator[GraphServer]:
    """A running server, stopped at the end."""
    server = GraphServer(behind, fault)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def target(store: str, *, gzip: bool = False, addresses: Endpoints | None = None, **settings: Any) -> Target:
    """A store as the program sees it; nothing waits between tries."""
    own = Settings.from_environment({}, **{"retries": 2, "publish_timeout": 30.0, **settings})
    return Target(addresses or endpoints(store), Client(own, sleep=lambda _seconds: None), gzip)


def digest_asked(user: str, password: str, uses: int = 3) -> Fault:
    """Wants a digest (RFC 2617) for everything; a nonce holds for so many requests."""
    nonces: dict[str, int] = {}

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    def fault(handler: Handler, asked: Asked, _number: int) -> bool:
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', asked.headers.get("Authorization", "")))
        nonce = given.get("nonce", "")
        if nonces.get(nonce, 0) > 0:
            nonces[nonce] -= 1
            secret, what = md5(f"{user}:test:{password}"), md5(f"{asked.method}:{given['uri']}")
            if given["response"] == md5(f"{secret}:{nonce}:{given['nc']}:{given['cnonce']}:auth:{what}"):
                return False
        fresh = f"n{len(nonces)}"
        nonces[fresh] = uses
        handler.reply(401, WWW_Authenticate=f'Digest realm="test", nonce="{fresh}", qop="auth", algorithm="MD5"')
        return True

    return fault


@dataclass
class Content:
    """What a small release is made of: graph → triples of it, and graphs by licence group."""

    graphs: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=lambda: {"open": ["lieux", "tiers"], "odbl": ["cartes"]})


def triples(name: str, number: int) -> list[str]:
    """Made-up triples of a graph, as N-Triples without their end."""
    return [f'<{BASE}id/record/{name}-{n}> <http://purl.org/dc/terms/identifier> "n° {n}"' for n in range(number)]


def content(**sizes: int) -> Content:
    """Three sources of two licence groups, and what the project says; `sizes` are numbers of triples."""
    own = {"ontology": 3, "concepts": 2, "catalog": 4, "accounting-open": 5, "accounting-odbl": 2}
    sources = {"lieux": 30, "tiers": 20, "cartes": 10, "derived-open": 1, "derived-odbl": 0}
    return Content({name: triples(name, number) for name, number in {**own, **sources, **sizes}.items()})


def release(folder: Path, what: Content, identifier: str = "20261124T101530Z-3f9a1c2b") -> Release:
    """A release on disk, of its dumps and its manifest."""
    (folder / identifier / "dump").mkdir(parents=True)
    counts: dict[str, int] = {}
    for name, lines in what.graphs.items():
        graph = name.partition("-")[0]
        counts[graph] = counts.get(graph, 0) + len(lines)
        end = f" <{BASE}graph/{graph}> .\n"
        ordered = sorted(f"{line}{end}".encode() for line in lines)
        gzip_files.write_lines(ordered, folder / identifier / "dump" / f"{name}.nq.gz")
    groups = [
        {"id": group, "sources": [name for name in names if name in what.graphs]}
        for group, names in what.groups.items()
    ]
    manifest = {"id": identifier, "version": identifier[-8:], "created": "2026-11-24T10:15:30+00:00", "files": []}
    manifest |= {"quads": sum(counts.values()), "graphs": counts, "sources": [], "candidates": 0}
    manifest |= {"rights": {"groups": groups}}
    (folder / identifier / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Release(folder / identifier, manifest)


def expected(what: Content) -> set[str]:
    """The quads of such a release."""
    return {f"{line} <{BASE}graph/{name.partition('-')[0]}>" for name, lines in what.graphs.items() for line in lines}
