"""What a question finds, by what it is: how many of each, the nearest of each, and what a search can be narrowed to."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clirld.search.find import EVERYTHING, Hit, Narrowed, expressions, opened, ranked, told
from clirld.search.words import facet

GROUPS = (
    "initiative", "territory", "practice-field", "need-kind", "case", "organization", "programme", "dataset",
    "vocabulary",
)  # fmt: skip
"""What things are, as a reader tells them apart (`clirld.search.things.filters_of`), in the order of a page."""
_MOST = 20_000
"""Things that are counted."""
_SO_CALLED, _BEGINS_SO = 3.0, 2.0
"""The score from which a thing is called as the question, or begins so (`clirld.search.find`)."""
_FIRST_IF_IT_BEGINS_SO = ("practice-field", "need-kind")
"""Few, and often called by several words, of which people write the first."""
_LAST = ("programme", "dataset", "vocabulary")
_KINDS = """
SELECT id, kind, filters, kind = 'territory' AND population = 0 AND iri LIKE '%/territory/commune-%'
FROM thing WHERE id IN (SELECT value FROM json_each(?))
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one of GROUPS: how many there are, and the nearest."""

    name: str
    count: int
    hits: list[Hit]


@dataclass(frozen=True, slots=True)
class Overview:
    """What a question finds. `narrower` has, by `source` and the like, each value with how many things have it."""

    count: int
    groups: list[Group]
    narrower: Mapping[str, Mapping[str, int]]
    is_named: bool
    """Whether something is called as the question, or its name begins so."""


def overview(
    index: Path, question: str, narrowed: Narrowed = EVERYTHING, *, each: int = 5, language: str = "fr"
) -> Overview:
    """What a question finds of GROUPS, `each` of a group; those with a thing that is called so come first.

    What is computed of others (comparisons, findings) is no answer to a person, and left out. Raises
    sqlite3.DatabaseError where the index is not one, SearchTimeout where it takes too long.
    """
    asked = expressions(question, narrowed, {}, around=True)
    if not any(asked.values()):
        return Overview(0, [], {}, is_named=False)
    with opened(index) as database:
        scores = dict(ranked(database, asked, question, _MOST))
        groups, narrower = _grouped(database, scores)
        names = sorted(groups, key=lambda name: (not _is_first(name, scores[groups[name][0]]), GROUPS.index(name)))
        found = [
            Group(name, len(groups[name]), [told(database, one, scores[one], language) for one in groups[name][:each]])
            for name in names
        ]
    best = max((scores[numbers[0]] for numbers in groups.values()), default=0.0)
    return Overview(sum(group.count for group in found), found, narrower, best >= _BEGINS_SO)


def count(index: Path, *facets: str) -> int:
    """How many things have all of some facets: `type/initiative`, `practice/recycling-centre`."""
    with opened(index) as database:
        asked = " AND ".join(f'"{facet(one)}"' for one in facets)
        return int(database.execute("SELECT count(*) FROM facet WHERE facet MATCH ?", [asked]).fetchone()[0])


def _is_first(name: str, score: float) -> bool:
    return name not in _LAST and score >= (_BEGINS_SO if name in _FIRST_IF_IT_BEGINS_SO else _SO_CALLED)


def _grouped(
    database: sqlite3.Connection, scores: Mapping[int, float]
) -> tuple[dict[str, list[int]], dict[str, dict[str, int]]]:
    """Numbers of things by their group, the nearest first; and how many have what."""
    of: dict[int, str] = {}
    counted: Counter[str] = Counter()
    without_people = set()
    for number, kind, filters, is_empty in database.execute(_KINDS, [as_json(scores)]):
        if kind in GROUPS:
            of[number] = kind
            counted.update(filters.split())
            without_people.update([number] if is_empty else [])
    groups: dict[str, list[int]] = {}
    for number in scores:
        if group := of.get(number):
            groups.setdefault(group, []).append(number)
    if "territory" in groups:  # communes of the past after those of today that are called alike
        groups["territory"].sort(key=lambda one: (-int(scores[one]), one in without_people))
    narrower: dict[str, dict[str, int]] = {}
    for filter_, count in sorted(counted.items(), key=lambda one: (-one[1], one[0])):
        name, _, value = filter_.partition("/")
        narrower.setdefault(name, {})[value] = count
    return groups, narrower


def as_json(numbers: Mapping[int, object] | Sequence[int]) -> str:
    """Numbers for json_each."""
    return f"[{','.join(map(str, numbers))}]"
