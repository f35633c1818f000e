"""A source's N-Quads as blocks, the lines that one row wrote about one subject, and the batches made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from clirld.settings import BASE

_RECORD = f"{BASE}id/record/".encode()
_DERIVED = b"<http://www.w3.org/ns/prov#wasDerivedFrom> <" + _RECORD
"""Of an entity; a record is derived from a file, and is its own record."""

_SUBJECT = re.compile(rb"([^ \n]*) [^\n]*\n(?:\1 [^\n]*\n)*|([^\n]*)\n")
"""Lines about one subject that follow each other; a line without a space is no N-Quad, and stands alone."""

_BYTES_AT_ONCE = 2**20


class Block(NamedTuple):
    """The lines one row wrote about one subject. `record` is the IRI of the record it is derived from or is."""

    subject: str
    record: str
    text: bytes

    @property
    def lines(self) -> list[bytes]:
        """Its lines, each with its end."""
        return [line + b"\n" for line in self.text.split(b"\n")[:-1]]


def blocks(graph: Path, start: int = 0, end: int | None = None) -> Iterator[Block]:
    """Blocks of an N-Quads file, or of what stands between two of its bytes, at which subjects change.

    A block ends where the subject changes, or after its prov:wasDerivedFrom, which the mapping writes last, so that
    two rows about one subject are two blocks.
    """
    for name, text in _subjects(graph, start, end):
        subject, derived = name.strip(b"<>").decode(), name + b" " + _DERIVED
        begins = 0
        while (line := _line_with(derived, text, begins)) is not None:
            record = line + len(derived) - len(_RECORD)
            ends = text.index(b"\n", line) + 1
            yield Block(subject, text[record:ends].partition(b">")[0].decode(), text[begins:ends])
            begins = ends
        if begins < len(text):
            yield Block(subject, subject, text[begins:])


def _line_with(beginning: bytes, text: bytes, start: int) -> int | None:
    """Where the next line that begins so starts, from the start of a line on."""
    if text.startswith(beginning, start):
        return start
    before = text.find(b"\n" + beginning, start)
    return None if before < 0 else before + 1


def _subjects(graph: Path, start: int, end: int | None) -> Iterator[tuple[bytes, bytes]]:
    """Subjects of an N-Quads file, as it writes them, and the lines about each that follow each other."""
    with graph.open("rb") as file:
        text, is_all, left = b"", False, graph.stat().st_size - start if end is None else end - start
        file.seek(start)
        while not is_all:
            read = file.read(min(_BYTES_AT_ONCE, left))
            left -= len(read)
            is_all = not read
            text += read
            if is_all and text and not text.endswith(b"\n"):
                text += b"\n"
            last = None
            for found in _SUBJECT.finditer(text, 0, text.rfind(b"\n") + 1):
                if last:
                    yield last[1] if last[1] is not None else last[2], last[0]
                last = found
            if last and is_all:
                yield last[1] if last[1] is not None else last[2], last[0]
            elif last:  # the lines about it may go on
                text = text[last.start() :]


@dataclass(slots=True)
class Batch:
    """Blocks validated together, each as if alone: a second one about a subject waits for the next batch,
    unless it says the same (a shared address), so that results do not depend on what else is in the batch."""

    by_subject: dict[str, list[Block]] = field(default_factory=dict)

    def add(self, block: Block) -> bool:
        """Add the block if it may be here."""
        same_subject = self.by_subject.get(block.subject)
        if same_subject is None:
            self.by_subject[block.subject] = [block]
            return True
        if _statements(same_subject[0]) == _statements(block):
            same_subject.append(block)
            return True
        return False

    def quads(self, subjects: Iterable[str] | None = None) -> bytes:
        """The lines about some subjects, or all."""
        groups = self.by_subject.values() if subjects is None else (self.by_subject[one] for one in subjects)
        return b"".join(block.text for group in groups for block in group)

    def records(self, subject: str) -> tuple[str, ...]:
        """The records that the blocks about a subject are derived from."""
        return tuple(dict.fromkeys(block.record for block in self.by_subject[subject]))


def _statements(block: Block) -> list[bytes]:
    return [line for line in block.lines if _DERIVED not in line]


def batches(stream: Iterator[Block], size: int) -> Iterator[Batch]:
    """All blocks, in batches of at most `size`."""
    postponed_before: list[Block] = []
    while True:
        batch = Batch()
        postponed: list[Block] = []
        for block in chain(postponed_before, islice(stream, max(0, size - len(postponed_before)))):
            if not batch.add(block):
                postponed.append(block)
        postponed_before = postponed
        if not batch.by_subject:
            return
        yield batch
