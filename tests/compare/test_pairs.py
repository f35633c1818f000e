"""What is told to be alike is alike: in its rank and in the figure itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.compare import features, pairs, words
from clirld.compare.figures import Territory

COMPARED = features.load()
NAMES = COMPARED.names
CHANGES = [name for name in NAMES if words.wording()[name].get("sign")]
NUMBERS = st.one_of(st.just(0.0), st.floats(-50, 50_000, allow_nan=False).map(lambda one: round(one, 2)))
SCORES = st.floats(-3, 3, allow_nan=False)


def told(one: dict[str, float], other: dict[str, float], gap: float = 0.0, apart: Sequence[str] = ()) -> list[str]:
    """The features that are told to be alike of two territories whose scores differ so; by two in those `apart`."""
    both = [Territory("a", one), Territory("b", other)]
    numbers = pairs.values(both, COMPARED)
    gaps = [2.0 if name in apart else gap for name in NAMES]
    scores = np.where(np.isnan(numbers), np.nan, np.array([[0.0] * len(NAMES), gaps]))
    return pairs.told(scores, numbers, np.array([[1], [-1]]), COMPARED)[0][0][0]


@pytest.mark.parametrize(
    ("name", "one", "other", "gap", "is_alike"),
    [
        ("jobs_2016", 11_153, 18_483, 0.2, False),  # the ranks are near, the figures are not
        ("jobs_2016", 11_153, 13_000, 0.2, True),
        ("jobs_2016", 11_153, 13_000, 0.4, False),  # the figures are near, the ranks are not
        ("density", 100, 125, 0, True),
        ("density", 125, 100, 0, True),
        ("density", 100, 126, 0, False),
        ("town_distance", 0, 5, 0, False),
        ("town_distance", 0, 0, 0, False),  # to be alike in what neither has says little
        ("manufacturing_lost", -2, 2.2, 0.1, True),  # of a change the ranks alone say so
        ("manufacturing_lost", -2, 2.2, 0.4, False),
        ("population_change", -0.04, 0.1, 0.1, True),
        ("population_change", -0.04, 0.1, 0.4, False),
    ],
)
def test_alike_in_rank_and_in_figure(name: str, one: float, other: float, gap: float, is_alike: bool) -> None:
    # The two features that differ most are told as such: these are, and of other groups.
    group = next(group for group in COMPARED.groups.values() if name in group)
    apart = [one for one in ("retail_rate", "farming_share", "median_income_2019") if one not in group]
    found = told({name: one, **dict.fromkeys(apart, 1.0)}, {name: other, **dict.fromkeys(apart, 9.0)}, gap, apart)
    assert (name in found) == is_alike


@given(
    st.dictionaries(st.sampled_from(NAMES), NUMBERS),
    st.dictionaries(st.sampled_from(NAMES), NUMBERS),
    SCORES,
)
def test_no_other_figure_is_called_alike(one: dict[str, float], other: dict[str, float], gap: float) -> None:
    for name in told(one, other, gap):
        assert abs(gap) <= COMPARED.alike_scores
        if name not in CHANGES:
            small, great = sorted([abs(one[name]), abs(other[name])])
            assert great <= COMPARED.alike_ratio * small
            assert one[name] * other[name] > 0


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "Aucun chiffre n'est assez proche"), ("en", "No figure is near")]
)
def test_where_nothing_is_alike_that_is_said(language: str, said: str) -> None:
    one, other = Territory("a", {"jobs_2016": 10.0}), Territory("b", {"jobs_2016": 1000.0})
    at = NAMES.index("jobs_2016")
    scores = np.full((2, len(NAMES)), np.nan)
    scores[:, at] = [0, 2]
    text = pairs.in_words(one, other, scores[0], scores[1], COMPARED, language)
    assert text.startswith(said)
    assert ("emplois" if language == "fr" else "jobs") in text


@pytest.mark.parametrize("path", [features.OF_GROUPINGS, features.OF_COMMUNES])
def test_the_rule_is_the_same_for_groupings_and_communes(path: Path) -> None:
    assert features.load(path).alike_ratio == COMPARED.alike_ratio == 1.25
