"""What the home page takes from the index of a release: searches to begin with, and how much there is of what.

Nothing is chosen by hand: the same release gives the same, and each search that is proposed finds something.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from clirld.query.failure import Language
from clirld.search.find import opened
from clirld.search.index import FILE
from clirld.search.overview import count, overview
from clirld.settings import BASE
from clirld.web.documents import lookup
from clirld.web.documents.naming import Naming

_SMALL, _LARGE = 1_000, 50_000
"""Inhabitants of a town that is proposed, at least and at most: a reader is rather from such a one than from Paris."""
_KINDS = 4
"""Kinds of initiatives that are named, those with most."""
_INITIATIVES = "SELECT filters FROM thing WHERE kind = 'initiative' AND NOT gone ORDER BY id"
_CASES = "SELECT filters FROM thing WHERE kind = 'case' AND NOT gone ORDER BY id"
_BROADEST = "SELECT part FROM within WHERE part LIKE 'concept/initiative-kind/%' AND wholes = '' ORDER BY part"
_POPULATION = "SELECT population FROM thing WHERE iri = ?"


@dataclass(frozen=True, slots=True)
class Link:
    """A search, by the words that it is told in; how many it finds, where that is said."""

    words: str
    query: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Beginnings:
    """Searches to begin with, and how many things a release has by what they are."""

    examples: list[Link]
    kinds: list[Link]
    """Of initiatives, those with most; what is narrower counts for what is broader."""
    practices: list[Link]
    """Practices of which a case tells how it was done, those with most initiatives."""
    counts: dict[str, int]


NONE = Beginnings([], [], [], {})


@lru_cache(maxsize=16)
def beginnings(release: Path, store: Path, language: Language) -> Beginnings:
    """What a release, which never changes, has to begin with; nothing where it has no index.

    Raises sqlite3.DatabaseError where the index is not one, SearchTimeout where it takes too long.
    """
    index = release / FILE
    if not index.is_file():
        return NONE
    naming = Naming(lookup.open_store(store), language)
    with opened(index) as database:
        rows = [row[0].split() for row in database.execute(_INITIATIVES)]
        told = Counter(one for row in database.execute(_CASES) for one in row[0].split() if one.startswith("practice/"))
        broadest = [f"kind/{part.rpartition('/')[2]}" for (part,) in database.execute(_BROADEST)]
    kinds = Counter(one for row in rows for one in row if one.startswith("kind/"))
    practised = Counter(one for row in rows for one in row if one in told)
    named = sorted(told, key=lambda one: (-practised[one], one))
    # A practice that is called as a kind has other initiatives than it: the kind is the door to both.
    kind_names = {_name("initiative-kind", one, naming) for one in kinds}
    called = [one for one in named if practised[one] and _name("practice-field", one, naming) not in kind_names]
    practices = called[:_KINDS]
    doors = Counter({one: kinds[one] for one in broadest if kinds[one]})
    names = ("initiative", "organization", "territory", "case", "practice-field", "need-kind", "programme", "dataset")
    counts = {name: count(index, f"type/{name}") for name in (*names, "process", "commune", "epci", "departement")}
    return Beginnings(
        _examples(index, naming, rows, named),
        [_link("initiative-kind", one, naming, n, "initiative") for one, n in _most(doors)[:_KINDS]],
        [_link("practice-field", one, naming, practised[one], "initiative") for one in practices],
        counts,
    )


def _examples(index: Path, naming: Naming, rows: list[list[str]], practices: list[str]) -> list[Link]:
    """A town, a kind of initiative in another one, a practice and a need: those that find something."""
    kinds = [one for one, _ in _most(Counter(one for row in rows for one in row if one.startswith("kind/")))]
    called = {one: _name("initiative-kind", one, naming) for one in kinds}
    short = next((one for one in kinds if called[one].count(" ") < 2 and "-" not in called[one]), "")
    with opened(index) as database:
        town = _town(rows, database)
        other = _town([row for row in rows if short in row and f"territory/{town}" not in row], database)
    words = [naming.label(f"{BASE}id/territory/{one}") for one in (town,) if one]
    words += [f"{called[short]} {naming.label(f'{BASE}id/territory/{one}')}" for one in (other,) if one]
    names = [_name("practice-field", one, naming) for one in practices]
    words += [name for name in names if name not in called.values()][:1]
    words += [_name("need", one, naming) for one, _ in _most(_needs(index))[:1]]
    lang = naming.language
    return [
        Link(one, urlencode({"q": one, "lang": lang}))
        for one in dict.fromkeys(words)
        if overview(index, one, each=0, language=lang).count
    ]


def _needs(index: Path) -> Counter[str]:
    """Needs, by how many sources tell of somebody who has it."""
    with opened(index) as database:
        rows = [row[0].split() for row in database.execute("SELECT filters FROM thing WHERE filters LIKE '%need/%'")]
    said = {
        (need, source)
        for row in rows
        for need in row
        if need.startswith("need/")
        for source in row
        if "source/" in source
    }
    return Counter(need for need, _ in said)


def _town(rows: list[list[str]], database: sqlite3.Connection) -> str:
    """The key of the commune with most of some initiatives that is neither a village nor a large town."""
    communes = Counter(one for row in rows for one in row if one.startswith("territory/commune-"))
    for one, _ in _most(communes):
        key = one.partition("/")[2]
        row = database.execute(_POPULATION, [f"{BASE}id/territory/{key}"]).fetchone()
        if row and _SMALL <= row[0] <= _LARGE:
            return key
    return ""


def _most(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def _name(scheme: str, filter_: str, naming: Naming) -> str:
    return naming.label(f"{BASE}concept/{scheme}/{filter_.partition('/')[2]}")


def _link(scheme: str, filter_: str, naming: Naming, number: int, kind: str) -> Link:
    name, _, value = filter_.partition("/")
    query = urlencode({"type": kind, name: value, "lang": naming.language})
    return Link(_name(scheme, filter_, naming), query, number)
