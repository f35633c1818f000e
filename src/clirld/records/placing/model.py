"""What is said of a place, and where that leads."""

from __future__ import annotations

from typing import Literal, NamedTuple

from clirld.records.cells import CellIssue, Values

Cell = Literal["locality", "street"]
"""The column that an address was read in."""


class Said(NamedTuple):
    """What the columns of a row say of its place; a code or a postcode is guessed where a lost zero was put back.

    `foreign` says that a postcode was given that is none of France.
    """

    code: str | None = None
    name: str | None = None
    postcode: str | None = None
    departement: str | None = None
    country: str | None = None
    street: str | None = None
    code_guessed: bool = False
    postcode_guessed: bool = False
    foreign: bool = False


class Town(NamedTuple):
    """A commune, and the postcode and the name by which a cell says it; of several postcodes none."""

    commune: str
    postcode: str | None
    name: str
    of: Cell

    @property
    def shown(self) -> str:
        """As it is told of: « 44400 Rezé »."""
        return f"{self.postcode} {self.name}" if self.postcode else self.name


class Claim(NamedTuple):
    """That a column speaks for one of some communes; of none where it only speaks against the one that is given."""

    column: Literal["name", "address", "postcode", "point", "departement"]
    given: str
    communes: frozenset[str]
    towns: tuple[Town, ...] = ()
    """Those that an address names."""

    @classmethod
    def of_towns(cls, towns: tuple[Town, ...]) -> Claim:
        """That a cell speaks for one of the towns that it names."""
        return cls("address", listed(towns), frozenset(town.commune for town in towns), towns)


Certainty = Literal["sure", "name-alone", "guess", "none"]
"""`name-alone` holds unless the point says otherwise, `guess` only where the point says so too."""


class Place(NamedTuple):
    """Where that leads. Of the columns it keeps, or fills, those that hold."""

    certainty: Certainty
    commune: Values
    seat: Values
    issues: tuple[CellIssue, ...]
    postcode: str | None = None
    locality: str | None = None
    country: str | None = None
    departement: str | None = None
    is_open: bool = False
    """Nothing but a postcode or a département says where it is: its point may."""
    guessed_postcode: str | None = None
    """A postcode that a zero was put before, and that holds if the point is there."""
    basis: Literal["code", "name", "address"] | None = None
    """What leads to the commune."""
    code: str | None = None
    claims: tuple[Claim, ...] = ()
    """What the other columns say, where one of them speaks of another commune: `agreement.py` settles it."""
    doubt: CellIssue | None = None
    """What is told where the point does not confirm a guess."""
    towns: tuple[Town, ...] = ()
    """Those that one cell names where no other column says which: the point may."""
    mentioned: Claim | None = None
    """The name that an address ends with, without a postcode: a point alone is held against it."""
    called: tuple[tuple[str, Cell], ...] = ()
    """Names that lead to no commune beside what else is said, and the columns that have them: the point may."""
    is_cedex: bool = False
    """If no commune has the postcode, it is a CEDEX of France all the same."""


def listed(towns: tuple[Town, ...]) -> str:
    """Towns as they are told of: « 34000 Montpellier / 31000 Toulouse »."""
    return " / ".join(town.shown for town in towns)


def by_name(name: str, commune: str) -> CellIssue:
    """That a commune was found by the name in its column."""
    return CellIssue("commune-by-name", name, {"to": commune}, "locality")


def postcode_unknown(postcode: str) -> CellIssue:
    """That no commune has a postcode, which is kept."""
    return CellIssue("postcode-unknown", postcode, {})


def by_address(town: Town) -> CellIssue:
    """That a commune was read in an address."""
    return CellIssue("commune-by-address", town.shown, {"to": town.commune}, town.of)


def several(shown: str, of: str = "locality") -> CellIssue:
    """That a cell of a column names several places, and no other column says which."""
    return CellIssue("commune-several", shown, {}, of)


def commune_doubtful(name: str | None, french: str, english: str, of: str) -> CellIssue:
    """That a commune that a column names is not the one that is meant, and why."""
    return CellIssue("commune-doubtful", name, {"why": french, "why_en": english}, of)


def zero_doubtful(column: str, restored: str) -> CellIssue:
    """That nothing confirms the zero that was put before a code."""
    return CellIssue("zero-doubtful", restored.removeprefix("0"), {"to": restored, "of": column})
