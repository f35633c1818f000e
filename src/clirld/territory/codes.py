"""Codes of communes as tables have them: lost zeros, Corsica before and after 1976, overseas départements twice."""

from __future__ import annotations

import re
from typing import NamedTuple

from clirld.territory.history import History
from clirld.values.codes import FLOAT_SUFFIX, code_text
from clirld.values.places import insee_commune

CORSICA_DAY = "1976-01-01"
"""Since then its codes begin with 2A and 2B, and with 20 no longer."""

_OLD_CORSICA = re.compile(r"20[0-9]{3}")
_DOUBLED = re.compile(r"97([1-8])(\1[0-9]{2})")
"""Département overseas and number of the commune, of which the first digit is the département's last: 973353."""


_SHORT = re.compile(r"([0-9][0-9AB])\s?([0-9]{1,2})", re.IGNORECASE)
_OVERSEAS = re.compile(r"(9[78][0-9])[0-9]{2}")


class ReadCode(NamedTuple):
    """A code as it was read; `code` is "" where there is none, and None where what is there is no code."""

    code: str | None
    mended: bool = False


def read_code(raw: str) -> ReadCode:
    """The code of a commune in a cell, by its shape only."""
    text = code_text(raw)
    if not isinstance(text, str):
        return ReadCode(None)
    plain = FLOAT_SUFFIX.sub("", text).upper()
    if _OLD_CORSICA.fullmatch(plain):
        return ReadCode(plain, plain != raw)
    if match := _DOUBLED.fullmatch(plain):
        return ReadCode(f"97{match[2]}", mended=True)
    cleaned = insee_commune(raw)
    if cleaned.value is None:
        return ReadCode(None if cleaned.code else "")
    return ReadCode(cleaned.value, cleaned.value != raw)


def padded(text: str) -> str | None:
    """The code that was meant where the zeros of the commune's number were left out: 2A4 is 2A004, 39 1 is 39001."""
    match = _SHORT.fullmatch(text.strip())
    return f"{match[1].upper()}{match[2].zfill(3)}" if match else None


def since_1976(history: History, code: str) -> str | None:
    """The code of a commune of Corsica since 1976, for that of before: 20004 is 2A004; None for any other code."""
    if not _OLD_CORSICA.fullmatch(code):
        return None
    before = history.at(code, "1975-12-31")
    found = history.targets(before, CORSICA_DAY) if before else []
    return found[0].code if len(found) == 1 else None


def has_no_movements(history: History, code: str) -> bool:
    """Whether a code is of a territory overseas of which the file of movements says nothing: not even since when."""
    match = _OVERSEAS.fullmatch(code)
    here = (one for one in history.codes() if match and one.startswith(match[1]))
    return bool(match) and all(
        version.began is None and version.ended is None for one in here for version in history.versions(one)
    )
