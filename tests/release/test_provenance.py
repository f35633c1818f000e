"""Every statement about an entity leads to the bytes that say it: one query, one row, one sha256."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

import pytest
from pyoxigraph import QuerySolution, Store

from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.project import Project
from clirld.query.select import select
from clirld.release.make import make_release
from clirld.release.published import Release
from clirld.settings import BASE, Settings
from tests.conftest import PROJECT

NAMES = ("territories", "zonings", "ptce", "siae", "sirene-stock", "capitalisation")
"""Of several files, of records made of several rows, of rows that share an entity, of a folder."""

QUERY = (PROJECT / "queries" / "provenance.rq").read_text(encoding="utf-8")
OWN = {f"{BASE}graph/{name}" for name in ("ontology", "concepts", "catalog", "accounting")}
"""Graphs that say nothing of entities."""

Statement = tuple[str, str, str, str]
Place = tuple[str, int]


def of_all(query: str) -> str:
    """The query, asked about everything instead of one initiative, with the graph that says it."""
    start, end = query.index("  {\n    # une initiative"), query.index("  GRAPH ?graph")
    return query[:start].replace("DISTINCT", "DISTINCT ?graph") + query[end : query.index("ORDER BY ?property")]


def statements(store: Store) -> set[Statement]:
    """All that is said of entities: what stands in the graphs of sources, and what is derived, but records."""
    every = """SELECT ?graph ?s ?p ?o { GRAPH ?graph { ?s ?p ?o }
        FILTER NOT EXISTS { ?s a <https://w3id.org/clirld/ontology#SourceRecord> } }"""
    rows = ((row["graph"].value, str(row["s"]), str(row["p"]), str(row["o"])) for row in select(store, every))
    return {row for row in rows if row[0] not in OWN and not row[2].endswith("#wasDerivedFrom>")}


def origins(rows: list[QuerySolution]) -> dict[Statement, set[Place]]:
    """Where the query says that each statement comes from: sha256 and row."""
    found: dict[Statement, set[Place]] = {}
    for row in rows:
        statement = (row["graph"].value, str(row["initiative"]), str(row["property"]), str(row["value"]))
        if "SourceRecord" not in statement[3]:
            found.setdefault(statement, set()).add((row["sha256"].value, int(row["row"].value)))
    return found


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    project = Project.load(replace(Settings.from_environment({}), data=tmp_path_factory.mktemp("data"), workers=1))
    for name in NAMES:
        line.harvest(project, project.sources[name], Origin(sample=True))
    return make_release(project)[0]


@pytest.fixture(scope="module")
def store(release: Release) -> Store:
    return Store.read_only(str(release.folder / "store"))


@pytest.fixture(scope="module")
def rows(store: Store) -> list[QuerySolution]:
    """What the query says of everything."""
    return list(select(store, of_all(QUERY)))


def test_every_statement_leads_to_a_row_of_bytes_by_one_query(
    release: Release, store: Store, rows: list[QuerySolution]
) -> None:
    said, found = statements(store), origins(rows)
    assert len(said) > 2500
    assert said <= found.keys()  # every one of them: 100 %
    snapshots = list((release.folder.parent.parent / "snapshots").glob("*/*/*/snapshot.sample.json"))
    assert {sha256 for places in found.values() for sha256, _row in places} <= {path.parent.name for path in snapshots}
    for path in snapshots:
        content = path.with_name("content")  # of some sources the bytes are not kept
        assert not content.exists() or hashlib.sha256(content.read_bytes()).hexdigest() == path.parent.name
    candidates = Counter(len(found[statement]) for statement in said)
    print(f"{len(said)} statements; by the number of rows that may have said it: {sorted(candidates.items())}")
    # The others are of records made of several rows of one file, as changes of communes with their passages.
    assert candidates[1] / len(said) > 0.93
    two_files = {one[2] for one in said if len({sha256 for sha256, _row in found[one]}) > 1}
    assert two_files <= {f"<{BASE}ontology#hasSituation>"}  # which follows from two files


def test_what_is_derived_leads_to_its_rule(store: Store, rows: list[QuerySolution]) -> None:
    derived = [row for row in rows if row["rule"]]
    assert {row["graph"].value for row in derived} == {f"{BASE}graph/derived"}
    assert {row["rule"].value for row in derived} == {f"{BASE}id/rule/completeness"}
    versions = select(store, f"SELECT ?v {{ <{BASE}id/rule/completeness> <http://www.w3.org/ns/dcat#version> ?v }}")
    assert [len(row["v"].value) for row in versions] == [16]


def test_the_row_that_is_told_says_it(release: Release, rows: list[QuerySolution]) -> None:
    """A name of the poles stands in the very line of the bytes that its record leads to."""
    data = release.folder.parent.parent
    files = {path.parent.name: path for path in (data / "snapshots" / "ptce").glob("*/*/content")}
    names = [
        (statement[3].rpartition('"')[0].strip('"'), places)
        for statement, places in origins(rows).items()
        if statement[0] == f"{BASE}graph/ptce" and "initiative" in statement[1] and statement[2].endswith("#label>")
    ]
    assert len(names) > 5
    for name, places in names:
        ((sha256, row),) = places
        assert name.replace("\\", "") in files[sha256].read_text(encoding="utf-8").splitlines()[row - 1]
