"""The rules and the neighbours on the real registries: floors under what `python -m bench.likeness` prints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bench import likeness
from bench.likeness import Judged
from clirld.compare import communes, features, figures, neighbours
from clirld.compare.figures import Territory
from clirld.compare.neighbours import Neighbours

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def judged(real_statistics: Path) -> Judged:
    return likeness.judge(real_statistics)


@pytest.fixture(scope="module")
def found(judged: Judged) -> Neighbours:
    return likeness.compare(judged)[0]


# What is measured is docs/comparable-territories.md's. The one counter-example of two rules is known: Le Creusot is one
# grouping with Montceau, Cahors lost jobs.
@pytest.mark.parametrize(
    ("rule", "least", "caught"),
    [
        ("weakening", 0.9, []),
        ("industrial-crisis", 0.6, ["Le Creusot"]),
        ("isolated-rural", 0.7, []),
        ("declining-town-centre", 0.6, ["Cahors"]),
    ],
)
def test_places_that_public_texts_call_so(judged: Judged, rule: str, least: float, caught: list[str]) -> None:
    total, said = likeness.recall(judged, rule, "example")
    assert len(said) >= least * total
    assert likeness.recall(judged, rule, "counter-example")[1] == caught


def test_what_cannot_be_said_is_rare(judged: Judged) -> None:
    for rule, findings in judged.findings.items():
        unsaid = sum(one.answer == "cannot-be-said" for one in findings.values())
        assert unsaid <= 0.06 * len(findings), rule


def test_industry_in_crisis_is_in_the_programme_for_industry_more_often(judged: Judged) -> None:
    ratio, low, high = likeness.lift(judged, "industrial-crisis", likeness.programme(judged, "id_ti", 0.5))
    assert low >= 1.2
    assert low < ratio < high


def test_the_neighbours_are_stable(found: Neighbours) -> None:
    assert found.is_comparable.sum() == 1_249
    assert np.mean(found.stable_weights[found.is_comparable]) >= 0.85
    assert np.mean(found.stable_without[found.is_comparable]) >= 0.55


@pytest.mark.parametrize("measure", likeness.HELD_OUT)
def test_the_neighbours_say_more_than_size_and_density(judged: Judged, found: Neighbours, measure: str) -> None:
    count, _ours, _theirs, low, _high = likeness.held_out(judged, found, measure)
    assert count > 1_200
    assert low > 0


@pytest.fixture(scope="module")
def towns(real_statistics: Path) -> list[Territory]:
    """The communes of 10,000 inhabitants or more: the others take a minute."""
    frame = pl.read_parquet(sorted((real_statistics / "territory_figures").glob("*.parquet")))
    rows = [{name: value or "" for name, value in row.items()} for row in frame.iter_rows(named=True)]
    return [one for one in figures.communes(rows) if one.figures.get(communes.INHABITANTS, 0) >= 10_000]


# Measured: docs/comparable-territories.md, by bench.alike_communes.
@pytest.mark.parametrize(
    ("least", "count", "weights", "without"),
    [(10_000, 533, 0.9, 0.6), (20_000, 351, 0.9, 0.65), (50_000, 87, 0.9, 0.7), (100_000, 42, 0.95, 0.8)],
)
def test_the_neighbours_of_towns_are_stable(
    towns: list[Territory], least: int, count: int, weights: float, without: float
) -> None:
    compared = features.load(features.OF_COMMUNES)
    number = compared.classes.index(least)
    of_class = [one for one in towns if communes.size_class(one.figures, compared) == number]
    found = neighbours.find(features.matrix([one.figures for one in of_class], compared), compared)
    assert found.is_comparable.sum() == count
    assert np.mean(found.stable_weights[found.is_comparable]) >= weights
    assert np.mean(found.stable_without[found.is_comparable]) >= without


def test_gueret_is_like_other_towns_of_the_countryside(towns: list[Territory]) -> None:
    compared = features.load(features.OF_COMMUNES)
    number = compared.classes.index(10_000)
    of_class = [one for one in towns if communes.size_class(one.figures, compared) == number]
    found = neighbours.find(features.matrix([one.figures for one in of_class], compared), compared)
    (here,) = [n for n, one in enumerate(of_class) if one.key == "commune-23096"]
    nearest = {of_class[n].key for n in found.rows[here]}
    assert {"commune-19272", "commune-48095"} <= nearest  # Tulle, Mende


def test_longwy_is_doubtful(judged: Judged) -> None:
    assert judged.territories[judged.grouping["54323"]].figures["centre_abroad"] > 10
