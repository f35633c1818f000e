"""What the records stage leaves: the canonical tables, the issues, and the account of every row."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TextIO

import polars as pl

from clirld.issues import Issue
from clirld.records import reasons
from clirld.records.accounts import Account, CountedRows, ExcludedRow
from clirld.records.cells import CellIssue
from clirld.records.entities import Block
from clirld.records.erasure.erasure_list import Request
from clirld.records.erasure.matching import MAYBE_ERASED, TWINS_FILE, UNDECIDED_FILE
from clirld.records.parquet_parts import PartWriter
from clirld.records.table_files import record_hash
from clirld.settings import BASE
from clirld.snapshot.store import Snapshot
from clirld.values.personal_data import without_personal_data
from clirld.values.persons.identifiers import local_key
from clirld.vocabulary.tables import Tables

# One for the value, eight for details, one for the row.
_PLACEHOLDERS = "\ue000\ue001\ue002\ue003\ue004\ue005\ue006\ue007\ue008\ue009"
"""Signs without meaning (Unicode's private use) for what differs in the lines of a kind of issue; the last: the row."""

_PLACEHOLDER = re.compile(f"([{_PLACEHOLDERS}])")


class RecordRow(NamedTuple):
    """A record: where it was read, its identifier, its page, and what a check against that page found, and when.

    `others` are further (distribution, row) pairs, of a record that is made of several rows.
    """

    distribution: str
    row: int
    identifier: str
    page: str | None
    checked: str | None = None
    checked_on: str | None = None
    others: Sequence[tuple[str, int]] = ()


@dataclass(slots=True)
class Output:
    """Takes what is made of the rows of one source, in their order."""

    source: str
    snapshots: Mapping[str, Snapshot]
    tables: Tables
    writer: PartWriter
    issue_file: TextIO
    account: Account = field(init=False)
    identifiers: set[str] = field(default_factory=set)
    """Those of the records made so far."""
    withdrawn: array[int] = field(default_factory=lambda: array("Q"))
    """Hashes of the records left out unnamed."""
    twins: set[Request] = field(default_factory=set)
    """Other numbers of legal units that are to be left out."""
    _undecided: list[dict[str, str | int]] = field(default_factory=list)
    _line_templates: dict[tuple[object, ...], list[str]] = field(default_factory=dict)
    """Lines of issues in pieces, by kind."""

    def __post_init__(self) -> None:
        self.account = Account(self.source)

    def add_issue(self, distribution: str, row: int | None, column: str | None, issue: CellIssue) -> None:
        """Write an issue."""
        self.issue_file.write(self.issue_line(distribution, row, column, issue))

    def issue_line(self, distribution: str, row: int | None, column: str | None, issue: CellIssue) -> str:
        """The line of an issue, as `Issue.as_json` writes it: what is the same in all of a kind is written once."""
        texts = [issue.value or "", *issue.detail.values()]
        kind = (issue.code, distribution, row is None, column, issue.value is None, *issue.detail)
        pieces = self._line_templates.get(kind)
        if pieces is None:
            value = None if issue.value is None else _PLACEHOLDERS[0]
            detail = dict(zip(issue.detail, _PLACEHOLDERS[1:], strict=False))
            row_number = None if row is None else 0
            full_issue = Issue(self.source, "records", issue.code, distribution, row_number, column, value, detail)
            # Marks within a text would be escaped: this is the row.
            pieces = self._line_templates[kind] = _PLACEHOLDER.split(
                full_issue.as_json().replace('"row": 0', f'"row": {_PLACEHOLDERS[-1]}') + "\n"
            )
        escaped = list(map(_escaped, texts))
        # Splitting by a pattern with a group gives text and placeholder in turn.
        return "".join(
            piece if n % 2 == 0 else str(row) if piece == _PLACEHOLDERS[-1] else escaped[_PLACEHOLDERS.index(piece)]
            for n, piece in enumerate(pieces)
        )

    def drop_row(self, distribution: str, row: int, reason: str, identifier: str) -> None:
        """Leave a row out that makes nothing, and say so."""
        self.account.exclude(ExcludedRow(distribution, row, reason, identifier))
        why = reasons.labels_by_language(reason)
        detail = {"reason": reason, "why": why["fr"], "why_en": why["en"]}
        self.add_issue(distribution, row, None, CellIssue("row-dropped", identifier or None, detail))

    def withdraw_row(self, distribution: str, reason: str, identifier: str, outcome: str = "dropped") -> None:
        """Leave a row out without naming it."""
        self.account.count_excluded(CountedRows(distribution, reason, outcome))
        if identifier:
            self.withdrawn.append(record_hash(f"{self.source}-{local_key(identifier)}"))

    def hold_for_a_person(self, distribution: str, row: int, identifier: str) -> None:
        """Hold a row back that may be an erased record's under another identifier, and say so without naming it."""
        self.withdraw_row(distribution, MAYBE_ERASED, identifier, "held")
        self._undecided.append({"distribution": distribution, "row": row, "identifier": identifier})
        self.add_issue(distribution, None, None, CellIssue(MAYBE_ERASED, None, {}))

    def write_erasing(self, out: Path) -> None:
        """Write what a person has to decide, and the other numbers of what is to be left out; neither is published."""
        twins = [twin._asdict() for twin in sorted(self.twins, key=lambda twin: twin.hash)]
        for name, entries in ((UNDECIDED_FILE, self._undecided), (TWINS_FILE, twins)):
            lines = (json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n" for entry in entries)
            (out / name).write_text("".join(lines), encoding="utf-8")

    def write_rows(self, blocks: Sequence[Block], is_kept: Sequence[bool]) -> None:
        """Write canonical rows: those of blocks whose given rows are `is_kept`."""
        keeps_all = all(is_kept)
        for block in blocks:
            mask = pl.Series([is_kept[n] for n in block.row_indexes], dtype=pl.Boolean())
            self.writer.add(block.table, block.frame if keeps_all else block.frame.filter(mask))

    def write_records(self, records: Sequence[RecordRow]) -> None:
        """Write records."""
        if not records:
            return
        distributions, rows, identifiers, pages, checked, checked_on, others = zip(*records, strict=True)
        files = {name: snapshot.key for name, snapshot in self.snapshots.items()}
        keys = [f"{self.source}-{local_key(identifier)}" for identifier in identifiers]
        frame = pl.DataFrame(
            {
                "key": keys,
                "record": keys,
                "source": [self.source] * len(keys),
                "row": rows,
                "identifier": identifiers,
                "distribution": distributions,
                "file": [files[name] for name in distributions],
                "other_rows": [[row_iri(files[name], row) for name, row in pairs] or None for pairs in others],
                "page": pages,
                "checked": checked,
                "checked_on": checked_on,
                "retrieved": [self.snapshots[name].retrieved for name in distributions],
            },
            schema_overrides={"other_rows": pl.List(pl.String())},
        )
        self.writer.add("record", self.tables["record"].conform(frame))


# Most of what is told is the same in many rows: labels, codes, names of communes.
@lru_cache(maxsize=10_000)
def _escaped(text: str) -> str:
    """A text without personal data, as it stands between the quotes of a JSON string."""
    return json.dumps(without_personal_data(text), ensure_ascii=False)[1:-1]


def row_iri(file: str, row: int) -> str:
    """A row of a file as it was retrieved, named as RFC 7111 names the rows of a CSV file, whatever the format."""
    return f"{BASE}id/distribution/{file}#row={row}"
