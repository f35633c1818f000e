"""A mark: what one indicator of one method gives one thing, out of how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from clirld import yamlfile

METHODS = ("mqa", "dcat-ap", "fair", "umaka", "links")
"""By what a release is graded, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What an indicator gives a thing: `points` out of `of`.

    `about` is the identifier of a dataset of the catalogue, or empty for the release as a whole; `detail` names what
    was found, where there is something to name.
    """

    method: str
    indicator: str
    about: str
    points: float
    of: float
    detail: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was lost."""
        return self.points >= self.of


@dataclass(frozen=True, slots=True)
class Total:
    """What a method gives a release in all, and what each of its indicators does: points, and out of how many."""

    method: str
    points: float
    of: float
    indicators: Mapping[str, tuple[float, float]]


def totals(marks: Iterable[Mark]) -> list[Total]:
    """The total of each method that gave marks: of each indicator the mean over the datasets, and the sum of these."""
    by_indicator: dict[tuple[str, str], list[Mark]] = {}
    for mark in marks:
        by_indicator.setdefault((mark.method, mark.indicator), []).append(mark)
    means = {key: (_mean(one.points for one in found), _mean(one.of for one in found))
             for key, found in by_indicator.items()}  # fmt: skip
    found = []
    for method in METHODS:
        mine = {indicator: mean for (name, indicator), mean in means.items() if name == method}
        if mine:
            points, of = (round(sum(mean[n] for mean in mine.values()), 1) for n in (0, 1))
            found.append(Total(method, points, of, mine))
    return found


def _mean(numbers: Iterable[float]) -> float:
    all_ = list(numbers)
    return round(sum(all_) / len(all_), 2)


@cache
def words() -> Mapping[str, Any]:
    """The words of each method and of its indicators, in French and English."""
    found: Mapping[str, Any] = yamlfile.shipped("clirld.release.grade", "words.yaml")
    return found


def said(method: str, indicator: str, what: str, language: str) -> str:
    """The `title` of an indicator, or what to `do` for its points."""
    return str(words()[method]["indicators"][indicator][what][language])
