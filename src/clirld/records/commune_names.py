"""What the name of a commune may mean: one of today, a former one, or a part, and which of them is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from clirld.values.text import tidy

CommuneStatus = Literal["current", "municipal-arrondissement", "delegated", "associated", "merged"]


class ResolvedCommune(NamedTuple):
    """A commune of today, and how the code or name given led to it."""

    code: str
    status: CommuneStatus


class NamedCommune(NamedTuple):
    """What a name may mean: a commune of today, and the départements where the name is or was."""

    commune: ResolvedCommune
    departements: frozenset[str]
    name: str

    @classmethod
    def of(cls, code: str, status: CommuneStatus, departements: Iterable[str], name: str) -> NamedCommune:
        """As it is kept."""
        return cls(ResolvedCommune(code, status), frozenset(departements), name)


def spelling(name: str) -> str:
    """The words of a name, without case, as they are spelled: « Viré » is not « Vire »."""
    return " ".join(re.findall(r"\w+", tidy(name).casefold()))


def is_of_another(candidates: Sequence[NamedCommune], name: str) -> bool:
    """Whether a former commune is spelled so, and the one of today is not: « Vire » is not « Viré »."""
    today = {c.commune.code for c in candidates if c.commune.status == "current"}
    if any(spelling(c.name) == spelling(name) for c in candidates if c.commune.status == "current"):
        return False
    return bool(today) and any(spelling(c.name) == spelling(name) and c.commune.code not in today for c in candidates)


def is_outweighed(candidates: Sequence[NamedCommune], population: Mapping[str, int]) -> bool:
    """Whether a former commune or a part has the name of one of today, and is now in one that is no smaller."""
    today = {one.commune.code: spelling(one.name) for one in candidates if one.commune.status == "current"}
    spelled_so = {one.commune.code for one in candidates if spelling(one.name) in today.values()}
    others = spelled_so - today.keys()
    sizes = [population.get(code, 0) for code in others]
    return bool(today and others) and max(sizes) >= max(population.get(code, 0) for code in today)


def unambiguous(candidates: Sequence[NamedCommune], departements: Sequence[str]) -> ResolvedCommune | None:
    """The one commune among the candidates in these départements; today's names before the others."""
    if departements:
        candidates = [c for c in candidates if not c.departements.isdisjoint(departements)]
    by_code: dict[str, ResolvedCommune] = {}
    today = [c.commune for c in candidates if c.commune.status == "current"]
    for commune in today or [c.commune for c in candidates]:
        by_code.setdefault(commune.code, commune)
    return next(iter(by_code.values())) if len(by_code) == 1 else None
