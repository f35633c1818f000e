"""The W3C's own tests of the SPARQL 1.1 Protocol and Service Description, run over HTTP.

Tests of queries must come out as the manifest says. Tests of updates are met by a read-only endpoint in one way
only: each update must be refused (4xx), and leave the data as they were.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from tests.web.served import serve_settings, serving, switch

pytestmark = pytest.mark.real

SUITE = "suites/sparql11/sparql/sparql11"
PREFIXES = {
    "mf": "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#",
    "ht": "http://www.w3.org/2011/http#",
    "cnt": "http://www.w3.org/2011/content#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "ut": "http://www.w3.org/2009/sparql/tests/test-update#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
}
TABULAR = {
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv; charset=utf-8",
    "text/tab-separated-values; charset=utf-8",
}
GRAPHS = {"text/turtle; charset=utf-8", "application/rdf+xml", "application/n-triples"}
QUERIES = 20
UPDATES = 14


@dataclass(frozen=True)
class Step:
    """One request of a test, and what must come back."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    statuses: frozenset[str]
    boolean: str | None
    format: str | None


def select(manifest: Store, query: str) -> list[dict[str, str | None]]:
    """The rows of a query, as text."""
    results = manifest.query(query, prefixes=PREFIXES)
    names = [variable.value for variable in results.variables]  # type: ignore[union-attr]
    return [{name: getattr(row[name], "value", None) for name in names} for row in results]  # type: ignore[index]


def steps(manifest: Store, test: str) -> list[Step]:
    """The requests of a test, in order."""
    found = []
    for place in range(10):
        path = "/".join(["rdf:rest"] * place + ["rdf:first"])
        request = f"<{test}> mf:action/ht:requests/{path} ?request ."
        rows = select(
            manifest,
            f"""SELECT ?method ?path ?chars ?encoding ?boolean ?format ?status ?name ?value {{ {request}
            ?request ht:methodName ?method ; ht:absolutePath ?path ; ht:resp ?response .
            ?response mf:expectedStatus ?status .
            OPTIONAL {{ ?response mf:expectedBoolean ?boolean }} OPTIONAL {{ ?response mf:expectedFormat ?format }}
            OPTIONAL {{ ?request ht:body ?body . ?body cnt:chars ?chars ; cnt:characterEncoding ?encoding }}
            OPTIONAL {{ ?request ht:headers/rdf:rest*/rdf:first ?header .
                        ?header ht:fieldName ?name ; ht:fieldValue ?value }} }}""",
        )
        if not rows:
            break
        first = rows[0]
        found.append(
            Step(
                str(first["method"]),
                str(first["path"]),
                tuple(sorted({(str(row["name"]), str(row["value"])) for row in rows if row["name"]})),
                (first["chars"] or "").encode(first["encoding"] or "utf-8"),
                frozenset(str(row["status"]).rpartition("StatusCode")[2] for row in rows),
                first["boolean"],
                first["format"],
            )
        )
    assert found, test
    return found


def send(site: str, step: Step) -> tuple[int, str, bytes]:
    """Send a step with its own headers only."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
    connection.putrequest(step.method, step.path, skip_accept_encoding=True)
    for name, value in step.headers:
        connection.putheader(name, value)
    if step.body:
        connection.putheader("content-length", str(len(step.body)))
    connection.endheaders(step.body or None)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, response.getheader("content-type") or "", content


@pytest.fixture(scope="module")
def manifest(shared: Path) -> Store:
    store = Store()
    path = shared / SUITE / "protocol" / "manifest.ttl"
    store.load(path=str(path), format=RdfFormat.TURTLE, base_iri="http://example.org/manifest")
    return store


@pytest.fixture(scope="module")
def endpoint(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the suite's three documents, each in the graph that the manifest names."""
    data = tmp_path_factory.mktemp("data")
    folder = data / "releases" / "w3c"
    folder.mkdir(parents=True)
    store = Store(str(folder / "store"))
    for number in (1, 2, 3):
        graph = NamedNode(f"http://kasei.us/2009/09/sparql/data/data{number}.rdf")
        path = shared / SUITE / "protocol" / f"data{number}.nt"
        store.load(path=str(path), format=RdfFormat.N_TRIPLES, to_graph=graph)
    store.add(Quad(NamedNode("a:a"), NamedNode("a:b"), Literal("c")))
    store.flush()
    del store
    switch(data, "w3c")
    with serving(data, serve_settings()) as address:
        yield address


def names(manifest: Store) -> list[str]:
    rows = select(manifest, "SELECT ?test { ?m mf:entries/rdf:rest*/rdf:first ?test }")
    return sorted(str(row["test"]) for row in rows)


def is_update(test: str) -> bool:
    return "update" in test.rpartition("#")[2]


def count(endpoint: str) -> str:
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    answer = requests.get(f"{endpoint}/sparql", {"query": query}, timeout=60)
    return str(answer.json()["results"]["bindings"][0]["n"]["value"])


def test_queries(manifest: Store, endpoint: str) -> None:
    tests = [test for test in names(manifest) if not is_update(test)]
    assert len(tests) == QUERIES
    for test in tests:
        for step in steps(manifest, test):
            status, kind, content = send(endpoint, step)
            assert f"{status // 100}xx" in step.statuses, (test, status, content)
            if step.boolean:
                assert str(json.loads(content)["boolean"]).lower() == step.boolean, test
            if step.format:
                assert kind in (GRAPHS if step.format == "RDF" else TABULAR), test


def test_updates_are_refused(manifest: Store, endpoint: str) -> None:
    tests = [test for test in names(manifest) if is_update(test)]
    assert len(tests) == UPDATES
    before = count(endpoint)
    refused = 0
    for test in tests:
        for step in steps(manifest, test):
            asks = ("content-type", "application/sparql-query") in step.headers
            status, kind, content = send(endpoint, step)
            if asks:
                assert status == 200, (test, status)
                continue
            assert 400 <= status < 500, (test, status)
            assert kind == "application/problem+json"
            if step.statuses != {"4xx"}:
                assert b"read-only" in content, test
            refused += 1
    assert refused == UPDATES
    assert count(endpoint) == before


def test_service_description(shared: Path, endpoint: str) -> None:
    """returns-rdf, has-endpoint-triple, conforms-to-schema: the three tests of service-description/manifest.ttl."""
    text = (shared / SUITE / "service-description" / "manifest.ttl").read_text(encoding="utf-8")
    assert text.count("a mf:ServiceDescriptionTest") + text.count("rdf:type mf:ServiceDescriptionTest") == 3
    response = requests.get(f"{endpoint}/sparql", headers={"accept": "text/turtle"}, timeout=60)
    quads = list(parse(response.content, format=RdfFormat.TURTLE))
    sd = "http://www.w3.org/ns/sparql-service-description#"
    node = NamedNode
    assert any(q.predicate == node(f"{sd}endpoint") and q.object == node(f"{endpoint}/sparql") for q in quads)
    # Ranges of the properties used, as the schema (https://www.w3.org/ns/sparql-service-description) has them.
    ranges = {
        "defaultDataset": "Dataset",
        "defaultGraph": "Graph",
        "namedGraph": "NamedGraph",
        "graph": "Graph",
        "extensionFunction": "Function",
        "propertyFeature": "Feature",
    }
    plain = {"endpoint", "supportedLanguage", "feature", "resultFormat", "name"}
    types = {(q.subject, q.object) for q in quads if q.predicate.value.endswith("#type")}
    for quad in quads:
        if quad.predicate.value.startswith(sd):
            name = quad.predicate.value.removeprefix(sd)
            assert name in ranges or name in plain, name
            if name in ranges:
                assert (quad.object, node(sd + ranges[name])) in types
