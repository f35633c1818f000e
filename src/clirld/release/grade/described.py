"""A catalogue as it is read: what is said of each thing, by property."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from clirld.errors import ReleaseError, os_reason
from clirld.release.statements import TYPE, iri

_ANOTHER = "make another release: clirld release --force"
Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True, slots=True)
class Described:
    """Triples by subject and property, which is named with a prefix (`clirld.release.statements`)."""

    triples: Mapping[Node, Mapping[NamedNode, list[Term]]]

    @classmethod
    def of(cls, triples: Iterable[Triple]) -> Described:
        """The same triples, to be asked by subject."""
        found: dict[Node, dict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            if not isinstance(triple.subject, Triple):
                found[triple.subject][triple.predicate].append(triple.object)
        return cls(found)

    @classmethod
    def read(cls, path: Path) -> Described:
        """Read a file of Turtle. Raises ReleaseError where it is not there, or no Turtle."""
        # Not by a store, which makes of every kind of integer xsd:integer.
        try:
            return cls.of(quad.triple for quad in parse(path=str(path), format=RdfFormat.TURTLE))
        except (OSError, SyntaxError) as problem:
            what = os_reason(problem) if isinstance(problem, OSError) else "it is not Turtle"
            raise ReleaseError(f"the catalogue cannot be read: {what}", where=str(path), do=_ANOTHER) from problem

    def __iter__(self) -> Iterator[Triple]:
        for subject, said in self.triples.items():
            for predicate, objects in said.items():
                yield from (Triple(subject, predicate, object_) for object_ in objects)

    def values(self, subject: Term, property_: str) -> list[Term]:
        """What a property of a thing says; nothing where it is not stated."""
        if isinstance(subject, Literal | Triple) or subject not in self.triples:
            return []
        return list(self.triples[subject].get(TYPE if property_ == "a" else iri(property_), ()))

    def iris(self, subject: Term, property_: str) -> list[str]:
        """The IRIs among the values of a property."""
        return [one.value for one in self.values(subject, property_) if isinstance(one, NamedNode)]

    def text(self, subject: Term, property_: str) -> str:
        """The first literal of a property, or nothing."""
        return next((one.value for one in self.values(subject, property_) if isinstance(one, Literal)), "")

    def instances(self, class_: str) -> list[Node]:
        """The things of a class, in the order of their names."""
        kind = iri(class_)
        return sorted((one for one, said in self.triples.items() if kind in said.get(TYPE, ())), key=str)

    def datasets(self) -> dict[str, Node]:
        """The datasets that the catalogue offers, by their identifier."""
        return {self.text(one, "dct:identifier") or str(one): one for one in self.instances("dcat:Dataset")}

    def distributions(self, dataset: Node) -> list[Node]:
        """The distributions of a dataset."""
        return [one for one in self.values(dataset, "dcat:distribution") if isinstance(one, NamedNode | BlankNode)]

    def around(self, dataset: Node) -> set[Node]:
        """A dataset and all that is said of it, as far as other datasets and the catalogue."""
        others = {*self.instances("dcat:Dataset"), *self.instances("dcat:Catalog")} - {dataset}
        found, waiting = {dataset}, [dataset]
        while waiting:
            for objects in self.triples.get(waiting.pop(), {}).values():
                new = {one for one in objects if isinstance(one, NamedNode | BlankNode)} - found - others
                found |= new
                waiting += new
        return found
