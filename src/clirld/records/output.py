"""What the records stage leaves: the canonical tables, the issues, and the account of every row."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO

import polars as pl

from clirld.issues import Issue
from clirld.records import reasons
from clirld.records.accounts import Account, LeftOut
from clirld.records.cells import Note
from clirld.records.entities import Block, local_key
from clirld.records.parts import PartWriter
from clirld.snapshot.store import Snapshot
from clirld.values.text import without_contacts
from clirld.vocabulary.tables import Tables

_HOLES = "\ue000\ue001\ue002\ue003\ue004\ue005\ue006\ue007\ue008\ue009"
"""Signs without meaning (Unicode's private use) for what differs in the lines of a kind of issue; the last: the row."""

_HOLE = re.compile(f"([{_HOLES}])")


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
    _lines: dict[tuple[object, ...], list[str]] = field(default_factory=dict)
    """Lines of issues in pieces, by kind."""

    def __post_init__(self) -> None:
        self.account = Account(self.source)

    def tell(self, distribution: str, row: int | None, column: str | None, note: Note) -> None:
        """Write an issue."""
        self.log.write(self.line(distribution, row, column, note))

    def line(self, distribution: str, row: int | None, column: str | None, note: Note) -> str:
        """The line of an issue, as `Issue.as_json` writes it: what is the same in all of a kind is written once."""
        texts = [note.value or "", *note.detail.values()]
        kind = (note.code, distribution, row is None, column, note.value is None, *note.detail)
        pieces = self._lines.get(kind)
        if pieces is None:
            value = None if note.value is None else _HOLES[0]
            detail = dict(zip(note.detail, _HOLES[1:], strict=False))
            place = None if row is None else 0
            issue = Issue(self.source, "records", note.code, distribution, place, column, value, detail)
            # Marks within a text would be escaped: this is the row.
            pieces = self._lines[kind] = _HOLE.split(issue.as_json().replace('"row": 0', f'"row": {_HOLES[-1]}') + "\n")
        given = [json.dumps(without_contacts(text), ensure_ascii=False)[1:-1] for text in texts]
        return "".join(
            piece if n % 2 == 0 else str(row) if piece == _HOLES[-1] else given[_HOLES.index(piece)]
            for n, piece in enumerate(pieces)
        )

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
            }
        )
        self.writer.add("record", self.tables["record"].conform(frame))
