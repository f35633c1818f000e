"""The dump of a licence group as JSON-LD 1.1: a named graph for each source, written as it is read.

Each graph is packed by itself, as the element of an array that it is: gzip members may follow each other (RFC 1952,
section 2.2), so that the parts of graphs that are as they were need not be written anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import IO, cast

from pyoxigraph import RdfFormat, parse, serialize

from clirld.release import gzip_files


class _WithoutBrackets:
    """Hands on all that is written but the first byte and the last."""

    def __init__(self, out: gzip_files.Packer) -> None:
        self._out = out
        self._has_begun = False
        self._last = b""

    def write(self, data: bytes) -> int:
        """Take some bytes; gives how many, as files do."""
        given = bytes(data) if self._has_begun else bytes(data[1:])
        self._has_begun = self._has_begun or bool(data)
        held = self._last + given
        self._out.write(held[:-1])
        self._last = held[-1:]
        return len(data)

    def flush(self) -> None:
        """Nothing: the last byte is not to be written."""


def write_part(dump: Path, path: Path) -> None:
    """Write a packed dump of the N-Quads of one graph as the element of an array; nothing where it has none."""
    with gzip_files.reading(dump) as quads, gzip_files.writing(path) as out:
        inside = cast(IO[bytes], _WithoutBrackets(out))
        # Whether IRIs are well-formed is seen where the store is loaded.
        parsed = parse(cast(IO[bytes], quads), format=RdfFormat.N_QUADS, lenient=True)
        serialize(parsed, inside, RdfFormat.JSON_LD)


def join(parts: Iterable[Path], path: Path) -> None:
    """Write the parts of several graphs as one array, packed."""
    with path.open("wb") as out:
        between = b"["
        for part in parts:
            if gzip_files.is_empty(part):
                continue
            gzip_files.write_member(between, out)
            gzip_files.append(part, out)
            between = b","
        gzip_files.write_member(b"]" if between == b"," else b"[]", out)
