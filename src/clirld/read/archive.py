"""The file or files that a snapshot's bytes are: itself, or the members of a ZIP archive, one after another.

A file or member that is compressed (gzip, RFC 1952) is read as what it holds.

A member is read out of the archive as a stream. What an archive says of its members is looked at before anything is
unpacked, and `zipfile` gives no more of a member than that: a small archive cannot become a large one unseen.
"""

from __future__ import annotations

import gzip
import io
import shutil
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO, Any, cast

from clirld.errors import ReadError
from clirld.scratch import temporary_folder

MAX_BYTES = 64 * 1024**3
"""Bytes that the members of an archive may have in all: four times the largest registry known (Sirene's stock)."""

MAX_COMPRESSION_RATIO = 200
"""Times that members may be larger than the archive: text in columns gets to about 20, a bomb to 1,000."""

ARCHIVE_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
"""What `zipfile` raises for archives that are cut, damaged, locked, or packed in a way that it does not know."""

_GZIP = b"\x1f\x8b"
_UNSUSPICIOUS_BYTES = 64 * 1024**2
_SPREADSHEET_MEMBERS = ("xl/workbook.xml", "content.xml")


@dataclass(frozen=True, slots=True)
class File:
    """A file, or a member of an archive. `where` is its name for messages."""

    path: Path
    member: str | None = None

    @property
    def where(self) -> str:
        """Path, and name within the archive."""
        return f"{self.path}!{self.member}" if self.member else str(self.path)

    @contextmanager
    def open(self) -> Generator[IO[bytes]]:
        """Its bytes as a stream, unpacked. Raises ReadError where an archive or what is compressed is damaged."""
        with self._packed() as packed:
            if not _is_gzip(packed):
                yield packed
                return
            unpacked = io.BufferedReader(_Unpacked(packed, self.where))
            try:
                yield cast(IO[bytes], unpacked)
            except (gzip.BadGzipFile, zlib.error, EOFError) as problem:
                raise ReadError(
                    f"compressed (gzip), and damaged: {problem}",
                    where=self.where,
                    do="run the source again; if it lasts, tell the publisher",
                ) from None

    @contextmanager
    def _packed(self) -> Generator[IO[bytes]]:
        if self.member is None:
            with self.path.open("rb") as plain:
                yield plain
            return
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as packed:
                yield packed
        except ARCHIVE_ERRORS as problem:
            raise _damaged(self.where, problem) from None

    @contextmanager
    def on_disk(self) -> Generator[Path]:
        """A path to its bytes, unpacked: of a member or what is compressed, a copy that is gone at the end."""
        if self.member is None:
            with self._packed() as packed:
                compressed = _is_gzip(packed)
            if not compressed:
                yield self.path
                return
        suffix = Path(self.member or self.path.name).suffix
        with temporary_folder() as scratch:
            copy = scratch / f"unpacked{suffix}"
            with self.open() as unpacked, copy.open("wb") as file:
                shutil.copyfileobj(unpacked, file, 1 << 20)
            yield copy


def _is_gzip(packed: IO[bytes]) -> bool:
    start = packed.read(len(_GZIP))
    packed.seek(0)
    return start == _GZIP


class _Unpacked(io.RawIOBase):
    """The bytes of a gzip stream, as long as they are not suspiciously many."""

    def __init__(self, packed: IO[bytes], where: str) -> None:
        self._packed, self._where = packed, where
        self._stream = gzip.GzipFile(fileobj=packed)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        size = self._stream.tell()
        if size > MAX_BYTES or (size > _UNSUSPICIOUS_BYTES and size > MAX_COMPRESSION_RATIO * self._packed.tell()):
            raise ReadError(
                f"it would be more than {size:,} bytes, out of {self._packed.tell():,} that are compressed",
                where=self._where,
                do="look at the archive by hand: no registry packs that well; tell the publisher",
            )
        buffer[: len(data)] = data
        return len(data)


def listed(path: Path, where: str | None = None) -> list[zipfile.ZipInfo]:
    """What an archive says of its members, in its order; `where` is its name for messages. Raises ReadError."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except ARCHIVE_ERRORS as problem:
        raise _damaged(where or str(path), problem) from None


def files(path: Path, pattern: str | None) -> Iterator[File]:
    """The file at `path`, or the members of the archive there that fit the glob `pattern`, in order of their names.

    A file that is no archive stands for its only member: a sample is kept unpacked, so that it can be looked at.
    Raises ReadError.
    """
    if pattern is None or not zipfile.is_zipfile(path):
        yield File(path)
        return
    members = [one for one in listed(path) if not one.is_dir() and not is_metadata(one.filename)]
    names = [one.filename for one in members]
    if any(name in names for name in _SPREADSHEET_MEMBERS):  # a spreadsheet is a ZIP archive too
        yield File(path)
        return
    matching = [one for one in members if fnmatchcase(one.filename, pattern)]
    if not matching:
        shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
        raise ReadError(
            f"no member “{pattern}” in the archive; there are: {shown}",
            where=str(path),
            do="put the name of the member as member in source.yaml; * stands for any signs",
        )
    size = sum(one.file_size for one in matching)
    if size > MAX_BYTES or (size > _UNSUSPICIOUS_BYTES and size > MAX_COMPRESSION_RATIO * path.stat().st_size):
        raise ReadError(
            f"the members would be {size:,} bytes, out of an archive of {path.stat().st_size:,}",
            where=str(path),
            do="look at the archive by hand: no registry packs that well; tell the publisher",
        )
    if encrypted := [one.filename for one in matching if one.flag_bits & 0x1]:
        raise ReadError(
            f"{encrypted[0]} needs a password",
            where=str(path),
            do="ask the publisher for an archive without one",
        )
    yield from (File(path, one.filename) for one in sorted(matching, key=lambda one: one.filename))


def is_metadata(member: str) -> bool:
    """Whether a member is what a Mac or a Windows machine adds to an archive of its own accord."""
    parts = member.split("/")
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1] in (".DS_Store", "Thumbs.db", "desktop.ini")


def _damaged(where: str, problem: Exception) -> ReadError:
    return ReadError(
        f"not a ZIP archive that can be read: {problem}",
        where=where,
        do="run the source again; if it lasts, tell the publisher",
    )
