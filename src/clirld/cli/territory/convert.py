"""`clirld territory convert`: a table by commune, brought to the communes of another year."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from clirld.cli.terminal import AsJson, Data, err, print_json
from clirld.cli.territory import account as accounts
from clirld.cli.territory.harvested import known_day, stored_territories
from clirld.cli.territory.table import Dialect, Table, check_place, writing
from clirld.cli.territory.words import WORDS
from clirld.errors import DataError, UsageError
from clirld.project import Project
from clirld.read.rows import RaggedRow
from clirld.settings import Settings
from clirld.territory.amounts import decimal_mark
from clirld.territory.codes import read_code
from clirld.territory.convert import Codes, Converted, Line, convert_rows, lines_of, look
from clirld.territory.history import History
from clirld.territory.request import Request
from clirld.territory.shares import Planner
from clirld.territory.stored import Census, Stored
from clirld.territory.vintage import Vintage, declared, guess
from clirld.values import numbers

GUESS = "guess"

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
    delimiter: Annotated[
        str | None, typer.Option(metavar="SIGN", help="Between cells: ; or , or tab; else that of the table.")
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(metavar="SIGN", help="Before decimals: . or , – else that of the table.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Bring a table by commune to the communes of another year, and account for each of its rows."""
    if as_json and not out:
        raise UsageError("--json is the account, and the table needs a file", where="--json", do="give one with -o")
    if out:
        check_place(out, file)
    project = Project.load(Settings.from_environment(data=data))
    language = project.settings.message_language
    table = Table(file)
    dialect = Dialect.of(table.layout, None, language).asked(delimiter, decimal)
    request = Request.of(table.columns, code, sums or (), keep or (), rates or (), by or ())
    stored = stored_territories(project)
    day = known_day(to, "--to", stored.history) if to else stored.history.last_day
    codes = look(table.rows(), request)
    if not codes.first:
        raise DataError("no row has a code of a commune", where=f"{file}: {code}", do="give the column of the codes")
    vintage = _vintage(year, "--from", stored.history, codes, str(file))
    counted = _census(census, census_year, stored) if census else None
    planner = Planner(stored.history, vintage.years, day, counted)
    account = accounts.Account()
    with writing(out.with_suffix(".account.csv") if out else None) as target:
        lines = dialect.writer(target) if target else None
        if lines:
            lines.writerow(accounts.header(language))

        def take(line: Line) -> None:
            account.take(line)
            if lines:
                lines.writerows(accounts.in_words(cells, language) for cells in lines_of([line]))

        converted = convert_rows(table.rows(), request, stored.history, planner, codes, day, take)
        _check_numbers(converted, file)
    mark = decimal_mark([*converted.balances.values()])
    dialect = Dialect.of(table.layout, mark, language).asked(delimiter, decimal)
    with writing(out) as target:
        rows = dialect.writer(target or sys.stdout)
        rows.writerow([converted.header[0], WORDS[language]["name"].format(day[:4]), *converted.header[2:]])
        rows.writerows(dialect.cells(row, converted.numbers) for row in converted.rows)
    summary = accounts.summary(file, request, day, vintage, counted, codes, converted, account, table)
    if out:
        with writing(out.with_suffix(".account.json")) as target:
            json.dump(summary, target or sys.stdout, ensure_ascii=False, indent=2, sort_keys=True)
    if as_json:
        print_json(summary)
    else:
        for text in accounts.told(summary, vintage, table, language):
            err.print(text, highlight=False, markup=False, soft_wrap=True)


def _check_numbers(converted: Converted, file: Path) -> None:
    """Raise DataError for a column that is to be added up and has texts only."""
    for column, balance in converted.balances.items():
        if balance.unclean and not balance.numbers:
            row, text = balance.examples[0]
            raise DataError(
                f"column {column} has no number: row {row} has “{text[:40]}”",
                where=str(file),
                do="give columns of numbers to --sum and --rate; --keep takes texts",
            )


def _vintage(asked: str, option: str, history: History, codes: Codes, where: str) -> Vintage:
    """The years that the codes are of, or are said to be of.

    Raises DataError where they are of several years that never were together.
    """
    if asked != GUESS:
        day = known_day(asked, option, history)
        if not day.endswith("-01-01"):
            raise UsageError(f"{asked} is no year", where=option, do="give a year: its first of January is meant")
        return declared(history, codes.first, int(day[:4]))
    vintage = guess(history, codes.first)
    if vintage.is_mixed and not vintage.is_told:
        rows = sorted((codes.first[code], code) for code in vintage.outside)
        named = ", ".join(f"{row} ({code})" for row, code in rows[: accounts.SHOWN]) + (
            ", …" if len(rows) > accounts.SHOWN else ""
        )
        raise DataError(
            f"the year of its codes cannot be told: most could be of {_years(vintage)}, which rows {named} are not of",
            where=where,
            do=f"split the table by year, or give {option} YEAR: rows of another year are then left out and told",
        )
    return vintage


def _years(vintage: Vintage) -> str:
    return ", ".join(str(one) if one == two else f"{one}–{two}" for one, two in accounts.spans(vintage.years))


def _census(asked: str, year: str | None, stored: Stored) -> Census:
    """The inhabitants whose shares divide: those of the harvest, or of a file with columns code and population."""
    if asked == "territories":
        return stored.census
    table = Table(Path(asked))
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
