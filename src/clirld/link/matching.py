"""link: records that may be one thing, with their evidence: sure only where two independent kinds of it agree.

Organizations that share an official number share an IRI already. All others are compared by what they are called, where
they are and how they are reached; what is found is told in files beside the store, and nothing is merged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import polars as pl

from clirld.link import evidence
from clirld.settings import BASE

GRAPH = f"{BASE}graph/links/candidates"
RULE_VERSION = "3"
"""Version of the rule by which candidates are found, told in the catalogue: raise it when the rule changes."""

CLOSE_MATCH = "http://www.w3.org/2004/02/skos/core#closeMatch"

MIN_RARITY = 0.6
"""Words that both names have tell one thing in a commune from another from this rarity on (`evidence.of_pairs`)."""

SURE, POSSIBLE, CONFLICT = "sure", "possible", "conflict"
"""What is thought of a pair; `conflict`: much speaks for it, but both have official numbers, and not the same."""

COLUMNS = {
    "left": pl.String(), "right": pl.String(), "left_name": pl.String(), "right_name": pl.String(),
    "verdict": pl.String(), "kinds": pl.String(), "score": pl.Float64(), "name": pl.Float64(),
    "within": pl.Boolean(), "acronym": pl.Boolean(), "rarity": pl.Float64(), "numbers": pl.Boolean(),
    "commune": pl.Boolean(), "departement": pl.Boolean(), "kind": pl.Boolean(), "website": pl.Boolean(),
    "address": pl.Boolean(),
}  # fmt: skip
"""Of each candidate: who, what is thought of it, by which kinds of evidence, and each feature (`evidence.found`)."""


def candidates(records: pl.DataFrame, repeating: Collection[str] = ()) -> pl.DataFrame:
    """Pairs of records (`records.SCHEMA`) that may be one thing, in order of their keys; columns are COLUMNS.

    A pair is `sure` with two kinds of evidence that do not follow from each other, nothing against it, and no other
    record of either source for which as much speaks; but for the sources `repeating`, which may have a thing twice.
    """
    # By key, so that the left one of a pair does not depend on the order of the sources.
    ordered = records.sort("key", "source").with_row_index("row")
    told = ordered.select("row", "key", name=pl.col("names").list.first())
    sources = enumerate(ordered["source"].unique().sort(), start=1)  # as evidence has them: by their ranks
    judged = (
        _judged(evidence.found(ordered), [n for n, name in sources if name in repeating])
        .join(told.rename({"row": "left", "key": "left_key", "name": "left_name"}), on="left")
        .join(told.rename({"row": "right", "key": "right_key", "name": "right_name"}), on="right")
        .filter(pl.col("left_key") != pl.col("right_key"))
        .drop("left", "right")
        .rename({"left_key": "left", "right_key": "right"})
    )
    # An organization that several sources have is several records: of its pairs with another, what is surest.
    order = {CONFLICT: 0, SURE: 1, POSSIBLE: 2}
    rank = pl.col("verdict").replace_strict(order, return_dtype=pl.Int8)
    best = judged.sort("left", "right", rank, -pl.col("score"), *list(COLUMNS)[6:], "left_name", "right_name")
    return best.unique(["left", "right"], keep="first", maintain_order=True).select(*COLUMNS)


def _judged(found: pl.DataFrame, repeating: Collection[int]) -> pl.DataFrame:
    """The pairs that something speaks for, with their verdict and the kinds of evidence it rests on."""
    alike = pl.col("name") >= evidence.ALIKE
    named = alike | pl.col("within")
    here, near = pl.col("commune").fill_null(False), pl.col("departement").fill_null(False)
    # A commune that is another is no evidence of a place, though the département is the same.
    placed = here | (near & pl.col("commune").is_null())
    contact = pl.col("website") | pl.col("address")
    found = found.with_columns(
        strength=pl.when(alike).then("name").otherwise(pl.when("within").then(80.0).otherwise(0.0))
    )
    # A name that says no more than the commune is the commune again; that nothing else of its kind there is so called
    # is evidence of its own.
    is_kind = pl.col("kind").fill_null(False)
    alone = here & is_kind & named & _is_best("strength")
    # Of two communes of a département, things of one kind that are called alike have moved: so it was measured.
    moved = near & ~placed & is_kind & alike
    kinds = {
        "name": named | pl.col("acronym"),
        "place": placed,
        "kind": alone | moved,
        "website": pl.col("website"),
        "address": pl.col("address"),
    }
    by_name = (alike & (pl.col("rarity") >= MIN_RARITY) & ((placed & pl.col("kind").fill_null(True)) | moved)) | alone
    by_contact = (named | pl.col("acronym") | (pl.col("name") >= evidence.LEAST)) & contact
    against = pl.col("numbers") | (pl.col("source") == pl.col("source_other"))
    said = pl.concat_list(pl.when(held).then(pl.lit(name)) for name, held in kinds.items()).list.drop_nulls()
    worth = pl.sum_horizontal(held.cast(pl.Float64) for held in kinds.values())
    judged = found.with_columns(
        kinds=said.list.join(" "),
        supported=(by_name | by_contact) & ~against,
        score=pl.col("strength") + 20 * worth + 10 * here.cast(pl.Float64),
    ).with_columns(ranked=pl.when("supported").then("score").otherwise(0.0))
    sure = pl.col("supported") & _is_best("ranked", repeating)
    verdict = pl.when("conflict").then(pl.lit(CONFLICT)).when(sure).then(pl.lit(SURE)).otherwise(pl.lit(POSSIBLE))
    return judged.with_columns(verdict=verdict).filter(
        pl.when("conflict").then("supported").otherwise(sure | _possible())
    )


def _possible() -> pl.Expr:
    """What a person should look at: alike in name and not far, or reached in the same way, and no number between."""
    not_far = pl.col("commune").fill_null(False) | pl.col("departement").fill_null(True)
    alike = pl.col("name") >= evidence.ALIKE
    near = pl.col("commune").fill_null(False) | pl.col("departement").fill_null(False)
    inside = pl.col("within") & near & ((pl.col("rarity") >= MIN_RARITY) | pl.col("kind").fill_null(False))
    return (((alike | inside | pl.col("acronym")) & not_far) | pl.col("website") | pl.col("address")) & ~pl.col(
        "numbers"
    )


def _is_best(column: str, repeating: Collection[int] = ()) -> pl.Expr:
    """Whether no other record of the other's source comes up to it, seen from either side."""
    value = pl.col(column)
    sides = (("left", "source_other"), ("right", "source"))
    # Of those that come second, the greatest is less: a rank of 1 that nobody shares.
    return (value > 0) & pl.all_horizontal(
        (value.rank("max", descending=True).over(side) == 1) | pl.col(side[1]).is_in(list(repeating)) for side in sides
    )


def write(matches: Mapping[str, pl.DataFrame], out: Path) -> None:
    """Write candidates as `candidates.csv` and `candidates.nq` in `out`; `matches` has those of each table.

    The statements are `skos:closeMatch`, whatever the verdict: that two are one thing, only a person says.
    """
    named = [frame.select(pl.lit(table).alias("table"), pl.all()) for table, frame in matches.items()]
    pl.concat([pl.DataFrame(schema={"table": pl.String(), **COLUMNS}), *named]).write_csv(out / "candidates.csv")
    with (out / "candidates.nq").open("w", encoding="utf-8") as nquads:
        for table, frame in matches.items():
            for keys in frame.filter(pl.col("verdict") != CONFLICT).select("left", "right").iter_rows():
                left, right = (f"<{BASE}id/{table}/{key}>" for key in keys)
                nquads.write(f"{left} <{CLOSE_MATCH}> {right} <{GRAPH}> .\n")
