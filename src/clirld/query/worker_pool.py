"""The workers of a server: a query begins where one is free, and goes on for longer than a slice only in its turn.

At most `workers` + 1 queries run at once, and no more than `workers` of them for longer than the slice: there is always
a place that is free again within the slice. A query whose slice is over while all long places are taken is stopped, and
waits to begin anew. One place more is kept for lookups (`clirld.query.lookup`). Clients take turns: who runs fewer
queries and has had less of the workers' time lately goes first.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from clirld.query.answer import Answer
from clirld.query.evaluate import PAGE_ROWS, QueryRequest
from clirld.query.failure import Failure
from clirld.query.fork_server import ForkServer, Worker
from clirld.query.scheduling import Usage, expected_wait
from clirld.query.worker import CHUNK

_KNOWN_LONG = 1000  # queries that are remembered for having gone over the slice
_MAX_STRETCH = 20  # slices of the clock that one of the processor may take
_MAX_UNGIVEN = 16 * CHUNK  # bytes of an answer that are held while it may still have to begin anew


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Limits of a server. Times in seconds, sizes in bytes, lengths in characters."""

    # Without defaults: theirs stand in clirld.settings, which the callers take them from.

    timeout: float
    workers: int
    memory: int
    answer_memory: int
    trusted_proxies: int
    slice: float = 0.1
    max_query: int = 32_768
    max_wait: float = 15.0
    rows: int = PAGE_ROWS
    services: frozenset[str] = frozenset()
    document_host: str | None = None
    """Where the server is reached from outside (https://data.example.org), if not where the request says."""
    contributions_url: str = ""
    """Where contributions are taken, by a server of its own; pages lead there only if it is given."""


@dataclass(eq=False, slots=True)
class _Job:
    """A query that waits or runs."""

    store: Path
    request: QueryRequest
    client: str
    is_lookup: bool
    is_long: bool
    arrived: float = field(default_factory=monotonic)
    began: float = 0.0
    waited: float = 0.0
    used: float = 0.0
    turn: asyncio.Future[None] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a query ended, without what it asked or who did.

    `lane` is lookup, quick or long; `outcome` is answered, gone (its client), internal, or the kind of a failure.
    """

    lane: str
    outcome: str
    waited: float
    """Seconds for a place."""
    seconds: float
    """Seconds that it had one."""
    release: str


class _SliceIsOver(Exception):  # noqa: N818
    """The query has to begin anew, in its turn."""


class WorkerPool:
    """Asks whichever worker is free. Open it as an async context: leaving it ends all workers."""

    def __init__(self, settings: ServeSettings, told: Callable[[Ended], None] = lambda _: None) -> None:
        """`told` hears of each query that has ended, once."""
        self._settings = settings
        self._told = told
        self._places = settings.workers + 1
        self._server = ForkServer(memory=settings.memory, network=bool(settings.services))
        self._idle: deque[Worker] = deque()
        self._running: set[_Job] = set()
        self._waiting: list[_Job] = []
        self._usage = Usage()
        self._known_long: OrderedDict[tuple[Path, QueryRequest], None] = OrderedDict()
        # Seconds that queries take: in the slice, and those that go on. Both are learnt; long at first by the limit.
        self._mean = {False: 0.0, True: settings.timeout}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> WorkerPool:
        for _ in range(self._places + 1):
            await self._replace(None, None)
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._tasks:  # one that ends may begin another, which has nothing to do any more
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.close()

    async def evaluate(
        self, store: Path, request: QueryRequest, client: str = "", *, is_lookup: bool = False
    ) -> Answer | Failure:
        """The answer: whole, or with something to read of it. Cancelling stops the query.

        What fails later is raised to whoever reads the answer.
        """
        job = _Job(store, request, client, is_lookup, is_long=(store, request) in self._known_long)
        answer = Answer(self._settings.memory, lambda: task.cancel())
        task = self._in_background(self._tell(job, answer))
        try:
            await answer.ready()
        except BaseException:
            answer.close()
            raise
        return answer.failure or answer

    def _in_background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    @property
    def running(self) -> int:
        """Queries that run now."""
        return len(self._running)

    @property
    def long_running(self) -> int:
        """Those of them that run for long."""
        return sum(job.is_long for job in tuple(self._running))  # a copy: another thread may ask

    @property
    def waiting(self) -> int:
        """Queries that wait for a place now."""
        return len(self._waiting)

    async def _tell(self, job: _Job, answer: Answer) -> None:
        outcome = "internal"
        try:
            failure = await self._run(job, answer)
            outcome = failure.kind if failure else "answered"
            answer.end(failure)
        except asyncio.CancelledError:
            outcome = "gone"
            raise
        finally:
            lane = "long" if job.is_long else "lookup" if job.is_lookup else "quick"
            self._told(Ended(lane, outcome, job.waited, job.used, job.store.parent.name))

    async def _run(self, job: _Job, answer: Answer) -> Failure | None:
        """Wait for a place and compute; again where the slice was over, or once where the worker was found dead."""
        one_was_dead = False
        while True:
            worker: Worker | None = None
            try:
                failure = await self._place(job)
                if failure is None:
                    # What ended one that waited may have ended others too, unnoticed yet: the second is a new one.
                    started = (None if one_was_dead else self._free_worker(job.store)) or await self._server.worker()
                    worker = started if isinstance(started, Worker) else None
                    failure = await self._compute(job, started, answer) if isinstance(started, Worker) else started
            except _SliceIsOver:
                self._leave(job, worker)
                job.is_long, job.is_lookup = True, False
            except BaseException:  # the client is gone, and nobody waits for this answer any more
                self._leave(job, worker)
                raise
            else:
                if job in self._running:
                    self._leave(job, worker)
                died = worker.found_dead if worker else failure is not None and failure.kind == "worker"
                if failure is None or not died or answer.opened or one_was_dead:
                    return failure
                one_was_dead = True
            answer.clear()

    async def _compute(self, job: _Job, worker: Worker, answer: Answer) -> Failure | None:
        """What failed, if anything did. Raises _SliceIsOver."""
        settings = self._settings
        if worker.store != job.store:  # opening a release is no part of the query's time
            failure = await self._open(worker, job.store)
            if failure:
                return failure
        if job.is_long:
            worker.step_back()
        job.began = monotonic()
        used, slice_end = worker.processor(), job.began + settings.slice
        worker.ask(job.store, job.request)
        while True:
            end = job.began + settings.timeout if job.is_long else slice_end
            try:
                async with asyncio.timeout(end - monotonic()):
                    piece = await worker.piece()
                    if not isinstance(piece, bytes):
                        return piece
                    answer.hits = worker.hits
                    await answer.write(piece)
                    if worker.idle:
                        return None
            except TimeoutError:
                if job.is_long:
                    worker.kill()
                    return Failure("timeout", detail={"limit": f"{settings.timeout:g}"})
                # A slice is time of a processor: on a busy machine a short query must not pass for a long one.
                left = settings.slice - (worker.processor() - used)
                if left > 0 and slice_end - job.began < _MAX_STRETCH * settings.slice:
                    slice_end += max(left, settings.slice / 4)
                else:
                    self._go_on(job, worker)
            # What the client has cannot be taken back: it is given only where the query may go on to its end.
            if not answer.opened and answer.length >= CHUNK:
                if not job.is_long and self.long_running < settings.workers:
                    self._go_on(job, worker)
                if job.is_long:
                    answer.open()
                elif answer.length > _MAX_UNGIVEN:
                    self._go_on(job, worker)

    def _go_on(self, job: _Job, worker: Worker) -> None:
        """Let a query go on past the slice, where a long place is free. Raises _SliceIsOver where none is."""
        self._known_long[job.store, job.request] = None
        if len(self._known_long) > _KNOWN_LONG:
            self._known_long.popitem(last=False)
        if self.long_running >= self._settings.workers:
            worker.kill()
            raise _SliceIsOver
        job.is_long = True
        worker.step_back()

    # Places.

    async def _place(self, job: _Job) -> Failure | None:
        """Take a place, waiting for it where none is free; a refusal where that would take too long."""
        turn, asked = asyncio.get_running_loop().create_future(), monotonic()
        job.turn = turn
        self._waiting.append(job)
        self._give_places()
        try:
            if not turn.done():
                patient = self._expected_wait(job) <= self._settings.max_wait
                await asyncio.wait([turn], timeout=self._settings.max_wait if patient else 0)
        finally:
            if job in self._waiting:
                self._waiting.remove(job)
            job.waited += monotonic() - asked
        if turn.done():
            return None
        return Failure("busy", detail={"retry": str(max(math.ceil(self._expected_wait(job)), 1))})

    def _give_places(self) -> None:
        """Give the places that are free to those whose turn it is."""
        now = monotonic()
        for job in sorted(self._waiting, key=lambda job: self._rank(job, now)):
            if len(self._running) >= self._places + job.is_lookup:
                continue
            if job.is_long and self.long_running >= self._settings.workers:
                continue
            self._waiting.remove(job)
            self._running.add(job)
            self._usage.begin(job.client)
            job.began = now
            if job.turn:
                job.turn.set_result(None)

    def _rank(self, job: _Job, now: float) -> tuple[int, float, bool, float]:
        return *self._usage.rank(job.client, now), not job.is_lookup, job.arrived

    def _leave(self, job: _Job, worker: Worker | None) -> None:
        """Give a place back, and keep the worker if it is good for another query."""
        if job not in self._running:
            return
        now = monotonic()
        self._running.discard(job)
        job.used += now - job.began
        self._usage.end(job.client, now - job.began, now)
        self._mean[job.is_long] += 0.2 * (now - job.began - self._mean[job.is_long])
        if worker and worker.usable and worker.idle and not job.is_long:
            self._idle.append(worker)
        else:  # also after a long query: what it left in memory, and its priority, are for nobody else
            self._in_background(self._replace(worker, job.store))
        self._give_places()

    def _expected_wait(self, job: _Job) -> float:
        """Seconds until this query would have its turn."""
        now = monotonic()
        rank = self._rank(job, now)
        ahead = sum(one.is_long == job.is_long and self._rank(one, now) < rank for one in self._waiting)
        mean = self._mean[job.is_long]
        places = self._settings.workers if job.is_long else max(self._places - self.long_running, 1)
        running = [mean - (now - one.began) for one in self._running if one.is_long == job.is_long]
        return expected_wait([*sorted(running)[:places], *[0.0] * (places - len(running))], ahead, mean)

    # Workers.

    def _free_worker(self, store: Path) -> Worker | None:
        """One that has this release open, if there is one: whoever asks an old one makes nobody else wait."""
        for worker in sorted(self._idle, key=lambda worker: worker.store == store, reverse=True):
            self._idle.remove(worker)
            if worker.usable:
                return worker
        return None

    async def _replace(self, worker: Worker | None, store: Path | None) -> None:
        """Wait until a worker is gone, then have a new one ready, with the store open."""
        if worker:
            await worker.close()
        new = await self._server.worker()
        if isinstance(new, Failure):
            return  # the next query tries again, and says so
        if store:
            await self._open(new, store)
        if new.usable and len(self._idle) + len(self._running) <= self._places:
            self._idle.append(new)
        else:
            await new.close()

    async def _open(self, worker: Worker, store: Path) -> Failure | None:
        """Have a worker open a release."""
        worker.ask(store, QueryRequest("ASK {}"))
        while isinstance(piece := await worker.piece(), bytes):
            pass
        if piece:
            worker.store = None
        return piece
