"""The graphs of a release as they are sent: N-Triples out of its dumps, their lines sorted, each once.

No dump has a blank node, so the same lines are the same graph, and a checksum of them compares it. Where a graph is in
several dumps, one for each licence group, they are merged. Nothing is held in memory but some lines.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from isal.igzip_lib import IsalError

from clirld.errors import ReleaseError, UsageError
from clirld.release import gzip_files
from clirld.release.changes import write as changes
from clirld.release.licensing import OPEN
from clirld.release.published import CHUNK, Release
from clirld.settings import BASE

DEFAULT = f"{BASE}graph/publication#default-graph"
"""Stands for the default graph, which has no name, where graphs are named."""
_LAST = f"{BASE}graph/catalog"
"""Sent last: it tells of the others."""


@dataclass(frozen=True, slots=True)
class ReleaseGraph:
    """A graph: its IRI, the dumps it is in with the graph that each has; lines, bytes and SHA-256 of its N-Triples."""

    iri: str
    dumps: tuple[tuple[Path, str], ...]
    triples: int
    size: int
    sha256: str

    def chunks(self) -> Iterator[bytes]:
        """Its N-Triples, in pieces of whole lines. Raises ReleaseError where a dump is damaged."""
        return _chunks(self.dumps)


def groups_of(release: Release) -> dict[str, Mapping[str, Any]]:
    """The licence groups of a release by id, as its manifest describes them."""
    return {group["id"]: group for group in release.manifest.get("rights", {}).get("groups", ())}


def of_release(release: Release, groups: Sequence[str] = (), *, default_graph: bool = False) -> list[ReleaseGraph]:
    """The graphs of a release, of all its licence groups or of some; with the default graph, the union of all of them.

    A graph without a triple is none. Every dump is read once. Raises UsageError for a group that there is not, and
    ReleaseError where a dump is damaged, or does not have what the manifest says.
    """
    described = groups_of(release)
    if lost := [name for name in groups if name not in described]:
        raise UsageError(
            f"no licence group {lost[0]}", where="--licence-group", do=f"there are: {', '.join(described) or '–'}"
        )
    layout = int(release.manifest.get("layout", 0))
    dumps: dict[str, list[tuple[Path, str]]] = {}
    for name, group in described.items():
        if not groups or name in groups:
            for dump in changes.dump_names(name, group["sources"], is_open=name == OPEN, layout=layout):
                iri = changes.graph_iri(dump)
                dumps.setdefault(iri, []).append((release.folder / "dump" / f"{dump}.nq.gz", iri))
    if default_graph:
        dumps[DEFAULT] = [one for some in dumps.values() for one in some]
    found = [one for iri in sorted(dumps, key=_order) if (one := _measured(iri, tuple(dumps[iri]))).triples]
    for one in found if not groups else ():
        stated = release.manifest["graphs"].get(one.iri.removeprefix(f"{BASE}graph/"), one.triples)
        if stated != one.triples:
            raise _damaged(one.dumps[0][0])
    return found


def _order(iri: str) -> tuple[bool, str]:
    return iri == _LAST, iri


def _measured(iri: str, dumps: tuple[tuple[Path, str], ...]) -> ReleaseGraph:
    triples = size = 0
    digest = sha256()
    for chunk in _chunks(dumps):
        triples += chunk.count(b"\n")
        size += len(chunk)
        digest.update(chunk)
    return ReleaseGraph(iri, dumps, triples, size, digest.hexdigest())


def _chunks(dumps: Sequence[tuple[Path, str]]) -> Iterator[bytes]:
    if len(dumps) == 1:
        return _triples(*dumps[0])
    # Each is sorted with the same graph at the end of its lines, so it is without it too.
    merged = heapq.merge(*(_lines(_triples(*dump)) for dump in dumps))
    return _joined(line for line, _same in groupby(merged))


def _triples(path: Path, iri: str) -> Iterator[bytes]:
    """The lines of a dump without their graph, in pieces of whole lines."""
    end, rest = f" <{iri}> .\n".encode(), b""
    try:
        with gzip_files.reading(path) as file:
            for chunk in iter(partial(file.read, CHUNK), b""):
                lines, line_end, rest = (rest + chunk).rpartition(b"\n")
                lines += line_end
                if lines.count(end) != lines.count(b"\n"):
                    raise _damaged(path)
                yield lines.replace(end, b" .\n")
    except (OSError, EOFError, IsalError) as problem:  # type: ignore[misc]
        raise _damaged(path) from problem
    if rest:
        raise _damaged(path)


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield from chunk.splitlines(keepends=True)


def _joined(lines: Iterable[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _damaged(path: Path) -> ReleaseError:
    return ReleaseError(
        f"the release is damaged: {path.name}",
        where=path.parent.parent.name,
        do="run “clirld release”, which makes a new one; or serve another: clirld releases --use ID",
    )
