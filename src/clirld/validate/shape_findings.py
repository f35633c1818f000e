"""What the shapes find in a stream of blocks, batch after batch; and what is known of an earlier time is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from clirld.map.blocks import Batch, Block, batches
from clirld.validate import engine
from clirld.validate import kept as kept_results
from clirld.validate.checks import Finding
from clirld.validate.result_issues import RECORD
from clirld.validate.shacl import Result, Shapes


class Known(Protocol):
    """Results that are known, and where new ones are kept: `clirld.validate.kept`."""

    def results(self, kind: str, digest: bytes) -> list[Result] | None:
        """Those for statements that were seen before."""

    def keep(self, kind: str, digest: bytes, results: Sequence[Result]) -> None:
        """Keep those of statements."""


def is_record(block: Block) -> bool:
    return block.subject == block.record and block.subject.startswith(RECORD)


def counted(stream: Iterable[Block], records: Counter[bool]) -> Iterator[Block]:
    """The blocks as they come; how many are about records (True) and about other things (False) is counted."""
    for block in stream:
        records[is_record(block)] += 1
        yield block


def shape_findings(stream: Iterator[Block], shapes: Shapes, size: int, kept: Known) -> Iterator[Finding]:
    """Findings of the shapes, in the order of the batches; each looks at the statements about one subject.

    The engine lets go of the interpreter: while it has a batch, the next one is read.
    """
    with ThreadPoolExecutor(1) as background:
        before: _Looked | None = None
        for batch in batches(stream, size):
            known: dict[str, list[Result]] = {}
            new: dict[str, bytes] = {}
            for subject, group in batch.by_subject.items():
                text = group[0].text if len(group) == 1 else b"".join(block.text for block in group)
                digest = kept_results.digest(text, of_record=subject == group[0].record)
                results = kept.results("shapes", digest)
                if results is None:
                    new[subject] = digest
                else:
                    kept.keep("shapes", digest, results)
                    known[subject] = results
            found = background.submit(engine.validate_batch, shapes, batch.quads(new)) if new else None
            if before:
                yield from before.findings(kept)
            before = _Looked(batch, known, new, found)
        if before:
            yield from before.findings(kept)


@dataclass(frozen=True, slots=True)
class _Looked:
    """A batch at which the shapes look: results that are known, by subject, and digests of what is new."""

    batch: Batch
    known: Mapping[str, list[Result]]
    new: Mapping[str, bytes]
    found: Future[list[Result]] | None

    def findings(self, kept: Known) -> Iterator[Finding]:
        """All findings of the batch, once the engine has its results; these are kept."""
        results = [result for one in self.known.values() for result in one]
        found = self.found.result() if self.found else []
        by_subject: dict[str, list[Result]] = {}
        for result in found:
            by_subject.setdefault(result.focus, []).append(result)
        for subject, digest in self.new.items():
            kept.keep("shapes", digest, by_subject.get(subject, []))
        yield from _batch_findings(self.batch, [*results, *found])


def _batch_findings(batch: Batch, results: Iterable[Result]) -> Iterator[Finding]:
    """In the order of the graph, so that the size of a batch does not show in the report."""
    position = {subject: number for number, subject in enumerate(batch.by_subject)}
    for result in sorted(sorted(results), key=lambda result: position[result.focus]):
        yield Finding(result, batch.records(result.focus))
