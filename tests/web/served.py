"""A real server on 127.0.0.1, and small releases for it to serve."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from clirld.search import index
from clirld.settings import Settings
from clirld.web import connections
from clirld.web.app import ServeSettings, create_app

MANIFEST: dict[str, Any] = {
    "created": "2026-11-24T10:15:30+00:00",
    "quads": 1234567,
    "candidates": 2,
    "graphs": {"lieux": 33000},
    "sources": [
        {
            "id": "lieux",
            "title": {"fr": "Lieux & liens", "en": "Places & links"},
            "license": {"iri": "https://example.org/licence", "title": {"fr": "Licence Ouverte", "en": "Open Licence"}},
            "rows_in": 1512,
            "published": 1500,
            "held": 7,
            "dropped": 5,
            "quads": 33000,
            "state": "kept",
            "retrieved": "2026-11-01T00:00:00Z",
        }
    ],
}


def make_release(
    data: Path, name: str = "20261124T101530Z-3f9a1c2b", *, rows: int = 2000, label: str = "one", **manifest: Any
) -> Path:
    """A release of `rows` + 1 quads, served at once by switching `current` as `clirld release` does."""
    folder = data / "releases" / name
    (folder / "dump").mkdir(parents=True)
    store = Store(str(folder / "store"))
    graph = NamedNode("http://example.org/g")
    store.bulk_extend(
        Quad(NamedNode(f"http://example.org/s{n}"), NamedNode("http://example.org/p"), Literal(f"v{n:06}"), graph)
        for n in range(rows)
    )
    store.add(
        Quad(NamedNode("http://example.org/release"), NamedNode("http://example.org/label"), Literal(label), graph)
    )
    store.flush()
    del store
    with_index(folder)
    (folder / "dump" / "lieux.nq").write_text("<a:a> <a:b> <a:c> .\n", encoding="utf-8")
    (folder / "catalog.ttl").write_text("<a:a> <a:b> <a:c> .\n", encoding="utf-8")
    (folder / "secret.txt").write_text("no", encoding="utf-8")
    (folder / "dump" / "out.txt").symlink_to("../secret.txt")
    (folder / "manifest.json").write_text(json.dumps({"id": name, **MANIFEST, **manifest}), encoding="utf-8")
    switch(data, name)
    return folder


def with_index(folder: Path) -> None:
    """Let a release have the index of what its store says."""
    path = folder.parent / f".{folder.name}.nq"
    Store.read_only(str(folder / "store")).dump(str(path), format=RdfFormat.N_QUADS)
    (folder / index.FILE).unlink(missing_ok=True)
    index.write([path], folder / index.FILE)
    path.unlink()


def switch(data: Path, name: str) -> None:
    """Serve another release: one atomic rename."""
    pointer = data / "current.new"
    pointer.symlink_to(f"releases/{name}")
    pointer.replace(data / "current")


def serve_settings(**given: Any) -> ServeSettings:
    """The limits of a server: the project's own, but for those given."""
    own = Settings.from_environment({})
    defaults = {
        "timeout": own.query_timeout,
        "workers": own.workers,
        "memory": own.query_memory,
        "answer_memory": own.answer_memory,
        "trusted_proxies": own.trusted_proxies,
    }
    return ServeSettings(**{**defaults, **given})


@contextmanager
def serving(data: Path, settings: ServeSettings | None = None) -> Iterator[str]:
    """The address of a server that runs while the context is open."""
    settings = settings or serve_settings()
    app = create_app(data, settings=settings)
    server = uvicorn.Server(connections.config(app, settings, timeout_graceful_shutdown=5))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=[[listening]])
        thread.start()
        try:
            while not server.started and thread.is_alive():
                threading.Event().wait(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
