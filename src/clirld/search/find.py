"""Find things in the index of a release: named exactly so first, then those whose name begins so, then the others.

Each search opens the index for itself, in ten-thousandths of a second: it may be done in any thread or process, and a
release that is deleted is held by nobody.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from clirld.search.around import GROUPED, level_of
from clirld.search.words import expression, facet, key, keys

MOST = 1000
"""Hits of a question that are given, unless it says how many."""
MAX_CHARACTERS = 2000
"""Of a question that are read."""
SECONDS = 2.0
"""In which a search is stopped. None has come near it: see docs/query.md."""

_RANKED = 20_000
"""Hits that are ranked by their words: where there are more, they come in the order of the index."""
_WEIGHTS = "10.0, 6.0, 10.0, 1.0, 2.0"
"""Of the columns of `text`, for bm25."""
_OWN = "{label name notation description}"
"""The columns that have words of a thing itself."""
_STEPS = 10_000  # of SQLite's machine, between two looks at the clock

_FACETS = "SELECT rowid FROM facet WHERE facet MATCH :facets"
_COUNT_FACETS = "SELECT count(*) FROM facet WHERE facet MATCH ?"
# The plus sign: words are looked up once and then compared, not once for each thing of the facets.
_NARROWED = f" AND +rowid IN ({_FACETS})"
_WORDS = "SELECT rowid{relevance} FROM text WHERE text MATCH :words"
_COUNT = "SELECT count(*) FROM ({found} LIMIT :ranked)"
# Names of places are short and much alike: those with more inhabitants come first, a grouping among the middling towns.
_FIND = """
WITH found (id, relevance) AS MATERIALIZED ({found}), named (id, tier) AS MATERIALIZED (
  SELECT thing, max(CASE WHEN words = value THEN 3 WHEN words < value || '!' THEN 2 ELSE 1 END)
  FROM json_each(:keys) JOIN name ON words >= value AND words < value || char(1114111) GROUP BY thing
), hit AS (
  SELECT found.id, ifnull(tier, 0) AS tier, gone,
         CASE WHEN tier = 3 THEN 0
              WHEN kind <> 'territory' THEN relevance / (1 + relevance)
              WHEN iri LIKE '%/territory/commune-%' THEN population / (population + 10000.0)
              ELSE 0.75 END AS nearness
  FROM found JOIN thing ON thing.id = found.id LEFT JOIN named ON named.id = found.id)
SELECT id, round(tier - 4 * gone + nearness, 4) AS score
FROM hit ORDER BY score DESC, id LIMIT :most
"""
_TOLD = """
SELECT thing.iri, thing.type, thing.gone, thing.label, thing.fr, thing.en,
       place.iri, place.label, place.fr, place.en
FROM thing LEFT JOIN thing AS place ON place.id = thing.territory WHERE thing.id = ?
"""


class SearchTimeout(Exception):  # noqa: N818
    """The search took longer than it may."""


@dataclass(frozen=True, slots=True)
class Label:
    """A name as it was published, in a language or in none."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found. The greater `score`, the nearer; only its order means something."""

    iri: str
    score: str
    label: Label | None
    type: str | None
    territory: str | None
    territory_label: Label | None
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Hits:
    """Some of the hits of a question, the nearest first. `found` is how many there are, at most `most`."""

    hits: list[Hit]
    found: int
    is_cut: bool
    """Whether there are more than `found`."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a search is narrowed to; nothing where it is empty.

    `kind` is one of `kinds`, `territory` the key of one (commune-39300): the things in it, and itself. `others` are of
    those that a thing can be asked for by (`clirld.search.around.filters`): `source/ptce`, `practice/recycling-centre`.
    """

    kind: str | None = None
    territory: str | None = None
    others: tuple[str, ...] = ()

    @property
    def facets(self) -> list[str]:
        """The same as the index calls it."""
        kind = [f"type/{self.kind}"] if self.kind else []
        return kind + ([f"territory/{self.territory}"] if self.territory else []) + list(self.others)


EVERYTHING = Narrowed()


def find(
    index: Path,
    question: str,
    narrowed: Narrowed = EVERYTHING,
    *,
    around: bool = False,
    near: Mapping[str, Sequence[str]] = MappingProxyType({}),
    language: str = "fr",
    start: int = 0,
    limit: int | None = None,
    most: int = MOST,
) -> Hits:
    """The things that a question finds: `limit` of them (else all) after the first `start`, of at most `most`.

    Where no words are asked, they come by name, what is gone last. With `around`, words may also be of where a thing is
    and of what it is about. `near` has words that do for others.
    Raises sqlite3.DatabaseError where the index is not one, SearchTimeout where it takes too long.
    """
    asked = expressions(question, narrowed, near, around=around)
    if not any(asked.values()):
        return Hits([], 0, False)
    with opened(index) as database:
        found = ranked(database, asked, question, most + 1) if asked["words"] else _by_name(database, asked, language)
        shown = found[:most][start : None if limit is None else start + limit]
        hits = [told(database, number, score, language) for number, score in shown]
        return Hits(hits, min(len(found), most), len(found) > most)


def how_many(index: Path, question: str, narrowed: Narrowed, most: int) -> int:
    """How many things `find` finds with `around`, where `most` is the greatest that is asked for.

    Raises sqlite3.DatabaseError where the index is not one, SearchTimeout where it takes too long.
    """
    asked = expressions(question, narrowed, {}, around=True)
    if not any(asked.values()):
        return 0
    with opened(index) as database:
        return int(database.execute(_COUNT.format(found=_found(asked)), {**asked, "ranked": most}).fetchone()[0])


def iris(index: Path, question: str, narrowed: Narrowed = EVERYTHING) -> list[str]:
    """All things that a question finds by their own words and those around them, in the order of the index.

    Raises sqlite3.DatabaseError where the index is not one, SearchTimeout where it takes too long.
    """
    asked = expressions(question, narrowed, {}, around=True)
    if not any(asked.values()):
        return []
    with opened(index) as database:
        sql = f"SELECT iri FROM thing WHERE id IN ({_found(asked)}) ORDER BY id"  # noqa: S608
        return [iri for (iri,) in database.execute(sql, asked)]


def count_within(index: Path, kind: str, territories: Iterable[str]) -> dict[str, int]:
    """How many things of a kind are in each of some territories, which are given by their keys.

    Raises sqlite3.DatabaseError where the index is not one, SearchTimeout where it takes too long.
    """
    asked = {one: _all_of(Narrowed(kind, one).facets) for one in territories}
    with opened(index) as database:
        return {one: database.execute(_COUNT_FACETS, [facets]).fetchone()[0] for one, facets in asked.items()}


def departements_of(index: Path, territories: Iterable[str]) -> dict[str, list[str]]:
    """Territory → the départements (and the like) that it is or lies in, all by keys; nothing without the index.

    A grouping of communes lies in each in which it has one. Raises sqlite3.DatabaseError, SearchTimeout as `find`.
    """
    found: dict[str, list[str]] = {}
    if not index.is_file():
        return found
    with opened(index) as database:
        for one in territories:
            said = database.execute("SELECT wholes || ' ' || spread FROM within WHERE part = ?", [one]).fetchone()
            around = {one, *(said[0] if said else "").split()}
            found[one] = sorted(key for key in around if level_of(key) in GROUPED)
    return found


def kinds(index: Path) -> dict[str, int]:
    """What `kind` may be, and how many things are of it. Raises sqlite3.DatabaseError where the index is not one."""
    with opened(index) as database:
        return dict(database.execute("SELECT name, things FROM kind ORDER BY things DESC, name"))


@contextmanager
def opened(index: Path) -> Iterator[sqlite3.Connection]:
    """An index, open for so long as a search may take. Raises SearchTimeout after that."""
    # Immutable: SQLite looks for no locks and no journal, and writes nothing beside the file.
    address = f"{index.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        end = time.monotonic() + SECONDS
        database.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            yield database
        except sqlite3.OperationalError as problem:
            if str(problem) == "interrupted":
                raise SearchTimeout from None
            raise


def expressions(
    question: str, narrowed: Narrowed, near: Mapping[str, Sequence[str]], *, around: bool
) -> dict[str, str]:
    """What FTS5 is asked, in the words and in the facets."""
    words = expression(question[:MAX_CHARACTERS], near)
    return {"words": words if around or not words else f"{_OWN} : ({words})", "facets": _all_of(narrowed.facets)}


def _all_of(facets: Iterable[str]) -> str:
    """All of some facets, as FTS5 is asked for them."""
    return " AND ".join(f'"{facet(one)}"' for one in facets)


def ranked(database: sqlite3.Connection, asked: Mapping[str, str], question: str, most: int) -> list[tuple[int, float]]:
    """The numbers of the things that are found, with their scores, the nearest first."""
    counted = database.execute(_COUNT.format(found=_found(asked)), {**asked, "ranked": _RANKED + 1}).fetchone()[0]
    relevance = f", -bm25(text, {_WEIGHTS})" if counted <= _RANKED and asked["words"] else ", 0"
    given = {**asked, "keys": json.dumps(keys(question[:MAX_CHARACTERS])), "most": most}
    return database.execute(_FIND.format(found=_found(asked, relevance)), given).fetchall()


def _by_name(database: sqlite3.Connection, asked: Mapping[str, str], language: str) -> list[tuple[int, float]]:
    """The numbers of all things that are found without words, by the alphabet of their names without accents."""
    label = "coalesce(en, label, fr, '')" if language == "en" else "coalesce(fr, label, en, '')"
    sql = f"SELECT gone, {label}, id FROM thing WHERE id IN ({_found(asked)})"  # noqa: S608
    rows = sorted((is_gone, key(name), number) for is_gone, name, number in database.execute(sql, asked))
    return [(number, -4.0 * is_gone) for is_gone, _name, number in rows]


def _found(asked: Mapping[str, str], relevance: str = "") -> str:
    """SQL for the things that are found, with their relevance."""
    if not asked["words"]:
        return _FACETS.replace("rowid", f"rowid{relevance}", 1)
    return _WORDS.format(relevance=relevance) + (_NARROWED if asked["facets"] else "")


def told(database: sqlite3.Connection, number: int, score: float, language: str) -> Hit:
    """A thing by its number."""
    iri, type_, is_gone, *said = database.execute(_TOLD, [number]).fetchone()
    label, territory, territory_label = said[:3], said[3], said[4:]
    return Hit(
        iri, f"{score:.4f}", _label(label, language), type_, territory, _label(territory_label, language), bool(is_gone)
    )


def _label(labels: Sequence[str | None], language: str) -> Label | None:
    """The label in a language, else in the other one, else in none."""
    said = dict(zip(("", "fr", "en"), labels, strict=True))
    order = (language, "fr", "en", "")
    return next((Label(text, one) for one in order if (text := said.get(one))), None)
