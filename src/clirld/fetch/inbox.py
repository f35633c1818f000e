"""inbox: the file that a territory keeps by hand, as it was last put into the source's folder of the inbox."""

from __future__ import annotations

import time
from pathlib import Path

from clirld.errors import FetchError

_QUIET_SECONDS = 10
"""Seconds in which a file must not have changed to be whole: copying it may take that long."""


def newest(folder: Path, distribution: str, now: float | None = None) -> Path:
    """The file of a distribution that was changed last. Raises FetchError for none, or one that is in use."""
    candidates = [path for path in folder.glob(f"{distribution}.*") if path.is_file()]
    if not candidates:
        raise FetchError(
            f"the inbox has no {distribution}",
            where=str(folder),
            do=f"put the file there as {distribution}.<csv, xlsx, ods or json>",
        )
    newest = max(candidates, key=lambda path: (path.stat().st_mtime, path.name))
    # Excel's and LibreOffice's marks of a file that is open; Excel drops two letters of long names.
    marks = (f"~${newest.name}", f"~${newest.name[2:]}", f".~lock.{newest.name}#")
    if any((folder / mark).exists() for mark in marks):
        raise FetchError(
            "the file is open in a spreadsheet program", where=str(newest), do="save and close it, then run again"
        )
    if (time.time() if now is None else now) - newest.stat().st_mtime < _QUIET_SECONDS:
        raise FetchError(
            f"the file was changed less than {_QUIET_SECONDS} seconds ago and may be half copied",
            where=str(newest),
            do="wait a little, then run again",
        )
    return newest
