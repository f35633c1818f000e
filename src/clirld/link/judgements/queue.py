"""Which pairs a person is asked about, and in which order; and how often two people say the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from clirld import stages
from clirld.link.judgements.judgement import Judgement, in_force

Pair = tuple[str, str]


def to_ask(candidates: Iterable[Pair], judgements: Sequence[Judgement], by: str, *, second: bool = False) -> list[Pair]:
    """The pairs that `by` has said nothing of: that nobody has decided; or, `second`, that another has judged.

    `candidates` are short names. The order follows from the names alone: it tells nothing of how likely a pair is.
    """
    holding = in_force(judgements)
    mine = {one.pair for one in holding if one.author == by}
    others = [one for one in holding if one.author != by]
    if second:
        pairs = {one.pair for one in others}
    else:
        decided = {one.pair for one in others if one.says != "unsure"}
        pairs = {(min(pair), max(pair)) for pair in candidates} - decided
    return sorted(pairs - mine, key=lambda pair: stages.fingerprint(*pair))


def agreement(judgements: Iterable[Judgement], by: str) -> tuple[int, int]:
    """Of how many pairs `by` and somebody else said that they are one thing or two, and how often the same."""
    holding = [one for one in in_force(judgements) if one.says != "unsure"]
    others: dict[Pair, Collection[str]] = {}
    for one in holding:
        if one.author != by:
            others[one.pair] = {*others.get(one.pair, ()), one.says}
    both = [one for one in holding if one.author == by and one.pair in others]
    return len(both), sum(others[one.pair] == {one.says} for one in both)
