"""Queries that somebody relies on: `queries/registered/<id>.yaml` says who, and on what; `<id>.rq` is the query.

    title: {fr: …, en: …}      what it is for
    by: …                      the organization that relies on it; never a person
    contact: https://…         where it is reached: a page, never an e-mail address
    columns: [a, b]            columns that have a value in at least one row
    rows: 10                   at least so many rows
    seconds: 2                 it is answered within so long; may be left out

out: what is registered, and what a release gives for it (`findings`). The guard is `clirld.release.registered`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from clirld import stages, yamlfile
from clirld.errors import QueryError
from clirld.query.evaluate import check
from clirld.query.failure import Failure
from clirld.query.select import selected

FOLDER = "registered"
"""In the folder of the queries."""

_DO = "see queries/registered/README.md"
_WANTED = {"title", "by", "contact", "columns", "rows"}
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Registered:
    """A query and what is relied on."""

    id: str
    title: Mapping[str, str]
    by: str
    contact: str
    columns: tuple[str, ...]
    rows: int
    seconds: float | None
    text: str

    @property
    def fingerprint(self) -> str:
        """Of the query and of what is relied on: who says it may change its contact."""
        return stages.fingerprint(self.text, repr((self.columns, self.rows, self.seconds)))


@dataclass(frozen=True, slots=True)
class Given:
    """What a release gives: its rows, the columns that have a value, how long it took; or why nothing."""

    rows: int = 0
    columns: tuple[str, ...] = ()
    seconds: float = 0.0
    error: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is relied on and not given: `kind` is error, column, rows or seconds.

    `of` is the column; `relied` and `given` are numbers where there are some.
    """

    kind: str
    of: str = ""
    relied: float | None = None
    given: float | None = None
    said: Mapping[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        """What a manifest says of it."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


def load(queries: Path) -> list[Registered]:
    """All that are registered in the folder of the queries, by id. Raises QueryError where one is not right."""
    folder = queries / FOLDER
    for path in sorted(folder.glob("*.rq")):
        if not path.with_suffix(".yaml").is_file():
            do = f"say in {path.stem}.yaml who relies on what"
            raise QueryError("nobody is said to rely on this query", where=str(path), do=do)
    return [_registered(path) for path in sorted(folder.glob("*.yaml"))]


def _registered(path: Path) -> Registered:
    said = yamlfile.load(path, QueryError)
    data: dict[str, Any] = said.data
    if not _ID.fullmatch(path.stem):
        raise QueryError(
            "the name is not of small letters, digits and hyphens", where=str(path), do="rename both files"
        )
    if missing := _WANTED - data.keys():
        raise QueryError(f"not said: {', '.join(sorted(missing))}", where=str(path), do=_DO)
    if unknown := data.keys() - _WANTED - {"seconds"}:
        raise QueryError(f"not known: {', '.join(sorted(unknown))}", where=said.where([min(unknown)]), do=_DO)
    title, columns, rows, seconds = (data.get(name) for name in ("title", "columns", "rows", "seconds"))
    if not (isinstance(title, dict) and set(title) == {"fr", "en"} and all(title.values())):
        raise QueryError("the title is not in French and English", where=said.where(["title"]), do=_DO)
    contact = str(data["contact"])
    if "@" in contact or urlsplit(contact).scheme not in ("http", "https"):
        raise QueryError("the contact is not the address of a page", where=said.where(["contact"]), do=_DO)
    if not str(data["by"] or "").strip() or "@" in str(data["by"]):
        raise QueryError("no organization is named", where=said.where(["by"]), do=_DO)
    if not (isinstance(columns, list) and columns and all(isinstance(name, str) for name in columns)):
        raise QueryError("no columns are listed", where=said.where(["columns"]), do=_DO)
    if not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
        raise QueryError("rows is not a whole number", where=said.where(["rows"]), do=_DO)
    if seconds is not None and (not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds <= 0):
        raise QueryError("seconds is not a number above zero", where=said.where(["seconds"]), do=_DO)
    text, selects = _query(path.with_suffix(".rq"))
    if absent := [name for name in columns if name not in selects]:
        do = f"take from: {', '.join(selects)}"
        raise QueryError(f"the query has no column {absent[0]}", where=said.where(["columns"]), do=do)
    return Registered(path.stem, title, str(data["by"]).strip(), contact, tuple(columns), rows, seconds, text)


def _query(path: Path) -> tuple[str, list[str]]:
    """The text of a query, and the columns that it selects."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise QueryError("the query is not there", where=str(path), do="put the query into this file") from None
    except UnicodeDecodeError:
        raise QueryError("the file is not UTF-8", where=str(path), do="save the file as UTF-8") from None
    parsed = check(text)
    if isinstance(parsed, Failure):
        raise parsed.error(str(path))
    if parsed.form != "select":
        raise QueryError("only a SELECT can be registered", where=str(path), do="ask for rows and columns")
    if parsed.volatile:
        raise QueryError("its answer changes by itself", where=str(path), do="leave out NOW, RAND, UUID and STRUUID")
    try:
        return text, selected(text)
    except SyntaxError as problem:
        raise QueryError(f"not SPARQL: {problem.msg}", where=str(path), do="correct the syntax there") from None


def given(answer: bytes, seconds: float) -> Given:
    """What an answer in CSV gives."""
    lines = csv.reader(io.StringIO(answer.decode("utf-8"), newline=""))
    header = next(lines, [])
    rows, filled = 0, set[int]()
    for line in lines:
        rows += 1
        if len(filled) < len(header):
            filled.update(number for number, value in enumerate(line) if value)
    return Given(rows, tuple(name for number, name in enumerate(header) if number in filled), seconds)


def findings(registered: Registered, gives: Given) -> list[Finding]:
    """What is relied on and not given; none where all is."""
    if gives.error is not None:
        return [Finding("error", said=gives.error)]
    # Where there are no rows no column has a value: that there are none says it.
    columns = [name for name in registered.columns if name not in gives.columns] if gives.rows else []
    found = [Finding("column", of=name) for name in columns]
    least = max(registered.rows, 1)  # a column with a value takes a row
    if gives.rows < least:
        found.append(Finding("rows", relied=least, given=gives.rows))
    if registered.seconds is not None and gives.seconds > registered.seconds:
        found.append(Finding("seconds", relied=registered.seconds, given=round(gives.seconds, 1)))
    return found
