"""Lines in the order of their bytes, each once, in memory that does not grow with their number.

Parts that fit in memory are sorted, written, and merged.
"""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain, compress, islice
from operator import ne
from pathlib import Path
from typing import IO

LINES = 200_000
"""Lines sorted at a time: some 40 MB of N-Quads, and twice that as Python has them."""

_MERGED = 1 << 20
"""Bytes of each part that are in memory when they are merged, but for the end of a line."""


def sorted_lines(lines: Iterable[bytes], scratch: Path, *, at_a_time: int = LINES) -> Iterator[bytes]:
    """The lines, which end with a line end, sorted and each once; `scratch` is a folder for the parts."""
    return chain.from_iterable(sorted_lists(lines, scratch, at_a_time=at_a_time))


def sorted_lists(lines: Iterable[bytes], scratch: Path, *, at_a_time: int = LINES) -> Iterator[list[bytes]]:
    """The same as lists, one after another: whoever can do something with many lines at once does it sooner."""
    rest = iter(lines)
    first = _sorted_part(rest, at_a_time)
    second = _sorted_part(rest, at_a_time)
    if not second:
        yield first
        return
    with ExitStack() as files:
        parts = []
        part = first
        while part:
            file = files.enter_context(tempfile.TemporaryFile(dir=scratch))
            file.writelines(part)
            file.seek(0)
            parts.append(file)
            part, second = second, _sorted_part(rest, at_a_time)
        yield from _merged(parts)


def _sorted_part(lines: Iterator[bytes], at_a_time: int) -> list[bytes]:
    return _each_once(sorted(islice(lines, at_a_time)))


def _merged(parts: Iterable[IO[bytes]]) -> Iterator[list[bytes]]:
    """The lines of sorted parts, sorted: of all that were read those up to where the least was read.

    To sort what is sorted in stretches (Timsort) takes a fifth of the time of a heap of lines.
    """
    waiting = {part: part.readlines(_MERGED) for part in parts}
    while waiting := {part: lines for part, lines in waiting.items() if lines}:
        last = min(lines[-1] for lines in waiting.values())
        found: list[bytes] = []
        for part, lines in waiting.items():
            end = bisect_right(lines, last)
            found += lines[:end]
            waiting[part] = lines[end:] or part.readlines(_MERGED)
        yield _each_once(sorted(found))


def _each_once(lines: list[bytes]) -> list[bytes]:
    """Sorted lines, each once."""
    following = islice(lines, 1, None), islice(lines, 1, None)
    return [*lines[:1], *compress(following[0], map(ne, following[1], lines))]
