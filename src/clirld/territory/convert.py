"""A table by commune, brought from the communes of some year to those of another: all its rows are accounted for.

Two passes over the rows: the first takes their codes, the second adds up (`amounts.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from clirld.read.rows import RaggedRow, SourceRow
from clirld.territory.amounts import Balance, decimal_text, without_zeros
from clirld.territory.codes import ReadCode, read_code
from clirld.territory.history import History
from clirld.territory.request import Rate, Request
from clirld.territory.shares import Outcome, Plan, Planner, divide

JOINED = " | "
"""Between the values of a column that is kept, where rows that come together differ."""


class Line(NamedTuple):
    """What became of a row."""

    row: int
    raw: str
    """The code as it stands."""
    code: str
    """The code as it was read, "" where there is none."""
    outcome: Outcome
    weights: dict[str, int]
    """Communes that it goes to, or may belong to."""


@dataclass(slots=True)
class Codes:
    """The codes of a table."""

    first: dict[str, int] = field(default_factory=dict)
    """Code → the first row that has it."""
    repeated: dict[str, list[int]] = field(default_factory=dict)
    """Codes that are there several times in one group → their rows."""


@dataclass(slots=True)
class Converted:
    """The new table, and the account of the old one."""

    header: list[str]
    rows: list[list[str]]
    numbers: range
    """The columns that are numbers, as decimals with a point."""
    outcomes: Counter[str]
    balances: dict[str, Balance]
    mended: int
    """Codes that were written otherwise, as without their zero."""
    differing: int
    """Cells in which rows that came together had several values."""
    incomplete: int
    """Communes of which a part has no row, or none that could be converted."""


Rows = Iterable[SourceRow | RaggedRow]


def look(rows: Rows, request: Request) -> Codes:
    """The first pass: which codes there are, as they are read."""
    found = Codes()
    first: dict[tuple[str, ...], int] = {}
    read = _Reader()
    for row in rows:
        if isinstance(row, RaggedRow):
            continue
        code = read(_text(row, request.code)).code
        if not code:
            continue
        found.first.setdefault(code, row.row)
        place = (code, *(_text(row, name).strip() for name in request.by))
        if (earlier := first.setdefault(place, row.row)) != row.row:
            found.repeated.setdefault(code, [earlier]).append(row.row)
    return found


def convert_rows(
    rows: Rows,
    request: Request,
    history: History,
    planner: Planner,
    codes: Codes,
    day: str,
    tell: Callable[[Line], None],
) -> Converted:
    """The second pass: the rows of the communes of a day, and what became of each row, which is told in order."""
    return _Conversion(request, history, planner, frozenset(codes.first), tell).of(rows, day)


class _Reader:
    """Reads codes, each spelling once."""

    def __init__(self) -> None:
        self._known: dict[str, ReadCode] = {}

    def __call__(self, raw: str) -> ReadCode:
        known = self._known.get(raw)
        if known is None:
            known = self._known[raw] = read_code(raw)
        return known


@dataclass(slots=True)
class _Group:
    """What goes into a row of the new table."""

    amounts: list[int]
    without: list[bool]
    """Columns in which some row has no number."""
    kept: list[dict[str, None]]


class _Conversion:
    def __init__(
        self,
        request: Request,
        history: History,
        planner: Planner,
        codes: frozenset[str],
        tell: Callable[[Line], None],
    ) -> None:
        self._request, self._history, self._planner, self._codes, self._tell = request, history, planner, codes, tell
        self._read = _Reader()
        self._plans: dict[str, Plan] = {}
        self._groups: dict[tuple[str, ...], _Group] = {}
        self._outcomes: Counter[str] = Counter()
        self._balances = [Balance() for _ in request.sums]
        self._mended = 0

    def of(self, rows: Rows, day: str) -> Converted:
        for row in rows:
            if isinstance(row, RaggedRow):
                self._account(row.row, "", "", Plan("unreadable", {}))
            else:
                self._take(row)
        return self._result(day)

    def _take(self, row: SourceRow) -> None:
        raw = _text(row, self._request.code)
        code, is_mended = self._read(raw)
        plan = Plan("no-code" if code == "" else "not-a-code", {}) if not code else self._plan(code)
        self._mended += is_mended and bool(code)
        self._account(row.row, raw, code or "", plan)
        pairs = zip(self._balances, self._request.sums, strict=True)
        amounts = [balance.amount(_text(row, name), row.row) for balance, name in pairs]
        if not plan.is_converted:
            for balance, amount in zip(self._balances, amounts, strict=True):
                balance.left_out[plan.outcome] = balance.left_out.get(plan.outcome, 0) + (amount[0] if amount else 0)
            return
        by = tuple(_text(row, name).strip() for name in self._request.by)
        for commune in plan.weights:
            group = self._groups.get((commune, *by))
            if group is None:
                sizes = len(amounts), len(self._request.keep)
                group = _Group([0] * sizes[0], [False] * sizes[0], [{} for _ in range(sizes[1])])
                self._groups[commune, *by] = group
            for number, name in enumerate(self._request.keep):
                group.kept[number][_text(row, name).strip()] = None
        for number, amount in enumerate(amounts):
            for commune, share in _shared(amount, plan).items():
                group = self._groups[commune, *by]
                group.amounts[number] += share
                group.without[number] |= amount is None

    def _account(self, row: int, raw: str, code: str, plan: Plan) -> None:
        self._outcomes[plan.outcome] += 1
        self._tell(Line(row, raw, code, plan.outcome, dict(plan.weights)))

    def _plan(self, code: str) -> Plan:
        plan = self._plans.get(code)
        if plan is None:
            plan = self._plans[code] = self._planner.plan(code, self._codes)
        return plan

    def _result(self, day: str) -> Converted:
        request = self._request
        present = self._planner.present(code for code in self._codes if self._plan(code).is_converted)
        absent = {key[0]: self._planner.absent(key[0], present) for key in self._groups}
        header = [request.code, f"name_{day[:4]}", *request.by, *request.keep, *request.sums]
        numbers = range(len(header) - len(request.sums), len(header) + len(request.rates))
        header += [rate.name for rate in request.rates]
        header += [f"absent_{self._planner.year}"] if any(absent.values()) else []
        rows = []
        for key in sorted(self._groups):
            group, commune = self._groups[key], key[0]
            sums: dict[str, int | None] = {}
            for number, column in enumerate(request.sums):
                balance, amount = self._balances[number], group.amounts[number]
                if group.without[number]:
                    balance.withheld += amount
                else:
                    balance.written += amount
                sums[column] = None if group.without[number] else amount
            row = [commune, self._name(commune, day), *key[1:]]
            row += [JOINED.join(filter(None, values)) for values in group.kept]
            row += [_told(sums[column]) for column in request.sums]
            row += [_rate(rate, sums) for rate in request.rates]
            rows.append([*row, " ".join(absent[commune])][: len(header)])
        balances = dict(zip(request.sums, self._balances, strict=True))
        differing = sum(sum(map(bool, values)) > 1 for group in self._groups.values() for values in group.kept)
        incomplete = sum(map(bool, absent.values()))
        return Converted(header, rows, numbers, self._outcomes, balances, self._mended, differing, incomplete)

    def _name(self, commune: str, day: str) -> str:
        version = self._history.at(commune, day)
        return version.name if version else ""


def _shared(amount: tuple[int, int] | None, plan: Plan) -> dict[str, int]:
    if amount is None:
        return dict.fromkeys(plan.weights, 0)
    if len(plan.weights) == 1:
        return dict.fromkeys(plan.weights, amount[0])
    value, unit = amount
    return {code: share * unit for code, share in divide(value // unit, plan.weights).items()}


def _rate(rate: Rate, sums: Mapping[str, int | None]) -> str:
    part, base = sums[rate.part], sums[rate.base]
    found = None if part is None or base is None else rate.of(part, base)
    return "" if found is None else without_zeros(f"{found:f}")


def _told(amount: int | None) -> str:
    return "" if amount is None else decimal_text(amount)


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return cell if isinstance(cell, str) else JOINED.join(cell)


def lines_of(lines: Iterable[Line]) -> Iterator[list[str]]:
    """Lines of the account as they are written: row, code, code read, outcome, communes with their weights."""
    for line in lines:
        communes = " ".join(
            f"{code}:{weight}" if line.outcome == "divided" else code for code, weight in line.weights.items()
        )
        yield [str(line.row), line.raw, line.code, line.outcome, communes]
