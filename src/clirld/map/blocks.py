"""A source's N-Quads as blocks, the lines that one row wrote about one subject, and the batches made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from clirld.settings import BASE

_RECORD = f"{BASE}id/record/".encode()
_DERIVED = b"<http://www.w3.org/ns/prov#wasDerivedFrom> <" + _RECORD
"""Of an entity; a record is derived from a file, and is its own record."""


class Block(NamedTuple):
    """The lines one row wrote about one subject. `record` is the IRI of the record it is derived from or is."""

    subject: str
    record: str
    lines: tuple[bytes, ...]


def blocks(graph: Path) -> Iterator[Block]:
    """Blocks of an N-Quads file. A block ends where the subject changes, or after its prov:wasDerivedFrom,
    which the mapping writes last, so that two rows about one subject are two blocks."""
    subject, record = b"", ""
    lines: list[bytes] = []
    with graph.open("rb") as file:
        for line in file:
            name, _, rest = line.partition(b" ")
            if name != subject and lines:
                yield Block(_iri(subject), record or _iri(subject), tuple(lines))
                record, lines = "", []
            subject = name
            lines.append(line)
            if rest.startswith(_DERIVED):
                record = (_RECORD + rest[len(_DERIVED) :].partition(b">")[0]).decode()
                yield Block(_iri(subject), record, tuple(lines))
                subject, record, lines = b"", "", []
    if lines:
        yield Block(_iri(subject), record or _iri(subject), tuple(lines))


def _iri(subject: bytes) -> str:
    return subject.strip(b"<>").decode()


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
        return b"".join(line for group in groups for block in group for line in block.lines)

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
