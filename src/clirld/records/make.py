"""records: snapshots of a source → canonical tables as Parquet, with issues and the account of every row."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from clirld import stages
from clirld.card.model import Rows
from clirld.card.source import Source
from clirld.cases import collection
from clirld.read import reader
from clirld.read.rows import OUTSIDE_TABLE, Chunk, RaggedRow, Report, RowIssue, SourceRow
from clirld.records import assertions, chunks, merge_rows
from clirld.records.accounts import Account, ExcludedRow
from clirld.records.cells import CellIssue
from clirld.records.erasure.matching import ERASED, MAYBE_ERASED
from clirld.records.function import load_function
from clirld.records.function_results import FunctionResults
from clirld.records.output import Output, RecordRow
from clirld.records.parquet_parts import PartWriter
from clirld.records.placing.contours import ELSEWHERE
from clirld.records.plan import PERSONAL_DATA, SHIFTED, ChunkIssue, Plan, ReferenceData
from clirld.records.table_files import write_withdrawn
from clirld.snapshot.store import Snapshot

Snapshots = Mapping[str, Snapshot]


def write_records(source: Source, snapshots: Snapshots, reference: ReferenceData, out: Path) -> Account:
    """Write the canonical tables of a source to `out/<table>/part-*.parquet`, and what is noticed of them beside.

    That is `issues.jsonl`, `account.json`, and `columns.json` with the columns of each file, ignored ones too.
    `snapshots` are the source's, by distribution. Every row read ends up made or dropped with a reason, in the
    account that is returned. Raises RecordsError where the file does not keep the card's promises, ReadError where
    it cannot be read.
    """
    with (out / "issues.jsonl").open("w", encoding="utf-8") as issue_file:
        output = Output(source.id, snapshots, reference.tables, PartWriter(out), issue_file)
        run = _Conversion(source, snapshots, reference, output)
        with stages.without_cycle_collection():
            if source.function:
                run.by_function(source.function)
            else:
                for rows in source.card.records:
                    run.by_columns(rows)
            output.writer.close()
        run.settle(out)
    output.account.check_balance()
    output.account.write(out / "account.json")
    write_withdrawn(out, output.withdrawn)
    output.write_erasing(out)
    (out / "columns.json").write_text(json.dumps(run.columns, ensure_ascii=False) + "\n", encoding="utf-8")
    return output.account


@dataclass(frozen=True, slots=True)
class _Conversion:
    source: Source
    snapshots: Snapshots
    reference: ReferenceData
    output: Output
    columns: dict[str, list[str]] = field(default_factory=dict)
    """Columns of each file, ignored ones too."""

    def by_columns(self, rows: Rows) -> None:
        """Make what the card says of the rows of a distribution, chunk by chunk."""
        plan = Plan(self.source, rows, self.reference)
        self._report_new_columns(rows, self._new_in_header(rows))
        column_names: set[str] = set()
        noticed: list[RowIssue] = []
        is_judged = False
        for chunk in self._chunks(rows, plan, column_names, noticed.append):
            if chunk.rows and not is_judged:
                self._report_personal(rows, chunk, self.columns.get(rows.source) or column_names)
                is_judged = True
            issues_by_row: dict[int | None, list[RowIssue]] = defaultdict(list)
            for issue in noticed:
                issues_by_row[issue.row].append(issue)
            noticed.clear()
            self._write_chunk(rows.source, chunk, plan, issues_by_row)
            noticed += issues_by_row[None]
        self._add_noticed(rows.source, noticed)
        self._report_withheld(rows, plan)
        self._report_new_columns(rows, self._new_in_rows(rows, column_names))

    def _report_personal(self, rows: Rows, chunk: Chunk, file_columns: Collection[str]) -> None:
        """Warn of columns that are published and seem to hold persons."""
        for column, to, why in assertions.personal_columns(rows, file_columns, chunk, self.reference.tables):
            detail = {"to": to, "why": why.fr, "why_en": why.en}
            self.output.add_issue(rows.source, None, column, CellIssue("column-maybe-personal", None, detail))

    def _report_withheld(self, rows: Rows, plan: Plan) -> None:
        """Tell of entries of withhold without a row, by their places: they may name somebody. A sample has few rows."""
        if plan.withheld:
            detail = {"count": str(len(plan.withheld))}
            self.output.add_issue(rows.source, None, None, CellIssue("record-withheld", None, detail))
        is_sample = self.snapshots[rows.source].via == "sample"
        for place in () if is_sample else sorted(set(range(len(rows.withhold))) - plan.withheld):
            detail = {"number": str(place + 1)}
            self.output.add_issue(rows.source, None, None, CellIssue("withhold-unmatched", None, detail))

    def _chunks(self, rows: Rows, plan: Plan, column_names: set[str], report: Report) -> Iterator[Chunk]:
        layout, columns = self.source.card.distributions[rows.source].layout, plan.columns
        if layout.format in ("csv", "xlsx", "ods"):
            path = self.snapshots[rows.source].path
            return chunks.from_tables(path, layout, columns, plan.url_columns, report)
        return chunks.from_rows(self._read_rows(rows, columns, report), columns, column_names)

    def _add_noticed(self, distribution: str, issues: Iterable[RowIssue]) -> None:
        for issue in issues:
            self.output.add_issue(distribution, issue.row, issue.column, CellIssue(issue.code, None, issue.detail))

    def _write_chunk(
        self,
        distribution: str,
        chunk: Chunk,
        plan: Plan,
        noticed: Mapping[int | None, Sequence[RowIssue]],
    ) -> None:
        """Keep what rows make whose identifiers are new; account for all of them, and tell what was noticed."""
        output, row_numbers, result = self.output, chunk.rows, plan.apply(chunk)
        issues: dict[int, list[ChunkIssue]] = defaultdict(list)
        for issue in result.issues:
            issues[issue.row_index].append(issue)
        # RaggedRow rows stand between the rows of the chunk: by the row before which each is reported.
        ragged: dict[int, list[RaggedRow]] = defaultdict(list)
        for index, row in chunk.ragged:
            ragged[index].append(row)
        is_kept = [False] * len(row_numbers)
        for n, (identifier, reason) in enumerate(zip(result.identifiers, result.reasons, strict=True)):
            if n in ragged:
                self._drop_ragged(distribution, ragged[n])
            if reason and reason not in plan.listed_reasons:  # neither its identifier nor its row may be described
                if reason == MAYBE_ERASED:
                    output.hold_for_a_person(distribution, row_numbers[n], identifier)
                elif reason == SHIFTED:  # its identifier may be another column's; a record that was there is missing
                    output.withdraw_row(distribution, reason, "")
                    output.add_issue(distribution, row_numbers[n], None, CellIssue("row-shifted", None, {}))
                elif reason == ELSEWHERE:  # the territory may be named, its contour is wrong
                    output.drop_row(distribution, row_numbers[n], reason, identifier)
                elif reason == PERSONAL_DATA:
                    output.withdraw_row(distribution, reason, identifier, "held")
                    output.add_issue(distribution, None, None, CellIssue("record-maybe-person", None, {}))
                else:
                    output.withdraw_row(distribution, reason, "" if reason == ERASED else identifier)
                continue
            self._add_noticed(distribution, noticed.get(row_numbers[n], ()))
            if reason:
                output.account.exclude(ExcludedRow(distribution, row_numbers[n], reason, identifier), listed=True)
                continue
            if not identifier or identifier in output.identifiers:
                reason = "duplicate-identifier" if identifier else "missing-identifier"
                output.drop_row(distribution, row_numbers[n], reason, identifier)
                continue
            if n in issues:
                for issue in issues[n]:
                    output.add_issue(distribution, row_numbers[n], issue.column, issue.issue)
            if n in result.missing_columns:
                output.drop_row(distribution, row_numbers[n], f"missing-{result.missing_columns[n]}", identifier)
            else:
                output.identifiers.add(identifier)
                is_kept[n] = True
        output.twins.update(result.twins)
        self._drop_ragged(distribution, ragged[len(row_numbers)])
        output.account.count_read(distribution, len(row_numbers) + len(chunk.ragged))
        if any(is_kept):
            output.account.count_made(distribution, sum(is_kept))
        output.write_records(
            [
                RecordRow(distribution, row_numbers[n], result.identifiers[n], result.pages[n])
                for n in range(len(row_numbers))
                if is_kept[n]
            ]
        )
        output.write_rows(result.blocks, is_kept)

    def by_function(self, path: Path) -> None:
        """Make what a source's own function says."""
        results = FunctionResults(self.source, self.reference, self.output, path)
        noticed: dict[str, list[RowIssue]] = defaultdict(list)
        streams = {
            rows.source: self._counted_rows(rows, results, noticed[rows.source].append)
            for rows in self.source.card.records
        }
        results.collect(load_function(path), streams)
        for distribution, issues in noticed.items():
            self._add_noticed(distribution, [one for one in issues if (distribution, one.row) not in results.unnamed])

    def settle(self, out: Path) -> None:
        """Give every entity that several rows are about one value where it can only have one, and tell the others."""
        own: dict[str, set[str]] = defaultdict(set)
        for rows in self.source.card.records:
            # Each result of a function is of the table that it names.
            for name in [rows.table] if rows.table else self.reference.tables:
                own[name].add(rows.source)
        for conflict in merge_rows.settle(out, self.reference.tables, own):
            column = self.source.card.column_of(conflict.distribution, conflict.table, conflict.column)
            detail = {"entity": conflict.key, "property": conflict.column, "kept": conflict.kept or "–"}
            detail |= {"kept_row": str(conflict.kept_row)}
            issue = CellIssue("value-conflict", conflict.value, detail)
            self.output.add_issue(conflict.distribution, conflict.row, column or conflict.column, issue)

    def _counted_rows(self, rows: Rows, results: FunctionResults, report: Report) -> Iterator[SourceRow]:
        """Rows of a distribution for a function, counted and noted; ragged ones dropped."""
        results.defer(partial(self._report_new_columns, rows, self._new_in_header(rows)))
        column_names: set[str] = set()
        for row in self._read_rows(rows, None, report):
            self.output.account.count_read(rows.source)
            if isinstance(row, RaggedRow):
                results.defer(partial(self._drop_ragged, rows.source, [row]))
                continue
            column_names.update(row.values)
            results.rows_read[rows.source].add(row.row)
            yield row
        results.defer(partial(self._report_new_columns, rows, self._new_in_rows(rows, column_names)))

    def _drop_ragged(self, distribution: str, rows: Iterable[RaggedRow]) -> None:
        for row in rows:
            if row.why in OUTSIDE_TABLE:
                self.output.account.exclude(ExcludedRow(distribution, row.row, row.why))
                continue
            detail = {"found": str(row.width), "expected": str(row.expected_width)} if row.why == "width" else {}
            code = "row-ragged" if row.why == "width" else "row-quote"
            self.output.add_issue(distribution, row.row, None, CellIssue(code, None, detail))
            self.output.account.exclude(ExcludedRow(distribution, row.row, "ragged"))

    def _read_rows(
        self, rows: Rows, columns: Collection[str] | None, report: Report
    ) -> Iterator[SourceRow | RaggedRow]:
        snapshot = self.snapshots[rows.source]
        layout = self.source.card.distributions[rows.source].layout
        if layout.format == "cases":
            return collection.rows(snapshot.path, self.reference.vocabulary, self.source.id)
        return reader.read(snapshot.path, layout, columns, report)

    def _new_in_header(self, rows: Rows) -> list[str]:
        """New columns, where a header says which there are. Raises RecordsError where one that is needed is gone."""
        layout = self.source.card.distributions[rows.source].layout
        return (
            []
            if reader.has_no_header(layout)
            else self._new_columns(rows, reader.header(self.snapshots[rows.source].path, layout))
        )

    def _new_in_rows(self, rows: Rows, column_names: set[str]) -> list[str]:
        """As `_new_in_header`, where which columns there are is only known from all rows.

        Of none nothing is known: that is right where the card says that there may be none.
        """
        least, _most = self.source.card.assertions.rows.get(rows.source, (1, 1))
        if not column_names and not least:
            return []
        return (
            self._new_columns(rows, sorted(column_names))
            if reader.has_no_header(self.source.card.distributions[rows.source].layout)
            else []
        )

    def _new_columns(self, rows: Rows, file_columns: Sequence[str]) -> list[str]:
        self.columns[rows.source] = list(file_columns)
        return assertions.new_columns(self.source, rows, file_columns)

    def _report_new_columns(self, rows: Rows, columns: Sequence[str]) -> None:
        for name in columns:
            self.output.add_issue(rows.source, None, name, CellIssue("column-new", None, {}))
