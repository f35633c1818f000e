"""One run of a source at a time: a lock on a file, which the system lets go of however the process ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clirld.errors import BusyError

LOCK_TIMEOUT = 2.0
"""Seconds that a run waits for another to be done with the same source."""


@contextmanager
def source_lock(data: Path, source: str, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Hold the lock of a source. Raises BusyError where another process keeps it for longer than `timeout`."""
    path = data / "locks" / f"{source}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Less the umask: whoever runs sources on this machine must be able to take the lock.
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        deadline = time.monotonic() + timeout
        while not _try_lock(handle):
            if time.monotonic() >= deadline:
                raise BusyError(
                    "another run of this source is under way: this one leaves it alone, and makes no release of it",
                    where=f"source {source}",
                    do="nothing, if the other run publishes; else wait until it is done, then run again",
                )
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)  # and so lets go of the lock


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
