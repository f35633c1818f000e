"""Servers to measure, and a client that costs little: it shares the processors with what it measures."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status (0: none), seconds to the first byte and in all, bytes of the body."""

    status: int
    first: float
    seconds: float
    size: int


class Endpoint:
    """A server that runs, and what its processes have used."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self._process = process

    def processor(self) -> float:
        """User and system seconds of all its processes, those that have ended included."""
        ticks = os.sysconf("SC_CLK_TCK")
        return sum(sum(map(int, stat[11:15])) for stat, _ in self._processes()) / ticks

    def memory(self) -> float:
        """MiB that its processes have in memory now, shared pages counted once for each."""
        return sum(int(stat[21]) for stat, _ in self._processes()) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def _processes(self) -> Iterator[tuple[list[str], int]]:
        stats = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                stats[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
        family = {self._process.pid}
        while more := {pid for pid, stat in stats.items() if int(stat[1]) in family} - family:
            family |= more
        yield from ((stats[pid], pid) for pid in family if pid in stats)


@contextmanager
def serving(command: list[str], path: str, **environment: str) -> Iterator[Endpoint]:
    """A server while the context is open: `{port}` in its command is replaced, and `path` answers once it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [part.replace("{port}", str(port)) for part in command],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 60
        while asyncio.run(ask(port, path)).status != 200:
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{command[0]} does not answer")
            time.sleep(0.2)
        yield Endpoint(port, process)
    finally:
        process.terminate()
        process.wait()


def clirld(data: Path, source: Path = PROJECT / "src") -> tuple[list[str], dict[str, str]]:
    """The command and the environment of `clirld serve`, of this version or of another whose `src` is given."""
    command = [sys.executable, "-c", "from clirld.cli.app import main; main()", "serve", "--port", "{port}"]
    return [*command, "--data", str(data)], {"PYTHONPATH": str(source), "CLIRLD_TRUSTED_PROXIES": "1"}


class Connection:
    """One HTTP/1.1 connection, kept open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, target: str, headers: str = "") -> Answer:
        """GET; a connection that was closed meanwhile is opened anew."""
        start = time.perf_counter()
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
            reader, writer = self._streams
            writer.write(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            first = time.perf_counter() - start
            size = 0
            if match := re.search(rb"content-length: (\d+)", head):
                size = len(await reader.readexactly(int(match[1])))
            else:
                while length := int(await reader.readline(), 16):
                    size += len(await reader.readexactly(length + 2)) - 2
                await reader.readline()
            if b"connection: close" in head:
                self.close()
            return Answer(int(head[9:12]), first, time.perf_counter() - start, size)
        except (OSError, EOFError, ValueError):
            self.close()
            return Answer(0, 0.0, time.perf_counter() - start, 0)

    def close(self) -> None:
        """Close it."""
        if self._streams:
            self._streams[1].close()
            self._streams = None


async def ask(port: int, target: str, headers: str = "") -> Answer:
    """One request on a connection of its own."""
    connection = Connection(port)
    try:
        return await connection.get(target, headers)
    finally:
        connection.close()


def target(path: str, query: str) -> str:
    """The target of a query by GET."""
    return f"{path}?query={quote(query)}"


def subjects(store: Path, count: int) -> list[str]:
    """Entities to look up."""
    query = f"SELECT ?s {{ ?s a <https://w3id.org/clirld/ontology#Initiative> }} LIMIT {count}"
    rows = ox.Store.read_only(str(store)).query(query, use_default_graph_as_union=True)
    return [row["s"].value for row in rows]  # type: ignore[index, union-attr]


def percentile(values: list[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else 0.0
