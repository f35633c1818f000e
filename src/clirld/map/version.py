"""The version of a graph: what it says, not when it was retrieved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

VERSION_FILE = "version"
"""File beside a published graph that keeps its version."""

_RETRIEVED = b"<http://www.w3.org/ns/prov#generatedAtTime> "


def content_version(graph: Path) -> str:
    """16 hex digits of the SHA-256 of an N-Quads file, without the quads that say when something was retrieved."""
    with graph.open("rb") as lines:
        return version_of_lines(lines)


def version_of_lines(lines: Iterable[bytes]) -> str:
    """As `content_version`, of lines of N-Quads."""
    digest = hashlib.sha256()
    for line in lines:
        # A subject has no space, so what follows the first one is the predicate.
        if not line.startswith(_RETRIEVED, line.index(b" ") + 1):
            digest.update(line)
    return digest.hexdigest()[:16]
