"""The words of the project: classes and properties, SKOS concepts, declared vocabularies and licences.

Read once from `ontology/`, as plain data: dictionaries answer cards, mapping and release.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyoxigraph as ox

from clirld import yamlfile
from clirld.errors import MappingError
from clirld.settings import BASE

ONTOLOGY_GRAPH = f"{BASE}graph/ontology"
CONCEPTS_GRAPH = f"{BASE}graph/concepts"

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_OWL = "http://www.w3.org/2002/07/owl#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_REPLACED_BY = "http://purl.org/dc/terms/isReplacedBy"
_TERM_TYPES = {f"{_OWL}Class", f"{_OWL}ObjectProperty", f"{_OWL}DatatypeProperty"}


@dataclass(frozen=True, slots=True)
class Concept:
    """A SKOS concept: its IRI, prefLabels by language, notation, and the slugs of what is broader.

    `replaced_by` is the slug of its successor, where it is deprecated.
    """

    iri: str
    labels: Mapping[str, str]
    notation: str | None = None
    broader: tuple[str, ...] = ()
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class LicenceGroup:
    """Licences whose data may stand in one file, and whether it is published: where a person has accepted it, or never.

    `share_alike` says that what is made from the data must keep its licence.
    """

    id: str
    titles: Mapping[str, str]
    publish: Literal["always", "accepted", "never"]
    share_alike: bool = False


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence that a source may have; `type` is its kind in the list of licence types of ADMS 1.0."""

    iri: str
    titles: Mapping[str, str]
    group: LicenceGroup
    type: str
    spdx: str | None = None
    eu: str | None = None
    datagouv: str | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything of `ontology/` that has a name.

    `concepts` is scheme → slug → concept; `terms` the IRIs that the mapping may use as predicate or class;
    `own` those of them that are the project's; `ontology` and `schemes` the files as sorted N-Triples lines.
    """

    concepts: Mapping[str, Mapping[str, Concept]]
    terms: frozenset[str]
    own: frozenset[str]
    licences: Mapping[str, Licence]
    ontology: tuple[str, ...]
    schemes: tuple[str, ...]
    notations: Mapping[tuple[str, str], str]
    labels: Mapping[tuple[str, str], str]

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """Read `clirld.ttl`, `schemes/*.ttl`, `vocabularies.yaml` and `licences.yaml`.

        Raises MappingError, with the file and what to do, where one cannot be read.
        """
        ontology = _triples(folder / "clirld.ttl")
        own = frozenset(
            triple.subject.value
            for triple in ontology
            if isinstance(triple.subject, ox.NamedNode)
            and triple.predicate.value == f"{_RDF}type"
            and isinstance(triple.object, ox.NamedNode)
            and triple.object.value in _TERM_TYPES
            and triple.subject.value.startswith(f"{BASE}ontology#")
        )
        schemes = [triple for path in sorted((folder / "schemes").glob("*.ttl")) for triple in _triples(path)]
        concepts = _concepts(schemes)
        return cls(
            concepts=concepts,
            terms=own | _declared(folder / "vocabularies.yaml"),
            own=own,
            licences=_licences(folder / "licences.yaml"),
            ontology=_lines(ontology),
            schemes=_lines(schemes),
            notations={
                (scheme, concept.notation): slug
                for scheme, members in concepts.items()
                for slug, concept in members.items()
                if concept.notation is not None
            },
            labels={
                (scheme, label.casefold()): slug
                for scheme, members in concepts.items()
                for slug, concept in members.items()
                for label in concept.labels.values()
            },
        )

    def slug_by_notation(self, scheme: str, notation: str) -> str | None:
        """The concept of a scheme that has this code, or None."""
        return self.notations.get((scheme, notation))

    def slug_by_label(self, scheme: str, label: str) -> str | None:
        """The concept of a scheme with this prefLabel, in any language and letter case, or None."""
        return self.labels.get((scheme, label.strip().casefold()))

    def as_nquads(self, graph: str | None = None) -> Iterator[str]:
        """Sorted N-Quads lines of the named graphs of ontology and schemes, or of the one `graph` names."""
        for iri, lines in ((ONTOLOGY_GRAPH, self.ontology), (CONCEPTS_GRAPH, self.schemes)):
            if graph in (None, iri):
                for line in lines:
                    yield f"{line} <{iri}> ."


def _triples(path: Path) -> list[ox.Triple]:
    try:
        return [
            ox.Triple(quad.subject, quad.predicate, quad.object)
            for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
        ]
    except FileNotFoundError:
        raise MappingError("the file is not there", where=str(path), do="create it, or check the name") from None
    except SyntaxError as problem:
        where = f"{path}:{problem.lineno}" if problem.lineno else str(path)
        raise MappingError(f"not Turtle: {problem.msg}", where=where, do="correct the syntax there") from None


def _lines(triples: Iterable[ox.Triple]) -> tuple[str, ...]:
    """Sorted N-Triples lines without the closing dot. The files have no blank nodes, so this is canonical."""
    return tuple(sorted({str(triple) for triple in triples}))


def _concepts(triples: Iterable[ox.Triple]) -> dict[str, dict[str, Concept]]:
    """Concepts by scheme and slug, in the order of their IRIs. Collections have labels too, but are no concepts."""
    concept_iris: set[str] = set()
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    notations: dict[str, str] = {}
    broader: dict[str, list[str]] = defaultdict(list)
    replaced_by: dict[str, str] = {}
    for triple in triples:
        subject = triple.subject.value if isinstance(triple.subject, ox.NamedNode) else ""
        predicate = triple.predicate.value.removeprefix(_SKOS)
        if isinstance(triple.object, ox.Literal):
            if predicate == "prefLabel":
                labels[subject][triple.object.language or ""] = triple.object.value
            elif predicate == "notation":
                notations[subject] = triple.object.value
        elif not isinstance(triple.object, ox.NamedNode):
            continue
        elif predicate == "broader":
            broader[subject].append(triple.object.value.rpartition("/")[2])
        elif predicate == _REPLACED_BY:
            replaced_by[subject] = triple.object.value.rpartition("/")[2]
        elif predicate == f"{_RDF}type" and triple.object.value == f"{_SKOS}Concept":
            concept_iris.add(subject)
    concepts: dict[str, dict[str, Concept]] = defaultdict(dict)
    for iri in sorted(concept_iris):
        scheme, _, slug = iri.removeprefix(f"{BASE}concept/").partition("/")
        wider = tuple(broader.get(iri, ()))
        concepts[scheme][slug] = Concept(iri, labels[iri], notations.get(iri), wider, replaced_by.get(iri))
    return dict(concepts)


def _declared(path: Path) -> frozenset[str]:
    file = yamlfile.load(path, MappingError)
    terms: set[str] = set()
    for prefix, entry in file.data.items():
        try:
            terms.update(entry["namespace"] + name for name in (*entry["classes"], *entry["properties"]))
        except (KeyError, TypeError):
            do = "give it a namespace, and lists (empty ones too) of classes and properties"
            raise MappingError(f"{prefix} is not whole", where=file.where([prefix]), do=do) from None
    return frozenset(terms)


def _licences(path: Path) -> dict[str, Licence]:
    file = yamlfile.load(path, MappingError)
    groups: dict[str, LicenceGroup] = {}
    licences: dict[str, Licence] = {}
    keys: list[str] = []
    try:
        for name, entry in file.data["groups"].items():
            keys = ["groups", name]
            if entry["publish"] not in ("always", "accepted", "never"):
                raise ValueError
            groups[name] = LicenceGroup(name, _titles(entry), entry["publish"], bool(entry.get("share_alike")))
        for iri, entry in file.data["licences"].items():
            keys = ["licences", iri]
            codes = {name: entry.get(name) for name in ("spdx", "eu", "datagouv")}
            licences[iri] = Licence(iri, _titles(entry), groups[entry["group"]], entry["type"], **codes)
    except (KeyError, TypeError, ValueError, AttributeError):
        do = "see the head of the file: a title in fr and en; of a group publish, of a licence its group"
        where = file.where(keys) if keys else str(path)
        raise MappingError(f"{keys[-1] if keys else 'the list'} is not whole", where=where, do=do) from None
    return licences


def _titles(entry: Mapping[str, Any]) -> dict[str, str]:
    return {language: entry["title"][language] for language in ("fr", "en")}
