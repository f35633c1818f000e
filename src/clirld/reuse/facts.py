"""What a store says of a thing, in one language: names, texts and numbers, each once, and the page that says so.

Records that numbers or people say are one thing (`owl:sameAs` of `graph/links`) are read as one: all that is said
of any of them is said of the one that stands for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from pyoxigraph import BlankNode, Literal, NamedNode, Store, Triple

from clirld.query.failure import Language
from clirld.query.formats import PREFIXES
from clirld.settings import BASE

TERRITORY = f"{BASE}id/territory/"
CONCEPT = f"{BASE}concept/"
_CLIR = f"{BASE}ontology#"
_NAMESPACES = {**PREFIXES, "clir": _CLIR}
_LINKS = NamedNode(f"{BASE}graph/links")
_SAME_AS = NamedNode("http://www.w3.org/2002/07/owl#sameAs")
_NAMES = ("skos:prefLabel", "rdfs:label")

_JOINED = (f"{BASE}id/initiative/", f"{BASE}id/organization/")
"""Kinds of things that may be one with another of their kind."""

Term = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True, slots=True)
class Named:
    """A thing and its name."""

    iri: str
    label: str


@dataclass(frozen=True, slots=True)
class Source:
    """The page or document that says something, and how it is cited."""

    iri: str
    citation: str


def node(name: str) -> NamedNode:
    """The node of a prefixed name, or of an IRI."""
    prefix, _, rest = name.partition(":")
    return NamedNode(_NAMESPACES[prefix] + rest) if prefix in _NAMESPACES else NamedNode(name)


@dataclass(frozen=True, slots=True)
class Facts:
    """A store, read in a language; whatever graph says it. Names of properties are prefixed: `clir:actsIn`."""

    store: Store
    language: Language
    languages: dict[str, str] = field(default_factory=dict, compare=False)
    """Texts that were read and are in another language, which there was none in this one for → that language."""
    _one_of: dict[str, str] = field(default_factory=dict, compare=False)
    """What was asked of before → what stands for it."""
    _named: dict[str, tuple[str, str | None]] = field(default_factory=dict, compare=False)
    """Things whose name was asked for → it, and its language where it is another."""

    def for_another_answer(self) -> Facts:
        """The same store, with what was read of it; texts in another language count anew: they are of one answer."""
        return replace(self, languages={})

    def stands_for(self, iri: str) -> str:
        """The thing that stands for all that are one with this: itself, where nobody says that it is another."""
        if not iri.startswith(_JOINED):
            return iri
        if iri not in self._one_of:
            found = (quad.object for quad in self.store.quads_for_pattern(NamedNode(iri), _SAME_AS, None, _LINKS))
            self._one_of[iri] = next((one.value for one in found if isinstance(one, NamedNode)), iri)
        return self._one_of[iri]

    def all_of(self, name: str) -> list[NamedNode]:
        """The nodes of all that are one with a thing, itself first."""
        if not name.startswith(_JOINED):
            return [node(name)]
        first = NamedNode(self.stands_for(name))
        same = (quad.subject for quad in self.store.quads_for_pattern(None, _SAME_AS, first, _LINKS))
        return [first, *(one for one in same if isinstance(one, NamedNode))]

    def objects(self, subject: str, predicate: str) -> list[Term]:
        """What stands after a property, in a fixed order."""
        quads = (q for one in self.all_of(subject) for q in self.store.quads_for_pattern(one, node(predicate), None))
        return sorted({quad.object for quad in quads}, key=str)

    def iris(self, subject: str, *predicates: str) -> list[str]:
        """The things that any of these properties leads to, each once."""
        found = [one for name in predicates for one in self.objects(subject, name)]
        return list(dict.fromkeys(self.stands_for(one.value) for one in found if isinstance(one, NamedNode)))

    def subjects(self, predicate: str, thing: str | None = None) -> list[str]:
        """The things that have a property, with this value if one is given, each once, in the order of their IRIs."""
        targets = self.all_of(thing) if thing else [None]
        quads = (q for one in targets for q in self.store.quads_for_pattern(None, node(predicate), one))
        return sorted({self.stands_for(quad.subject.value) for quad in quads if isinstance(quad.subject, NamedNode)})

    def texts(self, subject: str, predicate: str) -> list[str]:
        """Texts of a property: those in the language; else all."""
        return self._in_language(self.objects(subject, predicate))

    def _in_language(self, terms: Iterable[Term]) -> list[str]:
        found = [one for one in terms if isinstance(one, Literal)]
        own = [one.value for one in found if one.language == self.language]
        if not own:
            self.languages.update({one.value: one.language for one in found if one.language})
        return own or list(dict.fromkeys(one.value for one in found))

    def text(self, subject: str, predicate: str) -> str:
        """The first text of a property; "" where there is none."""
        return next(iter(self.texts(subject, predicate)), "")

    def label(self, iri: str) -> str:
        """The name of a thing: of the one that stands for all before those of the others; else the end of its IRI."""
        if iri not in self._named:
            self._named[iri] = self._label(iri)
        label, other = self._named[iri]
        if other:
            self.languages[label] = other
        return label

    def _label(self, iri: str) -> tuple[str, str | None]:
        for name in map(node, _NAMES):
            for one in self.all_of(iri):
                objects = (quad.object for quad in self.store.quads_for_pattern(one, name, None))
                found = sorted((text for text in objects if isinstance(text, Literal)), key=str)
                if found:
                    text = next((text for text in found if text.language == self.language), found[0])
                    return text.value, text.language if text.language != self.language else None
        return iri.rpartition("/")[2], None

    def named(self, iri: str) -> Named:
        """A thing with its name."""
        return Named(iri, self.label(iri))

    def all_named(self, subject: str, *predicates: str) -> list[Named]:
        """The things that any of these properties leads to, with their names."""
        return [self.named(iri) for iri in self.iris(subject, *predicates)]

    def source(self, subject: str) -> Source | None:
        """The page that says a thing: its own, else that of the record that it was made of."""
        for said in (subject, *self.iris(subject, "prov:wasDerivedFrom")):
            for page in self.iris(said, "dct:source"):
                return Source(page, self.text(said, "dct:bibliographicCitation") or page)
        return None

    def broader(self, concept: str) -> Iterator[str]:
        """A concept and all that are broader, the nearest first."""
        seen: set[str] = set()
        ahead = [concept]
        while ahead:
            one = ahead.pop(0)
            if one not in seen:
                seen.add(one)
                yield one
                ahead += self.iris(one, "skos:broader")
