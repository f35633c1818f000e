"""The table that territories are compared by: normal scores of their features, by group; missing ones stay missing.

Normal scores by rank (Blom 1958, (r − 3/8) / (n + 1/4)): what is far out weighs no more than its rank. Equal values
have the mean of their ranks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from clirld import yamlfile
from clirld.errors import MappingError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a version: its groups in order, each feature with how it is scaled (`log` or `rank`)."""

    version: str
    neighbours: int
    groups_needed: int
    abroad: float
    groups: Mapping[str, Mapping[str, str]]
    alike_ratio: float
    alike_scores: float
    name: str = "comparison"
    classes: tuple[int, ...] = ()
    """Inhabitants from which on each size class is; none where all are compared with all."""
    sampled: float = 0
    """Jobs under which figures of jobs are in doubt."""

    @property
    def key(self) -> str:
        """Last part of the IRI of the rule of comparison."""
        return f"{self.name}-{self.version}"

    @property
    def names(self) -> list[str]:
        """All features, group by group."""
        return [name for group in self.groups.values() for name in group]

    @property
    def group_of(self) -> list[int]:
        """The number of the group of each feature."""
        return [n for n, group in enumerate(self.groups.values()) for _name in group]


OF_GROUPINGS = Path(__file__).parent / "features.yaml"
OF_COMMUNES = Path(__file__).parent / "features_of_communes.yaml"


@cache
def load(path: Path = OF_GROUPINGS) -> Features:
    """The features of a file. Raises MappingError where it cannot be read."""
    data = yamlfile.load(path, MappingError).data
    groups = {name: dict(features) for name, features in data["groups"].items()}
    return Features(
        str(data["version"]),
        data["neighbours"],
        data["groups_needed"],
        float(data["abroad"]),
        groups,
        float(data["alike"]["ratio"]),
        float(data["alike"]["scores"]),
        data["name"],
        tuple(data.get("classes", ())),
        float(data.get("sampled", 0)),
    )


def matrix(figures: Sequence[Mapping[str, float]], features: Features) -> Floats:
    """Normal scores, a row a territory and a column a feature; NaN where the figure is missing.

    Logarithms change no rank, and that of nought is under all others: that counts are logged matters to whoever takes
    other scores, and shows what is meant.
    """
    columns = [
        normal_scores(np.array([_scaled(one.get(name), scale) for one in figures]))
        for group in features.groups.values()
        for name, scale in group.items()
    ]
    return np.column_stack(columns) if columns else np.empty((len(figures), 0))


def _scaled(value: float | None, scale: str) -> float:
    if value is None or (scale == "log" and value < 0):
        return float("nan")
    if scale == "log":
        return float(np.log(value)) if value else float("-inf")
    return value


def normal_scores(values: Floats) -> Floats:
    """Normal scores of some values by their rank among those that are known; NaN stays."""
    known = np.flatnonzero(~np.isnan(values))
    scores = np.full(len(values), np.nan)
    _distinct, inverse, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    quantile = NormalDist().inv_cdf
    scores[known] = [quantile((rank - 0.375) / (len(known) + 0.25)) for rank in ranks]
    return scores
