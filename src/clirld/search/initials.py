"""What initials stand for: « PVD » are those of « Petites villes de demain », which no text has so.

Looked at where nothing is written as a question is: of the concepts, whose names people shorten, and not of all things.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from clirld.search.find import opened
from clirld.search.words import is_link, words
from clirld.settings import BASE

_LEAST, _MOST = 3, 8
"""Letters of initials that are looked for: of two there are too many names."""
_TOLD = 3
"""Names that initials may stand for."""
_BESIDE = re.compile(r"\([^)]*\)")
_CONCEPTS = (
    "SELECT label, fr, en FROM thing WHERE iri >= :start AND iri < :start || char(1114111) AND NOT gone ORDER BY id"
)


def spelled_out(index: Path, question: str) -> list[str]:
    """The names of concepts whose initials a question is, as they are written; none where it is no such word.

    Raises sqlite3.DatabaseError where the index is not one, SearchTimeout where it takes too long.
    """
    asked = words(question)
    if len(asked) != 1 or not _LEAST <= len(asked[0]) <= _MOST:
        return []
    return list(_names(index).get(asked[0], ()))[:_TOLD]


@lru_cache(maxsize=2)  # some milliseconds of reading; the release that is served, and the one before
def _names(index: Path) -> dict[str, list[str]]:
    """Initials → the names that have them."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    with opened(index) as database:
        for labels in database.execute(_CONCEPTS, {"start": f"{BASE}concept/"}):
            for label in filter(None, labels):
                initials = "".join(word[0] for word in words(_BESIDE.sub("", label)) if not is_link(word))
                if len(initials) >= _LEAST:
                    found[initials][label] = None
    return {initials: list(names) for initials, names in found.items()}
