"""validate: a source's N-Quads → those that may be published, a SHACL report, and what was held back, and why.

A violation holds back the record that the entity was derived from, with all that the record gave; warnings are
told and hold nothing. The graph is read as blocks: the lines that one row wrote about one subject.

    graph.nq → blocks → batches → shapes ┐
                   └→ store → checks ────┴→ results → records held → graph.nq, report.ttl, held.jsonl, issues.jsonl
"""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from clirld import issues
from clirld.errors import ShapesError
from clirld.issues import Issue
from clirld.map.blocks import Batch, Block, batches, blocks
from clirld.settings import BASE
from clirld.validate import report as shacl_report
from clirld.validate import shacl
from clirld.validate.shacl import Result, Shapes
from clirld.values.personal_data import without_personal_data
from clirld.vocabulary.terms import CONCEPTS_GRAPH, Vocabulary

__all__ = ["Shapes", "Validation", "validate"]

_RECORD = f"{BASE}id/record/"
_IDENTIFIER = b"<http://purl.org/dc/terms/identifier> "
_SOURCE_ROW = f"<{BASE}ontology#sourceRow> ".encode()


@dataclass(frozen=True, slots=True)
class Validation:
    """Outcome: source records in all, held ones by first reason, warnings by shape; and the files written."""

    records: int
    held: dict[str, int]
    warnings: dict[str, int]
    graph: Path
    report: Path
    held_file: Path
    issues: Path


class Finding(NamedTuple):
    """A result and the records it concerns."""

    result: Result
    records: tuple[str, ...]


def validate(
    graph: Path,
    shapes: Shapes,
    vocabulary: Vocabulary,
    out: Path,
    *,
    source: str,
    workers: int,
    batch: int = 2000,
) -> Validation:
    """Validate `graph` (N-Quads, contiguous blocks) and write the files of the stage into the folder `out`.

    The output does not depend on `workers`. Raises ShapesError where the shapes or checks cannot be run.
    """
    out.mkdir(parents=True, exist_ok=True)
    spool = out / ".findings.jsonl"
    held: dict[str, list[Result]] = {}
    with spool.open("w", encoding="utf-8") as file:

        def keep_findings(findings: Iterable[Finding]) -> int:
            """Keep findings; gives how many more records are held."""
            held_before = len(held)
            for finding in findings:
                file.write(json.dumps(finding, ensure_ascii=False) + "\n")
                if shapes.by_name[finding.result.shape].severity == "Violation":
                    for record in finding.records:
                        held.setdefault(record, []).append(finding.result)
            return len(held) - held_before

        keep_findings(_shape_findings(graph, shapes, workers, batch))
        reported: set[tuple[str, str, str]] = set()
        while True:  # what is held back may leave references dangling, which holds back more
            _write_publishable(graph, out / "graph.nq", held.keys())
            store = _load_store(out / "graph.nq", vocabulary)
            if not keep_findings(_check_findings(graph, store, shapes, reported)):
                break
    validation = _write_outputs(graph, spool, shapes, held, out, source)
    spool.unlink()
    return validation


def _shape_findings(graph: Path, shapes: Shapes, workers: int, size: int) -> Iterator[Finding]:
    """Findings of the shapes, in the order of the batches, whoever is first to be done."""
    stream = batches(graph, size)
    first_batches = list(islice(stream, 2))
    try:
        if workers < 2 or len(first_batches) < 2:  # a pool costs a second or two to start
            for batch in chain(first_batches, stream):
                yield from _batch_findings(batch, shacl.validate_batch(shapes.triples, batch.quads))
            return
        # Not fork: a child would inherit locks that Polars' threads hold (Polars user guide, Multiprocessing).
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            running: list[tuple[Batch, Future[list[Result]]]] = []
            for batch in chain(first_batches, stream):
                running.append((batch, _submit(pool, shapes, batch)))
                if len(running) > 2 * workers:  # no more in memory than keeps the workers busy
                    validated, future = running.pop(0)
                    yield from _batch_findings(validated, future.result())
            for validated, future in running:
                yield from _batch_findings(validated, future.result())
    except BrokenProcessPool:
        do = "lower CLIRLD_WORKERS, or free memory, and run again"
        raise ShapesError("a validation process died", where=str(graph), do=do) from None
    except ShapesError as problem:
        raise shacl.with_location(problem, shapes) from problem


def _submit(pool: ProcessPoolExecutor, shapes: Shapes, batch: Batch) -> Future[list[Result]]:
    """Validate a batch in the pool, whose processes leave Ctrl-C to this one: they would each end with a traceback."""
    # A process starts with the mask of the thread that starts it; what came meanwhile is not lost.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(shacl.validate_batch, shapes.triples, batch.quads)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _batch_findings(batch: Batch, results: Iterable[Result]) -> Iterator[Finding]:
    """In the order of the graph, so that the size of a batch does not show in the report."""
    position = {subject: number for number, subject in enumerate(batch.by_subject)}
    for result in sorted(results, key=lambda result: position[result.focus]):
        yield Finding(result, batch.records(result.focus))


def _write_publishable(graph: Path, target: Path, held: Iterable[str]) -> None:
    """Write the graph without the blocks of held records; the same file under another name if none is held."""
    target.unlink(missing_ok=True)
    excluded = set(held)
    if not excluded:
        try:
            os.link(graph, target)
            return
        except OSError:  # another file system
            pass
    with target.open("wb") as out:
        for block in blocks(graph):
            if block.record not in excluded:
                out.writelines(block.lines)


def _load_store(graph: Path, vocabulary: Vocabulary) -> ox.Store:
    store = ox.Store()
    store.bulk_load(path=str(graph), format=ox.RdfFormat.N_QUADS)
    concepts = "\n".join(vocabulary.as_nquads(CONCEPTS_GRAPH)).encode()
    store.bulk_load(input=concepts, format=ox.RdfFormat.N_QUADS)
    return store


def _check_findings(graph: Path, store: ox.Store, shapes: Shapes, reported: set[tuple[str, str, str]]) -> list[Finding]:
    """New findings of the checks: those not in `reported`, which grows by them.

    A result concerns the records whose block about the focus states the value, or, where none does,
    all records of the focus.
    """
    results = [
        result
        for check in shapes.checks
        for result in shacl.run_check(check, store)
        if (result.focus, result.shape, result.value) not in reported
    ]
    reported.update((result.focus, result.shape, result.value) for result in results)
    if not results:
        return []
    blocks_by_focus: dict[str, list[Block]] = {result.focus: [] for result in results}
    for block in blocks(graph):
        if block.subject in blocks_by_focus:
            blocks_by_focus[block.subject].append(block)
    findings = []
    for result in results:
        focus_blocks = blocks_by_focus[result.focus]
        value = f" {result.value} ".encode()  # the spaces: a whole term of the line, not a part of one
        stating = [block for block in focus_blocks if any(value in line for line in block.lines)]
        findings.append(Finding(result, tuple(dict.fromkeys(block.record for block in stating or focus_blocks))))
    return findings


def _write_outputs(
    graph: Path, spool: Path, shapes: Shapes, held: dict[str, list[Result]], out: Path, source: str
) -> Validation:
    """Write report, held records and issues from the kept findings."""
    concerned = {record for finding in _findings(spool) for record in finding.records}
    rows: dict[str, tuple[str | None, int | None]] = dict.fromkeys(concerned, (None, None))
    records = 0
    for block in blocks(graph):
        if block.subject == block.record and block.subject.startswith(_RECORD):
            records += 1
            if block.subject in concerned:
                rows[block.subject] = _identifier_and_row(block)
    shacl_report.write(
        (shacl.with_messages(finding.result, shapes) for finding in _findings(spool)),
        shapes,
        out / "report.ttl",
        source,
    )
    reasons: Counter[str] = Counter()
    with (out / "held.jsonl").open("w", encoding="utf-8") as file:
        for record, results in sorted(held.items(), key=lambda item: (rows[item[0]][1] or 0, item[0])):
            reasons[results[0].shape] += 1
            file.write(json.dumps(_held_entry(record, results, rows[record], shapes), ensure_ascii=False) + "\n")
    warnings: Counter[str] = Counter()
    issues.write(_issues(_findings(spool), shapes, rows, source, warnings.update), out / "issues.jsonl")
    return Validation(
        records=records,
        held=dict(sorted(reasons.items())),
        warnings=dict(sorted(warnings.items())),
        graph=out / "graph.nq",
        report=out / "report.ttl",
        held_file=out / "held.jsonl",
        issues=out / "issues.jsonl",
    )


def _findings(spool: Path) -> Iterator[Finding]:
    with spool.open(encoding="utf-8") as file:
        for line in file:
            result, records = json.loads(line)
            yield Finding(Result(*result), tuple(records))


def _identifier_and_row(block: Block) -> tuple[str | None, int | None]:
    """Identifier and row that a record's block states."""
    identifier: str | None = None
    row: int | None = None
    for line in block.lines:
        rest = line.partition(b" ")[2]
        if rest.startswith((_IDENTIFIER, _SOURCE_ROW)):
            literal = next(iter(ox.parse(input=line, format=ox.RdfFormat.N_QUADS))).object
            assert isinstance(literal, ox.Literal)
            if rest.startswith(_IDENTIFIER):
                identifier = literal.value
            elif literal.value.isdigit():
                row = int(literal.value)
    return identifier, row


def _held_entry(
    record: str, results: list[Result], row: tuple[str | None, int | None], shapes: Shapes
) -> dict[str, object]:
    first = shacl.with_messages(results[0], shapes)
    return {
        "record": record.removeprefix(_RECORD),
        "identifier": row[0] and without_personal_data(row[0]),
        "row": row[1],
        "reason": first.shape,
        "reasons": list(dict.fromkeys(result.shape for result in results)),
        "message": {"fr": first.message_fr, "en": first.message_en},
    }


def _issues(
    findings: Iterable[Finding],
    shapes: Shapes,
    rows: dict[str, tuple[str | None, int | None]],
    source: str,
    count: Callable[[Iterable[str]], None],
) -> Iterator[Issue]:
    """One issue for each record a result concerns; what is Info stays in the report."""
    codes = {"Violation": "record-held", "Warning": "shape-warning"}
    for finding in findings:
        result = shacl.with_messages(finding.result, shapes)
        severity = shapes.by_name[result.shape].severity
        if severity == "Warning":
            count([result.shape])
        if severity not in codes:
            continue
        for record in finding.records:
            yield Issue(
                source=source,
                stage="validate",
                code=codes[severity],
                row=rows[record][1],
                value=shacl.term_text(result.value) or None,
                detail={
                    "shape": result.shape,
                    "record": record.removeprefix(_RECORD),
                    "message": result.message_fr,
                    "message_en": result.message_en,
                },
            )
