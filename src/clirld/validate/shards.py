"""A graph in shards: pieces of whole subjects that are looked at one after the other here, or side by side elsewhere.

Where a shard begins depends on the graph alone, and batches end with it; so who looks at which changes nothing. What is
found in all of them together (references, values that are compared) is found here, of what each has noted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from clirld import scratch
from clirld.map.blocks import blocks
from clirld.validate.checks import Finding
from clirld.validate.parts import Noted, Parts
from clirld.validate.shacl import Result, Shapes
from clirld.validate.shape_findings import counted, shape_findings
from clirld.validate.statements import Statements

SIZE = 8 * 2**20
"""Bytes of a shard, and more up to where its last subject ends."""

_READ_BACK = 64 * 1024

Given = TypeVar("Given")
Found = TypeVar("Found")


class Elsewhere(Protocol):
    """Others who may look at shards while this process looks at some."""

    above: int
    """Bytes of a graph from which on it is worth it."""

    def begin(
        self, work: Callable[[Given, bytes], Found], of_all: Given, piece: Callable[[], bytes]
    ) -> Callable[[], Found]:
        """Begin the work on a piece; gives what waits for it. `of_all` is the same object for all pieces."""


class Shard(NamedTuple):
    """From which byte of a graph to which."""

    start: int
    end: int


class OfAll(NamedTuple):
    """What is needed for every shard: the shapes, the N-Quads of the concepts, how many blocks are a batch, and in
    which year the first record was read.
    """

    shapes: Shapes
    concepts: Sequence[str]
    batch: int
    year: int | None


@dataclass(slots=True)
class Looked:
    """What was seen in a shard: findings, results by digests to be kept, records counted, what connects them."""

    findings: list[Finding]
    kept: list[tuple[bytes, Sequence[Result]]]
    records: Counter[bool]
    noted: Noted


def of(graph: Path, size: int = SIZE) -> list[Shard]:
    """The shards of a graph, in its order."""
    end, found = graph.stat().st_size, [0]
    while found[-1] + size < end:
        found.append(_next_subject(graph, found[-1] + size))
    return [Shard(start, stop) for start, stop in zip(found, [*found[1:], end], strict=True) if start < stop]


def read(graph: Path, shard: Shard) -> bytes:
    """The N-Quads of a shard."""
    with graph.open("rb") as file:
        file.seek(shard.start)
        return file.read(shard.end - shard.start)


def look(of_all: OfAll, quads: bytes) -> Looked:
    """What the shapes find in a shard, and what connects its records with those of others."""
    records: Counter[bool] = Counter()
    keeper = _Keeper()
    with scratch.temporary_folder() as folder:
        graph = folder / "graph.nq"
        graph.write_bytes(quads)
        statements = Statements(of_all.shapes.checks, of_all.concepts, of_all.year)
        with Parts(graph, folder / "parts", 1, statements) as parts:
            with closing(parts.look(blocks(graph))) as stream:
                findings = list(shape_findings(counted(stream, records), of_all.shapes, of_all.batch, keeper))
            return Looked(findings, keeper.kept, records, parts.noted())


@dataclass(slots=True)
class _Keeper:
    """Knows nothing of an earlier time."""

    kept: list[tuple[bytes, Sequence[Result]]] = field(default_factory=list)

    def results(self, _kind: str, _digest: bytes) -> list[Result] | None:
        return None

    def keep(self, _kind: str, digest: bytes, results: Sequence[Result]) -> None:
        self.kept.append((digest, results))


def _next_subject(graph: Path, position: int) -> int:
    """The first line from a byte on that is about another subject than the line before it, or the end."""
    with graph.open("rb") as file:
        start = position
        before = b""
        while start and b"\n" not in before:  # the line before begins after the last end of a line before its own
            start = max(0, start - _READ_BACK)
            file.seek(start)
            before = file.read(position - 1 - start)
        start += before.rfind(b"\n") + 1
        file.seek(start)
        last = None
        while line := file.readline():
            subject = line.partition(b" ")[0]
            if last is not None and start >= position and subject != last:
                break
            last, start = subject, file.tell()
        return start
