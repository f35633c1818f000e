"""records: snapshots of a source → canonical tables as Parquet, with issues and the account of every row."""

from __future__ import annotations

import gc
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from clirld.card.model import Rows
from clirld.card.source import Source
from clirld.cases import collection
from clirld.read import reader
from clirld.read.rows import Chunk, RaggedRow, SourceRow
from clirld.records import assertions, chunks
from clirld.records.accounts import Account, LeftOut
from clirld.records.cells import Note
from clirld.records.function import load_function
from clirld.records.function_results import Results
from clirld.records.output import Output
from clirld.records.parts import PartWriter
from clirld.records.plan import ERASED, MadeChunk, Noted, Plan, Reference
from clirld.snapshot.store import Snapshot

Snapshots = Mapping[str, Snapshot]


def write_records(source: Source, snapshots: Snapshots, reference: Reference, out: Path) -> Account:
    """Write the canonical tables of a source to `out/<table>/part-*.parquet`, and what is noticed of them beside.

    That is `issues.jsonl`, `account.json`, and `columns.json` with the columns of each file, ignored ones too.
    `snapshots` are the source's, by distribution. Every row read ends up made or dropped with a reason, in the
    account that is returned. Raises RecordsError where the file does not keep the card's promises, ReadError where
    it cannot be read.
    """
    with (out / "issues.jsonl").open("w", encoding="utf-8") as log:
        output = Output(source.id, snapshots, reference.tables, PartWriter(out), log)
        run = _Run(source, snapshots, reference, output)
        with _acyclic():
            if source.function:
                run.by_function(source.function)
            else:
                for rows in source.card.records:
                    run.by_columns(rows)
            output.writer.close()
    output.account.balanced()
    output.account.write(out / "account.json")
    (out / "columns.json").write_text(json.dumps(run.columns, ensure_ascii=False) + "\n", encoding="utf-8")
    return output.account


@contextmanager
def _acyclic() -> Iterator[None]:
    """Without looking for cycles: cells have none, and to look among so many takes a fifth of the time."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


@dataclass(frozen=True, slots=True)
class _Run:
    source: Source
    snapshots: Snapshots
    reference: Reference
    output: Output
    columns: dict[str, list[str]] = field(default_factory=dict)
    """Columns of each file, ignored ones too."""

    def by_columns(self, rows: Rows) -> None:
        """Make what the card says of the rows of a distribution, chunk by chunk."""
        plan = Plan(self.source, rows, self.reference)
        self._tell_new(rows, self._header(rows))
        seen: set[str] = set()
        for chunk in self._chunks(rows, plan.columns, seen):
            self._settle(rows.source, chunk, plan.make(chunk))
        self._tell_new(rows, self._footer(rows, seen))

    def _chunks(self, rows: Rows, columns: Collection[str], seen: set[str]) -> Iterator[Chunk]:
        layout = self.source.card.distributions[rows.source].layout
        if layout.format in ("csv", "xlsx", "ods"):
            return chunks.of_tables(self.snapshots[rows.source].path, layout, columns)
        return chunks.of_rows(self._read(rows, columns), columns, seen)

    def _settle(self, distribution: str, chunk: Chunk, made: MadeChunk) -> None:
        """Keep what rows make whose identifiers are new; account for all of them, and tell what was noticed."""
        output, number = self.output, chunk.rows
        told: dict[int, list[Noted]] = defaultdict(list)
        for noted in made.noted:
            told[noted.at].append(noted)
        ragged: dict[int, list[RaggedRow]] = defaultdict(list)
        for before, row in chunk.ragged:
            ragged[before].append(row)
        kept = [False] * len(number)
        for n, (identifier, reason) in enumerate(zip(made.identifiers, made.reasons, strict=True)):
            if n in ragged:
                self._leave_ragged(distribution, ragged[n])
            if reason == ERASED:
                output.account.leave_out(LeftOut(distribution, number[n], reason, listed=False))
                continue
            if reason:
                output.account.leave_out(LeftOut(distribution, number[n], reason, identifier))
                continue
            if not identifier or identifier in output.identifiers:
                reason = "duplicate-identifier" if identifier else "missing-identifier"
                output.drop(distribution, number[n], reason, identifier)
                continue
            if n in told:
                for noted in told[n]:
                    output.tell(distribution, number[n], noted.column, noted.note)
            if n in made.missing:
                output.drop(distribution, number[n], f"missing-{made.missing[n]}", identifier)
            else:
                output.identifiers.add(identifier)
                kept[n] = True
        self._leave_ragged(distribution, ragged[len(number)])
        output.account.read(distribution, len(number) + len(chunk.ragged))
        if any(kept):
            output.account.made(distribution, sum(kept))
        output.records(
            [(distribution, number[n], made.identifiers[n], made.pages[n]) for n in range(len(number)) if kept[n]]
        )
        output.keep(made.blocks, kept)

    def by_function(self, path: Path) -> None:
        """Make what a source's own function says."""
        results = Results(self.source, self.reference, self.output, path)
        streams = {rows.source: self._stream(rows, results) for rows in self.source.card.records}
        results.take(load_function(path), streams)

    def _stream(self, rows: Rows, results: Results) -> Iterator[SourceRow]:
        """Rows of a distribution for a function, counted and noted; ragged ones dropped."""
        results.later(partial(self._tell_new, rows, self._header(rows)))
        seen: set[str] = set()
        for row in self._read(rows):
            self.output.account.read(rows.source)
            if isinstance(row, RaggedRow):
                results.later(partial(self._leave_ragged, rows.source, [row]))
                continue
            seen.update(row.values)
            results.seen[rows.source].add(row.row)
            yield row
        results.later(partial(self._tell_new, rows, self._footer(rows, seen)))

    def _leave_ragged(self, distribution: str, rows: Iterable[RaggedRow]) -> None:
        for row in rows:
            detail = {"found": str(row.width), "expected": str(row.expected_width)}
            self.output.tell(distribution, row.row, None, Note("row-ragged", None, detail))
            self.output.account.leave_out(LeftOut(distribution, row.row, "ragged"))

    def _read(self, rows: Rows, only: Collection[str] | None = None) -> Iterator[SourceRow | RaggedRow]:
        snapshot = self.snapshots[rows.source]
        layout = self.source.card.distributions[rows.source].layout
        if layout.format == "cases":
            return collection.rows(snapshot.path, self.reference.vocabulary, self.source.id)
        return reader.read(snapshot.path, layout, only)

    def _header(self, rows: Rows) -> list[str]:
        """New columns, where a header says which there are. Raises RecordsError where one that is needed is gone."""
        layout = self.source.card.distributions[rows.source].layout
        return (
            []
            if reader.has_no_header(layout)
            else self._new(rows, reader.header(self.snapshots[rows.source].path, layout))
        )

    def _footer(self, rows: Rows, seen: set[str]) -> list[str]:
        """As `_header`, where which columns there are is only known from all rows."""
        return (
            self._new(rows, sorted(seen))
            if reader.has_no_header(self.source.card.distributions[rows.source].layout)
            else []
        )

    def _new(self, rows: Rows, found: Sequence[str]) -> list[str]:
        self.columns[rows.source] = list(found)
        return assertions.new_columns(self.source, rows, found)

    def _tell_new(self, rows: Rows, columns: Sequence[str]) -> None:
        for name in columns:
            self.output.tell(rows.source, None, name, Note("column-new", None, {}))
