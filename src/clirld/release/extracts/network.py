"""Who cooperates with whom: actors and initiatives, who takes part in what, and pairs of actors of one initiative."""

from __future__ import annotations

import polars as pl

from clirld.release.extracts.tables import ReleasedTables
from clirld.settings import BASE

_PRIVATE = ("ess-enterprise", "company", "citizens")
"""Categories of actors that are not public."""

_ROLES = pl.coalesce("role", "public_role")


def affiliations(tables: ReleasedTables) -> pl.LazyFrame:
    """One row for each participation that a source tells of: an actor, an initiative, the role, and who says it."""
    checks = tables.scan("record").select("checked", record="key").unique("record", keep="first", maintain_order=True)
    public = _publicness(tables)
    return (
        tables.scan("participation")
        .with_columns(
            actor=tables.short_name("organization", "member"),
            initiative=tables.short_name("initiative", "initiative"),
            start_year=pl.coalesce("start_year", pl.col("start_date").str.slice(0, 4)).cast(pl.Int32, strict=False),
            end_year=pl.col("end_year").cast(pl.Int32, strict=False),
        )
        .join(checks, on="record", how="left")
        .join(public, on="actor", how="left")
        .select(
            "actor", "initiative", "role", "public_role", "public", "start_year", "start_date", "end_year", "checked",
            "page", "citation", "source", "record", "license", id="key",
        )
        .sort("actor", "initiative", "id", "source", "record")
    )  # fmt: skip


def _publicness(tables: ReleasedTables) -> pl.LazyFrame:
    """Whether an actor is public: true where anything says so, false where its category is a private one, else null."""
    said = tables.scan("organization").select(
        actor=tables.short_name("organization", "key"),
        public=pl.when(pl.col("public_class").is_not_null() | (pl.col("category") == "local-authority"))
        .then(pl.lit(True))
        .when(pl.col("category").is_in(_PRIVATE))
        .then(pl.lit(False)),
    )
    held = tables.scan("participation").select(
        actor=tables.short_name("organization", "member"),
        public=pl.when(pl.col("public_role").is_not_null()).then(pl.lit(True)),
    )
    # Of true and false, true: a role that only public actors hold says more than a category.
    return pl.concat([said, held]).group_by("actor").agg(pl.col("public").max())


def cooperations(affiliations: pl.LazyFrame) -> pl.LazyFrame:
    """The one-mode projection: one row for each pair of actors of an initiative, `actor` before `other`.

    A pair whose stated years do not overlap is left out; where years are not stated, it is kept. `weight` is 1
    divided by the other actors of the initiative (M. E. J. Newman, Physical Review E 64, 016132, 2001).
    """
    of_one = affiliations.group_by("initiative", "actor").agg(
        _ROLES.drop_nulls().unique().sort().alias("roles"),
        pl.col("start_year").min(),
        # One participation that has no end is not known to have ended.
        pl.when(pl.col("end_year").is_not_null().all()).then(pl.col("end_year").max()).alias("end_year"),
        *(pl.col(name).unique().sort().alias(f"{name}s") for name in ("source", "license")),
    )
    of_one = of_one.with_columns(actors=pl.len().over("initiative").cast(pl.Int32))
    pairs = of_one.join(of_one.drop("actors"), on="initiative", suffix="_other")
    return (
        pairs.filter(pl.col("actor") < pl.col("actor_other"))
        .select(
            "actor", "initiative", "roles", "actors",
            other="actor_other", roles_other="roles_other",
            start_year=pl.max_horizontal("start_year", "start_year_other"),
            end_year=pl.min_horizontal("end_year", "end_year_other"),
            weight=1.0 / (pl.col("actors") - 1),
            sources=pl.col("sources").list.set_union("sources_other").list.sort(),
            licenses=pl.col("licenses").list.set_union("licenses_other").list.sort(),
        )
        .filter((pl.col("start_year") <= pl.col("end_year")).fill_null(True))
        .select(
            "actor", "other", "initiative", "roles", "roles_other", "start_year", "end_year", "actors", "weight",
            "sources", "licenses",
        )
        .sort("actor", "other", "initiative")
    )  # fmt: skip


def nodes(tables: ReleasedTables, affiliations: pl.LazyFrame) -> pl.LazyFrame:
    """One row for each actor and initiative of the affiliations: what it is, and where."""
    of_actors = affiliations.group_by(id="actor").agg(pl.col("public").first(), pl.len().alias("participations"))
    of_initiatives = affiliations.group_by(id="initiative").agg(
        pl.lit(None, pl.Boolean()).alias("public"), pl.len().alias("participations")
    )
    actors, initiatives = _actors(tables), _initiatives(tables)
    parts = [
        of_actors.join(actors, on="id", how="left").with_columns(mode=pl.lit("actor")),
        of_initiatives.join(initiatives, on="id", how="left").with_columns(mode=pl.lit("initiative")),
    ]
    within = upper_territories(tables)
    return (
        pl.concat(parts, how="vertical_relaxed")
        .join(within, left_on="place", right_on="territory", how="left")
        .select(
            "id", "mode", "name", "category", "legal_form", "public", "commune", "epci", "departement",
            pl.col("participations").cast(pl.Int32), "sources", "licenses",
            iri=pl.concat_str(pl.lit(f"{BASE}id/"), pl.col("id").str.replace(":", "/", literal=True)),
        )
        .select(
            "id", "mode", "name", "category", "legal_form", "public", "commune", "epci", "departement",
            "participations", "iri", "sources", "licenses",
        )
        .sort("mode", "id")
    )  # fmt: skip


def _actors(tables: ReleasedTables) -> pl.LazyFrame:
    """What organizations are; where no place is said, that of the authority that has their number."""
    own = tables.scan("territory").filter(pl.col("end").is_null())
    governed = pl.concat(
        [
            own.filter(pl.col("kind") == "epci").select(siren="code", governed="key"),
            own.select(siren="authority", governed="key").explode("siren").drop_nulls(),
        ]
    ).unique("siren", keep="first", maintain_order=True)
    known = tables.scan("organization").join(governed, on="siren", how="left", maintain_order="left")
    return _first_said(
        known.select(
            "name", "source", "license", "category", "legal_form",
            id=tables.short_name("organization", "key"), place=pl.coalesce("seat", "jurisdiction", "governed"),
        )
    )  # fmt: skip


def _initiatives(tables: ReleasedTables) -> pl.LazyFrame:
    """What initiatives are; where no seat is said, the one territory that they act in."""
    only = pl.when(pl.col("acts_in").list.len() == 1).then(pl.col("acts_in").list.first())
    return _first_said(
        tables.scan("initiative").select(
            "name", "source", "license", pl.lit(None, pl.String()).alias("legal_form"),
            id=tables.short_name("initiative", "key"), category=pl.col("kind").list.first(),
            place=pl.coalesce(pl.col("seat"), only),
        )
    )  # fmt: skip


def _first_said(known: pl.LazyFrame) -> pl.LazyFrame:
    return known.group_by("id", maintain_order=True).agg(
        *(pl.col(name).drop_nulls().first() for name in ("name", "category", "legal_form", "place")),
        *(pl.col(name).unique().sort().alias(f"{name}s") for name in ("source", "license")),
    )


def upper_territories(tables: ReleasedTables) -> pl.LazyFrame:
    """For each territory of today (key): the keys of its commune, grouping and département, itself among them."""
    own = tables.scan("territory").filter(pl.col("end").is_null())

    def of(kind: str) -> pl.Expr:
        itself = pl.when(pl.col("kind") == kind).then(pl.col("key"))
        upper = pl.col("part_of").list.eval(pl.element().filter(pl.element().str.starts_with(f"{kind}-")))
        return pl.coalesce(itself, upper.list.first()).alias(kind)

    return own.select(pl.col("key").alias("territory"), *map(of, ("commune", "epci", "departement"))).unique(
        "territory", keep="first", maintain_order=True
    )
