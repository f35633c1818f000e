"""link: initiatives that may be the same, as candidates with their evidence.

Organizations that share an official identifier share an IRI already. Initiatives have none, so what looks alike
is only ever a candidate: two statements in files beside the store, never a merge, never in the public graph.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import polars as pl
from rapidfuzz import fuzz, process

from clirld.settings import BASE
from clirld.values.cleaners import fold

THRESHOLD = 90.0
"""Least similarity, of 100, of the sorted words of two names (rapidfuzz token_sort_ratio)."""

COMMON = 0.002
"""A word in more than this share of the names (and more than twice) does not make two names alike."""

GRAPH = f"{BASE}graph/links/candidates"
CLOSE_MATCH = "http://www.w3.org/2004/02/skos/core#closeMatch"


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """Two initiatives (last parts of their IRIs) that may be the same; `place` is the territory they share."""

    left: str
    right: str
    left_name: str
    right_name: str
    place: str
    score: float
    method: str


@dataclass(frozen=True, slots=True)
class _Named:
    key: str
    name: str
    words: tuple[str, ...]


def candidates(initiatives: Iterable[Path]) -> list[Candidate]:
    """Candidates among the initiatives of Parquet files, in order.

    Two initiatives that share a territory are candidates where their names have the same words (`same-name`),
    where one has all the words of the other and one of these is rare (`name-within-name`), or where their
    words differ by a few letters (`similar-name`).
    """
    files = list(initiatives)
    if not files:
        return []
    table = pl.scan_parquet(files).select("key", "name", "seat", "acts_in").collect()
    blocks: dict[str, list[_Named]] = defaultdict(list)
    frequency: Counter[str] = Counter()
    for key, name, seat, acts_in in table.iter_rows():
        named = _Named(key, name, tuple(fold(name).split()))
        frequency.update(set(named.words))
        for place in dict.fromkeys([seat, *(acts_in or [])]):
            if place:
                blocks[place].append(named)
    rare = {word for word, count in frequency.items() if count <= max(2, COMMON * table.height)}
    found: dict[tuple[str, str], Candidate] = {}
    for place in sorted(blocks):
        for one in _pairs(place, blocks[place], rare):
            found.setdefault((one.left, one.right), one)
    return sorted(found.values())


def _pairs(place: str, block: Sequence[_Named], rare: set[str]) -> Iterator[Candidate]:
    names = sorted((named for named in block if named.words), key=lambda named: named.key)
    near = _near(names)
    for left, right in sorted({*near, *_sharing(names, rare)}):
        one, two = names[left], names[right]
        if one.key == two.key:
            continue
        mine, theirs = set(one.words), set(two.words)
        score = near.get((left, right), 0.0)
        if mine == theirs:
            method, score = "same-name", 100.0
        elif (mine <= theirs or theirs <= mine) and (mine & theirs & rare):
            method, score = "name-within-name", fuzz.token_set_ratio(" ".join(one.words), " ".join(two.words))
        elif score >= THRESHOLD and not (mine ^ theirs) <= _numbers(mine ^ theirs):
            method = "similar-name"
        else:
            continue
        yield Candidate(one.key, two.key, one.name, two.name, place, round(score, 1), method)


def _near(names: Sequence[_Named]) -> dict[tuple[int, int], float]:
    """Pairs of names whose sorted words are alike, with how much; every pair is compared, but not in Python."""
    texts = [" ".join(sorted(named.words)) for named in names]
    near: dict[tuple[int, int], float] = {}
    for left, text in enumerate(texts):
        others = process.extract(text, texts[left + 1 :], scorer=fuzz.ratio, score_cutoff=THRESHOLD, limit=None)
        near.update({(left, left + 1 + place): score for _, score, place in others})
    return near


def _sharing(names: Sequence[_Named], rare: set[str]) -> Iterator[tuple[int, int]]:
    """Pairs of names that have a rare word in common, or all their words."""
    having: dict[str | frozenset[str], list[int]] = defaultdict(list)
    for place, named in enumerate(names):
        words = set(named.words)
        having[frozenset(words)].append(place)
        for word in words & rare:
            having[word].append(place)
    for places in having.values():
        yield from combinations(places, 2)


def _numbers(words: set[str]) -> set[str]:
    """Names that differ by a number only (“Start-way 2”, “Start-way 3”) are of different places."""
    return {word for word in words if any(letter.isdigit() for letter in word)}


def write(found: Sequence[Candidate], out: Path) -> None:
    """Write candidates as `candidates.csv` and `candidates.nq` in `out`."""
    names = ("left", "right", "left_name", "right_name", "place", "score", "method")
    rows = [{name: getattr(one, name) for name in names} for one in found]
    schema = {name: pl.Float64() if name == "score" else pl.String() for name in names}
    pl.DataFrame(rows, schema=schema).write_csv(out / "candidates.csv")
    with (out / "candidates.nq").open("w", encoding="utf-8") as nquads:
        for one in found:
            left, right = (f"<{BASE}id/initiative/{key}>" for key in (one.left, one.right))
            nquads.write(f"{left} <{CLOSE_MATCH}> {right} <{GRAPH}> .\n")
