"""Communes and groupings by their whole name, from the search index of a release."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from clirld.reuse.facts import TERRITORY
from clirld.search.find import SearchTimeout, find
from clirld.search.index import FILE
from clirld.search.words import key as folded

Names = Callable[[str], list[str]]
"""A name → the keys of the territories that have it."""

_LOOKED_AT = 50


def names_of(release: Path) -> Names:
    """The names of a release; none where its index is not there or damaged: a code still leads to its territory."""

    def keys(name: str) -> list[str]:
        if not folded(name) or not (release / FILE).is_file():
            return []
        try:
            found = [
                hit
                for kind in ("epci", "commune")
                for hit in find(release / FILE, name, kind=kind, limit=_LOOKED_AT).hits
            ]
        except (sqlite3.DatabaseError, SearchTimeout):
            return []
        same = [hit for hit in found if hit.label and folded(hit.label.text) == folded(name) and not hit.is_gone]
        return list(dict.fromkeys(hit.iri.removeprefix(TERRITORY) for hit in same))

    return keys
