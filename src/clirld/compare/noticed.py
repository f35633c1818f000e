"""What is noticed where territories are compared: those that are compared with none, figures that most of them lack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from clirld.compare import words
from clirld.compare.features import Features
from clirld.compare.figures import Territory
from clirld.compare.observations import Values

_MANY = 0.5


@dataclass(frozen=True, slots=True)
class Noticed:
    """An issue without its source: its code, the territory that it is about ("" for all), its details."""

    code: str
    territory: str
    detail: dict[str, str]


Notice = Callable[[Noticed], None]
"""Takes what is noticed."""


def ignore(noticed: Noticed) -> None:
    """Take what is noticed, and do nothing."""


def without_neighbours(why: Values) -> Noticed:
    """That a territory is compared with none, by what the table says of its comparison."""
    detail = {"territory": str(why["territory"]), "why": words.not_comparable(why, "fr")}
    return Noticed(
        "territory-not-comparable", str(why["territory"]), detail | {"why_en": words.not_comparable(why, "en")}
    )


def sparse(territories: Sequence[Territory], compared: Features) -> Iterator[Noticed]:
    """The figures that half of the territories or more have not, of those that they are compared by."""
    for name in compared.names:
        missing = sum(name not in one.figures for one in territories)
        if missing and missing >= _MANY * len(territories):
            detail = {"figure": words.name(name, "fr"), "figure_en": words.name(name, "en"), "rule": compared.key}
            detail |= {"missing": str(missing), "of": str(len(territories))}
            yield Noticed("figure-sparse", "", detail)
