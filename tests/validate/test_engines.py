"""Both SHACL engines give the same results: on damaged samples and vocabulary, on random shapes and random data.

What they read differently is named here, with who is right; no value that a cleaner lets through is among it.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clirld.cli import report
from clirld.errors import MappingError
from clirld.validate import engine
from clirld.validate.shacl import SH, SHAPES, Shapes
from clirld.values.cleaners import CLEANERS
from clirld.vocabulary.terms import Vocabulary
from tests.conftest import PROJECT
from tests.validate.engines import ENGINES, by_both, nquads

SAMPLES = sorted(path.parent.name for path in (PROJECT / "pipelines" / "sources").glob("*/expected.ttl"))
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    return Shapes.load(PROJECT / "shapes")


def damaged(triples: list[ox.Triple], seed: str) -> Iterator[ox.Triple]:
    """The triples, a tenth of them spoiled: left out, with another object, or stated twice with two."""
    chance = random.Random(seed)
    for triple in sorted(triples, key=str):
        object_ = triple.object
        if chance.random() > 0.1:
            yield triple
            continue
        spoiled: list[ox.NamedNode | ox.Literal] = [ox.NamedNode("https://example.org/other"), ox.Literal("")]
        if isinstance(object_, ox.Literal):
            spoiled += [
                ox.Literal(object_.value, language="de"),
                ox.Literal(object_.value + " 2", datatype=object_.datatype)
                if not object_.language
                else ox.Literal("x" * 301, language=object_.language),
                ox.Literal(object_.value, datatype=ox.NamedNode(XSD + "anyURI")),
            ]
        kept = [object_] if chance.random() > 0.5 else []
        for one in [*kept, *chance.sample(spoiled, chance.randint(0, 2))]:
            yield ox.Triple(triple.subject, triple.predicate, one)


@pytest.mark.parametrize("name", SAMPLES)
def test_on_damaged_samples(name: str, shapes: Shapes) -> None:
    path = PROJECT / "pipelines" / "sources" / name / "expected.ttl"
    triples = [quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]
    fast, oracle = by_both(shapes.triples, nquads(damaged(triples, name)))
    assert fast == oracle
    # Little can be damaged in a few triples; there are none of a source of tables alone.
    assert len({result.component for result in fast}) > (2 if len(triples) > 200 else 0) or not triples


def test_on_the_damaged_vocabulary(shapes: Shapes) -> None:
    lines = "\n".join(Vocabulary.load(PROJECT / "ontology").as_nquads())
    triples = [quad.triple for quad in ox.parse(lines, format=ox.RdfFormat.N_QUADS)]
    fast, oracle = by_both(shapes.triples, nquads(damaged(triples, "vocabulary")))
    assert fast == oracle
    assert {"ConceptDefinition", "ConceptLabel", "ConceptNotation", "ConceptScheme", "OntologyTerm"} <= {
        result.shape for result in fast
    }


# Random shapes: every constraint that shapes/ uses (tests/shapes/test_patterns.py), with parameters like those there.

CLASSES = [f"<https://example.org/{name}>" for name in ("A", "B")]
PROPERTIES = [f"<https://example.org/{name}>" for name in "pqr"]
NODES = [f"<https://w3id.org/clirld/id/{name}>" for name in ("record/a", "record/b", "place/a%20b", "place/é")]
PATHS = [
    *PROPERTIES,
    f"[ sh:inversePath {PROPERTIES[0]} ]",
    f"[ sh:alternativePath ( {PROPERTIES[0]} {PROPERTIES[1]} ) ]",
    f"[ sh:alternativePath ( {PROPERTIES[0]} ( {PROPERTIES[1]} {PROPERTIES[2]} ) ) ]",
    f"[ sh:alternativePath ( [ sh:inversePath {PROPERTIES[0]} ] [ sh:inversePath {PROPERTIES[1]} ] ) ]",
]
DATATYPES = ["string", "gYear", "date", "dateTime", "integer", "decimal", "boolean", "anyURI"]
PATTERNS = [
    r"\S",
    r"^\S+$",
    r"^(1[89]|20)[0-9]{2}$",
    r"^https?://[^\s/]+\.[^\s]+$",
    r"^https://w3id\.org/clirld/id/record/[^/?#\s]+$",
    r"[a-zà-öø-ÿ]|^.{0,15}$",
    r"^([^<]|<[^A-Za-z/!])*$",
    r"^[^Ã√�]*$",
    r"^POINT ?\(-?[0-9]{1,3}(\.[0-9]+)? -?[0-9]{1,2}(\.[0-9]+)?\)$",
    r"(Z|[+-][0-9]{2}:[0-9]{2})$",
]
counts = st.integers(0, 3)


def quoted(pattern: str) -> str:
    return str(ox.Literal(pattern))


value_constraints = st.one_of(
    st.sampled_from(["sh:nodeKind sh:IRI", "sh:nodeKind sh:Literal"]),
    st.sampled_from(DATATYPES).map(lambda name: f"sh:datatype <{XSD}{name}>"),
    st.just(f"sh:datatype <{RDF}langString>"),
    st.sampled_from(PATTERNS).map(lambda pattern: f"sh:pattern {quoted(pattern)}"),
    st.integers(0, 20).map(lambda n: f"sh:maxLength {n}"),
    st.integers(0, 20).map(lambda n: f"sh:minLength {n}"),
    st.sampled_from(["0", "1", "1.5", f'"1800-01-01"^^<{XSD}date>']).map(lambda least: f"sh:minInclusive {least}"),
    st.lists(st.sampled_from(["fr", "en", "br", "als", "gcf"]), min_size=1, unique=True).map(
        lambda tags: "sh:languageIn ( " + " ".join(f'"{tag}"' for tag in tags) + " )"
    ),
    st.lists(st.sampled_from([*NODES, '"a"', '"a"@fr', "1"]), unique=True).map(
        lambda terms: f"sh:in ( {' '.join(terms)} )"
    ),
)
count_constraints = st.one_of(
    counts.map(lambda n: f"sh:minCount {n}"),
    counts.map(lambda n: f"sh:maxCount {n}"),
    st.just("sh:uniqueLang true"),
    st.sampled_from(PROPERTIES).map(lambda other: f"sh:disjoint {other}"),
    st.sampled_from([*NODES, '"a"', "1"]).map(lambda term: f"sh:hasValue {term}"),
    st.builds("sh:qualifiedValueShape [ {} ] ; sh:qualifiedMinCount {}".format, value_constraints, counts),
)
property_shapes = st.builds(
    lambda path, constraints: f"sh:path {path} ; {' ; '.join(constraints)}",
    st.sampled_from(PATHS),
    st.lists(value_constraints | count_constraints, min_size=1, max_size=3, unique_by=lambda text: text.split()[0]),
)
node_constraints = st.one_of(
    value_constraints,
    st.lists(property_shapes, min_size=1, max_size=3).map(
        lambda shapes: f"sh:or ( {' '.join(f'[ {one} ]' for one in shapes)} )"
    ),
    st.lists(property_shapes, min_size=1, max_size=2).map(
        lambda shapes: f"sh:and ( {' '.join(f'[ {one} ]' for one in shapes)} )"
    ),
    property_shapes.map(lambda one: f"sh:not [ {one} ]"),
)
targets = st.sampled_from(CLASSES).map(lambda one: f"sh:targetClass {one}") | st.sampled_from(PROPERTIES).map(
    lambda one: f"sh:targetSubjectsOf {one}"
)
shape_texts = st.builds(
    "{} ; sh:severity sh:Violation ; {}".format, targets, property_shapes | node_constraints
) | st.builds(  # alternatives of values
    "{} ; sh:severity sh:Violation ; sh:path {} ; sh:or ( [ {} ] [ {} ] )".format,
    targets,
    st.sampled_from(PROPERTIES),
    value_constraints,
    value_constraints,
)

words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("aAéÉ√�Ã<>/!. 019-:TZ"), max_size=20
)
LEXICAL = {
    "gYear": ["1899", "2023", "1799", "20235", "x", ""],
    "date": ["2023-01-31", "2023-02-30", "1799-12-31", "1800-01-01", "31/01/2023", ""],
    "dateTime": ["2026-11-24T10:00:00Z", "2026-11-24T10:00:00", "2026-11-24T10:00:00+01:00", "2026-11-24", "lately"],
    "integer": ["0", "1", "01", "-1", "1.0", "one", ""],
    "decimal": ["0", "1.5", "-1.5", "1", "1,5", "x"],
    "boolean": ["true", "false", "1", "yes"],
    "anyURI": ["https://example.org/", "x"],
}
literals = st.one_of(
    words.map(ox.Literal),
    st.builds(
        lambda text, tag: ox.Literal(text, language=tag), words, st.sampled_from(["fr", "en", "de", "fr-ca", "als"])
    ),
    st.sampled_from([(name, text) for name, texts in LEXICAL.items() for text in texts]).map(
        lambda pair: ox.Literal(pair[1], datatype=ox.NamedNode(XSD + pair[0]))
    ),
)
lines = st.builds(
    "{} {} {} .\n".format,
    st.sampled_from(NODES),
    st.sampled_from(PROPERTIES),
    st.sampled_from(NODES) | literals.map(str),
) | st.builds("{} <{}type> {} .\n".format, st.sampled_from(NODES), st.just(RDF), st.sampled_from(CLASSES))


def as_ntriples(texts: list[str]) -> str:
    turtle = f"@prefix sh: <{SH}> .\n" + "".join(
        f"<{SHAPES}S{number}> a sh:{'Property' if '; sh:path' in text.partition('[')[0] else 'Node'}Shape ; {text} .\n"
        for number, text in enumerate(texts)
    )
    return nquads(ox.parse(turtle, format=ox.RdfFormat.TURTLE)).decode()


@settings(max_examples=60)
@given(st.lists(shape_texts, min_size=1, max_size=4), st.lists(lines, max_size=15))
@example([f"sh:targetClass {CLASSES[0]} ; sh:severity sh:Violation ; sh:path {PROPERTIES[0]} ; sh:minCount 1"], [])
def test_on_random_shapes_and_data(shapes: list[str], data: list[str]) -> None:
    if any("minInclusive" in shape for shape in shapes):  # see test_a_year_is_no_number
        data = [line for line in data if "#gYear" not in line]
    fast, oracle = by_both(as_ntriples(shapes), "".join(data).encode())
    assert fast == oracle


ALIKE, ORACLE_WRONG, BOTH_WRONG = (), ("pySHACL",), ("shacl", "pySHACL")
FORMS = [
    ("gYear", "-0044", True, ALIKE),
    ("gYear", "2023Z", True, ALIKE),
    ("gYear", "20233", True, ALIKE),
    ("gYear", "02023", False, BOTH_WRONG),
    ("gYear", "in 2023", False, BOTH_WRONG),
    ("date", "2024-02-29", True, ALIKE),
    ("date", "2023-02-29", False, ALIKE),
    ("date", "2023-1-31", False, ALIKE),
    ("date", "2023-01-31+01:00", True, ALIKE),
    ("date", "-0044-03-15", True, ORACLE_WRONG),
    ("date", "12023-01-01", True, ORACLE_WRONG),
    ("date", "2023-W01-1", False, ORACLE_WRONG),
    ("date", "2023-01-31T00:00:00", False, ORACLE_WRONG),
    ("dateTime", "2026-11-24T10:00:00.123456789Z", True, ALIKE),
    ("dateTime", "2026-11-24T10:00:60Z", False, ALIKE),
    ("dateTime", "2026-11-24T24:00:00Z", True, ORACLE_WRONG),
    ("dateTime", "2026-11-24T10:00Z", False, ORACLE_WRONG),
    ("dateTime", "2026-11-24 10:00:00Z", False, ORACLE_WRONG),
    ("dateTime", "2026-11-24T10:00:00+0100", False, ORACLE_WRONG),
    ("integer", "+1", True, ALIKE),
    ("integer", "1.", False, ALIKE),
    ("integer", " 1", False, ORACLE_WRONG),
    ("integer", "1_000", False, ORACLE_WRONG),
    ("integer", "٣", False, ORACLE_WRONG),
    ("decimal", "+.5", True, ALIKE),
    ("decimal", "1e3", False, ORACLE_WRONG),
    ("decimal", "NaN", False, ORACLE_WRONG),
]
"""Datatype, lexical form, whether XML Schema 1.1 (part 2, chapter 3) has it, and which engines say otherwise: of years
both, which is why shapes/ has a pattern beside xsd:gYear."""


@pytest.mark.parametrize(("datatype", "text", "valid", "wrong"), FORMS)
def test_the_lexical_forms_are_those_of_xml_schema(
    datatype: str, text: str, valid: bool, wrong: tuple[str, ...]
) -> None:
    shape = f"sh:targetSubjectsOf {PROPERTIES[0]} ; sh:path {PROPERTIES[0]} ; sh:datatype <{XSD}{datatype}>"
    literal = ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
    found = by_both(as_ntriples([shape]), f"{NODES[0]} {PROPERTIES[0]} {literal} .\n".encode())
    assert [not results for results in found] == [valid is not (name in wrong) for name in ENGINES]


def test_a_year_is_no_number() -> None:
    """What cannot be compared is a violation (SHACL, 4.5); pySHACL compares a year with a decimal."""
    shape = f"sh:targetSubjectsOf {PROPERTIES[0]} ; sh:path {PROPERTIES[0]} ; sh:minInclusive 1.5"
    fast, oracle = by_both(as_ntriples([shape]), f'{NODES[0]} {PROPERTIES[0]} "1899"^^<{XSD}gYear> .\n'.encode())
    assert (len(fast), len(oracle)) == (1, 0)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [("^[A-Z]{2}$", "FR\n", False), (r"\S", "\x1c", True), (r"\S", "\x1f", True), (r"^\S+$", "a\x1db", True)],
)
def test_what_patterns_match_differently(pattern: str, text: str, matches: bool) -> None:
    """In Python `$` is before a last line end too, and four separators of ASCII are space: in XPath and Rust not."""
    shape = f"sh:targetSubjectsOf {PROPERTIES[0]} ; sh:path {PROPERTIES[0]} ; sh:pattern {quoted(pattern)}"
    fast, oracle = by_both(as_ntriples([shape]), f"{NODES[0]} {PROPERTIES[0]} {ox.Literal(text)} .\n".encode())
    assert (not fast, not oracle) == (matches, not matches)


@pytest.mark.parametrize("name", CLEANERS)
@settings(max_examples=25)
@given(raw=st.text(st.sampled_from("aZ0129.-: \n\x1c\x1d\x1e\x1f\u00a0")))
@example(raw="2023\n")
@example(raw="a\x1cb\n")
def test_no_cleaned_value_is_matched_differently(name: str, raw: str) -> None:
    value = str(CLEANERS[name](raw).value)
    assert not set(value) & set("\x1c\x1d\x1e\x1f")
    assert not value.endswith("\n")


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(
    "wrong", [b"<x:a b> <x:p> <x:o> .\n", b'<x:a> <x:p> "a .\n', b"<x:a> <x:p> .\n", b'<x:a> <x:p> "\xff" .\n']
)
def test_what_is_not_nquads_is_refused(name: str, wrong: bytes, shapes: Shapes) -> None:
    with pytest.raises(MappingError, match="not N-Quads"):
        list(ENGINES[name].results(shapes.triples, wrong))


def test_where_the_fast_one_cannot_be_loaded_the_other_is_used_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (engine.version().split()[0], engine.is_fallback()) == ("shacl", False)
    monkeypatch.setitem(sys.modules, "shacl", None)
    monkeypatch.delitem(sys.modules, "clirld.validate.rust_engine")
    monkeypatch.delattr("clirld.validate.rust_engine")
    engine._engine.cache_clear()
    try:
        assert (engine.version().split()[0], engine.is_fallback()) == ("pySHACL", True)
    finally:
        engine._engine.cache_clear()
    assert all("pySHACL" in report.labels_of(language)["slow_validation"] for language in ("fr", "en"))
