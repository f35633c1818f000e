"""Parquet over HTTP: who asks for one département reads a part of the file."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import pytest

from clirld.release import files
from clirld.settings import Settings
from clirld.vocabulary import tables as canonical
from tests.web.served import make_release, serve_settings, serving

ROWS = 300_000
PATH = "/release/tables/open/initiative.parquet"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a server, and a table of invented initiatives in all communes of 96 départements."""
    data = tmp_path_factory.mktemp("ranges")
    folder = make_release(data, rows=1) / "tables" / "open"
    folder.mkdir(parents=True)
    table = canonical.load(Settings.from_environment({}).ontology / "tables.yaml")["initiative"]
    numbers = pl.int_range(ROWS, eager=True)
    commune = (numbers * 7919 % 96).cast(pl.String).str.zfill(2) + (numbers % 900).cast(pl.String).str.zfill(3)
    names = numbers.hash(1).cast(pl.String)
    rows = table.conform(pl.DataFrame({"key": "k" + numbers.cast(pl.String), "commune": commune, "name": names}))
    files.write_table(table, rows.with_columns(license=pl.lit("x")).lazy().sort("commune", "key"), folder)
    with serving(data, serve_settings()) as address:
        yield address, folder / "initiative.parquet"


@contextmanager
def counting(address: str) -> Iterator[tuple[str, list[int]]]:
    """An address that leads to another, and a list of how many bytes came back through it."""
    target, came = urlsplit(address), [0]
    listening = socket.create_server(("127.0.0.1", 0))

    def pass_on(start: socket.socket, end: socket.socket, *, is_back: bool) -> None:
        with suppress(OSError):
            while data := start.recv(1 << 16):
                came[0] += len(data) if is_back else 0
                end.sendall(data)
        with suppress(OSError):
            end.shutdown(socket.SHUT_WR)
        start.close()

    def listen() -> None:
        with suppress(OSError):
            while True:
                client, _from = listening.accept()
                server = socket.create_connection((target.hostname or "", target.port or 0))
                threading.Thread(target=pass_on, args=(client, server), kwargs={"is_back": False}, daemon=True).start()
                threading.Thread(target=pass_on, args=(server, client), kwargs={"is_back": True}, daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    with closing(listening):
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", came


def test_one_departement_takes_a_part_of_the_file(served: tuple[str, Path]) -> None:
    address, file = served
    with counting(address) as (through, came):
        of_departement = pl.col("commune").is_between(pl.lit("39000"), pl.lit("39999"))
        found = pl.scan_parquet(through + PATH).filter(of_departement).select("key", "name", "commune").collect()
    assert found.height == ROWS // 96
    assert set(found["commune"].str.slice(0, 2)) == {"39"}
    assert 0 < came[0] < file.stat().st_size / 4


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-3", 206, 0, 4),
        ("bytes=-4", 206, -4, None),
        ("bytes=4-", 206, 4, None),
        ("bytes=99999999999-", 416, 0, 0),
    ],
)
def test_a_part_of_a_file(served: tuple[str, Path], asked: str, status: int, start: int, end: int | None) -> None:
    address, file = served
    parts = urlsplit(address)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port)) as connection:
        connection.request("GET", PATH, headers={"Range": asked})
        answer = connection.getresponse()
        content = answer.read()
    assert answer.status == status
    if status == 206:
        assert content == file.read_bytes()[start:end]
