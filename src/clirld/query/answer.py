"""An answer on its way: written by a worker, read by a client, each at its own speed.

A worker is free as soon as it has computed the answer, however slowly the client reads: what is ahead of the client is
kept in memory, then in a file without a name.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable

from clirld.query.failure import Failure

MAX_MEMORY = 1 << 20
"""Bytes of one answer that wait in memory; the rest waits on disk."""


class BrokenOff(Exception):  # noqa: N818
    """An answer that failed after its first bytes were given away."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text("what"))
        self.failure = failure


class Answer:
    """The bytes of an answer. `cancel` is called when nobody wants them any more; `max_disk` bounds its file."""

    def __init__(self, max_disk: int, cancel: Callable[[], object] = lambda: None) -> None:
        self._memory: deque[bytes] = deque()
        self._held = 0
        self._file: int | None = None
        self._written = self._read = 0
        self._max_disk = max_disk
        self._cancel = cancel
        self._changed = asyncio.Event()
        self.ended = False
        self.opened = False
        self.failure: Failure | None = None
        self.hits = ""
        """How many things each of the query's searches by words found; known as soon as it is ready."""

    # The worker's side.

    async def write(self, data: bytes) -> None:
        """Add bytes; waits where the client is too far behind."""
        while self._written - self._read + len(data) > self._max_disk and self.opened:
            await self._wait()
        if self._file is None and self._held + len(data) <= MAX_MEMORY:
            self._memory.append(data)
            self._held += len(data)
        else:
            if self._file is None:
                with tempfile.TemporaryFile(buffering=0) as file:
                    self._file = os.dup(file.fileno())
            os.pwrite(self._file, data, self._written)
            self._written += len(data)
        self._notify()

    def open(self) -> None:
        """Let the client have what is there: from now on there is no taking back."""
        self.opened = True
        self._notify()

    def end(self, failure: Failure | None = None) -> None:
        """It is whole, or failed."""
        self.failure, self.ended, self.opened = failure, True, True
        self._notify()

    def clear(self) -> None:
        """Forget what is there, to begin anew; only before `open`."""
        self._memory.clear()
        self._held = self._written = self._read = 0
        self._close_file()

    # The client's side.

    async def ready(self) -> None:
        """Wait until there is something to say."""
        while not self.opened:
            await self._wait()

    async def whole(self) -> None:
        """Wait until it has ended."""
        while not self.ended:
            await self._wait()

    @property
    def length(self) -> int:
        """Bytes that are there and were not read."""
        return self._held + self._written - self._read

    def taken(self) -> bytes:
        """All bytes that are there, no longer kept here."""
        data = b"".join(self._memory) + (os.pread(self._file, self._written, self._read) if self._file else b"")
        self.clear()
        return data

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes, as they come. Raises BrokenOff where they end in a failure."""
        while True:
            if self._memory:
                data = self._memory.popleft()
                self._held -= len(data)
            elif self._file is not None and self._read < self._written:
                data = os.pread(self._file, min(self._written - self._read, 1 << 18), self._read)
                self._read += len(data)
                if self._read == self._written:  # a client that keeps up never has more than a little on disk
                    os.ftruncate(self._file, 0)
                    self._read = self._written = 0
            elif self.ended:
                if self.failure:
                    raise BrokenOff(self.failure)
                return
            else:
                await self._wait()
                continue
            self._notify()
            yield data

    def close(self) -> None:
        """Nobody wants it any more: what computes it is stopped."""
        if not self.ended:
            self._cancel()
        self.clear()

    def _close_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _notify(self) -> None:
        self._changed.set()
