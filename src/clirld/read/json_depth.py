"""JSON that is nested more deeply than any table: a parser keeps the path of each level, and would fill the memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, cast

import ijson

from clirld.errors import ReadError

MAX_DEPTH = 200
"""Levels of lists and objects. A collection of multipolygons has eight (RFC 7946, section 3.1.7)."""

_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_OTHERS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def bounded(raw: IO[bytes], where: str) -> IO[bytes]:
    """The same bytes, from where they stand, of which reading raises ReadError once they go deeper than `MAX_DEPTH`."""
    return cast(IO[bytes], _Bounded(raw, where))


class _Bounded:
    """Counts brackets as they pass. Those in texts count too, so where they are many it looks once what they are."""

    def __init__(self, raw: IO[bytes], where: str) -> None:
        self._raw, self._where = raw, where
        self._start = raw.tell()
        self._open, self._is_checked = b"", False

    def read(self, size: int = -1) -> bytes:
        part = self._raw.read(size)
        self._look(part)
        return part

    def readinto(self, buffer: bytearray) -> int:  # ijson takes it where it is there
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def _look(self, part: bytes) -> None:
        if self._is_checked:
            return
        # Each round takes out the innermost pairs, so there are as many rounds as levels within the part.
        brackets = self._open + part.translate(_ONE_KIND, _OTHERS)
        for _level in range(MAX_DEPTH):
            outer = brackets.replace(b"[]", b"")
            if len(outer) == len(brackets):
                break
            brackets = outer
        self._open = brackets.lstrip(b"]")
        if len(self._open) > MAX_DEPTH or b"[]" in brackets:
            self._check()

    def _check(self) -> None:
        self._is_checked, here, depth = True, self._raw.tell(), 0
        self._raw.seek(self._start)
        try:
            for event, _value in ijson.basic_parse(self._raw, multiple_values=True):
                if event in ("start_map", "start_array"):
                    depth += 1
                    if depth > MAX_DEPTH:
                        raise ReadError(
                            f"lists and objects stand in one another {MAX_DEPTH} deep and deeper",
                            where=self._where,
                            do="look at the file by hand: no table is so deep; tell who publishes it",
                        )
                elif event in ("end_map", "end_array"):
                    depth -= 1
        except ijson.JSONError:
            pass  # up to there it is not too deep, and whoever reads it comes no further
        self._raw.seek(here)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._raw)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)
