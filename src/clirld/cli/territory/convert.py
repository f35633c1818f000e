"""`clirld territory convert`: a table by commune, brought to the communes of another year."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from clirld.cli.terminal import AsJson, Data, err, print_json
from clirld.cli.territory.harvested import day_of, stored_territories
from clirld.cli.territory.words import WORDS
from clirld.draft.sniff import layout_of
from clirld.errors import DataError, UsageError
from clirld.issues import Issue
from clirld.project import Project
from clirld.read import reader
from clirld.read.layout import Layout
from clirld.read.rows import RaggedRow, RowIssue, SourceRow
from clirld.settings import Settings
from clirld.territory.codes import read_code
from clirld.territory.convert import Codes, Converted, Line, convert_rows, decimal_text, lines_of, look
from clirld.territory.history import FIRST_DAY, History
from clirld.territory.request import Request
from clirld.territory.shares import CONVERTED, Planner
from clirld.territory.stored import Census, Stored
from clirld.territory.vintage import Vintage, guess
from clirld.values import numbers

GUESS = "guess"
_SHOWN = 10
"""Rows that a message names."""
_ACCOUNT_HEADER = ["row", "code", "code_read", "outcome", "communes"]

Columns = list[str] | None


def convert(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table: CSV, XLSX, ODS, or one of them in a ZIP.")],
    code: Annotated[str, typer.Option(metavar="COLUMN", help="The column with INSEE codes of communes.")],
    year: Annotated[
        str, typer.Option("--from", metavar="YEAR|guess", help="The year that its codes are of, or guess.")
    ] = GUESS,
    to: Annotated[
        str | None, typer.Option(metavar="YEAR", help="The year wanted; else the last that is known.")
    ] = None,
    sums: Annotated[
        Columns, typer.Option("--sum", metavar="COLUMN", help="Numbers to add up; may be repeated.")
    ] = None,
    keep: Annotated[Columns, typer.Option(metavar="COLUMN", help="Texts to keep; may be repeated.")] = None,
    rates: Annotated[
        Columns, typer.Option("--rate", metavar="[NAME=]PART/BASE[*100]", help="Rates to make again from two columns.")
    ] = None,
    by: Annotated[Columns, typer.Option(metavar="COLUMN", help="Rows with other values here stay apart.")] = None,
    census: Annotated[
        str | None,
        typer.Option(
            metavar="territories|FILE", help="Divide by shares of these inhabitants; else nothing is divided."
        ),
    ] = None,
    census_year: Annotated[
        str | None, typer.Option(metavar="YEAR", help="The year that the codes of the census file are of.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write CSV there, with its account beside it.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Bring a table by commune to the communes of another year, and account for each of its rows."""
    if out and out.resolve() == file.resolve():
        raise UsageError("the new table would replace the old one", where="--out", do="give another file")
    if as_json and not out:
        raise UsageError("--json is the account, and the table needs a file", where="--json", do="give one with -o")
    project = Project.load(Settings.from_environment(data=data))
    language = project.settings.message_language
    table = _Table(file)
    request = Request.of(table.columns, code, sums or (), keep or (), rates or (), by or ())
    stored = stored_territories(project)
    day = _known_day(to, "--to", stored.history) if to else stored.history.last_day
    codes = look(table.rows(), request)
    if not codes.first:
        raise DataError("no row has a code of a commune", where=f"{file}: {code}", do="give the column of the codes")
    vintage = _vintage(year, "--from", stored.history, codes, str(file))
    counted = _census(census, census_year, stored) if census else None
    planner = Planner(stored.history, vintage.years, day, counted)
    account_file = out.with_suffix(".account.csv") if out else None
    with _writing(account_file) as account:
        lines = csv.writer(account, lineterminator="\n") if account else None
        if lines:
            lines.writerow(_ACCOUNT_HEADER)
        tell = partial(_tell, lines) if lines else _ignore
        converted = convert_rows(table.rows(), request, stored.history, planner, codes, day, tell)
    with _writing(out) as target:
        lines = csv.writer(target or sys.stdout, lineterminator="\n")
        lines.writerow(converted.header)
        lines.writerows(converted.rows)
    summary = _summary(file, request, day, vintage, counted, codes, converted, table)
    if out:
        with _writing(out.with_suffix(".account.json")) as target:
            json.dump(summary, target or sys.stdout, ensure_ascii=False, indent=2, sort_keys=True)
    if as_json:
        print_json(summary)
    else:
        for text in _told(summary, table, language):
            err.print(text, highlight=False, markup=False, soft_wrap=True)


class _Table:
    """A file as it is read: its columns, and its rows as often as they are wanted."""

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise DataError("there is no such file", where=str(file), do="check its name")
        self.file = file
        self._layout: Layout
        self._layout, _notes = layout_of(file)
        self.columns = reader.header(file, self._layout)
        self.noticed: list[RowIssue] = []

    def rows(self) -> Iterator[SourceRow | RaggedRow]:
        self.noticed = []
        return reader.read(self.file, self._layout, None, self.noticed.append)


def _known_day(text: str, option: str, history: History) -> str:
    day = day_of(text, option)
    if not FIRST_DAY <= day <= f"{history.last_day[:4]}-12-31":
        raise UsageError(
            f"communes are known from {FIRST_DAY} to {history.last_day}, and {day} is asked for",
            where=option,
            do="give a year between them",
        )
    return day


def _vintage(asked: str, option: str, history: History, codes: Codes, where: str) -> Vintage:
    """The years that the codes are of. Raises DataError where they are of several years that never were together."""
    if asked != GUESS:
        day = _known_day(asked, option, history)
        if not day.endswith("-01-01"):
            raise UsageError(f"{asked} is no year", where=option, do="give a year: its first of January is meant")
        return Vintage((int(day[:4]),), is_told=True)
    vintage = guess(history, codes.first)
    if vintage.is_mixed and not vintage.is_told:
        rows = sorted((codes.first[code], code) for code in vintage.outside)
        named = ", ".join(f"{row} ({code})" for row, code in rows[:_SHOWN]) + (", …" if len(rows) > _SHOWN else "")
        raise DataError(
            f"the year of its codes cannot be told: most could be of {_years(vintage)}, which rows {named} are not of",
            where=where,
            do=f"split the table by year, or give {option} YEAR: rows of another year are then left out and told",
        )
    return vintage


def _years(vintage: Vintage) -> str:
    first, last = vintage.years[0], vintage.years[-1]
    return str(first) if first == last else f"{first}–{last}"


def _census(asked: str, year: str | None, stored: Stored) -> Census:
    """The inhabitants whose shares divide: those of the harvest, or of a file with columns code and population."""
    if asked == "territories":
        return stored.census
    table = _Table(Path(asked))
    for name in ("code", "population"):
        if name not in table.columns:
            raise UsageError(f"no column {name}", where=asked, do="give the census columns named code and population")
    request = Request("code", ("population",))
    codes = look(table.rows(), request)
    vintage = _vintage(year or GUESS, "--census-year", stored.history, codes, asked)
    if len(vintage.years) > 1 and year is None:
        raise UsageError(
            f"the year of the census is not sure: {_years(vintage)}", where=asked, do="give it with --census-year"
        )
    if codes.repeated:
        raise DataError(f"code {next(iter(codes.repeated))} is there twice", where=asked, do="give one row a commune")
    population: dict[str, int] = {}
    for row in table.rows():
        if isinstance(row, RaggedRow):
            continue
        commune = read_code(str(row.values.get("code", ""))).code
        inhabitants = numbers.integer(str(row.values.get("population", ""))).value
        if commune and inhabitants is not None and int(inhabitants) >= 0:
            population[commune] = int(inhabitants)
    return Census(f"{Path(asked).name}, {vintage.years[-1]}", f"{vintage.years[-1]}-01-01", population)


@contextmanager
def _writing(path: Path | None) -> Iterator[TextIO | None]:
    """A file that is there when it is whole; None without a path."""
    if path is None:
        yield None
        return
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as target:
            yield target
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _tell(lines: Any, line: Line) -> None:
    lines.writerows(lines_of([line]))


def _ignore(_line: Line) -> None:
    """Without a file, the account is the summary."""


def _summary(
    file: Path,
    request: Request,
    day: str,
    vintage: Vintage,
    census: Census | None,
    codes: Codes,
    converted: Converted,
    table: _Table,
) -> dict[str, Any]:
    sums = {
        column: {
            "read": decimal_text(balance.read),
            "written": decimal_text(balance.written),
            "withheld": decimal_text(balance.withheld),
            "left_out": {outcome: decimal_text(amount) for outcome, amount in balance.left_out.items()},
            "cells_missing": balance.missing,
            "cells_unclean": balance.unclean,
            "cells_doubtful": balance.doubtful,
        }
        for column, balance in converted.balances.items()
    }
    return {
        "file": str(file),
        "code": request.code,
        "from": {
            "years": [vintage.years[0], vintage.years[-1]],
            "told": vintage.is_told,
            "since": vintage.since,
            "until": vintage.until,
            "outside": {code: codes.first[code] for code in vintage.outside},
        },
        "to": day,
        "census": census.name if census else None,
        "rows_read": sum(converted.outcomes.values()),
        "rows_written": len(converted.rows),
        "outcomes": dict(sorted(converted.outcomes.items())),
        "sums": sums,
        "codes_mended": converted.mended,
        "codes_repeated": codes.repeated,
        "cells_joined": converted.differing,
        "communes_incomplete": converted.incomplete,
        "columns_left_out": [name for name in table.columns if name not in {request.code, *request.columns}],
    }


def _told(summary: dict[str, Any], table: _Table, language: str) -> Iterator[str]:
    """The summary in words, a line each."""
    words = WORDS["en" if language == "en" else "fr"]
    years, told = summary["from"]["years"], summary["from"]["told"]
    span = str(years[0]) if years[0] == years[1] else words["span"].format(*years)
    yield words["head"].format(
        rows=summary["rows_read"],
        file=summary["file"],
        written=summary["rows_written"],
        year=span if told else words["untold"],
        to=summary["to"][:4],
    )
    for bound in ("since", "until"):
        if told and (code := summary["from"][bound]):
            yield "  " + words[bound].format(code=code, year=years[0] if bound == "since" else years[1])
    for outcome, count in sorted(summary["outcomes"].items(), key=lambda item: (item[0] not in CONVERTED, -item[1])):
        yield f"  {count:>9}  {words[outcome]}"
    for column, balance in summary["sums"].items():
        amounts = {"written": balance["written"], "withheld": balance["withheld"], **balance["left_out"]}
        parts = [
            f"{amount.replace('.', words['point'])} ({words[where]})"
            for where, amount in amounts.items()
            if amount != "0" or where == "written"
        ]
        read = balance["read"].replace(".", words["point"])
        yield words["balance"].format(column=column, read=read, parts=" + ".join(parts))
        for kind in ("missing", "unclean", "doubtful"):
            if count := balance[f"cells_{kind}"]:
                yield "  " + words[f"cells_{kind}"].format(count)
    yield from _noted(summary, words)
    for issue in table.noticed:
        told_issue = Issue("", "records", issue.code, None, issue.row, issue.column, None, issue.detail)
        yield f"! {told_issue.message('en' if language == 'en' else 'fr')}"


def _noted(summary: dict[str, Any], words: dict[str, str]) -> Iterator[str]:
    if summary["census"]:
        yield words["census"].format(summary["census"])
    for name in ("codes_mended", "cells_joined", "communes_incomplete"):
        if summary[name]:
            yield words[name].format(summary[name])
    if repeated := summary["codes_repeated"]:
        yield "! " + words["repeated"].format(_listed(f"{code} ({rows})" for code, rows in _first(repeated)))
    if outside := summary["from"]["outside"]:
        yield "! " + words["outside"].format(_listed(f"{row} ({code})" for code, row in outside.items()))
    if summary["columns_left_out"]:
        yield words["columns"].format(", ".join(summary["columns_left_out"]))


def _first(repeated: dict[str, Sequence[int]]) -> Iterator[tuple[str, str]]:
    for code, rows in repeated.items():
        yield code, ", ".join(map(str, rows[:_SHOWN])) + (", …" if len(rows) > _SHOWN else "")


def _listed(items: Iterable[str]) -> str:
    found = list(items)
    return ", ".join(found[:_SHOWN]) + (f", … ({len(found)})" if len(found) > _SHOWN else "")
