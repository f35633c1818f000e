"""Migrations: data of the release before, brought up to date, answers what it answered before."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import DCTERMS, OWL, RDF, SKOS

from clirld.query.files.examples import Example, load
from tests.conftest import PROJECT
from tests.ontology.test_competency import rows

FOLDER = PROJECT / "ontology"
BEFORE = Path(__file__).parent / "data" / "1.1.0"
"""The example of 1.1.0, and the answers that it had."""

MIGRATION = (FOLDER / "migrations" / "1.1.0-2.0.0.rq").read_text(encoding="utf-8")
ANSWERED = sorted(path.stem for path in BEFORE.glob("CQ*.csv"))
QUESTIONS = {question.name: question for question in load(FOLDER / "competency")}
GRAPH = ox.NamedNode("https://w3id.org/clirld/graph/cas")
SCHEMES = [FOLDER / "clirld.ttl", *sorted((FOLDER / "schemes").glob("*.ttl"))]


def loaded(graph: ox.NamedNode | ox.DefaultGraph) -> ox.Store:
    """The example of before in a graph, with the ontology and schemes of today."""
    store = ox.Store()
    store.load(path=str(BEFORE / "example.ttl"), format=ox.RdfFormat.TURTLE, to_graph=graph)
    for path in SCHEMES:
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module", params=[GRAPH, ox.DefaultGraph()], ids=["named", "default"])
def migrated(request: pytest.FixtureRequest) -> ox.Store:
    store = loaded(request.param)
    store.update(MIGRATION)
    return store


def answer(store: ox.Store, question: Example) -> list[list[str]]:
    found = store.query(question.text, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return rows((found.serialize(format=ox.QueryResultsFormat.CSV) or b"").decode())


@pytest.mark.parametrize("name", ANSWERED)
def test_questions_of_before_are_answered_alike(name: str, migrated: ox.Store) -> None:
    assert answer(migrated, QUESTIONS[name]) == rows((BEFORE / f"{name}.csv").read_text(encoding="utf-8"))


def test_without_it_something_is_answered_otherwise() -> None:
    store = loaded(GRAPH)
    changed = [
        name
        for name in ANSWERED
        if answer(store, QUESTIONS[name]) != rows((BEFORE / f"{name}.csv").read_text(encoding="utf-8"))
    ]
    assert "CQ06" in changed


def test_it_can_be_run_twice(migrated: ox.Store) -> None:
    once = migrated.dump(format=ox.RdfFormat.N_QUADS)
    migrated.update(MIGRATION)
    assert migrated.dump(format=ox.RdfFormat.N_QUADS) == once


def test_it_touches_nothing_else() -> None:
    before, store = {str(quad) for quad in loaded(GRAPH)}, loaded(GRAPH)
    store.update(MIGRATION)
    changed = before ^ {str(quad) for quad in store}
    assert changed
    assert all("/concept/public-actor-role/" in quad for quad in changed)


def test_every_step_of_the_version_has_a_migration() -> None:
    ontology = rdflib.Graph().parse(FOLDER / "clirld.ttl")
    header = rdflib.URIRef("https://w3id.org/clirld/ontology")
    version = str(ontology.value(header, OWL.versionInfo))
    prior = str(ontology.value(header, OWL.priorVersion)).rpartition("/")[2]
    if version.partition(".")[0] != prior.partition(".")[0]:
        assert (FOLDER / "migrations" / f"{prior}-{version}.rq").is_file()


def test_what_is_given_up_has_a_successor_and_is_migrated() -> None:
    """A deprecated concept stays, says what replaces it, and the migration moves what used it."""
    schemes = rdflib.Graph()
    for path in SCHEMES[1:]:
        schemes.parse(path)
    deprecated = set(schemes.subjects(OWL.deprecated, rdflib.Literal(True)))
    assert deprecated
    moved = dict(re.findall(r"\(publicrole:(\S+) publicrole:(\S+)\)", MIGRATION))
    for concept in deprecated:
        successor = schemes.value(concept, DCTERMS.isReplacedBy)
        assert (successor, RDF.type, SKOS.Concept) in schemes, concept
        assert successor not in deprecated, concept
        assert moved[str(concept).rpartition("/")[2]] == str(successor).rpartition("/")[2]
