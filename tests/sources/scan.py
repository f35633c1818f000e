"""A search of every file of a release for what must not be in it, by patterns that share nothing with the detector."""

from __future__ import annotations

import gzip
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import polars as pl

from clirld.fetch.mirror import mirror_file
from clirld.harvest import outcome
from clirld.project import Project
from clirld.read import reader
from clirld.read.rows import SourceRow
from clirld.release import published

# Polars reads these first, which knows no look-around, and says which lines are worth a closer look.
_CANDIDATE = {
    "e-mail": r"[\w.+-]@[\w-]+\.\w",
    "phone": r"(?:33|\b0)[ .()-]*0?[)]?[1-9](?:[ .-]?[0-9]{2}){4}",
    "civil title": r"\b(?:MM?\.|Mrs?|Mmes?|Mlles?|[Mm]onsieur|[Mm]adame|[Mm]ademoiselle|Dr|Me)\.? \p{Lu}",
}
_PATTERN = {
    "e-mail": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "phone": re.compile(r"(?<![\w.+])(?:(?:\+|00)33[ .-]?(?:\(0\))?|0)[1-9](?:[ .-]?[0-9]{2}){4}(?!\w)"),
    "civil title": re.compile(
        r"\b(?:M\.|MM\.|Mrs?\.?|Mmes?|Mlles?|[Mm]onsieur|[Mm]adame|[Mm]ademoiselle|Dr\.?|Me) [A-ZÀ-Ý][\w'’-]+"
    ),
}

_NUMBER = 9
"""Signs of a SIREN; what is shorter is found in anything."""


def found(release: Path, forbidden: Iterable[str]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """What stands in the files of a release, the store's apart, whose quads are those of the dumps.

    out: the number of files, lines and signs looked at, and by kind what was found, with how often.
    """
    looked_at: Counter[str] = Counter()
    findings: dict[str, Counter[str]] = {kind: Counter() for kind in (*_PATTERN, "withheld")}
    needles = sorted(forbidden)
    joined = {path: path.read_bytes() for path in release.glob("dump/clirld-*.gz")}
    for path in sorted(release.rglob("*")):
        if path.is_dir() or "store" in path.relative_to(release).parts:
            continue
        looked_at["files"] += 1
        # A part that stands in a joined file as it is, is looked at there.
        if path.suffix == ".gz" and path not in joined and any(path.read_bytes() in whole for whole in joined.values()):
            continue
        for lines in _lines(path):
            looked_at["lines"] += len(lines)
            looked_at["signs"] += int(lines.str.len_chars().sum() or 0)
            suspected = lines.filter(lines.str.contains("|".join(_CANDIDATE.values())))
            for kind, pattern in _PATTERN.items():
                for line in suspected:
                    findings[kind].update(pattern.findall(line))
            for line in lines.filter(lines.str.contains_any(needles)) if needles else ():
                # A word of its own, or 12 would be found in 123.
                findings["withheld"].update(
                    one for one in needles if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", line)
                )
    return looked_at, findings


def _lines(path: Path) -> Iterator[pl.Series]:
    """The texts of a file: its lines, or the columns of a table."""
    data = path.read_bytes()
    if path.suffix == ".parquet":
        for column in pl.read_parquet(path):
            flat = column.explode() if column.dtype == pl.List else column
            if flat.dtype != pl.Binary:  # points
                yield flat.cast(pl.String).drop_nulls()
    elif data.startswith(b"SQLite format 3\0"):
        yield from _of_database(path)
    else:
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
        # JSON-LD has no lines: a thing of it is one here.
        yield pl.Series(text.replace("},{", "}\n{").splitlines(), dtype=pl.String)


def _of_database(path: Path) -> Iterator[pl.Series]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        # What is virtual, as the words of the search, has its rows in other tables.
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        for (table,) in database.execute(tables).fetchall():
            rows = database.execute(f'SELECT * FROM "{table}"')
            while some := rows.fetchmany(100_000):
                yield pl.Series([cell for row in some for cell in row if isinstance(cell, str)], dtype=pl.String)


def withheld_keys(project: Project, release: published.Release, mirror: Path) -> dict[str, set[str]]:
    """By source, the last part of the IRI that rows would have had which are only counted.

    They are the rows of the source's files without those of the release's records and those that its account names.
    """
    parquet = [str(path) for path in release.folder.glob("tables/*/record.parquet")]
    records = pl.read_parquet(parquet, columns=["source", "distribution", "row", "other_rows"])
    out: dict[str, set[str]] = {}
    for source in release.manifest["sources"]:
        name = source["id"]
        if name == "contours":
            continue  # whose rows are of territories: their numbers are no secret
        card = project.sources[name].card
        harvest = outcome.last_good(project, name)
        assert harvest
        of_source = records.filter(pl.col("source") == name)
        told = {(one.distribution, one.row) for one in harvest.account.excluded}
        told |= set(of_source.select("distribution", "row").iter_rows())
        for iri in of_source["other_rows"].explode().drop_nulls():
            file, row_number = iri.split("#row=")
            told.add((file.split(".")[-2], int(row_number)))
        for snapshot in harvest.snapshots:
            distribution = snapshot["distribution"]
            column = card.column_of(distribution, "record", "identifier")
            if column is None or snapshot["via"] != "mirror":
                continue  # made by code, of the state's files about places; or written by hand, and known to be public
            described = card.distributions[distribution]
            file = mirror_file(mirror, name, distribution, snapshot["url"], described.copy_)
            for row in reader.read(file, described.layout):
                if isinstance(row, SourceRow) and (distribution, row.row) not in told:
                    identifier = str(row.values[column])
                    out.setdefault(name, set()).add(f"{name}-{identifier}")
                    if len(identifier) >= _NUMBER:  # of a register, which would also betray it by itself
                        out[name].add(identifier)
    return out
