"""Territories of today by year: what begins and ends there, who is recognised, situations, and figures.

Only what a source gives a year to has a year; all else stands in the row of a territory whose year is empty. So each
thing is counted once in a territory, and the sum over its rows is what the release has.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from typing import IO, Any, cast

import polars as pl

from clirld.release.extracts.network import upper_territories
from clirld.release.extracts.tables import ReleasedTables
from clirld.vocabulary.tables import LIST_SEPARATOR

KINDS = ("epci", "commune")
"""Kinds of territories that have a panel, each."""

_FIGURE = re.compile(r"^(?P<name>\w+)_(?P<year>[12]\d{3})$")
_CELL = ["territory", "year"]
_YEAR = pl.col("year").cast(pl.Int32, strict=False)

_ALWAYS = ("initiatives_seated", "initiatives_acting", "initiatives_ended")
"""Numbers that a panel has even where they are all zero."""

ATTRIBUTES = ("area", "density_class", "attraction_area_size", "attraction_area_role", "centre", "income_growth")
"""Columns of the figures that have no year in their name, and are the same in all rows of a territory."""


def figures(tables: ReleasedTables) -> dict[str, dict[int, str]]:
    """The figures that have a year: by name, the columns of `territory_figures` by year."""
    found: dict[str, dict[int, str]] = {}
    for column in tables.known["territory_figures"].published:
        if match := _FIGURE.match(column.name):
            found.setdefault(match["name"], {})[int(match["year"])] = column.name
    return found


def counts(tables: ReleasedTables, kind: str) -> list[pl.DataFrame]:
    """What is counted by territory of a kind and year, sorted by them: initiatives, and recognitions.

    The rest of a panel is made of `STATIC` tables alone, which few changes touch.
    """
    places = _places(tables, upper_territories(tables), kind)
    frames = (_initiatives(tables, places), _recognitions(tables, places))
    return [frame.collect(engine="streaming").sort(_CELL) for frame in frames]


_COUNTED = {
    "initiative": ("key", "seat", "acts_in", "start_year", "end_year"),
    "organization": ("key", "seat"),
    "recognition": ("recognition", "year", "initiative", "organization"),
}
"""The columns that `counts` reads, by table; and those of what territories lie in, which are of a `STATIC` one."""


def counted_of(tables: ReleasedTables) -> list[str]:
    """What `counts` are made of, but for `STATIC` tables: texts that are the same where that is."""
    texts = [repr(sorted(tables.one_of.items()))]
    for name in _COUNTED:
        rows = _counted(tables, name)
        kinds = rows.collect_schema()
        lists = [pl.col(column).list.join(LIST_SEPARATOR) for column, kind in kinds.items() if kind == pl.List]
        digest = _Digest()
        rows.with_columns(lists).sink_csv(cast("IO[bytes]", digest))
        texts.append(digest.sha256.hexdigest())
    return texts


class _Digest(io.RawIOBase):
    """A file of which only the SHA-256 is kept."""

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.sha256.update(data)
        return len(data)


def _counted(tables: ReleasedTables, name: str) -> pl.LazyFrame:
    return tables.scan(name).select(_COUNTED[name])


STATIC = ("territory", "territory_figures", "situation_finding")
"""The tables that a panel is made of besides its `counts`."""


def panel(tables: ReleasedTables, kind: str, counts: Sequence[pl.DataFrame]) -> pl.LazyFrame:
    """The panel of the territories of a kind: a row for each territory and each year of which there is a figure or an
    event, and one without a year. `counts` are those of the kind."""
    within = upper_territories(tables)
    figured = (_situations(tables, kind), _figures(tables, kind))
    counted = [*counts, *(frame.collect(engine="streaming") for frame in figured)]
    years = pl.concat([one.select("year") for one in counted]).unique()
    # A balanced panel: but for the years in which single initiatives began, which would add a row to each territory.
    dated = pl.concat([one.select("year") for one in counted[1:]]).unique().drop_nulls()
    own = tables.scan("territory").filter(pl.col("end").is_null(), pl.col("kind") == kind)
    own = own.unique("key", keep="first", maintain_order=True).select("name", "code", territory="key")
    listed = pl.concat([own.select("territory").collect(), *(one.select("territory") for one in counted)]).unique()
    grid = listed.join(pl.concat([dated, pl.DataFrame({"year": [None]}, schema=years.schema)]), how="cross")
    cells = pl.concat([grid, *(one.select(_CELL) for one in counted)]).unique().lazy()
    for one in counted:
        cells = cells.join(one.lazy(), on=_CELL, how="left", nulls_equal=True)
    numbers = [name for one in counts for name in one.columns if name not in _CELL and (one[name] > 0).any()]
    numbers = [name for name in numbers if name not in _ALWAYS]
    upper = _upper(within, kind)
    attributes = ATTRIBUTES if tables.has("territory_figures") else ()
    others = [name for one in counted[2:] for name in one.columns if name not in _CELL]
    return (
        cells.join(own, on="territory", how="left")
        .join(upper.lazy(), on="territory", how="left")
        .join(_attributes(tables), on="territory", how="left")
        .select(
            "territory", "name", *upper.columns[1:], "year",
            *(pl.col(name).fill_null(0) for name in (*_ALWAYS, *numbers)), *others, *attributes,
        )
        .sort("territory", "year", nulls_last=True)
    )  # fmt: skip


def _upper(within: pl.LazyFrame, kind: str) -> pl.DataFrame:
    """What a territory of a kind lies in: a commune in a grouping and a département, a grouping in départements."""
    if kind == "commune":
        return (
            within.filter(pl.col("commune") == pl.col("territory")).select("territory", "epci", "departement").collect()
        )
    of_communes = within.filter(pl.col("commune") == pl.col("territory")).drop_nulls(["epci", "departement"])
    return of_communes.group_by(territory="epci").agg(departements=pl.col("departement").unique().sort()).collect()


def _places(tables: ReleasedTables, within: pl.LazyFrame, kind: str) -> pl.LazyFrame:
    """Where things are, as territories of a kind: `thing`, `territory`, and `how`: `seated` or `acting` there."""
    initiative, organization = _counted(tables, "initiative"), _counted(tables, "organization")
    said = [
        initiative.select(
            thing=tables.short_name("initiative", "key"), place="seat", how=pl.lit("seated")
        ),
        initiative.select(thing=tables.short_name("initiative", "key"), place="acts_in", how=pl.lit("acting"))
        .explode("place"),
        organization.select(
            thing=tables.short_name("organization", "key"), place="seat", how=pl.lit("seated")
        ),
    ]  # fmt: skip
    places = pl.concat(said).drop_nulls("place").join(within, left_on="place", right_on="territory", how="left")
    itself = pl.when(pl.col("place").str.starts_with(f"{kind}-")).then("place")
    return places.select("thing", "how", territory=pl.coalesce(kind, itself)).drop_nulls().unique()


def _initiatives(tables: ReleasedTables, places: pl.LazyFrame) -> pl.LazyFrame:
    """Numbers of initiatives by territory and the year that they began; those that end count in the year of the end."""
    known = _counted(tables, "initiative").select(
        thing=tables.short_name("initiative", "key"),
        begun=pl.col("start_year").cast(pl.Int32, strict=False),
        ended=pl.col("end_year").cast(pl.Int32, strict=False),
    )
    known = known.group_by("thing").agg(pl.col("begun").min(), pl.col("ended").max()).join(places, on="thing")
    begun = known.group_by("territory", year="begun").agg(
        *((pl.col("how") == how).sum().cast(pl.Int32).alias(f"initiatives_{how}") for how in ("seated", "acting"))
    )
    ended = known.drop_nulls("ended").group_by("territory", year="ended")
    last = ended.agg(pl.col("thing").n_unique().cast(pl.Int32).alias("initiatives_ended"))
    joined = begun.join(last, on=_CELL, how="full", coalesce=True, nulls_equal=True)
    return joined.with_columns(pl.exclude(_CELL).fill_null(0))


def _recognitions(tables: ReleasedTables, places: pl.LazyFrame) -> pl.LazyFrame:
    """Numbers of things by territory, year and kind of recognition: a column for each kind that there is."""
    of = pl.coalesce(tables.short_name("initiative", "initiative"), tables.short_name("organization", "organization"))
    known = _counted(tables, "recognition").select("recognition", _YEAR, thing=of).unique()
    placed = known.join(places.select("thing", "territory").unique(), on="thing")
    kinds = recognitions(tables)
    return placed.group_by(_CELL).agg(
        *((pl.col("recognition") == kind).sum().cast(pl.Int32).alias(column("recognition", kind)) for kind in kinds)
    )


def recognitions(tables: ReleasedTables) -> list[str]:
    """The kinds of recognition that a source of the group tells of."""
    return _different(tables, "recognition", "recognition")


def rules(tables: ReleasedTables) -> list[str]:
    """The rules of situations, with their versions, that a finding of the group is made by."""
    return _different(tables, "situation_finding", "rule")


def _different(tables: ReleasedTables, table: str, name: str) -> list[str]:
    found: list[str] = tables.scan(table).select(pl.col(name).unique().sort()).collect()[name].to_list()
    return found


def column(of: str, kind: str) -> str:
    """The name of the column of a kind of recognition or of a rule."""
    return f"{of}_{kind.removeprefix(f'{of}-').replace('-', '_')}"


def _situations(tables: ReleasedTables, kind: str) -> pl.LazyFrame:
    """What each rule says, in the year of the newest figures that it went by."""
    newest = pl.col("observations").list.eval(pl.element().str.extract(r"-(\d{4})-\d{4}$").cast(pl.Int32)).list.max()
    known = tables.scan("situation_finding").filter(pl.col("territory").str.starts_with(f"{kind}-"))
    return (
        known.select("territory", "rule", "answer", year=newest)
        .group_by(_CELL)
        .agg(
            pl.col("answer").filter(pl.col("rule") == rule).first().alias(column("situation", rule))
            for rule in (rules(tables) if kind == "epci" else [])
        )
    )


def _figures(tables: ReleasedTables, kind: str) -> pl.LazyFrame:
    """Figures in the year that they are of."""
    if not tables.has("territory_figures"):
        return pl.LazyFrame(schema={"territory": pl.String(), "year": pl.Int32()})
    known = tables.scan("territory_figures").filter(pl.col("territory").str.starts_with(f"{kind}-"))
    known = known.unique("territory", keep="first", maintain_order=True)
    named = figures(tables)
    types = {name: _type(tables, next(iter(columns.values()))) for name, columns in named.items()}
    years = sorted({year for columns in named.values() for year in columns})
    parts = [
        known.select(
            "territory",
            pl.lit(year, pl.Int32).alias("year"),
            *(
                (pl.col(columns[year]) if year in columns else pl.lit(None, pl.String())).cast(types[name]).alias(name)
                for name, columns in named.items()
            ),
        )
        for year in years
    ]
    return pl.concat(parts)


def _type(tables: ReleasedTables, column: str) -> type[pl.DataType]:
    kind = tables.known["territory_figures"].columns[column].type
    return {"integer": pl.Int64, "decimal": pl.Float64}.get(kind, pl.String)


def _attributes(tables: ReleasedTables) -> pl.LazyFrame:
    known = tables.scan("territory_figures").unique("territory", keep="first", maintain_order=True)
    return known.select("territory", *(pl.col(name).cast(_type(tables, name)) for name in ATTRIBUTES))
