"""What is in one graph, counted in its sorted lines: statements by property, and what the things of each class have.

VoID's partitions by class, of each its partitions by property (https://www.w3.org/TR/void/#class-property-partitions).
Most things have the same properties as many others: how often they have which together is counted first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from clirld.release import partitions
from clirld.search.things import READ, is_told_of

_TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"

_STRING = b"<http://www.w3.org/2001/XMLSchema#string>"
_TEXT = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>"

_KNOWN = 100_000
"""Ends of lines of which it is remembered what they lead to."""
_TOGETHER = 10_000
"""Kinds of things with the same properties, before they are counted class by class."""


class GraphCounts:
    """Give it all lines of a graph, those of a subject after each other; then `as_json`."""

    def __init__(self, linking: Collection[str]) -> None:
        """`linking` are the properties whose values may lead to another dataset."""
        self._linking = {f"<{one}>".encode() for one in linking}
        self._subject = b""
        self._is_told_of = False
        self._classes: list[bytes] = []
        self._statements: list[bytes] = []
        self._leads_to = _LeadsTo()
        self._together: Counter[tuple[bytes, tuple[bytes, ...], tuple[bytes, ...]]] = Counter()
        self._properties: Counter[bytes] = Counter()
        self._things: Counter[bytes] = Counter()
        self._links: Counter[tuple[bytes, str]] = Counter()
        self._triples: Counter[tuple[bytes, bytes, bytes]] = Counter()
        self._kinds: Counter[tuple[bytes, bytes]] = Counter()

    def add(self, lines: Iterable[bytes]) -> list[bytes]:
        """Count some lines; gives those of them that the index of words is made of."""
        words = []
        leads_to = self._leads_to
        for line in lines:
            subject, predicate, rest = line.split(b" ", 2)
            if subject != self._subject:
                self._end_of_subject()
                self._subject, self._is_told_of = subject, is_told_of(subject)
            if predicate == _TYPE:
                self._classes.append(rest[: rest.index(b" ")])
            # All but the text of a literal: predicate after predicate, each with what it leads to.
            self._statements.append(predicate)
            self._statements.append(leads_to[rest[rest.rindex(b'"') :] if rest.startswith(b'"') else rest])
            if self._is_told_of and predicate in READ:
                words.append(line)
        if len(leads_to) > _KNOWN:
            leads_to.clear()
        return words

    def as_json(self) -> partitions.Counts:
        """What `partitions.counts` gives; statements by class, property and what they lead to; classes of each kind.

        What a statement leads to is the datatype of its literal, or the kind of thing, the beginning of its IRI: which
        class that is of may stand in another graph. `kinds` has for each how many of its things are of which class,
        and under "" of how many a class is known.
        """
        self._end_of_subject()
        self._count_each()
        classes: dict[str, Any] = {}
        for (class_, predicate, leads_to), number in sorted(self._triples.items()):
            properties = classes.setdefault(_iri(class_), {})
            properties.setdefault(_iri(predicate), {})[leads_to.decode()] = number
        kinds: dict[str, dict[str, int]] = {}
        for (kind, class_), number in sorted(self._kinds.items()):
            kinds.setdefault(kind.decode(), {})[_iri(class_)] = number
        of_all = partitions.counts(self._properties, self._things, self._links)
        return of_all | {"class_properties": classes, "kinds": kinds}

    def _end_of_subject(self) -> None:
        if self._statements:
            kind = _kind(self._subject) if self._classes else b""
            self._together[kind, tuple(self._classes), tuple(self._statements)] += 1
            self._classes, self._statements = [], []
            if len(self._together) > _TOGETHER:
                self._count_each()

    def _count_each(self) -> None:
        for (kind, classes, statements), number in self._together.items():
            several = [*zip(statements[::2], statements[1::2], strict=True)]
            for predicate, leads_to in several:
                self._properties[predicate] += number
                if predicate in self._linking and (space := partitions.space(leads_to)):
                    self._links[predicate, space] += number
            self._kinds.update({(kind, class_): number for class_ in (b"", *classes)} if classes else {})
            for class_ in classes:
                self._things[class_] += number
                for predicate, leads_to in several:
                    self._triples[class_, predicate, leads_to] += number
        self._together.clear()


class _LeadsTo(dict[bytes, bytes]):
    """By the end of a line, from its object on, of which a literal is left out up to its last quotation mark."""

    def __missing__(self, end: bytes) -> bytes:
        if end.startswith(b'"'):
            tag = end[1 : end.rindex(b" <")]  # the graph
            found = tag[2:] if tag.startswith(b"^^") else _TEXT if tag else _STRING
        else:
            found = _kind(end[: end.index(b" ")])
        self[end] = found
        return found


def _kind(term: bytes) -> bytes:
    """The beginning of an IRI, up to its last slash or number sign."""
    return term[: max(term.rfind(b"/"), term.rfind(b"#")) + 1]


def _iri(term: bytes) -> str:
    return term[1:-1].decode()
