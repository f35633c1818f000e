"""A comparison as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from clirld.reuse.facts import Named, Source

Kind = Literal["territory", "case", "initiative"]
Form = Literal["features", "values", "figure"]
State = Literal["said", "doubtful", "no"]


@dataclass(frozen=True, slots=True)
class Thing:
    """One of those that are compared: where it is, and as what it was asked for, if that was another."""

    iri: str
    label: str
    where: str
    asked: Named | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a figure stands among those of all territories of its kind: the share that is below it, in percent.

    `low` and `high` hold nine in ten of them, `quarter` and `three_quarters` the middle half.
    """

    below: float
    compared: int
    low: float
    quarter: float
    median: float
    three_quarters: float
    high: float


@dataclass(frozen=True, slots=True)
class Item:
    """A value: in words, what it leads to, more about it, who says so.

    `state` is `no` where a source says that it is not so, `doubtful` where it cannot be said.
    """

    text: str
    iri: str = ""
    note: str = ""
    sources: tuple[Source, ...] = ()
    state: State = "said"


@dataclass(frozen=True, slots=True)
class Cell:
    """What is said of one thing: nothing where no source says it. A figure has its number and position too."""

    items: list[Item] = field(default_factory=list)
    number: float | None = None
    position: Position | None = None
    is_apart: bool = False
    """Whether a figure is clearly apart from those of all the others."""


@dataclass(frozen=True, slots=True)
class Row:
    """A feature, of all things in their order: what it is, its unit and year, a cell a thing."""

    name: str
    label: str
    form: Form
    cells: list[Cell]
    unit: str = ""
    year: str = ""

    @property
    def is_said(self) -> bool:
        """Whether a source says it of any of them."""
        return any(cell.items for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together."""

    name: str
    label: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Shared:
    """What all of them have."""

    row: str
    label: str
    item: Item


@dataclass(frozen=True, slots=True)
class Own:
    """What one of them has, and of which nothing is said of the others; `thing` is its number, from 0."""

    thing: int
    row: str
    label: str
    item: Item


@dataclass(frozen=True, slots=True)
class Pair:
    """How alike two territories are: rank of the second among all by likeness to the first, distance, shares of it.

    `one` and `two` are numbers of things, from 0; `shares` are by group of figures, in percent of the squared distance.
    """

    one: int
    two: int
    rank: int
    compared: int
    distance: float
    shares: dict[str, float]
    words: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two to four things of one kind."""

    kind: Kind
    things: list[Thing]
    notes: list[str]
    shared: list[Shared]
    own: list[Own]
    groups: list[Group]
    pairs: list[Pair]
    rule: Named | None
    """The rule by which likeness is measured."""


def shared_and_own(groups: Iterable[Group]) -> tuple[list[Shared], list[Own]]:
    """What all things have, and what one has alone, of those rows that list features."""
    shared: list[Shared] = []
    own: list[Own] = []
    for row in (row for group in groups for row in group.rows if row.form == "features"):
        having = [{_same(item): item for item in cell.items if item.state == "said"} for cell in row.cells]
        every = having[0].keys() & set.intersection(*({*one} for one in having)) if having else set()
        shared += [Shared(row.name, row.label, item) for same, item in having[0].items() if same in every]
        for n, one in enumerate(having):
            others = {same for m, other in enumerate(having) if m != n for same in other}
            own += [Own(n, row.name, row.label, item) for same, item in one.items() if same not in others]
    return shared, own


def _same(item: Item) -> str:
    return item.iri or item.text.casefold()
