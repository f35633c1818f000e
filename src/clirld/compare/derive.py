"""What follows from the table of figures, as canonical rows: rules, observations, situations, comparisons, neighbours.

`pipelines/sources/comparisons` makes records of them. A situation of which nothing is said does not hold, far from any
threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clirld.compare import features, figures, neighbours, observations, pairs, rules, words
from clirld.compare.features import Features, Floats
from clirld.compare.figures import Row, Territory
from clirld.compare.neighbours import Neighbours
from clirld.compare.noticed import Notice, ignore, sparse, without_neighbours
from clirld.compare.observations import Values
from clirld.compare.pairs import Told
from clirld.compare.rules import Finding, Rule
from clirld.french import grouped

_UNSTABLE = 0.5

FEW, UNSTABLE = "few", "unstable"
"""What makes an answer doubtful: fewer neighbours than are asked for; others without one of the groups."""

MISSING_GROUPS, OVERSEAS, ALONE, NO_INHABITANTS = "missing-groups", "overseas", "alone", "no-inhabitants"
"""Why a territory is compared with none: too little is known of it, or of it as of all that lies overseas; nobody knows
the same; its size class is not known."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A canonical row: its table, the grouping that it is about ("" for a rule), its key, its values."""

    table: str
    territory: str
    values: Values


def derive(rows: Iterable[Row], notice: Notice = ignore) -> Iterator[Derived]:
    """All that follows from rows of `territory_figures`: rules, each grouping, its comparison first, and the cubes."""
    territories = figures.territories(rows)
    situations, compared = rules.load(), features.load()
    yield from _rules(situations, compared)
    for noticed in sparse(territories, compared):
        notice(noticed)
    scores = features.matrix([one.figures for one in territories], compared)
    found = neighbours.find(scores, compared)
    told = pairs.told(scores, pairs.values(territories, compared), found.rows, compared)
    measured: dict[str, Sequence[str]] = {}
    for n, territory in enumerate(territories):
        comparison = _comparison(n, territory, compared, scores, found)
        if not found.is_comparable[n]:
            notice(without_neighbours(comparison.values))
        yield comparison
        yield from _neighbours(n, territories, compared, found, told[n])
        for one in _of_figures(territory, situations):
            if one.table == "territory_observation":
                measured.setdefault(str(one.values["cube"]), observations.measures_of(one.values))
            yield one
    yield from _cubes(measured)


def _of_figures(territory: Territory, situations: Sequence[Rule]) -> Iterator[Derived]:
    """The figures of a grouping, and what each rule says of them."""
    yield from _observations(territory, territory.key, territory.figures)
    found_situations = [(rule, rules.find(rule, territory.figures)) for rule in situations]
    told = [row for _rule_of, finding in found_situations for row in _finding(finding, territory)]
    yield from told
    if territory.town and any(territory.town in key for row in told for key in row.values["observations"]):
        yield from _observations(territory, territory.town, territory.town_figures)
    held = [rule.situation for rule, finding in found_situations if finding.answer == "holds"]
    if held:
        yield Derived("zoning", territory.key, {"territory": territory.key, "situation": held})


def _rules(situations: Sequence[Rule], compared: Features) -> Iterator[Derived]:
    for rule in situations:
        yield _rule(rule.key, rule.version, rule.title, rule.text)
    yield rule_of_comparison(compared)


def rule_of_comparison(compared: Features) -> Derived:
    """The rule by which territories are compared, in words."""
    texts, titles = {}, {}
    for language in words.LANGUAGES:
        names = ", ".join(words.group(name, language) for name in compared.groups)
        bounds = ", ".join(grouped(one, language) for one in compared.classes)
        counts = compared.neighbours, len(compared.groups), names, compared.groups_needed, bounds
        texts[language] = words.sentence(f"{compared.name}-text", language, *counts)
        titles[language] = words.sentence(f"{compared.name}-title", language)
    return _rule(compared.key, compared.version, titles, texts)


def _rule(key: str, version: str, titles: Mapping[str, str], texts: Mapping[str, str]) -> Derived:
    values: Values = {"key": key, "version": version, "name": titles["fr"], "name_en": titles["en"]}
    return Derived("derivation_rule", "", values | {"description": texts["fr"], "description_en": texts["en"]})


def _observations(territory: Territory, place: str, numbers: Mapping[str, float]) -> Iterator[Derived]:
    """The figures of a grouping, or of the town in it, told with the grouping."""
    for values in observations.observations(place, numbers):
        yield Derived("territory_observation", territory.key, values)


def _cubes(measured: Mapping[str, Sequence[str]]) -> Iterator[Derived]:
    """What the observations are placed by and measure, where there are any."""
    if measured:
        yield from (Derived("cube_component", "", values) for values in observations.components())
        yield from (Derived("observation_cube", "", values) for values in observations.cubes(measured))


def _observed(territory: Territory, figure: str) -> list[str]:
    """The keys of the observations that a figure is made of."""
    is_of_town = figure.startswith(figures.OF_TOWN) and figure in figures.PARTS
    place, numbers = (territory.town, territory.town_figures) if is_of_town else (territory.key, territory.figures)
    columns = {one for one in figures.PARTS.get(figure, (figure,)) if one in numbers}
    return observations.observed_in(place, columns)


def _finding(finding: Finding, territory: Territory) -> Iterator[Derived]:
    rule = finding.rule
    if finding.answer == "does-not-hold" and not finding.near:
        return
    inputs = {key for condition, _holds in finding.signs for key in _observed(territory, condition.figure)}
    values: Values = {
        "territory": territory.key,
        "situation": rule.situation,
        "rule": rule.key,
        "answer": finding.answer,
        "near": "true" if finding.near else "false",
        "observations": sorted(inputs),
        "description": words.finding(finding, territory.figures, "fr"),
        "description_en": words.finding(finding, territory.figures, "en"),
    }
    yield Derived("situation_finding", territory.key, values)


def _comparison(n: int, territory: Territory, compared: Features, scores: Floats, found: Neighbours) -> Derived:
    values: Values = {
        "territory": territory.key,
        "rule": compared.key,
        "missing_share": observations.number(float(np.isnan(scores[n]).mean())),
    }
    if found.is_comparable[n]:
        values["stable_weights"] = observations.number(float(found.stable_weights[n]))
        values["stable_without"] = observations.number(float(found.stable_without[n]))
    else:
        values |= why_not(n, territory, compared, found)
    for language, column in (("fr", "doubt"), ("en", "doubt_en")):
        values[column] = " ".join(_doubts(n, territory, compared, found, language))
    return Derived("comparison", territory.key, values)


def why_not(n: int, territory: Territory, compared: Features, found: Neighbours) -> Values:
    """Why a territory is compared with none: the kind of reason, and the groups of which too little is known."""
    missing = [name for name, has in zip(compared.groups, found.has_group[n], strict=True) if not has]
    if len(compared.groups) - len(missing) >= compared.groups_needed:
        return {"not_comparable": ALONE, "missing_groups": missing}
    return {"not_comparable": OVERSEAS if territory.is_overseas else MISSING_GROUPS, "missing_groups": missing}


def _doubts(n: int, territory: Territory, compared: Features, found: Neighbours, language: str) -> Iterator[str]:
    """What makes the answer doubtful, in sentences."""
    if not found.is_comparable[n]:
        yield words.not_comparable(why_not(n, territory, compared, found), language)
        return
    if (abroad := territory.figures.get("centre_abroad", 0.0)) >= compared.abroad:
        yield words.sentence("abroad", language, words.number("centre_abroad", abroad, language))
    there = int((found.rows[n] >= 0).sum())
    yield from (words.sentence(one, language, there) for one in weakness(n, found))


def weakness(n: int, found: Neighbours) -> Iterator[str]:
    """That there are few neighbours, or that they do not last."""
    if (found.rows[n] < 0).any():
        yield FEW
    if found.stable_without[n] < _UNSTABLE:
        yield UNSTABLE


def _neighbours(
    n: int, territories: Sequence[Territory], compared: Features, found: Neighbours, told: Sequence[Told]
) -> Iterator[Derived]:
    if not found.is_comparable[n]:
        return
    here, groups = territories[n], list(compared.groups)
    for rank, other in enumerate(found.rows[n].tolist(), 1):
        if other < 0:
            continue
        shares = found.shares[n, rank - 1]
        values: Values = {
            "territory": here.key,
            "rank": str(rank),
            "neighbour": territories[other].key,
            "distance": observations.number(float(found.distances[n, rank - 1])),
            "differs_most": groups[int(np.argmax(shares))],
        }
        for name, share in zip(groups, shares.tolist(), strict=True):
            values[f"share_{name}"] = observations.number(share)
        for language, column in (("fr", "description"), ("en", "description_en")):
            values[column] = pairs.told_in_words(here, territories[other], told[rank - 1], language)
        yield Derived("comparison_neighbour", here.key, values)
