"""One run of a source and one release at a time: locks on files, which the system lets go of with their process."""

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
RELEASE_LOCK_TIMEOUT = 600.0
"""Seconds that a release waits for another: it has to follow it, as it may hold more."""


@contextmanager
def source_lock(data: Path, source: str, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Hold the lock of a source. Raises BusyError where another process keeps it for longer than `timeout`."""
    busy = BusyError(
        "another run of this source is under way: this one leaves it alone, and makes no release of it",
        where=f"source {source}",
        do="nothing, if the other run publishes; else wait until it is done, then run again",
    )
    with _lock(data / "locks" / f"{source}.lock", timeout, busy):
        yield


@contextmanager
def release_lock(data: Path, timeout: float = RELEASE_LOCK_TIMEOUT) -> Iterator[None]:
    """Hold the lock of the releases: whoever makes, switches or deletes one.

    Raises BusyError where another process keeps it for longer than `timeout`.
    """
    busy = BusyError(
        "another release is under way",
        where=str(data / "releases"),
        do="wait until it is done, then run “clirld release”",
    )
    with _lock(data / "locks" / "releases", timeout, busy):  # those of sources end in .lock
        yield


@contextmanager
def _lock(path: Path, timeout: float, busy: BusyError) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Less the umask: whoever runs sources on this machine must be able to take the lock.
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        deadline = time.monotonic() + timeout
        while not _try_lock(handle):
            if time.monotonic() >= deadline:
                raise busy
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
