"""Who takes part in which role: public actors apart, and which of the roles of a public actor are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from clirld.settings import BASE
from clirld.web.documents.naming import Naming, whole
from clirld.web.documents.things import naming_it
from clirld.web.documents.told import Part, Value

MOST = 20
"""Participations of which a page tells all: of the others it has a list."""

PUBLIC_ROLES = f"{BASE}concept/public-actor-role"
_UNSPECIFIED = f"{BASE}concept/participation-role/unspecified"


@dataclass(frozen=True, slots=True)
class Actors:
    """Participations of public or of other actors; of `untold` nothing is known but who takes part.

    `rest` are told of as well, but not on this page.
    """

    told: list[Part]
    untold: list[Part]
    rest: list[Part] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.told) + len(self.untold) + len(self.rest)

    @property
    def sources(self) -> tuple[int, ...]:
        """Numbers of the sources that say so."""
        return numbers(*(part.sources for part in (*self.told, *self.untold)))


@dataclass(frozen=True, slots=True)
class Roles:
    """Who takes part. `public_roles`: each role that a public actor can have, and whether a source says it here."""

    public: Actors
    others: Actors
    public_roles: list[tuple[Value, bool]]

    @property
    def sources(self) -> tuple[int, ...]:
        """Numbers of the sources of the section."""
        return numbers(self.public.sources, self.others.sources)


def roles(naming: Naming, parts: Iterable[Part]) -> Roles:
    """The participations of an initiative, as they are shown."""
    public, others = Actors([], []), Actors([], [])
    told = set()
    for part in parts:
        actors = public if part.is_public else others
        kept = actors.untold if is_untold(part) else actors.told if len(actors.told) < MOST else actors.rest
        kept.append(part)
        told |= {role.iri for role in part.lead}
    return Roles(public, others, [(one, one.iri in told) for one in _public_roles(naming, told)])


def is_untold(part: Part) -> bool:
    """Whether a participation says no more than who takes part."""
    return not (part.what or part.when or part.named) and all(role.iri == _UNSPECIFIED for role in part.lead)


def is_unspecified(role: Value) -> bool:
    """Whether a role is that of which nothing is said."""
    return role.iri == _UNSPECIFIED


def _public_roles(naming: Naming, told: set[str]) -> list[Value]:
    """The roles of the scheme in the order of their names; one that was defined anew only where it is told."""
    scheme = naming_it(naming.store, NamedNode(PUBLIC_ROLES), "skos:inScheme")
    current = [one for one in scheme if one.value in told or not _is_deprecated(naming, one)]
    found = (Value(naming.label(one.value), iri=one.value) for one in current)
    return sorted(found, key=lambda one: one.text.casefold())


def _is_deprecated(naming: Naming, node: NamedNode) -> bool:
    found = naming.store.quads_for_pattern(node, NamedNode(whole("owl:deprecated")), None, None)
    return next(found, None) is not None


def numbers(*several: Iterable[int]) -> tuple[int, ...]:
    """Numbers of sources, each once, in their order."""
    return tuple(sorted({number for some in several for number in some}))
