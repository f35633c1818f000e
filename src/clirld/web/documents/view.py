"""A document as its page shows it: values by property with their sources, parts, what links here, the way up."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from clirld.french import spaced
from clirld.settings import BASE
from clirld.web.documents import lookup
from clirld.web.documents.lookup import Description, Links, kind
from clirld.web.documents.naming import Naming, literal_text, names, short, whole
from clirld.web.documents.sources import CitedPage, GraphSource, graph_of, source_of_graph
from clirld.web.documents.told import Fact, Group, Part, Value
from clirld.web.local_links import link
from clirld.web.release import ServedRelease

SHOWN = 12
"""Links of a kind on the page of a thing; `?link=` has the others."""

_TYPE = whole("rdf:type")
_PUBLIC_ROLES = f"{BASE}concept/public-actor-role/"
PUBLIC_BODY = NamedNode("http://data.europa.eu/m8g/PublicOrganisation")
_DERIVED_FROM, _PART_OF, _SEATED = whole("prov:wasDerivedFrom"), whole("dct:isPartOf"), whole("clir:seatedIn")
_IDENTIFIER = whole("dct:identifier")
_CITED, _CITATION = whole("dct:source"), whole("dct:bibliographicCitation")
_SAME_AS = whole("owl:sameAs")
_NAMES = tuple(whole(name) for name in ("rdfs:label", "rov:legalName", "skos:prefLabel", "foaf:name"))
_PARENTS = ("departement", "region", "collectivite", "commune", "epci")


@dataclass(slots=True)
class Page:
    """All that a template shows. `numbered` are the sources, in the order of their numbers from 1."""

    naming: Naming
    release: ServedRelease
    numbered: list[GraphSource | CitedPage] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, graph: str) -> int:
        """The number of a source on this page."""
        if graph not in self._numbers:
            self._numbers[graph] = self._number(source_of_graph(self.release, graph))
        return self._numbers[graph]

    def numbers(self, said: Iterable[Quad]) -> tuple[int, ...]:
        """The numbers of who says a thing: the pages that it cites, else the sources that it stands in."""
        quads = list(said)
        citations = [getattr(one.object, "value", "") for one in quads if one.predicate.value == _CITATION]
        cited = [one for one in quads if one.predicate.value == _CITED and isinstance(one.object, NamedNode)]
        if not cited:
            return tuple(sorted({self.number(graph_of(one)) for one in quads}))
        title = citations[0] if len(citations) == len(cited) == 1 else ""
        pages = [
            CitedPage(str(getattr(one.object, "value", "")), title, source_of_graph(self.release, graph_of(one)))
            for one in cited
        ]
        return tuple(sorted({self._number(one) for one in pages}))

    def number_all(self, said: Iterable[Quad]) -> None:
        """Number the sources of a thing before all others; not what is derived of them."""
        for graph in sorted({graph_of(quad) for quad in said}):
            if source_of_graph(self.release, graph).entry:
                self.number(graph)

    def _number(self, source: GraphSource | CitedPage) -> int:
        if source not in self.numbered:
            self.numbered.append(source)
        return self.numbered.index(source) + 1

    def value(self, term: Any, quads: Iterable[Quad] = (), note: str = "") -> Value:
        """A term in words, and who says it."""
        numbers = tuple(sorted({self.number(graph_of(quad)) for quad in quads}))
        if isinstance(term, NamedNode):
            language = self.naming.language
            text = self._licence(term.value) or self.naming.label(term.value)
            return Value(text, link(term.value, language), iri=term.value, note=note, sources=numbers)
        if isinstance(term, Literal):
            datatype = short(term.datatype.value).removeprefix("xsd:")
            text = spaced(literal_text(term)) if term.language == "fr" else literal_text(term)
            return Value(text, language=term.language or "", datatype=datatype, sources=numbers)
        return Value(str(term), sources=numbers)

    def _licence(self, iri: str) -> str:
        """The title of a licence of this release."""
        for source in self.release.manifest.get("sources") or []:
            licence = source.get("license") or {}
            if licence.get("iri") == iri:
                return str((licence.get("title") or {}).get(self.naming.language) or "")
        return ""

    def facts(self, quads: list[Quad], title: str, hidden: Iterable[str] = ()) -> list[Fact]:
        """What is said, by property in the order of names.yaml; what the title says alone is left out."""
        known = names()["properties"]
        order = {whole(name): n for n, name in enumerate(known)}
        unseen = {whole(name) for name in (*names()["hidden"], *hidden)} | {_DERIVED_FROM}
        by_property: dict[str, dict[Any, list[Quad]]] = {}
        for quad in quads:
            if quad.predicate.value not in unseen:
                by_property.setdefault(quad.predicate.value, {}).setdefault(quad.object, []).append(quad)
        facts, label_texts = [], [title]
        for predicate in sorted(by_property, key=lambda iri: (order.get(iri, len(order)), iri)):
            objects = self._readable(by_property[predicate])
            values = [self.value(term, said, self._note(predicate, term)) for term, said in objects.items()]
            texts = [value.text for value in values]
            if (texts == [title] and predicate in _NAMES) or (predicate == _NAMES[1] and texts == label_texts):
                continue
            label_texts = texts if predicate == _NAMES[0] else label_texts
            several = known.get(short(predicate), {}).get("several")
            by_source = [] if several else self._contradictions(objects)
            facts.append(Fact(predicate, self.naming.property(predicate), values, by_source))
        return facts

    def _note(self, predicate: str, term: Any) -> str:
        """Which territory of a name is meant: a commune and its district may have the same."""
        is_parent = predicate == _PART_OF and isinstance(term, NamedNode) and "/" in kind(term.value)
        name = self.naming.kind(kind(term.value)) if is_parent else ""
        return f"{name[:1].lower()}{name[1:]}"

    def _readable(self, objects: dict[Any, list[Quad]]) -> dict[Any, list[Quad]]:
        """Texts of this language, where there are any: a label in another says the same."""
        mine = {term for term in objects if isinstance(term, Literal) and term.language == self.naming.language}
        if not mine:
            return objects
        return {term: quads for term, quads in objects.items() if not getattr(term, "language", None) or term in mine}

    def _contradictions(self, objects: dict[Any, list[Quad]]) -> list[tuple[int, list[Value]]]:
        """What each source says, where they do not all say the same."""
        said: dict[int, list[Any]] = {}
        for term, quads in objects.items():
            for quad in quads:
                said.setdefault(self.number(graph_of(quad)), []).append(term)
        if len({frozenset(terms) for terms in said.values()}) < 2:
            return []
        return [(number, [self.value(term) for term in said[number]]) for number in sorted(said)]

    def groups(self, subject: NamedNode, predicates: Iterable[str], told_apart: Container[str] = ()) -> list[Group]:
        """What links here, in the order of names.yaml, but for properties that the page tells in its own way."""
        return self._grouped(
            subject, lookup.links(self.naming.store, subject, frozenset(predicates), lookup.PAGE), told_apart
        )

    def groups_by(self, subject: NamedNode, *names: str) -> list[Group]:
        """What links here in some properties."""
        found = lookup.links_by(self.naming.store, subject, {whole(name) for name in names}, lookup.PAGE)
        return self._grouped(subject, found)

    def _grouped(self, subject: NamedNode, found: Iterable[Links], told_apart: Container[str] = ()) -> list[Group]:
        order = {whole(name): n for n, name in enumerate(names()["inverse"])}
        kinds = list(names()["kinds"])

        def rank(one: Links) -> tuple[int, str, int, str]:
            first = one.kind.partition("/")[0]
            place = kinds.index(first) if first in kinds else len(kinds)
            return (order.get(one.predicate, len(order)), one.predicate, place, one.kind)

        forms = names()["kinds"]
        wanted = (
            one
            for one in found
            if short(one.predicate) not in told_apart and not forms.get(one.kind, {}).get("unlisted")
        )
        return [self._group(subject, one) for one in sorted(wanted, key=rank)]

    def _group(self, subject: NamedNode, links: Links) -> Group:
        form = names()["kinds"].get(links.kind, {})
        expanded = form.get("expanded")
        items = [] if expanded else self.items(links.quads[:SHOWN])
        parts = [self._part(subject, quad, form) for quad in links.quads] if expanded else []
        return Group(
            short(links.predicate),
            links.predicate,
            links.kind,
            form.get("inverse", {}).get(self.naming.language) or self.naming.inverse(links.predicate),
            self.naming.kind(links.kind, "many"),
            links.count,
            links.more,
            items,
            sorted(parts, key=_part_order),
        )

    def items(self, quads: Iterable[Quad]) -> list[Value]:
        """The things that name this one, each once, by name."""
        by_subject: dict[Any, list[Quad]] = {}
        for quad in quads:
            by_subject.setdefault(quad.subject, []).append(quad)
        return sorted(
            (self.value(node, said) for node, said in by_subject.items()), key=lambda one: one.text.casefold()
        )

    def _part(self, subject: NamedNode, quad: Quad, form: dict[str, Any]) -> Part:
        node = quad.subject
        if not isinstance(node, NamedNode):
            return Part("", [self.value(node)], [], [], [], [], False, False, tuple)
        said = lookup.outgoing(self.naming.store, node)

        def objects(name: str, is_lead: bool = False) -> list[Value]:
            readable = self._readable({one.object: [one] for one in said if one.predicate.value == whole(name)})
            # What the part leads from is said once, by the page; what it is stays said.
            return [self.value(term) for term in readable if term != subject or is_lead]

        def values(place: str) -> list[Value]:
            return [one for name in form.get(place, ()) for one in objects(name, place == "lead")]

        is_public = kind(node.value) == "participation" and self.is_public(said)
        href = link(node.value, self.naming.language)
        return Part(
            href,
            values("lead"),
            values("main"),
            _span(values("when")),
            values("what"),
            [(self.naming.property(whole(name)), found) for name in form.get("named", ()) if (found := objects(name))],
            is_public,
            "when" in form,
            partial(self.numbers, said),
        )

    def is_public(self, said: Iterable[Quad]) -> bool:
        """Whether a participation is a public actor's: by its role, or by what takes part."""
        return any(
            one.value.startswith(_PUBLIC_ROLES) or (kind(one.value) == "organization" and self._is_public_body(one))
            for one in (quad.object for quad in said)
            if isinstance(one, NamedNode)
        )

    def _is_public_body(self, node: NamedNode) -> bool:
        found = self.naming.store.quads_for_pattern(node, NamedNode(_TYPE), PUBLIC_BODY, None)
        return next(found, None) is not None

    def way_up(self, subject: NamedNode, quads: list[Quad]) -> list[Value]:
        """The territories that a territory, or the seat of a thing, lies in, the largest first.

        Where two of them, or one and the thing, have the same name, it is said what each is.
        """
        way: list[Value] = []
        seen = {subject}
        start = _SEATED if any(quad.predicate.value == _SEATED for quad in quads) else _PART_OF
        while len(way) < 6:
            parents = [
                one.object for one in quads if one.predicate.value == start and isinstance(one.object, NamedNode)
            ]
            ranked = sorted(
                (_PARENTS.index(rest), one.value)
                for one in parents
                if one not in seen and (rest := kind(one.value).partition("/")[2]) in _PARENTS
            )
            if not ranked:
                break
            node = NamedNode(ranked[0][1])
            seen.add(node)
            way.insert(0, self.value(node))
            quads, start = lookup.outgoing(self.naming.store, node), _PART_OF
        names = self.naming.told_apart([*(one.iri for one in way), subject.value])
        return [replace(one, text=name) for one, name in zip(way, names, strict=False)]

    def records(self, quads: list[Quad]) -> list[Value]:
        """The records that a thing was drawn from."""
        derived = [quad for quad in quads if quad.predicate.value == _DERIVED_FROM]
        return [self.value(quad.object, [quad]) for quad in derived]

    def row(self, record: Value) -> Value:
        """A record by its identifier in its source alone."""
        said = lookup.outgoing(self.naming.store, NamedNode(record.iri))
        texts = [
            one.object.value for one in said if one.predicate.value == _IDENTIFIER and isinstance(one.object, Literal)
        ]
        return replace(record, text=texts[0]) if texts else record


def title(naming: Naming, description: Description) -> str:
    """The name of a thing on its page."""
    return naming.label(description.subject.value)


def stands_for(description: Description) -> str | None:
    """The thing of this data that stands for this one too, where it is not that itself (docs/linking.md)."""
    same = (one.object for one in description.outgoing if one.predicate.value == _SAME_AS)
    return next((one.value for one in same if isinstance(one, NamedNode) and one.value.startswith(f"{BASE}id/")), None)


def types(description: Description) -> list[str]:
    """IRIs of the classes of a thing."""
    return [
        quad.object.value
        for quad in description.outgoing
        if quad.predicate.value == _TYPE and isinstance(quad.object, NamedNode)
    ]


def _span(values: list[Value]) -> list[Value]:
    """Dates without the years that others of them say already: 3 February 2014, not 2014 and 3 February 2014."""
    texts = [value.text for value in values]
    return [
        value
        for n, value in enumerate(values)
        if value.text not in texts[:n] and not any(text.startswith(f"{value.text}-") for text in texts)
    ]


def _part_order(part: Part) -> tuple[bool, list[str], list[str], list[str]]:
    """Public actors first, then by date, as on the pages of cases."""
    return (
        not part.is_public,
        [value.text for value in part.when],
        [value.text.rjust(4) if value.datatype == "integer" else value.text for value in part.lead],
        [value.text for value in part.main],
    )
