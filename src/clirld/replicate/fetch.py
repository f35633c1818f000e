"""The releases of a bucket → the data folder of a replica, each whole and looked at to the byte before it is served.

data/releases/<id>/            as where it was made, with the same times: whoever checks a release checks this one
data/releases/.<id>.fetching   what has come so far; a later run goes on with it
data/replica.json              which bucket this data folder is a replica of
data/current                   switched when the published release is whole
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from clirld import checksums, stages
from clirld.checksums import Checksum
from clirld.errors import StorageError, UsageError
from clirld.harvest.lock import release_lock
from clirld.release import history, published
from clirld.release.unavailable.mark import ERASED, WITHDRAWN
from clirld.replicate import pointer
from clirld.replicate.bucket import Bucket
from clirld.replicate.pointer import KEY, RELEASES, Pointer

FILE = "replica.json"


@dataclass(slots=True)
class Fetched:
    """What a look at the bucket gave: the release served, whether it is another than before, files and bytes that came.

    `here` are files that an earlier release here had already; `version` is the entity tag of the pointer.
    """

    release: str
    is_new: bool = False
    version: str = ""
    fetched: dict[str, int] = field(default_factory=dict)
    here: int = 0


def fetch(bucket: Bucket, data: Path, known: str | None = None) -> Fetched | None:
    """Make a data folder what the bucket says; None where its pointer is still the `known` one.

    The published release comes first and is switched to, then the others that are kept; those that are given no more,
    or are no longer kept, go. Raises StorageError where something cannot be had whole, after which what was served
    stays; UsageError where the data folder is no replica's.
    """
    require_replica(data, bucket)
    found = bucket.read(KEY, known)
    if found is None:
        if known:
            return None
        raise StorageError(
            "nothing is published there", where=str(bucket.address), do="run “clirld publish --to” with this address"
        )
    said = pointer.read(found[0], str(bucket.address))
    with release_lock(data):
        stages.write_json(data / FILE, {"bucket": str(bucket.address)})
        _mark(data, said)
        served = published.current(data) if _is_whole(data, _served(data)) else None
        outcome = Fetched(said.release, is_new=served is None or served.id != said.release)
        _bring(bucket, data, said.release, said, outcome)
        if outcome.is_new:
            published.switch_to(data, said.release)
        _delete_others(data, said)
        for name in sorted(said.releases.keys() - {said.release}, reverse=True):
            _bring(bucket, data, name, said, outcome)
        # Last, so that no release passes for one that is gone while it is yet to come.
        stages.write_json(data / RELEASES / history.FILE, dict(said.history))
        outcome.version = found[1]
    return outcome


def require_replica(data: Path, bucket: Bucket) -> None:
    """Raises UsageError where releases are made in a data folder, or it is a replica of another bucket."""
    if any((data / name).is_dir() for name in ("harvests", "snapshots")):
        raise UsageError(
            "releases are made in this data folder: a replica would delete what it does not find in the bucket",
            where=str(data),
            do="give the replica a data folder of its own, with --data",
        )
    with suppress(OSError, ValueError, AttributeError):
        other = json.loads((data / FILE).read_text(encoding="utf-8")).get("bucket")
        if other != str(bucket.address):
            raise UsageError(
                f"this data folder is a replica of {other}", where=str(data), do="give another one, with --data"
            )


def _served(data: Path) -> str:
    try:
        return (data / "current").readlink().name
    except OSError:
        return ""


def _is_whole(data: Path, name: str) -> bool:
    folder = data / RELEASES / name
    return bool(name) and checksums.is_sealed(folder) and not checksums.damaged_files(folder)


def _mark(data: Path, said: Pointer) -> None:
    """Which releases are given no more."""
    marks = {f"{WITHDRAWN}/{name}.json": {**mark, "by": ""} for name, mark in said.withdrawn.items()}
    marks |= {f"{ERASED}/{name}.json": {"list": None, "holds": True} for name in said.erased}
    for path in (*(data / WITHDRAWN).glob("*.json"), *(data / ERASED).glob("*.json")):
        if path.relative_to(data).as_posix() not in marks:
            path.unlink()
    for place, mark in marks.items():
        stages.write_json(data / place, mark)


def _bring(bucket: Bucket, data: Path, name: str, said: Pointer, outcome: Fetched) -> None:
    folder, unfinished = data / RELEASES / name, data / RELEASES / f".{name}.fetching"
    if _is_whole(data, name) and checksums.sha256_of(folder / checksums.FILE) == said.releases[name]:
        return
    unfinished.mkdir(parents=True, exist_ok=True)
    entries = _entries(bucket, unfinished, name, said.releases[name])
    earlier = _at_hand(data)
    for path, entry in entries.items():
        _file(bucket, name, unfinished / path, path, entry, earlier, outcome)
    for path in set(checksums.damaged_files(unfinished)) - entries.keys():  # of an attempt at something else
        (unfinished / path).unlink()
    if folder.exists():
        aside = data / RELEASES / f".{name}.damaged"
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
    unfinished.rename(folder)
    shutil.rmtree(data / RELEASES / f".{name}.damaged", ignore_errors=True)


def _entries(bucket: Bucket, unfinished: Path, name: str, expected: str) -> dict[str, Checksum]:
    """The checksums of a release, held to the pointer."""
    key, path = f"{RELEASES}/{name}/{checksums.FILE}", unfinished / checksums.FILE
    try:
        is_right = bucket.download(key, path) == expected
        entries = checksums.read(unfinished) if is_right else {}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        entries = {}
    if not entries or not all(_is_inside(one) for one in entries):
        path.unlink(missing_ok=True)
        raise _damaged(bucket, name, checksums.FILE)
    return entries


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and parts[-1] != checksums.FILE


def _at_hand(data: Path) -> dict[tuple[int, str], tuple[Path, Checksum]]:
    """The files of the releases that are here, by size and SHA-256."""
    found = {}
    for folder in sorted((data / RELEASES).glob("[0-9]*")):
        with suppress(ValueError, TypeError, AttributeError):
            for path, entry in checksums.read(folder).items():
                found[entry.size, entry.sha256] = folder / path, entry
    return found


def _file(
    bucket: Bucket,
    name: str,
    path: Path,
    inside: str,
    entry: Checksum,
    earlier: dict[tuple[int, str], tuple[Path, Checksum]],
    outcome: Fetched,
) -> None:
    """One file, from an earlier release or fetched. It gets its time once it is found right: so one that has it was."""
    if path.is_file() and checksums.is_same(path, entry):
        return
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    if (entry.size, entry.sha256) in earlier and _taken_over(*earlier[entry.size, entry.sha256], path, entry):
        outcome.here += 1
        return
    try:
        sha256 = bucket.download(f"{RELEASES}/{name}/{inside}", path)
    except FileNotFoundError:
        path.unlink(missing_ok=True)
        raise _damaged(bucket, name, inside) from None
    if sha256 != entry.sha256:
        path.unlink()
        raise _damaged(bucket, name, inside)
    os.utime(path, ns=(entry.time, entry.time))
    outcome.fetched[f"{name}/{inside}"] = entry.size


def _taken_over(source: Path, noted: Checksum, path: Path, entry: Checksum) -> bool:
    """Link a file of an earlier release, or copy it where its time is another; False where it is damaged."""
    if not source.is_file() or not checksums.is_same(source, noted):
        return False
    if source.stat().st_mtime_ns == entry.time:
        stages.link(source, path)
        return True
    shutil.copyfile(source, path)
    if checksums.sha256_of(path) != entry.sha256:
        path.unlink()
        return False
    os.utime(path, ns=(entry.time, entry.time))
    return True


def _damaged(bucket: Bucket, name: str, path: str) -> StorageError:
    return StorageError(
        f"release {name} is damaged in the bucket, or on its way: {path} is not as it was made",
        where=str(bucket.address),
        do="nothing, if it comes right at the next look: what was served stays; else run “clirld publish --to” where "
        "the releases are made, which sends what differs",
    )


def _delete_others(data: Path, said: Pointer) -> None:
    """Releases that the bucket does not have (any more), and what is unfinished of them."""
    for path in _others(data, said):
        shutil.rmtree(path)


def _others(data: Path, said: Pointer) -> Iterator[Path]:
    unfinished = {f".{name}.fetching" for name in said.releases}
    for path in sorted((data / RELEASES).iterdir()):
        is_release = path.name[0].isdigit() and path.name not in said.releases
        if path.is_dir() and (is_release or (path.name[0] == "." and path.name not in unfinished)):
            yield path
