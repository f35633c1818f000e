"""Hygiene of the ontology and its schemes: whole header, terms and concepts in two languages, nothing unused."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS
from ruamel.yaml import YAML

BASE = "https://w3id.org/clirld/"
CLIR = f"{BASE}ontology#"
ONTOLOGY = rdflib.URIRef(f"{BASE}ontology")
VANN = rdflib.Namespace("http://purl.org/vocab/vann/")
VS = rdflib.Namespace("http://www.w3.org/2003/06/sw-vocab-status/ns#")
LANGUAGES = {"fr", "en"}


@pytest.fixture(scope="module")
def ontology(project: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(project / "ontology" / "clirld.ttl")


@pytest.fixture(scope="module")
def schemes(project: Path) -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in sorted((project / "ontology" / "schemes").glob("*.ttl")):
        graph.parse(path)
    return graph


def own(graph: rdflib.Graph) -> list[rdflib.URIRef]:
    """Terms of the project's namespace."""
    return sorted({s for s in graph.subjects(RDF.type) if isinstance(s, rdflib.URIRef) and str(s).startswith(CLIR)})


def texts(graph: rdflib.Graph, subject: rdflib.term.Node, predicate: rdflib.URIRef) -> Counter[str | None]:
    """Literals of a property, by language."""
    found: Counter[str | None] = Counter()
    for value in graph.objects(subject, predicate):
        assert isinstance(value, rdflib.Literal)
        assert str(value) == str(value).strip(), f"{subject}: blanks around {value!r}"
        assert str(value), f"{subject}: empty text"
        found[value.language] += 1
    return found


def test_files_say_the_same_to_rdflib_and_pyoxigraph(project: Path) -> None:
    for path in [project / "ontology" / "clirld.ttl", *(project / "ontology" / "schemes").glob("*.ttl")]:
        store = ox.Store()
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
        assert len(store) == len(rdflib.Graph().parse(path)), path


def test_header_is_whole(ontology: rdflib.Graph) -> None:
    """What the FOOPS! tests OM1 to OM5, VER1 and FIND1 ask of the header, without the network."""
    for predicate in (DCTERMS.title, DCTERMS.description):
        assert set(texts(ontology, ONTOLOGY, predicate)) == LANGUAGES
    wanted = [
        *(DCTERMS.creator, DCTERMS.publisher, DCTERMS.created, DCTERMS.issued, DCTERMS.modified, DCTERMS.license),
        *(DCTERMS.bibliographicCitation, VANN.preferredNamespacePrefix, VANN.preferredNamespaceUri),
        *(OWL.versionIRI, OWL.versionInfo),
    ]
    for predicate in wanted:
        assert len(list(ontology.objects(ONTOLOGY, predicate))) == 1, predicate
    assert str(ontology.value(ONTOLOGY, VANN.preferredNamespacePrefix)) == "clir"
    assert str(ontology.value(ONTOLOGY, VANN.preferredNamespaceUri)) == CLIR
    version = str(ontology.value(ONTOLOGY, OWL.versionInfo))
    assert ontology.value(ONTOLOGY, OWL.versionIRI) == rdflib.URIRef(f"{ONTOLOGY}/{version}")
    assert version in str(ontology.value(ONTOLOGY, DCTERMS.bibliographicCitation))
    assert not list(ontology.objects(None, OWL.imports))


def test_terms_are_named_and_defined_in_two_languages(ontology: rdflib.Graph) -> None:
    for term in own(ontology):
        for predicate in (RDFS.label, SKOS.definition):
            assert texts(ontology, term, predicate) == Counter(LANGUAGES), f"{term} {predicate}"
        assert ontology.value(term, RDFS.isDefinedBy) == ONTOLOGY
        assert str(ontology.value(term, VS.term_status)) in {"unstable", "testing", "stable", "archaic"}


def test_labels_are_unique(ontology: rdflib.Graph) -> None:
    labels = Counter((str(label).casefold(), label.language) for label in ontology.objects(None, RDFS.label))
    assert [label for label, count in labels.items() if count > 1] == []


def test_definitions_do_not_go_in_circles(ontology: rdflib.Graph) -> None:
    """A definition does not contain the whole label that it explains."""
    for term in own(ontology):
        for label in ontology.objects(term, RDFS.label):
            for definition in ontology.objects(term, SKOS.definition):
                if label.language == definition.language:
                    first = re.split(r"\W+", str(definition).casefold())[0]
                    whole = rf"\b{re.escape(str(label))}\b"
                    assert not re.search(whole, str(definition), re.IGNORECASE), f"{term}: {definition}"
                    assert first not in {"un", "une", "the", "a"}, f"{term}: start with the genus"


def test_names_follow_the_rule(ontology: rdflib.Graph) -> None:
    for term in own(ontology):
        name = str(term).removeprefix(CLIR)
        pattern = r"[A-Z][A-Za-z]+" if (term, RDF.type, OWL.Class) in ontology else r"[a-z][A-Za-z]+"
        assert re.fullmatch(pattern, name), name


def test_properties_have_one_domain_and_one_range_at_most(ontology: rdflib.Graph) -> None:
    classes = set(ontology.subjects(RDF.type, OWL.Class))
    for term in own(ontology):
        for predicate in (RDFS.domain, RDFS.range):
            found = list(ontology.objects(term, predicate))
            assert len(found) <= 1, f"{term} {predicate}"
            for one in found:
                assert one in classes or str(one).startswith("http://www.w3.org/2001/XMLSchema#"), one


def test_no_axioms_about_other_vocabularies(ontology: rdflib.Graph) -> None:
    """Terms declared elsewhere are only named: type and rdfs:isDefinedBy."""
    for subject, predicate in ontology.subject_predicates():
        if subject != ONTOLOGY and not str(subject).startswith(CLIR):
            assert predicate in {RDF.type, RDFS.isDefinedBy}, subject


def test_no_blank_nodes(ontology: rdflib.Graph, schemes: rdflib.Graph) -> None:
    """They would make the released N-Quads differ from one run to the next."""
    for graph in (ontology, schemes):
        assert not any(isinstance(term, rdflib.BNode) for triple in graph for term in triple)


def test_terms_of_the_mapping_are_declared_and_declared_terms_are_used(project: Path, ontology: rdflib.Graph) -> None:
    terms = {str(term).removeprefix(CLIR) for term in own(ontology)}
    mapped = set(re.findall(r"\bclir:(\w+)", (project / "ontology" / "mapping.yarrrml").read_text(encoding="utf-8")))
    assert mapped <= terms
    places = [*(project / "shapes").rglob("*.*"), *(project / "queries").rglob("*.rq")]
    places += (project / "src" / "clirld").glob("*.py")
    written = "".join(path.read_text(encoding="utf-8") for path in places if path.is_file())
    used = mapped | set(re.findall(r"(?:\bclir:|ontology#)(\w+)", written))
    assert terms - used == set()


def test_mapped_schemes_exist(project: Path, schemes: rdflib.Graph) -> None:
    yaml = YAML(typ="safe", pure=True)
    tables = yaml.load((project / "ontology" / "tables.yaml").read_text(encoding="utf-8"))
    asked = {c["scheme"] for table in tables.values() for c in table["columns"].values() if "scheme" in c}
    for scheme in asked:
        assert (rdflib.URIRef(f"{BASE}concept/{scheme}"), RDF.type, SKOS.ConceptScheme) in schemes


def test_schemes_are_whole(schemes: rdflib.Graph) -> None:
    for scheme in schemes.subjects(RDF.type, SKOS.ConceptScheme):
        for predicate in (DCTERMS.title, DCTERMS.description):
            assert texts(schemes, scheme, predicate) == Counter(LANGUAGES), scheme
        tops = set(schemes.objects(scheme, SKOS.hasTopConcept))
        assert tops == set(schemes.subjects(SKOS.topConceptOf, scheme))
        assert 1 <= len(tops) <= 15, scheme
        assert schemes.value(scheme, DCTERMS.license)


def test_concepts_are_whole(schemes: rdflib.Graph) -> None:
    for concept in schemes.subjects(RDF.type, SKOS.Concept):
        scheme, _, slug = str(concept).rpartition("/")
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug), concept
        assert list(schemes.objects(concept, SKOS.inScheme)) == [rdflib.URIRef(scheme)]
        for predicate in (SKOS.prefLabel, SKOS.definition):
            assert texts(schemes, concept, predicate) == Counter(LANGUAGES), f"{concept} {predicate}"
        broader = list(schemes.objects(concept, SKOS.broader))
        assert bool(broader) != bool(list(schemes.objects(concept, SKOS.topConceptOf))), concept
        for one in broader:
            assert (one, SKOS.inScheme, rdflib.URIRef(scheme)) in schemes
        assert concept not in set(schemes.objects(concept, SKOS.broader / SKOS.broader * "+"))


def test_labels_and_notations_are_unique_in_a_scheme(schemes: rdflib.Graph) -> None:
    labels: Counter[tuple[str, str, str | None]] = Counter()
    notations: Counter[tuple[str, str]] = Counter()
    for concept in schemes.subjects(RDF.type, SKOS.Concept):
        scheme = str(schemes.value(concept, SKOS.inScheme))
        for label in schemes.objects(concept, SKOS.prefLabel):
            labels[scheme, str(label).casefold(), label.language] += 1
        for notation in schemes.objects(concept, SKOS.notation):
            notations[scheme, str(notation)] += 1
    assert [one for one, count in [*labels.items(), *notations.items()] if count > 1] == []


def test_density_grid_has_the_seven_levels_of_insee(schemes: rdflib.Graph) -> None:
    found = {
        str(schemes.value(concept, SKOS.notation)): next(
            str(label) for label in schemes.objects(concept, SKOS.prefLabel) if label.language == "fr"
        )
        for concept in schemes.subjects(SKOS.inScheme, rdflib.URIRef(f"{BASE}concept/density-grid"))
    }
    assert [found[str(level)] for level in range(1, 8)] == [
        "Grands centres urbains",
        "Centres urbains intermédiaires",
        "Ceintures urbaines",
        "Petites villes",
        "Bourgs ruraux",
        "Rural à habitat dispersé",
        "Rural à habitat très dispersé",
    ]
