"""Changes of communes: mergers, new codes, communes established again… as Insee's file of movements has them.

Source: Insee, code officiel géographique, file “mouvements de communes”, whose documentation gives the values of MOD,
TYPECOM_AV and TYPECOM_AP.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

KINDS = {
    "10": "name-change",
    "20": "creation",
    "21": "re-establishment",
    "30": "suppression",
    "31": "simple-merger",
    "32": "new-commune",
    "33": "merger-association",
    "34": "end-of-association",
    "35": "end-of-delegated-commune",
    "41": "departement-change",
    "50": "seat-transfer",
    "70": "associated-to-delegated",
    "71": "delegated-again",
    "72": "delegated-commune",
}
"""MOD → concept of the scheme territory-change-kind."""

COMMUNE = "COM"
"""TYPECOM of a commune; COMA, COMD and ARM are parts of one."""


class Unit(NamedTuple):
    """A commune, or a part of one, on one side of a change."""

    type: str
    """TYPECOM: COM, COMA, COMD or ARM."""
    code: str
    name: str


class Passage(NamedTuple):
    """One line of the file: ground that goes from one unit to another; None where there is none on that side."""

    before: Unit | None
    after: Unit | None

    def __str__(self) -> str:
        """COM 14624 L'Oudon → COM 14697 L'Oudon."""
        return " → ".join("–" if unit is None else " ".join(unit) for unit in self)

    @classmethod
    def parse(cls, text: str) -> Passage:
        """The passage of a text that `str` made. Raises ValueError."""
        before, arrow, after = text.partition(" → ")
        if not arrow:
            raise ValueError(f"no passage: {text}")
        return cls(_unit(before), _unit(after))

    @property
    def is_of_communes(self) -> bool:
        """Whether it says where the ground of a commune goes: from a commune or nothing to a commune or nothing."""
        return all(unit is None or unit.type == COMMUNE for unit in self)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to some communes together on a day: passages that share codes, of one kind."""

    date: str
    """The first day after it, YYYY-MM-DD."""
    kind: str
    """A concept of territory-change-kind."""
    passages: tuple[Passage, ...]

    @property
    def befores(self) -> dict[str, str]:
        """Communes before it: code → name."""
        return {p.before.code: p.before.name for p in self.passages if p.before and p.before.type == COMMUNE}

    @property
    def afters(self) -> dict[str, str]:
        """Communes after it: code → name."""
        return {p.after.code: p.after.name for p in self.passages if p.after and p.after.type == COMMUNE}


def together(passages: Iterable[tuple[int, Passage]]) -> Iterator[list[tuple[int, Passage]]]:
    """Numbered passages of one day and kind, in groups that share no code: each is one change. Order is kept."""
    numbered = list(passages)
    group_of: dict[str, str] = {}

    def root(code: str) -> str:
        while group_of.setdefault(code, code) != code:
            code = group_of[code]
        return code

    for _number, passage in numbered:
        first, *others = [unit.code for unit in passage if unit]
        for other in others:
            group_of[root(other)] = root(first)
    groups: dict[str, list[tuple[int, Passage]]] = defaultdict(list)
    for number, passage in numbered:
        groups[root(next(unit.code for unit in passage if unit))].append((number, passage))
    yield from groups.values()


_UNIT = re.compile(r"(\S+) (\S+) (.*)")


def _unit(text: str) -> Unit | None:
    if text == "–":
        return None
    match = _UNIT.fullmatch(text)
    if not match:
        raise ValueError(f"no unit of a passage: {text}")
    return Unit(*match.groups())
