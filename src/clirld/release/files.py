"""The files of a release: dumps and tables, each of one licence group, so that no file mixes licences that do not mix.

dump/<source>.nq.gz              a source; also ontology, concepts and catalog
dump/accounting-<group>.nq.gz    what became of the rows of the group's sources; derived-<group>, links-<group> likewise
dump/clirld-<group>.nq.gz        all of these of one group; the open one begins with ontology, concepts and catalog
dump/clirld-<group>.jsonld.gz    the same as JSON-LD
tables/<group>/<table>.parquet   the canonical tables, each row with its source and licence; .csv likewise; where rows
                                 have a commune, in the order of communes, and with their points (GeoParquet)
tables/<group>/clirld-<group>.gpkg   all of them but `record` in a GeoPackage
tables/<group>/csv-metadata.json, datapackage.json   what their columns are
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import polars as pl

from clirld import checksums, stages
from clirld.records.accounts import held_record_keys
from clirld.records.table_files import scan_table
from clirld.release.catalog import SourceEntry
from clirld.release.formats import descriptions, geometry, geopackage
from clirld.release.licensing import group_licence
from clirld.vocabulary.tables import LIST_SEPARATOR, Table
from clirld.vocabulary.terms import LicenceGroup


class Earlier(Protocol):
    """What is known of the release before: `incremental.pieces`."""

    def taken_over(self, name: str, made_from: str, paths: Sequence[str]) -> bool:
        """Whether files, by their paths in the release, are taken over from there."""

    def sha256_of(self, path: Path) -> str:
        """SHA-256 of a file of the new release, in hexadecimal."""


def write_tables(
    groups: Mapping[str, Sequence[SourceEntry]],
    tables: Iterable[Table],
    kinds: Mapping[str, str],
    described: Mapping[str, LicenceGroup],
    folder: Path,
    earlier: Earlier,
    before: Path | None,
) -> None:
    """Write the tables of each licence group into a folder of its name, and what describes them.

    `kinds` gives for a table the part of the IRI of its entities, `described` the licence groups by id, `before` is the
    folder of the release that is taken over from.
    """
    every_table = list(tables)
    for group, entries in groups.items():
        out = folder / group
        out.mkdir()
        written: dict[str, tuple[Table, pl.LazyFrame]] = {}
        made_from: dict[str, str] = {}
        for table in every_table:
            by_source = [published_rows(table, entry) for entry in entries]
            if frames := [frame for frame in by_source if frame is not None]:
                rows = pl.concat(frames)
                written[table.name] = table, rows.sort("commune", "key") if "commune" in table.schema else rows
                made_from[table.name] = _made_from(table, entries)
        same = set()
        for name, (table, rows) in written.items():
            paths = [f"{folder.name}/{group}/{name}.{kind}" for kind in ("parquet", "csv")]
            if earlier.taken_over(f"tables/{group}/{name}", made_from[name], paths):
                same.add(name)
            else:
                write_table(table, rows, out)
        if not written:
            continue
        retrieved = max(snapshot["retrieved"] for entry in entries for snapshot in entry.harvest.snapshots)
        things = {name: one for name, one in written.items() if name != "record"}
        package = f"clirld-{group}.gpkg"
        of_things = stages.fingerprint(retrieved, sqlite3.sqlite_version, *(made_from[name] for name in things))
        if not earlier.taken_over(f"tables/{group}/{package}", of_things, [f"{folder.name}/{group}/{package}"]):
            file = before / "tables" / group / package if before and not same.isdisjoint(things) else None
            geopackage.write(out / package, things, retrieved, file, same)
        licence = group_licence(group, [entry.source.card.license for entry in entries])
        released = [table for table, _rows in written.values()]
        descriptions.write(out, released, kinds, licence, described[group].titles, earlier.sha256_of)


def _made_from(table: Table, entries: Sequence[SourceEntry]) -> str:
    """Fingerprint of what the rows of a table are made from."""
    parts = [pl.__version__, repr(table)]
    for entry in entries:
        harvest = entry.harvest
        rows = sorted((harvest.records / table.name).glob("*.parquet"))
        if rows:
            parts += [entry.source.card.license, checksums.sha256_of(harvest.validated / "held.jsonl")]
            parts += [checksums.sha256_as_made(path, harvest.records) for path in rows]
    return stages.fingerprint(*parts)


def write_table(table: Table, rows: pl.LazyFrame, out: Path) -> None:
    """Parquet, with points as GeoParquet has them, and CSV."""
    placed = geometry.has_points(table)
    (geometry.with_points(rows) if placed else rows).sink_parquet(
        out / f"{table.name}.parquet",
        row_group_size=_ROW_GROUP,
        metadata=geometry.geo_metadata(rows) if placed else None,
    )
    flat = rows.with_columns(pl.col(column.name).list.join(LIST_SEPARATOR) for column in table.published if column.list)
    flat.sink_csv(out / f"{table.name}.csv")


_ROW_GROUP = 20_000
"""Rows of which the file says the least and greatest commune: who wants one département reads few of these groups."""


def published_rows(table: Table, entry: SourceEntry) -> pl.LazyFrame | None:
    """The rows of a table that are not held back, with the licence of their source; None where it has none.

    A harvest that was kept may have the columns that tables.yaml had then.
    """
    scanned = scan_table(entry.harvest.records, table.name)
    # The record of a source of tables alone is no thing that an IRI would lead to.
    if scanned is None or (table.name == "record" and not _has_graph(entry)):
        return None
    held = held_record_keys(entry.harvest.validated / "held.jsonl")
    frame = table.conform(scanned)
    frame = frame.filter(~pl.col("record").is_in(held)) if held else frame
    return frame.with_columns(license=pl.lit(entry.source.card.license))


def _has_graph(entry: SourceEntry) -> bool:
    return (entry.harvest.validated / "graph.nq").stat().st_size > 0
