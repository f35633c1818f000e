"""What a code or a name of a commune meant on a day, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from clirld.errors import DataError
from clirld.search.words import key as folded
from clirld.territory.history import FIRST_DAY, History, Step, Target, Version

_CODE = re.compile(r"[0-9][0-9A-Z][0-9]{3}", re.IGNORECASE)
_CORSICA = re.compile(r"2[AB]([0-9]{3})")
_SIMILAR = 3


@dataclass(frozen=True, slots=True)
class Meaning:
    """A commune that a code or a name meant."""

    version: Version
    """What it was on the day; else the last that it was before."""
    was_there: bool
    """Whether it was a commune on the day."""
    today: list[Target]
    steps: list[Step]
    part: str | None = None
    """The code that was asked for, where it is that of a part of the commune."""


def resolve(history: History, asked: str, day: str | None = None) -> list[Meaning]:
    """What a code, or a name, meant on a day (YYYY-MM-DD); without one, the last that it meant.

    A name may have meant several communes. Raises DataError for what was never a commune's, or not yet on that day.
    """
    asked = asked.strip()
    if day and day < FIRST_DAY:
        raise DataError(
            f"nothing is known of communes before {FIRST_DAY}, and {day} is asked for",
            do=f"give a day from {FIRST_DAY} on",
        )
    if _CODE.fullmatch(asked) or (asked.isdigit() and len(asked) < 5):
        return [_of_code(history, asked.upper().zfill(5), day)]
    if asked.isdigit():
        raise DataError(
            f"{asked} is no code of a commune, which has five signs", do="give a code such as 39300, or a name"
        )
    return _of_name(history, asked, day)


def _of_code(history: History, code: str, day: str | None) -> Meaning:
    versions = history.versions(code)
    if not versions and (whole := history.parts.get(code)):
        return _meaning(history, _last(history, whole, day), day, code)
    if not versions and (match := _CORSICA.fullmatch(code)) and (old := history.versions(f"20{match[1]}")):
        raise DataError(
            f"no commune has had the code {code} since 1943",
            do=f"did you mean {old[-1].code} {old[-1].name}? Corsica had codes from 20 until 1976",
        )
    if not versions:
        raise DataError(
            f"no commune has had the code {code} since 1943", do="check its digits, or give the name of the commune"
        )
    return _meaning(history, _last(history, code, day), day)


def _last(history: History, code: str, day: str | None) -> Version:
    versions = history.versions(code)
    if day is None:
        return versions[-1]
    there = [version for version in versions if version.start is None or version.start <= day]
    if not there:
        first = versions[0]
        raise DataError(
            f"{code} {first.name} is a commune only since {first.start}: it was none on {day}",
            do=f"give a day from {first.start} on, or the code of a commune that it was made of: {_origins(first)}",
        )
    return history.at(code, day) or there[-1]


def _origins(version: Version) -> str:
    befores = version.began.befores if version.began else {}
    return ", ".join(f"{code} {name}" for code, name in sorted(befores.items())) or "–"


def _of_name(history: History, name: str, day: str | None) -> list[Meaning]:
    found = list(_named(history, name, day))
    if not found:
        known = get_close_matches(folded(name), history.names(), n=_SIMILAR)
        similar = ", ".join(dict.fromkeys(history.spelling(one) for one in known))
        raise DataError(
            f"no commune has had the name {name} since 1943",
            do=f"did you mean {similar}?" if similar else "check how it is written, or give the code of the commune",
        )
    # « L'Oudon » is not « Oudon », though words alone do not tell them apart.
    spelt = [one for one in found if one.version.name.casefold() == name.casefold()]
    there = [one for one in spelt or found if one.was_there]
    return there or spelt or found


def _named(history: History, name: str, day: str | None) -> Iterator[Meaning]:
    wanted = folded(name)
    for code in history.named(name):
        versions = [version for version in history.versions(code) if folded(version.name) == wanted]
        there = [version for version in versions if day is None or version.is_on(day)]
        yield _meaning(history, (there or versions)[-1], day)


def _meaning(history: History, version: Version, day: str | None, part: str | None = None) -> Meaning:
    today = history.last_day
    return Meaning(
        version,
        day is None or version.is_on(day),
        history.targets(version, today),
        history.path(version, today),
        part,
    )
