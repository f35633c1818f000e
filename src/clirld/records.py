"""records: snapshots of a source → canonical tables as Parquet, with issues and the account of every row."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb
from typing import TextIO

from clirld import assertions, case_folder, erasure, read, reasons
from clirld.accounts import Account, LeftOut
from clirld.card import Rows, Target
from clirld.cells import CellReader
from clirld.clean import CLEANERS
from clirld.entities import Entities, Maker, Values
from clirld.erasure import Erasures
from clirld.errors import ClirldError, RecordsError
from clirld.function import RecordsFunction, load_function
from clirld.issues import Issue
from clirld.parts import PartWriter
from clirld.rows import Cell, Dropped, Made, Ragged, SourceRow
from clirld.snapshot import Snapshot
from clirld.source import Source
from clirld.tables import Tables
from clirld.territory import Territories
from clirld.vocabulary import Vocabulary

Snapshots = Mapping[str, Snapshot]


@dataclass(frozen=True, slots=True)
class Reference:
    """What every source is read against."""

    tables: Tables
    vocabulary: Vocabulary
    territories: Territories
    erasures: Erasures | None = None


def make_records(source: Source, snapshots: Snapshots, reference: Reference, out: Path) -> Account:
    """Write the canonical tables of a source to `out/<table>/part-*.parquet`, and what is noticed of them beside.

    That is `issues.jsonl`, `account.json`, and `columns.json` with the columns of each file, ignored ones too.
    `snapshots` are the source's, by distribution. Every row read ends up made or dropped with a reason, in the
    account that is returned. Raises RecordsError where the file does not keep the card's promises, ReadError where
    it cannot be read.
    """
    with (out / "issues.jsonl").open("w", encoding="utf-8") as log:
        run = _Run(source, snapshots, reference, PartWriter(reference.tables, out), log)
        if source.function:
            run.by_function(source.function)
        else:
            for rows in source.card.records:
                run.by_columns(rows)
        run.writer.close()
    run.account.balanced()
    run.account.write(out / "account.json")
    (out / "columns.json").write_text(json.dumps(run.columns, ensure_ascii=False) + "\n", encoding="utf-8")
    return run.account


@dataclass(slots=True)
class _Run:
    source: Source
    snapshots: Snapshots
    reference: Reference
    writer: PartWriter
    log: TextIO
    account: Account = field(init=False)
    maker: Maker = field(init=False)
    identifiers: set[str] = field(default_factory=set)
    columns: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.account = Account(self.source.id)
        self.maker = Maker(self.source.id, self.reference.tables, self.reference.territories)

    # by columns ---------------------------------------------------------------------------------

    def by_columns(self, rows: Rows) -> None:
        primary = rows.table or ""
        readers = [
            (column, *self._place(target.to, primary), self._reader(target, primary))
            for column in rows.columns
            for target in rows.targets(column)
        ]
        places = {(table, canonical): column for column, table, canonical, _reader in readers}
        constants = self._constants(rows, primary)
        for row in self._read(rows):
            values: dict[str, Values] = {}
            issues_here: list[Issue] = []
            for column, table, canonical, reader in readers:
                cell = row.values.get(column, "")
                if not cell:
                    continue
                found = reader.read(cell)
                if found.values:
                    given = values.setdefault(table, {}).setdefault(canonical, [])
                    if not given or reader.column.list or table != primary:
                        given.extend(found.values)
                for note in found.notes:
                    issues_here.append(self._issue(note.code, rows.source, row.row, column, note.value, note.detail))
            identity = values.pop("record", {})
            identifier = "-".join(identity.get("identifier", []))
            if self._erased(identifier, values):
                self.account.leave_out(LeftOut(rows.source, row.row, "erased", listed=False))
                continue
            if reason := self._left_out(rows, row, identifier):
                self.account.leave_out(LeftOut(rows.source, row.row, reason, identifier))
                continue
            if not identifier or identifier in self.identifiers:
                reason = "duplicate-identifier" if identifier else "missing-identifier"
                self._drop(rows.source, row.row, reason, identifier)
                continue
            made = self.maker.make(primary, values, constants, row.row, identifier)
            for issue in issues_here:
                self._log(issue)
            for table, note in made.notes:
                commune = note.code.startswith("commune")
                place = (places.get((table, "commune")) or places.get((table, "locality"))) if commune else None
                self._log(self._issue(note.code, rows.source, row.row, place, note.value, note.detail))
            if made.missing:
                self._drop(rows.source, row.row, f"missing-{made.missing}", identifier)
            else:
                self.identifiers.add(identifier)
                self._keep(made, rows.source, row.row, identifier, identity.get("page", []))
                self.account.made(rows.source)

    def _erased(self, identifier: str, values: Mapping[str, Mapping[str, Cell]]) -> bool:
        """Whether somebody asked that nothing of a row be kept; such a row is counted and not described."""
        if self.reference.erasures is None:
            return False
        tables, cells = self.reference.tables, [(t, c, cell) for t, row in values.items() for c, cell in row.items()]
        given = [cell for table, name, cell in cells if tables[table].columns[name].type in erasure.NUMBERS]
        numbers = [number for cell in given for number in ([cell] if isinstance(cell, str) else cell)]
        return self.reference.erasures.cover(identifier, numbers)

    @staticmethod
    def _left_out(rows: Rows, row: SourceRow, identifier: str) -> str | None:
        """Why the card leaves a row out on purpose."""
        if identifier in rows.withhold:
            return rows.withhold[identifier]
        for column, kept in rows.keep.items():
            if row.values.get(column, "") not in kept:
                return f"not-kept-{CLEANERS['slug'](column).value}"
        return None

    def _place(self, to: str, primary: str) -> tuple[str, str]:
        first, dot, second = to.partition(".")
        return (first, second) if dot else (primary, first)

    def _reader(self, target: Target, primary: str) -> CellReader:
        table, name = self._place(target.to, primary)
        column = self.reference.tables[table].columns[name]
        lookup = self.source.card.lookups[target.lookup] if target.lookup else None
        return CellReader(target, column, lookup, self.reference.vocabulary, self.reference.territories)

    def _constants(self, rows: Rows, primary: str) -> dict[str, Values]:
        constants: dict[str, Values] = {}
        for to, value in rows.constants.items():
            table, name = self._place(to, primary)
            read_value = self._reader(Target(to=f"{table}.{name}"), primary).read(value)
            if read_value.notes or not read_value.values:
                raise RecordsError(
                    f"constant {to}: “{value}” does not fit",
                    where=f"source {self.source.id}",
                    do="see tables.yaml",
                )
            constants.setdefault(table, {})[name] = list(read_value.values)
        return constants

    def _read(self, rows: Rows) -> Iterator[SourceRow]:
        """Rows of a distribution, counted; ragged ones dropped; columns checked against the card."""
        snapshot = self.snapshots[rows.source]
        layout = self.source.card.distributions[rows.source].layout
        late = read.late(layout)
        if not late:
            self._columns(rows, read.header(snapshot.path, layout))
        seen: set[str] = set()
        given: Iterable[SourceRow | Ragged] = (
            case_folder.rows(snapshot.path, self.reference.vocabulary, self.source.id)
            if layout.format == "cases"
            else read.read(snapshot.path, layout)
        )
        for row in given:
            self.account.read(rows.source)
            if isinstance(row, Ragged):
                detail = {"found": str(row.found), "expected": str(row.expected)}
                self._log(self._issue("row-ragged", rows.source, row.row, None, None, detail))
                self.account.leave_out(LeftOut(rows.source, row.row, "ragged"))
                continue
            if late:
                seen.update(row.values)
            yield row
        if late:
            self._columns(rows, sorted(seen))

    def _columns(self, rows: Rows, found: Sequence[str]) -> None:
        self.columns[rows.source] = list(found)
        for name in assertions.new_columns(self.source, rows, found):
            self._log(self._issue("column-new", rows.source, None, name, None, {}))

    # by function --------------------------------------------------------------------------------

    def by_function(self, path: Path) -> None:
        function = load_function(path)
        seen: dict[str, set[int]] = {rows.source: set() for rows in self.source.card.records}
        made: dict[str, set[int]] = {name: set() for name in seen}
        failed: dict[tuple[str, int], tuple[str, str]] = {}
        readers: dict[tuple[str, str], CellReader] = {}
        streams = {rows.source: self._noting(rows, seen[rows.source]) for rows in self.source.card.records}
        for result in self._results(function, streams, path):
            if fault := self._fault(result, seen):
                raise RecordsError(f"gives {result!r}: {fault}", where=str(path), do="mend the Python in it")
            if isinstance(result, Dropped):
                self.account.leave_out(LeftOut(result.distribution, result.row, result.reason, listed=False))
                seen[result.distribution].discard(result.row)
                continue
            values = {name: cell for name, cell in result.values.items() if name != "key"}
            if self._erased(result.identifier, {result.table: values}):
                for name, row in result.rows:
                    if row in seen[name] and row not in made[name]:
                        self.account.leave_out(LeftOut(name, row, "erased", listed=False))
                        seen[name].discard(row)
                continue
            entities = self._made(result, readers)
            if entities.missing or result.identifier in self.identifiers:
                reason = f"missing-{entities.missing}" if entities.missing else "duplicate-identifier"
                for place in result.rows:
                    failed.setdefault(place, (reason, result.identifier))
                continue
            self.identifiers.add(result.identifier)
            page = CLEANERS["url"](result.page).value
            self._keep(entities, *result.rows[0], result.identifier, [page] if page else [])
            for name, row in result.rows:
                made[name].add(row)
        for (name, row), (reason, identifier) in failed.items():  # unless the row has made something else
            if row in seen[name] and row not in made[name]:
                self._drop(name, row, reason, identifier)
                seen[name].discard(row)
        for name, rows in seen.items():
            self.account.made(name, len(rows & made[name]))
            if lost := sorted(rows - made[name]):
                raise RecordsError(
                    f"{len(lost)} rows of {name} were neither made nor dropped, the first is row {lost[0]}",
                    where=str(path),
                    do="yield Made or Dropped for every row",
                )

    @staticmethod
    def _results(
        function: RecordsFunction, streams: Mapping[str, Iterator[SourceRow]], path: Path
    ) -> Iterator[Made | Dropped]:
        """What the function gives; then the rows it did not ask for are read, so that they are missed."""
        try:
            yield from function(streams)
        except ClirldError:
            raise
        except Exception as problem:  # whatever a source's own code raises becomes a message
            lines = [frame.lineno for frame in extract_tb(problem.__traceback__) if frame.filename == str(path)]
            where = f"{path}:{lines[-1]}" if lines else str(path)
            raise RecordsError(f"fails with {problem!r}", where=where, do="mend the Python in it") from problem
        for stream in streams.values():
            deque(stream, maxlen=0)

    def _fault(self, result: object, distributions: Collection[str]) -> str | None:
        """Why what a function gave cannot be used."""
        if isinstance(result, Dropped):
            if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", result.reason):
                return "a reason is words joined by hyphens"
            return None if result.distribution in distributions else "there is no such distribution"
        if not isinstance(result, Made):
            return "Made or Dropped is wanted"
        table = self.reference.tables.get(result.table)
        if table is None or result.table == "record":
            return "there is no such table"
        fillable = {"key"} | {column.name for column in table.columns.values() if not column.sources}
        if unknown := sorted(set(result.values) - fillable):
            return f"{unknown[0]} is not a column to fill"
        if not table.key and not result.values.get("key"):
            return "key is missing"
        if not result.identifier or not result.rows:
            return "identifier and rows must be given"
        return None if {name for name, _row in result.rows} <= set(distributions) else "there is no such distribution"

    def _noting(self, rows: Rows, seen: set[int]) -> Iterator[SourceRow]:
        for row in self._read(rows):
            seen.add(row.row)
            yield row

    def _made(self, made: Made, readers: dict[tuple[str, str], CellReader]) -> Entities:
        values: Values = {}
        for name, cell in made.values.items():
            if name == "key":
                values[name] = [CLEANERS["key"](str(cell)).value or ""]  # as the references to it are
                continue
            if (made.table, name) not in readers:
                readers[made.table, name] = self._reader(Target(to=f"{made.table}.{name}"), made.table)
            found = readers[made.table, name].read(cell)
            values[name] = list(found.values)
            distribution, row = made.rows[0]
            for note in found.notes:
                self._log(self._issue(note.code, distribution, row, name, note.value, note.detail))
        return self.maker.make(made.table, {made.table: values}, {}, made.rows[0][1], made.identifier)

    # both ---------------------------------------------------------------------------------------

    def _keep(self, made: Entities, distribution: str, row: int, identifier: str, page: Sequence[str]) -> None:
        record = made.rows[0][1]["record"]
        self.writer.add(
            "record",
            {
                "key": record,
                "record": record,
                "source": self.source.id,
                "row": row,
                "identifier": identifier,
                "distribution": distribution,
                "page": page[0] if page else None,
                "retrieved": self.snapshots[distribution].retrieved,
            },
        )
        for table, canonical in made.rows:
            self.writer.add(table, canonical)

    def _drop(self, distribution: str, row: int, reason: str, identifier: str) -> None:
        self.account.leave_out(LeftOut(distribution, row, reason, identifier))
        why = reasons.both(reason)
        detail = {"reason": reason, "why": why["fr"], "why_en": why["en"]}
        self._log(self._issue("row-dropped", distribution, row, None, identifier or None, detail))

    def _issue(
        self,
        code: str,
        distribution: str,
        row: int | None,
        column: str | None,
        value: str | None,
        detail: dict[str, str],
    ) -> Issue:
        return Issue(self.source.id, "records", code, distribution, row, column, value, detail)

    def _log(self, issue: Issue) -> None:
        self.log.write(issue.as_json() + "\n")
