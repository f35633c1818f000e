"""What a territory lies in, what lies in it, and what it was: its parts, its wholes, and the events that changed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

from pyoxigraph import NamedNode, Quad

from clirld.territory.changes import Change, Passage
from clirld.web.documents import lookup
from clirld.web.documents.lookup import kind
from clirld.web.documents.naming import whole
from clirld.web.documents.things import Thing, naming_it, read
from clirld.web.documents.told import Value
from clirld.web.documents.view import Page

SHOWN = 12
"""Parts of a kind, or events, before the rest is a link or folded."""

_ORDER = ("region", "collectivite", "departement", "arrondissement", "epci", "ept", "commune")
"""Kinds of territories from the largest on; those that are not here come after them."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The territories of one kind that lie in one: how many, or at least how many, and the first of them by name."""

    label: str
    count: int
    is_cut: bool
    first: list[Value]
    keys: list[str]


@dataclass(frozen=True, slots=True)
class Event:
    """A change of territories: its day, what happened, which territories there were before and after, who says so.

    They have the names of then, where the source has kept them.
    """

    day: str
    what: Value | None
    before: list[Value]
    after: list[Value]
    href: str
    sources: tuple[int, ...]


def wholes(page: Page, thing: Thing) -> list[Value]:
    """The territories that one lies in, from the largest on, with their kind as a note."""
    quads = thing.of("dct:isPartOf")
    nodes = sorted(thing.nodes("dct:isPartOf"), key=lambda node: (_place(node), node.value))
    found = []
    for node in nodes:
        note = page.naming.kind(kind(node.value))
        said = [quad for quad in quads if quad.object == node]
        found.append(page.value(node, said, f"{note[:1].lower()}{note[1:]}"))
    return found


def parts(page: Page, thing: Thing) -> list[Parts]:
    """The territories that lie in one, by kind from the largest on."""
    pattern = (None, NamedNode(whole("dct:isPartOf")), thing.node, None)
    quads = list(islice(page.naming.store.quads_for_pattern(*pattern), lookup.SCANNED + 1))
    is_cut = len(quads) > lookup.SCANNED
    by_kind: dict[str, dict[NamedNode, list[Quad]]] = {}
    for quad in quads[: lookup.SCANNED]:
        if isinstance(quad.subject, NamedNode):
            by_kind.setdefault(kind(quad.subject.value), {}).setdefault(quad.subject, []).append(quad)
    found = []
    for name, members in sorted(by_kind.items(), key=lambda one: (_place(next(iter(one[1]))), one[0])):
        ordered = sorted(members, key=lambda node: page.naming.label(node.value).casefold())
        first = [page.value(node, members[node]) for node in ordered[:SHOWN]]
        keys = [node.value for node in ordered]
        found.append(Parts(page.naming.kind(name, "many"), len(members), is_cut, first, keys))
    return found


def events(page: Page, thing: Thing) -> list[Event]:
    """The changes that a territory went through, the latest first."""
    store = page.naming.store
    nodes = dict.fromkeys(
        [*naming_it(store, thing.node, "clir:territoryBefore"), *naming_it(store, thing.node, "clir:territoryAfter")]
    )
    told = [read(store, node) for node in nodes]
    told.sort(key=lambda one: (one.text("igeo:date"), one.iri), reverse=True)
    return [_event(page, one) for one in told]


def _event(page: Page, told: Thing) -> Event:
    what = next(iter(told.nodes("clir:changeKind")), None)
    names_before, names_after = _names_of_then(told)
    before = _by_name(page, told.nodes("clir:territoryBefore"), names_before)
    after = _by_name(page, told.nodes("clir:territoryAfter"), names_after)
    return Event(
        told.text("igeo:date"),
        page.value(what) if what else None,
        before,
        [] if [(one.iri, one.text) for one in before] == [(one.iri, one.text) for one in after] else after,
        page.value(told.node).href,
        page.numbers(told.quads),
    )


def _names_of_then(told: Thing) -> tuple[dict[str, str], dict[str, str]]:
    """Code of a commune → its name before a change, and after it; where its passages are not published, neither."""
    passages = []
    for text in told.texts("skos:historyNote"):
        with suppress(ValueError):
            passages.append(Passage.parse(text))
    change = Change("", "", tuple(passages))
    return change.befores, change.afters


def end(found: Iterable[Event], thing: Thing) -> Event | None:
    """The event with which a territory ended; None where none of that day is known."""
    day = thing.text("schema:endDate")
    return next((one for one in found if one.day == day and thing.iri not in {after.iri for after in one.after}), None)


def _by_name(page: Page, nodes: Iterable[NamedNode], names: Mapping[str, str]) -> list[Value]:
    """Some territories, by the names that are given for their codes, else by those of today."""
    values = (page.value(node) for node in nodes)
    named = (replace(one, text=names.get(one.iri.rpartition("-")[2], one.text)) for one in values)
    return sorted(named, key=lambda one: one.text.casefold())


def _place(node: NamedNode) -> int:
    name = kind(node.value).partition("/")[2]
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)
