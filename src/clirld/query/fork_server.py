"""The parent's side of the query processes: start them, ask them, kill them.

in: a store folder and a `QueryRequest`; out: the answer in pieces, while it is computed, or a `Failure`.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

from clirld.query.evaluate import QueryRequest
from clirld.query.failure import Failure
from clirld.query.worker import CHUNK, FAILURE, FORK, FRAME, HITS, KILL, LAST, ORDER, WAIT, damage

_START_TIMEOUT = 30.0
"""Seconds in which the fork server must say that it is ready: its imports are no part of a query's time."""

_MALLOC = {
    # An arena a thread, as glibc would have it, reserves address space, which RLIMIT_AS counts.
    "MALLOC_ARENA_MAX": "2",
    # A worker answers one long query and ends: memory is taken in large pieces and not given back in between, or a
    # fourteenth of a large CONSTRUCT's time is the kernel's, for 22,000 pages one by one.
    "MALLOC_TOP_PAD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
"""Of the C library, in the query processes; another one than glibc takes no notice."""


class ForkServer:
    """The process that workers are forked from. Open it as an async context: leaving it ends it and all of them."""

    def __init__(self, *, memory: int, network: bool = False) -> None:
        """in: bytes that each process may take, whether they may reach the network."""
        hard_limit = resource.getrlimit(resource.RLIMIT_AS)[1]  # which no process can raise for itself
        self._memory = memory if hard_limit == resource.RLIM_INFINITY else min(memory, hard_limit)
        self._network = network
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket
        self._turn = asyncio.Lock()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def memory(self) -> int:
        """Bytes that each process may take."""
        return self._memory

    async def __aenter__(self) -> ForkServer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> int:
        """End it, and its workers with it. Gives its exit status."""
        for writer in self._writers:
            writer.close()
        await asyncio.sleep(0)  # a turn of the loop, which closes them
        self._writers.clear()
        if self._process is None:
            return 0
        self._control.close()
        # Its workers see that it is gone; killed, they are gone at once.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        code, self._process = self._process.wait(), None
        return code

    async def worker(self) -> Worker | Failure:
        """A new worker; a failure where none can be started."""
        task = asyncio.ensure_future(self._worker())
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_kill)  # nobody is there to take it
            raise

    async def _worker(self) -> Worker | Failure:
        try:
            async with self._turn, asyncio.timeout(_START_TIMEOUT):
                try:
                    if self._process is None or self._process.poll() is not None:
                        await self._start()
                    parent_end, pid = await self._fork()
                except (OSError, EOFError):  # it was there before, and dies now
                    await self._start()
                    parent_end, pid = await self._fork()
            reader, writer = await asyncio.open_unix_connection(sock=parent_end, limit=4 * CHUNK)
            self._writers.add(writer)
            return Worker(self, pid, reader, writer)
        except (OSError, EOFError, TimeoutError):
            return Failure("worker", detail={"error": f"exit status {await self.close()}"})

    async def _fork(self) -> tuple[socket.socket, int]:
        parent_end, child_end = socket.socketpair()
        with child_end:
            try:
                socket.send_fds(self._control, [ORDER.pack(FORK, 0)], [child_end.fileno()])
                _, pid = ORDER.unpack(await self._said())
            except BaseException:
                parent_end.close()
                raise
        return parent_end, pid

    async def _start(self) -> None:
        await self.close()
        parent_end, child_end = socket.socketpair()
        with child_end:
            # A session of its own: Ctrl-C in the terminal is for the server, which then ends its workers.
            self._process = subprocess.Popen(  # noqa: S603
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "clirld.query.worker",
                    str(child_end.fileno()),
                    str(self._memory),
                    str(int(self._network)),
                ],
                pass_fds=[child_end.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, **_MALLOC},
            )
        parent_end.setblocking(False)
        self._control = parent_end
        await self._said()

    async def _said(self) -> bytes:
        message = await asyncio.get_running_loop().sock_recv(self._control, ORDER.size)
        if not message:
            raise EOFError
        return message

    def kill(self, pid: int) -> None:
        """End a worker that has not been waited for."""
        with suppress(OSError):  # the fork server is gone, and its workers with it
            self._control.send(ORDER.pack(KILL, pid))

    async def ended(self, pid: int, writer: asyncio.StreamWriter) -> int | None:
        """The exit status of a worker that has ended, None where the fork server has too."""
        writer.close()
        self._writers.discard(writer)
        # Whoever asks may be cancelled; the reply is read all the same, or the next one would be taken for it.
        return await asyncio.shield(self._status(pid))

    async def _status(self, pid: int) -> int | None:
        with suppress(OSError, EOFError):
            async with self._turn:
                self._control.send(ORDER.pack(WAIT, pid))
                _, code = ORDER.unpack(await self._said())
                return int(code - (1 << 32) if code >> 31 else code)
        return None


def _kill(started: asyncio.Future[Worker | Failure]) -> None:
    worker = None if started.cancelled() else started.result()
    if isinstance(worker, Worker):
        worker.kill()


class Worker:
    """A process that answers one query at a time, good until it dies."""

    def __init__(
        self, server: ForkServer, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.pid = pid
        self.alive = True
        self.idle = True
        self.found_dead = False
        self.store: Path | None = None
        self.hits = ""
        """How many things the searches by words of its query found, each; empty where it has none."""
        self._server = server
        self._reader = reader
        self._writer = writer
        self._head: bytes | None = None
        self.killed = False

    def ask(self, store: Path, request: QueryRequest) -> None:
        """Give it a query; `piece` has the answer."""
        self.store, self.idle, self.hits = store, False, ""
        given = {field.name: getattr(request, field.name) for field in fields(request)}
        message = json.dumps({"store": str(store), **given}).encode()
        self._writer.write(len(message).to_bytes(4) + message)

    async def piece(self) -> bytes | Failure | None:
        """The next bytes of the answer; None at its end, or a failure, which is the end too.

        May be cancelled and called again: nothing is lost.
        """
        if self.idle:
            return None
        try:
            self._head = self._head or await self._reader.readexactly(FRAME.size)
            type_, length = FRAME.unpack(self._head)
            payload = await self._reader.readexactly(length) if length else b""
        except (EOFError, OSError):
            return await self._death()
        self._head = None
        if type_ == HITS:
            self.hits = payload.decode()
            return b""
        self.idle = type_ in (LAST, FAILURE)
        return Failure(**json.loads(payload)) if type_ == FAILURE else payload

    @property
    def usable(self) -> bool:
        """Whether it can be given another query."""
        return self.alive and not self.killed and not self._reader.at_eof()

    def processor(self) -> float:
        """Seconds of a processor that it has used; of the clock, on a system that does not tell."""
        try:
            return time.clock_gettime(~self.pid << 3 | 2)  # the clock of another process: clock_getcpuclockid(3)
        except OSError:
            return time.monotonic()

    def step_back(self) -> None:
        """Let the server and short queries go before it, for good."""
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, 5)

    def kill(self) -> None:
        """End it at once; what waits in `piece` gets a failure."""
        if self.alive and not self.killed:
            self.killed = True
            self._server.kill(self.pid)

    async def close(self) -> None:
        """End it and wait until it is gone, with its memory."""
        if self.alive:
            self.kill()
            with suppress(EOFError, OSError):
                while await self._reader.read(CHUNK):
                    pass
            await self._death()

    async def _death(self) -> Failure:
        """Why it ended."""
        if not self.alive:
            return Failure("worker", detail={"error": "ended"})
        self.alive = False
        code = await self._server.ended(self.pid, self._writer)
        self.found_dead = not self.killed and code != -signal.SIGABRT
        if code in (-signal.SIGABRT, -signal.SIGKILL) and not self.killed:
            # Rust aborts where it is refused memory, and the kernel kills where it is short; and RocksDB aborts where a
            # file was cut short while it was open.
            return (self.store and damage(self.store)) or Failure(
                "memory", detail={"limit": str(self._server.memory >> 20)}
            )
        return Failure("worker", detail={"error": f"exit status {code}"})
