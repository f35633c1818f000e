"""An export of OpenRefine, CSV or TSV, as judgements: what a person matched there, row by row.

The record of the row and the match are two records of a release; `cell.recon.judgment` and `cell.recon.judgmentAction`
are what OpenRefine keeps of a cell (https://openrefine.org/docs/manual/reconciling). What it matched by itself (`auto`)
is a machine's opinion, and no judgement.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from clirld.errors import UsageError
from clirld.french import french
from clirld.issues import Issue
from clirld.link.judgements.judgement import Judgement, Says, free_text, short_name

COLUMNS = {"record": "record", "match": "match", "judgment": "judgment", "action": "action", "comment": "comment"}
"""The columns that are read, and what they are called unless another name is given; the first two must be there."""

_SAYS: Mapping[str, Says | None] = {"matched": "same", "true": "same", "new": "different", "none": None, "false": None}
_AUTOMATIC = "auto"


@dataclass(slots=True)
class Imported:
    """Judgements of an export, the issues of its rows, and how many say nothing, by reason."""

    judgements: list[Judgement] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def read(path: Path, columns: Mapping[str, str], by: str, day: date) -> Imported:
    """What `by` judged in OpenRefine. Raises UsageError for a file that is no table, or lacks a column."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(
            "the file cannot be read as text in UTF-8", where=str(path), do="export it from OpenRefine as CSV or TSV"
        ) from problem
    separator = "\t" if "\t" in text.partition("\n")[0] else ","
    # Strict: a quote that is not closed would else make one cell of all that follows.
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    there = [] if "\0" in text else list(rows.fieldnames or ())
    for name in ("record", "match"):
        if columns[name] not in there:
            raise UsageError(
                f"there is no column {columns[name]}", where=str(path),
                do="name the columns: --record, --match (docs/linking.md says how to export them)",
            )  # fmt: skip
    found = Imported()
    try:
        for row in rows:
            cells = {name: (row.get(column) or "").strip() for name, column in columns.items()}
            _take(cells, rows.line_num, found, path.name, columns["judgment"] in there, by, day)
    except csv.Error as problem:
        raise UsageError(
            f"the file is no table: {problem}", where=str(path), do="export it from OpenRefine as CSV or TSV"
        ) from problem
    return found


def _take(
    cells: Mapping[str, str], number: int, found: Imported, name: str, has_judgment: bool, by: str, day: date
) -> None:
    def unreadable(value: str, fr: str, en: str) -> None:
        detail = {"why": fr, "why_en": en}
        issue = Issue("judgements", "link", "match-unreadable", name, number, value=value[:200], detail=detail)
        found.issues.append(issue)

    judgment = cells["judgment"].lower() if has_judgment else "matched"
    if judgment not in _SAYS:
        unreadable(cells["judgment"], "ni matched, ni new, ni none", "neither matched nor new nor none")
        return
    says = _SAYS[judgment]
    if cells["action"].lower() == _AUTOMATIC:
        found.left_out["auto"] += 1
        return
    if says is None or not cells["match"]:
        found.left_out["undecided"] += 1
        return
    try:
        one, other = short_name(cells["record"]), short_name(cells["match"])
        comment = free_text(cells["comment"], name)
    except UsageError as problem:
        unreadable(f"{cells['record']} {cells['match']}", french(problem.what), problem.what)
        return
    if one == other or one.partition(":")[0] != other.partition(":")[0]:
        unreadable(f"{one} {other}", "la même fiche, ou une initiative et une organisation",
                   "the same record, or an initiative and an organization")  # fmt: skip
        return
    found.judgements.append(Judgement(says, one, other, by, day, comment, f"OpenRefine, {number}").named())
