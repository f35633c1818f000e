"""The validate stage: what is held back and what is not, the report, and that batches change nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from ruamel.yaml import YAML

from clirld import issues
from clirld.errors import MappingError, ShapesError
from clirld.map.blocks import batches, blocks
from clirld.validate import engine, shacl
from clirld.validate.graph import Shapes, Validation, validate
from clirld.vocabulary.terms import Vocabulary
from tests.validate.engines import ENGINES
from tests.validate.graphs import (
    BASE,
    CLIR,
    GRAPH,
    LABEL,
    address,
    block,
    derived,
    initiative,
    iri,
    organization,
    participation,
    record,
)

Run = Callable[..., Validation]


@pytest.fixture(scope="module")
def shapes(project: Path) -> Shapes:
    return Shapes.load(project / "shapes")


@pytest.fixture(scope="module")
def vocabulary(project: Path) -> Vocabulary:
    return Vocabulary.load(project / "ontology")


@pytest.fixture
def run(tmp_path: Path, shapes: Shapes, vocabulary: Vocabulary) -> Run:
    """Validate blocks given as text; gives the outcome."""

    def run(*text: str, batch: int = 2000, out: str = "out") -> Validation:
        graph = tmp_path / "graph.nq"
        graph.write_text("".join(text), encoding="utf-8")
        return validate(graph, shapes, vocabulary, tmp_path / out, source="x", batch=batch)

    return run


def held(outcome: Validation) -> list[dict[str, object]]:
    return [json.loads(line) for line in outcome.held_file.read_text(encoding="utf-8").splitlines()]


def test_nothing_held_gives_the_same_file(run: Run, tmp_path: Path) -> None:
    outcome = run(record(1), initiative(1), address(1))
    assert outcome.graph.samefile(tmp_path / "graph.nq")
    assert (outcome.records, outcome.held, outcome.warnings) == (1, {}, {})
    assert held(outcome) == []
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "graph.nq",
        "held.jsonl",
        "issues.jsonl",
        "kept",
        "report.ttl",
    ]


def test_a_held_record_leaves_out_all_its_blocks_and_nothing_else(run: Run) -> None:
    good = [record(1), record(3), initiative(1), initiative(3), address(1), organization(3, "552100554")]
    bad = [record(2), initiative(2, "  "), address(2), participation(2, "552100554")]
    outcome = run(*sorted([*good, *bad]))
    assert outcome.graph.read_text(encoding="utf-8") == "".join(sorted(good))
    assert outcome.held == {"InitiativeLabel": 1}
    [line] = held(outcome)
    assert (line["record"], line["identifier"], line["row"]) == ("x-2", "2", 3)
    assert line["reason"] == "InitiativeLabel"
    assert "relier" in line["message"]["fr"]  # type: ignore[index]
    assert "map" in line["message"]["en"]  # type: ignore[index]
    [issue] = issues.read(outcome.issues)
    assert (issue.code, issue.row, issue.value) == ("record-held", 3, "  ")
    assert "fiche retenue : Le nom manque" in issue.message("fr")


def test_two_rows_about_one_organization_are_judged_apart(run: Run) -> None:
    """Two names in French are fine in two rows; the wrong SIRET of one row holds that row only."""
    wrong = organization(2, "552100554", "Le même").replace(
        f"<{CLIR}siren>",
        f'<{CLIR}siret> "55210055400014" {GRAPH}\n{iri("id/organization/siren-552100554")} <{CLIR}siren>',
    )
    kept = [record(1), organization(1, "552100554")]
    outcome = run(kept[0], record(2), kept[1], wrong)
    assert outcome.held == {"SiretLuhn": 1}
    assert outcome.graph.read_text(encoding="utf-8") == "".join(kept)


def test_a_reference_to_what_is_held_holds_too(run: Run) -> None:
    """Record 2 is held for its name, record 3 since it takes part in 2's initiative."""
    outcome = run(
        *(record(n) for n in (1, 2, 3)),
        *(initiative(1), initiative(2, " ")),
        address(1),
        organization(3, "552100554"),
        participation(3, "552100554", member_of=2),
    )
    assert {line["record"]: line["reason"] for line in held(outcome)} == {
        "x-2": "InitiativeLabel",
        "x-3": "ReferenceDangling",
    }
    assert outcome.graph.read_text(encoding="utf-8") == record(1) + initiative(1) + address(1)


def test_warnings_hold_nothing(run: Run, tmp_path: Path) -> None:
    outcome = run(record(1), initiative(1, "UN TIERS-LIEU TRÈS BRUYANT"), address(1))
    assert outcome.warnings == {"InitiativeLabelCase": 1}
    assert outcome.held == {}
    [issue] = issues.read(outcome.issues)
    assert (issue.code, issue.severity, issue.row) == ("shape-warning", "warning", 2)
    assert issue.value == "UN TIERS-LIEU TRÈS BRUYANT"


CONTACTS = [
    "Écrire à camille@example.org",
    "Appeler le 06 12 34 56 78",
    "+33 612345678",
    "+33 (0)6 12 34 56 78",
    "0033 6 12 34 56 78",
    "06/12/34/56/78",
    "06\u00a012\u00a034\u00a056\u00a078",
    "+262 692 12 34 56",
]


@pytest.mark.parametrize("text", CONTACTS)
def test_no_text_without_a_language_holds_one_either(run: Run, text: str) -> None:
    category = block(iri("id/initiative/x-1"), (f"{CLIR}sourceCategory", f'"{text}"'))
    street = block(iri("id/address/shared"), ("http://www.w3.org/ns/locn#thoroughfare", f'"{text}"'))
    for graph in (record(1) + initiative(1) + category + address(1), record(1) + initiative(1) + address(1) + street):
        assert [one["reason"] for one in held(run(graph))] == ["PersonalData"]


def test_an_identifier_that_is_an_address_to_reach_somebody_is_not_told(run: Run) -> None:
    outcome = run(record(1).replace('"1"', '"who@example.org"') + initiative(1) + address(1))
    assert [(one["reason"], set(one)) for one in held(outcome)] == [("PersonalData", {"record", "reason", "reasons"})]
    for path in (outcome.report, outcome.held_file, outcome.issues, outcome.graph):
        assert "who@" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", CONTACTS)
def test_an_address_or_a_number_to_reach_a_person_holds_and_is_not_told(run: Run, text: str) -> None:
    outcome = run(record(1) + initiative(1, text) + address(1))
    assert [one["reason"] for one in held(outcome)] == ["PersonalData"]
    for path in (outcome.report, outcome.held_file, outcome.issues, outcome.graph):
        assert text not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["Mme Jeanne Exemple", "EXEMPLE Jeanne", "Lieu animé par Jeanne Exemple"])
def test_an_initiative_that_names_a_person_is_held_and_its_name_is_not_told(run: Run, name: str) -> None:
    outcome = run(record(1) + initiative(1, name) + address(1))
    assert [one["reason"] for one in held(outcome)] == ["PersonalData"]
    for path in (outcome.report, outcome.held_file, outcome.issues, outcome.graph):
        assert "Jeanne" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("street", "is_held"), [("chez Jeanne Exemple, 3 rue Basse", True), ("rue du Dr Exemple", False)]
)
def test_a_street_that_names_somebody_holds_and_one_named_after_somebody_does_not(
    run: Run, street: str, is_held: bool
) -> None:
    """Persons are taken out before; this is for what was not."""
    line = block(iri("id/address/shared"), ("http://www.w3.org/ns/locn#thoroughfare", f'"{street}"'))
    outcome = run(record(1) + initiative(1) + address(1) + line)
    assert [one["reason"] for one in held(outcome)] == ["PersonalData"] * is_held
    assert "Jeanne" not in outcome.report.read_text(encoding="utf-8")


def test_a_column_of_persons_is_held_and_a_place_that_sounds_so_is_not(run: Run) -> None:
    """All names are invented."""
    persons = ["Jeanne Exemple", "Camille Témoin", "Jean Fictif", "La Grange"]
    outcome = run(*(record(n) + initiative(n, name) for n, name in enumerate(persons, start=1)), address(1))
    assert [line["record"] for line in held(outcome) if line["reason"] == "PersonalData"] == ["x-1", "x-2", "x-3"]
    places = ["Jeanne Exemple", "La Fabrique", "Le Moulin", "La Grange"]
    outcome = run(*(record(n) + initiative(n, name) for n, name in enumerate(places, start=1)), address(1))
    assert "PersonalData" not in {line["reason"] for line in held(outcome)}


def test_the_legal_name_of_an_organization_with_a_number_stays(run: Run) -> None:
    """It may be its owner's; without a number it is a person's like any other."""
    legal = organization(1, "552100554", "Mme Jeanne Exemple")
    assert held(run(record(1), legal)) == []
    unnumbered = "".join(line for line in legal.splitlines(keepends=True) if f"<{CLIR}siren>" not in line)
    assert "PersonalData" in {one["reason"] for one in held(run(record(1), unnumbered))}
    contact = organization(1, "552100554", "Exemple 06 12 34 56 78")
    assert [one["reason"] for one in held(run(record(1), contact))] == ["PersonalData"]


def test_a_page_that_leads_to_a_person_holds(run: Run) -> None:
    """Addresses are refused before; this is for those that a source's own function made."""
    page = block(iri("id/initiative/x-1"), ("http://xmlns.com/foaf/0.1/homepage", "<https://wa.me/33612345678>"))
    outcome = run(record(1) + initiative(1) + page + address(1))
    assert [one["reason"] for one in held(outcome)] == ["PersonalData"]


def test_a_year_or_a_code_in_a_name_is_no_number_to_reach_a_person(run: Run) -> None:
    assert held(run(record(1) + initiative(1, "Ferme 0612, fondée en 2012 (SIRET 06220119900031)") + address(1))) == []


def test_an_entity_without_a_record_is_left_out_alone(run: Run) -> None:
    orphan = initiative(2).replace(block(iri("id/initiative/x-2"), derived(2)), "")
    outcome = run(record(1), initiative(1), orphan, address(1))
    assert outcome.held == {"Provenance": 1}
    assert outcome.graph.read_text(encoding="utf-8") == record(1) + initiative(1) + address(1)


def test_an_empty_graph_is_valid(run: Run) -> None:
    outcome = run("")
    assert (outcome.records, outcome.held) == (0, {})
    assert outcome.graph.read_bytes() == b""


def test_a_line_that_is_not_nquads_is_an_error(run: Run) -> None:
    with pytest.raises(MappingError, match="not N-Quads"):
        run(record(1), initiative(1).replace("@fr", ""), "<https://example.org/a b> <x> .\n")


def many() -> list[str]:
    names = {3: " ", 7: "<i>x</i>", 11: "TOUT EN CAPITALES OU PRESQUE"}
    return [
        *(record(n) for n in range(1, 31)),
        *(initiative(n, names.get(n, f"Lieu {n}")) for n in range(1, 31)),
        *(address(n) for n in range(1, 31)),
    ]


def test_batches_change_nothing(run: Run, tmp_path: Path) -> None:
    outcomes = [
        run(*many(), out="a"),
        run(*many(), batch=20, out="b"),
        run(*many(), batch=7, out="c"),
    ]
    assert outcomes[0].held == {"InitiativeLabel": 1, "InitiativeLabelMarkup": 1}
    for name in ("graph.nq", "report.ttl", "held.jsonl", "issues.jsonl"):
        contents = [(tmp_path / out / name).read_bytes() for out in "abc"]
        assert contents[0] == contents[1] == contents[2], name


def test_the_report_is_a_shacl_report(run: Run) -> None:
    outcome = run(*many())
    store = ox.Store()
    store.load(path=str(outcome.report), format=ox.RdfFormat.TURTLE)
    rows = store.query(f"""
        PREFIX sh: <{shacl.SH}>
        SELECT ?conforms ?shape ?severity ?focus WHERE {{
          <{BASE}id/report/x> a sh:ValidationReport ; sh:conforms ?conforms ; sh:result ?result .
          ?result a sh:ValidationResult ; sh:sourceShape ?shape ; sh:resultSeverity ?severity ;
            sh:focusNode ?focus ; sh:sourceConstraintComponent ?component ;
            sh:resultMessage ?fr, ?en .
          FILTER(LANG(?fr) = "fr" && LANG(?en) = "en" && !ISBLANK(?result))
        }} ORDER BY ?focus""")
    assert isinstance(rows, ox.QuerySolutions)
    found = [(row["conforms"].value, row["shape"].value.partition("#")[2]) for row in rows]
    assert found == [
        ("false", "InitiativeLabelCase"),
        ("false", "InitiativeLabel"),
        ("false", "InitiativeLabelMarkup"),
    ]


def test_blocks_end_after_the_record_they_are_derived_from(tmp_path: Path) -> None:
    graph = tmp_path / "graph.nq"
    graph.write_text(record(1) + organization(1, "552100554") + organization(2, "552100554"), encoding="utf-8")
    found = [(one.subject.removeprefix(BASE), one.record.removeprefix(BASE)) for one in blocks(graph)]
    assert found == [
        ("id/record/x-1", "id/record/x-1"),
        ("id/organization/siren-552100554", "id/record/x-1"),
        ("id/organization/siren-552100554", "id/record/x-2"),
    ]


def test_batches_hold_every_block_once(tmp_path: Path) -> None:
    graph = tmp_path / "graph.nq"
    text = [*many(), *(organization(n, "552100554", f"Nom {n}") for n in range(9))]
    graph.write_text("".join(text), encoding="utf-8")
    found = list(batches(blocks(graph), 10))
    kept = [one for batch in found for group in batch.by_subject.values() for one in group]
    assert sorted(b"".join(one.lines) for one in kept) == sorted(one.encode() for one in text)
    assert all(sum(len(group) for group in batch.by_subject.values()) <= 10 for batch in found)


def test_the_mapping_names_the_record_last(project: Path) -> None:
    """Blocks rely on it (clirld.map.blocks)."""
    text = (project / "ontology" / "mapping.yarrrml").read_text(encoding="utf-8")
    for name, mapping in YAML(typ="safe", pure=True).load(text)["mappings"].items():
        predicates = [po[0] for po in mapping["po"]]
        if name != "record":
            assert predicates.count("prov:wasDerivedFrom") == 1
            assert predicates[-1] == "prov:wasDerivedFrom"


@pytest.mark.parametrize("name", ["shacl", "pySHACL"])
def test_shapes_that_cannot_be_run_are_named(
    name: str, tmp_path: Path, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_engine", lambda: ENGINES[name])
    folder = tmp_path / "shapes"
    folder.mkdir()
    for file, count in (("good.ttl", "1"), ("bad.ttl", '"many"')):
        (folder / file).write_text(
            f"""
            @prefix sh: <{shacl.SH}> .
            @prefix shape: <{shacl.SHAPES}> .
            shape:{file[:-4]} a sh:PropertyShape ; sh:targetClass <{CLIR}Initiative> ; sh:path <{LABEL}> ;
                sh:minCount {count} ; sh:severity sh:Violation ; sh:message "faux"@fr, "wrong"@en .
            """,
            encoding="utf-8",
        )
    graph = tmp_path / "graph.nq"
    graph.write_text(record(1) + initiative(1), encoding="utf-8")
    with pytest.raises(ShapesError, match=f"{name} cannot run the shapes") as caught:
        validate(graph, Shapes.load(folder), vocabulary, tmp_path / "out", source="x")
    assert caught.value.where == str(folder / "bad.ttl")
    assert caught.value.do


def test_held_records_are_told_in_the_order_of_their_rows(run: Run) -> None:
    """A record of which no row is known comes first."""
    unknown = "".join(line for line in record(9).splitlines(keepends=True) if "sourceRow" not in line)
    graph = [record(10), record(2), record(0), unknown, *(initiative(n, " ") for n in (10, 2, 0, 9)), address(2)]
    outcome = run(*graph)
    assert [(one["record"], one["row"]) for one in held(outcome)] == [
        ("x-9", None),
        ("x-0", 1),
        ("x-2", 3),
        ("x-10", 11),
    ]
    assert outcome.held == {"InitiativeLabel": 3, "SourceRecordRow": 1}
    assert outcome.records == 4


def test_a_held_record_without_an_identifier_has_none(run: Run) -> None:
    bare = "".join(line for line in record(1).splitlines(keepends=True) if "terms/identifier" not in line)
    [line] = held(run(bare, initiative(1, " "), address(1)))
    assert (line["record"], line["identifier"], line["row"]) == ("x-1", None, 2)


def test_what_has_no_record_is_no_record(run: Run) -> None:
    orphan = initiative(2).replace(block(iri("id/initiative/x-2"), derived(2)), "")
    assert run(record(1), initiative(1), orphan, address(1)).records == 1


def test_only_the_row_that_states_what_is_wrong_is_held(run: Run) -> None:
    """Two rows give one address to two initiatives; a third one refers to what is not there."""
    astray = participation(3, "552100554", member_of=4)
    kept = [record(1), record(2), initiative(1), initiative(2), address(1), address(2), organization(2, "552100554")]
    outcome = run(*kept, record(3), organization(3, "552100554"), astray)
    assert [one["record"] for one in held(outcome)] == ["x-3"]
    assert outcome.graph.read_text(encoding="utf-8") == "".join(kept)


def test_an_empty_value_is_told_as_none(run: Run) -> None:
    outcome = run(record(1), initiative(1, ""), address(1))
    assert {issue.value for issue in issues.read(outcome.issues)} == {None}


def test_the_folder_of_the_outputs_is_made(run: Run) -> None:
    assert run(record(1), initiative(1), address(1), out="some/where/else").graph.is_file()


def test_many_batches_are_told_in_the_order_of_the_graph(run: Run, tmp_path: Path) -> None:
    names = dict.fromkeys(range(1, 31, 2), " ")
    text = [
        *(record(n) for n in range(1, 31)),
        *(initiative(n, names.get(n, f"Lieu {n}")) for n in range(1, 31)),
        *(address(n) for n in range(1, 31)),
    ]
    run(*text, out="a")
    run(*text, batch=3, out="b")
    for name in ("graph.nq", "report.ttl", "held.jsonl", "issues.jsonl"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
