"""A thing of the store with all that is said of it, read once: what the pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import Literal, NamedNode, Quad, Store

from clirld.web.documents import lookup
from clirld.web.documents.naming import whole


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing and its statements, by whichever source. Names of properties are prefixed: `clir:actsIn`."""

    node: NamedNode
    quads: list[Quad]

    @property
    def iri(self) -> str:
        """Its IRI."""
        return self.node.value

    def of(self, *names: str) -> list[Quad]:
        """The statements of some properties, by property in the order given."""
        return [quad for name in names for quad in self.quads if quad.predicate.value == whole(name)]

    def nodes(self, *names: str) -> list[NamedNode]:
        """The things that some properties lead to, each once."""
        return list(dict.fromkeys(quad.object for quad in self.of(*names) if isinstance(quad.object, NamedNode)))

    def texts(self, *names: str) -> list[str]:
        """The literals of some properties, each once."""
        return list(dict.fromkeys(quad.object.value for quad in self.of(*names) if isinstance(quad.object, Literal)))

    def text(self, *names: str) -> str:
        """The first literal of some properties; "" where there is none."""
        return next(iter(self.texts(*names)), "")


def read(store: Store, node: NamedNode, limit: int = lookup.PAGE) -> Thing:
    """A thing as a store has it, with its first statements."""
    return Thing(node, lookup.outgoing(store, node, limit))


def objects(store: Store, node: NamedNode, predicate: str) -> list[NamedNode]:
    """The things that one property of a thing leads to, each once: for things of which no more is needed."""
    quads = store.quads_for_pattern(node, NamedNode(whole(predicate)), None, None)
    return sorted({quad.object for quad in quads if isinstance(quad.object, NamedNode)}, key=lambda one: one.value)


def naming_it(store: Store, node: NamedNode, predicate: str, limit: int = lookup.SCANNED) -> list[NamedNode]:
    """The things that name one in a property, each once, in the order of their IRIs: the first that the store has."""
    found = islice(store.quads_for_pattern(None, NamedNode(whole(predicate)), node, None), limit)
    subjects = {quad.subject for quad in found}
    return sorted((one for one in subjects if isinstance(one, NamedNode)), key=lambda one: one.value)


def readable(quads: Iterable[Quad], language: str) -> Iterator[Quad]:
    """Statements whose text is in a language, or in none; all where there is none in it."""
    known = list(quads)
    mine = [one for one in known if getattr(one.object, "language", None) in (None, language)]
    return iter(mine or known)
