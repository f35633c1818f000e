"""Links to other vocabularies, exports to them, and the JSON-LD context: what a stranger to the project uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS
from ruamel.yaml import YAML

BASE = "https://w3id.org/clirld/"
CLIR = rdflib.Namespace(f"{BASE}ontology#")
SCHEMA = rdflib.Namespace("http://schema.org/")
PAIR = rdflib.Namespace("http://virtual-assembly.org/ontologies/pair#")
XSD = "http://www.w3.org/2001/XMLSchema#"
IGEO = "http://rdf.insee.fr/def/geo#"
NAMESPACES = {
    "cids": ("https://ontology.commonapproach.org/cids#",),
    "ep-plan": ("https://w3id.org/ep-plan#", "http://purl.org/net/p-plan#"),
    "essglobal": ("http://purl.org/essglobal/vocab/",),
    "insee-igeo": (IGEO,),
    "pair": (str(PAIR),),
    "schema-org": (str(SCHEMA),),
    "semic": (
        *("http://data.europa.eu/m8g/", "http://www.w3.org/ns/legal#", "http://www.w3.org/ns/regorg#"),
        *("http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"),
    ),
}
LINKS = {SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch, RDFS.seeAlso}


def alignment(project: Path, name: str) -> rdflib.Graph:
    return rdflib.Graph().parse(project / "ontology" / "alignments" / f"{name}.ttl")


def test_every_alignment_is_tested(project: Path) -> None:
    assert {path.stem for path in (project / "ontology" / "alignments").glob("*.ttl")} == set(NAMESPACES)


@pytest.mark.parametrize("name", sorted(NAMESPACES))
def test_an_alignment_links_our_terms_to_theirs_and_copies_nothing(project: Path, name: str) -> None:
    graph = alignment(project, name)
    header = rdflib.URIRef(f"{BASE}alignment/{name}")
    for predicate in (DCTERMS.title, DCTERMS.description):
        assert {text.language for text in graph.objects(header, predicate)} == {"fr", "en"}
    assert graph.value(header, DCTERMS.license)
    assert not list(graph.objects(None, OWL.imports))
    ours = rdflib.Graph().parse(project / "ontology" / "clirld.ttl")
    for path in (project / "ontology" / "schemes").glob("*.ttl"):
        ours.parse(path)
    links = [triple for triple in graph if triple[0] != header]
    assert links
    for subject, predicate, target in links:
        assert (subject, RDF.type, None) in ours, subject
        assert predicate in LINKS, predicate
        assert str(target).startswith(NAMESPACES[name]), target


def test_terms_under_a_licence_of_their_own_are_only_pointed_at(project: Path) -> None:
    """P-Plan's licence is non-commercial: nothing says that a term of ours is one of its own."""
    for predicate, target in alignment(project, "ep-plan").predicate_objects():
        if str(target).startswith("http://purl.org/net/p-plan#"):
            assert predicate == RDFS.seeAlso


@pytest.mark.real
def test_the_classes_of_insee_exist(project: Path, shared: Path) -> None:
    theirs = rdflib.Graph().parse(shared / "registries" / "insee_ontology" / "insee-geo.ttl")
    yaml = YAML(typ="safe", pure=True)
    entry = yaml.load((project / "ontology" / "vocabularies.yaml").read_text(encoding="utf-8"))["igeo"]
    named = {rdflib.URIRef(IGEO + name) for name in (*entry["classes"], *entry["properties"])}
    named |= {target for target in alignment(project, "insee-igeo").objects() if str(target).startswith(IGEO)}
    assert [term for term in named if (term, RDF.type, None) not in theirs] == []


# Exports

DATA = """
PREFIX clir: <https://w3id.org/clirld/ontology#>
PREFIX concept: <https://w3id.org/clirld/concept/>
PREFIX cv: <http://data.europa.eu/m8g/>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX id: <https://w3id.org/clirld/id/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

GRAPH <https://w3id.org/clirld/graph/ptce> {
  <https://w3id.org/clirld/id/initiative/p> a clir:Initiative ; rdfs:label "Pôle des Rives"@fr ;
    dct:description "Un pôle."@fr ; foaf:homepage <https://example.org/> ;
    clir:initiativeKind <https://w3id.org/clirld/concept/initiative-kind/ptce> ;
    clir:activityDomain <https://w3id.org/clirld/concept/activity-domain/mobility> ;
    clir:status <https://w3id.org/clirld/concept/status/active> ;
    clir:startYear "2014"^^xsd:gYear ; clir:actsIn <https://w3id.org/clirld/id/territory/commune-01001> ;
    clir:inspiredBy <https://w3id.org/clirld/id/initiative/q> .
  <https://w3id.org/clirld/id/initiative/q> a clir:Initiative ; rdfs:label "Pôle sans rien"@fr .
  <https://w3id.org/clirld/id/participation/a> a clir:Participation ; clir:startYear "2015"^^xsd:gYear ;
    org:organization <https://w3id.org/clirld/id/initiative/p> ;
    org:member <https://w3id.org/clirld/id/organization/siren-210100012> ;
    org:role <https://w3id.org/clirld/concept/public-actor-role/enabler> .
  <https://w3id.org/clirld/id/participation/b> a clir:Participation ;
    org:organization <https://w3id.org/clirld/id/initiative/p> ;
    org:member <https://w3id.org/clirld/id/organization/o> ;
    org:role <https://w3id.org/clirld/concept/participation-role/carrier> .
  <https://w3id.org/clirld/id/organization/siren-210100012> a org:FormalOrganization, cv:PublicOrganisation ;
    rdfs:label "Commune d'Exemple"@fr ; clir:siren "210100012" .
  <https://w3id.org/clirld/id/organization/o> a org:FormalOrganization ; rdfs:label "Association des Rives"@fr .
}
GRAPH <https://w3id.org/clirld/graph/territories> {
  <https://w3id.org/clirld/id/territory/commune-01001> a clir:Territory ; rdfs:label "L'Exemple"@fr .
}
"""


def iri(path: str) -> rdflib.URIRef:
    return rdflib.URIRef(f"{BASE}{path}")


@pytest.fixture(scope="module")
def store(project: Path) -> ox.Store:
    """A few quads shaped by the mapping, and the schemes."""
    store = ox.Store()
    store.load(input=DATA.encode(), format=ox.RdfFormat.TRIG)
    for path in (project / "ontology" / "schemes").glob("*.ttl"):
        store.load(path=str(path), format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(f"{BASE}graph/concepts"))
    return store


def export(project: Path, store: ox.Store, name: str) -> rdflib.Graph:
    """What an export makes of the store, by pyoxigraph; rdflib parses the query too, and makes the same of it."""
    query = (project / "ontology" / "exports" / f"{name}.rq").read_text(encoding="utf-8")
    made = store.query(query, use_default_graph_as_union=True)
    assert isinstance(made, ox.QueryTriples)
    found = rdflib.Graph().parse(data=ox.serialize(made, format=ox.RdfFormat.N_TRIPLES), format="nt")
    flat = rdflib.Graph()
    lines = ox.serialize((quad.triple for quad in store), format=ox.RdfFormat.N_TRIPLES)
    flat.parse(data=lines, format="nt")
    assert set(found) == set(flat.query(query))
    return found


def test_export_to_schema_org(project: Path, store: ox.Store) -> None:
    found = export(project, store, "schema-org")
    pole, town = iri("id/initiative/p"), iri("id/organization/siren-210100012")
    first, second = iri("id/participation/a"), iri("id/participation/b")
    assert set(found.subjects(RDF.type, SCHEMA.Project)) == {pole, iri("id/initiative/q")}
    assert set(found.objects(pole, SCHEMA.member)) == {first, second}
    assert found.value(first, RDF.type) == SCHEMA.OrganizationRole
    assert found.value(first, SCHEMA.member) == town
    assert found.value(town, RDF.type) == SCHEMA.GovernmentOrganization
    assert found.value(iri("id/organization/o"), RDF.type) == SCHEMA.Organization
    assert set(found.objects(first, SCHEMA.roleName)) == {
        rdflib.Literal("facilitateur", lang="fr"),
        rdflib.Literal("facilitator", lang="en"),
    }
    assert found.value(pole, SCHEMA.areaServed) == iri("id/territory/commune-01001")
    assert str(found.value(pole, SCHEMA.foundingDate)) == "2014"
    assert str(found.value(town, SCHEMA.identifier)) == "210100012"


def test_export_to_pair(project: Path, store: ox.Store) -> None:
    found = export(project, store, "pair")
    pole, role = iri("id/initiative/p"), iri("concept/public-actor-role/enabler")
    (town,) = found.objects(iri("id/participation/a"), PAIR.involvementActor)
    assert set(found.objects(pole, PAIR.involves)) == {town, iri("id/organization/o")}
    assert found.value(iri("id/participation/a"), PAIR.involvementActivity) == pole
    assert found.value(iri("id/participation/a"), PAIR.involvementRole) == role
    assert found.value(role, PAIR.label) == rdflib.Literal("facilitateur")
    assert found.value(pole, PAIR.label) == rdflib.Literal("Pôle des Rives")
    assert found.value(pole, PAIR.inspiredBy) == iri("id/initiative/q")
    assert found.value(found.value(pole, PAIR.hasStatus), PAIR.label) == rdflib.Literal("en activité")
    assert all(one.language is None for one in found.objects() if isinstance(one, rdflib.Literal))


# The JSON-LD context


@pytest.fixture(scope="module")
def context(project: Path) -> dict[str, Any]:
    text = (project / "ontology" / "context.jsonld").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)["@context"]
    return found


def test_the_context_says_of_each_property_what_mapping_and_ontology_say(
    project: Path, context: dict[str, Any]
) -> None:
    def full(curie: str) -> str:
        prefix, _, local = curie.partition(":")
        return f"{context[prefix]}{local}"

    entries = {name: one if isinstance(one, dict) else {"@id": one} for name, one in context.items() if name[0] != "@"}
    names = {full(one["@id"]): name for name, one in entries.items() if one["@id"].partition(":")[0] in context}
    ontology = rdflib.Graph().parse(project / "ontology" / "clirld.ttl")
    for kind in (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty):
        for term in ontology.subjects(RDF.type, kind):
            if str(term).startswith(str(CLIR)):
                name = names[str(term)]
                assert name == str(term).removeprefix(str(CLIR))
                assert (entries[name].get("@type") == "@id") == (kind == OWL.ObjectProperty), name
                if (wanted := ontology.value(term, RDFS.range)) and str(wanted).startswith(XSD):
                    assert full(entries[name].get("@type", "xsd:string")) == str(wanted)
    yaml = YAML(typ="safe", pure=True)
    mapping = yaml.load((project / "ontology" / "mapping.yarrrml").read_text(encoding="utf-8"))
    for one in mapping["mappings"].values():
        for predicate, target, *qualifier in one["po"]:
            if predicate == "a":
                assert "$(" in target or full(target) in names
                continue
            entry = entries[names[full(predicate)]]
            if predicate == "rdf:object":  # a value of any kind
                assert list(entry) == ["@id"]
                continue
            lang = bool(qualifier) and qualifier[0].endswith("~lang")
            assert ("@language" in entry.get("@container", ())) == lang, predicate
            if not lang:
                kind = "@id" if target.endswith("~iri") else qualifier[0] if qualifier else None
                assert entry.get("@type") == kind, predicate


def test_what_is_written_with_the_context_is_read_back(project: Path, context: dict[str, Any]) -> None:
    graph = rdflib.Graph()
    for name in ("ptce", "territories"):
        graph.parse(project / "pipelines" / "sources" / name / "expected.ttl")
    text = graph.serialize(format="json-ld", context=context, auto_compact=True)
    written = json.loads(text)["@graph"]
    initiative = next(one for one in written if one["type"] == "Initiative" and "label" in one)
    assert set(initiative["label"]) <= {"fr", "en"}
    assert isinstance(initiative["initiativeKind"], str)
    read = ox.serialize(
        (quad.triple for quad in ox.parse(input=text.encode(), format=ox.RdfFormat.JSON_LD)),
        format=ox.RdfFormat.N_TRIPLES,
    )
    assert set(rdflib.Graph().parse(data=read, format="nt")) == set(graph)


def test_a_lesson_by_hand(context: dict[str, Any]) -> None:
    lesson = {
        "@context": context,
        "id": f"{BASE}id/lesson/x",
        "type": "Lesson",
        "label": {"fr": "Se réunir avant de bâtir."},
        "onPhase": "concept:phase/dialogue",
        "about": [f"{BASE}id/initiative/p"],
        "source": "https://example.org/",
    }
    store = ox.Store()
    store.load(input=json.dumps(lesson).encode(), format=ox.RdfFormat.JSON_LD)
    subject = ox.NamedNode(f"{BASE}id/lesson/x")
    phase = ox.NamedNode(f"{BASE}concept/phase/dialogue")
    assert ox.Quad(subject, ox.NamedNode(str(CLIR.onPhase)), phase) in store
    label = ox.Literal("Se réunir avant de bâtir.", language="fr")
    assert ox.Quad(subject, ox.NamedNode(str(RDFS.label)), label) in store
    assert len(store) == 5
