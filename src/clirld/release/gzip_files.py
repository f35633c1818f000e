"""Files packed with gzip, the same bytes every time: written as they come, read line by line."""

from __future__ import annotations

import filecmp
import io
import shutil
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

from isal import igzip, isal_zlib

_CHUNK = 1 << 20
_AT_ONCE = 1 << 18
"""Bytes gathered before they are packed: to pack each line by itself takes twice as long."""


class Packer:
    """Packs what it is given as one gzip member, which has no name and no time."""

    def __init__(self, out: BinaryIO) -> None:
        # Level 2 of ISA-L's 0 to 3; a window of 15 bits, and 16 more for a gzip header.
        self._compressor = isal_zlib.compressobj(2, isal_zlib.DEFLATED, 31)
        self._out = out
        self._waiting: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        """Pack some bytes; gives how many, as files do."""
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= _AT_ONCE:
            self._pack()
        return len(data)

    def writelines(self, lines: Sequence[bytes]) -> None:
        """Pack some lines: the same bytes as one after another, sooner."""
        ends = [*accumulate(map(len, lines))]
        begin, before = 0, -self._size
        while (end := bisect_left(ends, before + _AT_ONCE, begin) + 1) <= len(lines):
            self._waiting += lines[begin:end]
            self._pack()
            begin, before = end, ends[end - 1]
        self._waiting += lines[begin:]
        self._size = ends[-1] - before if lines else self._size

    def flush(self) -> None:
        """Nothing: what is packed at once does not depend on when others flush."""

    def _pack(self) -> None:
        self._out.write(self._compressor.compress(b"".join(self._waiting)))
        self._waiting, self._size = [], 0

    def end(self) -> None:
        """End the member."""
        self._pack()
        self._out.write(self._compressor.flush())


@contextmanager
def writing(path: Path) -> Iterator[Packer]:
    """A new file, packed."""
    with path.open("wb") as out:
        packer = Packer(out)
        yield packer
        packer.end()


def write_lines(lines: Iterable[bytes], path: Path) -> None:
    """Write lines into a new file, packed."""
    with writing(path) as out:
        for line in lines:
            out.write(line)


@contextmanager
def reading(path: Path) -> Iterator[igzip.IGzipFile]:
    """A packed file, unpacked as it is read."""
    with path.open("rb") as packed_file, igzip.IGzipFile(fileobj=packed_file) as file:  # type: ignore[no-untyped-call]
        yield file


def lines(path: Path) -> Iterator[bytes]:
    """The lines of a packed file, each with its line end."""
    with reading(path) as file:
        rest = b""
        while read := file.read(_AT_ONCE):  # the file would be asked for each line whether it is closed
            found = io.BytesIO(rest + read).readlines()
            rest = b"" if found[-1].endswith(b"\n") else found.pop()
            yield from found
        if rest:
            yield rest


def write_member(data: bytes, out: BinaryIO) -> None:
    """Write some bytes as one gzip member."""
    packer = Packer(out)
    packer.write(data)
    packer.end()


def append(path: Path, out: BinaryIO) -> None:
    """Write a packed file after another: gzip members may follow each other (RFC 1952, section 2.2)."""
    with path.open("rb") as file:
        shutil.copyfileobj(file, out, _CHUNK)


def is_empty(path: Path) -> bool:
    """Whether a packed file has no byte in it."""
    with reading(path) as file:
        return not file.read(1)


def are_same(one: Path, other: Path) -> bool:
    """Whether two files have the same bytes; of links to one file nothing is read."""
    return one.samefile(other) or filecmp.cmp(one, other, shallow=False)
