"""The dump of a licence group as JSON-LD 1.1: a named graph for each source, written as it is read."""

from __future__ import annotations

from pathlib import Path
from typing import IO, cast

from pyoxigraph import RdfFormat, parse, serialize

from clirld.release import gzip_files


def write(dump: Path, path: Path) -> None:
    """Write a packed dump of N-Quads anew as packed JSON-LD."""
    with gzip_files.reading(dump) as quads, gzip_files.writing(path) as out:
        serialize(parse(cast(IO[bytes], quads), format=RdfFormat.N_QUADS), cast(IO[bytes], out), RdfFormat.JSON_LD)
