"""What killed runs left unfinished: deleted by the next run whatever its age, as it may hold what was erased.

Under the lock of a source nobody else writes in its folders, and under that of the releases nobody makes one: what is
unfinished there belongs to no process that lives.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from clirld import scratch
from clirld.fetch.resume import may_be_continued
from clirld.harvest.outcome import STAGES


def sweep_source(data: Path, source: str) -> None:
    """Delete what is unfinished of a source, under its lock; downloads that can be continued stay.

    With it go the temporary folders of all runs that were killed, whatever their source.
    """
    scratch.sweep()
    for path in unfinished_of_source(data, source):
        _delete(path)


def unfinished_of_source(data: Path, source: str) -> Iterator[Path]:
    """What a run of a source that was killed left."""
    for stage in STAGES:
        yield from sorted((data / stage / source).glob(".*"))
    yield from sorted((data / "harvests").glob(f".{source}.*"))
    yield from (path for path in _hidden_snapshots(data, source) if not may_be_continued(path))


def sweep_downloads(data: Path, source: str) -> None:
    """Delete all unfinished downloads of a source that was fetched, under its lock: nobody will continue them."""
    for path in _hidden_snapshots(data, source):
        _delete(path)


def _hidden_snapshots(data: Path, source: str) -> list[Path]:
    return sorted((data / "snapshots" / source).rglob(".*"))


def sweep_releases(data: Path) -> None:
    """Delete what is unfinished of releases, under their lock."""
    for path in unfinished_releases(data):
        _delete(path)


def unfinished_releases(data: Path) -> list[Path]:
    """What a release that was killed left."""
    patterns = ("releases/.*", "releases/*/.*", ".current.*", "*-releases/.*")
    return [path for pattern in patterns for path in sorted(data.glob(pattern))]


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
