"""Temporary folders that may hold what is personal: those of a process that was killed are deleted by the next run.

<temporary folder of the system>/clirld-…/    made by this process or one that lives
    lock                                      held as long as its process lives (flock)
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "clirld-"
_LOCK = "lock"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """An empty folder for this process alone, gone at the end."""
    place = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        handle = os.open(place / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            # Only now is it seen by `sweep`, which could else take the lock before us.
            (place / ".lock").rename(place / _LOCK)
            inside = place / "files"
            inside.mkdir()
            yield inside
        finally:
            os.close(handle)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def sweep() -> None:
    """Delete the temporary folders of processes that are gone; others' folders are left alone. Never raises."""
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError):
            _delete_if_left(lock)


def _delete_if_left(lock: Path) -> None:
    if lock.parent.is_symlink() or lock.parent.stat().st_uid != os.getuid():
        return
    handle = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError: its process lives
        shutil.rmtree(lock.parent, ignore_errors=True)
    finally:
        os.close(handle)
