"""map: rows become the quads that the mapping says, whatever stands in them, one block of lines a subject."""

from __future__ import annotations

import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.map import nquads, yarrrml
from clirld.map.yarrrml import PredicateObject, RdfMapping, Template, TriplesMap
from clirld.vocabulary import tables
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary

EX = "http://example.org/"
GRAPH = Template((f"{EX}graph/", ""), ("source",))
SUBJECT = Template((f"{EX}territory/", ""), ("key",))
XSD_DATE = "http://www.w3.org/2001/XMLSchema#date"


@pytest.fixture(scope="module")
def known(project: Path) -> Tables:
    return tables.load(project / "ontology" / "tables.yaml")


def iri(name: str, texts: tuple[str, ...], *columns: str, of: str | None = None) -> PredicateObject:
    return PredicateObject(EX + name, Template(texts, columns), "iri", list_column=of)


def literal(column: str, **facts: Any) -> PredicateObject:
    return PredicateObject(EX + column, Template(("", ""), (column,)), "literal", **facts)


def territories(*objects: PredicateObject, subject: Template = SUBJECT) -> RdfMapping:
    return RdfMapping({}, (TriplesMap("territory", "territory", subject, GRAPH, objects),))


def row(key: str | None, **values: Any) -> dict[str, Any]:
    return {"key": key, "record": f"s-{key}", "source": "s", "row": 2, **values}


def write(folder: Path, known: Tables, table: str, *parts: list[dict[str, Any]]) -> None:
    (folder / table).mkdir(parents=True)
    for number, rows in enumerate(parts):
        frame = pl.DataFrame(rows, schema=known[table].schema)
        frame.write_parquet(folder / table / f"part-{number:05}.parquet")


def mapped(known: Tables, rdf: RdfMapping, *parts: list[dict[str, Any]]) -> list[str]:
    """Lines of N-Quads that the parts of a territory table become."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "records", known, "territory", *parts)
        counts = nquads.write_graph(folder / "records", known, rdf, folder / "out.nq")
        assert counts == {"territory": sum(map(len, parts))}
        text = (folder / "out.nq").read_bytes().decode()
    assert text == "" or text.endswith(" .\n")
    return text.split("\n")[:-1]


def objects(lines: list[str]) -> list[ox.NamedNode | ox.Literal]:
    quads = ox.parse("\n".join(lines), format=ox.RdfFormat.N_QUADS)
    return [quad.object for quad in quads]


def line(key: str, predicate: str, end: str) -> str:
    return f"<{EX}territory/{key}> <{EX}{predicate}> {end} <{EX}graph/s> ."


# what a literal may hold -----------------------------------------------------------------------------


@given(st.lists(st.text(min_size=1), min_size=1))
def test_any_text_comes_back_as_it_was(known: Tables, texts: list[str]) -> None:
    rows = [row(f"k{n}", name=text) for n, text in enumerate(texts)]
    lines = mapped(known, territories(literal("name", needs_escaping=True, language="fr")), rows)
    assert objects(lines) == [ox.Literal(text, language="fr") for text in texts]


@given(st.lists(st.lists(st.text(min_size=1), max_size=4), min_size=1))
def test_any_text_in_a_list_comes_back_as_it_was(known: Tables, cells: list[list[str]]) -> None:
    rows = [row(f"k{n}", part_of=cell) for n, cell in enumerate(cells)]
    lines = mapped(known, territories(literal("part_of", needs_escaping=True, list_column="part_of")), rows)
    assert objects(lines) == [ox.Literal(text) for cell in cells for text in cell]


@pytest.mark.parametrize("text", ['"', "\\", "\\n", "\n", "\r\n", "\t", "\x00", "\x85\u2028", '\\"', "\\u0041", "🌱"])
def test_text_that_n_quads_escapes(known: Tables, text: str) -> None:
    lines = mapped(known, territories(literal("name", needs_escaping=True)), [row("a", name=text)])
    assert objects(lines) == [ox.Literal(text)]


def test_literals_have_their_language_or_datatype(known: Tables) -> None:
    rdf = territories(literal("name", language="fr"), literal("end", datatype=XSD_DATE), literal("code"))
    assert mapped(known, rdf, [row("a", name="Ain", end="2019-01-01", code="01")]) == [
        line("a", "name", '"Ain"@fr'),
        line("a", "end", f'"2019-01-01"^^<{XSD_DATE}>'),
        line("a", "code", '"01"'),
    ]


# what is empty gives nothing -------------------------------------------------------------------------


def test_an_empty_cell_gives_nothing(known: Tables) -> None:
    rdf = territories(literal("name"), literal("code"), iri("in", (f"{EX}p/", ""), "part_of", of="part_of"))
    assert mapped(known, rdf, [row("a", code="01"), row("b"), row("c", name="C", part_of=[])]) == [
        line("a", "code", '"01"'),
        line("c", "name", '"C"'),
    ]


def test_a_row_whose_subject_is_empty_gives_nothing(known: Tables) -> None:
    rdf = territories(
        iri("type", (f"{EX}Place",)),
        literal("name"),
        iri("in", (f"{EX}p/", ""), "part_of", of="part_of"),
        subject=Template((f"{EX}territory/", "-", ""), ("key", "kind")),
    )
    rows = [row("a", name="A", part_of=["x"]), row("b", name="B", kind="k", part_of=["x", "y"])]
    assert mapped(known, rdf, rows) == [
        line("b-k", "type", f"<{EX}Place>"),
        line("b-k", "name", '"B"'),
        line("b-k", "in", f"<{EX}p/x>"),
        line("b-k", "in", f"<{EX}p/y>"),
    ]


def test_tables_that_are_not_there_or_have_no_rows_give_nothing(known: Tables, tmp_path: Path) -> None:
    rdf = territories(literal("name"))
    (tmp_path / "records").mkdir()
    assert nquads.write_graph(tmp_path / "records", known, rdf, tmp_path / "out.nq") == {}
    assert (tmp_path / "out.nq").read_bytes() == b""
    assert mapped(known, rdf, []) == []


# lists and templates ---------------------------------------------------------------------------------


def test_a_list_gives_one_line_a_value_in_its_order(known: Tables) -> None:
    rdf = territories(iri("in", (f"{EX}p/", "#x"), "part_of", of="part_of"))
    assert mapped(known, rdf, [row("a", part_of=["z", "b", "m"]), row("b", part_of=["y"])]) == [
        *(line("a", "in", f"<{EX}p/{value}#x>") for value in "zbm"),
        line("b", "in", f"<{EX}p/y#x>"),
    ]


def test_other_columns_may_stand_on_both_sides_of_a_list(known: Tables) -> None:
    rdf = territories(iri("in", (f"{EX}", "/", "/", ""), "kind", "part_of", "code", of="part_of"))
    rows = [
        row("a", kind="k", part_of=["x", "y"], code="1"),
        row("b", kind="k", part_of=["x"]),
        row("c", part_of=["x"], code="1"),
    ]
    assert mapped(known, rdf, rows) == [line("a", "in", f"<{EX}k/{value}/1>") for value in "xy"]


def test_whole_addresses_are_written_as_they_are(known: Tables) -> None:
    rdf = territories(iri("page", ("", ""), "igeo_class"), iri("pages", ("", ""), "part_of", of="part_of"))
    rows = [row("a", igeo_class=f"{EX}?a=b&c#d", part_of=[f"{EX}1", f"{EX}2"])]
    assert mapped(known, rdf, rows) == [
        line("a", "page", f"<{EX}?a=b&c#d>"),
        line("a", "pages", f"<{EX}1>"),
        line("a", "pages", f"<{EX}2>"),
    ]


def test_the_row_number_is_a_number(known: Tables) -> None:
    assert mapped(known, territories(literal("row")), [row("a")]) == [line("a", "row", '"2"')]


# order -----------------------------------------------------------------------------------------------


def test_rows_keep_their_order_over_parts_and_subjects_stay_together(known: Tables) -> None:
    parts = [[row(f"{part}-{n}", name="x", code="y") for n in range(5000)] for part in (2, 0, 1)]
    lines = mapped(known, territories(literal("name"), literal("code")), *parts)
    subjects = [subject for subject, _ in groupby(one.split(" ", 1)[0] for one in lines)]
    assert subjects == [f"<{EX}territory/{one['key']}>" for part in parts for one in part]


def test_the_projects_mapping_writes_one_block_for_each_subject(project: Path, known: Tables, tmp_path: Path) -> None:
    rdf = yarrrml.load(project / "ontology" / "mapping.yarrrml", known, Vocabulary.load(project / "ontology").terms)
    rows = [
        row(key, name=f"N {key}", kind=["third-place"], address=key, street="1 rue", geometry=key, point="POINT(1 2)")
        for key in ("b", "a")
    ]
    write(tmp_path / "records", known, "initiative", rows)
    counts = nquads.write_graph(tmp_path / "records", known, rdf, tmp_path / "out.nq")
    assert counts == {"initiative": 2}
    base = "https://w3id.org/clirld/id"
    lines = (tmp_path / "out.nq").read_text().splitlines()
    assert [subject for subject, _ in groupby(one.split(" ", 1)[0] for one in lines)] == [
        f"<{base}/{kind}/{key}>" for kind in ("initiative", "address", "geometry") for key in ("b", "a")
    ]
    assert len(lines) == len(set(lines)) == 2 * (6 + 3 + 3)
    first = (tmp_path / "out.nq").read_bytes()
    nquads.write_graph(tmp_path / "records", known, rdf, tmp_path / "again.nq")
    assert (tmp_path / "again.nq").read_bytes() == first
