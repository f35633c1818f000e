"""What speaks for two records being one thing, and what against: a column for each feature of each pair."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import chain

import polars as pl
from rapidfuzz import fuzz, process

from clirld.link import blocks, names

LEAST = 75.0
"""Names less alike than this (rapidfuzz ratio of their sorted words, of 100) are no evidence of anything."""

ALIKE = 90.0
"""Names at least so alike are one name, but for how they are spelled."""

MARGIN = 8.0
"""A thing is not surely it where another, that is not the same, scores less than this below it: both are as good."""

_SIDE = ("row", "source", "commune", "departement", "kinds", "identifiers")
_PAIR = ["left", "right"]
_AT_ONCE = 200_000
_FEW = 50_000
"""Pairs that are compared one by one."""


def found(records: pl.DataFrame) -> pl.DataFrame:
    """The pairs of records (`records.SCHEMA` and `row`) for which anything speaks: `left`, `right`, their rows, and

    `name`      0-100: how alike the sorted words of their names are, of all their names the two most alike
    `within`    whether one name has all the words of the other
    `acronym`   whether one is called by the initials of the other
    `rarity`    how much the words tell that both have, but not the commune: 1 where by chance not one name in all
                would have them, 0 where there are none
    `numbers`   whether their names have different numbers: “Startway 2”, “Startway 3”
    `commune`, `departement`  whether they are the same; null where one is not known
    `website`, `address`      whether they have one in common, which is not that of many
    `kind`      whether they are of one kind; null where one is not known
    `conflict`  whether both have an official number of one register, and not the same
    """
    named = names.folded(records.select("row", name="names").explode("name").drop_nulls("name"))
    texts = names.texts(records, named)
    frequencies = names.frequencies(texts)
    marks = {
        "website": blocks.shared(records, "sites"),
        "address": blocks.shared(records, "address"),
        "acronym": blocks.abbreviated(records, *names.abbreviated(named)),
    }
    marked = pl.concat(marks.values()).unique()
    several = chain(blocks.pairs(records, texts, frequencies), [marked])
    kept = pl.concat(_compared(texts, pairs, marks) for pairs in several).unique(_PAIR)
    registers = pl.col("identifiers").list.eval(pl.element().str.split(":").list.first())
    sides = records.select(*_SIDE, registers=registers).with_columns(
        pl.col("source", "commune", "departement").rank("dense")
    )
    sides = sides.with_columns(pl.col("registers", "identifiers", "kinds").fill_null([]))
    kept = kept.join(sides, left_on="left", right_on="row").join(
        sides, left_on="right", right_on="row", suffix="_other"
    )
    kept = kept.with_columns(
        (pl.col("commune") == pl.col("commune_other")).alias("same_commune"),
        (pl.col("departement") == pl.col("departement_other")).alias("same_departement"),
        kind=_kinds(pl.col("kinds"), pl.col("kinds_other")),
        conflict=_conflict(),
    )
    kept = kept.join(_rarity(kept, records, texts, frequencies), on=_PAIR, how="left")
    kept = kept.join(_numbers(texts, kept), on=_PAIR, how="left")
    return kept.select(
        *_PAIR, "source", "source_other", "name", "within", "acronym", pl.col("rarity").fill_null(0.0),
        pl.col("numbers").fill_null(False),
        "website", "address", "kind", "conflict",
        commune="same_commune", departement="same_departement",
    )  # fmt: skip


def _compared(texts: pl.DataFrame, pairs: pl.DataFrame, marks: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The pairs whose names are alike, or which are marked: each name of one compared with each of the other."""
    parts = []
    for part in pairs.iter_slices(_AT_ONCE) if pairs.height else (pairs,):
        both = part.join(texts.select("row", "text"), left_on="left", right_on="row")
        both = both.join(texts.select("row", "text"), left_on="right", right_on="row", suffix="_other")
        one, other = both["text"].to_list(), both["text_other"].to_list()
        alike, within = _scores(one, other, fuzz.ratio, LEAST), _scores(one, other, fuzz.token_set_ratio, 100)
        both = both.select(*_PAIR, name=alike, within=within == 100)
        both = both.group_by(_PAIR).agg(pl.col("name").max().round(1), pl.col("within").any())
        for name, marked in marks.items():
            both = both.join(marked.with_columns(pl.lit(True).alias(name)), on=_PAIR, how="left")
        both = both.with_columns(pl.col(*marks).fill_null(False))
        parts.append(both.filter((pl.col("name") >= ALIKE) | pl.any_horizontal("within", *marks)))
    return pl.concat(parts)


def _scores(one: list[str], other: list[str], scorer: Callable[..., float], least: float) -> pl.Series:
    """How alike the texts of two lists are, in their order; 0 for what is less than `least`."""
    if len(one) > _FEW:
        found = list(process.cpdist(one, other, scorer=scorer, score_cutoff=least))
    else:  # without NumPy, which takes longer to import than that
        found = [scorer(a, b, score_cutoff=least) for a, b in zip(one, other, strict=True)]
    return pl.Series(found, dtype=pl.Float32()).cast(pl.Float64())  # as cpdist has them


def _numbers(texts: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Pairs of which each has a number in its name that the other has not, however they are called."""
    numbers = texts.filter(pl.col("numbers").list.len() > 0).group_by("row").agg(pl.col("numbers").explode().unique())
    both = kept.select(_PAIR).join(numbers, left_on="left", right_on="row")
    both = both.join(numbers, left_on="right", right_on="row", suffix="_other")
    one, other = pl.col("numbers"), pl.col("numbers_other")
    differ = (one.list.set_difference(other).list.len() > 0) & (other.list.set_difference(one).list.len() > 0)
    return both.filter(differ).select(*_PAIR, numbers=pl.lit(True))


def _conflict() -> pl.Expr:
    """Two numbers of one register (`siren:…`, `rna:…`, `rnf:…`) that differ, and none that is the same."""
    registers = pl.col("registers").list.set_intersection("registers_other").list.len() > 0
    return registers & (pl.col("identifiers").list.set_intersection("identifiers_other").list.len() == 0)


def _rarity(kept: pl.DataFrame, records: pl.DataFrame, texts: pl.DataFrame, frequencies: pl.DataFrame) -> pl.DataFrame:
    """Of each pair, the sum over its shared words of ln(names / other names that have it), in units of ln(names)."""
    words = texts.select("row", word="words").explode("word").unique()
    of_places = records.select("row", word="locality").explode("word").drop_nulls("word")
    telling = words.join(of_places, on=["row", "word"], how="anti").join(frequencies, on="word")
    total = max(records.height, 3)
    telling = telling.with_columns(
        weight=(total / (pl.col("records") - 1).clip(lower_bound=1)).log() / math.log(total)
    ).drop("records")
    shared = (
        kept.select(_PAIR)
        .join(telling, left_on="left", right_on="row")
        .join(telling.select("row", "word"), left_on=["right", "word"], right_on=["row", "word"])
    )
    return shared.group_by(_PAIR).agg(rarity=pl.col("weight").sum().round(2))


def _kinds(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Whether two lists of kinds have one in common; null where one is empty."""
    known = (one.list.len() > 0) & (other.list.len() > 0)
    return pl.when(known).then(one.list.set_intersection(other).list.len() > 0)
