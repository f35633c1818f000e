"""What a release's whole dumps hold, one for each licence group."""

from __future__ import annotations

import gzip
from pathlib import Path


def quads_of(release: Path) -> list[bytes]:
    """All quads of a release, sorted."""
    dumps = sorted((release / "dump").glob("clirld-*.nq.gz"))
    return sorted(line for path in dumps for line in gzip.decompress(path.read_bytes()).splitlines())
