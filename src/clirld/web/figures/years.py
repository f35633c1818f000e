"""Pictures of years, from `map.sqlite` and the store: recognitions by year, initiatives by the year they began."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from pyoxigraph import NamedNode, Store

from clirld.query.failure import Failure, Language
from clirld.search.around import closed
from clirld.settings import BASE
from clirld.web import number_formats, protocol
from clirld.web.documents import lookup
from clirld.web.documents.initiatives.call_years import call_year
from clirld.web.documents.naming import whole
from clirld.web.documents.sources import graph_of, source_of_graph
from clirld.web.documents.things import naming_it, objects
from clirld.web.figures.bars import Bar, upright
from clirld.web.figures.density import options_of, with_filters
from clirld.web.figures.picture import Cell, Column, Picture
from clirld.web.figures.svg import Sheet
from clirld.web.maps import places
from clirld.web.maps.asked import Asked
from clirld.web.maps.routes import source_titles
from clirld.web.release import ServedRelease

RECOGNITIONS, STARTS = "recognitions-by-year", "initiatives-by-start-year"
_MOST_YEARS = 30
"""Years with a bar of their own; those before are in one."""
_INITIATIVE, _RECOGNITION = f"{BASE}id/initiative/", f"{BASE}concept/recognition/"
_YEAR = re.compile(r"\d{4}")


class _Told(NamedTuple):
    """A recognition as the file has it: of which initiative, in which year, by which source."""

    place: int
    year: str
    source: str
    is_of_call: bool = False


def recognitions(release: ServedRelease, database: sqlite3.Connection, view: Asked, say: Mapping[str, str]) -> Picture:
    """How many initiatives were recognised each year; those of no known year apart, and never left out.

    Where no source says the year, and the name of the recognition has that of its call, it counts there, and is told.
    """
    known, titles = places.labels(database, "recognition", view.language), source_titles(release, view.language)
    kind = view.value("recognition") or _most_dated(database)
    if kind is None:
        raise protocol.Refused(Failure("no-figure"))
    if not view.value("recognition"):
        view = replace(view, filters=(("recognition", kind), *view.filters))
    told = _told(release, database, view, kind)
    sources = sorted({one.source for one in told})
    spread = _spread({one.year for one in told})

    def count(year: str, by: str = "") -> int:
        return len({one.place for one in told if one.year == year and by in ("", one.source)})

    dated_there = {(one.place, one.year) for one in told if not one.is_of_call}
    of_call = [one for one in told if one.is_of_call and (one.place, one.year) not in dated_there]
    parts = [len({one.place for one in of_call if one.year == year}) for year in spread]
    table: list[list[Cell]] = [
        [year or None, count(year),
         *([part] if of_call else []),
         *(count(year, source) for source in sources)]
        for year, part in zip(spread, parts, strict=True)
    ]  # fmt: skip
    label = known.get(kind, kind)
    bars = _bars(spread, [count(year) for year in spread], say, view.language, parts)
    legend = (say["of_decision_legend"], say["of_call_legend"]) if of_call else None
    notes = [_how_many(database, view, say), say["recognitions_note"]]
    if of_call:
        notes.append(say["of_call_note"].format(count=_number(len({one.place for one in of_call}), view.language)))
    return Picture(
        RECOGNITIONS,
        view.query(lang="", bbox=""),
        with_filters(database, say["recognitions_title"].format(recognition=label), view, {"recognition"}),
        say["recognitions_description"].format(recognition=label, listed=_listed(bars, say["of_call"])),
        [Column("year", say["year"], is_number=False, missing=say["no_year"]),
         Column("initiatives", say["initiatives"]),
         *([Column("year_of_call", say["of_call"])] if of_call else []),
         *(Column(source, titles.get(source, source)) for source in sources)],
        table,
        partial(upright, bars=bars, legend=legend),
        sources,
        [*notes, *([say["no_year_note"]] if "" in spread else [])],
        options=[(say["other_recognitions"], options_of(database, view, "recognition", known))],
        of_table=say["recognitions_columns"],
    )  # fmt: skip


def _told(release: ServedRelease, database: sqlite3.Connection, view: Asked, kind: str) -> list[_Told]:
    condition, given = places.where(view)
    among = f"place IN (SELECT id FROM place WHERE {condition})"  # noqa: S608
    rows = database.execute(
        f"SELECT DISTINCT place, coalesce(year, ''), source FROM recognition WHERE recognition = ? AND {among}",  # noqa: S608
        [kind, *given],
    ).fetchall()
    undated: dict[tuple[int, str], set[str]] = {}
    every = f"SELECT place, source, recognition FROM recognition WHERE year IS NULL AND {among}"  # noqa: S608
    for place, source, name in database.execute(every, given):
        undated.setdefault((place, source), set()).add(name)
    names = places.labels(database, "recognition", "fr")
    wider = _wider(lookup.open_store(release.store), {name for found in undated.values() for name in found})
    told = []
    for place, year, source in rows:
        if year:
            told.append(_Told(place, year, source))
            continue
        of_kind = {name for name in undated[place, source] if kind in wider[name]}
        around = {name for one in of_kind for name in wider[one] if name != one}
        called = {call_year(names.get(name, "")) for name in of_kind - around}
        told += [_Told(place, one, source, bool(one)) for one in sorted(called)]
    return told


def _wider(store: Store, names: set[str]) -> dict[str, list[str]]:
    """Slug of a recognition → itself and those that are broader."""

    def broader(name: str) -> list[str]:
        found = objects(store, NamedNode(_RECOGNITION + name), "skos:broader")
        return [one.value.removeprefix(_RECOGNITION) for one in found]

    return {name: closed([name], broader) for name in names}


def _how_many(database: sqlite3.Connection, view: Asked, say: Mapping[str, str]) -> str:
    """How many initiatives have a recognition in all, beside how many there are of the kind that has it most."""
    condition, given = places.where(view)
    total = places.count(database, view)
    said = say["recognitions_total"].format(total=_number(total, view.language))
    row = database.execute(
        f"SELECT value, count(*) FROM facet WHERE name = 'kind' AND place IN (SELECT id FROM place WHERE {condition}) "  # noqa: S608
        "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1",
        given,
    ).fetchone()
    if row is None:
        return said
    kind, recognised = row
    others = view.but("recognition").but("kind")
    every = places.count(database, replace(others, filters=(("kind", kind), *others.filters)))
    label = places.labels(database, "kind", view.language).get(kind, kind)
    of_kind = say["recognitions_of_kind"].format(
        kind=label, every=_number(every, view.language), recognised=_number(recognised, view.language)
    )
    return f"{said} {of_kind}"


def _most_dated(database: sqlite3.Connection) -> str | None:
    """The recognition whose years are the best known."""
    row = database.execute(
        "SELECT recognition FROM recognition WHERE year IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    ).fetchone()
    return str(row[0]) if row else None


def starts(release: ServedRelease, database: sqlite3.Connection, view: Asked, say: Mapping[str, str]) -> Picture:
    """How many initiatives began each year, the first where sources differ; those of no known year apart."""
    condition, given = places.where(view)
    keys = {key for (key,) in database.execute(f"SELECT key FROM place WHERE {condition}", given)}  # noqa: S608
    began, sources = _began(release, keys)
    if not began:
        raise protocol.Refused(Failure("no-figure"))
    years = sorted(began.values())
    first = str(int(years[-1]) - _MOST_YEARS + 1)
    before = sum(year < first for year in years)
    spread = _spread({year for year in years if year >= first})
    told = [(year, years.count(year)) for year in spread]
    told = [*([(say["before"].format(year=first), before)] if before else []), *told]
    bars = _bars([label for label, _ in told], [count for _, count in told], say, view.language)
    rest = len(keys) - len(began)
    numbers = {
        name: _number(count, view.language)
        for name, count in (("counted", len(began)), ("every", len(keys)), ("rest", rest))
    }
    undrawn = say["starts_undrawn"].format(**numbers) if rest else ""
    kinds = places.labels(database, "kind", view.language)
    return Picture(
        STARTS,
        view.query(lang="", bbox=""),
        with_filters(database, say["starts_title"], view, set()),
        say["starts_description"].format(listed=_listed(bars)),
        [Column("year", say["year"], is_number=False, missing=say["no_year"]),
         Column("initiatives", say["initiatives"])],
        [[year or None, count] for year, count in [*told, *([("", rest)] if rest else [])]],
        partial(_draw_starts, bars=bars, undrawn=undrawn),
        sources,
        [say["starts_note"].format(**numbers)],
        options=[(say["other_kinds"], options_of(database, view, "kind", kinds, say["every_kind"]))],
    )  # fmt: skip


def _draw_starts(sheet: Sheet, bars: Sequence[Bar], undrawn: str) -> None:
    upright(sheet, bars)
    if undrawn:
        sheet.paragraph(undrawn, soft=True)


def _began(release: ServedRelease, keys: set[str]) -> tuple[dict[str, str], list[str]]:
    """Key of an initiative → the first year that a source says it began in, of any of its records; and the sources."""
    store = lookup.open_store(release.store)
    began: dict[str, str] = {}
    sources = set()
    for quad in store.quads_for_pattern(None, NamedNode(whole("clir:startYear")), None, None):
        subject, year = quad.subject, _YEAR.match(getattr(quad.object, "value", ""))
        if not isinstance(subject, NamedNode) or not subject.value.startswith(_INITIATIVE) or not year:
            continue
        same = [subject, *objects(store, subject, "owl:sameAs"), *naming_it(store, subject, "owl:sameAs")]
        for key in {one.value.removeprefix(_INITIATIVE) for one in same} & keys:
            began[key] = min(year[0], began.get(key, year[0]))
            sources.add(source_of_graph(release, graph_of(quad)).name)
    return began, sorted(sources)


def _spread(years: set[str]) -> list[str]:
    """All years from the first to the last, and what has none at the end."""
    dated = sorted(year for year in years if year)
    told = [str(year) for year in range(int(dated[0]), int(dated[-1]) + 1)] if dated else []
    return [*told, *([""] if "" in years else [])]


def _bars(
    labels: Sequence[str],
    counts: Sequence[int],
    say: Mapping[str, str],
    language: Language,
    parts: Sequence[int] | None = None,
) -> list[Bar]:
    return [
        Bar(label or say["no_year"], count, _number(count, language), is_open=not label, part=part if label else 0)
        for label, count, part in zip(labels, counts, parts or [0] * len(counts), strict=True)
    ]


def _listed(bars: Sequence[Bar], of_which: str = "") -> str:
    parts = {bar.label: f" ({of_which} {bar.part:g})" for bar in bars if bar.part}
    return ", ".join(f"{bar.label} {bar.figure}{parts.get(bar.label, '')}" for bar in bars if bar.value)


def _number(value: int, language: Language) -> str:
    return number_formats.number(value, language)
