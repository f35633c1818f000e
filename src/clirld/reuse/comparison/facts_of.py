"""Values of a property with the graphs that say them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pyoxigraph import Literal, NamedNode

from clirld.reuse.cases import Statement
from clirld.reuse.comparison.model import Cell, Form, Item, Row
from clirld.reuse.comparison.wording import say
from clirld.reuse.facts import Facts, Named, Source, node

_S = TypeVar("_S", bound=Statement)


def values(facts: Facts, thing: str, *predicates: str) -> list[Item]:
    """What is said of a thing in any of these properties, each value once, with the graphs that say it."""
    found: dict[tuple[str, str], set[str]] = {}
    nodes = facts.all_of(thing)
    for predicate in predicates:
        for quad in (quad for one in nodes for quad in facts.store.quads_for_pattern(one, node(predicate), None, None)):
            term = quad.object
            if isinstance(term, NamedNode):
                iri = facts.stands_for(term.value)
                key = (iri, facts.label(iri))
            elif isinstance(term, Literal) and term.language in (None, "", facts.language):
                key = ("", term.value)
            else:
                continue
            found.setdefault(key, set()).add(str(getattr(quad.graph_name, "value", "")))
    return [
        Item(text, iri, sources=tuple(Source(graph, "") for graph in sorted(graphs)))
        for (iri, text), graphs in sorted(found.items(), key=lambda pair: pair[0][1].casefold())
    ]


def row(facts: Facts, name: str, form: Form, cells: Iterable[Sequence[Item]]) -> Row:
    """A row by its name in the wording."""
    return Row(name, say(name, facts.language), form, [Cell(list(items)) for items in cells])


def named(found: Iterable[Named], source: Source | None = None) -> list[Item]:
    """Things as values."""
    return [Item(one.label, one.iri, sources=(source,) if source else ()) for one in found]


def by_kind(statements: Iterable[_S], note: Callable[[_S], str]) -> list[Item]:
    """The kinds of some statements, each once, with what is said of them and by whom."""
    found: dict[Named, tuple[list[str], list[Source]]] = {}
    for one in statements:
        text = note(one)
        for kind in one.kinds:
            texts, sources = found.setdefault(kind, ([], []))
            if text and text not in texts:
                texts.append(text)
            if one.source and one.source not in sources:
                sources.append(one.source)
    return [Item(kind.label, kind.iri, " ; ".join(texts), tuple(sources)) for kind, (texts, sources) in found.items()]
