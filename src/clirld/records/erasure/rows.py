"""Which rows of a chunk are to be left out for ever, and what they say of others that are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from clirld.read.rows import Chunk
from clirld.records.cells import CellReader
from clirld.records.entities import Block
from clirld.records.erasure import identity
from clirld.records.erasure.erasure_list import Request
from clirld.records.erasure.identity import Identity
from clirld.records.erasure.matching import Erasures


class NumberColumn(NamedTuple):
    """A column of the source that goes to an official number, and how it is read."""

    source: str
    table: str
    reader: CellReader


def erased(erasures: Erasures, columns: Sequence[NumberColumn], chunk: Chunk, identifiers: Sequence[str]) -> list[bool]:
    """For each row, whether somebody asked to keep nothing of it, by its identifier and official numbers."""
    values_read = [column.reader.read_column(chunk.columns[column.source])[0] for column in columns]
    # As written too: a SIRET that is wrong as a whole may still begin with the SIREN that was asked about.
    values_read += [
        [(cell,) if isinstance(cell, str) else cell for cell in chunk.columns[column.source]] for column in columns
    ]
    numbers = zip(*values_read, strict=True) if columns else repeat(())
    rows = zip(identifiers, numbers, strict=False)  # not strict: without such columns, `numbers` has no end
    return [erasures.covers(identifier, chain(*numbers)) for identifier, numbers in rows]


def twins(erasures: Erasures, columns: Sequence[NumberColumn], chunk: Chunk, rows: Iterable[int]) -> list[Request]:
    """The other numbers of legal units that are to be left out, as some rows say."""
    found = []
    for n in rows:
        numbers = [
            (column.reader.column.type, number)
            for column in columns
            if column.table == "organization"
            for number in column.reader.read_column([chunk.columns[column.source][n]])[0][0]
        ]
        if twin := erasures.twin(numbers):
            found.append(twin)
    return found


def suspects(erasures: Erasures | None, blocks: Sequence[Block], identifiers: Sequence[str]) -> set[int]:
    """The rows of blocks that have the name and place of an erased record, and another identifier."""
    if erasures is None or "place" not in erasures.kinds:
        return set()
    known_by = _identities(blocks)
    return {n for n, one in known_by.items() if erasures.may_cover(identifiers[n], one)}


def _identities(blocks: Sequence[Block]) -> dict[int, Identity]:
    ordered = [block for table in identity.TABLES for block in blocks if block.table == table]
    return identity.of_rows(
        (n, row)
        for block in ordered
        for n, row in zip(
            block.row_indexes,
            block.frame.select(identity.columns(block.frame.columns)).iter_rows(named=True),
            strict=True,
        )
    )
