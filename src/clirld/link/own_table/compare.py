"""Rows of one's own table beside the things of a release: what each row is, surely or maybe, and why not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process

from clirld.link import evidence, matching, names
from clirld.link.own_table.unusual import SOURCE

NEAREST = 2
"""Things that are shown of a row which is linked to none."""

MAX_COMPARED = 20_000_000
"""Pairs of names that are compared of rows without a place, some seconds of a processor."""

NUMBER = "number"
"""What a link rests on that follows from an official number alone."""
NUMBER_SCORE = 200.0
"""Its score, above all that other evidence may have."""

NEAR = "near"
"""The verdict of a thing that is only the nearest: nothing speaks for it."""

EVIDENCE = [name for name in matching.COLUMNS if name not in ("left", "right", "left_name", "right_name")]
"""Columns of evidence of a link: `clirld.link.matching.COLUMNS`, without who."""

CANDIDATES = {
    "row": pl.Int64(), "thing": pl.String(), "source": pl.String(), "thing_name": pl.String(),
    **{name: matching.COLUMNS[name] for name in EVIDENCE}, "rank": pl.UInt32(), "why_not": pl.String(),
}  # fmt: skip
"""Of a row and a thing: the key and the name of the thing, which source says so, the evidence, how good of those of the
row (1: the best), and why they are not surely one (a code of WHY_NOT; null where they are)."""

WHY_NOT = (
    "another-number",
    "another-commune",
    "several",
    "numbers-in-names",
    "kind",
    "name",
    "part-of-name",
    "common-words",
    "one-evidence",
)


def candidates(own: pl.DataFrame, things: pl.DataFrame, one: Mapping[str, str]) -> pl.DataFrame:
    """The things that rows are or may be, and of rows without any the nearest by name; columns are CANDIDATES.

    `own` and `things` are records (`clirld.link.records.SCHEMA`); those of `own` are keyed by the number of the row.
    `one` has, of each thing that is the same as another by number or by judgement, the key that stands for both.
    """
    # Rows that say the same, as those of one thing in several years, are one: else neither would be the best.
    said = [name for name in own.columns if name not in ("key", "source")]
    once = own.with_columns(same=pl.struct(said).hash())
    rows = once.select("same", row=pl.col("key").cast(pl.Int64))
    once = once.unique("same", keep="first", maintain_order=True).with_columns(key=pl.format("{}#{}", "source", "same"))
    named = once.filter(pl.col("names").list.len() > 0).select(things.columns)
    judged = _judged(named, things)
    numbered = _by_number(once, things)
    judged = judged.join(numbered, on=["own", "thing"], how="anti")
    # A number that both have is worth more than whatever speaks for another thing.
    outdone = (pl.col("verdict") == matching.SURE) & pl.col("own").is_in(numbered["own"].unique().implode())
    judged = (
        judged.with_columns(outdone=outdone, not_one=_not_one(judged, named))
        .with_columns(
            why_not=pl.when("outdone")
            .then(pl.lit("another-number"))
            .when("not_one")
            .then(pl.lit("several"))
            .otherwise(_why_not()),
            verdict=pl.when(pl.col("outdone") | pl.col("not_one")).then(pl.lit(matching.POSSIBLE)).otherwise("verdict"),
        )
        .drop("outdone", "not_one")
    )
    found = _not_alone(pl.concat([numbered, judged], how="diagonal"), one)
    alone = named.join(found.select(key="own"), on="key", how="anti")
    found = pl.concat([found, _nearest(alone, things)], how="diagonal")
    order = {matching.SURE: 0, matching.POSSIBLE: 1, matching.CONFLICT: 2, NEAR: 3}
    told = things.select(thing="key", source="source", thing_name=pl.col("names").list.first()).unique(
        "thing", keep="first", maintain_order=True
    )
    best = (
        found.with_columns(order=pl.col("verdict").replace_strict(order, return_dtype=pl.Int8))
        .sort("own", "order", -pl.col("score").fill_null(0.0), "thing")
        .unique(["own", "thing"], keep="first", maintain_order=True)
        .with_columns(rank=pl.col("thing").cum_count().over("own"))
        .join(told, on="thing", how="left", maintain_order="left")
        .with_columns(same=pl.col("own").str.split("#").list.last().cast(pl.UInt64))
    )
    return (
        rows.join(best, on="same")
        .sort("row", "rank")
        .select(pl.col(name).cast(kind) for name, kind in CANDIDATES.items())
    )


def _judged(own: pl.DataFrame, things: pl.DataFrame) -> pl.DataFrame:
    """What matching finds between rows and things: `own`, `thing`, and EVIDENCE."""
    both = pl.concat([own, things]) if own.height and things.height else own.clear()
    found = matching.candidates(both, repeating=[SOURCE])
    is_left, is_right = (pl.col(side).str.starts_with(f"{SOURCE}#") for side in ("left", "right"))
    return found.filter(is_left ^ is_right).select(
        pl.when(is_left).then("left").otherwise("right").alias("own"),
        pl.when(is_left).then("right").otherwise("left").alias("thing"),
        *EVIDENCE,
    )


def _not_one(judged: pl.DataFrame, own: pl.DataFrame) -> pl.Expr:
    """Whether a row is surely a thing which another row is too that is called otherwise and fits better."""
    sure = judged.filter(pl.col("verdict") == matching.SURE)
    shared = sure.filter(pl.len().over("thing") > 1)
    texts = dict(_texts(own).group_by("key").agg("text").iter_rows())
    outdone: list[tuple[str, str]] = []
    for _, rows in shared.sort("thing", -pl.col("score"), "own").group_by("thing", maintain_order=True):
        first, *others = rows["own"].to_list()
        for row in others:
            alike = max(fuzz.ratio(one, other) for one in texts[first] for other in texts[row])
            if alike < evidence.ALIKE:
                outdone.append((row, rows["thing"][0]))
    return pl.struct("own", "thing").is_in(
        pl.Series(
            [{"own": own, "thing": thing} for own, thing in outdone],
            dtype=pl.Struct({"own": pl.String, "thing": pl.String}),
        ).implode()
    )


def _not_alone(found: pl.DataFrame, one: Mapping[str, str]) -> pl.DataFrame:
    """The same, where no thing is sure that another comes up to, unless they are one (`one`): both are to be seen."""
    good = found.select(
        "own", "thing", "verdict", "score", stands=pl.col("thing").replace(one), index=pl.int_range(pl.len())
    ).filter(pl.col("verdict") != matching.CONFLICT)
    rivals = good.filter(pl.col("verdict") == matching.SURE).join(good, on="own", suffix="_other")
    rivals = rivals.filter(
        (pl.col("stands") != pl.col("stands_other")) & (pl.col("score_other") > pl.col("score") - evidence.MARGIN)
    )
    is_rivalled = pl.int_range(pl.len()).is_in(rivals["index"].unique().implode())
    return found.with_columns(
        verdict=pl.when(is_rivalled).then(pl.lit(matching.POSSIBLE)).otherwise("verdict"),
        why_not=pl.when(is_rivalled).then(pl.lit("several")).otherwise("why_not"),
    )


def _by_number(own: pl.DataFrame, things: pl.DataFrame) -> pl.DataFrame:
    """Things that have an official number of the row; a conflict where they have another one of a register too."""
    numbers = own.select(own="key", number="identifiers").explode("number").drop_nulls("number")
    known = things.select(thing="key", number="identifiers", numbers="identifiers").explode("number")
    shared = numbers.join(known.drop_nulls("number"), on="number").unique(
        ["own", "thing"], keep="first", maintain_order=True
    )
    shared = shared.join(own.select(own="key", given="identifiers"), on="own")
    return shared.select(
        "own",
        "thing",
        verdict=pl.when(_contradict()).then(pl.lit(matching.CONFLICT)).otherwise(pl.lit(matching.SURE)),
        kinds=pl.lit(NUMBER),
        score=pl.lit(NUMBER_SCORE),
        why_not=pl.when(_contradict()).then(pl.lit("another-number")),
    )


def _contradict() -> pl.Expr:
    """Whether the numbers of a row (`given`) and of a thing (`numbers`) of one register are others.

    Not those of establishments: one organization has several.
    """
    differ = []
    for register in ("siren:", "rna:"):
        one, other = (
            pl.col(name).list.eval(pl.element().filter(pl.element().str.starts_with(register)))
            for name in ("given", "numbers")
        )
        differ.append(
            (one.list.len() > 0) & (other.list.len() > 0) & (one.list.set_intersection(other).list.len() == 0)
        )
    return pl.any_horizontal(differ)


def _why_not() -> pl.Expr:
    """Why a pair that something speaks for is not surely one thing; null where it is."""
    reasons = {
        "another-number": pl.col("verdict") == matching.CONFLICT,
        "numbers-in-names": pl.col("numbers"),
        "kind": ~pl.col("kind"),
        "another-commune": ~pl.col("commune") & ~(pl.col("website") | pl.col("address")),
        "name": (pl.col("name") < evidence.ALIKE) & ~pl.col("within") & ~pl.col("acronym"),
        "part-of-name": (pl.col("name") < evidence.ALIKE) & ~(pl.col("website") | pl.col("address")),
        "common-words": (pl.col("rarity") < matching.MIN_RARITY) & ~(pl.col("website") | pl.col("address")),
        "several": pl.col("kinds").str.contains(" "),
    }
    told: pl.Expr = pl.lit("one-evidence")
    for reason, holds in reversed(reasons.items()):
        told = pl.when(holds.fill_null(False)).then(pl.lit(reason)).otherwise(told)
    return pl.when(pl.col("verdict") != matching.SURE).then(told)


def _nearest(own: pl.DataFrame, things: pl.DataFrame) -> pl.DataFrame:
    """Of rows for which nothing speaks: what has their very name elsewhere, then the nearest names in the département.

    Rows without a place are compared with all, where these are not too many (MAX_COMPARED).
    """
    rows, others = _texts(own), _texts(things)
    pairs = [rows.join(others, on="text", suffix="_thing").with_columns(name=pl.lit(100.0))]
    for (place,), here in rows.group_by("departement", maintain_order=True):
        there = others if place is None else others.filter(pl.col("departement") == place)
        if not there.height or (place is None and here.height * there.height > MAX_COMPARED):
            continue
        alike = process.cdist(here["text"].to_list(), there["text"].to_list(), scorer=fuzz.ratio, dtype=np.uint8)
        # More than are wanted: a thing may have several names.
        best = np.argsort(-alike.astype(np.int16), axis=1, kind="stable")[:, : NEAREST * 8]
        at = np.repeat(np.arange(here.height), best.shape[1])
        near = there[best.ravel()].rename(lambda name: f"{name}_thing").drop("text_thing")
        scores = pl.Series("name", alike[at, best.ravel()].astype(float))
        pairs.append(pl.concat([here[at], near, scores.to_frame()], how="horizontal"))
    known = ("key", "commune", "departement", "key_thing", "commune_thing", "departement_thing", "name")
    found = pl.concat([frame.select(known) for frame in pairs]).select(
        "name",
        own="key",
        thing="key_thing",
        **{place: pl.col(place) == pl.col(f"{place}_thing") for place in ("commune", "departement")},
    )
    found = found.sort("own", -pl.col("name"), "thing").unique(["own", "thing"], keep="first", maintain_order=True)
    found = found.filter(pl.col("thing").cum_count().over("own") <= NEAREST)
    elsewhere = (pl.col("name") >= evidence.ALIKE) & ~pl.col("commune")
    return found.with_columns(
        verdict=pl.lit(NEAR),
        kinds=pl.lit(""),
        score=pl.col("name"),
        why_not=pl.when(elsewhere.fill_null(False)).then(pl.lit("another-commune")).otherwise(pl.lit("name")),
    )


def _texts(records: pl.DataFrame) -> pl.DataFrame:
    """The names of records as they are compared: `key`, `commune`, `departement`, `text`."""
    exploded = records.select("key", "commune", "departement", name="names").explode("name").drop_nulls("name")
    return names.folded(exploded).select(
        "key", "commune", "departement", text=pl.col("ordered").list.sort().list.join(" ")
    )
