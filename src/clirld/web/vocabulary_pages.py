"""Documentation of the vocabulary, French and English, written from the files of `ontology/`: terms, schemes, a
diagram, examples and competency questions. Plain HTML, without a script and with nothing from elsewhere."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox
from jinja2 import Environment
from markupsafe import Markup

from clirld import yamlfile
from clirld.map.yarrrml import RdfMapping, TriplesMap
from clirld.query.files.examples import Example
from clirld.query.files.examples import load as load_examples
from clirld.settings import BASE
from clirld.web.local_links import prefixed_name

CLIR = f"{BASE}ontology#"
_OWL, _RDFS = "http://www.w3.org/2002/07/owl#", "http://www.w3.org/2000/01/rdf-schema#"
_SKOS, _DCT = "http://www.w3.org/2004/02/skos/core#", "http://purl.org/dc/terms/"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_STATUS = "http://www.w3.org/2003/06/sw-vocab-status/ns#term_status"
LANGUAGES = ("fr", "en")


def write(ontology: Path, mapping: RdfMapping, out: Path) -> list[Path]:
    """Write `fr/index.html` and `en/index.html` in `out`; gives their paths. `ontology` is the folder of the files."""
    written = []
    for language, text in render(ontology, mapping).items():
        path = out / language / "index.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def render(ontology: Path, mapping: RdfMapping) -> dict[str, str]:
    """The page of each language."""
    files = _OntologyFiles(ontology, mapping)
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        _packaged_text("templates/vocabulary.html")
    )
    texts: dict[str, dict[str, Any]] = yamlfile.shipped(__package__, "vocabulary_pages.yaml")
    css = _packaged_text("static/style.css")
    pages = {}
    for language, other in zip(LANGUAGES, reversed(LANGUAGES), strict=True):
        classes = files.terms("Class", language)
        said = files.said_of_links(language, texts[language])
        pages[language] = template.render(
            lang=language,
            other=other,
            t=texts[language],
            css=Markup(css),  # noqa: S704 - our own file
            header=files.header(language),
            diagram=Markup(_diagram(ontology, language)),  # noqa: S704 - escaped where it is drawn
            links=said.by_class(),
            classes=classes,
            properties=files.terms("ObjectProperty", language) + files.terms("DatatypeProperty", language),
            schemes=files.schemes(language),
            questions=files.questions,
        )
    return pages


def _diagram(ontology: Path, language: str) -> str:
    """The drawing that `make diagram` made; nothing where an ontology has none."""
    path = ontology / f"diagram.{language}.svg"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _packaged_text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


class Link(NamedTuple):
    """A property that leads from the things of a class to those of another: names of the classes, and its words."""

    start: str
    label: str
    end: str


@dataclass(frozen=True, slots=True)
class Links:
    """The links in the words of one language: `names` are those of classes, `own` the classes of the project."""

    links: list[Link]
    names: Mapping[str, str]
    own: set[str]
    title: str

    def by_class(self) -> list[dict[str, Any]]:
        """The same as a list: each class, and where its properties lead."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for link in self.links:
            found[link.start].append((link.label, link.end))
        return [
            {
                "name": name,
                "label": self.names[name],
                "is_own": name in self.own,
                "to": [(label, end, self.names[end], end in self.own) for label, end in leads],
            }
            for name, leads in sorted(found.items(), key=lambda one: self.names[one[0]])
        ]


def links(ontology: Path, mapping: RdfMapping) -> dict[str, Links]:
    """What the mapping links, by language."""
    files = _OntologyFiles(ontology, mapping)
    texts: dict[str, dict[str, Any]] = yamlfile.shipped(__package__, "vocabulary_pages.yaml")
    return {language: files.said_of_links(language, texts[language]) for language in LANGUAGES}


@dataclass(frozen=True)
class _OntologyFiles:
    """What the files say."""

    ontology: Path
    mapping: RdfMapping

    @cached_property
    def statements(self) -> Mapping[str, Mapping[str, list[ox.NamedNode | ox.Literal]]]:
        """subject → predicate → objects, of the ontology, its schemes and its alignments."""
        statements: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        # alignments/ and schemes/
        for path in [self.ontology / "clirld.ttl", *sorted(self.ontology.glob("[as]*s/*.ttl"))]:
            for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
                if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
                    statements[quad.subject.value][quad.predicate.value].append(quad.object)
        return statements

    @cached_property
    def questions(self) -> list[Example]:
        """The competency questions, in order."""
        return load_examples(self.ontology / "competency")

    @cached_property
    def examples(self) -> dict[str, str]:
        """The first block of ontology/example.ttl of each class."""
        path = self.ontology / "example.ttl"
        blocks: dict[str, str] = {}
        for block in re.split(r"\n\n+", path.read_text(encoding="utf-8")) if path.exists() else []:
            for name in re.findall(r"\ba clir:(\w+)", block):
                blocks.setdefault(name, block.strip())
        return blocks

    def text(self, subject: str, predicate: str, language: str) -> str:
        """The text of a language, or the first there is."""
        texts = [one for one in self.statements[subject][predicate] if isinstance(one, ox.Literal)]
        return next((one.value for one in texts if one.language == language), texts[0].value if texts else "")

    def header(self, language: str) -> dict[str, str]:
        iri = f"{BASE}ontology"
        return {
            "iri": iri,
            "title": self.text(iri, f"{_DCT}title", language),
            "text": self.text(iri, f"{_DCT}description", language),
            "version": self.text(iri, f"{_OWL}versionInfo", language),
            "licence": next((one.value for one in self.statements[iri][f"{_DCT}license"]), ""),
        }

    def terms(self, kind: str, language: str) -> list[dict[str, Any]]:
        """The project's terms of an OWL kind, by name."""
        iris = sorted(iri for iri in self.statements if iri.startswith(CLIR) and self._is(iri, f"{_OWL}{kind}"))
        return [self._term(iri, language) for iri in iris]

    def _term(self, iri: str, language: str) -> dict[str, Any]:
        name = iri.removeprefix(CLIR)
        statements = self.statements[iri]
        matches = [
            f"{predicate.rpartition('#')[2]} {self._prefixed_name(one.value)}"
            for predicate in statements
            if "Match" in predicate
            for one in statements[predicate]
        ]
        parents = [one for name in ("subClassOf", "subPropertyOf") for one in statements[f"{_RDFS}{name}"]]
        return {
            "name": name,
            "label": self.text(iri, f"{_RDFS}label", language),
            "definition": self.text(iri, f"{_SKOS}definition", language),
            "status": self.text(iri, _STATUS, language),
            "parents": [self._prefixed_name(one.value) for one in parents],
            "domain": [self._prefixed_name(one.value) for one in statements[f"{_RDFS}domain"]],
            "range": [self._prefixed_name(one.value) for one in statements[f"{_RDFS}range"]],
            "columns": self._columns(iri),
            "matches": sorted(matches),
            "questions": [one.name for one in self.questions if re.search(rf"\bclir:{name}\b", one.text)],
            "example": self.examples.get(name, ""),
        }

    def _columns(self, iri: str) -> list[str]:
        columns = []
        for triples_map in self.mapping.maps:
            for one in triples_map.objects:
                if iri in (one.predicate, one.object.constant):
                    columns += [f"{triples_map.table}.{column}" for column in one.object.columns] or [triples_map.table]
        return sorted(set(columns))

    def _is(self, iri: str, type_: str) -> bool:
        return any(one.value == type_ for one in self.statements[iri][_TYPE])

    def _prefixed_name(self, iri: str) -> str:
        return prefixed_name(iri, self.mapping.prefixes)

    def said_of_links(self, language: str, texts: Mapping[str, Any]) -> Links:
        """What the mapping links from class to class; that all leads to a record is left out."""
        classes = {one.subject.texts[0]: name for one in self.mapping.maps if (name := self._class(one))}
        found = set()
        for triples_map in self.mapping.maps:
            start = classes.get(triples_map.subject.texts[0])
            for one in triples_map.objects:
                end = classes.get(one.object.texts[0])
                if start and end and end != "SourceRecord" and one.predicate != _TYPE:
                    found.add(Link(start, self._label_of(one.predicate, language, texts), end))
        names = {
            name: self.text(f"{CLIR}{name}", f"{_RDFS}label", language) or texts["foreign"].get(name, name)
            for link in found
            for name in (link.start, link.end)
        }
        own = {name for name in names if self._is(f"{CLIR}{name}", f"{_OWL}Class")}
        return Links(sorted(found), names, own, texts["diagram_text"])

    def _label_of(self, iri: str, language: str, texts: Mapping[str, Any]) -> str:
        label = self.text(iri, f"{_RDFS}label", language)
        return label or texts["foreign"].get(self._prefixed_name(iri), self._prefixed_name(iri))

    def _class(self, triples_map: TriplesMap) -> str:
        types = (one.object.constant for one in triples_map.objects if one.predicate == _TYPE)
        return next((self._prefixed_name(iri).rpartition(":")[2] for iri in types if iri), "")

    def schemes(self, language: str) -> list[dict[str, Any]]:
        """The concept schemes, each with its tree."""
        iris = sorted(iri for iri in self.statements if self._is(iri, f"{_SKOS}ConceptScheme"))
        members: dict[str, list[str]] = defaultdict(list)
        for iri in list(self.statements):
            for scheme in self.statements[iri][f"{_SKOS}inScheme"]:
                members[scheme.value].append(iri)
        return [self._scheme(iri, sorted(members[iri]), language) for iri in iris]

    def _scheme(self, iri: str, members: list[str], language: str) -> dict[str, Any]:
        slug = iri.rpartition("/")[2]
        narrower: dict[str, list[str]] = defaultdict(list)
        tops = []
        for member in members:
            broader = [one.value for one in self.statements[member][f"{_SKOS}broader"] if one.value in members]
            for one in broader:
                narrower[one].append(member)
            if not broader:
                tops.append(member)
        anchors: set[str] = set()

        def tree(concepts: Iterable[str]) -> list[dict[str, Any]]:
            return [branch(one) for one in concepts]

        def branch(concept: str) -> dict[str, Any]:
            anchor = f"{slug}/{concept.rpartition('/')[2]}"
            first = anchor not in anchors
            anchors.add(anchor)
            return {
                "anchor": anchor if first else f"{anchor}-{len(anchors)}",
                "slug": concept.rpartition("/")[2],
                "label": self.text(concept, f"{_SKOS}prefLabel", language),
                "definition": self.text(concept, f"{_SKOS}definition", language),
                "notation": self.text(concept, f"{_SKOS}notation", language),
                "sources": [one.value for one in self.statements[concept][f"{_DCT}source"]],
                "narrower": tree(narrower[concept]) if first else [],
            }

        label = self.text(iri, f"{_SKOS}prefLabel", language) or self.text(iri, f"{_DCT}title", language)
        definition = self.text(iri, f"{_SKOS}definition", language) or self.text(iri, f"{_DCT}description", language)
        return {"slug": slug, "label": label or slug, "definition": definition, "tops": tree(tops)}
