"""What the text of a block tells of the checks: whatever they find, they find in what was not passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations, product
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clirld.map.blocks import blocks
from clirld.validate import shacl, statements
from clirld.validate.graph import Shapes, validate
from clirld.validate.shacl import Check
from clirld.validate.statements import Statements
from clirld.vocabulary.terms import CONCEPTS_GRAPH, Vocabulary
from tests.conftest import PROJECT
from tests.shapes.test_shapes import SPOILED, VALID
from tests.validate.graphs import BASE, CLIR, LABEL, RDF_TYPE, XSD, block, derived, iri, record

SHAPES = Shapes.load(PROJECT / "shapes")
VOCABULARY = Vocabulary.load(PROJECT / "ontology")
FILES = ("graph.nq", "report.ttl", "held.jsonl", "issues.jsonl")
DCT = "http://purl.org/dc/terms/"
GEO = "http://www.opengis.net/ont/geosparql#"
FOAF, SCHEMA, LOCN = "http://xmlns.com/foaf/0.1/", "http://schema.org/", "http://www.w3.org/ns/locn#"
RECORDS = range(1, 4)


@pytest.mark.parametrize("check", SHAPES.checks, ids=lambda check: check.name)
def test_every_check_says_what_it_needs_or_is_told_here(check: Check) -> None:
    assert check.needs or check.name in statements._TOLD_HERE
    for iri_needed in check.needs:
        prefixes = dict(re.findall(r"^PREFIX (\w+): <([^>]+)>", check.query, re.MULTILINE))
        names = {f"<{iri_needed}>"}
        names |= {f"{name}:{iri_needed[len(base) :]}" for name, base in prefixes.items() if iri_needed.startswith(base)}
        body = check.query.partition("SELECT")[2]
        assert any(re.search(rf"{re.escape(name)}(?![\w-])", body) for name in names), iri_needed


@pytest.mark.parametrize(
    "check", [one for one in SHAPES.checks if one.name not in statements._TOLD_HERE], ids=lambda check: check.name
)
def test_a_check_finds_nothing_without_what_it_needs(check: Check) -> None:
    words, instead = SPOILED[check.name]
    turtle = VALID.read_text(encoding="utf-8").replace(words, instead, 1)
    spoiled = list(ox.parse(input=turtle, format=ox.RdfFormat.TURTLE))
    needed = {ox.NamedNode(one) for one in check.needs}
    without = [quad for quad in spoiled if needed.isdisjoint((quad.predicate, quad.object))]
    assert shacl.run_check(check, store_of(spoiled))
    assert shacl.run_check(check, store_of(without)) == []


def store_of(quads: list[ox.Quad]) -> ox.Store:
    store = ox.Store()
    store.extend(ox.Quad(one.subject, one.predicate, one.object, ox.NamedNode(f"{BASE}graph/x")) for one in quads)
    concepts = "\n".join(VOCABULARY.as_nquads(CONCEPTS_GRAPH)).encode()
    store.bulk_load(concepts, format=ox.RdfFormat.N_QUADS)
    return store


def test_personal_data_needs_all_that_it_looks_for_by_name() -> None:
    [check] = [one for one in SHAPES.checks if one.name == "PersonalData"]
    prefixes = dict(re.findall(r"^PREFIX (\w+): <([^>]+)>", check.query, re.MULTILINE))
    listed = {
        name.strip("<>") if name.startswith("<") else prefixes[name.partition(":")[0]] + name.partition(":")[2]
        for values in re.findall(r"VALUES \?\w+ \{([^}]+)\}", check.query)
        for name in values.split()
    }
    functions = {f"{FOAF}homepage", f"{FOAF}page", "http://purl.org/dc/terms/source", LABEL}
    assert listed - functions == {*check.needs} | {f"{CLIR}siren", f"{CLIR}rna"}


def literal(text: str, rest: str = "") -> str:
    return f"{ox.Literal(text)}{rest}"


TEXTS = [
    "Le Moulin",
    "Mme Jeanne Exemple",
    "Jeanne Exemple, présidente",
    "EXEMPLE Jeanne",
    "06 12 34 56 78",
    "un lieu\ntenu par Jeanne",
    'dit "Le Moulin"',
    "à contact@example.org",
    "3 rue de M. Exemple",
    "12 rue des Lilas, chez Mme Jeanne Exemple",
    "@",
]
ADDRESSES = [
    "<https://www.example.org/>",
    "<https://www.facebook.com/jeanne.exemple.7>",
    "<https://www.linkedin.com/in/jeanne>",
    "<https://example.org/?tel=0612345678>",
    '"0612345678"',
]
YEARS = ["1901", "2025", "2027", "2028", "2090", "20", "MMXX", "-001", "2027-01-01"]
THINGS = [
    iri("concept/status/active"),
    iri("concept/status/none-such"),
    iri("concept/public-actor-role/funder"),  # it was given up
    iri("id/organization/none-such"),
    iri("id/territory/commune-39300"),
    f"<{FOAF}Person>",
]
POINTS = [
    *("POINT(5.55 46.67)", "POINT(46.67 5.55)", "POINT(0 0)", "POINT(0.0 0)", "POINT(0 48.5)", "POINT(-5.3 45)"),
    *(
        "POINT(9.71 45)",
        "POINT(55.5 -21)",
        "POINT(2 51.3)",
        "POINT (2 48)",
        "POINT(2)",
        "POLYGON((0 0, 0 1, 1 1, 0 0))",
    ),
]
NUMBERS = ['"CH"', '"552100554"', '"552100555"', '"35600000000002"']
PAIRS = [
    *product([LABEL, f"{DCT}description"], [literal(one, "@fr") for one in TEXTS]),
    *product([f"{LOCN}thoroughfare", f"{LOCN}postName", f"{CLIR}sourceCategory", f"{CLIR}note"], map(literal, TEXTS)),
    (LABEL, '"\\u0040 at 06\\u002012 34 56 78"@fr'),
    *product([f"{SCHEMA}foundingDate", f"{CLIR}startYear"], [literal(one, f"^^<{XSD}gYear>") for one in YEARS]),
    *product([f"{FOAF}homepage", f"{FOAF}page", f"{DCT}source"], ADDRESSES),
    *product([RDF_TYPE, f"{CLIR}status", f"{DCT}subject"], THINGS),
    *product([f"{CLIR}country", f"{CLIR}siren", f"{CLIR}siret", f"{CLIR}rna", f"{SCHEMA}founder"], NUMBERS),
    (f"{FOAF}mbox", "<mailto:x@example.org>"),
    *product([f"{GEO}asWKT"], [literal(one, f"^^<{GEO}wktLiteral>") for one in POINTS]),
]


KINDS = {
    "Organization": ((RDF_TYPE, "<http://www.w3.org/ns/org#FormalOrganization>"),),
    "Initiative": (
        (RDF_TYPE, f"<{CLIR}Initiative>"),
        (f"{CLIR}initiativeKind", iri("concept/initiative-kind/third-place")),
        (f"{CLIR}actsIn", iri("id/territory/departement-39")),
    ),
}


def thing(number: int, *described: tuple[str, str], kind: str = "Organization", name: str = "") -> str:
    """An initiative or an organization, its record's own; the shapes find nothing, but in what is described."""
    subject = iri(f"id/{kind.lower()}/x-{number}{name}")
    label = () if LABEL in dict(described) else ((LABEL, '"Un lieu"@fr'),)
    return block(subject, *KINDS[kind], *label, *described, derived(number))


def outputs(text: str, part: int | None) -> list[bytes]:
    with TemporaryDirectory() as name:
        graph = Path(name) / "graph.nq"
        graph.write_text(text, encoding="utf-8")
        validate(graph, SHAPES, VOCABULARY, Path(name) / "out", source="x", part=part)
        return [(Path(name) / "out" / file).read_bytes() for file in FILES]


TIME = "2026-11-24T10:00:00Z"
TIMES = [TIME, "2019-01-01T00:00:00Z", "2031-01-01T00:00:00Z", "lately"]


@pytest.mark.parametrize("kind", ["Organization", "Initiative"])
@pytest.mark.parametrize("records_first", [True, False])
def test_no_statement_that_a_check_tells_of_is_passed_over(kind: str, records_first: bool) -> None:
    """Each in a record of its own, which nothing connects with another."""
    numbers = range(1, len(PAIRS) + 1)
    found = [thing(n, pair, kind=kind) for n, pair in zip(numbers, PAIRS, strict=True)]
    text = "".join([*map(record, numbers), *found] if records_first else [*found, *map(record, numbers)])
    assert outputs(text, len(text.encode()) // 2) == outputs(text, None)


@pytest.mark.parametrize("times", list(permutations(TIMES, 2)))
@pytest.mark.parametrize("records_first", [True, False])
def test_no_date_after_its_reading_is_passed_over(times: tuple[str, str], records_first: bool) -> None:
    years = ("2019", "2020", "2021", "2027", "2028", "2032", "2033")
    pairs = [(f"{CLIR}startYear", literal(year, f"^^<{XSD}gYear>")) for year in years]
    numbers = range(1, len(pairs) * 2 + 1)
    records = [record(n).replace(TIME, times[n % 2]) for n in numbers]
    found = [thing(n, pair, kind="Initiative") for n, pair in zip(numbers, sorted(pairs * 2), strict=True)]
    text = "".join([*records, *found] if records_first else [*found, *records])
    expected = outputs(text, None)
    assert b"DateInFuture" in expected[1]
    assert outputs(text, len(text.encode()) // 2) == expected


@pytest.mark.parametrize("seat_first", [True, False])
def test_no_postcode_of_elsewhere_is_passed_over(seat_first: bool) -> None:
    places = list(
        product(["39300", "2A004", "97411", "98735", "20004"], ["39000", "20000", "97410", "98700", "9", "3"])
    )
    numbers = range(1, len(places) + 1)
    blocks_of = []
    for n, (commune, postcode) in zip(numbers, places, strict=True):
        seat = (f"{CLIR}seatedIn", iri(f"id/territory/commune-{commune}"))
        found = [
            thing(n, seat, (f"{LOCN}address", iri(f"id/address/x-{n}")), kind="Initiative"),
            block(
                iri(f"id/address/x-{n}"),
                (RDF_TYPE, f"<{LOCN}Address>"),
                (f"{LOCN}postCode", f'"{postcode}"'),
                derived(n),
            ),
        ]
        blocks_of += found if seat_first else found[::-1]
    text = "".join([*map(record, numbers), *blocks_of])
    expected = outputs(text, None)
    assert b"PostcodeElsewhere" in expected[1]
    assert outputs(text, len(text.encode()) // 2) == expected


@st.composite
def things(draw: st.DrawFn) -> str:
    """Initiatives and organizations, some of several records."""
    described = draw(st.lists(st.sampled_from(PAIRS), min_size=1, max_size=4))
    kind = draw(st.sampled_from(["Initiative", "Organization"]))
    return thing(draw(st.sampled_from(RECORDS)), *described, kind=kind, name=draw(st.sampled_from("ab")))


@settings(max_examples=20, deadline=None)
@given(st.lists(things(), min_size=1, max_size=6))
def test_what_is_passed_over_has_no_result(found: list[str]) -> None:
    text = "".join([*map(record, RECORDS), *found])
    assert outputs(text, len(text.encode()) // 2) == outputs(text, None)


def seen_of(text: str, folder: Path) -> Iterator[statements.Seen]:
    graph = folder / "graph.nq"
    graph.write_text(text, encoding="utf-8")
    return map(Statements(SHAPES.checks, VOCABULARY.as_nquads(CONCEPTS_GRAPH)).read, blocks(graph))


def test_most_records_are_passed_over(tmp_path: Path) -> None:
    thing = block(
        iri("id/organization/rna-W391000001"),
        (RDF_TYPE, "<http://www.w3.org/ns/org#FormalOrganization>"),
        (LABEL, '"Mme Jeanne Exemple"@fr'),  # with a number it is the company's name
        (f"{CLIR}rna", '"W391000001"'),
        (f"{SCHEMA}foundingDate", f'"2013-02-01"^^<{XSD}date>'),
        (f"{FOAF}homepage", "<https://example.org/>"),
        (f"{CLIR}status", iri("concept/status/active")),
        (f"{CLIR}seatedIn", iri("id/territory/commune-39300")),
        derived(1),
    )
    seen = list(seen_of(record(1) + thing, tmp_path))
    assert [one.may_find for one in seen] == [False, False]
    assert seen[1].mentioned == [f"{BASE}id/record/x-1".encode()]
    assert all(one.is_own for one in seen)
