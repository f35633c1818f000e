"""What the store says of one thing: patterns of one subject or one object, never more than so many statements.

Each is bounded by its form, so that it may be done in the server's own process (docs/decisions.md has the figures).
An iterator of pyoxigraph belongs to the thread that made it: each function here consumes those that it makes.
"""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Store

from clirld.query.failure import Failure
from clirld.query.worker import damage
from clirld.settings import BASE

MAX_OUTGOING = 2000
"""Statements of a thing that a document says. The catalogue, the longest, has some forty and two for each source."""

PAGE = 100
"""Statements of other things about it, on one page."""

MAX_PAGES = 20
"""A page is found by passing over those before it, at 40 µs a statement: whoever wants more takes SPARQL or a dump."""

SCANNED = 500
"""Links that are looked at to tell of which kinds they are."""

UNREADABLE = (OSError, RuntimeError)
"""What is raised of a store that cannot be read: pyoxigraph raises RuntimeError where its files are damaged."""


@lru_cache(maxsize=2)  # the release that is served, and the one before
def open_store(path: Path) -> Store:
    """The store of a release, read-only. Raises OSError where it is not there or damaged."""
    # RocksDB opens a store whose manifest was cut short, without what it no longer names.
    if failure := damage(path):
        raise OSError(errno.EUCLEAN, "not as it was made", failure.detail["path"])
    return Store.read_only(str(path))


def unreadable(error: BaseException) -> Failure:
    """What to say of a store where one of `UNREADABLE` was raised."""
    if isinstance(error, OSError) and error.errno == errno.EUCLEAN:
        return Failure("damaged", detail={"path": error.filename})
    return Failure("store", detail={"error": str(error)})


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of a thing, and one page of what other things say of it."""

    subject: NamedNode
    outgoing: list[Quad]
    incoming: list[Quad] = field(default_factory=list)
    page: int = 1
    more: bool = False
    """Whether there is a next page."""


@dataclass(slots=True)
class Links:
    """Things of one kind that name this one in one property: the first of them, and how many there are."""

    predicate: str
    kind: str
    quads: list[Quad]
    count: int = 0
    more: bool = False
    """Whether `count` is the least that there are."""


def describe(store: Store, iri: str, page: int = 1, predicate: str | None = None) -> Description | None:
    """What the store says of an IRI; None where no statement names it. `predicate` narrows what is said by others."""
    try:
        subject, by = NamedNode(iri), NamedNode(predicate) if predicate else None
    except ValueError:  # no IRI, so that nothing can have this name
        return None
    outgoing = list(islice(store.quads_for_pattern(subject, None, None, None), MAX_OUTGOING))
    start = (page - 1) * PAGE
    found = list(islice(store.quads_for_pattern(None, by, subject, None), start, start + PAGE + 1))
    if not outgoing and not found and (page == 1 or not _is_named(store, subject)):
        return None
    return Description(subject, _ordered(outgoing), found[:PAGE], page, len(found) > PAGE)


def outgoing(store: Store, subject: NamedNode, limit: int = 100) -> list[Quad]:
    """The first statements of a thing."""
    return _ordered(islice(store.quads_for_pattern(subject, None, None, None), limit))


def links(store: Store, subject: NamedNode, predicates: Collection[str], shown: int) -> list[Links]:
    """What names a thing, by property and kind.

    All of it where there is little. Where there is much, the first of each of the `predicates`: a rare property would
    not be found among the first of all.
    """
    quads = list(islice(store.quads_for_pattern(None, None, subject, None), SCANNED + 1))
    if len(quads) <= SCANNED:
        return _by_kind(quads, shown, more=False)
    return links_by(store, subject, {*predicates, *(quad.predicate.value for quad in quads)}, shown)


def links_by(store: Store, subject: NamedNode, predicates: Collection[str], shown: int) -> list[Links]:
    """What names a thing in some properties, by property and kind."""
    groups = []
    for predicate in sorted(predicates):
        found = list(islice(store.quads_for_pattern(None, NamedNode(predicate), subject, None), SCANNED + 1))
        groups += _by_kind(found[:SCANNED], shown, more=len(found) > SCANNED)
    return groups


def _by_kind(quads: list[Quad], shown: int, more: bool) -> list[Links]:
    groups: dict[tuple[str, str], Links] = {}
    seen = set()
    for quad in quads:
        # Two sources may say the same of the same thing.
        if (statement := (quad.subject, quad.predicate)) in seen:
            continue
        seen.add(statement)
        key = (quad.predicate.value, kind(str(getattr(quad.subject, "value", ""))))
        group = groups.setdefault(key, Links(*key, quads=[], more=more))
        group.count += 1
        if len(group.quads) < shown:
            group.quads.append(quad)
    return list(groups.values())


def kind(iri: str) -> str:
    """What an IRI of the project names: the part after `id/`, and for a territory the start of its key too."""
    if not iri.startswith(BASE):
        return ""
    first, _, rest = iri.removeprefix(BASE).partition("/")
    name, _, key = rest.partition("/")
    if first != "id":
        return first
    return f"territory/{key.rpartition('-')[0]}" if name == "territory" else name


def _is_named(store: Store, node: NamedNode) -> bool:
    return next(store.quads_for_pattern(None, None, node, None), None) is not None


def _ordered(quads: Iterator[Quad] | list[Quad]) -> list[Quad]:
    # The store's own order is that of hashes.
    return sorted(quads, key=str)
