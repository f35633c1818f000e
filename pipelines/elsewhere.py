"""Shards of a validation on the other workers of a Dask cluster, where this process is a worker and has others.

A source keeps its place on its worker, and works itself all the while: it gives those who are at nothing else as many
shards as they can be at, looks at the next ones itself, and looks again at what has not come back in time. So it gives
nothing to a worker that has a source of its own, and waits for nobody for long who has got one since, or is killed.
"""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from isal import igzip

Given = TypeVar("Given")
Found = TypeVar("Found")

_unpacked: Callable[[bytes], bytes] = igzip.decompress

ABOVE = 64 * 2**20
"""Bytes of a source's N-Quads above which its validation goes to others too: some 25,000 rows of the RNA."""
_SHARD = "clirld-shard-"
"""How names of tasks begin that look at a shard."""
_AT_A_WORKER = 2
"""Shards that a worker has at most: one that it is at, and the next."""
_LONGER = 3
"""How many times as long as a shard takes here it may take there."""


class Others:
    """Implements `clirld.validate.shards.Elsewhere`."""

    above = ABOVE
    patience = 5.0
    """Seconds that are waited in any case: a worker that has not validated anything yet loads what it needs."""

    def __init__(self, client: Any, workers: list[str]) -> None:
        """`client` is a `distributed.Client`, `workers` are the addresses of the others."""
        self._client, self._workers = client, workers
        self._out: list[Any] = []
        self._of_all: tuple[Any, Any] | None = None
        self._longest = 0.0
        self._are_busy = False

    def begin(
        self, work: Callable[[Given, bytes], Found], of_all: Given, piece: Callable[[], bytes]
    ) -> Callable[[], Found]:
        """Give the work on a piece to another worker, or do it now, where they have enough."""
        self._out = [future for future in self._out if not future.done()]
        future = None if self._are_busy else self._sent(work, of_all, piece)
        if future is None:
            found = self._here(work, of_all, piece)
            return lambda: found
        self._out.append(future)

        def finish() -> Found:
            patience = 0.0 if self._are_busy else max(self.patience, _LONGER * self._longest)
            try:
                given: Found = future.result(timeout=patience)
                future.release()
            except Exception:  # too late, or its worker is gone; what is wrong with the work is told by doing it here
                self._are_busy = True
                future.cancel()
                return self._here(work, of_all, piece)
            return given

        return finish

    def _here(self, work: Callable[[Given, bytes], Found], of_all: Given, piece: Callable[[], bytes]) -> Found:
        started = time.monotonic()
        found = work(of_all, piece())
        self._longest = max(self._longest, time.monotonic() - started)
        return found

    def _sent(self, work: Callable[[Given, bytes], Found], of_all: Given, piece: Callable[[], bytes]) -> Any:
        """What will come back from another worker; None where none has room. What all pieces need is sent once."""
        try:
            idle = self._idle()
            if len(self._out) >= _AT_A_WORKER * len(idle):
                return None
            if self._of_all is None or self._of_all[0] is not of_all:
                options = {"workers": self._workers, "broadcast": True, "hash": False}
                self._of_all = of_all, self._client.scatter([of_all], **options)[0]  # of a tuple, each by itself
            given = work, self._of_all[1], igzip.compress(piece(), 1)
            return self._client.submit(_packed, *given, key=f"{_SHARD}{uuid.uuid4()}", workers=idle, retries=0)
        except Exception:  # of the cluster, as when a worker was killed
            self._are_busy = True
            return None

    def _idle(self) -> list[str]:
        """The others who are at nothing but shards."""
        tasks = self._client.processing()
        return [one for one in self._workers if all(str(key).startswith(_SHARD) for key in tasks.get(one, ("gone",)))]


def others() -> Others | None:
    """The other workers of the cluster that this process is a worker of; None where there are none."""
    if "distributed" not in sys.modules:
        return None
    import distributed

    try:
        worker = distributed.get_worker()
    except ValueError:
        return None
    client: Any = worker.client
    addresses = [address for address in client.nthreads() if address != worker.address]
    return Others(client, addresses) if addresses else None


def _packed(work: Callable[[Given, bytes], Found], of_all: Given, piece: bytes) -> Found:
    return work(of_all, _unpacked(piece))
