"""Neighbours: those that a plain reference finds, shares that make a whole, what is missing, how stable they are."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clirld.compare import features, neighbours
from clirld.compare.features import Features, Floats

GROUPS = {"one": {"a": "log", "b": "rank"}, "two": {"c": "rank"}, "three": {"d": "rank"}}
COMPARED = Features("1", 3, 2, 10, GROUPS, 1.25, 0.3)


def reference(scores: Floats, compared: Features) -> list[list[int]]:
    """The same neighbours, written down as the definition has them: pair by pair, group by group."""
    found = []
    for here in range(len(scores)):
        distances = []
        for other in range(len(scores)):
            squares = []
            for group in range(len(compared.groups)):
                columns = [n for n, one in enumerate(compared.group_of) if one == group]
                known = [[n for n in columns if not math.isnan(scores[who, n])] for who in (here, other)]
                both = [n for n in known[0] if n in known[1]]
                if both and all(len(one) * 2 > len(columns) for one in known):
                    squares.append(sum((scores[here, n] - scores[other, n]) ** 2 for n in both) / len(both))
            if other != here and len(squares) >= compared.groups_needed:
                distances.append((round(math.sqrt(sum(squares) / len(squares)), 12), other))
        found.append([other for _distance, other in sorted(distances)[: compared.neighbours]])
    return found


VALUES = st.one_of(st.just(float("nan")), st.floats(-3, 3).map(lambda one: round(one, 3)))


@settings(max_examples=60)
@given(st.integers(2, 9).flatmap(lambda n: st.lists(st.lists(VALUES, min_size=4, max_size=4), min_size=n, max_size=n)))
def test_the_neighbours_are_those_of_the_definition(rows: list[list[float]]) -> None:
    scores = np.array(rows)
    found = neighbours.find(scores, COMPARED)
    assert [[one for one in row if one >= 0] for row in found.rows.tolist()] == reference(scores, COMPARED)
    # Nobody has a neighbour without the groups for it, and shares of a distance make a whole.
    assert not (found.rows[~found.is_comparable] >= 0).any()
    for n, row in enumerate(found.rows.tolist()):
        for rank, other in enumerate(row):
            if other >= 0 and found.distances[n, rank] > 0:
                assert found.shares[n, rank].sum() == pytest.approx(1)


@pytest.mark.parametrize("missing", [0, 0.1], ids=["complete", "with gaps"])
def test_who_may_be_near_is_only_a_first_look(monkeypatch: pytest.MonkeyPatch, missing: float) -> None:
    """Blocks, and pools that are too small: what they miss is found by the definition."""
    random = np.random.default_rng(5)
    scores = random.normal(size=(240, 4)).round(1)  # many are as near as others
    scores[random.random(scores.shape) < missing] = np.nan
    whole = neighbours.find(scores, COMPARED)
    assert [[one for one in row if one >= 0] for row in whole.rows.tolist()] == reference(scores, COMPARED)
    monkeypatch.setattr(neighbours, "_BLOCK", 2_000)
    monkeypatch.setattr(neighbours, "_POOL", 1)
    monkeypatch.setattr(neighbours, "_POOL_WITHOUT", 1)
    by_block = neighbours.find(scores, COMPARED)
    assert by_block.rows.tolist() == whole.rows.tolist()
    for name in ("distances", "shares", "stable_weights", "stable_without"):
        assert np.allclose(getattr(by_block, name), getattr(whole, name), equal_nan=True), name


_SCIKIT_LEARN = """
import sys
import numpy as np
from sklearn.neighbors import NearestNeighbors
weighted = np.load(sys.argv[1])
nearest = NearestNeighbors(n_neighbors=int(sys.argv[2]) + 1, algorithm="brute").fit(weighted)
np.save(sys.argv[1], nearest.kneighbors(weighted, return_distance=False)[:, 1:])
"""


@pytest.mark.parametrize(("features_file", "count"), [(features.OF_GROUPINGS, 300), (features.OF_COMMUNES, 2_000)])
def test_the_neighbours_are_those_of_scikit_learn(
    project: Path, tmp_path: Path, features_file: Path, count: int
) -> None:
    """On a complete matrix: features weighted so that Euclid's distance is that of the groups."""
    python, file = project / ".venv-oracle" / "bin" / "python", tmp_path / "scores.npy"
    if not python.exists():
        pytest.skip("no .venv-oracle: run “make test”, or make a venv there from requirements-oracle.txt")
    compared = features.load(features_file)
    scores = np.random.default_rng(4).normal(size=(count, len(compared.names)))
    sizes = np.array([len(group) for group in compared.groups.values()])
    np.save(file, scores / np.sqrt(sizes[compared.group_of] * len(sizes)))
    subprocess.run([python, "-c", _SCIKIT_LEARN, str(file), str(compared.neighbours)], check=True)
    assert neighbours.find(scores, compared).rows.tolist() == np.load(file).tolist()


def test_with_too_few_groups_it_is_not_comparable() -> None:
    nan = float("nan")
    scores = np.array([[0, 0, 0, 0], [0, nan, nan, 0], [nan, nan, nan, 0], [1, 1, 1, 1.0]])
    found = neighbours.find(scores, COMPARED)
    assert found.is_comparable.tolist() == [True, False, False, True]  # half of a group is too little
    assert found.rows[0].tolist() == [3, -1, -1]
    assert np.isnan(found.stable_without[2])


def test_a_territory_alone_is_compared_with_nobody() -> None:
    found = neighbours.find(np.zeros((1, 4)), COMPARED)
    assert found.rows.tolist() == [[-1]] or (found.rows == -1).all()
    assert not found.is_comparable[0]


def test_stability_is_one_where_nothing_moves() -> None:
    scores = np.repeat(np.arange(6.0)[:, None], 4, axis=1)  # all groups say the same
    found = neighbours.find(scores, COMPARED)
    assert (found.stable_weights == 1).all()
    assert (found.stable_without == 1).all()


def test_normal_scores() -> None:
    scores = features.normal_scores(np.array([3.0, float("nan"), 1.0, 2.0, 2.0]))
    assert np.isnan(scores[1])
    assert scores[0] == pytest.approx(NormalDist().inv_cdf((4 - 0.375) / 4.25))
    assert scores[3] == scores[4] == pytest.approx(0)
    assert scores[2] == pytest.approx(-scores[0])


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=30))
def test_logarithms_change_no_rank(values: list[int]) -> None:
    figures = [{"a": float(one), "b": 1.0, "c": 1.0, "d": 1.0} for one in values]
    column = features.matrix(figures, COMPARED)[:, 0]
    assert np.allclose(column, features.normal_scores(np.array(values, dtype=float)))
