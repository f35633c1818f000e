"""A source's graph in parts of whole records, so that checks across a graph need only one part in memory.

Whatever statements connect lies in one part: a check that follows them finds in the parts what it finds in the whole.
Records are connected where they mention one thing, described or referred to, or state the same value of a property
that a check compares (its header `together`). These stand in one part of their own, however many they are; all others
are spread evenly. A source that describes things which others share (territories) is one part as a whole.
"""

from __future__ import annotations

import json
import re
import shutil
from array import array
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Self
from zlib import crc32

import polars as pl

from clirld.map.blocks import Block, blocks
from clirld.settings import BASE
from clirld.validate.functions import initiative_names

_MOST_PARTS = 256
"""As many files are open at once; beyond, parts grow."""

_MENTIONS_AT_ONCE = 1_000_000

_OWN = rf"<{re.escape(BASE)}id/(?!territory/|dataset/|distribution/)[^>]*>"
"""A thing that a source describes: territories, datasets and files are in graphs of their own, and connect nothing."""

_OWN_NODE = re.compile(_OWN.encode())
_OWN_OBJECT = re.compile(rb"[^ \n]+ [^ \n]+ (?:(" + _OWN.encode() + rb")|)[^\n]*\n")
"""Of each line the object, where it is such a thing: line after line is faster than looking for one."""


class Parts:
    """The parts of one graph, in a folder that is deleted at the end."""

    def __init__(self, graph: Path, folder: Path, size: int, together: Collection[str]) -> None:
        """`size` is about how many bytes a part has; `together` the IRIs of properties whose values connect records."""
        wanted = graph.stat().st_size // size + 1
        self.graph = graph
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self.publishable = folder / "publishable.nq"
        """For a part without the records that are held back."""
        self._count = min(1 << (wanted - 1).bit_length(), _MOST_PARTS)
        self._connected: frozenset[int] = frozenset()
        self._mentions = 0
        self._together = [f" <{predicate}> ".encode() for predicate in sorted(together)]
        self.is_whole = self._count == 1
        """Whether the graph is its one part."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        shutil.rmtree(self._folder)

    def spread(self, stream: Iterator[Block]) -> Generator[Block]:
        """The blocks of the graph as they come; each is written to its part on the way."""
        if self.is_whole:
            yield from stream
            return
        nodes, records = array("q"), array("q")
        with ExitStack() as stack:
            parts = [stack.enter_context(path.open("wb")) for path in self._paths]
            names = stack.enter_context((self._folder / "names").open("w", encoding="utf-8"))
            for block in stream:
                parts[crc32(block.record.encode()) % self._count].write(block.text)
                record = _hash(block.record)
                mentioned = [_hash(node) for node in self._nodes(block)]
                nodes.extend(mentioned)
                records.extend([record] * len(mentioned))
                if len(nodes) > _MENTIONS_AT_ONCE:
                    self._keep(nodes, records)
                for name in initiative_names(block.text):
                    names.write(json.dumps((block.record, name)) + "\n")
                yield block
        self._keep(nodes, records)
        if not self.is_whole:
            self._connected = self._find_connected()

    def _nodes(self, block: Block) -> Iterator[bytes]:
        """What a block describes, refers to, and states as values that are compared."""
        text = block.text
        subject = text[: text.find(b" ")]
        self.is_whole = self.is_whole or not _OWN_NODE.fullmatch(subject)
        yield subject
        yield from filter(None, _OWN_OBJECT.findall(text))
        for predicate in self._together:
            if predicate in text:
                for line in block.lines:
                    if predicate in line:
                        yield line.partition(b" ")[2].rpartition(b" <")[0]

    def _keep(self, nodes: array[int], records: array[int]) -> None:
        """Put what was mentioned, and its record, on the disk, in the order of the nodes.

        A file says between which nodes each of its groups of rows is: a slice is found without reading the others.
        """
        frame = pl.DataFrame([pl.Series("node", nodes, pl.Int64), pl.Series("record", records, pl.Int64)])
        self._mentions += 1
        path = self._folder / f"{self._mentions}.parquet"
        frame.unique().sort("node").write_parquet(path, row_group_size=_MENTIONS_AT_ONCE // 16)
        del nodes[:], records[:]

    def _find_connected(self) -> frozenset[int]:
        """Hashes of the records that one thing or value connects with another: too many where two hashes meet."""
        found: set[int] = set()
        mentions = pl.scan_parquet(self._folder / "*.parquet")
        bounds = [2**63 * n // self._mentions for n in range(self._mentions + 1)]
        for low, high in pairwise(bounds):  # as many slices as files: of the nodes, one in memory at a time
            some = mentions.filter(pl.col("node").is_between(low, high - 1))
            shared = pl.col("record").min().over("node") != pl.col("record").max().over("node")
            found.update(some.collect(engine="streaming").filter(shared)["record"])
        return frozenset(found)

    def files(self) -> Iterator[tuple[Path, Callable[[Block], bool] | None]]:
        """The N-Quads files of the parts in turn, each with which of its blocks are of the part; None for all.

        First the one of the connected records; of a graph that is its one part, itself.
        """
        if self.is_whole:
            yield self.graph, None
            return
        path = self._folder / "connected.nq"
        if not path.exists():
            with path.open("wb") as out:
                for block in blocks(self.graph) if self._connected else ():
                    if not self._is_apart(block):
                        out.write(block.text)
        yield path, None
        yield from ((path, self._is_apart if self._connected else None) for path in self._paths if path.stat().st_size)

    def _is_apart(self, block: Block) -> bool:
        return _hash(block.record) not in self._connected

    def names(self, held: Collection[str]) -> Iterator[str]:
        """The names of the initiatives whose record is not among the held, where the graph is in several parts."""
        with (self._folder / "names").open(encoding="utf-8") as lines:
            for record, name in map(json.loads, lines):
                if record not in held:
                    yield name

    @property
    def _paths(self) -> Sequence[Path]:
        return [self._folder / f"{number}.nq" for number in range(self._count)]


def _hash(node: str | bytes) -> int:
    """One of 63 bits: the same in this process only."""
    return hash(node) & (2**63 - 1)
