"""What a request to erase is about: whom it matches, what it covers besides, and what comes back under another name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from clirld import issues
from clirld.errors import ClirldError, DataError, ReleaseError, UsageError
from clirld.fetch.stage import Origin
from clirld.harvest import erasure_request, line, outcome
from clirld.harvest.outcome import Harvest
from clirld.records.erasure import erasure_list, matching
from clirld.records.erasure.erasure_list import ErasureList
from clirld.records.erasure.identity import Identity
from clirld.records.erasure.matching import Erasures
from clirld.release import published
from clirld.release.make import make_release
from clirld.settings import Settings
from clirld.values.persons.identifiers import hashed
from tests.followed import CARD, KEY, Followed, row

SIREN, OTHER_SIREN = "552100554", "356000000"
RNA, OTHER_RNA = "W391000001", "W391000002"
SIRET = f"{SIREN}00013"
PLACES = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(5)]
SECRET = row("zeta9", "Chez Zénobie Quelconque", siren=SIREN)


def harvest_unions(source: Followed, rows: list[str], name: str = "unions") -> Harvest:
    """Harvest another source, of organizations with both numbers."""
    folder = source.settings.sources / name
    folder.mkdir(exist_ok=True)
    card = CARD.replace("id: lieux", f"id: {name}").replace("table: initiative", "table: organization")
    card = (
        card[: card.index("      nom:")] + "      nom: name\n      siren: siren\n      siret: siret\n      rna: rna\n"
    )
    (folder / "source.yaml").write_text(card, encoding="utf-8")
    (folder / "lieux.csv").write_text("\n".join(["id,nom,siren,siret,rna", *rows]) + "\n", encoding="utf-8")
    project = source.project
    return line.harvest(project, project.sources[name], Origin())


def kinds(found: erasure_request.Found) -> list[str]:
    return sorted(request.kind for request in found.requests)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("siren", "552100555"), ("siren", "55210055"), ("siret", f"{SIREN}00014"), ("rna", "391000001"), ("siren", "x")],
)
def test_a_number_that_is_none_is_refused(kind: str, text: str) -> None:
    with pytest.raises(UsageError, match=f"not a {kind.upper()} number") as caught:
        erasure_request.clean_number(kind, text)
    assert caught.value.where == f"--{kind}"


@pytest.mark.parametrize(
    ("kind", "text", "clean"),
    [("siren", "552 100 554", SIREN), ("siret", "552 100 554 00013", SIRET), ("rna", "w391000001", RNA)],
)
def test_a_number_is_taken_however_it_is_written(kind: str, text: str, clean: str) -> None:
    assert erasure_request.clean_number(kind, text) == clean


def test_a_number_stands_for_its_unit_in_every_source(source: Followed) -> None:
    """With its establishments, and the other number that any source knows of it."""
    source.run([*PLACES, SECRET], "2026-01-01")
    harvest_unions(
        source, [f"a,Union,{SIREN},,{RNA}", f"b,Place,,{SIRET},", f"c,Alone,,,{RNA}", f"d,Other,{OTHER_SIREN},,"]
    )
    project = source.project
    expected = {"lieux": 1, "unions": 3}
    for kind, number in (("siren", SIREN), ("rna", RNA), ("siret", SIRET)):
        found = erasure_request.by_number(project, KEY.encode(), kind, number)
        assert found.numbers == {("siren", SIREN), ("rna", RNA)} | {(kind, number)}
        assert found.matches == expected
        assert kinds(found) == sorted({"siren", "rna", kind})
        assert all(request.source is None for request in found.requests)
    found = erasure_request.by_number(project, KEY.encode(), "siren", OTHER_SIREN)
    assert (found.numbers, found.matches) == ({("siren", OTHER_SIREN)}, {"unions": 1})
    assert erasure_request.by_number(project, KEY.encode(), "rna", "W392000009").matches == {}
    # what is found is what is then left out
    erasure_list.add(
        source.settings, erasure_request.by_number(project, KEY.encode(), "rna", RNA).requests, "asked", "me"
    )
    assert harvest_unions(source, [f"c,Alone,,,{RNA}", f"d,Other,{OTHER_SIREN},,"]).account.summary()["published"] == 1


def test_a_record_is_looked_for_wherever_its_source_has_it(source: Followed) -> None:
    source.card(**{"    constants:": '    withhold: {"8": natural-person}\n    constants:'})
    source.run([*PLACES, SECRET, row(8, "Le lieu w"), "9,,39300,,"], "2026-01-01")
    project, key = source.project, KEY.encode()
    for identifier, count in (("zeta9", 1), ("8", 1), ("9", 1), ("9.0", 0), ("zeta", 0)):
        assert erasure_request.by_identifier(project, key, "lieux", identifier).matches == (
            {"lieux": count} if count else {}
        )
    found = erasure_request.by_identifier(project, key, "lieux", "zeta9")
    assert kinds(found) == ["place", "record"]
    assert {request.source for request in found.requests} == {"lieux"}
    assert erasure_request.by_identifier(project, key, "lieux", "1.0").matches == {"lieux": 1}
    assert erasure_request.by_identifier(project, key, "territories", "zeta9").matches == {}
    assert erasure_request.another(project, key, "lieux", "zeta9").matches == {}


def test_a_record_whose_identifier_is_published_as_its_hash_is_found_by_either(source: Followed) -> None:
    """All names are invented."""
    raw = "lieu de Mme Zélie Quelconque"
    source.run([*PLACES, row(raw, "Le lieu z")], "2026-01-01")
    project, key = source.project, KEY.encode()
    for identifier in (raw, hashed(raw)):
        found = erasure_request.by_identifier(project, key, "lieux", identifier)
        assert found.matches == {"lieux": 1}
        erasures = Erasures.of(ErasureList(key, found.requests), "lieux")
        assert erasures is not None
        assert erasures.covers(raw)
        assert erasures.covers(hashed(raw))
        assert not erasures.covers("8")


def test_what_a_record_replaced_is_erased_with_it(source: Followed) -> None:
    source.run([*PLACES, row("old5", "Chez Zénobie Quelconque")], "2026-01-01")
    source.run([*PLACES, row("zeta9", "Chez Zénobie Quelconque")], "2026-01-02")
    found = erasure_request.by_identifier(source.project, KEY.encode(), "lieux", "zeta9")
    assert kinds(found) == ["place", "record", "record"]
    erasure_list.add(source.settings, found.requests, "asked", "me")
    source.run(day="2026-01-03")
    assert not any(word in quad for quad in source.lines() for word in ("old5", "zeta9", "Zénobie"))


def test_under_another_identifier_it_is_held_until_a_person_has_looked(source: Followed) -> None:
    source.run([*PLACES, SECRET], "2026-01-01")
    found = erasure_request.by_identifier(source.project, KEY.encode(), "lieux", "zeta9")
    erasure_list.add(source.settings, found.requests, "asked", "me")
    changed = [*PLACES, row("eta8", "chez ZENOBIE quelconque"), row("theta7", "Chez Zénobie Quelconque", code="25056")]
    made = source.run(changed, "2026-01-02")
    summary = made.account.summary()
    assert (summary["reasons"]["held"], summary["published"]) == ({"erased-maybe-back": 1}, 6)
    assert not any("eta8>" in quad and "theta" not in quad and "zeta" not in quad for quad in source.lines())
    told = [issue for issue in issues.read(made.records / "issues.jsonl") if issue.code == "erased-maybe-back"]
    assert [(issue.row, issue.value, issue.detail) for issue in told] == [(None, None, {})]
    assert "eta8" not in "".join((made.validated / "account.json").read_text(encoding="utf-8"))
    undecided = [json.loads(one) for one in (made.rows / "undecided.jsonl").read_text(encoding="utf-8").splitlines()]
    assert undecided == [{"distribution": "default", "identifier": "eta8", "row": 7}]
    release, _new = make_release(source.project)
    assert not any(
        '"eta8"' in path.read_text(encoding="utf-8", errors="replace") for path in release.folder.rglob("*.json*")
    )
    # a person looks: it is another
    project = source.project
    other = erasure_request.another(project, KEY.encode(), "lieux", "eta8")
    assert other.matches == {"lieux": 1}
    erasure_list.add(source.settings, other.requests, "another place of that name", "me")
    made = source.run(day="2026-01-03")
    assert made.account.summary()["reasons"]["held"] == {}
    assert any("initiative/lieux-eta8>" in quad for quad in source.lines())
    make_release(source.project)


def test_who_asked_does_not_wait_for_a_publisher_to_mend_its_file(source: Followed) -> None:
    """What cannot be harvested without a record is left out of the release, and all other sources are in it."""
    source.run([*PLACES, SECRET], "2026-01-01")
    harvest_unions(source, ["a,Union,,,W391000009"])
    before, _ = make_release(source.project)
    found = erasure_request.by_identifier(source.project, KEY.encode(), "lieux", "zeta9")
    erasure_list.add(source.settings, found.requests, "asked", "me")
    (source.folder / "lieux.csv").write_text("<!DOCTYPE html><html>", encoding="utf-8")
    with pytest.raises(ClirldError):
        source.run(day="2026-01-02")
    released, is_new = make_release(source.project)
    assert is_new
    served = published.current(source.settings.data)
    assert served
    assert before.id != released.id == served.id
    assert [(one["id"], one["reason"]) for one in released.manifest["left_out"]] == [("lieux", "to-erase")]
    assert "lieux" not in released.manifest["graphs"]
    assert "unions" in released.manifest["graphs"]
    source.run(PLACES, "2026-01-03")
    released, _ = make_release(source.project)
    assert (released.manifest["left_out"], "lieux" in released.manifest["graphs"]) == ([], True)


def test_one_that_was_published_beside_it_is_held_too(source: Followed) -> None:
    """It leaves no tombstone, since nobody has said yet that it is the same."""
    source.run([*PLACES, SECRET, row("eta8", "Chez Zénobie Quelconque")], "2026-01-01")
    found = erasure_request.by_identifier(source.project, KEY.encode(), "lieux", "zeta9")
    erasure_list.add(source.settings, found.requests, "asked", "me")
    with pytest.raises(ReleaseError, match="must be erased"):
        make_release(source.project)
    made = source.run(day="2026-01-02")
    assert (made.account.summary()["held"], made.account.summary()["gone"]) == (1, 1)
    assert not any("lieux-eta8" in quad for quad in source.lines())
    made = source.run(PLACES, "2026-01-03")  # nor is it missing
    assert made.account.summary()["missing"] == 0
    assert not any("lieux-eta8" in quad for quad in source.lines())


def test_a_function_is_held_to_it_as_columns_are(settings: Settings, tmp_path: Path) -> None:
    asked = matching.load(settings, "lieux")
    assert asked is not None
    known = Identity("chez zenobie", "39300")
    assert asked.may_cover("eta8", known)
    assert not asked.may_cover("other1", known)
    assert not asked.may_cover("eta8", Identity("chez zenobie", "25056"))
    assert not asked.may_cover("eta8", Identity("chez zenobie", ""))
    assert not asked.may_cover("eta8", Identity("", "39300"))
    elsewhere = matching.load(settings, "unions")
    assert elsewhere is not None
    assert not elsewhere.may_cover("eta8", known)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = replace(Settings.from_environment({}), data=tmp_path / "data", erasure_key=KEY)
    requests = [
        matching.request(KEY.encode(), "place", matching.name_and_place(Identity("chez zenobie", "39300")), "lieux"),
        matching.request(KEY.encode(), "other", "other1", "lieux"),
        matching.request(KEY.encode(), "siren", SIREN),
    ]
    erasure_list.add(found, requests, "asked", "me")
    return found


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        ([("siren", SIREN), ("rna", RNA)], "rna"),
        ([("siret", SIRET), ("rna", RNA)], "rna"),
        ([("siret", SIRET), ("siren", SIREN), ("rna", RNA)], "rna"),
        ([("siren", SIREN)], None),
        ([("siren", OTHER_SIREN), ("rna", RNA)], None),
        ([("siren", SIREN), ("siren", OTHER_SIREN), ("rna", RNA)], None),
        ([("siren", SIREN), ("rna", RNA), ("rna", OTHER_RNA)], None),
        ([], None),
    ],
)
def test_the_other_number_of_a_unit(settings: Settings, numbers: list[tuple[str, str]], kind: str | None) -> None:
    asked = matching.load(settings, "anything")
    assert asked is not None
    assert asked.twin(numbers) == (matching.request(KEY.encode(), kind, RNA) if kind else None)


def test_a_company_under_the_name_of_a_person_is_published_until_it_is_erased(source: Followed) -> None:
    """Its legal name is in the commercial register; without a number it is a person's, and held."""
    rows = [f"a,EXEMPLE Jeanne,{SIREN},,", "b,EXEMPLE Jeanne,,,", f"d,Other,{OTHER_SIREN},,"]
    made = harvest_unions(source, rows)
    assert "EXEMPLE Jeanne" in (made.validated / "graph.nq").read_text(encoding="utf-8")
    assert made.account.summary()["reasons"]["held"] == {"PersonalData": 1}
    erasure_list.add(
        source.settings, erasure_request.by_number(source.project, KEY.encode(), "siren", SIREN).requests, "x", "me"
    )
    made = harvest_unions(source, rows)
    assert "EXEMPLE Jeanne" not in (made.validated / "graph.nq").read_text(encoding="utf-8")
    assert made.account.summary()["published"] == 1


def test_a_twin_that_is_only_met_later_is_erased_everywhere(source: Followed) -> None:
    harvest_unions(source, [f"c,Alone,,,{RNA}", f"d,Other,{OTHER_SIREN},,{OTHER_RNA}"])
    source.run([*PLACES, SECRET], "2026-01-01")
    make_release(source.project)
    found = erasure_request.by_number(source.project, KEY.encode(), "siren", SIREN)
    assert found.matches == {"lieux": 1}  # nothing is known of the RNA number yet
    erasure_list.add(source.settings, found.requests, "asked", "me")
    source.run(day="2026-01-02")
    make_release(source.project)
    made = harvest_unions(source, [f"a,Both,{SIREN},,{RNA}"], "register")
    assert RNA not in "".join(path.read_text(encoding="utf-8") for path in made.rows.glob("*.jsonl"))
    with pytest.raises(DataError, match="unions has records that must be erased"):
        make_release(source.project)
    harvest_unions(source, [f"c,Alone,,,{RNA}", f"d,Other,{OTHER_SIREN},,{OTHER_RNA}"])
    release, _new = make_release(source.project)
    tables = "".join(path.read_text(encoding="utf-8") for path in (release.folder / "tables").glob("*/*.csv"))
    assert RNA not in tables
    assert OTHER_RNA in tables
    assert outcome.failure(source.project, "unions") is None
