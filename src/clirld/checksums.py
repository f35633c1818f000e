"""The checksums of a folder that a stage has made: whether its files are still as they were made.

    <folder>/checksums.json   path → size, time of change (nanoseconds) and SHA-256 of every file in it

It is written before the folder gets its name, so it is there wherever the folder is; a folder without it is from before
there were checksums, and nothing is known of it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

FILE = "checksums.json"


class Checksum(NamedTuple):
    """Size, time of change in nanoseconds, and SHA-256 in hexadecimal."""

    size: int
    time: int
    sha256: str


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_as_made(path: Path, folder: Path) -> str:
    """SHA-256 of a file in a stage's folder: the one that it was made with, where the folder has checksums."""
    known = read(folder).get(path.relative_to(folder).as_posix())
    return known.sha256 if known else sha256_of(path)


def write(folder: Path) -> None:
    """Write the checksums of all files in a folder; of what has been taken over the files are not read."""
    known = read(folder)
    entries = {}
    for name in _files(folder):
        status = (folder / name).stat()
        earlier = known.get(name)
        if earlier is None or (earlier.size, earlier.time) != (status.st_size, status.st_mtime_ns):
            earlier = Checksum(status.st_size, status.st_mtime_ns, sha256_of(folder / name))
        entries[name] = earlier
    _replace(folder, entries)


class Known:
    """SHA-256 of the files of a folder that is being made: each is read once, links to those of an earlier one never.

    A file of the size and time that a checksum is of is taken for the same, as everywhere. Those of the `earlier`
    folder are of the day when a file was made, so that one that was damaged since is found in the new folder too.
    """

    def __init__(self, folder: Path, earlier: Path | None) -> None:
        self._folder = folder
        self._entries = read(earlier) if earlier else {}

    def sha256_of(self, path: Path) -> str:
        """SHA-256 of a file in the folder, in hexadecimal."""
        name, status = path.relative_to(self._folder).as_posix(), path.stat()
        entry = self._entries.get(name)
        if entry is None or (entry.size, entry.time) != (status.st_size, status.st_mtime_ns):
            entry = self._entries[name] = Checksum(status.st_size, status.st_mtime_ns, sha256_of(path))
        return entry.sha256

    def save(self) -> None:
        """Have them stand in the folder until its checksums are written, which then needs to read the others only."""
        _replace(self._folder, self._entries)


def forget(folder: Path, names: Collection[str]) -> None:
    """Take files that are to be deleted out of the checksums of a folder; those that are damaged stay so."""
    with suppress(ValueError, TypeError, AttributeError):
        _replace(folder, {name: entry for name, entry in read(folder).items() if name not in names})


def _replace(folder: Path, entries: Mapping[str, Checksum]) -> None:
    unfinished = folder / f".{FILE}.{os.getpid()}"
    unfinished.write_text(json.dumps(entries, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    unfinished.replace(folder / FILE)


def is_sealed(folder: Path) -> bool:
    """Whether a folder has checksums."""
    return (folder / FILE).is_file()


def damaged_files(folder: Path, *, every_byte: bool = False) -> list[str]:
    """The files of a folder that are gone, added or not as they were made, by their paths in it.

    A file of the same size and time is taken for the same; where the time differs (it may have been copied) its bytes
    are looked at, or everywhere with `every_byte`. Of a folder without checksums nothing is known: none.
    """
    if not folder.is_dir():
        return ["."]
    if not is_sealed(folder):
        return []
    try:
        entries = read(folder)
    except (ValueError, TypeError, AttributeError):
        return [FILE]
    found = set(_files(folder))
    return sorted(found ^ entries.keys()) + [
        name
        for name in sorted(found & entries.keys())
        if not is_same(folder / name, entries[name], every_byte=every_byte)
    ]


def verify(folder: Path) -> list[str]:
    """As `damaged_files`, with every byte looked at.

    What is damaged gets the time of now: whoever looks at times first then sees it too, the next run among them.
    """
    files = damaged_files(folder, every_byte=True)
    for name in files:
        with suppress(OSError):  # gone, or not ours
            os.utime(folder / name)
    return files


def read(folder: Path) -> dict[str, Checksum]:
    """The checksums of a folder by path, none where it has none.

    Raises ValueError, TypeError or AttributeError where they are damaged.
    """
    if not is_sealed(folder):
        return {}
    entries = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return {name: Checksum(int(size), int(time), str(sha256)) for name, (size, time, sha256) in entries.items()}


def is_as_made(path: Path, folder: Path) -> bool:
    """Whether a file is there and as a stage made it in its folder, which has checksums."""
    known = read(folder).get(path.relative_to(folder).as_posix())
    return known is not None and path.is_file() and is_same(path, known)


def is_same(path: Path, checksum: Checksum, *, every_byte: bool = False) -> bool:
    """Whether a file is as it was made."""
    status = path.stat()
    if status.st_size != checksum.size:
        return False
    return (status.st_mtime_ns == checksum.time and not every_byte) or sha256_of(path) == checksum.sha256


def _files(folder: Path) -> Iterator[str]:
    """What counts: all files but the checksums, and hidden ones, which are the system's or unfinished."""
    start = len(str(folder)) + 1
    for place, _folders, names in os.walk(folder):  # a tenth of the time of Path.rglob
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118
            found = path[start:].replace(os.sep, "/")
            if found != FILE and not name.startswith(".") and os.path.isfile(path):  # noqa: PTH113
                yield found
