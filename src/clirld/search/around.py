"""What a thing lies in and is about: by the names of these it is found too, and by their keys it can be asked for.

A fablab in Brest has neither word in its name: its kind is called so, and its commune.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from clirld.search.things import CONCEPT, TERRITORY, Thing, kinds_of
from clirld.settings import BASE

_NAMED = frozenset(
    ("commune", "commune-deleguee", "arrondissement-municipal", "epci", "ept", "departement", "region", "collectivite")
)
"""Kinds of territories whose names are words of what lies in them: an arrondissement is called as its town is."""
_FILTERS = {"initiativeKind": "kind", "practiceField": "practice", "activityDomain": "domain", "needKind": "need"}
"""Property of the ontology → what a thing is asked for by."""


class Surrounding(NamedTuple):
    """A territory or a concept, as others lie in it or are about it."""

    wholes: list[str]
    """IRIs of the territories that it is a part of, or of the concepts that are broader."""
    names: str
    """The words of its names."""


NOTHING = Surrounding([], "")
Surroundings = Callable[[str], Surrounding]
"""By IRI; NOTHING where it is not known."""


def surroundings(things: Mapping[str, Thing]) -> dict[str, Surrounding]:
    """The territories and the concepts among some things."""
    found = {}
    for iri, thing in things.items():
        if iri.startswith((TERRITORY, CONCEPT)):
            keys = thing.keys()
            names = " ".join(dict.fromkeys([*keys["label"], *keys["name"]]))
            found[iri] = Surrounding(thing.whole if iri.startswith(TERRITORY) else thing.broader, names)
    return found


def short(iri: str) -> str:
    """The key of a territory (`commune-39300`), the path of a concept (`concept/need/housing`)."""
    return iri.removeprefix(TERRITORY).removeprefix(BASE)


def whole(key: str) -> str:
    """The IRI of what `short` gives."""
    return f"{BASE if key.startswith('concept/') else TERRITORY}{key}"


def territories_of(iri: str, thing: Thing, around: Surroundings) -> list[str]:
    """IRIs of the territories that a thing is in, of those that these lie in, and its own."""
    own = [iri] if iri.startswith(TERRITORY) else []
    return _closed([*own, *(place for _, place in thing.places)], around)


def words_around(iri: str, thing: Thing, territories: Iterable[str], around: Surroundings) -> str:
    """The names of the territories that a thing is in, and of what it is about."""
    places = [one for one in territories if one != iri and kinds_of(one)[-1] in _NAMED]
    return " ".join(names for one in [*places, *_closed(thing.about, around)] if (names := around(one).names))


def filters(thing: Thing) -> list[str]:
    """What a thing can be asked for by, beside its kind and its territories: `source/ptce`, `practice/recyclerie`."""
    found = {f"source/{source}" for source in thing.sources}
    for predicate, concept in thing.concepts:
        if name := _FILTERS.get(predicate.partition("#")[2]):
            found.add(f"{name}/{concept.rpartition('/')[2]}")
    return sorted(found)


def _closed(given: Iterable[str], around: Surroundings) -> list[str]:
    """Some territories or concepts, and all that they are a part of or narrower than."""
    found: set[str] = set()
    waiting = list(given)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += around(one).wholes
    return sorted(found)
