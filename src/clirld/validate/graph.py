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
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import pyoxigraph as ox

from clirld import issues, stages
from clirld.map.blocks import Block, blocks
from clirld.records import reasons
from clirld.settings import BASE
from clirld.validate import engine, result_issues, shacl, shards
from clirld.validate import report as shacl_report
from clirld.validate.checks import Checks, Finding
from clirld.validate.kept import Kept
from clirld.validate.parts import Parts
from clirld.validate.result_issues import RECORD
from clirld.validate.shacl import Result, Shapes
from clirld.validate.shape_findings import counted, is_record, shape_findings
from clirld.validate.source_cells import FindOrigins, Place
from clirld.validate.statements import Statements, first_year
from clirld.vocabulary.terms import CONCEPTS_GRAPH, Vocabulary

__all__ = ["Shapes", "Validation", "validate"]

_IDENTIFIER = b"<http://purl.org/dc/terms/identifier> "
_SOURCE_ROW = f"<{BASE}ontology#sourceRow> ".encode()
_DERIVED_FROM = b"<http://www.w3.org/ns/prov#wasDerivedFrom> "


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
    part: int | None = 32 * 2**20,
    shard: int = shards.SIZE,
    earlier: Path | None = None,
    origins: FindOrigins = lambda _: {},
    elsewhere: shards.Elsewhere | None = None,
) -> Validation:
    """Validate `graph` (N-Quads, contiguous blocks) and write the files of the stage into the folder `out`.

    `batch` is how many blocks the shapes see at once, `part` how many bytes of the graph the checks have in memory, as
    far as its records are not connected (clirld.validate.parts), None for all of it and every record; `earlier` is a
    folder of outputs of which results are taken where they hold still (clirld.validate.kept). None of these changes
    what is found. `origins` says which column and cell of the source's files a result goes back to.

    `shard` is about how many bytes of the graph are looked at by themselves; where there is nothing earlier, those of a
    large graph may be looked at `elsewhere`, which changes nothing either.

    Raises ShapesError where the shapes or checks cannot be run, MappingError where `graph` is not N-Quads.
    """
    out.mkdir(parents=True, exist_ok=True)
    spool = out / ".findings.jsonl"
    held: dict[str, list[Result]] = {}
    concepts, year = tuple(vocabulary.as_nquads(CONCEPTS_GRAPH)), first_year(graph)
    with (
        spool.open("w", encoding="utf-8") as file,
        Parts(graph, out / ".parts", part, Statements(shapes.checks, concepts, year)) as parts,
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
        pieces = shards.of(graph, shard)
        if elsewhere and earlier is None and graph.stat().st_size > elsewhere.above:
            of_all = shards.OfAll(shapes, concepts, batch, year)
            begun = [elsewhere.begin(shards.look, of_all, partial(shards.read, graph, piece)) for piece in pieces]
            for finish in begun:
                looked = finish()
                parts.add(looked.noted)
                records.update(looked.records)
                for digest, results in looked.kept:
                    kept.keep("shapes", digest, results)
                keep_findings(looked.findings)
        else:
            for piece in pieces:
                with closing(parts.look(blocks(graph, *piece))) as stream:
                    keep_findings(shape_findings(counted(stream, records), shapes, batch, kept))
        parts.connect()
        checks = Checks(parts, shapes, vocabulary, kept)
        while keep_findings(checks.findings(held.keys())):
            pass  # what is held back may leave references dangling, which holds back more
    concerned = {record for finding in _findings(spool) for record in finding.records}
    rows = _write_publishable(graph, out / "graph.nq", held.keys(), concerned)
    validation = _write_outputs(rows, spool, shapes, held, out, source, records[True], origins)
    spool.unlink()
    return validation


def results_key(shapes: Shapes, vocabulary: Vocabulary) -> str:
    """What results depend on beside the statements that they are of."""
    concepts = "\n".join(vocabulary.as_nquads())
    return stages.fingerprint(stages.program_fingerprint(), engine.version(), shapes.fingerprint, concepts)


def _write_publishable(
    graph: Path, target: Path, excluded: Collection[str], concerned: Collection[str]
) -> dict[str, Place]:
    """Write the graph without the blocks of held records; the same file under another name if none is held.

    Gives the rows of the records that are concerned, held or not.
    """
    target.unlink(missing_ok=True)
    rows = dict.fromkeys(concerned, Place())
    with ExitStack() as files:
        out = None if not excluded and _is_linked(graph, target) else files.enter_context(target.open("wb"))
        for block in blocks(graph) if out or concerned else ():
            if block.subject in rows and is_record(block):
                rows[block.subject] = _place(block)
            if out and block.record not in excluded:
                out.write(block.text)
    return rows


def _is_linked(graph: Path, target: Path) -> bool:
    try:
        os.link(graph, target)
    except OSError:  # another file system
        return False
    return True


def _write_outputs(
    rows: Mapping[str, Place],
    spool: Path,
    shapes: Shapes,
    held: dict[str, list[Result]],
    out: Path,
    source: str,
    records: int,
    origins: FindOrigins,
) -> Validation:
    """Write report, held records and issues from the kept findings; of those that may not be named, how many."""
    unnamed = {
        record: shape
        for record, results in held.items()
        if (shape := next((result.shape for result in results if not reasons.is_listed(result.shape)), ""))
    }
    shacl_report.write(
        (shacl.with_messages(finding.result, shapes) for finding in _named(_findings(spool), unnamed)),
        shapes,
        out / "report.ttl",
        source,
        Counter(unnamed.values()),
    )
    held_by_reason: Counter[str] = Counter()
    with (out / "held.jsonl").open("w", encoding="utf-8") as file:
        for record, results in sorted(held.items(), key=lambda item: (rows[item[0]].row or 0, item[0])):
            reason = unnamed.get(record, results[0].shape)
            held_by_reason[reason] += 1
            entry = result_issues.held_entry(record, results, rows[record], shapes)
            if record in unnamed:  # its key is needed to hold it back: this file is never published
                entry = {"record": entry["record"], "reason": reason, "reasons": entry["reasons"]}
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    warnings: Counter[str] = Counter()
    asked = {
        result_issues.asked(finding.result, rows[record])
        for finding in _named(_findings(spool), unnamed)
        for record in finding.records
        if finding.result.path
    }
    all_issues = chain(
        result_issues.of_unnamed(Counter(unnamed.values()), shapes, source),
        result_issues.of_results(
            _named(_findings(spool), unnamed), shapes, rows, source, warnings.update, origins(asked)
        ),
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
        "|".join(rf"/{re.escape(record.removeprefix(RECORD))}\b" for record in sorted(unnamed)) or r"(?!)"
    )
    for finding in findings:
        records = tuple(record for record in finding.records if record not in unnamed)
        if records == finding.records and not names.search(finding.result.value):
            yield finding
        elif records:
            yield Finding(finding.result._replace(value=""), records)


def _place(block: Block) -> Place:
    """Identifier, row and file that a record's block states."""
    place = Place()
    for line in block.lines:
        rest = line.partition(b" ")[2]
        if rest.startswith((_IDENTIFIER, _SOURCE_ROW, _DERIVED_FROM)):
            term = next(iter(ox.parse(input=line, format=ox.RdfFormat.N_QUADS))).object
            assert isinstance(term, ox.Literal | ox.NamedNode)
            if rest.startswith(_IDENTIFIER):
                place = place._replace(identifier=term.value)
            elif rest.startswith(_DERIVED_FROM):
                place = place._replace(file=place.file or term.value)  # the other rows of a record come after
            elif term.value.isdigit():
                place = place._replace(row=int(term.value))
    return place
