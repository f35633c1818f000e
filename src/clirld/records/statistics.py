"""Statistics of a harvest: what the guards look at, measured on the canonical tables and kept with them as JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import polars as pl

from clirld import stages
from clirld.card.source import Source
from clirld.vocabulary.tables import Tables

IDENTIFIER_TYPES = ("siren", "siret", "rna", "insee_commune")
"""Types whose values are official identifiers: most of those that are given should be valid."""

_NOT_HASHED = ("record", "source", "row", "distribution", "file", "other_rows", "retrieved")

_INVALID = re.compile('"(value-unclean|commune-unknown)"')


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of one harvest; `appeared`, `changed` and `vanished` are records against the harvest before it.

    `program_fingerprint` names all that the tables were made with but the bytes; `bytes` is the sha256 of each
    distribution, `rows_in` its rows, `columns` those of its file, `mapped` which of these go to a `table.column` as
    `distribution/column`, `licenses` what it was said to be under when it was
    fetched; `rows` are by table, `filled` and `identifiers` (valid, given) by `table.column`; `before` is how many
    records there were last time.
    """

    program_fingerprint: str = ""
    bytes: dict[str, str] = field(default_factory=dict)
    rows_in: dict[str, int] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    mapped: dict[str, list[str]] = field(default_factory=dict)
    licenses: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    identifiers: dict[str, tuple[int, int]] = field(default_factory=dict)
    before: int = 0
    appeared: int = 0
    changed: int = 0
    vanished: int = 0

    @property
    def filled_shares(self) -> dict[str, float]:
        """Share of the rows of its table in which a column is filled."""
        return {
            name: filled / rows for name, filled in self.filled.items() if (rows := self.rows[name.partition(".")[0]])
        }

    @property
    def valid_shares(self) -> dict[str, float]:
        """Share of the values given that are valid."""
        return {name: valid / total for name, (valid, total) in self.identifiers.items() if total}

    def write(self, path: Path) -> None:
        """Keep them as JSON."""
        data = asdict(self)
        # The key on disk is older than the field's name: a file without it counts as of another program.
        stages.write_json(path, {"making": data.pop("program_fingerprint"), **data})

    @classmethod
    def load(cls, path: Path) -> Statistics | None:
        """Read what was kept; None where it is not there or of another version of the program."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            pairs = {name: (valid, total) for name, (valid, total) in data.pop("identifiers").items()}
            return cls(program_fingerprint=data.pop("making"), **data, identifiers=pairs)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


def count_cells(records: Path, tables: Tables) -> tuple[dict[str, int], dict[str, int]]:
    """Rows by table and filled cells by `table.column` of the canonical tables in `records`."""
    rows: dict[str, int] = {}
    filled: dict[str, int] = {}
    for name, table in tables.items():
        parts = sorted((records / name).glob("*.parquet"))
        if not parts:
            continue
        columns = [column.name for column in table.published]
        counts = pl.scan_parquet(parts).select(pl.len().alias("key"), pl.col(columns).count()).collect().row(0)
        rows[name] = counts[0]
        filled |= {f"{name}.{column}": n for column, n in zip(columns, counts[1:], strict=True)}
    return rows, filled


def columns_by_distribution(records: Path) -> dict[str, list[str]]:
    """Columns of the file of each distribution, as the records stage noted them."""
    path = records / "columns.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def count_identifiers(
    records: Path, source: Source, tables: Tables, filled: Mapping[str, int]
) -> dict[str, tuple[int, int]]:
    """Valid and given values by identifier column: those in the tables, and those that an issue says were refused."""
    invalid: Counter[str] = Counter()
    columns = _identifier_columns(source, tables)
    with (records / "issues.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            if _INVALID.search(line):  # most lines are of other issues, and need no parsing
                issue = json.loads(line)
                invalid.update(columns.get((issue.get("distribution"), issue.get("column")), ()))
    return {
        name: (filled[name], filled[name] + invalid[name])
        for name in filled
        if _type(tables, name) in IDENTIFIER_TYPES and filled[name] + invalid[name]
    }


def _type(tables: Tables, name: str) -> str:
    table, _dot, column = name.partition(".")
    return tables[table].columns[column].type


def _identifier_columns(source: Source, tables: Tables) -> dict[tuple[str, str], list[str]]:
    """The identifier columns that a column of a distribution goes to."""
    columns: dict[tuple[str, str], list[str]] = {}
    for distribution, column, name in _targets(source, tables):
        table, _dot, target = name.rpartition(".")
        if table in tables and target in tables[table].columns and _type(tables, name) in IDENTIFIER_TYPES:
            columns.setdefault((distribution, column), []).append(name)
    return columns


def _targets(source: Source, tables: Tables) -> Iterator[tuple[str, str, str]]:
    for rows in source.card.records:
        if source.function:  # its issues name canonical columns
            for table in tables.values():
                yield from ((rows.source, column, f"{table.name}.{column}") for column in table.columns)
            continue
        for column in rows.columns:
            for target in rows.targets(column):
                yield rows.source, column, rows.canonical(target.to)


def hash_records(records: Path, tables: Tables) -> pl.DataFrame:
    """`record`, when it was `seen`, and `hash` of all that it gave, whatever the order; by record.

    Row numbers and dates are no content. What is of no record is left out.
    """
    hashed = []
    for name, table in tables.items():
        parts = sorted((records / name).glob("*.parquet"))
        if not parts:
            continue
        # ASCII's unit and record separators: “ab”, “c” and “a”, “bc” must not be the same.
        texts = [
            (pl.col(column).list.join("\x1f") if isinstance(dtype, pl.List) else pl.col(column)).fill_null("\x00")
            for column, dtype in table.schema.items()
            if column not in _NOT_HASHED
        ]
        # Polars promises the same hash within one version only: that is part of the program's fingerprint.
        line = pl.concat_str(pl.lit(name), *texts, separator="\x1e").hash(seed=0)
        seen = pl.col("retrieved") if name == "record" else pl.lit(None, pl.String)
        hashed.append(pl.scan_parquet(parts).select("record", hash=line, seen=seen))
    if not hashed:
        return pl.DataFrame(schema={"record": pl.String, "hash": pl.UInt64, "seen": pl.String})
    # A sum does not depend on the order of the rows; it wraps around at 64 bits.
    by_record = pl.concat(hashed).group_by("record").agg(pl.col("hash").sum(), pl.col("seen").max())
    return by_record.filter(pl.col("seen").is_not_null()).sort("record").collect(engine="streaming")
