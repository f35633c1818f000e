"""Lines in the order of their bytes, each once, in memory that does not grow with their number.

Parts that fit in memory are sorted, written, and merged.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

LINES = 200_000
"""Lines sorted at a time: some 40 MB of N-Quads, and twice that as Python has them."""


def sorted_lines(lines: Iterable[bytes], scratch: Path, *, at_a_time: int = LINES) -> Iterator[bytes]:
    """The lines, which end with a line end, sorted and each once; `scratch` is a folder for the parts."""
    rest = iter(lines)
    first = _sorted_part(rest, at_a_time)
    second = _sorted_part(rest, at_a_time)
    if not second:
        yield from first
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
        yield from _each_once(heapq.merge(*parts))


def _sorted_part(lines: Iterator[bytes], at_a_time: int) -> list[bytes]:
    part = sorted(islice(lines, at_a_time))
    return list(_each_once(part))


def _each_once(lines: Iterable[bytes]) -> Iterator[bytes]:
    last = None
    for line in lines:
        if line != last:
            yield line
            last = line
