"""One's own table linked to a release: the whole of it, from a file to rows with their links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from clirld import yamlfile
from clirld.errors import DataError
from clirld.link import matching
from clirld.link.own_table import compare, own_rows, release_things
from clirld.link.own_table.own_rows import OwnRows
from clirld.link.own_table.release_things import TABLES, ReleaseThings
from clirld.link.own_table.unusual import NAMES_OF, ROW
from clirld.records.plan import ReferenceData
from clirld.records.territory import Territories
from clirld.settings import BASE
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary

UNREAD, NONE = "unread", "none"
"""Verdicts of a row that could not be read, and of one for which nothing was found."""


@dataclass(frozen=True)
class LinkedTable:
    """A table and what its rows are.

    `rows`: `clirld_row` (as a spreadsheet counts), the columns of the file, then, with `clirld_` before each, `commune`
    (an IRI), and for `initiative` and `organization` an IRI where the verdict is `sure`, with `…_verdict` (sure,
    possible, conflict, near, none, unread), `…_name`, `…_score`, `…_kinds` (of evidence), `…_precision` (how often
    such links were right, where it was measured) where something speaks for it, `…_source` and `…_license` of what says
    so, `…_nearest` (names that a row without a link is nearest to), and with an earlier release `…_since` (same, other,
    new, gone).
    `candidates`: what each row may be, the best first, with one column for each piece of evidence and `why_not`.
    `account`: how many rows became what, what was read as what, and by which release.
    """

    rows: pl.DataFrame
    candidates: pl.DataFrame
    account: dict[str, Any]


def link_table(
    file: Path,
    release: Path,
    *,
    tables: Tables,
    vocabulary: Vocabulary,
    columns: Mapping[str, str] | None = None,
    since: Path | None = None,
    has_header: bool = True,
) -> LinkedTable:
    """Link the rows of a table to the things of a release; nothing is asked of the network, nothing is left on disk.

    `columns` says what columns of the file are (`own_rows.TARGETS`, "" for nothing) where the guess is wrong; `since`
    is the folder of an earlier release, with which links are compared; without a header, columns are called column_1
    and so on. Raises UsageError, DataError and ReadError, each with what to do.
    """
    things = release_things.load(release)
    reference = ReferenceData(tables, vocabulary, Territories.load(things.territory_files))
    own = own_rows.read(file, reference, columns or {}, has_header=has_header)
    if not {"name", "siren", "siret", "rna", "commune", "locality", "postcode"} & _targets(own):
        first = own.columns[0][:60]
        raise DataError(
            f"no column seems to hold names, numbers or places: {', '.join(own.columns[:10])[:300]}",
            where=str(file),
            do=f"say which one does, such as --column “{first}=name”; if the first row is data, add --no-header",
        )
    found = _candidates(own, things)
    before = _candidates(own, release_things.load(since)) if since else None
    rows = _rows(own, things, found, before)
    return LinkedTable(rows, found, _account(own, things, rows))


def _targets(own: OwnRows) -> set[str]:
    return {to.removeprefix("organization.") for text in own.read_as.values() for to in text.split(", ")}


def _candidates(own: OwnRows, things: ReleaseThings) -> pl.DataFrame:
    parts = []
    for name in TABLES:
        found = compare.candidates(own.records, things.records[name], things.one[name])
        iris = pl.format(f"{BASE}id/{name}/{{}}", "thing")
        parts.append(
            found.with_columns(thing=iris, precision=_precision()).insert_column(1, pl.lit(name).alias("table"))
        )
    return pl.concat(parts).sort("row", "table", "rank")


@cache
def measured() -> list[dict[str, Any]]:
    """How often links were right: `verdict`, `kinds`, `from` (of their score on), `pairs`, `right`."""
    data = yamlfile.load(Path(__file__).with_name("precision.yaml"), DataError).data
    return list(data["bands"])


def _precision() -> pl.Expr:
    expression: pl.Expr = pl.lit(None, dtype=pl.Float64())
    for band in measured():  # the last that holds: they stand by score
        holds = (
            (pl.col("verdict") == band["verdict"])
            & (pl.col("kinds") == band["kinds"])
            & (pl.col("score") >= band["from"])
        )
        expression = pl.when(holds).then(pl.lit(band["right"] / band["pairs"])).otherwise(expression)
    return expression.round(3)


def _rows(own: OwnRows, things: ReleaseThings, found: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """The rows of the file in their order, those that cannot be read too, each with its links."""
    unread = pl.DataFrame({ROW: list(own.unread)}, schema={ROW: pl.Int64()})
    rows = pl.concat([own.cells, unread], how="diagonal").sort(ROW)
    places = own.records.select(
        row=pl.col("key").cast(pl.Int64), commune=pl.format(f"{BASE}id/territory/{{}}", "commune")
    )
    linked = rows.select(row=ROW).join(places, on="row", how="left", maintain_order="left")
    for name in TABLES:
        best = found.filter((pl.col("table") == name) & (pl.col("rank") == 1))
        is_sure, is_near = (pl.col("verdict") == verdict for verdict in (matching.SURE, compare.NEAR))
        nearest = (
            found.filter((pl.col("table") == name) & is_near).group_by("row").agg(pl.col("thing_name").drop_nulls())
        )
        nearest = nearest.select("row", pl.col("thing_name").list.join(" | ").alias(f"{name}_nearest"))
        told = best.select(
            "row",
            pl.when(is_sure).then("thing").alias(name),
            pl.col("verdict").alias(f"{name}_verdict"),
            pl.when(~is_near).then("thing_name").alias(f"{name}_name"),
            pl.when(~is_near).then(pl.col("score").round(1)).alias(f"{name}_score"),
            pl.when(~is_near).then("kinds").alias(f"{name}_kinds"),
            pl.when(~is_near).then("precision").alias(f"{name}_precision"),
            pl.when(is_sure).then("source").alias(f"{name}_source"),
            pl.when(is_sure)
            .then(pl.col("source").replace_strict(things.licences, default=None))
            .alias(f"{name}_license"),
        ).join(nearest, on="row", how="left", maintain_order="left")
        linked = linked.join(told, on="row", how="left", maintain_order="left").with_columns(
            pl.when(pl.col("row").is_in(unread[ROW].implode()))
            .then(pl.lit(UNREAD))
            .otherwise(pl.col(f"{name}_verdict").fill_null(NONE))
            .alias(f"{name}_verdict")
        )
        if before is not None:
            linked = linked.join(_since(before, name), on="row", how="left", maintain_order="left").with_columns(
                _changed(pl.col(f"{name}_since"), pl.col(name)).alias(f"{name}_since")
            )
    return rows.join(linked.rename(lambda name: f"clirld_{name}"), on=ROW, how="left", maintain_order="left")


def _since(before: pl.DataFrame, table: str) -> pl.DataFrame:
    is_sure = (pl.col("table") == table) & (pl.col("rank") == 1) & (pl.col("verdict") == matching.SURE)
    return before.filter(is_sure).select("row", pl.col("thing").alias(f"{table}_since"))


def _changed(then: pl.Expr, now: pl.Expr) -> pl.Expr:
    """What became of a link: same, other, new, gone; null where there was none and is none."""
    return (
        pl.when(then.is_null() & now.is_null())
        .then(None)
        .when(then.is_null())
        .then(pl.lit("new"))
        .when(now.is_null())
        .then(pl.lit("gone"))
        .when(then == now)
        .then(pl.lit("same"))
        .otherwise(pl.lit("other"))
    )


def _account(own: OwnRows, things: ReleaseThings, rows: pl.DataFrame) -> dict[str, Any]:
    verdicts = {name: dict(sorted(Counter(rows[f"clirld_{name}_verdict"]).items())) for name in TABLES}
    noticed = Counter((issue["code"], (issue.get("column") or "").removesuffix(NAMES_OF)) for issue in own.noticed)
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for issue in own.noticed:
        first.setdefault((issue["code"], (issue.get("column") or "").removesuffix(NAMES_OF)), issue)
    return {
        "file": own.file.name,
        "sha256": own.sha256,
        "delimiter": own.delimiter,
        "rows": rows.height,
        "unread": {str(row): why for row, why in sorted(own.unread.items())},
        "header": own.header,
        "titles_like_data": own.doubtful,
        "read_as": own.read_as,
        "not_read": [name for name in own.columns if name not in own.read_as],
        "communes": rows["clirld_commune"].count(),
        **verdicts,
        "noticed": [
            {
                "code": code,
                "column": column,
                "values": count,
                **{name: first[code, column].get(name) for name in ("severity", "row", "message")},
            }
            for (code, column), count in sorted(noticed.items())
        ],
        "release": things.id,
        "rule": matching.RULE_VERSION,
    }
