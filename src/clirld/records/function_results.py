"""What the `records.py` of a source gives, made into canonical rows: for sources whose columns are not enough."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path
from traceback import extract_tb

from clirld.card.model import Target
from clirld.card.source import Source
from clirld.errors import ClirldError, RecordsError
from clirld.read.rows import Dropped, Made, SourceRow
from clirld.records.accounts import ExcludedRow
from clirld.records.cells import CellIssue, CellReader
from clirld.records.entities import Block, CleanedRows, Columns, Entities, EntityBuilder
from clirld.records.erasure import OFFICIAL_NUMBERS
from clirld.records.function import RecordsFunction
from clirld.records.output import Output
from clirld.records.plan import ERASED, ReferenceData, cell_reader
from clirld.values.cleaners import CLEANERS

Streams = Mapping[str, Iterator[SourceRow]]
"""The rows of each distribution."""

_SIZE = 5_000
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
    seen: dict[str, set[int]] = field(init=False)
    """Rows read so far that were not dropped, by distribution."""
    _made: dict[str, set[int]] = field(init=False)
    _failed: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict, init=False)
    _waiting: list[Made | Dropped | Callable[[], None]] = field(default_factory=list, init=False)
    _readers: dict[tuple[str, str], CellReader] = field(default_factory=dict, init=False)
    _maker: EntityBuilder = field(init=False)

    def __post_init__(self) -> None:
        self.seen = {rows.source: set() for rows in self.source.card.records}
        self._made = {name: set() for name in self.seen}
        self._maker = EntityBuilder(self.source.id, self.reference.tables, self.reference.territories)

    def later(self, work: Callable[[], None]) -> None:
        """Do something once the results given so far are settled."""
        self._waiting.append(work)

    def take(self, function: RecordsFunction, streams: Streams) -> None:
        """Make what the function gives. Raises RecordsError where it does not keep to the rules."""
        for result in self._results(function, streams):
            if fault := self._fault(result):
                raise RecordsError(f"gives {result!r}: {fault}", where=str(self.path), do="mend the Python in it")
            self._waiting.append(result)
            if len(self._waiting) >= _SIZE:
                self._settle()
        self._settle()
        for (name, row), (reason, identifier) in self._failed.items():  # unless the row has made something else
            if row in self.seen[name] and row not in self._made[name]:
                self.output.drop(name, row, reason, identifier)
                self.seen[name].discard(row)
        for name, rows in self.seen.items():
            self.output.account.count_made(name, len(rows & self._made[name]))
            if lost := sorted(rows - self._made[name]):
                raise RecordsError(
                    f"{len(lost)} rows of {name} were neither made nor dropped, the first is row {lost[0]}",
                    where=str(self.path),
                    do="yield Made or Dropped for every row",
                )

    def _results(self, function: RecordsFunction, streams: Streams) -> Iterator[Made | Dropped]:
        """What the function gives; then the rows it did not ask for are read, so that they are missed."""
        try:
            yield from function(streams)
        except ClirldError:
            raise
        except Exception as problem:  # whatever a source's own code raises becomes a message
            lines = [frame.lineno for frame in extract_tb(problem.__traceback__) if frame.filename == str(self.path)]
            where = f"{self.path}:{lines[-1]}" if lines else str(self.path)
            raise RecordsError(f"fails with {problem!r}", where=where, do="mend the Python in it") from problem
        for stream in streams.values():
            deque(stream, maxlen=0)

    def _fault(self, result: object) -> str | None:
        """Why what a function gave cannot be used."""
        if isinstance(result, Dropped):
            if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", result.reason):
                return "a reason is words joined by hyphens"
            return None if result.distribution in self.seen else "there is no such distribution"
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
        return None if {name for name, _row in result.rows} <= self.seen.keys() else "there is no such distribution"

    def _settle(self) -> None:
        """Make, tell and account for what is waiting."""
        waiting, self._waiting = self._waiting, []
        found = [result for result in waiting if isinstance(result, Made)]
        erased = [self._erased(result) for result in found]
        told: dict[int, list[tuple[str, CellIssue]]] = defaultdict(list)
        missing: dict[int, str] = {}
        blocks: list[Block] = []
        for table in dict.fromkeys(result.table for result in found):
            at = [n for n, result in enumerate(found) if result.table == table and not erased[n]]
            entities = self._make(table, at, found, told)
            missing |= {at[n]: name for n, name in entities.missing.items()}
            blocks += [Block(one.table, [at[n] for n in one.at], one.frame) for one in entities.blocks]
        kept: list[bool] = []
        for result in waiting:
            if isinstance(result, Made):
                n = len(kept)
                for name, note in told[n]:
                    self.output.add_issue(*result.rows[0], name, note)
                kept.append(not erased[n] and self._keep(result, missing.get(n)))
                if erased[n]:
                    self._leave_erased(result)
            elif isinstance(result, Dropped):
                left_out = ExcludedRow(result.distribution, result.row, result.reason, listed=False)
                self.output.account.exclude(left_out)
                self.seen[result.distribution].discard(result.row)
            else:
                result()
        pages = ((result, CLEANERS["url"](result.page).value) for result in compress(found, kept))
        self.output.records([(*result.rows[0], result.identifier, page) for result, page in pages])
        self.output.keep(blocks, kept)

    def _erased(self, result: Made) -> bool:
        """Whether somebody asked that nothing of it be kept, by its identifier and official numbers."""
        if self.reference.erasures is None:
            return False
        columns = self.reference.tables[result.table].columns
        cells = [
            cell for name, cell in result.values.items() if name != "key" and columns[name].type in OFFICIAL_NUMBERS
        ]
        numbers = [number for cell in cells for number in ([cell] if isinstance(cell, str) else cell)]
        return self.reference.erasures.covers(result.identifier, numbers)

    def _leave_erased(self, result: Made) -> None:
        for name, row in result.rows:
            if row in self.seen[name] and row not in self._made[name]:
                self.output.account.exclude(ExcludedRow(name, row, ERASED, listed=False))
                self.seen[name].discard(row)

    def _make(
        self, table: str, at: Sequence[int], found: Sequence[Made], told: dict[int, list[tuple[str, CellIssue]]]
    ) -> Entities:
        """Rows of a table, made of the results that are `at` these places; `told` gets what was noticed of each."""
        some = [found[n] for n in at]
        values: Columns = {}
        for name in dict.fromkeys(name for result in some for name in result.values):
            cells = [result.values.get(name, "") for result in some]
            if name == "key":  # as the references to it are
                keys = (CLEANERS["key"](str(cell)).value for cell in cells)
                values[name] = [(key,) if key else () for key in keys]
                continue
            if (table, name) not in self._readers:
                target = Target(to=f"{table}.{name}")
                self._readers[table, name] = cell_reader(target, table, name, self.source, self.reference)
            texts = [cell if isinstance(cell, str) else tuple(cell) for cell in cells]
            values[name], notes = self._readers[table, name].column_of(texts)
            for n, note in notes:
                told[at[n]].append((name, note))
        for n in at:
            told[n].sort(key=lambda one: list(found[n].values).index(one[0]))
        given = CleanedRows(
            [result.rows[0][1] for result in some], [result.identifier for result in some], {table: values}
        )
        return self._maker.make(table, given, {})

    def _keep(self, result: Made, missing: str | None) -> bool:
        """Whether a result is kept; where it is not, the rows it is of are noted to be dropped."""
        if missing or result.identifier in self.output.identifiers:
            reason = f"missing-{missing}" if missing else "duplicate-identifier"
            for place in result.rows:
                self._failed.setdefault(place, (reason, result.identifier))
            return False
        self.output.identifiers.add(result.identifier)
        for name, row in result.rows:
            self._made[name].add(row)
        return True
