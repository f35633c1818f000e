"""What a thing lies in and is about: by the names of these it is found too, and by their keys it can be asked for.

A fablab in Brest has neither word in its name: its kind is called so, and its commune.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from clirld.search.things import CONCEPT, TERRITORY, Thing, kind_of
from clirld.settings import BASE

_NAMED = frozenset(
    ("commune", "commune-deleguee", "arrondissement-municipal", "epci", "ept", "departement", "region", "collectivite")
)
"""Kinds of territories whose names are words of what lies in them: an arrondissement is called as its town is."""
GROUPINGS, GROUPED = ("epci", "ept"), ("departement", "collectivite")
"""Kinds of groupings of communes, and of those territories that they are a part of none of, but have communes in."""
_FILTERS = {"initiativeKind": "kind", "practiceField": "practice", "activityDomain": "domain", "needKind": "need"}
"""Property of the ontology → what a thing is asked for by."""


class Surrounding(NamedTuple):
    """A territory or a concept, as others lie in it or are about it."""

    wholes: list[str]
    """IRIs of the territories that it is a part of, or of the concepts that are broader."""
    names: str
    """The words of its names."""
    spread: Collection[str] = ()
    """IRIs of the territories that a grouping has communes in (`spreads`)."""


NOTHING = Surrounding([], "")
Surroundings = Callable[[str], Surrounding]
"""By IRI; NOTHING where it is not known."""


def surroundings(things: Mapping[str, Thing]) -> dict[str, Surrounding]:
    """The territories and the concepts among some things."""
    found = {}
    spread = spreads({iri: thing.whole for iri, thing in things.items() if iri.startswith(TERRITORY)})
    for iri, thing in things.items():
        if iri.startswith((TERRITORY, CONCEPT)):
            keys = thing.keys()
            names = " ".join(dict.fromkeys([*keys["label"], *keys["name"]]))
            wholes = thing.whole if iri.startswith(TERRITORY) else thing.broader
            found[iri] = Surrounding(wholes, names, spread.get(iri, ()))
    return found


def spreads(wholes: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Of groupings of communes, the départements and the like that they have communes in.

    `wholes` has of each territory those that it is a part of, by IRIs or by keys.
    """
    found: dict[str, set[str]] = {}
    for part, several in wholes.items():
        if level_of(part) == "commune":
            around = {one for one in several if level_of(one) in GROUPED}
            for one in several:
                if level_of(one) in GROUPINGS:
                    found.setdefault(one, set()).update(around)
    return {grouping: sorted(around) for grouping, around in found.items()}


def level_of(territory: str) -> str:
    """The level of a territory by its IRI or its key: `commune` of `commune-39300`."""
    return territory.rpartition("/")[2].rpartition("-")[0]


def short(iri: str) -> str:
    """The key of a territory (`commune-39300`), the path of a concept (`concept/need/housing`)."""
    return iri.removeprefix(TERRITORY).removeprefix(BASE)


def whole(key: str) -> str:
    """The IRI of what `short` gives."""
    return f"{BASE if key.startswith('concept/') else TERRITORY}{key}"


def territories_of(iri: str, thing: Thing, around: Surroundings) -> list[str]:
    """IRIs of the territories that a thing is in, of those that these lie in, and its own."""
    places = [place for one in (thing, *thing.also) for _, place in one.places]
    return lie_in(
        [iri] if iri.startswith(TERRITORY) else places, lambda one: around(one).wholes, lambda one: around(one).spread
    )


def words_around(iri: str, thing: Thing, territories: Iterable[str], around: Surroundings) -> str:
    """The names of the territories that a thing is in, and of what it is about."""
    places = [one for one in territories if one != iri and kind_of(one) in _NAMED]
    return " ".join(names for one in [*places, *_concepts(thing.about, around)] if (names := around(one).names))


def filters(thing: Thing, around: Surroundings) -> list[str]:
    """What a thing can be asked for by, beside its kind and its territories: `source/ptce`, `practice/recyclerie`.

    What is of a narrower concept is of the broader one too.
    """
    found = {f"source/{source}" for one in (thing, *thing.also) for source in one.sources}
    for predicate, concept in (pair for one in (thing, *thing.also) for pair in one.concepts):
        if name := _FILTERS.get(predicate.partition("#")[2]):
            found.update(f"{name}/{one.rpartition('/')[2]}" for one in _concepts([concept], around))
    return sorted(found)


def _concepts(given: Iterable[str], around: Surroundings) -> list[str]:
    return closed(given, lambda one: around(one).wholes)


def lie_in(
    given: Iterable[str], wholes: Callable[[str], Iterable[str]], spread: Callable[[str], Iterable[str]]
) -> list[str]:
    """Some territories and all that they lie in, wholly or, if they are groupings of communes, in part.

    `wholes` gives what a territory is a part of, `spread` what a grouping has communes in: not what its communes lie
    in, of which each is in one département only.
    """
    every = list(given)
    return closed([*every, *(around for one in every for around in spread(one))], wholes)


def closed(given: Iterable[str], wholes: Callable[[str], Iterable[str]]) -> list[str]:
    """Some territories or concepts, and all that they are a part of or narrower than."""
    found: set[str] = set()
    waiting = list(given)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += wholes(one)
    return sorted(found)
