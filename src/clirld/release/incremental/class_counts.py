"""What the things of each class have, counted in the lines of one graph as they are read, subject by subject.

VoID's partitions by class, of each its partitions by property (https://www.w3.org/TR/void/#class-property-partitions).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"

_STRING = b"<http://www.w3.org/2001/XMLSchema#string>"
_TEXT = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>"


class ClassCounts:
    """Give it each line of a graph, those of a subject after each other; then `as_json`."""

    def __init__(self) -> None:
        self._subject = b""
        self._classes: list[bytes] = []
        self._statements: list[tuple[bytes, bytes]] = []
        self._triples: Counter[tuple[bytes, bytes, bytes]] = Counter()
        self._kinds: Counter[tuple[bytes, bytes]] = Counter()

    def add(self, subject: bytes, predicate: bytes, rest: bytes) -> None:
        """A line, in its three parts; `rest` is the object, the graph and the end."""
        if subject != self._subject:
            self._end_of_subject()
            self._subject = subject
        if predicate == TYPE:
            self._classes.append(rest[: rest.index(b" ")])
        self._statements.append((predicate, _range(rest)))

    def as_json(self) -> dict[str, Any]:
        """Statements by class, property and what they lead to; and which classes the things of each kind are of.

        What a statement leads to is the datatype of its literal, or the kind of thing, the beginning of its IRI: which
        class that is of may stand in another graph. `kinds` has for each how many of its things are of which class,
        and under "" of how many a class is known.
        """
        self._end_of_subject()
        classes: dict[str, Any] = {}
        for (class_, predicate, leads_to), number in sorted(self._triples.items()):
            properties = classes.setdefault(_iri(class_), {})
            properties.setdefault(_iri(predicate), {})[leads_to.decode()] = number
        kinds: dict[str, dict[str, int]] = {}
        for (kind, class_), number in sorted(self._kinds.items()):
            kinds.setdefault(kind.decode(), {})[_iri(class_)] = number
        return {"class_properties": classes, "kinds": kinds}

    def _end_of_subject(self) -> None:
        if self._classes:
            kind = _kind(self._subject)
            self._kinds[kind, b""] += 1
            for class_ in self._classes:
                self._kinds[kind, class_] += 1
                for predicate, leads_to in self._statements:
                    self._triples[class_, predicate, leads_to] += 1
        self._classes, self._statements = [], []


def _range(rest: bytes) -> bytes:
    if rest[:1] != b'"':
        return _kind(rest[: rest.index(b" ")])
    literal = rest[: rest.rindex(b" <")]  # the graph
    if literal.endswith(b'"'):
        return _STRING
    return _TEXT if literal.rindex(b'"') < literal.rfind(b"@") else literal[literal.rindex(b"^^") + 2 :]


def _kind(term: bytes) -> bytes:
    """The beginning of an IRI, up to its last slash or number sign."""
    return term[: max(term.rfind(b"/"), term.rfind(b"#")) + 1]


def _iri(term: bytes) -> str:
    return term[1:-1].decode()
