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

from clirld.search.words import key as folded

BASE = "https://w3id.org/clirld/"
CLIR = f"{BASE}ontology#"
ONTOLOGY = rdflib.URIRef(f"{BASE}ontology")
VANN = rdflib.Namespace("http://purl.org/vocab/vann/")
VS = rdflib.Namespace("http://www.w3.org/2003/06/sw-vocab-status/ns#")
LANGUAGES = {"fr", "en"}
XSD = "http://www.w3.org/2001/XMLSchema#"


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
    for path in sorted((project / "ontology").rglob("*.ttl")):
        store = ox.Store()
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
        assert len(store) == len(rdflib.Graph().parse(path)), path


def test_header_is_whole(ontology: rdflib.Graph) -> None:
    """What the FOOPS! tests OM1 to OM5, VER1 and FIND1 and the LOV ask of the header, without the network."""
    assert (ONTOLOGY, RDF.type, rdflib.URIRef("http://purl.org/vocommons/voaf#Vocabulary")) in ontology
    for predicate in (DCTERMS.title, DCTERMS.description, DCTERMS.abstract):
        assert set(texts(ontology, ONTOLOGY, predicate)) == LANGUAGES
    wanted = [
        *(DCTERMS.creator, DCTERMS.publisher, DCTERMS.created, DCTERMS.issued, DCTERMS.modified, DCTERMS.license),
        *(DCTERMS.bibliographicCitation, VANN.preferredNamespacePrefix, VANN.preferredNamespaceUri),
        *(OWL.versionIRI, OWL.versionInfo, OWL.priorVersion),
    ]
    for predicate in wanted:
        assert len(list(ontology.objects(ONTOLOGY, predicate))) == 1, predicate
    assert str(ontology.value(ONTOLOGY, VANN.preferredNamespacePrefix)) == "clir"
    assert str(ontology.value(ONTOLOGY, VANN.preferredNamespaceUri)) == CLIR
    version = str(ontology.value(ONTOLOGY, OWL.versionInfo))
    assert ontology.value(ONTOLOGY, OWL.versionIRI) == rdflib.URIRef(f"{ONTOLOGY}/{version}")
    assert version in str(ontology.value(ONTOLOGY, DCTERMS.bibliographicCitation))
    assert str(ontology.value(ONTOLOGY, OWL.priorVersion)).startswith(f"{ONTOLOGY}/")
    assert version != "0.1.0"
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
                assert one in classes or one == RDFS.Literal or str(one).startswith(XSD), one


def test_no_axioms_about_other_vocabularies(ontology: rdflib.Graph) -> None:
    """Terms declared elsewhere are only named: type and rdfs:isDefinedBy."""
    for subject, predicate in ontology.subject_predicates():
        if subject != ONTOLOGY and not str(subject).startswith(CLIR):
            assert predicate in {RDF.type, RDFS.isDefinedBy}, subject


def test_no_blank_nodes(ontology: rdflib.Graph, schemes: rdflib.Graph) -> None:
    """They would make the released N-Quads differ from one run to the next."""
    for graph in (ontology, schemes):
        assert not any(isinstance(term, rdflib.BNode) for triple in graph for term in triple)


def test_declared_terms_are_used(project: Path, ontology: rdflib.Graph) -> None:
    """A term that neither the mapping, the catalogue nor a competency question needs goes; the example uses all."""
    folder = project / "ontology"
    terms = {str(term).removeprefix(CLIR) for term in own(ontology)}
    places = [folder / "mapping.yarrrml", *(folder / "competency").glob("*.rq"), *(project / "src").rglob("*.py")]
    written = "".join(path.read_text(encoding="utf-8") for path in places)
    used = set(re.findall(r"(?:\bclir:|ontology#)(\w+)", written))
    assert terms - used == set()
    if (folder / "example.ttl").exists():
        example = rdflib.Graph().parse(folder / "example.ttl")
        shown = {str(term).removeprefix(CLIR) for triple in example for term in triple}
        assert terms - shown == set()


def test_owl_2_rl(ontology: rdflib.Graph) -> None:
    """Named classes and properties only, and no datatype that OWL 2 RL does not know (xsd:gYear and xsd:date)."""
    known = {"string", "integer", "decimal", "boolean", "dateTime", "anyURI"}
    for term in own(ontology):
        allowed = {*(RDF.type, RDFS.label, RDFS.isDefinedBy, SKOS.definition, SKOS.scopeNote, VS.term_status)}
        allowed |= {RDFS.subClassOf, OWL.disjointWith, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.deprecated}
        allowed.add(rdflib.URIRef("http://purl.org/linked-data/sdmx/2009/attribute#unitMeasure"))  # an annotation
        assert set(ontology.predicates(term)) <= allowed, term
        for one in ontology.objects(term, RDFS.range):
            is_class = (one, RDF.type, OWL.Class) in ontology
            assert str(one).removeprefix(XSD) in known or one == RDFS.Literal or is_class, one
    named = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
    for predicate in set(ontology.predicates()) - {RDF.type}:
        builtin = str(predicate).startswith((str(RDFS), str(OWL)))
        assert builtin or set(ontology.objects(predicate, RDF.type)) & named, f"{predicate} is not declared"


def test_disjoint_classes_have_no_common_subclass(ontology: rdflib.Graph) -> None:
    for one, other in ontology.subject_objects(OWL.disjointWith):
        assert str(one) < str(other), "say it once, of the first in the alphabet"
        assert other not in set(ontology.transitive_objects(one, RDFS.subClassOf))
        assert one not in set(ontology.transitive_objects(other, RDFS.subClassOf))


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
        kept = tops - set(schemes.subjects(OWL.deprecated, rdflib.Literal(True)))
        assert 1 <= len(kept) <= 15, scheme
        assert schemes.value(scheme, DCTERMS.license)


def test_concepts_are_whole(schemes: rdflib.Graph) -> None:
    for concept in schemes.subjects(RDF.type, SKOS.Concept):
        scheme, _, slug = str(concept).rpartition("/")
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug), concept
        assert list(schemes.objects(concept, SKOS.inScheme)) == [rdflib.URIRef(scheme)]
        for predicate in (SKOS.prefLabel, SKOS.definition):
            assert texts(schemes, concept, predicate) == Counter(LANGUAGES), f"{concept} {predicate}"
        sourced = [*schemes.objects(concept, DCTERMS.source), *schemes.objects(concept, SKOS.editorialNote)]
        assert sourced, f"{concept}: no dct:source, nor a skos:editorialNote that says that none is confirmed"
        for predicate in (SKOS.example, SKOS.scopeNote, SKOS.editorialNote):
            assert texts(schemes, concept, predicate) in (Counter(), Counter(LANGUAGES)), f"{concept} {predicate}"
        broader = list(schemes.objects(concept, SKOS.broader))
        assert bool(broader) != bool(list(schemes.objects(concept, SKOS.topConceptOf))), concept
        for one in broader:
            assert (one, SKOS.inScheme, rdflib.URIRef(scheme)) in schemes
        assert concept not in set(schemes.objects(concept, SKOS.broader / SKOS.broader * "+"))


def test_concept_definitions_do_not_go_in_circles(schemes: rdflib.Graph) -> None:
    for concept in schemes.subjects(RDF.type, SKOS.Concept):
        for label in schemes.objects(concept, SKOS.prefLabel):
            for definition in schemes.objects(concept, SKOS.definition):
                if label.language == definition.language:
                    whole = rf"\b{re.escape(str(label))}\b"
                    assert not re.search(whole, str(definition), re.IGNORECASE), f"{concept}: {definition}"


def test_links_between_concepts_end_at_a_concept(schemes: rdflib.Graph) -> None:
    concepts = set(schemes.subjects(RDF.type, SKOS.Concept))
    for predicate in (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch):
        for subject, target in schemes.subject_objects(predicate):
            assert subject != target
            assert target in concepts or not str(target).startswith(BASE), f"{subject}: {target}"
    for collection, member in schemes.subject_objects(SKOS.member):
        assert member in concepts, collection


def test_practice_fields_lie_between_case_and_domain(schemes: rdflib.Graph) -> None:
    """Each is narrower than a domain of activity, and is one of neither the kinds of initiative nor the domains."""
    domains = f"{BASE}concept/activity-domain/"
    for field in schemes.subjects(SKOS.inScheme, rdflib.URIRef(f"{BASE}concept/practice-field")):
        wider = list(schemes.objects(field, SKOS.broadMatch))
        assert wider, field
        assert all(str(one).startswith(domains) for one in wider), field


def test_levels_of_evidence_are_in_order(schemes: rdflib.Graph) -> None:
    levels = {
        str(schemes.value(level, SKOS.notation)): str(level).rpartition("/")[2]
        for level in schemes.subjects(SKOS.inScheme, rdflib.URIRef(f"{BASE}concept/evidence-level"))
    }
    assert [levels[str(number)] for number in range(6)] == [
        *("claimed", "counted", "compared", "controlled", "independent", "replicated"),
    ]


def test_phases_are_in_order(schemes: rdflib.Graph) -> None:
    """The list has names for its cells, since a blank node would make releases differ."""
    phase = f"{BASE}concept/phase"
    first = schemes.value(rdflib.URIRef(f"{phase}/in-order"), SKOS.memberList)
    assert first is not None
    ordered = list(schemes.items(first))
    assert [str(one).rpartition("/")[2] for one in ordered[:3]] == ["observation", "impulse", "dialogue"]
    assert set(ordered) == set(schemes.subjects(SKOS.inScheme, rdflib.URIRef(phase)))


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


# What is written where: terms of declared vocabularies only, in one order.

LINKS = {SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch, RDFS.seeAlso}


@pytest.fixture(scope="module")
def declared(project: Path, ontology: rdflib.Graph) -> dict[str, set[str]]:
    """Names that may be written, by namespace."""
    yaml = YAML(typ="safe", pure=True)
    entries = yaml.load((project / "ontology" / "vocabularies.yaml").read_text(encoding="utf-8")).values()
    lists = ("classes", "properties", "also", "never")
    found = {one["namespace"]: {name for key in lists for name in one.get(key, [])} for one in entries}
    found[CLIR] = {str(term).removeprefix(CLIR) for term in own(ontology)}
    return found


def unknown(iris: set[str], declared: dict[str, set[str]], schemes: rdflib.Graph) -> list[str]:
    """IRIs in a declared namespace that are not declared there, and concepts that do not exist."""
    found = []
    for iri in iris:
        namespace = max((one for one in declared if iri.startswith(one)), key=len, default=None)
        if namespace and iri != namespace and iri.removeprefix(namespace) not in declared[namespace]:
            found.append(iri)
        concept = iri.startswith(f"{BASE}concept/") and not iri.endswith("/")
        if concept and (rdflib.URIRef(iri), None, None) not in schemes:
            found.append(iri)
    return sorted(found)


def test_turtle_has_no_undeclared_term(project: Path, declared: dict[str, set[str]], schemes: rdflib.Graph) -> None:
    paths = sorted(
        [*(project / "ontology").rglob("*.ttl"), *(project / "shapes").glob("*.ttl")]
    )  # not those of DCAT-AP
    for path in paths:
        graph = rdflib.Graph().parse(path)
        iris: set[str] = set()
        for subject, predicate, target in graph:
            assert any(str(predicate).startswith(one) for one in declared), f"{path}: {predicate}"
            iris |= {str(one) for one in (subject, predicate) if isinstance(one, rdflib.URIRef)}
            if isinstance(target, rdflib.Literal):
                iris |= {str(target.datatype)} if target.datatype else set()
            elif isinstance(target, rdflib.URIRef) and predicate not in LINKS:
                iris.add(str(target))
        assert unknown(iris, declared, schemes) == [], path


def test_queries_and_mapping_have_no_undeclared_term(
    project: Path, declared: dict[str, set[str]], schemes: rdflib.Graph
) -> None:
    folders = (project / "ontology", project / "shapes", project / "queries")
    paths = sorted(path for folder in folders for path in folder.rglob("*.rq"))
    assert paths
    for path in [*paths, project / "ontology" / "mapping.yarrrml"]:
        text = re.sub(r"(?m)(^|\s)#.*$", "", path.read_text(encoding="utf-8"))
        prefixes = dict(re.findall(r"(?i)PREFIX\s+([\w-]*):\s*<([^>]*)>", text))
        prefixes |= dict(re.findall(r"(?m)^  ([\w-]+): (http\S+)$", text))
        text = re.sub(r"(?i)PREFIX\s+\S+\s*<[^>]*>", "", text)
        iris = set(re.findall(r"<(https?://[^>\s]*)>", text))
        text = re.sub(r'<[^>\s]*>|"(?:\\.|[^"\\])*"', " ", text)
        for prefix, local in re.findall(r"(?<![\w:?$-])([A-Za-z][\w-]*):([A-Za-z][\w-]*)(?![\w/$(-])", text):
            if prefix in prefixes:
                iris.add(prefixes[prefix] + local)
        assert unknown(iris, declared, schemes) == [], path


ORDER = [
    *("rdf:type", "rdfs:subClassOf", "owl:disjointWith", "rdfs:subPropertyOf", "rdfs:domain", "rdfs:range"),
    *("skos:inScheme", "skos:topConceptOf", "skos:broader", "skos:notation", "rdfs:label", "skos:prefLabel"),
    *(
        "skos:altLabel",
        "skos:hiddenLabel",
        "skos:definition",
        "skos:scopeNote",
        "schema:endDate",
        "skos:example",
        "skos:editorialNote",
    ),
    *("skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:narrowMatch", "skos:relatedMatch"),
    *("skos:member", "skos:memberList", "rdf:first", "rdf:rest", "dct:title", "dct:description", "dct:abstract"),
    *("dct:creator", "dct:publisher", "dct:created", "dct:issued", "dct:modified", "dct:language", "dct:license"),
    *("dct:source", "dct:isReplacedBy", "owl:deprecated", "dct:bibliographicCitation", "void:subjectsTarget"),
    "void:objectsTarget",
    *("skos:hasTopConcept", "rdfs:seeAlso", "vann:preferredNamespacePrefix", "vann:preferredNamespaceUri"),
    *("voaf:reliesOn", "voaf:specializes", "bibo:status", "owl:backwardCompatibleWith", "owl:priorVersion"),
    *("owl:versionIRI", "owl:versionInfo", "vs:term_status", "sdmx-attribute:unitMeasure", "rdfs:isDefinedBy"),
]
"""Predicates, in the order in which a subject has them."""


def test_a_word_names_one_need(schemes: rdflib.Graph) -> None:
    """Whoever asks for a need in a word of every day gets one, and each need has such words but some narrow ones."""
    named: dict[str, set[str]] = {}
    for need in schemes.subjects(SKOS.inScheme, rdflib.URIRef("https://w3id.org/clirld/concept/need")):
        for label in (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel):
            for text in schemes.objects(need, label):
                named.setdefault(folded(str(text)), set()).add(str(need).rpartition("/")[2])
    assert [word for word, needs in named.items() if len(needs) > 1] == []
    everyday = {
        "mobilité rurale": "mobility",
        "commerces vacants": "vacant-building",
        "centre-bourg vacant": "vacant-building",
        "dernier commerce": "local-services",
        "rural mobility": "mobility",
        "empty shops": "vacant-building",
    }
    assert {word: named[folded(word)] for word in everyday} == {word: {need} for word, need in everyday.items()}


def test_files_are_in_canonical_order(project: Path) -> None:
    """So that differences between versions are small: one order of prefixes, predicates and languages."""
    folder = project / "ontology"
    paths = [folder / "clirld.ttl", *(folder / "schemes").glob("*.ttl"), *(folder / "alignments").glob("*.ttl")]
    for path in sorted(paths):
        text = path.read_text(encoding="utf-8")
        prefixes = re.findall(r"(?m)^@prefix ([\w-]+): ", text)
        assert prefixes == sorted(prefixes), path
        body = re.sub(r'"(?:\\.|[^"\\])*"', '""', re.sub(r"(?m)^(@prefix|#).*\n", "", text))
        assert set(prefixes) == set(re.findall(r"(?<![\w:<])([\w-]+):[A-Za-z]", re.sub(r"<[^>]*>", "", body))), path
        for block in re.split(r"\n{2,}", body.strip()):
            lines = [line.strip() for line in block.split("\n")]
            written = [line.split(" ")[1] if n == 0 else line.split(" ")[0] for n, line in enumerate(lines)]
            if all(line.endswith(" .") for line in lines):
                assert lines == sorted(lines), path  # terms declared elsewhere, one a line
                continue
            order = [ORDER.index("rdf:type" if one == "a" else one) for one in written]
            assert order == sorted(order), f"{path}: {lines[0]}"
            for line in lines:
                languages = re.findall(r'""@(\w+)', line)
                assert languages == sorted(languages), f"{path}: {lines[0]} {line[:40]}"


def test_terms_and_concepts_are_in_canonical_order(project: Path, schemes: rdflib.Graph) -> None:
    """Classes, then properties, by the alphabet; concepts below their broader one, tops as the scheme lists them."""
    text = (project / "ontology" / "clirld.ttl").read_text(encoding="utf-8")
    for kind in ("Class", r"(?:Object|Datatype)Property"):
        names = re.findall(rf"(?m)^clir:(\w+) a owl:{kind}", text)
        assert names == sorted(names)
    for path in sorted((project / "ontology" / "schemes").glob("*.ttl")):
        text = path.read_text(encoding="utf-8")
        written = re.findall(r"(?m)^<([^>]+)> a skos:Concept\b", text)
        listed = re.search(r"skos:hasTopConcept (.*) ;", text)
        assert listed
        tops = re.findall(r"<([^>]+)>", listed[1])
        assert [one for one in written if one in tops] == tops, path
        for place, one in enumerate(written):
            for broader in schemes.objects(rdflib.URIRef(one), SKOS.broader):
                assert str(broader) in written[:place], one
