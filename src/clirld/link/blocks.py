"""Which records are compared at all: those that share a place and a word, a rare word, a website or an address."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

MAX_BLOCK = 25
"""More records than these under one block tell nothing of two of them: what they share is too common."""

MAX_SHARED = 4
"""A website or an address of more records than these is that of a network, a portal or a business park."""

MAX_PLACE = 12
"""In a place of so few records, all are compared, whatever they are called."""

RARE = 8
"""A word that at most so many records have is looked up wherever they are."""


PLACES_AT_ONCE = 200_000
"""Places of records that are looked at together: of so many the words, and the pairs, are in memory at a time."""


def pairs(records: pl.DataFrame, texts: pl.DataFrame, frequencies: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Pairs of records (`left` < `right`, numbers of rows) that share a place and a word, or a rare word.

    `records` has `row`, `commune`, `departement` and `places`; `texts` is what `names.texts` gives, `frequencies` what
    `names.frequencies` does. They come in several tables, each place in one: a pair of two places may be in two.
    """
    places = pl.concat_list(
        pl.col("commune").fill_null(""), pl.col("departement").fill_null(""), pl.col("places").fill_null([])
    )
    placed = records.select("row", place=places).explode("place").filter(pl.col("place") != "").unique()
    placed = placed.select("row", place=pl.col("place").hash(1))
    spelled = texts.select("row", word="words").explode("word").unique()
    beginnings = texts.select(
        "row", word=pl.lit("^") + pl.col("text").str.replace_all(" ", "").str.slice(0, 4)
    ).unique()
    hashed = pl.concat([spelled, beginnings]).select("row", word=pl.col("word").hash(2))
    rare = spelled.join(frequencies.filter(pl.col("records") <= RARE), on="word", how="semi")
    yield _within(rare.select("row", block=pl.col("word").hash(3)), MAX_BLOCK)
    del spelled, beginnings, rare
    slices = placed.height // PLACES_AT_ONCE + 1
    for number in range(slices):
        some = placed.filter(pl.col("place") % slices == number)
        in_place = some.join(hashed, on="row").select("row", block=pl.col("place") ^ pl.col("word"))
        few = _within(some.rename({"place": "block"}), MAX_PLACE)
        yield pl.concat([few, _within(in_place, MAX_BLOCK)]).unique()


def shared(records: pl.DataFrame, column: str) -> pl.DataFrame:
    """Pairs of records that have a value of a column in common which is not that of many."""
    values = records.select("row", value=column)
    values = values.explode("value") if values.schema["value"].is_nested() else values
    return _within(values.drop_nulls("value").select("row", block=pl.col("value").hash(4)), MAX_SHARED)


def abbreviated(records: pl.DataFrame, full: pl.DataFrame, short: pl.DataFrame) -> pl.DataFrame:
    """Pairs of records of a commune of which one is called by the initials of the other (`names.abbreviated`)."""
    here = records.select("row", "commune").drop_nulls("commune")
    one, other = (frame.join(here, on="row") for frame in (short, full))
    joined = one.join(other, on=["commune", "acronym"], suffix="_other").filter(pl.col("row") != pl.col("row_other"))
    return joined.select(
        left=pl.min_horizontal("row", "row_other"), right=pl.max_horizontal("row", "row_other")
    ).unique()


def _within(blocks: pl.DataFrame, most: int) -> pl.DataFrame:
    blocks = blocks.unique()
    sizes = blocks.group_by("block").len().filter(pl.col("len").is_between(2, most))
    blocks = blocks.join(sizes, on="block", how="semi")
    joined = blocks.join(blocks, on="block", suffix="_other").filter(pl.col("row") < pl.col("row_other"))
    return joined.select(left="row", right="row_other").unique()
