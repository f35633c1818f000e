"""Which records of a release are one thing: by official numbers, and by what people judged; and what contradicts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from clirld.issues import Issue
from clirld.link import identifiers
from clirld.link.identifiers import Numbered
from clirld.link.judgements import sssom
from clirld.link.judgements.resolve import Resolved, resolve


@dataclass(frozen=True, slots=True)
class Identity:
    """Records by table (`records.SCHEMA`), what numbers join, what people join, and issues of both."""

    compared: Mapping[str, pl.DataFrame]
    numbered: Sequence[Numbered] = ()
    resolved: Resolved = field(default_factory=Resolved)
    issues: Sequence[Issue] = ()

    def sources(self) -> dict[str, list[str]]:
        """The sources that have a record, by its short name, of those that people said something of."""
        named = {name for one in self.resolved.holding for name in one.pair}
        named |= {name for one in self.resolved.groups for name in one.members}
        found: dict[str, list[str]] = {}
        for table, frame in self.compared.items():
            keys = [name.partition(":")[2] for name in named if name.startswith(f"{table}:")]
            for key, source in frame.filter(pl.col("key").is_in(keys)).select("key", "source").iter_rows():
                found.setdefault(f"{table}:{key}", []).append(source)
        return found


def identity(compared: Mapping[str, pl.DataFrame], ended: pl.DataFrame, judgements: Path) -> Identity:
    """Who is who among the records of a release; `ended` has `kind`, `key` and `replaced_by` of records that are gone.

    `judgements` is the folder of what people said.
    """
    numbered = identifiers.numbered(compared["organization"])
    ledger = sssom.read(judgements)
    named = {name for one in ledger.judgements for name in one.pair}
    resolved = resolve(ledger.judgements, numbered, _published(compared, named), _replaced(ended))
    issues = [*_contradictions(numbered), *ledger.issues, *resolved.issues]
    return Identity(compared, numbered, resolved, issues)


def _published(compared: Mapping[str, pl.DataFrame], named: Collection[str]) -> set[str]:
    """Short names of records; none where nobody said anything of any."""
    if not named:
        return set()
    return {f"{table}:{key}" for table, frame in compared.items() for key in frame["key"].unique()}


def _replaced(ended: pl.DataFrame) -> dict[str, str]:
    rows = ended.filter(pl.col("kind").is_in(["initiative", "organization"])).drop_nulls("replaced_by")
    return {
        f"{kind}:{key}": f"{kind}:{new}" for kind, key, new in rows.select("kind", "key", "replaced_by").iter_rows()
    }


def _contradictions(numbered: Sequence[Numbered]) -> Iterator[Issue]:
    """An issue for each two numbers of one register that sources give one organization: they are never merged."""
    for one in numbered:
        for pair in one.conflicts:
            detail = {"sources": ", ".join(one.sources), "numbers": ", ".join(one.numbers)}
            yield Issue(one.sources[0], "link", "numbers-contradict", value=" ≠ ".join(pair), detail=detail)
