"""The version of a graph: what it says, not when it was retrieved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

VERSION_FILE = "version"
"""File beside a published graph that keeps its version."""

_RETRIEVED = b"<http://www.w3.org/ns/prov#generatedAtTime> "
_BYTES_AT_ONCE = 2**20


def content_version(graph: Path) -> str:
    """16 hex digits of the SHA-256 of an N-Quads file, without the quads that say when something was retrieved."""
    digest = hashlib.sha256()
    with graph.open("rb") as file:
        text = b""
        while read := file.read(_BYTES_AT_ONCE):
            text += read
            end = text.rfind(b"\n") + 1
            digest.update(_without_retrieved(text[:end]))
            text = text[end:]
        digest.update(_without_retrieved(text))
    return digest.hexdigest()[:16]


def _without_retrieved(text: bytes) -> bytes:
    """Some lines of N-Quads without those that say when something was retrieved; most lines are not looked at."""
    pieces: list[bytes] = []
    start, found = 0, text.find(_RETRIEVED)
    while found >= 0:
        line, end = text.rfind(b"\n", 0, found) + 1, text.find(b"\n", found) + 1 or len(text)
        # A subject has no space, so what follows the first one is the predicate.
        if text.find(b" ", line) + 1 == found:
            pieces.append(text[start:line])
            start = end
        found = text.find(_RETRIEVED, end)
    return b"".join([*pieces, text[start:]])


def version_of_lines(lines: Iterable[bytes]) -> str:
    """As `content_version`, of lines of N-Quads."""
    digest = hashlib.sha256()
    for line in lines:
        # A subject has no space, so what follows the first one is the predicate.
        if not line.startswith(_RETRIEVED, line.index(b" ") + 1):
            digest.update(line)
    return digest.hexdigest()[:16]
