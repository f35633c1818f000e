"""The workers of a server: at most so many queries at once, so many waiting, and for so long."""

from __future__ import annotations

import math
import tempfile
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread

from clirld.query.evaluate import PAGE_ROWS, QueryRequest
from clirld.query.failure import Failure
from clirld.query.worker import Worker


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Limits of a server. Times in seconds, sizes in bytes, lengths in characters."""

    # Without defaults: theirs stand in clirld.settings, which the callers take them from.

    timeout: float
    workers: int
    memory: int
    max_query: int = 32_768
    max_waiting: int = 32
    max_wait: float = 5.0
    rows: int = PAGE_ROWS
    services: frozenset[str] = frozenset()
    document_host: str | None = None
    """Where the server is reached from outside (https://data.example.org), if not where the request says."""


class WorkerPool:
    """Asks whichever worker is free. Open it as an async context: leaving it ends all workers."""

    def __init__(self, settings: ServeSettings) -> None:
        self._settings = settings
        self._slots = anyio.Semaphore(settings.workers)
        self._threads = anyio.CapacityLimiter(settings.workers)
        self._idle: deque[Worker] = deque()
        self._queued = 0
        self._spilled = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def __aenter__(self) -> WorkerPool:
        self._folder = tempfile.TemporaryDirectory(prefix="clirld-answers-")
        self._idle.extend(self._start_worker() for _ in range(self._settings.workers))
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._idle:
            self._idle.pop().close()
        if self._folder:
            self._folder.cleanup()

    def _start_worker(self) -> Worker:
        folder = Path(self._folder.name) if self._folder else None
        return Worker(memory=self._settings.memory, network=bool(self._settings.services), spill=folder)

    async def evaluate(self, store: Path, request: QueryRequest) -> bytes | Path | Failure:
        """The answer; a file is the caller's to delete. Cancelling kills the query at work."""
        # By then the query at work is over, whatever becomes of it.
        busy = Failure("busy", detail={"retry": str(math.ceil(self._settings.timeout))})
        if self._queued >= self._settings.max_waiting:
            return busy
        self._queued += 1
        try:
            with anyio.move_on_after(self._settings.max_wait) as scope:
                await self._slots.acquire()
        finally:
            self._queued -= 1
        if scope.cancelled_caught:
            return busy
        worker = self._idle.pop()
        try:
            answer = await anyio.to_thread.run_sync(
                worker.evaluate,
                store,
                request,
                self._settings.timeout,
                limiter=self._threads,
                abandon_on_cancel=True,
            )
            if isinstance(answer, Path):
                # The worker writes its next large answer under the same name.
                self._spilled += 1
                answer = answer.rename(answer.with_suffix(f".{self._spilled}"))
            return answer
        except BaseException:
            # The client is gone, and nobody waits for this answer any more.
            worker.kill()
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(worker.close)
            raise
        finally:
            self._idle.append(worker if worker.alive else self._start_worker())
            self._slots.release()
