"""Départements by their names: « Alpes-Maritimes », « Département de l'Isère », « Ain (01) », « 38 - Isère »."""

from __future__ import annotations

import re

from clirld.records.territory import Territories
from clirld.values.text import tidy

_PREFIX = re.compile(r"d[ée]p(?:artement|t\.?|\.)\s+(?:d(?:u|es|e la|e l['’ ]|e|['’])\s*)?", re.IGNORECASE)
_WITH_CODE = re.compile(
    r"(?P<code>[0-9][0-9AB][0-9]?)\s*[-–—:/]?\s*(?P<name>[^\W\d_].*)"
    r"|(?P<before>[^\W\d_].*?)\s*[-–—:/]?\s*\(?(?P<after>[0-9][0-9AB][0-9]?)\)?",
    re.IGNORECASE,
)


def departement_code(text: str, territories: Territories) -> str | None:
    """INSEE code of the département that a text names, with its code or without; None for any other text."""
    line = _PREFIX.sub("", tidy(text), count=1) if text[:1] in "dD" else tidy(text)
    if code := territories.departement_named(line) or territories.departement_named(f"La {line}"):
        return code
    match = _WITH_CODE.fullmatch(line)
    if match is None:
        return None
    number, name = (match["code"] or match["after"]).upper(), match["name"] or match["before"]
    named = territories.departement_named(name)
    return named if named is not None and named == number else None
