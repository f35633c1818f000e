"""The competency questions: each is asked of the example and has its stored answer, in two engines; no term is idle.

`ontology/competency/CQnn.rq` is asked of `ontology/example.ttl`, the ontology and its schemes, all in one graph;
`CQnn.csv` is what a reader of the example finds.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from clirld.query.files.examples import Example, load
from clirld.validate import engine, shacl
from clirld.validate.shacl import Shapes
from clirld.vocabulary.terms import Vocabulary
from tests.conftest import PROJECT

FOLDER = PROJECT / "ontology"
QUESTIONS = load(FOLDER / "competency")
NAMES = [question.name for question in QUESTIONS]
PERSONAS = {"agent", "researcher", "third-party", "operator"}
ELSEWHERE = {"geof:": "rdflib has no GeoSPARQL functions"}


def files() -> list[Path]:
    return [FOLDER / "example.ttl", FOLDER / "clirld.ttl", *sorted((FOLDER / "schemes").glob("*.ttl"))]


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    for path in files():
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def graph() -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in files():
        graph.parse(path)
    return graph


def rows(text: str) -> list[list[str]]:
    return [[plain(cell) for cell in row] for row in csv.reader(io.StringIO(text))]


def plain(cell: str) -> str:
    """Engines write the same number and time in different ways: 2.0 and 2, Z and +00:00."""
    try:
        return str(Decimal(cell).normalize())
    except InvalidOperation:
        return re.sub(r"(T\d\d:\d\d:\d\d)\+00:00$", r"\1Z", cell)


def stored(name: str) -> list[list[str]]:
    return rows((FOLDER / "competency" / f"{name}.csv").read_text(encoding="utf-8"))


def header(name: str) -> dict[str, str]:
    text = (FOLDER / "competency" / f"{name}.rq").read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^# ([\w-]+): (.+)$", text))


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_answer_is_the_stored_one(question: Example, store: ox.Store) -> None:
    found = store.query(question.text)
    assert isinstance(found, ox.QuerySolutions)
    answer = (found.serialize(format=ox.QueryResultsFormat.CSV) or b"").decode()
    assert rows(answer) == stored(question.name)


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_answer_is_the_same_in_rdflib(question: Example, graph: rdflib.Graph) -> None:
    for word, reason in ELSEWHERE.items():
        if word in question.text:
            pytest.skip(reason)
    answer = graph.query(question.text).serialize(format="csv")
    assert answer is not None
    assert rows(answer.decode()) == stored(question.name)


@pytest.mark.parametrize("name", NAMES)
def test_answer_is_not_empty(name: str) -> None:
    answer = stored(name)
    assert len(answer) > 1
    assert [column for number, column in enumerate(answer[0]) if not any(row[number] for row in answer[1:])] == []


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_answer_does_not_depend_on_the_engine(question: Example) -> None:
    """Rows come once and in an order of their own, and lines of other languages do not double them."""
    assert "ORDER BY" in question.text
    assert "DISTINCT" in question.text or "GROUP BY" in question.text or has_one_row_each(question.name)


def has_one_row_each(name: str) -> bool:
    answer = [tuple(row) for row in stored(name)]
    return len(set(answer)) == len(answer)


def test_questions_are_numbered() -> None:
    assert [f"CQ{number:02}" for number in range(1, len(NAMES) + 1)] == NAMES
    assert len(NAMES) >= 32
    assert sorted(path.stem for path in (FOLDER / "competency").glob("*.csv")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_header_is_whole(name: str) -> None:
    head = header(name)
    assert set(head) == {"persona", "answers", "title-fr", "title-en", "question-fr", "question-en"}
    assert head["persona"] in PERSONAS
    assert head["answers"] == f"{name}.csv"
    assert head["question-fr"].endswith(" ?")
    assert head["question-en"].endswith("?")


def test_questions_differ() -> None:
    for part in ("title-fr", "title-en", "question-fr", "question-en"):
        said = [header(name)[part] for name in NAMES]
        assert len(set(said)) == len(said)


def test_readme_lists_all() -> None:
    """The table is written by hand from the headers."""
    text = (FOLDER / "competency" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"(?m)^\| (CQ\d+) \| (.+?) \| (.+?) \|$", text)
    assert sorted(name for name, _, _ in listed) == NAMES
    for name, french, english in listed:
        assert (french, english) == (header(name)["question-fr"], header(name)["question-en"])
    parts = re.split(r"(?m)^## .*\((.+)\)$", text)
    for persona, part in zip(parts[1::2], parts[2::2], strict=True):
        assert {header(name)["persona"] for name in re.findall(r"(?m)^\| (CQ\d+)", part)} == {persona}


# Nothing idle: what the ontology declares and the mapping writes is asked for, and shown.


def asked() -> set[str]:
    """IRIs of the terms that the questions use."""
    found: set[str] = set()
    for question in QUESTIONS:
        prefixes = dict(re.findall(r"PREFIX ([\w-]+): <([^>]+)>", question.text))
        body = re.sub(r"<[^>]*>|#.*", " ", question.text)
        found |= {prefixes[prefix] + name for prefix, name in re.findall(r"\b([\w-]+):([A-Za-z][\w-]*)", body)}
        if re.search(r"\sa\s", body):
            found.add(str(rdflib.RDF.type))
    return found


def written() -> Iterator[str]:
    """IRIs of the terms that the mapping writes."""
    text = (FOLDER / "mapping.yarrrml").read_text(encoding="utf-8")
    prefixes = dict(re.findall(r"(?m)^  ([\w-]+): (http\S+)$", text))
    for predicate, value in re.findall(r"- \[([\w:]+), ([^,\]]+)", text):
        if predicate != "a":
            yield expanded(predicate, prefixes)
        elif "$" not in value:
            yield expanded(value, prefixes)


def expanded(name: str, prefixes: dict[str, str]) -> str:
    prefix, _, local = name.partition(":")
    return prefixes[prefix] + local


def terms() -> set[str]:
    return set(Vocabulary.load(FOLDER).own) | set(written())


def test_every_term_is_asked_for() -> None:
    assert sorted(terms() - asked()) == []


def test_every_term_is_in_the_example() -> None:
    shown = {str(term) for triple in rdflib.Graph().parse(FOLDER / "example.ttl") for term in triple}
    assert sorted(terms() - shown) == []


def test_questions_use_no_term_that_is_not_shown() -> None:
    """What a question asks for is in the example, else its answer says nothing about it."""
    shown = {str(term) for path in files() for triple in rdflib.Graph().parse(path) for term in triple}
    besides = (str(rdflib.XSD), "http://www.opengis.net/", "https://w3id.org/clirld/id/")
    unshown = {iri for iri in asked() - shown if not iri.startswith(besides)}
    assert sorted(unshown) == []


def test_example_conforms(project: Path) -> None:
    """To every shape and check."""
    shapes = Shapes.load(project / "shapes")
    store = ox.Store()
    graph = ox.NamedNode("https://w3id.org/clirld/graph/x")
    for quad in ox.parse(path=str(FOLDER / "example.ttl"), format=ox.RdfFormat.TURTLE):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    quads = store.dump(format=ox.RdfFormat.N_QUADS)
    assert quads is not None
    assert engine.validate_batch(shapes, quads) == []
    for path in files()[1:]:
        store.load(path=str(path), format=ox.RdfFormat.TURTLE, to_graph=graph)
    assert [result for check in shapes.checks for result in shacl.run_check(check, store)] == []
