"""The files of a release: dumps and tables, each of one licence group, so that no file mixes licences that do not mix.

dump/<source>.nq.gz              a source; also ontology, concepts and catalog
dump/accounting-<group>.nq.gz    what became of the rows of the group's sources; derived-<group>.nq.gz likewise
dump/clirld-<group>.nq.gz        all of these of one group; the open one begins with ontology, concepts and catalog
tables/<group>/<table>.parquet   the canonical tables, each row with its source and licence; .csv likewise
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl

from clirld.records.accounts import held_record_keys
from clirld.release import packed
from clirld.release.catalog import SourceEntry
from clirld.release.changes.sorting import sorted_lines
from clirld.release.published import CHUNK
from clirld.vocabulary.tables import LIST_SEPARATOR, Table


def write_tables(groups: Mapping[str, Sequence[SourceEntry]], tables: Iterable[Table], folder: Path) -> None:
    """Write the tables of each licence group into a folder of its name."""
    every_table = list(tables)
    for group, entries in groups.items():
        out = folder / group
        out.mkdir()
        for table in every_table:
            by_source = [published_rows(table, entry) for entry in entries]
            if frames := [frame for frame in by_source if frame is not None]:
                rows = pl.concat(frames)
                rows.sink_parquet(out / f"{table.name}.parquet")
                flat = rows.with_columns(
                    pl.col(column.name).list.join(LIST_SEPARATOR) for column in table.published if column.list
                )
                flat.sink_csv(out / f"{table.name}.csv")


def published_rows(table: Table, entry: SourceEntry) -> pl.LazyFrame | None:
    """The rows of a table that are not held back, with the licence of their source; None where it has none."""
    paths = sorted((entry.harvest.records / table.name).glob("*.parquet"))
    if not paths:
        return None
    held = held_record_keys(entry.harvest.validated / "held.jsonl")
    # An earlier harvest that was kept has the columns that tables.yaml had then.
    frame = pl.scan_parquet(paths, schema=table.schema, missing_columns="insert", extra_columns="ignore")
    frame = frame.filter(~pl.col("record").is_in(held)) if held else frame
    return frame.with_columns(license=pl.lit(entry.source.card.license))


def write_dumps(graphs: Mapping[str, Path], folder: Path, scratch: Path) -> None:
    """Write each graph as N-Quads, packed: its lines sorted, each once, so that dumps can be compared by reading them.

    `scratch` is a folder for parts of what does not fit in memory.
    """
    for name, path in graphs.items():
        with path.open("rb") as lines:
            packed.write_lines(sorted_lines(lines, scratch), folder / f"{name}.nq.gz")


def join_dumps(names: Iterable[str], folder: Path, out: str) -> None:
    """Write several dumps as one: gzip members may follow each other (RFC 1952, section 2.2)."""
    with (folder / f"{out}.nq.gz").open("wb") as whole:
        for name in names:
            with (folder / f"{name}.nq.gz").open("rb") as part:
                shutil.copyfileobj(part, whole, CHUNK)
