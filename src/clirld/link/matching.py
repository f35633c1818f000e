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

MIN_SIMILARITY = 90.0
"""Least similarity, of 100, of the sorted words of two names (rapidfuzz token_sort_ratio)."""

MAX_TOKEN_FREQUENCY = 0.002
"""A word in more than this share of the names (and more than twice) does not make two names alike."""

GRAPH = f"{BASE}graph/links/candidates"
RULE_VERSION = "1"
"""Version of the rule by which candidates are found, told in the catalogue: raise it when the rule changes."""

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
class _Initiative:
    key: str
    name: str
    tokens: tuple[str, ...]


def candidates(initiatives: Iterable[pl.LazyFrame]) -> list[Candidate]:
    """Candidates among the initiatives of tables, in order.

    Two initiatives that share a territory are candidates where their names have the same words (`same-name`),
    where one has all the words of the other and one of these is rare (`name-within-name`), or where their
    words differ by a few letters (`similar-name`).
    """
    frames = [frame.select("key", "name", "seat", "acts_in") for frame in initiatives]
    if not frames:
        return []
    table = pl.concat(frames).collect()
    blocks: dict[str, list[_Initiative]] = defaultdict(list)
    frequency: Counter[str] = Counter()
    for key, name, seat, acts_in in table.iter_rows():
        initiative = _Initiative(key, name, tuple(fold(name).split()))
        frequency.update(set(initiative.tokens))
        for place in dict.fromkeys([seat, *(acts_in or [])]):
            if place:
                blocks[place].append(initiative)
    rare_tokens = {token for token, count in frequency.items() if count <= max(2, MAX_TOKEN_FREQUENCY * table.height)}
    matches: dict[tuple[str, str], Candidate] = {}
    for place in sorted(blocks):
        for candidate in _block_candidates(place, blocks[place], rare_tokens):
            matches.setdefault((candidate.left, candidate.right), candidate)
    return sorted(matches.values())


def _block_candidates(place: str, block: Sequence[_Initiative], rare_tokens: set[str]) -> Iterator[Candidate]:
    # By key, so that the left one of a pair does not depend on the order of the sources.
    initiatives = sorted((one for one in block if one.tokens), key=lambda initiative: initiative.key)
    similarity = _similar_pairs(initiatives)
    for left, right in sorted({*similarity, *_token_sharing_pairs(initiatives, rare_tokens)}):
        one, other = initiatives[left], initiatives[right]
        if one.key == other.key:
            continue
        left_tokens, right_tokens = set(one.tokens), set(other.tokens)
        shared, differing = left_tokens & right_tokens, left_tokens ^ right_tokens
        score = similarity.get((left, right), 0.0)
        if left_tokens == right_tokens:
            method, score = "same-name", 100.0
        elif shared in (left_tokens, right_tokens) and shared & rare_tokens:
            method, score = "name-within-name", fuzz.token_set_ratio(" ".join(one.tokens), " ".join(other.tokens))
        elif score >= MIN_SIMILARITY and not differing <= _numeric_tokens(differing):
            method = "similar-name"
        else:
            continue
        yield Candidate(one.key, other.key, one.name, other.name, place, round(score, 1), method)


def _similar_pairs(initiatives: Sequence[_Initiative]) -> dict[tuple[int, int], float]:
    """Pairs of names whose sorted words are alike, with how much; every pair is compared, but not in Python."""
    # Sorted once here, so that the plain ratio below is rapidfuzz's token_sort_ratio without its sorting of each pair.
    texts = [" ".join(sorted(initiative.tokens)) for initiative in initiatives]
    similarity: dict[tuple[int, int], float] = {}
    for left, text in enumerate(texts):
        others = process.extract(text, texts[left + 1 :], scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY, limit=None)
        similarity.update({(left, left + 1 + offset): score for _, score, offset in others})
    return similarity


def _token_sharing_pairs(initiatives: Sequence[_Initiative], rare_tokens: set[str]) -> Iterator[tuple[int, int]]:
    """Pairs of names that have a rare word in common, or all their words."""
    positions: dict[str | frozenset[str], list[int]] = defaultdict(list)
    # Names with equal tokens need no rare one, so the whole set is a key of its own beside the rare tokens.
    for position, initiative in enumerate(initiatives):
        tokens = set(initiative.tokens)
        positions[frozenset(tokens)].append(position)
        for token in tokens & rare_tokens:
            positions[token].append(position)
    for pair_positions in positions.values():
        yield from combinations(pair_positions, 2)


def _numeric_tokens(tokens: set[str]) -> set[str]:
    """Names that differ by a number only (“Start-way 2”, “Start-way 3”) are of different places."""
    return {token for token in tokens if any(letter.isdigit() for letter in token)}


def write(matches: Sequence[Candidate], out: Path) -> None:
    """Write candidates as `candidates.csv` and `candidates.nq` in `out`."""
    names = ("left", "right", "left_name", "right_name", "place", "score", "method")
    rows = [{name: getattr(candidate, name) for name in names} for candidate in matches]
    schema = {name: pl.Float64() if name == "score" else pl.String() for name in names}
    pl.DataFrame(rows, schema=schema).write_csv(out / "candidates.csv")
    with (out / "candidates.nq").open("w", encoding="utf-8") as nquads:
        for candidate in matches:
            left, right = (f"<{BASE}id/initiative/{key}>" for key in (candidate.left, candidate.right))
            nquads.write(f"{left} <{CLOSE_MATCH}> {right} <{GRAPH}> .\n")
