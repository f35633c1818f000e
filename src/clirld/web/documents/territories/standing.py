"""Where the figures of a grouping of communes stand among those of all groupings: the figure, the median, a strip."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clirld.compare import words
from clirld.query.failure import Language
from clirld.reuse.comparison.figures import figure_groups, of_groupings
from clirld.reuse.comparison.model import Row
from clirld.web import number_formats
from clirld.web.compare.strips import Strip, strips

_SHOWN = (
    "population_2021", "population_change", "density", "jobs_change", "unemployment", "median_income_2019",
    "vacant_share_2021", "manufacturing_share",
)  # fmt: skip
"""Those that tell most at a glance; a comparison has all of them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A figure: what it is, its year and value, the median of its kind, and the share of those with a smaller one."""

    label: str
    year: str
    value: str
    median: str
    below: str
    compared: int
    strip: Strip


def standings(release: Path, key: str, language: Language) -> list[Standing]:
    """Where the figures of a grouping stand; nothing where the release has none of it."""
    distribution = of_groupings(release)
    if distribution is None or key not in distribution.rows:
        return []
    rows = {row.name: row for group in figure_groups([key], [distribution], language) for row in group.rows}
    return [_standing(rows[name], language) for name in _SHOWN if name in rows]


def _standing(row: Row, language: Language) -> Standing:
    (cell,) = row.cells
    position = cell.position
    assert position
    (strip,) = strips(row)
    return Standing(
        row.label,
        "" if all(year in row.label for year in row.year.split("–")) else row.year,
        cell.items[0].text,
        words.number(row.name, position.median, language),
        number_formats.percent(round(position.below / 100, 2), language),
        position.compared,
        strip,
    )
