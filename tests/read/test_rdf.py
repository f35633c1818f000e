"""RDF: the same triples give the same rows, in whatever order and syntax they come."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from clirld.errors import ReadError
from clirld.read.layout import Layout, Syntax
from clirld.read.reader import header, read
from clirld.read.rows import SourceRow

PREFIXES = {"ex": "https://example.org/", "place": "https://example.org/place/"}
TURTLE = """
@prefix ex: <https://example.org/> .
<https://example.org/place/b> ex:name "Lieu"@fr, "Place"@en ; ex:founded 2019 ; ex:in ex:town ;
    ex:address [ ex:street "rue" ; ex:more [ ex:floor "2" ] ] .
ex:a ex:name "sans langue" , "autre" ; <https://elsewhere.example/x> "y" .
"""
ELSEWHERE = "https://elsewhere.example/x"
ROWS = [
    (1, {"_subject": "https://example.org/a", "ex:name": ["autre", "sans langue"], ELSEWHERE: ["y"]}),
    (
        2,
        {
            "_subject": "https://example.org/place/b",
            "ex:address.ex:more.ex:floor": ["2"],
            "ex:address.ex:street": ["rue"],
            "ex:founded": ["2019"],
            "ex:in": ["https://example.org/town"],
            "ex:name@en": ["Place"],
            "ex:name@fr": ["Lieu"],
        },
    ),
]
FORMATS: dict[Syntax, RdfFormat] = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}


def rows(path: Path, layout: Layout) -> list[tuple[int, dict[str, object]]]:
    return [(row.row, dict(row.values)) for row in read(path, layout) if isinstance(row, SourceRow)]


@pytest.mark.parametrize("syntax", FORMATS)
def test_every_syntax_gives_the_same_rows(tmp_path: Path, syntax: Syntax) -> None:
    from pyoxigraph import parse

    path = tmp_path / "content"
    triples = [quad.triple for quad in parse(TURTLE.encode(), format=RdfFormat.TURTLE)]
    path.write_bytes(serialize(triples, format=FORMATS[syntax]) or b"")
    layout = Layout("rdf", syntax=syntax, prefixes=PREFIXES)
    assert rows(path, layout) == ROWS
    assert set(header(path, layout)) == {name for _, values in ROWS for name in values}


@given(st.permutations(range(12)))
def test_the_order_of_triples_does_not_count(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    path = tmp_path_factory.mktemp("rdf") / "content"
    node = NamedNode
    triples = [
        Triple(node(f"https://example.org/{n % 3}"), node(f"https://example.org/p{n % 2}"), Literal(str(n)))
        for n in range(12)
    ]
    layout = Layout("rdf", syntax="ntriples")
    path.write_bytes(serialize(triples, format=RdfFormat.N_TRIPLES) or b"")
    expected = rows(path, layout)
    path.write_bytes(serialize([triples[n] for n in order], format=RdfFormat.N_TRIPLES) or b"")
    assert rows(path, layout) == expected


@pytest.mark.parametrize(("body", "line"), [(b"<a> <b> .\n", 1), (b"<https://a.example/> a <x> .\n<html>", 2)])
def test_what_is_no_rdf_is_told_with_its_line(tmp_path: Path, body: bytes, line: int) -> None:
    path = tmp_path / "content"
    path.write_bytes(body)
    with pytest.raises(ReadError, match=r"not RDF \(turtle\)") as caught:
        rows(path, Layout("rdf"))
    assert caught.value.where == f"{path}:{line}"
