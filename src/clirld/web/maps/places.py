"""What `map.sqlite` of a release has: places by filter, what they are found by, contours.

It is opened for each answer and read only, in some ten-thousandths of a second, so in any thread.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

from clirld.query.failure import Failure, Language
from clirld.release.maps.write import FILE, NOWHERE
from clirld.settings import BASE
from clirld.web import protocol
from clirld.web.maps.asked import Asked, Window, refused, short
from clirld.web.release import ServedRelease

LEVELS = ("departement", "epci")
"""Contours that are given."""

_KNOWN = "SELECT value FROM facet WHERE name = ? GROUP BY value ORDER BY count(*) DESC, value LIMIT ?"
_NAMED = 12
"""Values that a refusal gives as an example."""


@dataclass(frozen=True, slots=True)
class Place:
    """An initiative, and where it is drawn; `longitude` and `latitude` are None where nothing says where it is."""

    key: str
    name: str
    source: str
    license: str
    longitude: float | None
    latitude: float | None
    precision: str
    territory: str | None
    territory_name: str | None
    kinds: tuple[str, ...]

    @property
    def iri(self) -> str:
        """Its IRI."""
        return f"{BASE}id/initiative/{self.key}"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet: how many of what was found have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Contour:
    """A territory as it is drawn; `geometry` is GeoJSON."""

    territory: str
    name: str
    window: Window
    geometry: str


@contextmanager
def opened(release: ServedRelease) -> Iterator[sqlite3.Connection]:
    """The file of a release. Raises protocol.Refused where it has none, or where it is damaged."""
    path = release.folder / FILE
    if not path.is_file():
        raise protocol.Refused(Failure("no-map"))
    if not release.is_whole(FILE):
        raise protocol.Refused(Failure("damaged", detail={"path": FILE}))
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            yield database
    except sqlite3.DatabaseError:
        raise protocol.Refused(Failure("damaged", detail={"path": FILE})) from None


def check(database: sqlite3.Connection, asked: Asked) -> None:
    """Raises protocol.Refused where a filter has a value that nothing in the release has."""
    for name, value in asked.filters:
        if name == "place" and value == NOWHERE:
            continue
        if database.execute("SELECT 1 FROM facet WHERE name = ? AND value = ? LIMIT 1", (name, value)).fetchone():
            continue
        known = [one for (one,) in database.execute(_KNOWN, (name, _NAMED + 1))]
        said = labels(database, name, asked.language)
        values = [f"{short(name, one)} ({said[one]})" if one in said else short(name, one) for one in known]
        raise refused(name, short(name, value), ", ".join(values[:_NAMED]) + (", …" if len(values) > _NAMED else ""))


def where(asked: Asked) -> tuple[str, list[object]]:
    """The condition that a place of what is asked for fulfils, and its parameters."""
    parts = ["id IN (SELECT place FROM facet WHERE name = ? AND value = ?)" for _ in asked.filters]
    given: list[object] = [one for pair in asked.filters for one in pair]
    if asked.found is not None:
        parts.append("key IN (SELECT value FROM json_each(?))")
        given.append(json.dumps(asked.found))
    if asked.window:
        parts.append("longitude BETWEEN ? AND ? AND latitude BETWEEN ? AND ?")
        given += [asked.window.west, asked.window.east, asked.window.south, asked.window.north]
    return " AND ".join(parts) or "1", given


def count(database: sqlite3.Connection, asked: Asked) -> int:
    """How many places there are."""
    condition, given = where(asked)
    return int(database.execute(f"SELECT count(*) FROM place WHERE {condition}", given).fetchone()[0])  # noqa: S608


def count_placed(database: sqlite3.Connection, asked: Asked) -> int:
    """How many places that have one there are."""
    condition, given = where(asked)
    query = f"SELECT count(longitude) FROM place WHERE {condition}"  # noqa: S608
    return int(database.execute(query, given).fetchone()[0])


def found(
    database: sqlite3.Connection, asked: Asked, limit: int, start: int = 0, *, placed_only: bool = False
) -> list[Place]:
    """Places by name."""
    condition, given = where(asked)
    placed = " AND longitude IS NOT NULL" if placed_only else ""
    rows = database.execute(
        "SELECT key, place.name, source, license, longitude, latitude, precision, territory, label.fr, "  # noqa: S608
        "(SELECT group_concat(value, ' ') FROM facet WHERE facet.place = id AND facet.name = 'kind') FROM place "
        "LEFT JOIN label ON label.name = 'territory' AND label.value = territory "
        f"WHERE {condition}{placed} ORDER BY id LIMIT ? OFFSET ?",
        [*given, limit, start],
    )
    return [Place(*(*row[:-1], tuple((row[-1] or "").split()))) for row in rows]


def choices(database: sqlite3.Connection, asked: Asked, facets: Iterable[str]) -> dict[str, list[Choice]]:
    """Facet → its values among what was found, the most common first; years and territories in their own order."""
    condition, given = where(asked)
    among = f" AND place IN (SELECT id FROM place WHERE {condition})" if given else ""  # noqa: S608
    grouped: dict[str, list[Choice]] = {}
    for name in facets:
        rows = database.execute(
            f"SELECT value, count(*) FROM facet WHERE name = ?{among} GROUP BY value",  # noqa: S608
            [name, *given],
        ).fetchall()
        known = labels(database, name, asked.language)
        grouped[name] = [Choice(value, known.get(value) or short(name, value), number) for value, number in rows]
    for name, values in grouped.items():
        by_name = name in ("year", "departement", "epci")
        values.sort(key=lambda one: (one.value,) if by_name else (-one.count, one.label))
    return grouped


def labels(database: sqlite3.Connection, name: str, language: Language) -> Mapping[str, str]:
    """The values of a facet in words."""
    column = "fr" if language == "fr" else "en"
    return dict(database.execute(f"SELECT value, {column} FROM label WHERE name = ?", (name,)))  # noqa: S608


def contours(database: sqlite3.Connection, level: str, window: Window | None = None) -> list[Contour]:
    """The contours of a level, those that may be seen in a window."""
    seen, given = "", [level]
    if window:
        seen = " AND west <= ? AND east >= ? AND south <= ? AND north >= ?"
    rows = database.execute(
        "SELECT territory, name, west, south, east, north, geometry FROM contour "  # noqa: S608
        f"WHERE level = ?{seen} ORDER BY territory",
        [*given, *((window.east, window.west, window.north, window.south) if window else ())],
    )
    return [Contour(row[0], row[1], Window(*row[2:6]), row[6]) for row in rows]


def window_of(database: sqlite3.Connection, asked: Asked) -> Window | None:
    """The window that a view is about: its own, else that of its grouping or département; None for the whole."""
    if asked.window:
        return asked.window
    for level in ("epci", "departement"):
        if key := asked.value(level):
            row = database.execute(
                "SELECT west, south, east, north FROM contour WHERE level = ? AND territory = ?", (level, key)
            ).fetchone()
            if row:
                margin = max(row[2] - row[0], row[3] - row[1]) * 0.06
                return Window(row[0] - margin, row[1] - margin, row[2] + margin, row[3] + margin)
    return None
