"""What a release says of a thing: its statements with the graphs that make them, as a correction names them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Store, Triple

from clirld.contributions.fields import ADDRESS, correctables
from clirld.settings import BASE

_GRAPH = f"{BASE}graph/"
_NO_SOURCES = ("accounting", "catalog", "concepts", "derived", "links", "ontology")
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_DERIVED = "http://www.w3.org/ns/prov#wasDerivedFrom"
_REPLACED = NamedNode("http://purl.org/dc/terms/isReplacedBy")
_FORMER = f"{BASE}ontology#FormerEntity"
_LEGAL_NAME = "http://www.w3.org/ns/regorg#legalName"  # said beside the label, in the same words
_MAX_STATEMENTS = 300
_ADDRESS_PARTS = tuple(f"http://www.w3.org/ns/locn#{name}" for name in ("thoroughfare", "postCode", "postName"))


@dataclass(frozen=True, slots=True)
class Statement:
    """One value of a property, and the sources that say it. `parts` are those of an address."""

    predicate: str
    value: NamedNode | Literal
    sources: tuple[str, ...]
    parts: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """A short name of it, the same as long as it says the same; who says it may change."""
        return hashlib.sha256(f"{self.predicate} {self.value} {' '.join(self.parts)}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of a release: its kind (`initiative`), what is said of it, and what became of it where it is gone."""

    iri: str
    kind: str
    statements: tuple[Statement, ...]
    is_gone: bool = False
    successor: str = ""


def kind_of(iri: str) -> str:
    """The kind of a thing of the project, the part of its IRI after `id/`; empty for any other IRI."""
    first, _, key = iri.removeprefix(f"{BASE}id/").partition("/")
    return first if iri.startswith(f"{BASE}id/") and key and "/" not in key else ""


def thing(store: Store, iri: str) -> Thing | None:
    """What a release says of a thing; None where it says nothing."""
    kind = kind_of(iri)
    if not kind:
        return None
    try:
        subject = NamedNode(iri)
    except ValueError:
        return None
    said: dict[tuple[str, NamedNode | Literal], set[str]] = {}
    classes: set[str] = set()
    for number, quad in enumerate(store.quads_for_pattern(subject, None, None, None)):
        graph = quad.graph_name.value.removeprefix(_GRAPH) if isinstance(quad.graph_name, NamedNode) else ""
        if quad.predicate.value == _TYPE:
            classes.add(str(quad.object).strip("<>"))
        value = quad.object
        is_said = quad.predicate.value not in (_TYPE, _DERIVED, _LEGAL_NAME) and graph not in (*_NO_SOURCES, "")
        if is_said and number < _MAX_STATEMENTS and not isinstance(value, BlankNode | Triple):
            said.setdefault((quad.predicate.value, value), set()).add(graph)
    if not classes and not said:
        return None
    statements = tuple(
        Statement(one, value, tuple(sorted(graphs)), tuple(_address(store, value)) if one == ADDRESS else ())
        for (one, value), graphs in sorted(said.items(), key=lambda item: (item[0][0], str(item[0][1])))
    )
    is_gone = classes == {_FORMER}
    return Thing(iri, kind, statements, is_gone, _successor(store, subject) if is_gone else "")


def _successor(store: Store, subject: NamedNode) -> str:
    found = sorted(str(quad.object).strip("<>") for quad in store.quads_for_pattern(subject, _REPLACED, None, None))
    return found[0] if len(found) == 1 else ""


def _address(store: Store, value: NamedNode | Literal) -> Iterator[str]:
    """Street, postcode and locality of an address."""
    if not isinstance(value, NamedNode):
        return
    for part in _ADDRESS_PARTS:
        texts = sorted(_texts(store, value, part))
        yield texts[0] if texts else ""


def _texts(store: Store, subject: NamedNode, predicate: str) -> Iterator[str]:
    for quad in store.quads_for_pattern(subject, NamedNode(predicate), None, None):
        if isinstance(quad.object, Literal):
            yield quad.object.value


def editable(found: Thing) -> dict[str, list[Statement]]:
    """The statements that can be corrected, by column; those that cannot are under an empty name."""
    columns = {one.property: one.column for one in correctables(found.kind)}
    by_column: dict[str, list[Statement]] = {one.column: [] for one in correctables(found.kind)}
    by_column[""] = []
    for statement in found.statements:
        by_column[columns.get(statement.predicate, "")].append(statement)
    return by_column


def contradicted(statement: Statement) -> dict[str, str | list[str]]:
    """The columns of the table `correction` that name a statement."""
    columns: dict[str, str | list[str]] = {"contradicted_source": list(statement.sources)}
    value = statement.value
    if isinstance(value, NamedNode):
        columns["contradicted_iri"] = value.value
    elif value.language == "fr":
        columns["contradicted_label"] = value.value
    elif value.datatype.value.endswith("#gYear"):
        columns["contradicted_year"] = value.value
    else:
        columns["contradicted_text"] = value.value
    return columns
