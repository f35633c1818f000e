"""The level of completeness of each initiative: the queries agree with the SHACL of the tiers, and with a reader."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from clirld.errors import ShapesError
from clirld.release.changes.difference import differences
from clirld.release.completeness import COMPLETENESS, DERIVED_GRAPH, TIERS, Told, completeness
from clirld.settings import Settings
from clirld.validate import rust_engine
from clirld.validate.shacl import turtle_triples
from tests.validate.engines import nquads

CLIR = rdflib.Namespace("https://w3id.org/clirld/ontology#")
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
ID = "https://w3id.org/clirld/id/initiative/"
PREFIXES = """
@prefix clir: <https://w3id.org/clirld/ontology#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix x: <https://w3id.org/clirld/id/initiative/> .
@prefix : <https://example.org/> .
"""
FOUND = 'rdfs:label "x"@fr ; clir:initiativeKind :kind ; clir:actsIn :place'
# initiative → its statements, and its level
MADE = {
    "nothing": ("", None),
    "no-text": (FOUND, None),
    "no-place": (f"{FOUND} ; dct:description 'x'@fr".replace("clir:actsIn", "clir:status"), None),
    "described": (f"{FOUND} ; dct:description 'x'@fr", "findable"),
    "homepage": (f"{FOUND} ; foaf:homepage :home".replace("clir:actsIn", "geo:hasGeometry"), "findable"),
    "page": (f"{FOUND} ; prov:wasDerivedFrom :record".replace("clir:actsIn", "clir:seatedIn"), "findable"),
    "together": (f"{FOUND} ; foaf:homepage :home . :p1 org:organization x:together", "cooperation"),
    "hidden": (f"{FOUND} . :p2 org:organization x:hidden", None),
    "learnt": (
        f"{FOUND} ; foaf:homepage :home . :p3 org:organization x:learnt . :l clir:about x:learnt",
        "capitalised",
    ),
    "process": (
        f"{FOUND} ; foaf:homepage :home . :p4 org:organization x:process . :w clir:capitalisedFrom x:process",
        "capitalised",
    ),
    "alone": (f"{FOUND} ; foaf:homepage :home . :o clir:metBy x:alone", "findable"),
}
INVENTED = (
    PREFIXES
    + ":record dct:source :page ."
    + "".join(f"x:{name} a clir:Initiative . x:{name} {text} .\n" for name, (text, _) in MADE.items() if text)
    + "x:nothing a clir:Initiative ."
)


def queried(turtle: str, tiers: Path) -> dict[str, str]:
    """Initiative → level, by the queries."""
    store = ox.Store()
    store.load(turtle, format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("https://example.org/graph"))
    found = {}
    for quad in ox.parse("\n".join(completeness(store, tiers)), format=ox.RdfFormat.N_QUADS):
        assert (quad.predicate.value, quad.graph_name) == (COMPLETENESS, ox.NamedNode(DERIVED_GRAPH))
        assert isinstance(quad.subject, ox.NamedNode)
        assert isinstance(quad.object, ox.NamedNode)
        found[quad.subject.value.removeprefix(ID)] = quad.object.value.rpartition("/")[2]
    return found


def validated(turtle: str, tiers: Path) -> dict[str, str]:
    """Initiative → level, by the shapes."""
    triples = list(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    reached = {one.subject.value for one in triples if one.object == ox.NamedNode(CLIR.Initiative)}
    found: dict[str, str] = {}
    for tier in TIERS:
        results = rust_engine.results(turtle_triples(tiers / f"{tier}.ttl"), nquads(triples))
        reached -= {one.focus for one in results}
        found |= {one.removeprefix(ID): tier for one in reached}
    return found


@pytest.fixture(scope="module")
def tiers(project: Path) -> Path:
    return project / "shapes" / "tiers"


def test_levels_of_invented_initiatives(tiers: Path) -> None:
    wanted = {name: level for name, (_, level) in MADE.items() if level}
    assert queried(INVENTED, tiers) == wanted
    assert validated(INVENTED, tiers) == wanted


def test_levels_of_the_example(tiers: Path, project: Path) -> None:
    """The café has neither text nor page; the wool cluster has a coordinator, and nothing learnt."""
    example = (project / "ontology" / "example.ttl").read_text(encoding="utf-8")
    wanted = {
        "cas-orme": "capitalised",
        "cas-bruyere": "capitalised",
        "cas-tannerie": "capitalised",
        "registre-1": "cooperation",
    }
    assert queried(example, tiers) == wanted
    assert validated(example, tiers) == wanted
    stated = rdflib.Graph().parse(data=example).subject_objects(CLIR.completeness)
    assert {str(one).removeprefix(ID): str(level).rpartition("/")[2] for one, level in stated} == wanted


def test_lines_are_sorted(tiers: Path) -> None:
    store = ox.Store()
    store.load(INVENTED, format=ox.RdfFormat.TURTLE)
    lines = list(completeness(store, tiers))
    assert lines == sorted(lines)


@pytest.mark.parametrize("text", [None, "ASK {}", "SELECT ?x { ?x ?y ?z }", "SELECT {"])
def test_a_broken_tier_is_named(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "findable.rq").write_text(text, encoding="utf-8")
    store = ox.Store()
    store.load(INVENTED, format=ox.RdfFormat.TURTLE)
    with pytest.raises(ShapesError) as caught:
        list(completeness(store, tmp_path))
    assert "findable.rq" in caught.value.where


def test_tiers_are_documented(tiers: Path) -> None:
    assert sorted(path.stem for path in tiers.glob("*.ttl")) == sorted(TIERS)
    for path in tiers.glob("*.ttl"):
        graph = rdflib.Graph().parse(path)
        for shape in graph.subjects(rdflib.RDF.type, SH.PropertyShape):
            assert graph.value(shape, SH.severity) == SH.Info
            for part in (SH.name, SH.description, SH.message):
                languages = {one.language for one in graph.objects(shape, part) if isinstance(one, rdflib.Literal)}
                assert languages == {"fr", "en"}


PREDICATES = (
    "rdfs:label", "clir:initiativeKind", "clir:seatedIn", "foaf:homepage", "prov:wasDerivedFrom", "dct:source",
    "org:organization", "clir:about", "a",
)  # fmt: skip
ENOUGH = "rdfs:label 'x' ; clir:initiativeKind :kind ; clir:seatedIn :place"


@st.composite
def graphs(draw: st.DrawFn) -> set[str]:
    """Statements about two initiatives and what they lead to, some of them mostly told."""
    names = st.sampled_from(["x:a", "x:b", ":r", ":s"])
    links = st.tuples(names, st.sampled_from(PREDICATES), names)
    said = {f"{s} {p} {'clir:Initiative' if p == 'a' else o} ." for s, p, o in draw(st.sets(links, max_size=6))}
    told = draw(st.sets(st.sampled_from(["x:a", "x:b"])))
    return said | {f"{one} a clir:Initiative ; {ENOUGH} ." for one in told}


def sorted_quads(turtle: str) -> list[bytes]:
    graph = ox.NamedNode("https://example.org/graph")
    quads = {ox.Quad(one.subject, one.predicate, one.object, graph) for one in ox.parse(turtle, ox.RdfFormat.TURTLE)}
    return sorted(f"{quad} .\n".encode() for quad in quads)


@settings(max_examples=150)
@given(graphs(), graphs())
def test_levels_after_a_change_are_those_of_the_whole(first: set[str], second: set[str]) -> None:
    tiers = Settings.from_environment({}).shapes / "tiers"
    before, after = (PREFIXES + "".join(sorted(one)) for one in (first, second))
    levels = {f"{ID}{name}": level for name, level in queried(before, tiers).items()}
    # As many others keep theirs: of few, all would be looked at.
    others = {f"https://example.org/{n}": "findable" for n in range(40)}
    changed = list(differences(sorted_quads(before), sorted_quads(after)))
    store = ox.Store()
    store.load(after, format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("https://example.org/graph"))
    found = completeness(store, tiers, Told(levels | others, changed))
    assert [one for one in found if ID in one] == list(completeness(store, tiers))
