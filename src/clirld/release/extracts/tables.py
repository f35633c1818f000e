"""The released tables of a licence group as they are read here: records that are one under the name of the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from clirld import checksums
from clirld.settings import BASE
from clirld.vocabulary.tables import Table

_SAME_AS = "<http://www.w3.org/2002/07/owl#sameAs>"


@dataclass(frozen=True, slots=True)
class ReleasedTables:
    """The tables in `folder`, of which `known` says what columns they have; `one_of` gives for a short name of a record
    (`organization:siren-…`) that of the one that stands for it, `sha256_of` the SHA-256 of a file."""

    folder: Path
    known: Mapping[str, Table]
    one_of: Mapping[str, str]
    sha256_of: Callable[[Path], str] = checksums.sha256_of

    def has(self, name: str) -> bool:
        """Whether the group has a table."""
        return (self.folder / f"{name}.parquet").is_file()

    def scan(self, name: str) -> pl.LazyFrame:
        """A table; one without rows where the group has none."""
        if self.has(name):
            return pl.scan_parquet(self.folder / f"{name}.parquet")
        return pl.LazyFrame(schema={**self.known[name].schema, "license": pl.String()})

    def checksum(self, name: str) -> str:
        """What a table is, with the columns that it is read with: SHA-256 of its file; none where there is none."""
        return f"{self.sha256_of(self.folder / f'{name}.parquet') if self.has(name) else ''} {self.known[name]!r}"

    def short_name(self, table: str, column: str) -> pl.Expr:
        """The short name of the record of a table that a column has the key of; of those that are one, the first."""
        name = pl.format(f"{table}:{{}}", pl.col(column))
        return name.replace(self.one_of) if self.one_of else name


def read_same(graph: Path) -> dict[str, str]:
    """From the N-Quads of links: for the short name of a record, that of the one that stands for it."""
    found = {}
    with graph.open(encoding="utf-8") as lines:
        for line in lines:
            subject, predicate, rest = line.split(" ", 2)
            if predicate == _SAME_AS:
                found[_short(subject)] = _short(rest.split(" ", 1)[0])
    return found


def _short(term: str) -> str:
    return term.removeprefix(f"<{BASE}id/").removesuffix(">").replace("/", ":", 1)
