"""The account of a conversion: as data for programs, and in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from clirld.cli.territory.table import Table
from clirld.cli.territory.words import WORDS
from clirld.french import plural
from clirld.issues import Issue
from clirld.query.failure import Language
from clirld.territory.amounts import decimal_text
from clirld.territory.convert import Codes, Converted, Line
from clirld.territory.request import Request
from clirld.territory.shares import CONVERTED
from clirld.territory.stored import Census
from clirld.territory.vintage import Vintage
from clirld.web import number_formats

SHOWN = 10
"""Rows that a message names."""


@dataclass(slots=True)
class Account:
    """What became of each row: told as it is read, and the first ones that are not in the new table are kept."""

    rows_left_out: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    """By what became of them: row, and the code that stands there."""

    def take(self, line: Line) -> None:
        """Take what became of a row."""
        if line.outcome not in CONVERTED and len(rows := self.rows_left_out[line.outcome]) < SHOWN:
            rows.append((line.row, line.raw))


def header(language: Language) -> list[str]:
    """The columns of the file with what became of each row."""
    return WORDS[language]["account"].split()


def in_words(cells: list[str], language: Language) -> list[str]:
    """A line of that file, with what became of the row in words."""
    *before, outcome, communes = cells
    return [*before, WORDS[language][outcome], communes]


def summary(
    file: Path,
    request: Request,
    day: str,
    vintage: Vintage,
    census: Census | None,
    codes: Codes,
    converted: Converted,
    account: Account,
    table: Table,
) -> dict[str, Any]:
    """The account as data."""
    sums = {
        column: {
            "read": decimal_text(balance.read),
            "written": decimal_text(balance.written),
            "withheld": decimal_text(balance.withheld),
            "left_out": {outcome: decimal_text(amount) for outcome, amount in sorted(balance.left_out.items())},
            "cells_missing": balance.missing,
            "cells_marked": dict(sorted(balance.marked.items())),
            "cells_unclean": balance.unclean,
            "unclean_examples": [{"row": row, "cell": text} for row, text in balance.examples],
            "cells_doubtful": balance.doubtful,
        }
        for column, balance in converted.balances.items()
    }
    return {
        "file": str(file),
        "code": request.code,
        "from": {
            "years": [vintage.years[0], vintage.years[-1]],
            "spans": [[first, last] for first, last in spans(vintage.years)],
            "told": vintage.is_told,
            "since": vintage.since,
            "until": vintage.until,
            "outside": {code: codes.first[code] for code in vintage.outside},
            "instead": [[first, last] for first, last in spans(vintage.instead)] if vintage.instead else [],
            "against": {code: codes.first[code] for code in vintage.against},
            "strays": {code: {"row": codes.first[code], "years": [a, b]} for code, a, b in vintage.strays},
        },
        "to": day,
        "census": census.name if census else None,
        "rows_read": sum(converted.outcomes.values()),
        "rows_written": len(converted.rows),
        "outcomes": dict(sorted(converted.outcomes.items())),
        "first_left_out": {
            outcome: [{"row": row, "code": code} for row, code in rows]
            for outcome, rows in sorted(account.rows_left_out.items())
        },
        "sums": sums,
        "codes_mended": converted.mended,
        "codes_repeated": codes.repeated,
        "cells_joined": converted.differing,
        "communes_incomplete": converted.incomplete,
        "columns_left_out": [name for name in table.columns if name not in {request.code, *request.columns}],
    }


def spans(years: Sequence[int]) -> list[tuple[int, int]]:
    """The runs of years without a gap: first and last of each."""
    breaks = [0, *(n for n, (one, two) in enumerate(pairwise(years), 1) if two != one + 1), len(years)]
    return [(years[first], years[end - 1]) for first, end in pairwise(breaks)]


def told_years(years: Sequence[int], language: Language) -> str:
    """« 1943 à 1965 », « 2014 », « 1943 à 1972 ou 1986 à 2026 »."""
    words = WORDS[language]
    runs = (str(one) if one == two else words["span"].format(one, two) for one, two in spans(years))
    return words["or"].join(runs)


@dataclass(frozen=True, slots=True)
class _Telling:
    """The account in words."""

    data: Mapping[str, Any]
    vintage: Vintage
    language: Language

    @property
    def words(self) -> dict[str, str]:
        return WORDS[self.language]

    def number(self, text: object) -> str:
        return number_formats.figure(str(text), self.language)

    def rows(self, count: int) -> str:
        words = self.words
        return f"{self.number(count)} {plural(words['row'], words['rows'], count, self.language)}"

    def head(self) -> Iterator[str]:
        data, words, vintage = self.data, self.words, self.vintage
        yield words["head"].format(
            rows=self.rows(data["rows_read"]),
            file=data["file"],
            written=self.rows(data["rows_written"]),
            year=words["of"].format(told_years(vintage.years, self.language)) if vintage.is_told else words["untold"],
            to=data["to"][:4],
        )
        for bound in ("since", "until"):
            if vintage.is_told and (code := data["from"][bound]):
                year = vintage.years[0 if bound == "since" else -1]
                yield "  " + words[bound].format(code=code, year=year)
        if vintage.instead:
            each = [f"{row} ({code})" for code, row in data["from"]["against"].items()]
            label = plural(words["row"], words["rows"], len(each), self.language)
            yield "! " + words["contradicted"].format(
                year=vintage.years[0],
                years=told_years(vintage.instead, self.language),
                rows=f"{label} {_listed(each, len(each), self.language)}",
            )
        for code, first, last in vintage.strays:
            row = data["from"]["strays"][code]["row"]
            yield "! " + words["stray"].format(
                code=code, row=row, years=told_years(range(first, last + 1), self.language)
            )
        if vintage.strays:
            yield "  " + words["strays"]

    def outcomes(self) -> Iterator[str]:
        counts = self.data["outcomes"]
        for outcome, count in sorted(counts.items(), key=lambda item: (item[0] not in CONVERTED, -item[1])):
            rows = self.data["first_left_out"].get(outcome, [])
            named = [f"{one['row']} ({one['code']})" if one["code"].strip() else str(one["row"]) for one in rows]
            where = ""
            if named:
                label = plural(self.words["row"], self.words["rows"], count, self.language)
                where = f"{self.words['colon']}{label} {_listed(named, count, self.language)}"
            yield f"  {self.number(count):>9}  {self.words[outcome]}{where}"

    def balances(self) -> Iterator[str]:
        words = self.words
        for column, balance in self.data["sums"].items():
            amounts = {"written": balance["written"], "withheld": balance["withheld"], **balance["left_out"]}
            parts = [
                f"{self.number(amount)} ({words[where]})"
                for where, amount in amounts.items()
                if amount != "0" or where == "written"
            ]
            yield words["balance"].format(column=column, read=self.number(balance["read"]), parts=" + ".join(parts))
            if count := balance["cells_missing"]:
                yield "  " + words["cells_missing"].format(self.number(count))
            if marked := balance["cells_marked"]:
                each = ", ".join(f"“{mark}” {self.number(n)}" for mark, n in Counter(marked).most_common(SHOWN))
                quoted = each.replace("“", "« ").replace("”", " »") if self.language == "fr" else each
                yield "  " + words["cells_marked"].format(self.number(sum(marked.values())), quoted)
            if count := balance["cells_unclean"]:
                shown = [f"{one['row']} ({one['cell'][:40]})" for one in balance["unclean_examples"]]
                label = plural(words["row"], words["rows"], count, self.language)
                listed = f"{label} {_listed(shown, count, self.language)}"
                yield "  " + words["cells_unclean"].format(self.number(count), listed)
            if count := balance["cells_doubtful"]:
                yield "  " + words["cells_doubtful"].format(self.number(count))

    def notes(self) -> Iterator[str]:
        data, words = self.data, self.words
        if data["census"]:
            yield words["census"].format(data["census"])
        for name in ("codes_mended", "cells_joined", "communes_incomplete"):
            if data[name]:
                yield words[name].format(self.number(data[name]))
        if repeated := data["codes_repeated"]:
            each = [f"{code} ({_listed(map(str, rows), len(rows), self.language)})" for code, rows in repeated.items()]
            yield "! " + words["repeated"].format(_listed(each, len(each), self.language))
        if outside := data["from"]["outside"]:
            each = [f"{row} ({code})" for code, row in outside.items()]
            label = plural(words["row"], words["rows"], len(each), self.language)
            yield "! " + words["outside"].format(f"{label} {_listed(each, len(each), self.language)}")
        if data["columns_left_out"]:
            yield words["columns"].format(", ".join(data["columns_left_out"]))


def told(data: Mapping[str, Any], vintage: Vintage, table: Table, language: Language) -> Iterator[str]:
    """The account in words, a line each."""
    telling = _Telling(data, vintage, language)
    yield from telling.head()
    yield from telling.outcomes()
    yield from telling.balances()
    yield from telling.notes()
    for issue in table.noticed:
        told_issue = Issue("", "records", issue.code, None, issue.row, issue.column, None, issue.detail)
        yield f"! {told_issue.message(language)}"


def _listed(items: Iterable[str], count: int, language: Language) -> str:
    """The first of some things, and how many there are where these are not all."""
    found = list(items)[:SHOWN]
    rest = f", … ({number_formats.number(count, language)})" if count > len(found) else ""
    return ", ".join(found) + rest
