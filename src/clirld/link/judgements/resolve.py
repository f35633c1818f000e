"""Which records are one thing: what numbers join, and what people join; and what stands against it.

A “different” inside a group, or two numbers of one register, blocks what people joined: nothing of it is published, and
the shortest way by which the two became one is told, so that somebody can withdraw the step that is wrong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from clirld.issues import Issue
from clirld.link.clusters import clusters
from clirld.link.identifiers import REGISTERS, Numbered, rank, register_of
from clirld.link.judgements import sssom
from clirld.link.judgements.judgement import Judgement, Says, in_force

Step = tuple[str, str, Judgement | None]
"""Two records that were joined: by a judgement, or by official numbers or a source's own change of id (None)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Records that are one thing, by their short names, the one that stands for all first; and who says so."""

    members: tuple[str, ...]
    judgements: tuple[Judgement, ...]


@dataclass(slots=True)
class Resolved:
    """`groups` that people joined; `holding` judgements; numbers that are not to be joined, by a person's word."""

    groups: list[Group] = field(default_factory=list)
    holding: list[Judgement] = field(default_factory=list)
    apart: set[str] = field(default_factory=set)
    """Records of groups by number that a person says are two things: then nothing is joined."""
    issues: list[Issue] = field(default_factory=list)


def resolve(
    judgements: Iterable[Judgement],
    numbered: Sequence[Numbered],
    published: Collection[str],
    replaced: Mapping[str, str] | None = None,
) -> Resolved:
    """What judgements (all, in the order of the files) come to.

    `numbered` are organizations that numbers say are one, `published` the short names of the records that there are,
    `replaced` what a record that is gone has become.
    """
    holding = in_force(judgements)
    replaced = replaced or {}
    known = {*published, *replaced}
    sure = [step for one in numbered if not one.conflicts for step in _by_number(one)]
    sure += [(old, new, None) for old, new in replaced.items()]
    steps = sure + [(*one.pair, one) for one in holding if one.says == "same"]
    near = _near(steps)
    groups = list(clusters(step[:2] for step in steps))
    group_of = {name: at for at, found in enumerate(groups) for name in found}
    different = [one for one in holding if one.says == "different"]
    resolved = Resolved()
    against: dict[int, list[Issue]] = {}
    for one in different:
        at = group_of.get(one.subject, -1)
        if at >= 0 and at == group_of.get(one.object):
            against.setdefault(at, []).append(_contradiction(one, _path(near, *one.pair)))
    numbers = _numbers(numbered)
    for at, found in enumerate(groups):
        for pair in _two_numbers(found, numbers):
            against.setdefault(at, []).append(_against_numbers(*pair, _path(near, *pair)))
        said = tuple(one for one in holding if one.says == "same" and group_of[one.subject] == at)
        members = tuple(sorted((name for name in found if name in published), key=_rank))
        if at not in against and said and len(members) > 1:
            resolved.groups.append(Group(members, said))
        resolved.issues += against.get(at, ())
    resolved.apart = _split_numbers(numbered, different)
    for one in holding:
        if gone := [name for name in one.pair if name not in known]:
            resolved.issues.append(_vanished(one, gone))
        elif not _is_contested(one, group_of, against):
            resolved.holding.append(one)
    return resolved


def _is_contested(one: Judgement, group_of: Mapping[str, int], against: Collection[int]) -> bool:
    """Whether a judgement is about two of a group that is blocked: nobody knows then which one is right."""
    at = group_of.get(one.subject)
    return at in against and at == group_of.get(one.object)


def _rank(name: str) -> tuple[int, str]:
    return rank(name.partition(":")[2])


def _by_number(one: Numbered) -> list[Step]:
    first, *others = (f"organization:{key}" for key in one.keys)
    return [(first, other, None) for other in others]


def _near(steps: Iterable[Step]) -> dict[str, list[Step]]:
    near: dict[str, list[Step]] = {}
    for one, other, why in steps:
        near.setdefault(one, []).append((one, other, why))
        near.setdefault(other, []).append((other, one, why))
    return near


def _path(near: Mapping[str, Sequence[Step]], start: str, end: str) -> list[Step]:
    """The shortest way from one record to another; of equally long ones the first in the order of the steps."""
    before: dict[str, Step] = {}
    waiting = deque([start])
    while waiting and end not in before:
        for step in near.get(waiting.popleft(), ()):
            if step[1] not in before and step[1] != start:
                before[step[1]] = step
                waiting.append(step[1])
    found: list[Step] = []
    while end != start and end in before:
        found.append(before[end])
        end = before[end][0]
    return found[::-1]


def _numbers(numbered: Sequence[Numbered]) -> dict[str, tuple[str, ...]]:
    """Official numbers of records, beside those in their own keys."""
    return {f"organization:{key}": one.numbers for one in numbered if not one.conflicts for key in one.keys}


def _two_numbers(found: Sequence[str], numbers: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Pairs of records of a group that have different numbers of one register: of each two numbers, the first pair."""
    holders: dict[str, dict[str, str]] = {register: {} for register in REGISTERS}
    for name in found:
        key = name.partition(":")[2]
        for number in (*numbers.get(name, ()), key):
            register = register_of(number)
            if register and name.startswith("organization:"):
                holders[register].setdefault(number, name)
    pairs = (pair for of_register in holders.values() for pair in combinations(of_register.values(), 2))
    return list(dict.fromkeys(pairs))


def _split_numbers(numbered: Iterable[Numbered], different: Iterable[Judgement]) -> set[str]:
    """The records of groups by number of which somebody says that two are not one thing."""
    pairs = [set(one.pair) for one in different]
    groups = ({f"organization:{key}" for key in one.keys} for one in numbered)
    return {name for members in groups if any(pair <= members for pair in pairs) for name in members}


def _told(path: Iterable[Step]) -> str:
    """A way in words: each record, and who joined it with the next."""
    text = ""
    for one, other, why in path:
        by = f"{why.author}, {why.day}, {why.id}" if why else "="
        text += f"{'' if text else one} –[{by}]→ {other}"
    return text


def _contradiction(one: Judgement, path: Sequence[Step]) -> Issue:
    detail = {"by": f"{one.author}, {one.day}, {one.id}", "path": _told(path)}
    return _issue("judgements-contradict", one.says, " ≠ ".join(one.pair), detail)


def _against_numbers(left: str, right: str, path: Sequence[Step]) -> Issue:
    detail = {"path": _told(path)}
    return _issue("judgement-against-numbers", "same", f"{left} ≠ {right}", detail)


def _vanished(one: Judgement, gone: Sequence[str]) -> Issue:
    # Whoever asked to be erased must not be named again by what was once said of them.
    detail = {"count": str(len(gone))}
    return _issue("judgement-vanished", one.says, one.id, detail)


def _issue(code: str, says: Says, value: str, detail: dict[str, str]) -> Issue:
    return Issue("judgements", "link", code, sssom.file_name(says), value=value, detail=detail)
