"""Tidying of a data folder: what nothing points at any more may go, and nothing else.

Kept: the current release and the newest ones, the stage folders of each source's last good harvest and of what the
guards keep back, and all snapshots (they are what a release can be made from again).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from clirld import releases
from clirld.harvests import last_good, refused
from clirld.project import Project

_DAY = 86_400

_STAGES = ("records", "presence", "graphs", "validated", "guards")


def unused(project: Project, keep: int) -> list[Path]:
    """Folders that may be deleted: releases but for the current one and the newest `keep`, stage folders that no
    last good harvest points at, and what a run that was killed more than a day ago left half made."""
    data = project.settings.data
    served = releases.current(data)
    found = [one.folder for one in releases.all_of(data)[keep:] if served is None or one.id != served.id]
    used = set()
    for name in project.sources:
        if harvest := last_good(project, name):
            used |= {folder.resolve() for folder in harvest.folders}
        if kept := refused(project, name):
            used |= {folder.resolve() for folder in kept.folders}
    for stage in _STAGES:
        found += [path for path in sorted((data / stage).glob("*/[!.]*")) if path.resolve() not in used]
    found += _half_made(data)
    return found


def _half_made(data: Path) -> Iterator[Path]:
    for pattern in (*(f"{stage}/*/.*" for stage in _STAGES), "releases/.*"):
        for path in sorted(data.glob(pattern)):
            if path.stat().st_mtime < time.time() - _DAY:
                yield path


def delete(folders: list[Path]) -> int:
    """Delete folders; gives the bytes that came free."""
    freed = 0
    for folder in folders:
        freed += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        shutil.rmtree(folder)
    return freed
