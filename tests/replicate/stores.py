"""moto's server as an object store, and small releases: of one thing that says which release it is."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import requests
from moto.server import ThreadedMotoServer

from clirld import checksums
from clirld.release import history, published
from clirld.release.published import Release
from clirld.replicate.address import Address
from clirld.replicate.bucket import Bucket
from tests.web.served import make_release, switch

SECRET = "this-secret-is-in-no-message"
OLD, NEW, NEWER, NEWEST = (f"2026010{n}T000000Z-{n:08d}" for n in range(1, 5))
LABEL = "SELECT ?label { GRAPH ?g { <http://example.org/release> <http://example.org/label> ?label } }"


class Store:
    """The server, with a bucket `releases`; it can be away and come back on the same port, with what it had."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line a request, else
        self._port = 0
        self.start()
        requests.put(f"{self.url}/releases", timeout=20).raise_for_status()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", self._port, verbose=False)
        self._server.start()
        self._port = self._server.get_host_and_port()[1]

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def bucket_at(address: Address) -> Bucket:
    """A bucket that is given up soon."""
    return Bucket(address, connect_timeout=5, read_timeout=20, retries=0)


def release(data: Path, name: str) -> Path:
    """A release of five files, the smallest that is one; nobody can ask it anything."""
    folder = data / "releases" / name
    (folder / "store").mkdir(parents=True)
    whole = {"created": moment(name), "version": name, "quads": 1, "candidates": 0, "sources": [], "files": []}
    for path, text in {
        "catalog.ttl": "a",
        "manifest.json": json.dumps(whole),
        "store/CURRENT": name,
        "x.nq": "",
    }.items():
        (folder / path).write_text(text, encoding="utf-8")
    return sealed(folder)


def asked_release(data: Path, name: str) -> Path:
    """A release that answers with its own name."""
    return sealed(make_release(data, name, rows=3, label=name, created=moment(name), version=name, files=[]))


def moment(name: str) -> str:
    return f"{name[:4]}-{name[4:6]}-{name[6:8]}T00:00:00+00:00"


def sealed(folder: Path) -> Path:
    """Served, whole with its checksums, and told of when it is gone."""
    data = folder.parent.parent
    checksums.write(folder)
    history.remember(data)
    switch(data, folder.name)
    return folder


def load(data: Path, name: str) -> Release:
    return published.load(data / "releases" / name)


def files(folder: Path) -> dict[str, bytes]:
    """Path → bytes of all files."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
