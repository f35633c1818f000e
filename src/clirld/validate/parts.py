"""A source's graph in parts of whole records, so that checks across a graph need only one part in memory.

Whatever statements connect lies in one part: a check that follows them finds in the parts what it finds in the whole.
Records are connected where they mention one thing, described or referred to, or state the same value of a property
that a check compares (its header `together`). These stand in one part of their own, however many they are. All others
are spread evenly, but those in which no check can find anything (`clirld.validate.statements`): they are left out.
A source that describes things which others share (territories) is one part as a whole.
"""

from __future__ import annotations

import json
import shutil
from array import array
from collections.abc import Collection, Generator, Iterator
from contextlib import ExitStack
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Self
from zlib import crc32

import polars as pl

from clirld.map.blocks import Block, blocks
from clirld.validate.functions import initiative_names
from clirld.validate.statements import Statements

_MOST_PARTS = 256
"""As many files are open at once; beyond, parts grow."""

_MENTIONS_AT_ONCE = 1_000_000

_MOST_SUSPECTS = 1_000_000
"""Records remembered that a check may find something in; where there are more, all are looked at."""


_MENTIONED, _STATED, _PLACED = range(3)


class Noted(NamedTuple):
    """What was noted of a piece of a graph, to be added to what is noted of the others."""

    mentions: list[bytes]
    names: bytes
    suspects: set[int]
    finds_anywhere: bool
    records: int
    is_whole: bool


class Parts:
    """The parts of one graph, in a folder that is deleted at the end."""

    def __init__(self, graph: Path, folder: Path, size: int | None, statements: Statements) -> None:
        """`size` is about how many bytes a part has; a smaller graph is its one part, and any where it is None."""
        self.graph = graph
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self.publishable = folder / "publishable.nq"
        """For a part without the records that are held back."""
        self._size = size or 0
        self._statements = statements
        self._connected: frozenset[int] = frozenset()
        self._suspects: set[int] = set()
        self._finds_anywhere = False
        self._records = 0
        self._mentions = 0
        self._written: bool | None = None
        self._apart: list[Path] = []
        self.is_whole = graph.stat().st_size < size if size else True
        """Whether the graph is its one part."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        shutil.rmtree(self._folder)

    def look(self, stream: Iterator[Block]) -> Generator[Block]:
        """The blocks of a piece of the graph as they come; what connects their records is noted on the way."""
        nodes, records, kinds = array("q"), array("q"), array("b")
        with (self._folder / "names").open("a", encoding="utf-8") as names:
            for block in stream:
                if not self.is_whole:
                    seen = self._statements.read(block)
                    self.is_whole = not seen.is_own
                    record = _hash(block.record.encode())
                    departements = [int.from_bytes(one) for one in seen.departements]
                    found = [_hash(node) for node in (*seen.stated, *seen.mentioned)]
                    nodes.extend(found + [record] * len(departements))
                    records.extend([record] * len(found) + departements)
                    kinds.extend([_STATED] * len(seen.stated) + [_MENTIONED] * len(seen.mentioned))
                    kinds.extend([_PLACED] * len(departements))
                    self._records += block.subject == block.record
                    if seen.may_find:
                        self._suspect(record)
                    if len(nodes) > _MENTIONS_AT_ONCE:
                        self._keep(nodes, records, kinds)
                    for name in initiative_names(block.text):
                        names.write(json.dumps((block.record, name)) + "\n")
                yield block
        if nodes:
            self._keep(nodes, records, kinds)

    def noted(self) -> Noted:
        """What was noted of the pieces that were looked at."""
        mentions = [path.read_bytes() for path in sorted(self._folder.glob("*.parquet"))]
        names = (self._folder / "names").read_bytes()
        return Noted(mentions, names, self._suspects, self._finds_anywhere, self._records, self.is_whole)

    def add(self, noted: Noted) -> None:
        """Add what was noted of a piece that was looked at elsewhere."""
        for content in noted.mentions:
            self._mentions += 1
            (self._folder / f"{self._mentions}.parquet").write_bytes(content)
        with (self._folder / "names").open("ab") as names:
            names.write(noted.names)
        self._finds_anywhere |= noted.finds_anywhere
        self._suspect(*noted.suspects)
        self._records += noted.records
        self.is_whole |= noted.is_whole

    def connect(self) -> None:
        """Find which records are connected, once all pieces were looked at."""
        if not self.is_whole and self._mentions:
            self._connected = self._find_connected()

    def _suspect(self, *records: int) -> None:
        """Remember records in which a check may find something."""
        self._suspects.update(records)
        if len(self._suspects) > _MOST_SUSPECTS:
            self._finds_anywhere = True
            self._suspects.clear()

    def _keep(self, nodes: array[int], records: array[int], kinds: array[int]) -> None:
        """Put what was stated or mentioned, and its record, on the disk, in the order of the nodes.

        So are records, and the départements in which their postcodes and communes are. A file says between which nodes
        each of its groups of rows is: a slice is found without reading the others.
        """
        columns = {"node": (nodes, pl.Int64), "record": (records, pl.Int64), "kind": (kinds, pl.Int8)}
        frame = pl.DataFrame([pl.Series(name, cells, dtype) for name, (cells, dtype) in columns.items()])
        self._mentions += 1
        path = self._folder / f"{self._mentions}.parquet"
        frame.unique().sort("node").write_parquet(path, row_group_size=_MENTIONS_AT_ONCE // 16)
        del nodes[:], records[:], kinds[:]

    def _find_connected(self) -> frozenset[int]:
        """Hashes of the records that one thing or value connects with another: too many where two hashes meet.

        Those that mention what nothing is stated of are suspects, and those with places in several départements.
        """
        found: set[int] = set()
        mentions = pl.scan_parquet(self._folder / "*.parquet")
        bounds = [2**63 * n // self._mentions for n in range(self._mentions + 1)]
        record, kind = pl.col("record"), pl.col("kind")
        for low, high in pairwise(bounds):  # as many slices as files: of the nodes, one in memory at a time
            some = mentions.filter(pl.col("node").is_between(low, high - 1)).collect(engine="streaming")
            places, some = some.filter(kind == _PLACED).unique(), some.filter(kind != _PLACED)
            self._suspect(*places.filter(pl.col("node").is_duplicated())["node"].unique())
            of_node = some.group_by("node").agg(is_shared=record.min() != record.max(), is_stated=kind.max() == _STATED)
            some = some.select("node", "record").join(
                of_node.filter(pl.col("is_shared") | ~pl.col("is_stated")), on="node"
            )
            found.update(some.filter(pl.col("is_shared"))["record"])
            self._suspect(*some.filter(~pl.col("is_stated"))["record"].unique())
        return frozenset(found)

    def files(self, *, every: bool = False) -> Iterator[Path]:
        """The N-Quads files of the parts in turn, first the one of the connected records.

        Of the others, those in which a check may find something, or `every` one. Of a graph that is one part, itself.
        """
        if self.is_whole:
            yield self.graph
            return
        if self._written is not every:
            self._write(every)
            self._written = every
        yield self._folder / "connected.nq"
        yield from (path for path in self._apart if path.stat().st_size)

    def _write(self, every: bool) -> None:
        every = every or self._finds_anywhere
        share = 1 if every else min(1, len(self._suspects) / (self._records or 1))
        wanted = int(self.graph.stat().st_size * share) // self._size + 1
        self._apart = [self._folder / f"{number}.nq" for number in range(min(wanted, _MOST_PARTS))]
        looks = every or self._connected or self._suspects
        with ExitStack() as stack:
            connected, *parts = [
                stack.enter_context(path.open("wb")) for path in (self._folder / "connected.nq", *self._apart)
            ]
            for block in blocks(self.graph) if looks else ():
                record = _hash(block.record.encode())
                if record in self._connected:
                    connected.write(block.text)
                elif every or record in self._suspects:
                    parts[crc32(block.record.encode()) % len(parts)].write(block.text)

    def names(self, held: Collection[str]) -> Iterator[str]:
        """The names of the initiatives whose record is not among the held, where the graph is in several parts."""
        with (self._folder / "names").open(encoding="utf-8") as lines:
            for record, name in map(json.loads, lines):
                if record not in held:
                    yield name


def _hash(node: bytes) -> int:
    """One of 63 bits: the same in every process."""
    return int.from_bytes(blake2b(node, digest_size=8).digest()) >> 1
