"""A graph in parts gives what the whole gives, whatever connects its records; and what is in one part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clirld.map.blocks import blocks
from clirld.validate.graph import Shapes, validate
from clirld.validate.parts import Parts
from clirld.validate.shacl import Check
from clirld.validate.statements import Statements
from clirld.vocabulary.terms import Vocabulary
from tests.validate import graphs
from tests.validate.graphs import CLIR, LABEL, RDF_TYPE, address, block, derived, iri, organization, record

FILES = ("graph.nq", "report.ttl", "held.jsonl", "issues.jsonl")
PTCE = iri("concept/initiative-kind/ptce")
XSD_YEAR = "http://www.w3.org/2001/XMLSchema#gYear"


@pytest.fixture(scope="module")
def shapes(project: Path) -> Shapes:
    return Shapes.load(project / "shapes")


@pytest.fixture(scope="module")
def vocabulary(project: Path) -> Vocabulary:
    return Vocabulary.load(project / "ontology")


def initiative(number: int, name: str, of: int, year: str, like: int) -> str:
    return block(
        iri(f"id/initiative/x-{of}"),
        (RDF_TYPE, f"<{CLIR}Initiative>"),
        (LABEL, f'"{name}"@fr'),
        (f"{CLIR}initiativeKind", PTCE),
        (f"{CLIR}actsIn", iri("id/territory/departement-39")),
        (f"{CLIR}startYear", f'"{year}"^^<{XSD_YEAR}>'),
        (f"{CLIR}inspiredBy", iri(f"id/initiative/x-{like}")),
        ("http://www.w3.org/ns/locn#address", iri("id/address/shared")),
        derived(number),
    )


def unlike(number: int, siren: str, name: str) -> str:
    """An organization by another number, that may have the SIREN of another one."""
    return organization(number, siren, name).replace(f"siren-{siren}>", f"rna-W00000000{number}>")


def step(number: int, of: int, order: int, after: int) -> str:
    return block(
        iri(f"id/step/x-{number}"),
        (RDF_TYPE, f"<{CLIR}ProcessStep>"),
        (LABEL, '"Écouter"@fr'),
        (f"{CLIR}isStepOf", iri(f"id/process/x-{of}")),
        (f"{CLIR}stepOrder", f'"{order}"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        (f"{CLIR}isPrecededBy", iri(f"id/step/x-{after}")),
        derived(number),
    )


def process(number: int, of: int) -> str:
    return block(
        iri(f"id/process/x-{of}"),
        (RDF_TYPE, f"<{CLIR}CooperationProcess>"),
        (LABEL, '"Monter un pôle"@fr'),
        derived(number),
    )


def orphan(number: int, of: int) -> str:
    return process(number, of).replace(block(iri(f"id/process/x-{of}"), derived(number)), "")


def territory(number: int) -> str:
    return block(
        iri("id/territory/departement-39"), (LABEL, '"Jura"@fr'), (f"{CLIR}inseeCode", '"39"'), derived(number)
    )


NUMBERS = range(1, 6)
numbers = st.sampled_from(NUMBERS)
sirens = st.sampled_from(["552100554", "356000000", "552100555"])
names = st.sampled_from(["Le Moulin", "Jeanne Exemple", "Camille Témoin", "Jean Fictif", " ", "06 12 34 56 78"])
entities = st.one_of(
    st.builds(initiative, numbers, names, numbers, st.sampled_from(["2013", "2090"]), numbers),
    st.builds(organization, numbers, sirens, names),
    st.builds(unlike, numbers, sirens, names),
    st.builds(graphs.participation, numbers, sirens, numbers),
    st.builds(step, numbers, numbers, st.integers(1, 2), numbers),
    st.builds(process, numbers, numbers),
    st.builds(address, numbers),
    st.builds(orphan, numbers, numbers),
)


Outputs = Callable[[str, int | None], list[bytes]]


@pytest.fixture(scope="module")
def outputs(shapes: Shapes, vocabulary: Vocabulary) -> Outputs:
    def outputs(text: str, part: int | None) -> list[bytes]:
        with TemporaryDirectory() as name:
            graph = Path(name) / "graph.nq"
            graph.write_text(text, encoding="utf-8")
            validate(graph, shapes, vocabulary, Path(name) / "out", source="x", part=part)
            return [(Path(name) / "out" / file).read_bytes() for file in FILES]

    return outputs


PERSONS = "".join(initiative(n, name, n, "2013", n) for n, name in enumerate(("Jeanne Exemple", "Jean Fictif"), 1))


@settings(max_examples=30)
@given(st.lists(entities, max_size=14))
@example([unlike(1, "552100554", "Une"), unlike(2, "552100554", "Autre")])  # the same SIREN connects
@example([step(1, 9, 1, 2), step(2, 9, 1, 1)])  # what they refer to is not there
@example([*PERSONS, initiative(3, "Camille Témoin", 3, "2013", 3)])  # most names are of persons, in any part
@example([graphs.participation(1, "552100554", 2), initiative(2, " ", 2, "2013", 2), organization(1, "552100554")])
def test_parts_change_nothing(outputs: Outputs, found: list[str]) -> None:
    text = "".join([*map(record, NUMBERS), *found])
    assert outputs(text, len(text.encode()) // 3) == outputs(text, None)


def parts_of(text: str, folder: Path, checks: tuple[Check, ...] = (Check("Other", ""),)) -> list[set[str]]:
    """The records in each part; of a check that says nothing of what it needs all are."""
    graph = folder / "graph.nq"
    graph.write_text(text, encoding="utf-8")
    with Parts(graph, folder / "parts", len(text.encode()) // 3, Statements(checks, ())) as parts:
        assert list(parts.look(blocks(graph))) == list(blocks(graph))
        parts.connect()
        return [{one.record.rpartition("-")[2] for one in blocks(path)} for path in parts.files()]


def test_records_that_nothing_connects_are_spread_and_the_others_are_together(tmp_path: Path) -> None:
    apart = [unlike(n, "552100554", "Une") for n in NUMBERS]
    found = parts_of("".join([*map(record, NUMBERS), *apart, address(2), address(4)]), tmp_path)
    assert found[0] == {"2", "4"}
    assert sorted(one for part in found[1:] for one in part) == ["1", "3", "5"]
    assert len(found) > 2


def test_what_a_check_compares_connects(tmp_path: Path) -> None:
    text = "".join([*map(record, NUMBERS), unlike(1, "552100554", "Une"), unlike(3, "552100554", "Autre")])
    siren = f"{CLIR}siren"
    assert parts_of(text, tmp_path, (Check("Twice", "", together=(siren,), needs=(siren,)),)) == [{"1", "3"}]


def test_records_in_which_no_check_finds_anything_are_left_out(tmp_path: Path) -> None:
    text = "".join([*map(record, NUMBERS), unlike(2, "552100554", "Une"), orphan(3, 3), address(4)])
    needing = Check("Needing", "", needs=(f"{CLIR}siren",))
    assert parts_of(text, tmp_path, (needing,)) == [set(), {"2"}]


def test_a_source_of_what_others_share_is_one_part(tmp_path: Path) -> None:
    [whole] = parts_of("".join([*map(record, NUMBERS), territory(1)]), tmp_path)
    assert whole == {"1", "2", "3", "4", "5"}
