"""A folder of cases as one file, always the same bytes for the same cases; and that file as rows of the source.

A row is one fact: so every fact of every case is published, held back or dropped, and told of.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from clirld.cases import markdown, sheet
from clirld.cases.facts import Facts, Row, facts
from clirld.cases.raw import Location, Problem, RawCase
from clirld.cases.values import Values
from clirld.errors import FetchError, ReadError
from clirld.read.rows import SourceRow
from clirld.vocabulary.terms import Vocabulary

SUFFIXES = (".md", ".xlsx")
"""What a case may be written in."""

COLUMNS = ("case", "table", "identifier", "page", "checked", "checked_on", "values")
"""Columns of a row: the case, the table the fact goes to, its identifier, its document, what was found when it was read
again and when, its values as JSON."""


def files(folder: Path) -> list[Path]:
    """The cases of a folder, by name."""
    # Hidden files and the lock files of office suites (.~lock, ~$) are no cases; a leading _ sets a file aside.
    return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.name[0] not in ".~_")


def archive(folder: Path) -> bytes:
    """The cases of a folder as a tar file without times and owners. Raises FetchError where there is none."""
    paths = files(folder)
    if not paths:
        raise FetchError("no case here", where=str(folder), do="start one with “clirld case new NAME”")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in paths:
            content = path.read_bytes()
            # TarInfo's own defaults: time 0, owner 0 and mode 0644, whatever those of the file are.
            entry = tarfile.TarInfo(path.name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def read_case(content: bytes, path: Path, shown: str) -> RawCase:
    """A case as its file says it, before it is checked."""
    reader = sheet.read if path.suffix == ".xlsx" else markdown.read
    return reader(content, path.stem, shown)


def check(contents: Mapping[Path, bytes], values: Values, *, source: str, others: Iterable[str] = ()) -> list[Facts]:
    """The facts of cases, with what is wrong in each and between them. `others`: cases they may refer to."""
    slugs = {path.stem for path in contents} | set(others)
    cases = [
        facts(read_case(content, path, str(path)), values, source=source, cases=slugs)
        for path, content in contents.items()
    ]
    conflicts = _conflicts(cases)
    return [
        replace(
            case,
            rows=() if conflicts[case.raw.file] else case.rows,
            problems=(*case.problems, *conflicts[case.raw.file]),
        )
        for case in cases
    ]


def rows(path: Path, vocabulary: Vocabulary, source: str) -> Iterator[SourceRow]:
    """The facts of the cases in an archive. Raises ReadError, with the first problem, where there are any."""
    try:
        with tarfile.open(path) as tar:
            contents = {Path(entry.name): _bytes(tar, entry) for entry in tar.getmembers()}
    except tarfile.TarError as problem:
        raise ReadError(f"not an archive of cases: {problem}", where=str(path), do="run the source again") from None
    cases = check(contents, Values(vocabulary), source=source)
    problems = [problem for case in cases for problem in case.problems]
    if problems:
        first = problems[0]
        raise ReadError(
            f"{first.message('en')} ({len(problems)} problems in the cases)",
            where=first.location.text("en"),
            do="see all of them with “clirld case check all”",
        )
    facts_of_cases = ((case.raw.slug, row) for case in cases for row in case.rows)
    for number, (slug, row) in enumerate(facts_of_cases, start=1):
        yield SourceRow(number, dict(zip(COLUMNS, _cells(slug, row), strict=True)))


def _bytes(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    member = tar.extractfile(entry)
    return member.read() if member else b""


def _cells(slug: str, row: Row) -> tuple[str, ...]:
    values = json.dumps(row.values, ensure_ascii=False, sort_keys=True)
    return slug, row.table, row.identifier, row.page, row.checked, row.checked_on, values


def _conflicts(cases: Iterable[Facts]) -> dict[str, list[Problem]]:
    """What two cases cannot both say, by the later one's file: its name, or how something they share is called."""
    files_of: dict[str, str] = {}
    names_by_key: dict[str, tuple[str, str]] = {}
    problems_by_file: dict[str, list[Problem]] = {}
    for case in cases:
        file = case.raw.file
        problems = problems_by_file.setdefault(file, [])
        if (other := files_of.setdefault(case.raw.slug, file)) != file:
            problems.append(Problem("case-twice", Location(file), {"value": case.raw.slug, "file": other}))
            continue
        for row in case.rows:
            if row.table in ("organization", "programme"):
                name = str(row.values["name"])
                first_name, first_file = names_by_key.setdefault(f"{row.table} {row.values['key']}", (name, file))
                if first_name != name:
                    detail = {"value": name, "other": first_name, "file": first_file}
                    problems.append(Problem("named-twice", row.location, detail))
    return problems_by_file
