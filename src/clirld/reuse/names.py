"""Communes and groupings by their whole name, from the search index of a release.

A grouping may also be called without its form: « Grand Guéret » is « CA du Grand Guéret ».
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

from clirld.reuse.facts import TERRITORY
from clirld.search.find import Narrowed, SearchTimeout, find
from clirld.search.index import FILE
from clirld.search.words import key as folded

Names = Callable[[str], list[str]]
"""A name → the keys of the territories that have it."""

_LOOKED_AT = 50
_FORM = re.compile(r"^(cc|ca|cu|metropole)( de la| de l| des| du| de| d)? ")
"""What the name of a grouping begins with, which people leave out: « CC du », « CA de »."""


def names_of(release: Path) -> Names:
    """The names of a release; none where its index is not there or damaged: a code still leads to its territory."""

    def keys(name: str) -> list[str]:
        if not folded(name) or not (release / FILE).is_file():
            return []
        try:
            found = [
                hit
                for kind in ("epci", "commune")
                for hit in find(release / FILE, name, Narrowed(kind), limit=_LOOKED_AT).hits
            ]
        except (sqlite3.DatabaseError, SearchTimeout):
            return []
        named = [
            (hit.iri.removeprefix(TERRITORY), folded(hit.label.text)) for hit in found if hit.label and not hit.is_gone
        ]
        asked = folded(name)
        same = [key for key, label in named if label == asked]
        return list(dict.fromkeys(same or [key for key, label in named if _FORM.sub("", label) == asked]))

    return keys
