"""Words for IRIs and values in one language: labels of the store, names of `names.yaml`, else the end of the IRI."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, Store

from clirld import yamlfile
from clirld.query.failure import Language
from clirld.query.formats import PREFIXES
from clirld.search.display import CONTRIBUTIONS, Name, shown_name
from clirld.settings import BASE
from clirld.web import number_formats
from clirld.web.documents.lookup import kind, outgoing
from clirld.web.documents.sources import graph_of
from clirld.web.local_links import prefixed_name

_NAMESPACES = {
    **PREFIXES,
    "void": "http://rdfs.org/ns/void#",
    "adms": "http://www.w3.org/ns/adms#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "qb": "http://purl.org/linked-data/cube#",
    "dqv": "http://www.w3.org/ns/dqv#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}
_LABELS = tuple(
    NamedNode(_NAMESPACES[prefix] + name)
    for prefix, name in (("rdfs", "label"), ("skos", "prefLabel"), ("dct", "title"), ("foaf", "name"), ("vcard", "fn"))
)
_POINT = re.compile(r"POINT *\(([-\d.]+) ([-\d.]+)\)")
_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_INSEE_CODES = "http://id.insee.fr/codes/"
"""What Insee names by a code, such as the activities of the NAF: the code is what is known of it here."""
_MAX_KEPT = 50_000


@cache
def names() -> dict[str, Any]:
    """What `names.yaml` says."""
    return dict(yamlfile.shipped(__package__, "names.yaml"))


def whole(name: str) -> str:
    """The IRI of a prefixed name of `names.yaml`."""
    prefix, _, rest = name.partition(":")
    return f"{_NAMESPACES[prefix]}{rest}"


def short(iri: str) -> str:
    """The prefixed name of an IRI, the IRI itself where no prefix fits."""
    return prefixed_name(iri, _NAMESPACES)


@dataclass(frozen=True, slots=True)
class Naming:
    """The words of one language for what one store has. Labels once read are kept: a release does not change."""

    store: Store
    language: Language
    _kept: dict[str, str] = field(default_factory=dict)

    def label(self, iri: str) -> str:
        """A thing in words."""
        known = self._kept.get(iri)
        if known is None:
            known = self._label(iri)
            if len(self._kept) >= _MAX_KEPT:
                self._kept.clear()
            self._kept[iri] = known
        return known

    def property(self, iri: str) -> str:
        """A property in words."""
        words = names()["properties"].get(short(iri), {})
        return str(words.get(self.language) or self.label(iri))

    def inverse(self, iri: str) -> str:
        """A property in words, said by what it leads to."""
        words = names()["inverse"].get(short(iri))
        return str(words[self.language]) if words else f"{self.property(iri)[:1].upper()}{self.property(iri)[1:]}"

    def kind(self, name: str, number: str = "one") -> str:
        """A kind of thing in words; a territory's own kind where that is known."""
        first, _, rest = name.partition("/")
        if rest:
            label = self._stored_label(NamedNode(f"{BASE}concept/territory-kind/{rest}"))
            if label:
                return f"{label[:1].upper()}{label[1:]}"
        words = names()["kinds"].get(first)
        return str(words[number][self.language]) if words else ""

    def told_apart(self, iris: Iterable[str]) -> list[str]:
        """Some things in words, with their kinds where two have one name: Mayotte (région), Mayotte (département)."""
        labels = {iri: self.label(iri) for iri in iris}
        shared = {name for name, count in Counter(map(str.casefold, labels.values())).items() if count > 1}
        return [
            f"{name} ({called[:1].lower()}{called[1:]})"
            if name.casefold() in shared and (called := self.kind(kind(iri)))
            else name
            for iri, name in labels.items()
        ]

    def text(self, quads: Iterable[Quad]) -> str:
        """The one that is shown of the literals among the objects (`clirld.search.display`)."""
        names = [
            Name(quad.object.value, quad.object.language or "", graph_of(quad) == CONTRIBUTIONS)
            for quad in quads
            if isinstance(quad.object, Literal)
        ]
        return shown_name(names, self.language) or ""

    def _label(self, iri: str) -> str:
        try:
            node = NamedNode(iri)
        except ValueError:
            return iri
        if label := self._stored_label(node):
            return label
        if iri.startswith(f"{BASE}graph/"):
            name = iri.removeprefix(f"{BASE}graph/")
            words = names()["graphs"].get(name)
            return str(words[self.language]) if words else self.label(f"{BASE}id/dataset/{name}")
        if words := names()["codes"].get(iri.removeprefix(_AUTHORITY)):
            return str(words[self.language])
        if said := self._said(node):
            return said
        if iri.startswith(_INSEE_CODES):
            return iri.rpartition("/")[2]
        if words := names()["properties"].get(short(iri)):
            return str(words.get(self.language) or short(iri))
        if iri.startswith(BASE):
            return iri.rpartition("/")[2] or iri
        return short(iri).removeprefix("https://").removeprefix("http://")

    def _stored_label(self, node: NamedNode) -> str:
        for predicate in _LABELS:
            if label := self.text(self.store.quads_for_pattern(node, predicate, None, None)):
                return label
        return ""

    def _said(self, node: NamedNode) -> str:
        """A thing without a name, by what it says: a role and who holds it, a street and its town."""
        form = names()["kinds"].get(kind(node.value), {})
        properties = [whole(name) for name in (*form.get("lead", ()), *form.get("main", ()))]
        if not properties:
            return ""
        quads = outgoing(self.store, node)
        parts = [quad.object for name in properties for quad in quads if quad.predicate.value == name]
        said = (self._literal(one) if isinstance(one, Literal) else self.label(str(one).strip("<>")) for one in parts)
        return str(form.get("join", ", ")).join(dict.fromkeys(said))

    def _literal(self, literal: Literal) -> str:
        is_number = literal.datatype.value.rpartition("#")[2] in ("decimal", "integer")
        return number_formats.figure(literal.value, self.language) if is_number else literal_text(literal)


def literal_text(literal: Literal) -> str:
    """A value as a person writes it, in any language."""
    if literal.datatype.value.endswith("wktLiteral") and (point := _POINT.search(literal.value)):
        return f"{point[2]}, {point[1]}"  # latitude first, as maps say it
    if literal.datatype.value.endswith("wktLiteral"):  # a contour is thousands of numbers
        return f"{literal.value.partition('(')[0]}, {literal.value.count(',') + 1} points"
    return literal.value
