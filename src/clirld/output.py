"""What the records stage leaves: the canonical tables, the issues, and the account of every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO

import polars as pl

from clirld import reasons
from clirld.accounts import Account, LeftOut
from clirld.cells import Note
from clirld.entities import Block, local_key
from clirld.issues import Issue
from clirld.parts import PartWriter
from clirld.snapshot import Snapshot
from clirld.tables import Tables

_CACHE = 10_000
"""Issues remembered but for their row: the same are found again and again, and messages take long to write."""

_ROW = '"row": 0'


@dataclass(slots=True)
class Output:
    """Takes what is made of the rows of one source, in their order."""

    source: str
    snapshots: Mapping[str, Snapshot]
    tables: Tables
    writer: PartWriter
    log: TextIO
    account: Account = field(init=False)
    identifiers: set[str] = field(default_factory=set)
    """Those of the records made so far."""
    _lines: dict[tuple[str | None, ...], tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.account = Account(self.source)

    def tell(self, distribution: str, row: int | None, column: str | None, note: Note) -> None:
        """Write an issue."""
        self.log.write(self.line(distribution, row, column, note))

    def line(self, distribution: str, row: int | None, column: str | None, note: Note) -> str:
        """The line of an issue."""
        key = (note.code, distribution, column, note.value, *note.detail.values())
        known = self._lines.get(key) if row is not None else None
        if known is None:
            place = None if row is None else 0
            issue = Issue(self.source, "records", note.code, distribution, place, column, note.value, note.detail)
            before, _, after = issue.as_json().partition(_ROW)  # within a text its marks would be escaped
            if row is None:
                return before + "\n"
            if len(self._lines) >= _CACHE:
                self._lines.clear()
            known = self._lines[key] = (before + _ROW[:-1], after + "\n")
        return f"{known[0]}{row}{known[1]}"

    def drop(self, distribution: str, row: int, reason: str, identifier: str) -> None:
        """Leave a row out that makes nothing, and say so."""
        self.account.leave_out(LeftOut(distribution, row, reason, identifier))
        why = reasons.both(reason)
        detail = {"reason": reason, "why": why["fr"], "why_en": why["en"]}
        self.tell(distribution, row, None, Note("row-dropped", identifier or None, detail))

    def keep(self, blocks: Sequence[Block], kept: Sequence[bool]) -> None:
        """Write canonical rows: those of blocks whose given rows are `kept`."""
        everything = all(kept)
        for block in blocks:
            mask = pl.Series([kept[n] for n in block.at], dtype=pl.Boolean())
            self.writer.add(block.table, block.frame if everything else block.frame.filter(mask))

    def records(self, found: Sequence[tuple[str, int, str, str | None]]) -> None:
        """Write records: distribution, row, identifier and page of each."""
        if not found:
            return
        distributions, rows, identifiers, pages = zip(*found, strict=True)
        keys = [f"{self.source}-{local_key(identifier)}" for identifier in identifiers]
        frame = pl.DataFrame(
            {
                "key": keys,
                "record": keys,
                "source": [self.source] * len(keys),
                "row": rows,
                "identifier": identifiers,
                "distribution": distributions,
                "page": pages,
                "retrieved": [self.snapshots[name].retrieved for name in distributions],
            },
            schema_overrides={"page": pl.String()},
        )
        empty = {name: pl.lit(None, dtype) for name, dtype in self.tables["record"].schema.items()}
        frame = frame.with_columns(**{name: one for name, one in empty.items() if name not in frame.columns})
        self.writer.add("record", frame.select(list(empty)))
