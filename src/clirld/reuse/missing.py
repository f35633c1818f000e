"""Whose experience is missing: for which groupings no case is near enough, and where a case would serve most of them.

A case counts for the groupings that are among the fifty (`likeness.NEAR`) most like one where it is, and for that one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clirld.reuse import cases
from clirld.reuse.facts import TERRITORY, Facts, Named
from clirld.reuse.likeness import Likeness

WANTED = 3
"""Cases near enough that a grouping should have."""
_PLACES = 20


@dataclass(frozen=True, slots=True)
class Reach:
    """For how many groupings a kind of case is near enough; of those in a situation, how many share one with it."""

    kind: str
    """`process`: with a process written down; `any`: with a need or a practice field too, by a page of its own;
    `listed`: those that a registry only lists too."""
    known: int
    """Cases."""
    placed: int
    """Cases whose grouping is known."""
    one: int
    three: int
    one_shared: int
    three_shared: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A grouping where a case would serve most of those that lack one, beside the ones before it."""

    territory: Named
    situations: list[Named]
    serves: int
    """Groupings that it would bring a case which is near enough."""
    left: int
    """Groupings without one even then."""


@dataclass(frozen=True, slots=True)
class Missing:
    """How far experience reaches, and where it is missing."""

    groupings: int
    in_a_situation: int
    reach: list[Reach]
    wanted: list[Wanted]


def missing(facts: Facts, likeness: Likeness, places: int = _PLACES) -> Missing:
    """How many groupings have cases near enough, and up to so many places where a case would serve most.

    A case that is only listed serves nobody there: it says that something is done, and not how. Places are chosen one
    after another, each the one that serves most of those that are left (a greedy cover).
    """
    keys = [one.key for one in likeness.territories]
    serves = _serves(likeness)
    situations = [set(facts.iris(TERRITORY + key, "clir:hasSituation")) for key in keys]
    shares = np.array([[bool(one & other) for other in situations] for one in situations], dtype=bool).reshape(
        serves.shape
    )
    initiatives = cases.candidates(facts)
    where = {
        one: [likeness.rows[key] for key in cases.places(facts, one) if key in likeness.rows] for one in initiatives
    }
    processes = [one for one in initiatives if facts.subjects("clir:capitalisedFrom", one)]
    told = [one for one in initiatives if cases.is_told(facts, one)]
    reach = [
        _reach(kind, [where[i] for i in of], serves, shares)
        for kind, of in (("process", processes), ("any", told), ("listed", initiatives))
    ]
    served = np.zeros(len(keys), dtype=bool)
    for one in told:
        for row in where[one]:
            served |= serves[row]
    comparable = serves.sum(axis=0) > 1
    wanted: list[Wanted] = []
    while len(wanted) < places:
        gains = (serves & ~served & comparable).sum(axis=1)
        best = int(np.argmax(gains)) if len(gains) else 0
        if not len(gains) or not gains[best]:
            break
        served |= serves[best]
        iri, left = TERRITORY + keys[best], int((~served).sum())
        wanted.append(Wanted(facts.named(iri), facts.all_named(iri, "clir:hasSituation"), int(gains[best]), left))
    return Missing(len(keys), sum(map(bool, situations)), reach, wanted)


def _serves(likeness: Likeness) -> NDArray[np.bool_]:
    """Row: where a case is; column: a grouping that it is near enough for."""
    found = np.eye(len(likeness.territories), dtype=bool)
    for n, territory in enumerate(likeness.territories):
        found[likeness.nearest(territory.key), n] = True
    return found


def _reach(kind: str, where: list[list[int]], serves: NDArray[np.bool_], shares: NDArray[np.bool_]) -> Reach:
    counts = np.zeros((2, len(serves)), dtype=int)
    for rows in where:
        if rows:  # a case in several groupings counts once
            counts[0] += serves[rows].any(axis=0)
            counts[1] += (serves[rows] & shares[rows]).any(axis=0)
    one, three = ((counts >= least).sum(axis=1).tolist() for least in (1, WANTED))
    return Reach(kind, len(where), sum(map(bool, where)), one[0], three[0], one[1], three[1])
