"""What a search finds, for the map: the words and filters of `/search`, so that map, list and search agree."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from pyoxigraph import NamedNode
from starlette.requests import Request

from clirld.query.failure import Failure
from clirld.search.find import Narrowed, SearchTimeout, iris
from clirld.search.index import FILE
from clirld.search.initials import spelled_out
from clirld.search.near import meant, near_words
from clirld.settings import BASE
from clirld.web import protocol
from clirld.web.documents import lookup
from clirld.web.documents.naming import Naming
from clirld.web.maps.asked import Asked, asked
from clirld.web.release import ServedRelease
from clirld.web.search.asked import TERRITORY, unknown_territory

_INITIATIVE = f"{BASE}id/initiative/"
_NAMED = {
    "territory": TERRITORY,
    "domain": f"{BASE}concept/activity-domain/",
    "need": f"{BASE}concept/need/",
}
"""Parameter → what the IRIs of its values begin with."""


def view_of(request: Request, release: ServedRelease) -> Asked:
    """What a request asks of the map, with what its search finds. Raises protocol.Refused where it cannot be had."""
    view = asked(request)
    if not view.search:
        return view
    if not (release.folder / FILE).is_file():
        raise protocol.Refused(Failure("no-search"))
    wanted = dict(view.search)
    territory = wanted.get("territory", "")
    if territory and not lookup.outgoing(lookup.open_store(release.store), NamedNode(TERRITORY + territory), 1):
        raise unknown_territory(territory)
    try:
        return _found(release.folder / FILE, view, is_exact=request.query_params.get("exact") == "1")
    except SearchTimeout:
        raise protocol.Refused(Failure("slow-search")) from None
    except sqlite3.DatabaseError:
        raise protocol.Refused(Failure("damaged", detail={"path": FILE})) from None


def _found(index: Path, view: Asked, *, is_exact: bool) -> Asked:
    wanted = dict(view.search)
    words = wanted.get("q", "")
    others = tuple(f"{name}/{wanted[name]}" for name in ("domain", "need") if name in wanted)
    narrowed = Narrowed("initiative", wanted.get("territory"), others)
    found = iris(index, words, narrowed)
    if not found and words and not is_exact:
        other = next(iter(spelled_out(index, words)), None)
        if other is None:
            other = meant(index, words, near_words(index, words), narrowed, around=True, language=view.language)
        if other:
            words, found = other, iris(index, other, narrowed)
    return replace(view, found=tuple(one.removeprefix(_INITIATIVE) for one in found), words=words)


def searched(release: ServedRelease, view: Asked) -> list[tuple[str, str, str]]:
    """The parts of the search of a view: parameter, value, and the value in words."""
    naming = Naming(lookup.open_store(release.store), view.language)
    return [
        (name, value, naming.label(_NAMED[name] + value) if name in _NAMED else view.words)
        for name, value in view.search
    ]
