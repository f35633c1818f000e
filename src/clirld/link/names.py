"""Names as they are compared: folded words, without legal forms and articles, régions by the name of today.

An address never enters: only what things are called is compared here.
"""

from __future__ import annotations

import re

import polars as pl

from clirld.values.text import fold

_LEGAL_FORMS = (
    r"\b(?:association (?:loi )?(?:de )?1901|association (?:declaree|reconnue d utilite publique|sans but lucratif)"
    r"|association|assoc?|societe cooperative (?:d interet collectif|de production|et participative|ouvriere(?: de"
    r" production)?)|(?:s a r l|sarl|eurl|sasu?|scop|scic|scea|snc|gie|selarl) (?:sarl|sas|sa)?\b|sarl|eurl|sasu?|scop"
    r"|scic|sci|snc|gie|societe (?:par actions simplifiee|a responsabilite limitee|anonyme))\b"
)
"""Words that say what a thing is in law (INSEE, catégories juridiques), and how they are shortened."""

_ARTICLES = [
    "a",
    "au",
    "aux",
    "d",
    "de",
    "des",
    "du",
    "en",
    "et",
    "l",
    "la",
    "le",
    "les",
    "par",
    "pour",
    "sur",
    "un",
    "une",
    "the",
    "of",
]

REGIONS = {
    "auvergne rhone alpes": r"auvergne(?: rhone alpes)?|rhone alpes",
    "bourgogne franche comte": r"bourgogne(?: franche comte)?|franche comte|bfc",
    "grand est": r"alsace(?: lorraine)?|lorraine|champagne ardennes?",
    "hauts de france": r"nord pas de calais(?: picardie)?|npdc|picardie|hdf",
    "normandie": r"(?:haute|basse) normandie",
    "nouvelle aquitaine": r"(?:nouvelle )?aquitaine|limousin|poitou charentes?",
    "occitanie": r"midi pyrenees|languedoc roussillon",
}
"""Régions of today, and how those of before 2016 that they were made of, or they themselves, are said in names."""

NAMES_AT_ONCE = 100_000
"""Names of which the words are in memory at a time."""

COMMON_SHARE, COMMON_FROM = 0.2, 20
"""A word in more than this share of a source's names, where it has at least so many, says what the source lists."""


def folded(names: pl.DataFrame) -> pl.DataFrame:
    """Names (`name`) with their words: `ordered`, those that can tell one from another, folded (`values.text.fold`).

    All words are left, where none else would be.
    """
    unique = names.select("name").unique(maintain_order=True)
    split = unique.with_columns(part=pl.col("name").str.split(" ")).explode("part")
    parts = split["part"].unique()
    # Folded part by part: there are far fewer of these than names.
    spelled = pl.DataFrame(
        {"part": parts, "word": [fold(part or "") for part in parts]}, schema_overrides={"word": pl.String()}
    )
    whole = (
        split.join(spelled, on="part", maintain_order="left", nulls_equal=True)
        .group_by("name", maintain_order=True)
        .agg(pl.col("word").str.join(" "))
    )
    for region, former in REGIONS.items():
        whole = whole.with_columns(pl.col("word").str.replace_all(rf"\b(?:{former})\b", region))
    told = pl.col("word").str.replace_all(_LEGAL_FORMS, " ").str.extract_all(r"\S+")
    told = told.list.eval(pl.element().filter(~pl.element().is_in(_ARTICLES)))
    everything = pl.col("word").str.extract_all(r"\S+")
    ordered = whole.select("name", ordered=pl.when(told.list.len() > 0).then(told).otherwise(everything))
    return names.join(ordered, on="name", maintain_order="left")


def telling(name: str) -> list[str]:
    """The words of one name that can tell it from another, as `folded` gives them in `ordered`."""
    word = " ".join(fold(part) or "" for part in name.split(" "))
    for region, former in REGIONS.items():
        word = re.sub(rf"\b(?:{former})\b", region, word)
    told = [one for one in re.sub(_LEGAL_FORMS, " ", word).split() if one not in _ARTICLES]
    return told or word.split()


def abbreviated(named: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What names (`row`, `name`, `ordered`) may be short for and what may be short: two tables of `row`, `acronym`.

    The first has the initials of three words or more; the second words in capitals among others, and names of one short
    word.
    """
    size = pl.col("ordered").list.len()
    initials = pl.col("ordered").list.eval(pl.element().str.slice(0, 1)).list.join("")
    capitals = pl.col("name").str.extract_all(r"\b[A-Z]{3,8}\b").list.eval(pl.element().str.to_lowercase())
    among = (size > 1) & (pl.col("name") != pl.col("name").str.to_uppercase())
    one = (size == 1) & pl.col("ordered").list.first().str.len_chars().is_between(3, 8)
    return (
        named.filter(size >= 3).select("row", acronym=initials),
        pl.concat(
            [
                named.filter(among).select("row", acronym=capitals).explode("acronym").drop_nulls(),
                named.filter(one).select("row", acronym=pl.col("ordered").list.first()),
            ]
        ),
    )


def texts(records: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Every name of every record (`row`, `source`) as it is compared; `named` is what `folded` gives of them.

    One row a different name, and another for it without what all names of its source say: `row`, `words` (sorted, each
    once), `text` (these, joined), `numbers` (those with a digit).
    """
    named = named.select("row", "ordered").join(records.select("row", "source"), on="row").with_row_index("at")
    sizes = named.group_by("source").agg(size=pl.len())
    parts = range(0, max(named.height, 1), NAMES_AT_ONCE)
    counted = [_words(named[start : start + NAMES_AT_ONCE]).group_by("source", "word").len("n") for start in parts]
    counts = pl.concat(counted).group_by("source", "word").agg(pl.col("n").sum()).join(sizes, on="source")
    common = counts.filter((pl.col("size") >= COMMON_FROM) & (pl.col("n") > COMMON_SHARE * pl.col("size")))
    found = [_variants(_words(named[start : start + NAMES_AT_ONCE]), common) for start in parts]
    return pl.concat(found).unique(["row", "text"]).sort("row", "text")


def _words(named: pl.DataFrame) -> pl.DataFrame:
    """The words of some names, each once a name: `at`, `row`, `source`, `word`."""
    words = named.select("at", "row", "source", word="ordered").explode("word").drop_nulls("word")
    return words.unique(["at", "word"])


def _variants(exploded: pl.DataFrame, common: pl.DataFrame) -> pl.DataFrame:
    """Names as they are compared, of their words: with those that are `common` in their source, and without."""
    # Compared with them, and without: another source may say them in every name, or in none.
    shorter = exploded.join(common, on=["source", "word"], how="anti")
    shorter = shorter.join(exploded.join(common, on=["source", "word"], how="semi"), on="at", how="semi")
    variants = pl.concat([exploded.with_columns(shorter=False), shorter.with_columns(shorter=True)])
    return (
        variants.group_by("at", "shorter")
        .agg(pl.col("row").first(), words=pl.col("word").sort())
        .with_columns(
            text=pl.col("words").list.join(" "),
            numbers=pl.col("words").list.eval(pl.element().filter(pl.element().str.contains(r"[0-9]"))),
        )
        .drop("at", "shorter")
    )


def frequencies(named: pl.DataFrame) -> pl.DataFrame:
    """How many records have each word (`word`, `records`), of what `texts` gives."""
    exploded = named.select("row", word="words").explode("word").unique()
    return exploded.group_by("word").agg(records=pl.len())
