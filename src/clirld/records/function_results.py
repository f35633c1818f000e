"""What the `records.py` of a source gives, made into canonical rows: for sources whose columns are not enough."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from pathlib import Path
from traceback import extract_tb

from clirld.card.model import Target
from clirld.card.source import Source
from clirld.errors import ClirldError, RecordsError
from clirld.issues import codes
from clirld.read.rows import Dropped, Made, Noticed, SourceRow
from clirld.records.cells import CellIssue, CellReader
from clirld.records.entities import Block, CleanedRows, Columns, Entities, EntityBuilder
from clirld.records.erasure.matching import ERASED, OFFICIAL_NUMBERS
from clirld.records.erasure.rows import suspects
from clirld.records.function import RecordsFunction
from clirld.records.output import Output, RecordRow
from clirld.records.placing.issue_columns import issue_columns
from clirld.records.plan import NOTICED, NOTICED_TYPES, ReferenceData, cell_reader
from clirld.values.cleaners import CLEANERS
from clirld.values.persons import identifiers

Streams = Mapping[str, Iterator[SourceRow]]
"""The rows of each distribution."""

_BATCH_ROWS = 5_000
"""Results made into rows at a time."""


@dataclass(slots=True)
class FunctionResults:
    """Takes what a function gives, and holds it to account for every row that it was given.

    Canonical rows are made of many results at a time; in what is told and accounted for, all keeps its order.
    """

    source: Source
    reference: ReferenceData
    output: Output
    path: Path
    rows_read: dict[str, set[int]] = field(init=False)
    """Rows read so far that were not dropped, by distribution."""
    unnamed: set[tuple[str, int]] = field(default_factory=set, init=False)
    """Rows left out that are only counted."""
    _rows_made: dict[str, set[int]] = field(init=False)
    _rejected: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict, init=False)
    _pending: list[Made | Dropped | Noticed | Callable[[], None]] = field(default_factory=list, init=False)
    _readers: dict[tuple[str, str], CellReader] = field(default_factory=dict, init=False)
    _builder: EntityBuilder = field(init=False)

    def __post_init__(self) -> None:
        self.rows_read = {rows.source: set() for rows in self.source.card.records}
        self._rows_made = {name: set() for name in self.rows_read}
        self._builder = EntityBuilder(self.source.id, self.reference.tables, self.reference.territories)

    def defer(self, action: Callable[[], None]) -> None:
        """Do something once the results given so far are settled."""
        self._pending.append(action)

    def collect(self, function: RecordsFunction, streams: Streams) -> None:
        """Make what the function gives. Raises RecordsError where it does not keep to the rules."""
        for result in self._results(function, streams):
            if violation := self._violation(result):
                raise RecordsError(f"gives {result!r}: {violation}", where=str(self.path), do="mend the Python in it")
            self._pending.append(result)
            if len(self._pending) >= _BATCH_ROWS:
                self._flush()
        self._flush()
        for (name, row), (reason, identifier) in self._rejected.items():  # unless the row has made something else
            if row in self.rows_read[name] and row not in self._rows_made[name]:
                self.output.drop_row(name, row, reason, identifier)
                self.rows_read[name].discard(row)
        for name, rows in self.rows_read.items():
            self.output.account.count_made(name, len(rows & self._rows_made[name]))
            if lost := sorted(rows - self._rows_made[name]):
                raise RecordsError(
                    f"{len(lost)} rows of {name} were neither made nor dropped, the first is row {lost[0]}",
                    where=str(self.path),
                    do="yield Made or Dropped for every row",
                )

    def _results(self, function: RecordsFunction, streams: Streams) -> Iterator[Made | Dropped | Noticed]:
        """What the function gives; then the rows it did not ask for are read, so that they are missed."""
        try:
            yield from function(streams)
        except ClirldError:
            raise
        except Exception as problem:  # whatever a source's own code raises becomes a message
            own = set(map(str, self.source.code))
            lines = [one for one in extract_tb(problem.__traceback__) if one.filename in own]
            where = f"{lines[-1].filename}:{lines[-1].lineno}" if lines else str(self.path)
            raise RecordsError(f"fails with {problem!r}", where=where, do="mend the Python in it") from problem
        for stream in streams.values():
            deque(stream, maxlen=0)  # reads to the end and keeps nothing (itertools' recipe “consume”)

    def _violation(self, result: object) -> str | None:
        """Why what a function gave cannot be used."""
        if isinstance(result, Dropped):
            if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", result.reason):
                return "a reason is words joined by hyphens"
            return None if result.distribution in self.rows_read else "there is no such distribution"
        if isinstance(result, Noticed):
            return self._violation_of(result)
        if not isinstance(result, Made):
            return "Made, Dropped or Noticed is wanted"
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
        if not {name for name, _row in result.rows} <= self.rows_read.keys():
            return "there is no such distribution"
        if bool(result.checked) != bool(result.checked_on):
            return "checked and checked_on go together"
        if result.checked and result.checked not in self.reference.vocabulary.concepts["page-check"]:
            return f"{result.checked} is not a concept of page-check"
        if result.checked_on and CLEANERS["date"](result.checked_on).value != result.checked_on:
            return "checked_on is not a day"
        return None

    def _violation_of(self, noticed: Noticed) -> str | None:
        if noticed.issue.code not in codes():
            return "there is no such issue"
        return None if noticed.distribution in self.rows_read else "there is no such distribution"

    def _flush(self) -> None:
        """Make, tell and account for what is waiting."""
        pending, self._pending = self._pending, []
        # Canonical rows are built table by table, which is fast; then all is written in the order it was given.
        results = [result for result in pending if isinstance(result, Made)]
        erased = [self._is_erased(result) for result in results]
        raw_identifiers = [result.identifier for result in results]
        results = [replace(one, identifier=identifiers.public(one.identifier)) for one in results]
        issues: dict[int, list[tuple[str | None, CellIssue]]] = defaultdict(list)
        missing_columns: dict[int, str] = {}
        blocks: list[Block] = []
        for table in dict.fromkeys(result.table for result in results):
            indexes = [n for n, result in enumerate(results) if result.table == table and not erased[n]]
            entities = self._build(table, indexes, results, issues)
            missing_columns |= {indexes[n]: name for n, name in entities.missing_columns.items()}
            blocks += [
                Block(block.table, [indexes[n] for n in block.row_indexes], block.frame) for block in entities.blocks
            ]
        suspected = suspects(self.reference.erasures, blocks, raw_identifiers)
        is_kept: list[bool] = []
        for result in pending:
            if isinstance(result, Made):
                n = len(is_kept)
                result = results[n]
                left_out = erased[n] or n in suspected
                for name, issue in () if left_out else issues[n]:
                    self.output.add_issue(*result.rows[0], name, issue)
                is_kept.append(not left_out and self._accept(result, missing_columns.get(n)))
                if left_out:
                    self._exclude(result, is_erased=erased[n])
            elif isinstance(result, Dropped):
                self.output.withdraw_row(result.distribution, result.reason, "")
                self._leave_unnamed(result.distribution, result.row)
            elif isinstance(result, Noticed):
                about = result.issue
                self.output.add_issue(
                    result.distribution, about.row, about.column, CellIssue(about.code, None, about.detail)
                )
            else:
                result()
        made = (result for result in compress(results, is_kept) if not result.further)
        self.output.write_records([_record_row(result) for result in made])
        self.output.write_rows(blocks, is_kept)

    def _is_erased(self, result: Made) -> bool:
        """Whether somebody asked that nothing of it be kept, by its identifier and official numbers."""
        if self.reference.erasures is None:
            return False
        columns = self.reference.tables[result.table].columns
        numbers = [
            (columns[name].type, number)
            for name, cell in result.values.items()
            if name != "key" and columns[name].type in OFFICIAL_NUMBERS
            for number in ([cell] if isinstance(cell, str) else cell)
        ]
        is_erased = self.reference.erasures.covers(result.identifier, [number for _kind, number in numbers])
        if is_erased and result.table == "organization" and (twin := self.reference.erasures.twin(numbers)):
            self.output.twins.add(twin)
        return is_erased

    def _exclude(self, result: Made, *, is_erased: bool) -> None:
        """Leave out the rows of a result that is erased, or that a person has to look at."""
        for name, row in result.rows:
            if row in self.rows_read[name] and row not in self._rows_made[name]:
                if is_erased:
                    self.output.withdraw_row(name, ERASED, "")
                else:
                    self.output.hold_for_a_person(name, row, result.identifier)
                self._leave_unnamed(name, row)

    def _leave_unnamed(self, distribution: str, row: int) -> None:
        self.unnamed.add((distribution, row))
        self.rows_read[distribution].discard(row)

    def _build(
        self,
        table: str,
        indexes: Sequence[int],
        results: Sequence[Made],
        issues: dict[int, list[tuple[str | None, CellIssue]]],
    ) -> Entities:
        """Rows of a table, made of the results at `indexes`; `issues` gets what was noticed of each."""
        selected = [results[n] for n in indexes]
        values: Columns = {}
        for name in dict.fromkeys(name for result in selected for name in result.values):
            cells = [result.values.get(name, "") for result in selected]
            if name == "key":  # as the references to it are
                keys = (CLEANERS["key"](str(cell)).value for cell in cells)
                values[name] = [(key,) if key else () for key in keys]
                continue
            if (table, name) not in self._readers:
                target = Target(to=f"{table}.{name}")
                self._readers[table, name] = cell_reader(target, table, name, self.source, self.reference)
            texts = [cell if isinstance(cell, str) else tuple(cell) for cell in cells]
            values[name], cell_issues = self._readers[table, name].read_column(texts)
            for n, issue in cell_issues:
                issues[indexes[n]].append((name, issue))
        for n in indexes:  # column by column above, but reported in the order of the result's values
            issues[n].sort(key=lambda item: list(results[n].values).index(item[0] or ""))
        position = {index: n for n, index in enumerate(indexes)}
        notices: dict[str, dict[int, CellIssue]] = {}
        for index in indexes:
            for column, issue in issues[index]:
                type_ = self.reference.tables[table].columns[column].type if column else ""
                if column and issue.code in NOTICED and type_ in NOTICED_TYPES:
                    notices.setdefault(column, {})[position[index]] = issue
        cleaned = CleanedRows(
            [result.rows[0][1] for result in selected],
            [result.identifier for result in selected],
            {table: values},
            {table: notices},
        )
        entities = self._builder.build(table, cleaned, {})
        retracted = {(indexes[n], name) for n, _table, name in entities.retracted}
        for index, _name in retracted:
            issues[index] = [
                (column, issue)
                for column, issue in issues[index]
                if (index, column) not in retracted or issue.code not in NOTICED
            ]
        for n, _table, issue in entities.issues:
            names = issue_columns(issue, list(values))
            issues[indexes[n]].append((next((one for one in names if values[one][n]), next(iter(names), None)), issue))
        return entities

    def _accept(self, result: Made, missing_column: str | None) -> bool:
        """Whether a result is kept; where it is not, the rows it is of are noted to be dropped."""
        if result.further and not missing_column and result.identifier in self.output.identifiers:
            return True
        if missing_column or result.further or result.identifier in self.output.identifiers:
            reason = f"missing-{missing_column}" if missing_column else "duplicate-identifier"
            for place in result.rows:
                self._rejected.setdefault(place, (reason, result.identifier))
            return False
        self.output.identifiers.add(result.identifier)
        for name, row in result.rows:
            self._rows_made[name].add(row)
        return True


def _record_row(result: Made) -> RecordRow:
    page = CLEANERS["url"](result.page).value
    first, *others = dict.fromkeys(result.rows)
    checked = (result.checked or None, result.checked_on or None)
    return RecordRow(*first, result.identifier, page, *checked, others)
