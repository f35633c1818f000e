"""Likeness of all groupings: the ten nearest are those of the comparable territories."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.compare import features, neighbours
from clirld.reuse.likeness import load
from tests.reuse.small import likeness


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.6))
def test_the_nearest_are_those_that_are_stored(seed: int, missing: float) -> None:
    compared, random = features.load(), np.random.default_rng(seed)
    scores = random.normal(size=(15, len(compared.names)))
    scores[random.random(scores.shape) < missing] = np.nan
    stored = neighbours.find(scores, compared)
    for row in range(len(scores)):
        distances, shares = neighbours.from_one(scores, row, compared)
        order = [n for n in np.argsort(np.round(distances, 12), kind="stable") if np.isfinite(distances[n])]
        nearest = [n for n in stored.rows[row] if n >= 0]
        assert order[: len(nearest)] == nearest
        assert distances[nearest] == pytest.approx(stored.distances[row, : len(nearest)])
        assert shares[nearest] == pytest.approx(stored.shares[row, : len(nearest)])


def test_nobody_is_like_what_is_not_known() -> None:
    assert likeness().of("epci-000000099") == {}
    assert list(likeness().of("epci-000000001")) == ["epci-000000002", "epci-000000003"]


def test_a_release_without_the_table(tmp_path: Path) -> None:
    assert load(tmp_path) is None
