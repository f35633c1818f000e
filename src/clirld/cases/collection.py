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
from clirld.cases.raw import Place, Problem, Raw
from clirld.cases.values import Values
from clirld.errors import FetchError, ReadError
from clirld.read.rows import SourceRow
from clirld.vocabulary.terms import Vocabulary

ENDINGS = (".md", ".xlsx")
"""What a case may be written in."""

COLUMNS = ("case", "table", "identifier", "page", "values")
"""Columns of a row: the case, the table the fact goes to, its identifier, its document, its values as JSON."""


def files(folder: Path) -> list[Path]:
    """The cases of a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix in ENDINGS and path.name[0] not in ".~_")


def archive(folder: Path) -> bytes:
    """The cases of a folder as a tar file without times and owners. Raises FetchError where there is none."""
    found = files(folder)
    if not found:
        raise FetchError("no case here", where=str(folder), do="start one with “clirld case new NAME”")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in found:
            content = path.read_bytes()
            entry = tarfile.TarInfo(path.name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def raw(content: bytes, path: Path, shown: str) -> Raw:
    """A case as its file says it, before it is checked."""
    reader = sheet.read if path.suffix == ".xlsx" else markdown.read
    return reader(content, path.stem, shown)


def check(contents: Mapping[Path, bytes], values: Values, *, source: str, others: Iterable[str] = ()) -> list[Facts]:
    """The facts of cases, with what is wrong in each and between them. `others`: cases they may refer to."""
    slugs = {path.stem for path in contents} | set(others)
    read = [
        facts(raw(content, path, str(path)), values, source=source, cases=slugs) for path, content in contents.items()
    ]
    conflicts = _conflicts(read)
    return [
        replace(
            one, rows=() if conflicts[one.raw.file] else one.rows, problems=(*one.problems, *conflicts[one.raw.file])
        )
        for one in read
    ]


def rows(path: Path, vocabulary: Vocabulary, source: str) -> Iterator[SourceRow]:
    """The facts of the cases in an archive. Raises ReadError, with the first problem, where there are any."""
    try:
        with tarfile.open(path) as tar:
            contents = {Path(entry.name): _bytes(tar, entry) for entry in tar.getmembers()}
    except tarfile.TarError as problem:
        raise ReadError(f"not an archive of cases: {problem}", where=str(path), do="run the source again") from None
    read = check(contents, Values(vocabulary), source=source)
    problems = [problem for one in read for problem in one.problems]
    if problems:
        first = problems[0]
        raise ReadError(
            f"{first.message('en')} ({len(problems)} problems in the cases)",
            where=first.place.text("en"),
            do="see all of them with “clirld case check all”",
        )
    for number, (case, row) in enumerate(((one.raw.slug, row) for one in read for row in one.rows), start=1):
        yield SourceRow(number, dict(zip(COLUMNS, _cells(case, row), strict=True)))


def _bytes(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    member = tar.extractfile(entry)
    return member.read() if member else b""


def _cells(case: str, row: Row) -> tuple[str, ...]:
    return case, row.table, row.identifier, row.page, json.dumps(row.values, ensure_ascii=False, sort_keys=True)


def _conflicts(read: Iterable[Facts]) -> dict[str, list[Problem]]:
    """What two cases cannot both say, by the later one's file: its name, or how something they share is called."""
    files_of: dict[str, str] = {}
    known: dict[str, tuple[str, str]] = {}
    found: dict[str, list[Problem]] = {}
    for one in read:
        file = one.raw.file
        problems = found.setdefault(file, [])
        if (other := files_of.setdefault(one.raw.slug, file)) != file:
            problems.append(Problem("case-twice", Place(file), {"value": one.raw.slug, "file": other}))
            continue
        for row in one.rows:
            if row.table in ("organization", "programme"):
                name = str(row.values["name"])
                before, where = known.setdefault(f"{row.table} {row.values['key']}", (name, file))
                if before != name:
                    detail = {"value": name, "other": before, "file": where}
                    problems.append(Problem("named-twice", row.place, detail))
    return found
