"""Communes and those of their size class that are most like them, as canonical rows: one a commune, and no RDF.

In what they are alike is put in words where it is read (`pairs.told_in_words` of the features named here): of ten
neighbours of thirty-five thousand communes, in two languages, it would be more text than all the rest.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from clirld.compare import features, figures, neighbours, observations, pairs, words
from clirld.compare.derive import FEW, NO_INHABITANTS, OVERSEAS, Derived, rule_of_comparison, weakness, why_not
from clirld.compare.features import Features
from clirld.compare.figures import Row, Territory
from clirld.compare.neighbours import Neighbours
from clirld.compare.noticed import Notice, ignore, sparse, without_neighbours
from clirld.compare.observations import Values
from clirld.compare.pairs import Told

ABROAD, SAMPLED, NEXT_DOOR = "abroad", "sampled", "next-door"
_MOST = 0.5
_SENTENCES = {ABROAD: "commune-abroad"}
JOBS, INHABITANTS = "jobs_2016", "population_2021"


def derive(rows: Sequence[Row], notice: Notice = ignore) -> Iterator[Derived]:
    """The rule, then each commune, of its grouping if any: what its comparison is worth, and its neighbours."""
    compared = features.load(features.OF_COMMUNES)
    yield rule_of_comparison(compared)
    owners = {row["territory"]: row.get("epci") or row["territory"] for row in rows}
    by_class: dict[int, list[Territory]] = defaultdict(list)
    territories = figures.communes(rows)
    for noticed in sparse(territories, compared):
        notice(noticed)
    for one in territories:
        by_class[size_class(one.figures, compared)].append(one)
    for number, of_class in sorted(by_class.items()):
        if number < 0:
            told = [_without_class(one, owners[one.key], compared) for one in of_class]
        else:
            told = list(_of_class(number, of_class, owners, compared))
        for derived in told:
            if "not_comparable" in derived.values:
                notice(without_neighbours(derived.values))
            yield derived


def size_class(own: Mapping[str, float], compared: Features) -> int:
    """The number of the class of so many inhabitants, from 0; -1 where they are not known."""
    return bisect_right(compared.classes, own[INHABITANTS]) - 1 if INHABITANTS in own else -1


def class_name(number: int, compared: Features) -> str:
    """A class by its bounds: `200-499`, `100000-`."""
    last = "" if number + 1 == len(compared.classes) else str(compared.classes[number + 1] - 1)
    return f"{compared.classes[number]}-{last}"


def _without_class(territory: Territory, owner: str, compared: Features) -> Derived:
    known = np.array([one in territory.figures for one in compared.names])
    missing = [name for name, group in compared.groups.items() if not any(one in territory.figures for one in group)]
    values: Values = {
        "territory": territory.key,
        "rule": compared.key,
        "missing_share": observations.number(float(1 - known.mean())),
        "not_comparable": OVERSEAS if territory.is_overseas else NO_INHABITANTS,
        "missing_groups": missing,
    }
    return Derived("commune_comparison", owner, values)


def _of_class(
    number: int, territories: Sequence[Territory], owners: Mapping[str, str], compared: Features
) -> Iterator[Derived]:
    scores = features.matrix([one.figures for one in territories], compared)
    found = neighbours.find(scores, compared)
    told = pairs.told(scores, pairs.values(territories, compared), found.rows, compared)
    comparable = int(found.is_comparable.sum())
    groupings = np.array([owners[one.key] for one in territories])
    for n, territory in enumerate(territories):
        values: Values = {
            "territory": territory.key,
            "rule": compared.key,
            "size_class": class_name(number, compared),
            "compared_with": str(comparable - 1 if found.is_comparable[n] else 0),
            "missing_share": observations.number(float(np.isnan(scores[n]).mean())),
        }
        if found.is_comparable[n]:
            values["stable_weights"] = observations.number(float(found.stable_weights[n]))
            values["stable_without"] = observations.number(float(found.stable_without[n]))
            values["doubts"] = list(_doubts(n, territory, compared, found, groupings))
            values |= _neighbours(n, territories, compared, found, told[n])
        else:
            values |= why_not(n, territory, compared, found)
        yield Derived("commune_comparison", owners[territory.key], values)


def _doubts(
    n: int, territory: Territory, compared: Features, found: Neighbours, groupings: NDArray[np.str_]
) -> Iterator[str]:
    """What makes the answer doubtful, by kind."""
    if territory.figures.get("centre_abroad", 0.0) >= compared.abroad:
        yield ABROAD
    if territory.figures.get(JOBS, compared.sampled) < compared.sampled:
        yield SAMPLED
    neighbours_of = found.rows[n][found.rows[n] >= 0]
    if (groupings[neighbours_of] == groupings[n]).mean() > _MOST:
        yield NEXT_DOOR
    yield from weakness(n, found)


def doubts_in_words(
    kinds: Iterable[str], not_comparable: str, missing_groups: Sequence[str], there: int, language: str
) -> str:
    """What the table says makes the answer of a commune doubtful, or why there is none, in sentences."""
    if not_comparable:
        return words.not_comparable({"not_comparable": not_comparable, "missing_groups": [*missing_groups]}, language)
    numbers = {SAMPLED: int(features.load(features.OF_COMMUNES).sampled), FEW: there}
    return " ".join(words.sentence(_SENTENCES.get(one, one), language, numbers.get(one)) for one in kinds)


def _neighbours(
    n: int, territories: Sequence[Territory], compared: Features, found: Neighbours, told: Sequence[Told]
) -> Values:
    """The neighbours of a commune by rank, and of each what is told, joined: a list would keep equal values once."""
    ranks = np.flatnonzero(found.rows[n] >= 0).tolist()
    groups = list(compared.groups)
    return {
        "neighbours": [territories[found.rows[n, rank]].key for rank in ranks],
        "distances": " ".join(observations.number(float(found.distances[n, rank])) for rank in ranks),
        "differs_most": " ".join(groups[int(np.argmax(found.shares[n, rank]))] for rank in ranks),
        "alike": ";".join(" ".join(told[rank][0]) for rank in ranks),
        "different": ";".join(" ".join(told[rank][1]) for rank in ranks),
    }
