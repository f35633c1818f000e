"""validate: a source's N-Quads → those that may be published, a SHACL report, and what was held back, and why.

A violation holds back the record that the entity was derived from, with all that the record gave; warnings are
told and hold nothing. The graph is read as blocks: the lines that one row wrote about one subject.

    graph.nq → blocks → batches → shapes ┐
                  └→ parts → checks ─────┴→ results → records held → graph.nq, report.ttl, held.jsonl, issues.jsonl
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyoxigraph as ox

from clirld import issues, stages
from clirld.issues import Issue
from clirld.map.blocks import Batch, Block, batches, blocks
from clirld.records import reasons
from clirld.settings import BASE
from clirld.validate import engine, shacl
from clirld.validate import kept as kept_results
from clirld.validate import report as shacl_report
from clirld.validate.checks import Checks, Finding
from clirld.validate.kept import Kept
from clirld.validate.parts import Parts
from clirld.validate.shacl import Result, Shapes
from clirld.values.personal_data import without_personal_data
from clirld.vocabulary.terms import Vocabulary

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


def validate(
    graph: Path,
    shapes: Shapes,
    vocabulary: Vocabulary,
    out: Path,
    *,
    source: str,
    batch: int = 2000,
    part: int = 32 * 2**20,
    earlier: Path | None = None,
) -> Validation:
    """Validate `graph` (N-Quads, contiguous blocks) and write the files of the stage into the folder `out`.

    `batch` is how many blocks the shapes see at once, `part` how many bytes of the graph the checks have in memory, as
    far as its records are not connected (clirld.validate.parts); `earlier` is a folder of outputs of which results are
    taken where they hold still (clirld.validate.kept). None of these changes what is found.

    Raises ShapesError where the shapes or checks cannot be run, MappingError where `graph` is not N-Quads.
    """
    out.mkdir(parents=True, exist_ok=True)
    spool = out / ".findings.jsonl"
    held: dict[str, list[Result]] = {}
    together = {one for check in shapes.checks for one in check.together}
    with (
        spool.open("w", encoding="utf-8") as file,
        Parts(graph, out / ".parts", part, together) as parts,
        Kept(out, results_key(shapes, vocabulary), earlier) as kept,
    ):

        def keep_findings(findings: Iterable[Finding]) -> int:
            """Keep findings; gives how many more records are held."""
            held_before = len(held)
            for finding in findings:
                file.write(json.dumps(finding, ensure_ascii=False) + "\n")
                if shapes.by_name[finding.result.shape].severity == "Violation":
                    for record in finding.records:
                        held.setdefault(record, []).append(finding.result)
            return len(held) - held_before

        records: Counter[bool] = Counter()
        with closing(parts.spread(blocks(graph))) as stream:
            keep_findings(_shape_findings(_counted(stream, records), shapes, batch, kept))
        checks = Checks(parts, shapes, vocabulary, kept)
        while keep_findings(checks.findings(held.keys())):
            pass  # what is held back may leave references dangling, which holds back more
    _write_publishable(graph, out / "graph.nq", held.keys())
    validation = _write_outputs(graph, spool, shapes, held, out, source, records[True])
    spool.unlink()
    return validation


def _is_record(block: Block) -> bool:
    return block.subject == block.record and block.subject.startswith(_RECORD)


def _counted(stream: Iterable[Block], records: Counter[bool]) -> Iterator[Block]:
    """The blocks as they come; how many are about records (True) and about other things (False) is counted."""
    for block in stream:
        records[_is_record(block)] += 1
        yield block


def results_key(shapes: Shapes, vocabulary: Vocabulary) -> str:
    """What results depend on beside the statements that they are of."""
    concepts = "\n".join(vocabulary.as_nquads())
    return stages.fingerprint(stages.program_fingerprint(), engine.version(), shapes.fingerprint, concepts)


def _shape_findings(stream: Iterator[Block], shapes: Shapes, size: int, kept: Kept) -> Iterator[Finding]:
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

    def findings(self, kept: Kept) -> Iterator[Finding]:
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
                out.write(block.text)


def _write_outputs(
    graph: Path, spool: Path, shapes: Shapes, held: dict[str, list[Result]], out: Path, source: str, records: int
) -> Validation:
    """Write report, held records and issues from the kept findings; of those that may not be named, how many."""
    unnamed = {
        record: shape
        for record, results in held.items()
        if (shape := next((result.shape for result in results if not reasons.is_listed(result.shape)), ""))
    }
    concerned = {record for finding in _findings(spool) for record in finding.records}
    rows: dict[str, tuple[str | None, int | None]] = dict.fromkeys(concerned, (None, None))
    for block in blocks(graph) if concerned else ():
        if block.subject in concerned and _is_record(block):
            rows[block.subject] = _identifier_and_row(block)
    shacl_report.write(
        (shacl.with_messages(finding.result, shapes) for finding in _named(_findings(spool), unnamed)),
        shapes,
        out / "report.ttl",
        source,
        Counter(unnamed.values()),
    )
    held_by_reason: Counter[str] = Counter()
    with (out / "held.jsonl").open("w", encoding="utf-8") as file:
        for record, results in sorted(held.items(), key=lambda item: (rows[item[0]][1] or 0, item[0])):
            reason = unnamed.get(record, results[0].shape)
            held_by_reason[reason] += 1
            entry = _held_entry(record, results, rows[record], shapes)
            if record in unnamed:  # its key is needed to hold it back: this file is never published
                entry = {"record": entry["record"], "reason": reason, "reasons": entry["reasons"]}
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    warnings: Counter[str] = Counter()
    named = _named(_findings(spool), unnamed)
    all_issues = chain(
        _unnamed_issues(Counter(unnamed.values()), shapes, source),
        _issues(named, shapes, rows, source, warnings.update),
    )
    issues.write(all_issues, out / "issues.jsonl")
    return Validation(
        records=records,
        held=dict(sorted(held_by_reason.items())),
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


def _named(findings: Iterable[Finding], unnamed: Collection[str]) -> Iterator[Finding]:
    """Findings without those about records that may not be named, and without values that name them."""
    # What such a record gives has its key in its IRI.
    names = re.compile(
        "|".join(rf"/{re.escape(record.removeprefix(_RECORD))}\b" for record in sorted(unnamed)) or r"(?!)"
    )
    for finding in findings:
        records = tuple(record for record in finding.records if record not in unnamed)
        if records == finding.records and not names.search(finding.result.value):
            yield finding
        elif records:
            yield Finding(finding.result._replace(value=""), records)


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


def _unnamed_issues(counts: Mapping[str, int], shapes: Shapes, source: str) -> Iterator[Issue]:
    """For each reason, how many records are held that may not be named."""
    for shape, count in sorted(counts.items()):
        labels = reasons.labels_by_language(shape, shapes.by_name)
        detail = {"shape": shape, "count": str(count), "message": labels["fr"], "message_en": labels["en"]}
        yield Issue(source=source, stage="validate", code="records-held-unnamed", detail=detail)
