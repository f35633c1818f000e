"""Rows of the canonical tables as they are compared: names, kinds, places of today, websites, address, numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

import polars as pl

from clirld.values.text import fold

SCHEMA = {
    "key": pl.String(),
    "source": pl.String(),
    "names": pl.List(pl.String()),
    "kinds": pl.List(pl.String()),
    "commune": pl.String(),
    "departement": pl.String(),
    "places": pl.List(pl.String()),
    "locality": pl.List(pl.String()),
    "sites": pl.List(pl.String()),
    "address": pl.String(),
    "identifiers": pl.List(pl.String()),
}
"""What is compared of a record. `names`: the first is the one it goes by, then usual and former ones. `commune`,
`departement`, `places`: keys of territories. `locality`: folded words of the commune's name. `sites`: as `site` gives
them. `identifiers`: `siren:…`, `siret:…`, `rna:…`, `rnf:…`, `wikidata:…`."""

TABLES = ("initiative", "organization")
"""Tables of which records may be one, each by itself: an initiative is never what carries it."""

_IDENTIFIERS = ("siren", "siret", "rna", "rnf", "wikidata")
_ELSEWHERE = frozenset({"facebook.com", "instagram.com", "twitter.com", "x.com", "linkedin.com", "helloasso.com"})
_HOME = frozenset({"", "/", "/index.html", "/index.php", "/accueil", "/fr"})


def site(address: str) -> str | None:
    """A web address as it is compared: host without www, and path; None where it is no site of one's own.

    A host of many, such as facebook.com, needs a path; so that a page of a portal never stands for the portal.
    """
    parts = urlsplit(address if "//" in address else f"//{address}")
    host = (parts.hostname or "").removeprefix("www.").removeprefix("fr-fr.")
    path = parts.path.rstrip("/").lower()
    path = "" if path in _HOME else path
    return None if "." not in host or (host in _ELSEWHERE and not path) else f"{host}{path}"


def departement(commune: str | None) -> str | None:
    """The number of the département of an INSEE code of a commune, or of a postcode."""
    return None if not commune else commune[: 3 if commune.startswith(("97", "98")) else 2]


ROWS_AT_ONCE = 100_000
"""Rows that are made comparable together, so that memory does not grow with what that takes."""


def of_tables(frames: Iterable[pl.LazyFrame]) -> pl.DataFrame:
    """The records of one canonical table (initiative or organization), from the frames of its sources, one of each.

    What a source says of one entity in several rows is one record, with all names; columns are those of `SCHEMA`.
    """
    tables = [_comparable(part) for frame in frames for part in _parts(_known(frame))]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *tables])


def _parts(known: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The rows of a source in parts, all that have the same key in one."""
    hashes = known.select(pl.col("key").hash()).collect(engine="streaming")["key"]
    several = hashes.filter(hashes.is_duplicated()).unique()
    is_of_several = pl.col("key").hash().is_in(several.implode())
    if several.len():
        yield known.filter(is_of_several).collect()
    for start in range(0, hashes.len(), ROWS_AT_ONCE):
        yield known.slice(start, ROWS_AT_ONCE).filter(~is_of_several).collect()


def _comparable(table: pl.DataFrame) -> pl.DataFrame:
    merged = table.group_by("key", "source", maintain_order=True).agg(
        pl.concat_list("name", "alternative_name").explode().drop_nulls().unique(maintain_order=True).alias("names"),
        *(pl.col(name).explode().drop_nulls().unique(maintain_order=True) for name in ("kind", "acts_in", "homepage")),
        *(pl.col(name).drop_nulls().first() for name in ("commune", "seat", "street", "locality")),
        identifiers=pl.concat_list(pl.format(f"{name}:{{}}", pl.col(name)) for name in _IDENTIFIERS)
        .explode()
        .drop_nulls()
        .unique(maintain_order=True),
    )
    code = pl.coalesce("commune", pl.col("seat").str.extract("^commune-(.+)$"))
    within = pl.coalesce(
        pl.format("departement-{}", code.str.extract("^(9[78].|..)")), pl.col("seat").str.extract("^(departement-.+)$")
    )
    street, locality = (_each(merged[name], fold) for name in ("street", "locality"))
    homepages = merged.select("key", "source", site="homepage").explode("site").drop_nulls()
    sites = (
        homepages.with_columns(_each(homepages["site"], site))
        .group_by("key", "source")
        .agg(pl.col("site").drop_nulls().unique().sort().alias("sites"))
    )
    return (
        merged.with_columns(street, locality)
        .join(sites, on=["key", "source"], how="left", maintain_order="left")
        .select(
            "key", "source", "names", "sites", "identifiers", kinds="kind",
            commune=pl.format("commune-{}", code), departement=within,
            places=pl.concat_list("acts_in", pl.col("seat")).list.drop_nulls().list.unique(maintain_order=True),
            locality=pl.col("locality").fill_null("").str.extract_all(r"\S+"),
            # A street without a number is that of many.
            address=pl.when(pl.col("street").str.contains("[0-9]")).then(pl.format("{} {}", code, pl.col("street"))),
        )
        .select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    )  # fmt: skip


def _known(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The columns of a table that are compared; those that it does not have are empty."""
    texts = dict.fromkeys(
        ("key", "source", "name", "commune", "seat", "street", "locality", *_IDENTIFIERS), pl.String()
    )
    lists = dict.fromkeys(("alternative_name", "kind", "acts_in", "homepage"), pl.List(pl.String()))
    there = frame.collect_schema().names()
    known = frame.select(
        (pl.col(name) if name in there else pl.lit(None)).cast(kind).alias(name)
        for name, kind in (texts | lists).items()
    )
    return known.with_columns(pl.col(*lists).fill_null([]))


def _each(values: pl.Series, cleaned: Callable[[str], str | None]) -> pl.Series:
    """What each different value of a series becomes."""
    unique = values.drop_nulls().unique()
    return values.replace_strict(unique, [cleaned(one) for one in unique], default=None, return_dtype=pl.String())
