"""Picture of a count, from `map.sqlite`: initiatives by density of the commune."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import partial

from clirld.query.failure import Failure, Language
from clirld.web import number_formats, protocol
from clirld.web.figures.bars import Bar, lying
from clirld.web.figures.picture import Cell, Column, Option, Picture
from clirld.web.figures.svg import Sheet
from clirld.web.maps import places
from clirld.web.maps.asked import Asked
from clirld.web.release import ServedRelease

DENSITY = "initiatives-by-density"
PER = 100_000
"""Inhabitants that initiatives are counted for."""
_MOST_OPTIONS = 30


def density(_release: ServedRelease, database: sqlite3.Connection, view: Asked, say: Mapping[str, str]) -> Picture:
    """Initiatives by the density of their commune, for so many inhabitants and not merely counted."""
    known = places.labels(database, "density", view.language)
    condition, given = places.where(view)
    rows = database.execute(
        "SELECT level, notation, communes, inhabitants, year, "  # noqa: S608
        "count(id), count(DISTINCT territory) FROM density "
        "LEFT JOIN facet ON facet.name = 'density' AND facet.value = level "
        f"LEFT JOIN place ON place.id = facet.place AND {condition} GROUP BY level ORDER BY notation, level",
        given,
    ).fetchall()
    if not rows:
        raise protocol.Refused(Failure("no-figure"))
    language, year = view.language, rows[0][4]
    bars, table = [], []
    for level, notation, communes, inhabitants, _, found, having in rows:
        rate = round(found * PER / inhabitants, 3) if inhabitants else None
        name = known.get(level) or level
        label = f"{notation}. {name}" if notation else name
        cells: list[Cell] = [label, found, inhabitants, rate, communes, having]
        table.append(cells)
        figure = say["density_figure"].format(rate=_rate(rate, language), count=_number(found, language))
        bars.append(Bar(label, rate or 0, figure))
    counted, every = sum(row[5] for row in rows), places.count(database, view)
    if every > counted:
        table.append([say["density_unplaced"], every - counted, None, None, None, None])
    listed = "; ".join(f"{bar.label} {bar.figure}" for bar in bars)
    sources = [source for (source,) in database.execute(
        f"SELECT DISTINCT source FROM place WHERE {condition} "  # noqa: S608
        "AND id IN (SELECT place FROM facet WHERE name = 'density') ORDER BY 1", given)]  # fmt: skip
    kinds = places.labels(database, "kind", language)
    return Picture(
        DENSITY,
        view.query(lang="", bbox=""),
        with_filters(database, say["density_title"], view, set()),
        say["density_description"].format(listed=listed),
        [Column("level", say["density_level"], is_number=False), Column("initiatives", say["initiatives"]),
         Column("inhabitants", say["inhabitants"].format(year=year or "")),
         Column("per_100000_inhabitants", say["rate"]), Column("communes", say["communes"]),
         Column("communes_with_one", say["communes_with_one"])],
        table,
        partial(_draw_density, bars=bars, unplaced=_unplaced(every - counted, every, say, language)),
        [*sources, "zonings", "territories"],
        [say["density_note"].format(counted=_number(counted, language), every=_number(every, language))],
        options=[(say["other_kinds"], options_of(database, view, "kind", kinds, say["every_kind"]))],
    )  # fmt: skip


def _unplaced(count: int, every: int, say: Mapping[str, str], language: Language) -> str:
    """What a picture says of those that are in none of its bars; nothing where there are none."""
    numbers = {"count": _number(count, language), "every": _number(every, language)}
    return say["density_not_drawn_one" if count == 1 else "density_not_drawn"].format(**numbers) if count else ""


def _draw_density(sheet: Sheet, bars: Sequence[Bar], unplaced: str) -> None:
    lying(sheet, bars)
    if unplaced:
        sheet.paragraph(unplaced, soft=True)


def options_of(
    database: sqlite3.Connection, view: Asked, facet: str, known: Mapping[str, str], whole: str = ""
) -> list[Option]:
    """The same picture of each value of a facet, the commonest first; of all of them, where `whole` names that."""
    rows = database.execute(
        "SELECT value FROM facet WHERE name = ? GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?", (facet, _MOST_OPTIONS)
    )
    found = [(view.query(**{facet: value}), known.get(value, value), view.value(facet) == value) for (value,) in rows]
    return [*([(view.query(**{facet: ""}), whole, not view.value(facet))] if whole else []), *found]


def with_filters(database: sqlite3.Connection, title: str, view: Asked, said: set[str]) -> str:
    """A title with the search, and the filters that it does not say already."""
    more = [view.words if name == "q" else value for name, value in view.search]
    more += [
        places.labels(database, name, view.language).get(value, value)
        for name, value in view.filters
        if name not in said
    ]
    return " – ".join([title, *more])


def _number(value: int, language: Language) -> str:
    return number_formats.number(value, language)


def _rate(value: float | None, language: Language) -> str:
    if value is None:
        return "–"
    return number_formats.figure(f"{value:.1f}" if value >= 1 else f"{value:.2f}", language)
