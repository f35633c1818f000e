"""What takes long to make and nobody changes: made once in a session, whichever process of the tests needs it first."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

_SMALL = 100_000
"""Bytes of a file that is copied: a larger one is linked."""


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name, filled by the first process that asks for it; the others wait until it is whole."""
    is_divided = "PYTEST_XDIST_WORKER" in os.environ  # each process then has a folder of its own in the session's
    session = factory.getbasetemp().parent if is_divided else factory.getbasetemp()
    folder, unfinished = session / name, session / f"{name}.unfinished"
    with (session / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished.mkdir()  # where an earlier one failed, this fails too, and soon
            make(unfinished)
            unfinished.rename(folder)
    return folder


def linked_copy(source: Path, target: Path) -> Path:
    """A copy of a data folder in which large files are the same: for tests that change none of them in place."""

    def link_or_copy(path: str, copy: str) -> str:
        if Path(path).stat().st_size < _SMALL:
            return shutil.copy2(path, copy)
        os.link(path, copy)
        return copy

    return Path(shutil.copytree(source, target, symlinks=True, copy_function=link_or_copy))
