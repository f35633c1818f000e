"""What is said of a thing, statement by statement: in words, with the rows of the sources that say it."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Store

from clirld.contributions.statements import Statement, thing
from clirld.settings import BASE
from clirld.web.documents.naming import Naming, literal_text, names, whole

UNSAID = tuple(whole(name) for name in ("owl:sameAs", "clir:completeness", "igeo:codeINSEE"))
"""Properties that repeat another, or that say how much of a thing is known."""
_DERIVED = NamedNode(whole("prov:wasDerivedFrom"))
_IDENTIFIER, _ROW = NamedNode(whole("dct:identifier")), NamedNode(whole("clir:sourceRow"))
_MOST_ROWS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a source: the IRI of its record, its identifier in the source, its number in the file."""

    iri: str
    identifier: str
    number: str


@dataclass(frozen=True, slots=True)
class Said:
    """A statement in words. `sources` are the names of their graphs."""

    statement: Statement
    label: str
    text: str

    @property
    def id(self) -> str:
        """By which an address names it."""
        return self.statement.id

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that say it."""
        return self.statement.sources


def said_of(naming: Naming, iri: str) -> list[Said]:
    """What sources say of a thing, in the order of its page; nothing of what is no thing."""
    found = thing(naming.store, iri)
    order = {whole(name): number for number, name in enumerate(names()["properties"])}
    statements = [one for one in found.statements if one.predicate not in UNSAID] if found and not found.is_gone else []
    statements.sort(key=lambda one: order.get(one.predicate, len(order)))
    return [Said(one, naming.property(one.predicate), in_words(one, naming)) for one in statements]


def in_words(statement: Statement, naming: Naming) -> str:
    """The value of a statement."""
    if any(statement.parts):
        return " ".join(filter(None, statement.parts))
    value = statement.value
    return naming.label(value.value) if isinstance(value, NamedNode) else literal_text(value)


def rows(store: Store, iri: str, statement: Statement, source: str) -> list[Row]:
    """The rows of a source from which a statement was drawn, those of its value before those of its thing."""
    graph = NamedNode(f"{BASE}graph/{source}")
    subjects = [statement.value] if isinstance(statement.value, NamedNode) else []
    is_part = bool(subjects) and "/id/territory/" not in str(statement.value)
    for subject in [*(subjects if is_part else []), NamedNode(iri)]:
        records = [quad.object for quad in store.quads_for_pattern(subject, _DERIVED, None, graph)]
        found = [_row(store, one) for one in records if isinstance(one, NamedNode)]
        if found:
            return sorted(found, key=lambda one: one.iri)[:_MOST_ROWS]
    return []


def _row(store: Store, record: NamedNode) -> Row:
    return Row(record.value, _text(store, record, _IDENTIFIER), _text(store, record, _ROW))


def _text(store: Store, subject: NamedNode, predicate: NamedNode) -> str:
    for quad in store.quads_for_pattern(subject, predicate, None, None):
        if isinstance(quad.object, Literal):
            return quad.object.value
    return ""
