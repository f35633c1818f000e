"""What a code or a name of a commune meant on a day, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from clirld.errors import DataError
from clirld.search.words import key as folded
from clirld.territory.codes import padded, read_code
from clirld.territory.history import FIRST_DAY, History, Step, Target, Version
from clirld.territory.parts import Part

_FIVE_SIGNS = re.compile(r"[0-9][0-9A-Z]{4}", re.IGNORECASE)
_LIKE_A_CODE = re.compile(r"[0-9][0-9AB]?[0-9 .]*", re.IGNORECASE)
_CORSICA = re.compile(r"2[AB]([0-9]{3})")
_SIMILAR = 3


@dataclass(frozen=True, slots=True)
class Meaning:
    """A commune that a code or a name meant."""

    version: Version
    """What it was on the day; else the last that it was before. Of a part of a commune, that commune."""
    was_there: bool
    """Whether it was a commune on the day."""
    today: list[Target]
    steps: list[Step]
    part: Part | None = None
    """The part that was asked for, on the day; without a day, what the code of a former commune is part of today."""
    whole: Version | None = None
    """The commune that the part belongs to."""


def last_known_day(history: History) -> str:
    """The last day of the year of the last change: nothing is known of later ones."""
    return f"{history.last_day[:4]}-12-31"


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
    if day and day > last_known_day(history):
        raise DataError(
            f"communes are known until {last_known_day(history)}, and {day} is asked for",
            do="give an earlier day, or none for the last that is known",
        )
    if code := read_code(asked).code:
        return [_of_code(history, code, day)]
    if _FIVE_SIGNS.fullmatch(asked):
        return [_of_code(history, asked.upper(), day)]
    if _LIKE_A_CODE.fullmatch(asked):
        code = padded(asked) or ""
        near = next((f"{code} {version.name}" for version in reversed(history.versions(code))), "")
        raise DataError(
            f"{asked} is no code of a commune, which has five signs",
            do=f"did you mean {near}?" if near else "give a code such as 39300, or a name",
        )
    return _of_name(history, asked, day)


def _of_code(history: History, code: str, day: str | None) -> Meaning:
    versions = history.versions(code)
    if not versions and (whole := history.parts.get(code)):
        part = next(iter(history.part_times(code)), Part("ARM", code, "", ""))
        return _meaning(history, _last(history, whole, day), day, part)
    if not versions and (match := _CORSICA.fullmatch(code)) and (old := history.versions(f"20{match[1]}")):
        raise DataError(
            f"no commune has had the code {code} since 1943",
            do=f"did you mean {old[-1].code} {old[-1].name}? Corsica had codes from 20 until 1976",
        )
    if not versions:
        raise DataError(
            f"no commune has had the code {code} since 1943", do="check its digits, or give the name of the commune"
        )
    if day and not history.at(code, day) and (found := _of_part(history, code, day)):
        return found
    return _meaning(history, _last(history, code, day), day)


def _of_part(history: History, code: str, day: str) -> Meaning | None:
    """What a code meant that was on a day that of an associated or delegated commune."""
    part = history.part_at(code, day)
    whole = history.whole_of(part, day) if part else None
    own = history.ground_of_part(part) if part else None
    if part is None or whole is None or own is None:
        return None
    today = history.last_day
    steps = [step for step in history.path(own, today) if step.change.date > day]
    return Meaning(whole, True, history.targets(own, today), steps, part, whole)


def _last(history: History, code: str, day: str | None) -> Version:
    versions = history.versions(code)
    if day is None:
        return versions[-1]
    there = [version for version in versions if version.start is None or version.start <= day]
    if not there:
        raise _not_yet(versions[0], day)
    return history.at(code, day) or there[-1]


def _not_yet(first: Version, day: str) -> DataError:
    befores = first.began.befores if first.began else {}
    origins = ", ".join(f"{code} {name}" for code, name in sorted(befores.items()))
    since = f"give a day from {first.start} on"
    made_of = f"give a day from {first.start} on, or the code of a commune that it was made of: {origins}"
    return DataError(
        f"{first.code} {first.name} is a commune only since {first.start}: it was none on {day}",
        do=made_of if origins else since,
    )


def _of_name(history: History, name: str, day: str | None) -> list[Meaning]:
    codes = history.named(name)
    if not codes:
        known = get_close_matches(folded(name), history.names(), n=_SIMILAR)
        similar = ", ".join(dict.fromkeys(history.spelling(one) for one in known))
        raise DataError(
            f"no commune has had the name {name} since 1943" if name else "no code and no name is given",
            do=f"did you mean {similar}?" if similar else "check how it is written, or give the code of the commune",
        )
    found = list(_named(history, codes, folded(name), day))
    if not found:  # only a day is before all of them
        versions = (version for code in codes for version in history.versions(code))
        raise _not_yet(next(one for one in versions if folded(one.name) == folded(name)), str(day))
    # « L'Oudon » is not « Oudon », though words alone do not tell them apart.
    spelt = [one for one in found if (one.part or one.version).name.casefold() == name.casefold()]
    there = [one for one in spelt or found if one.was_there]
    return there or spelt or found


def _named(history: History, codes: list[str], wanted: str, day: str | None) -> Iterator[Meaning]:
    for code in codes:
        versions = [version for version in history.versions(code) if folded(version.name) == wanted]
        there = [version for version in versions if day is None or version.is_on(day)]
        before = [version for version in versions if day is None or version.start is None or version.start <= day]
        if there or before:
            part = _of_part(history, code, day) if day and not history.at(code, day) else None
            yield part or _meaning(history, (there or before)[-1], day)


def _meaning(history: History, version: Version, day: str | None, part: Part | None = None) -> Meaning:
    today = history.last_day
    whole = version if part else None
    if part is None and day is None and version.end and (part := history.part_at(version.code, today)):
        whole = history.whole_of(part, today)
    return Meaning(
        version,
        day is None or version.is_on(day),
        history.targets(version, today),
        history.path(version, today),
        part if whole else None,
        whole,
    )
