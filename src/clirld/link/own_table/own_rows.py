"""A table that nobody has described → its rows as records that can be compared, each by its number in the file.

Columns are guessed as for the first card of a source (`clirld.draft`), and read as those of a source are: numbers are
checked, places found, lost zeros mended.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from clirld.card.model import Card
from clirld.card.source import Source
from clirld.draft.evidence import ColumnNames
from clirld.draft.headerless import NEUTRAL
from clirld.draft.propose import ColumnProposal, propose
from clirld.draft.sniff import SniffResult, layout_of, sniff
from clirld.errors import DataError, UsageError
from clirld.link import records
from clirld.link.own_table.unusual import (
    NAMES_OF,
    ROW,
    SOURCE,
    TARGETS,
    WITH_HEADER,
    names_apart,
    titles_that_are_data,
    without_long,
)
from clirld.read import reader
from clirld.read.layout import Layout
from clirld.read.rows import RaggedRow
from clirld.records.make import write_records
from clirld.records.plan import ReferenceData
from clirld.scratch import temporary_folder
from clirld.snapshot.store import Snapshot, sha256_of
from clirld.vocabulary.tables import Tables

NAMELESS = "Ligne du tableau"
"""The name of rows in a table without one: it is compared with nothing."""

ADDED = re.compile(
    r"clirld_(row|commune|(initiative|organization)(_(name|verdict|told|score|kinds|precision|source|license|nearest|since))?)"
)
"""Columns that linking adds, and no others: those of an earlier time are made anew."""
_TABLES = ("initiative", "organization")
_NUMBERS = ("siren", "siret", "rna")
_USED = {*TARGETS, "private_address", *(f"organization.{name}" for name in _NUMBERS)}


@dataclass(frozen=True)
class OwnRows:
    """The rows of a table.

    `cells`: the number of the row, as a spreadsheet counts (ROW), and the columns of the file as text. `records`: as
    `clirld.link.records.SCHEMA` has them, keyed by the number of the row. `read_as`: what each column was read as.
    `unread`: why a row could not be read, by its number. `noticed`: values that were mended or not used, as issues.
    `delimiter`: of the file, a comma where it is no CSV. `sha256`: of its bytes. `header`: the row with the names of
    columns, 0 where there is none. `doubtful`: those that look like values, so that the first row may be data.
    """

    file: Path
    columns: list[str]
    cells: pl.DataFrame
    records: pl.DataFrame
    read_as: dict[str, str]
    delimiter: str
    sha256: str
    unread: dict[int, str] = field(default_factory=dict)
    noticed: list[dict[str, Any]] = field(default_factory=list)
    header: int = 1
    doubtful: list[str] = field(default_factory=list)


def read(file: Path, reference: ReferenceData, given: Mapping[str, str], *, has_header: bool = True) -> OwnRows:
    """The rows of a table; `given` says what columns are, where the guess is wrong (column → target, or "" for none).

    Without a header columns are called column_1, column_2 and so on. Raises UsageError for a column or a target that is
    not there, DataError where nothing can be compared, ReadError for a file that cannot be read.
    """
    with reader.of_no_source():
        return _read(file, reference, given, has_header=has_header)


def _read(file: Path, reference: ReferenceData, given: Mapping[str, str], *, has_header: bool) -> OwnRows:
    if file.is_dir():
        raise UsageError("this is a folder, not a table", where=str(file), do="give the path of a file")
    if not file.is_file():
        raise UsageError("there is no such file", where=str(file), do="check its name")
    layout = _layout(file, has_header=has_header)
    columns = [name for name in reader.header(file, layout) if not ADDED.fullmatch(name)]
    _check_given(given, columns, file)
    unread: dict[int, str] = {}
    with temporary_folder() as folder:
        plain = folder / "table.csv"
        cells = _cells(columns, reader.read(file, layout), unread)
        if not cells.height:
            raise DataError(
                "the table has no rows that can be read", where=str(file), do="check that this is the right file"
            )
        short, too_long = without_long(cells, columns)
        short.write_csv(plain)
        proposals, table = _proposals(sniff(plain), reference, given)
        short, proposals = names_apart(short, proposals, given)
        # A row without a name may have a number or a place: it has to be called something to be read.
        named = [one.column.name for one in proposals if "name" in one.to]
        short.with_columns(
            pl.when(pl.col(name).str.strip_chars() == "").then(pl.lit(NAMELESS)).otherwise(name).alias(name)
            for name in named
        ).write_csv(plain)
        source = _source(proposals, table, reference.tables)
        snapshot = Snapshot(SOURCE, "default", plain, sha256_of(plain), plain.stat().st_size, None, "", "file")
        made = folder / "records"
        made.mkdir()
        write_records(source, {"default": snapshot}, reference, made)
        row_of = dict(enumerate(cells[ROW].to_list(), start=2))  # of the plain file, whose first row is its header
        found = _records(made, table, row_of)
        noticed = [*too_long, *_noticed(made, row_of)]
    read_as: dict[str, str] = {}
    for one in proposals:
        name = one.column.name.removesuffix(NAMES_OF)
        if one.to and name != ROW:
            read_as[name] = ", ".join(filter(None, (read_as.get(name), *one.to)))
    delimiter = layout.delimiter if layout.format == "csv" else ","
    doubtful = titles_that_are_data(layout, columns, cells, reference)
    return OwnRows(
        file, columns, cells, found, read_as, delimiter, sha256_of(file), unread, noticed, layout.header, doubtful
    )


def _layout(file: Path, *, has_header: bool) -> Layout:
    """How to read the file: a list of names of one column is a table too."""
    layout, _notes = layout_of(file, one_column=True)
    if has_header or layout.format not in WITH_HEADER or not layout.header:
        return layout
    names = reader.header(file, layout)
    return replace(layout, header=0, columns=tuple(NEUTRAL.format(n) for n in range(1, len(names) + 1)))


def _check_given(given: Mapping[str, str], columns: list[str], file: Path) -> None:
    for column, target in given.items():
        if column not in columns:
            do = f"name one of: {', '.join(columns[:30])}"
            raise UsageError(f"the table has no column “{column}”", where=str(file), do=do)
        if target and target not in TARGETS:
            raise UsageError(
                f"a column cannot be read as “{target}”",
                where=f"{file}: {column}",
                do=f"name one of: {', '.join(TARGETS)}",
            )


def _cells(columns: list[str], rows: Iterable[Any], unread: dict[int, str]) -> pl.DataFrame:
    """The rows as text, each with its number; those that cannot be read are noted."""
    numbers: list[int] = []
    values: list[list[str]] = []
    for row in rows:
        if isinstance(row, RaggedRow):
            unread[row.row] = row.why
        else:
            cells = (row.values.get(name, "") for name in columns)
            numbers.append(row.row)
            values.append([cell if isinstance(cell, str) else " | ".join(cell) for cell in cells])
    frame = pl.DataFrame(values, schema=dict.fromkeys(columns, pl.String()), orient="row")
    return frame.insert_column(0, pl.Series(ROW, numbers, pl.Int64))


def _proposals(
    sniffed: SniffResult, reference: ReferenceData, given: Mapping[str, str]
) -> tuple[list[ColumnProposal], str]:
    """What each column is read as, and the canonical table that its rows are of."""
    proposal = propose(sniffed, reference.tables, reference.vocabulary, ColumnNames.load(reference.tables))
    table = proposal.table if proposal.table in _TABLES else "initiative"
    told = set(given.values())
    kept = []
    for one in proposal.columns:
        name = one.column.name
        to = [target for target in one.to if target in _USED and target.removeprefix("organization.") not in told]
        if name in given:
            to = [given[name]] if given[name] else []
        if to and not (name == ROW or (one.personal and name not in given)):
            kept.append(replace(one, to=tuple(_of_table(target, table) for target in to)))
    return kept, table


def _of_table(target: str, table: str) -> str:
    """A target as a card of that table names it: numbers are the organization's."""
    bare = target.removeprefix("organization.")
    return f"organization.{bare}" if bare in _NUMBERS and table != "organization" else bare


def _source(proposals: list[ColumnProposal], table: str, tables: Tables) -> Source:
    """A card for the plain file. What a harvest needs besides, who publishes it and the like, says nothing."""
    columns: dict[str, Any] = {ROW: "record.identifier"}
    for one in proposals:
        options = {name: getattr(one, name) for name in ("split", "join") if getattr(one, name)}
        has_siret = any(to.endswith("siret") for to in one.to)
        targets = [
            {"to": to, **({"first": 9} if has_siret and to.endswith("siren") else options)}
            for to in one.to
            if to in tables[table].columns or to.startswith("organization.")
        ]
        columns[one.column.name] = targets or None
    numbered = any(to.startswith("organization.") for one in proposals for to in one.to)
    if numbered:
        # An organization is made where it is named, and these numbers are of what the row names.
        for targets in columns.values():
            if isinstance(targets, list) and any(target["to"] == "name" for target in targets):
                targets.append({"to": "organization.name"})
    given = {target["to"] for targets in columns.values() if isinstance(targets, list) for target in targets}
    constants = {"kind": "other"} if table == "initiative" else {}
    if "name" not in given:
        constants["name"] = NAMELESS
        if numbered:
            constants["organization.name"] = NAMELESS
    if any(to.startswith("organization.") for to in given):
        constants["participation.role"] = "unspecified"
    words = {"fr": "Table à relier", "en": "Table to be linked"}
    card = Card.model_validate(
        {
            "id": SOURCE,
            "title": words,
            "description": words,
            "publisher": {"name": "-", "url": "https://example.org/"},
            "landing_page": "https://example.org/",
            "license": "https://example.org/",
            "frequency": "never",
            "distributions": {"default": {"inbox": True, "format": "csv"}},
            "records": [
                {
                    "from": "default",
                    "table": table,
                    "columns": columns,
                    "constants": constants,
                    # Nothing of it is published: a cooperative that is called after somebody is linked as others are.
                    "not_persons": [name for name in columns if name != ROW],
                }
            ],
        }
    )
    return Source(card, Path())


def _records(made: Path, table: str, row_of: Mapping[int, int]) -> pl.DataFrame:
    """The records of the table, by their rows, with the numbers that each row gives."""
    frames = {name: pl.scan_parquet(f"{made}/{name}/*.parquet") for name in _TABLES if (made / name).is_dir()}
    if table not in frames:
        return pl.DataFrame(schema=records.SCHEMA)
    key = pl.col("row").replace_strict(row_of, return_dtype=pl.Int64).cast(pl.String())
    rows = frames[table].with_columns(key=key)
    # That it is “other” is not said of it: nothing is known of its kind.
    rows = rows.drop("kind", strict=False).with_columns(
        name=pl.when(pl.col("name") == NAMELESS).then(None).otherwise("name")
    )
    found = records.of_tables([rows])
    if table == "organization" or "organization" not in frames:
        return found
    numbers = records.of_tables([frames["organization"].with_columns(key=key)])
    return (
        found.drop("identifiers")
        .join(numbers.select("key", "identifiers"), on="key", how="left", maintain_order="left")
        .select(*records.SCHEMA)
    )


def _noticed(made: Path, row_of: Mapping[int, int]) -> list[dict[str, Any]]:
    with (made / "issues.jsonl").open(encoding="utf-8") as issues:
        found = [json.loads(line) for line in issues]
    return [{**issue, "row": row_of[issue["row"]]} for issue in found if issue.get("row") in row_of]
