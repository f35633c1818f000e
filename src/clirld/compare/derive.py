"""What follows from the table of figures, as canonical rows: rules, observations, situations, comparisons, neighbours.

`pipelines/sources/comparisons` makes records of them. A situation of which nothing is said does not hold, far from any
threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clirld.compare import features, figures, neighbours, observations, rules, words
from clirld.compare.features import Features, Floats
from clirld.compare.figures import Row, Territory
from clirld.compare.neighbours import Neighbours
from clirld.compare.observations import Values
from clirld.compare.rules import Finding, Rule

_ALIKE, _DIFFERENT = 3, 2
_UNSTABLE = 0.5


@dataclass(frozen=True, slots=True)
class Derived:
    """A canonical row: its table, the grouping that it is about ("" for a rule), its key, its values."""

    table: str
    territory: str
    values: Values


def derive(rows: Iterable[Row]) -> Iterator[Derived]:
    """All that follows from rows of `territory_figures`: rules, each grouping, its comparison first, and the cubes."""
    territories = figures.territories(rows)
    situations, compared = rules.load(), features.load()
    yield from _rules(situations, compared)
    scores = features.matrix([one.figures for one in territories], compared)
    found = neighbours.find(scores, compared) if territories else None
    measured: dict[str, Sequence[str]] = {}
    for n, territory in enumerate(territories):
        assert found is not None
        yield _comparison(n, territory, compared, scores, found)
        yield from _neighbours(n, territories, compared, scores, found)
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
    texts, titles = {}, {}
    for language in words.LANGUAGES:
        names = ", ".join(words.group(name, language) for name in compared.groups)
        counts = compared.neighbours, len(compared.groups), names, compared.groups_needed
        texts[language] = words.sentence("comparison-text", language, *counts)
        titles[language] = words.sentence("comparison-title", language)
    yield _rule(compared.key, compared.version, titles, texts)


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
    for language, column in (("fr", "doubt"), ("en", "doubt_en")):
        values[column] = " ".join(_doubts(n, territory, compared, found, language))
    return Derived("comparison", territory.key, values)


def _doubts(n: int, territory: Territory, compared: Features, found: Neighbours, language: str) -> Iterator[str]:
    """What makes the answer doubtful, in sentences."""
    if not found.is_comparable[n]:
        yield words.sentence("too-little", language)
        return
    if (abroad := territory.figures.get("centre_abroad", 0.0)) >= compared.abroad:
        yield words.sentence("abroad", language, words.number("centre_abroad", abroad, language))
    if found.stable_without[n] < _UNSTABLE:
        yield words.sentence("unstable", language)


def _neighbours(
    n: int, territories: Sequence[Territory], compared: Features, scores: Floats, found: Neighbours
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
        pair = here, territories[other], scores[n], scores[other]
        for language, column in (("fr", "description"), ("en", "description_en")):
            values[column] = pair_in_words(*pair, compared, language)
        yield Derived("comparison_neighbour", here.key, values)


def pair_in_words(
    here: Territory, other: Territory, scores: Floats, other_scores: Floats, compared: Features, language: str
) -> str:
    """In what two groupings are most alike and most different, with both figures; `scores` are their normal scores."""
    alike, different = _told(scores, other_scores, compared, _both_zero(here, other))
    return _pair(here, other, alike, different, language)


def _both_zero(here: Territory, other: Territory) -> set[str]:
    """Figures that are zero for both: to be alike in what neither has says little."""
    return {name for name, value in here.figures.items() if not value and not other.figures.get(name, 1.0)}


def _told(one: Floats, other: Floats, compared: Features, untold: set[str]) -> tuple[list[str], list[str]]:
    """The features in which two are most alike, and those in which they differ most: no two of one group."""
    gaps = np.abs(one - other)
    known = [n for n in range(len(gaps)) if not np.isnan(gaps[n])]
    by_gap = sorted(known, key=lambda n: (round(float(gaps[n]), 12), n))
    different = _one_a_group(reversed(by_gap), compared, _DIFFERENT, set())
    names = compared.names
    alike = _one_a_group((n for n in by_gap if names[n] not in untold), compared, _ALIKE, set(different))
    return [names[n] for n in alike], [names[n] for n in different]


def _one_a_group(order: Iterable[int], compared: Features, count: int, taken: set[int]) -> list[int]:
    chosen: list[int] = []
    groups: set[int] = {compared.group_of[n] for n in taken}
    for n in order:
        if len(chosen) < count and compared.group_of[n] not in groups:
            chosen.append(n)
            groups.add(compared.group_of[n])
    return chosen


def _pair(here: Territory, other: Territory, alike: Sequence[str], different: Sequence[str], language: str) -> str:
    sentences = []
    for sentence, names in (("alike", alike), ("different", different)):
        parts = []
        for one in names:
            both = words.numbers(one, [figures_of.figures[one] for figures_of in (here, other)], language)
            against = words.sentence("against", language, *both)
            parts.append(f"{words.name(one, language)}{words.sentence('colon', language)}{against}")
        if parts:
            sentences.append(words.sentence(sentence, language, words.listed(parts, language)))
    return " ".join(sentences)
