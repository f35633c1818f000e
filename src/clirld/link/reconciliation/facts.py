"""What a release says of one thing, as far as it is compared or handed on: patterns of one subject, bounded each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from pyoxigraph import Literal, NamedNode, Store

from clirld.settings import BASE

_CLIR, _DCT = f"{BASE}ontology#", "http://purl.org/dc/terms/"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_NAMES = (_LABEL, "http://www.w3.org/ns/regorg#legalName", "http://www.w3.org/2004/02/skos/core#altLabel")
_HOMEPAGE = "http://xmlns.com/foaf/0.1/homepage"
_ADDRESS, _POSTCODE = "http://www.w3.org/ns/locn#address", "http://www.w3.org/ns/locn#postCode"
_PART_OF, _DERIVED = f"{_DCT}isPartOf", "http://www.w3.org/ns/prov#wasDerivedFrom"
_GENERATED = "http://www.w3.org/ns/prov#generatedAtTime"
_TERRITORY, _GRAPH = f"{BASE}id/territory/", f"{BASE}graph/"
_SAME_AS = "http://www.w3.org/2002/07/owl#sameAs"
_GROUPING = "territory/epci-"
_COMMUNE = f"{_TERRITORY}commune-"
_OVERSEAS = ("97", "98")
_SITUATION = f"{_CLIR}hasSituation"
_MAX = 200
"""Statements of a thing that are looked at."""


@dataclass(frozen=True)
class Facts:
    """What is said of a thing: values by predicate, each with the graphs that say so."""

    id: str
    store: Store
    said: dict[str, list[Any]] = field(default_factory=dict)
    graphs: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """initiative, organization or territory."""
        return self.id.partition("/")[0]

    def texts(self, predicate: str) -> list[str]:
        """The literals of a property, in order."""
        return sorted({one.value for one in self.said.get(predicate, ()) if isinstance(one, Literal)})

    def things(self, predicate: str) -> list[str]:
        """The IRIs of a property, in order."""
        return sorted({one.value for one in self.said.get(predicate, ()) if isinstance(one, NamedNode)})

    @cached_property
    def same(self) -> list[str]:
        """The ids of what stands for it where two are one thing."""
        return [iri.removeprefix(f"{BASE}id/") for iri in self.things(_SAME_AS)]

    @cached_property
    def names(self) -> list[str]:
        """What it is called, the label first."""
        return list(dict.fromkeys(name for predicate in _NAMES for name in self.texts(predicate)))

    @cached_property
    def places(self) -> list[str]:
        """The territory where it is, and those that this one lies in; of a territory itself."""
        own = [BASE + "id/" + self.id] if self.type == "territory" else []
        found = own or [*self.things(f"{_CLIR}seatedIn"), *self.things(f"{_CLIR}jurisdiction")]
        for place in list(found):
            found += _wholes(self.store, place)
        return list(dict.fromkeys(found))

    @cached_property
    def departements(self) -> list[str]:
        """Those where it is; of a grouping of communes those of its communes, by their codes."""
        start = f"{_TERRITORY}departement-"
        if not self.id.startswith(_GROUPING):
            return [one for one in self.places if one.startswith(start)]
        parts = self.store.quads_for_pattern(None, NamedNode(_PART_OF), NamedNode(f"{BASE}id/{self.id}"), None)
        communes = (quad.subject.value for quad in parts if isinstance(quad.subject, NamedNode))
        codes = {one.removeprefix(_COMMUNE) for one in communes if one.startswith(_COMMUNE)}
        return sorted({start + code[: 3 if code.startswith(_OVERSEAS) else 2] for code in codes})

    @property
    def wholes(self) -> list[str]:
        """The territories that it is said to be a part of."""
        return self.things(_PART_OF)

    @property
    def successors(self) -> list[str]:
        """The territories that came after this one, which is of the past."""
        return self.things(f"{_DCT}isReplacedBy")

    def place(self, kind: str) -> str | None:
        """The territory of a kind where it is: `commune`, `departement`, `epci`."""
        start = f"{_TERRITORY}{kind}-"
        return next((one for one in self.places if one.startswith(start)), None)

    @cached_property
    def postcodes(self) -> list[str]:
        """Of its addresses."""
        return [
            code
            for address in self.things(_ADDRESS)
            for code in facts(self.store, address.removeprefix(f"{BASE}id/")).texts(_POSTCODE)
        ]

    @property
    def websites(self) -> list[str]:
        """Its sites."""
        return self.things(_HOMEPAGE)

    def numbers(self, register: str) -> list[str]:
        """Its official numbers: `siren`, `siret`, `rna`."""
        return self.texts(_CLIR + register)

    @property
    def sources(self) -> list[str]:
        """The graphs of the sources that speak of it."""
        own = {"derived", "accounting", "links", "catalog"}
        return sorted(one for one in self.graphs if one.startswith(_GRAPH) and one.removeprefix(_GRAPH) not in own)

    @cached_property
    def last_seen(self) -> str:
        """The day on which a source was last read that has it."""
        times = [
            time
            for record in self.things(_DERIVED)
            for time in facts(self.store, record.removeprefix(f"{BASE}id/")).texts(_GENERATED)
        ]
        return max(times, default="")[:10]

    @cached_property
    def situations(self) -> list[str]:
        """Of its grouping of communes."""
        grouping = self.place("epci")
        found = facts(self.store, grouping.removeprefix(f"{BASE}id/")) if grouping else None
        return found.things(_SITUATION) if found else []

    def value(self, name: str) -> list[str]:
        """The values of a property of `properties.yaml`: texts, or IRIs of things."""
        known: dict[str, Callable[[], list[str | None]]] = {
            "name": lambda: list(self.names),
            "insee": lambda: [code.removeprefix(f"{_TERRITORY}commune-") for code in [self.place("commune")] if code],
            "postcode": lambda: list(self.postcodes),
            "website": lambda: list(self.websites),
            "kind": lambda: list(self.things(f"{_CLIR}initiativeKind")),
            "legal_form": lambda: list(self.things(f"{_CLIR}legalForm")),
            "population": lambda: list(self.texts(f"{_CLIR}population")),
            "source": lambda: list(self.sources),
            "last_seen": lambda: [self.last_seen],
            "situation": lambda: list(self.situations),
        }
        if name in ("siren", "siret", "rna"):
            return self.numbers(name)
        if name == "departement":
            return self.departements if self.id.startswith(_GROUPING) else self.departements[:1]
        if name in ("commune", "epci"):
            return [place] if (place := self.place(name)) else []
        return [one for one in known[name]() if one] if name in known else []


def facts(store: Store, id_: str) -> Facts:
    """What is said of a thing, by the end of its IRI (`initiative/…`); nothing of one that is not there."""
    said: dict[str, list[Any]] = defaultdict(list)
    graphs: set[str] = set()
    for quad in _quads(store, f"{BASE}id/{id_}"):
        said[quad.predicate.value].append(quad.object)
        if isinstance(quad.graph_name, NamedNode):
            graphs.add(quad.graph_name.value)
    return Facts(id_, store, dict(said), tuple(sorted(graphs)))


def _wholes(store: Store, place: str, most: int = 5) -> list[str]:
    """What a territory lies in; its département also where only its commune or its successor, or its code, has one."""
    thing = facts(store, place.removeprefix(f"{BASE}id/"))
    wholes = thing.wholes
    start = f"{_TERRITORY}departement-"
    if any(one.startswith(start) for one in wholes) or not place.startswith(f"{_TERRITORY}commune-"):
        return wholes
    nearest = [one for one in (*wholes, *thing.successors) if one.startswith(f"{_TERRITORY}commune-")]
    found = [one for near in nearest if most for one in _wholes(store, near, most - 1) if one.startswith(start)]
    code = place.rpartition("-")[2]
    by_code = f"{start}{code[: 3 if code.startswith(_OVERSEAS) else 2]}"
    if not found and facts(store, by_code.removeprefix(f"{BASE}id/")).said:
        found = [by_code]
    return [*wholes, *found]


def label(store: Store, iri: str, language: str) -> str:
    """What a thing is called in a language, else in any; the end of its IRI where it has no name."""
    names = [quad.object for quad in _quads(store, iri) if quad.predicate.value in (_LABEL, _PREFERRED)]
    literals = sorted(
        (one for one in names if isinstance(one, Literal)), key=lambda one: (one.language != language, one.value)
    )
    return literals[0].value if literals else iri.rpartition("/")[2]


_PREFERRED = "http://www.w3.org/2004/02/skos/core#prefLabel"


def _quads(store: Store, iri: str) -> Iterator[Any]:
    try:
        subject = NamedNode(iri)
    except ValueError:
        return iter(())
    return iter(list(islice(store.quads_for_pattern(subject, None, None, None), _MAX)))
