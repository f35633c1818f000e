"""What a release says of what is one: in its graph where numbers say so; else beside its store, for a person."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, serialize

from clirld import issues
from clirld.link import output, records
from clirld.link.identifiers import Numbered
from clirld.link.identity import Identity
from clirld.link.judgements import sssom
from clirld.link.judgements.judgement import Judgement, Says
from clirld.link.judgements.resolve import resolve
from clirld.query.select import select
from clirld.release import published
from clirld.release.make import make_release
from clirld.release.published import Release
from clirld.settings import BASE
from clirld.validate import engine
from clirld.validate.shacl import Shapes
from clirld.vocabulary import tables
from tests.dumps import quads_of
from tests.followed import Followed, row
from tests.link.judgements.made import judged


@pytest.fixture(scope="module")
def release(samples: Path) -> Release:
    found = published.current(samples)
    assert found
    return found


def test_organizations_that_numbers_join_are_joined_and_no_initiative_is(release: Release) -> None:
    store = Store.read_only(str(release.folder / "store"))
    said = {
        (quad.subject, quad.object)
        for quad in store.quads_for_pattern(None, NamedNode(output.SAME_AS), None, NamedNode(output.GRAPH))
    }
    query = f"""PREFIX clir: <{BASE}ontology#>
        SELECT DISTINCT ?one ?other {{
          ?one clir:rna ?number ; clir:siren ?siren . ?other clir:rna ?number
          FILTER NOT EXISTS {{ ?other clir:siren ?any }}
        }}"""
    apart = {row[side] for row in candidates(release) if row["verdict"] == "conflict" for side in ("left", "right")}
    rows = [(row["other"], row["one"]) for row in select(store, query)]
    joined = {row for row in rows if row[1].value.rpartition("/")[2] not in apart}
    assert joined
    assert joined <= said  # beside those that a SIRET joins
    assert len(joined) < len(rows)  # one number of the samples is that of two organizations
    assert not {subject for subject, _ in said} & {canonical for _, canonical in said}


def test_judgements_are_as_their_shapes_want_them(project: Path, release: Release) -> None:
    """The graph of links is made with the release, so no source's validation has seen it."""
    store = Store.read_only(str(release.folder / "store"))
    said = list(store.quads_for_pattern(None, None, None, NamedNode(output.GRAPH)))
    quads = serialize(said, format=RdfFormat.N_QUADS) or b""
    found = [one for one in engine.validate_batch(Shapes.load(project / "shapes"), quads) if "/judgement/" in one.focus]
    assert {one.shape for one in found} <= {"StatementSource"}  # of a correction's, which is a statement too
    people = {quad.object.value for quad in said if quad.predicate.value.endswith("#wasAttributedTo")}  # type: ignore[union-attr]
    assert people == {f"{BASE}id/reviewer/exemple-{name}" for name in ("ada", "bo")}


def test_no_initiative_has_a_number_nor_is_one_with_what_carries_it(project: Path, release: Release) -> None:
    columns = tables.load(project / "ontology" / "tables.yaml")["initiative"].columns.values()
    assert {column.type for column in columns}.isdisjoint({"siren", "siret", "rna"})
    store = Store.read_only(str(release.folder / "store"))
    for number in ("siren", "siret", "rna"):
        numbered = store.quads_for_pattern(None, NamedNode(f"{BASE}ontology#{number}"), None, None)
        assert not any(quad.subject.value.startswith(f"{BASE}id/initiative/") for quad in numbered)
    for predicate in (output.SAME_AS, f"{output.SAME_AS[:-6]}differentFrom"):
        for quad in store.quads_for_pattern(None, NamedNode(predicate), None, NamedNode(output.GRAPH)):
            kinds = {node.value.removeprefix(f"{BASE}id/").partition("/")[0] for node in (quad.subject, quad.object)}
            assert len(kinds) == 1


def test_numbers_that_contradict_are_an_issue(release: Release) -> None:
    found = list(issues.read(release.folder / "links" / "issues.jsonl"))
    assert {one.code for one in found} == {"numbers-contradict"}
    assert all(one.severity == "warning" and " ≠ " in str(one.value) for one in found)


def test_what_is_only_a_candidate_is_not_in_the_store(release: Release) -> None:
    assert candidates(release)
    assert not any(quad.endswith(b"/graph/links/candidates> .") for quad in quads_of(release.folder))


def test_the_one_that_goes_first_stands_for_the_others(tmp_path: Path) -> None:
    one = Numbered(("siren-1", "rna-W1", "a-7"), ("siren-1", "rna-W1"), ("a", "b"))
    (path,) = output.write_same(Identity({}, [one]), {"open": ["a", "b"]}, "open", tmp_path).values()
    assert path.read_text().splitlines() == [
        f"<{BASE}id/organization/{key}> <{output.SAME_AS}> <{BASE}id/organization/siren-1> <{BASE}graph/links> ."
        for key in ("a-7", "rna-W1")
    ]


def candidates(release: Release) -> list[dict[str, str]]:
    with (release.folder / "links" / "candidates.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_numbers_that_contradict_join_nothing_and_are_told(tmp_path: Path) -> None:
    apart = Numbered(("siren-1", "siren-2"), ("siren-1", "siren-2", "rna-W1"), ("a", "b"))
    who = Identity({"organization": records.of_tables([])}, [apart])
    (path,) = output.write_same(who, {"open": ["a", "b"]}, "open", tmp_path).values()
    assert path.read_text() == ""
    assert output.write_candidates(who, tmp_path) == 1
    with (tmp_path / "candidates.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["table"], row["left"], row["right"], row["verdict"]) == (
        "organization",
        "siren-1",
        "siren-2",
        "conflict",
    )


def test_what_people_judge_is_published_with_who_says_it_and_what_they_withdraw_is_not(
    source: Followed, tmp_path: Path
) -> None:
    folder = tmp_path / "judgements"
    source.settings = replace(source.settings, judgements=folder)
    source.run([row(number, f"La Ruche du Quai {number % 2}") for number in range(1, 7)])
    same, apart = judge("same", 1, 3), replace(judge("different", 2, 4, "bo"), comment="Deux salles, deux équipes.")
    torn = [judge("same", 5, 6), judge("different", 6, 5, "bo")]
    sssom.append(folder, [same, apart, *torn, judge("unsure", 1, 2), judge("same", 1, 99)])
    release, is_new = make_release(source.project)
    assert is_new
    assert not make_release(source.project)[1]
    store = Store.read_only(str(release.folder / "store"))
    joined = {
        tuple(node.value.rpartition("-")[2] for node in (quad.subject, quad.object))
        for quad in store.quads_for_pattern(None, NamedNode(output.SAME_AS), None, NamedNode(output.GRAPH))
    }
    assert joined == {("3", "1")}
    (told,) = select(store, TOLD)
    assert told["by"].value == f"{BASE}id/reviewer/bo"
    assert [told[name].value for name in ("day", "why")] == ["2026-01-02", apart.comment]
    open_pairs = {(row["left"], row["right"]) for row in candidates(release) if row["table"] == "initiative"}
    assert {("lieux-1", "lieux-5"), ("lieux-3", "lieux-5")} <= open_pairs
    assert open_pairs.isdisjoint({("lieux-1", "lieux-3"), ("lieux-2", "lieux-4")})
    held = sssom.read(release.folder / "links")
    assert (len(held.judgements), held.issues) == (3, [])
    found = [(one.code, one.value) for one in issues.read(release.folder / "links" / "issues.jsonl")]
    assert sorted(code for code, _value in found) == ["judgement-vanished", "judgements-contradict"]
    assert release.manifest["link_issues"] == 2
    sssom.append(folder, [replace(judge("unsure", 1, 3, "cy"), withdraws=(same.id, apart.id), id="").named()])
    after, is_new = make_release(source.project)
    assert is_new
    assert list(Store.read_only(str(after.folder / "store")).quads_for_pattern(None, None, None, GRAPH)) == []


GRAPH = NamedNode(output.GRAPH)
TOLD = f"""PREFIX dct: <http://purl.org/dc/terms/> PREFIX owl: <http://www.w3.org/2002/07/owl#>
    PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
    SELECT ?by ?day ?why {{ GRAPH <{output.GRAPH}> {{
      ?one owl:differentFrom ?other .
      ?told rdf:subject ?one ; rdf:predicate owl:differentFrom ; rdf:object ?other ;
        prov:wasAttributedTo ?by ; dct:created ?day ; dct:description ?why ; dct:license ?licence .
    }} }}"""


def judge(says: Says, one: int, other: int, by: str = "ada") -> Judgement:
    return judged(says, f"lieux-{one}", f"lieux-{other}", by)


def test_a_link_to_a_record_under_another_licence_is_in_its_file(tmp_path: Path) -> None:
    one = judged("same", "a-1", "b-1")
    frame = pl.DataFrame({"key": ["a-1", "b-1"], "source": ["a", "b"]}, schema_overrides=records.SCHEMA)
    who = Identity({"initiative": frame}, resolved=resolve([one], [], set(one.pair)))
    paths = output.write_same(who, {"open": ["a"], "odbl": ["b"]}, "open", tmp_path)
    assert [path.read_text().count("\n") for path in paths.values()] == [0, 10]
