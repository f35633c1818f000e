"""One run of a source at a time: a lock on a file, which the system lets go of however the process ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clirld.errors import BusyError

PATIENCE = 2.0
"""Seconds that a run waits for another to be done with the same source."""


@contextmanager
def locked(data: Path, source: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of a source. Raises BusyError where another process keeps it for longer than `patience`."""
    path = data / "locks" / f"{source}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        until = time.monotonic() + patience
        while not _taken(handle):
            if time.monotonic() >= until:
                raise BusyError(
                    "another run of this source is under way",
                    where=f"source {source}",
                    do="wait until it is done, then run again",
                )
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)  # and so lets go of the lock


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
