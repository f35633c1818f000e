"""Erasures and retention: what somebody asked to be left out is nowhere, and raw bytes stay no longer than they may."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.errors import DataError, UsageError
from clirld.harvest import outcome, retention
from clirld.harvest.outcome import Harvest
from clirld.records.erasure import matching
from clirld.records.erasure.erasure_list import ErasureList
from clirld.records.erasure.identity import Identity
from clirld.records.table_files import tables_of
from clirld.release import tidy
from clirld.release.make import make_release
from clirld.settings import Settings
from tests.followed import KEY, Followed, row

SIREN = "552100554"


ROWS = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(5)] + [row("zeta9", "Chez Zénobie Quelconque", siren=SIREN)]
SECRETS = ("Zénobie", SIREN)


def mentions(folder: Path, words: tuple[str, ...]) -> list[str]:
    """Files below a folder in which a word is, but for the store and what is compressed."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "store" not in path.parts:
            content = path.read_bytes()
            found += [str(path.relative_to(folder)) for word in words if word.encode() in content]
    return found


def outputs(source: Followed) -> list[str]:
    """Where the words are in what the last good harvest is made of."""
    kept = outcome.last_good(source.project, "lieux")
    assert kept is not None
    return [found for folder in kept.folders for found in mentions(folder, SECRETS)]


def opaque_tombstones(source: Followed) -> set[str]:
    """The kinds of entities that were erased: each has an end, a reason and its opaque record, and nothing else."""
    found: dict[str, dict[str, str]] = {}
    for quad in source.lines():
        if match := re.match(
            r"<https://w3id.org/clirld/id/(\w+/lieux-erased-[0-9a-f]{32})> <[^>]+[/#](\w+)> (.+) <", quad
        ):
            found.setdefault(match[1], {})[match[2]] = match[3]
    for said in found.values():
        assert set(said) == {"type", "invalidatedAtTime", "endReason", "wasDerivedFrom"}
        assert said["endReason"].endswith("end-reason/erased>")
        assert said["type"].endswith("FormerEntity>")
    return {name.partition("/")[0] for name in found}


def tombstones(made: Harvest, identifier: str) -> list[str]:
    """Where a record's identifier is in what is kept of a harvest: the tables and the state of presence."""
    return [found for folder in (made.records, made.validated) for found in mentions(folder, (identifier,))]


def test_a_record_is_left_out_by_its_identifier(source: Followed) -> None:
    source.run(ROWS, "2026-01-01")
    assert outputs(source) != []
    assert matching.add_request(source.settings, "record", "zeta9", "asked by letter", "me", "lieux")
    assert not matching.add_request(source.settings, "record", "zeta9", "again", "me", "lieux")
    made = source.run(day="2026-01-02")
    summary = made.account.summary()
    assert (summary["published"], summary["dropped"], summary["gone"]) == (5, 1, 1)
    assert summary["reasons"]["dropped"] == {"erased": 1}
    assert outputs(source) == []
    assert "zeta9" not in (made.records / "issues.jsonl").read_text(encoding="utf-8")
    assert "zeta9" not in (made.validated / "account.json").read_text(encoding="utf-8")
    assert opaque_tombstones(source) == {"initiative", "record"}
    assert tombstones(made, "zeta9") == []
    # and for ever
    source.run([*ROWS, row(7, "Un autre")], "2026-01-03")
    assert outputs(source) == []
    published, _new = make_release(source.project)
    assert mentions(published.folder, SECRETS) == []


@pytest.mark.parametrize("kind_and_value", [("siren", SIREN), ("siren", "552 100 554")])
def test_a_number_is_left_out_in_every_source(source: Followed, kind_and_value: tuple[str, str]) -> None:
    source.run(ROWS, "2026-01-01")
    matching.add_request(source.settings, *kind_and_value, "asked by letter", "me")
    made = source.run(day="2026-01-02")
    assert made.account.summary()["reasons"]["dropped"] == {"erased": 1}
    assert outputs(source) == []
    assert not any(SIREN in quad for quad in source.lines())


def test_a_siret_is_of_its_siren(source: Followed) -> None:
    matching.add_request(source.settings, "siren", SIREN, "x", "me")
    asked = matching.load(source.settings, "anything")
    assert asked is not None
    assert asked.covers("1", [f"{SIREN}00013"])
    assert not asked.covers(SIREN)
    assert not asked.covers("1", ["356000000"])


def test_a_record_of_one_source_is_not_one_of_another(source: Followed) -> None:
    matching.add_request(source.settings, "record", "1", "x", "me", "lieux")
    asked = matching.load(source.settings, "lieux")
    assert asked is not None
    assert asked.covers("1")
    assert matching.load(source.settings, "territories") is None


def test_a_request_may_write_a_number_as_a_spreadsheet_does(source: Followed) -> None:
    matching.add_request(source.settings, "record", "131.0", "asked by letter", "me", "lieux")
    asked = matching.load(source.settings, "lieux")
    assert asked is not None
    assert asked.covers("131")
    assert asked.covers("131.0")
    assert not asked.covers("1310")


@pytest.mark.parametrize("number", [f"{SIREN}00014", "552-100-554 00014"])
def test_a_wrong_siret_is_still_of_its_siren(source: Followed, number: str) -> None:
    """Its SIREN is not published, but the rest of its row would be."""
    matching.add_request(source.settings, "siren", SIREN, "asked by letter", "me")
    made = source.run([*ROWS[:5], row("zeta9", "Chez Zénobie Quelconque", siren=number)], "2026-01-01")
    assert made.account.summary()["reasons"]["dropped"] == {"erased": 1}
    assert outputs(source) == []


def test_what_was_gone_already_loses_its_name(source: Followed) -> None:
    source.card("grace: 0\n")
    source.run(ROWS, "2026-01-01")
    source.run(ROWS[:5], "2026-01-02")
    assert any("Zénobie" in quad for quad in source.lines())
    matching.add_request(source.settings, "record", "zeta9", "x", "me", "lieux")
    source.run([*ROWS[:5], row(7, "Un autre")], "2026-01-03")
    assert not any(word in quad for quad in source.lines() for word in SECRETS)
    assert opaque_tombstones(source) == {"initiative", "record"}
    made = outcome.last_good(source.project, "lieux")
    assert made is not None
    assert tombstones(made, "zeta9") == []


def test_the_list_names_nobody_and_needs_its_key(source: Followed) -> None:
    matching.add_request(source.settings, "siren", SIREN, "x", "me")
    text = source.settings.erasure_file.read_text(encoding="utf-8")
    assert SIREN not in text
    assert re.fullmatch(r"[0-9a-f]{64}", json.loads(text)["hash"])
    source.settings = replace(source.settings, erasure_key="")
    for work in (lambda: source.run(ROWS, "2026-01-01"), lambda: make_release(source.project)):
        with pytest.raises(DataError, match="no key to apply them with"):
            work()
    with pytest.raises(UsageError, match="too short"):
        matching.load(replace(source.settings, erasure_key="short"), "lieux")
    source.settings = replace(source.settings, erasure_key=KEY)
    assert KEY not in repr(source.settings) + repr(matching.load(source.settings, "lieux"))
    source.settings.erasure_file.write_text("{\n", encoding="utf-8")
    with pytest.raises(DataError, match="not whole"):
        matching.load(source.settings, "lieux")


def test_nothing_is_released_that_must_be_erased(source: Followed) -> None:
    source.run(ROWS, "2026-01-01")
    make_release(source.project)
    matching.add_request(source.settings, "siren", SIREN, "x", "me")
    with pytest.raises(DataError, match="lieux has records that must be erased"):
        make_release(source.project, force=True)
    source.run(day="2026-01-02")
    make_release(source.project)


def test_the_command_deletes_the_raw_bytes(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    source.run(ROWS, "2026-01-01")
    for name, value in (("SOURCES", source.settings.sources), ("DATA", source.settings.data), ("ERASURE_KEY", KEY)):
        monkeypatch.setenv(f"CLIRLD_{name}", str(value))
    run = CliRunner().invoke
    named = run(app.app, ["erase", "lieux", "zeta9", "--because", "demande de Mme Zénobie Quelconque"])
    assert isinstance(named.exception, UsageError)  # the list names nobody
    told = run(app.app, ["erase", "lieux", "zeta9", "--because", "asked"])
    assert told.exit_code == 0
    assert str(source.folder / "lieux.csv") in told.stdout  # what lies beside the card is committed
    assert contents(source) == []
    assert run(app.app, ["erase", "--siren", SIREN, "--because", "asked"]).exit_code == 0
    for wrong in (["lieux"], ["lieux", "1", "--siren", SIREN], [], ["--siren", SIREN, "--rna", "W391000001"]):
        assert run(app.app, ["erase", *wrong, "--because", "asked"]).exit_code != 0
    assert run(app.app, ["erase", "lieux", "1"]).exit_code != 0
    source.run(day="2026-01-02")
    assert outputs(source) == []
    assert contents(source) == []  # the row is still in the file


def test_what_was_erased_never_comes_back_and_its_key_stays_the_same(source: Followed) -> None:
    source.run(ROWS, "2026-01-01")
    matching.add_request(source.settings, "record", "zeta9", "x", "me", "lieux")
    source.run(day="2026-01-02")
    stones = sorted(quad for quad in source.lines() if "-erased-" in quad)
    assert stones
    source.run([*ROWS, row(7, "Un autre")], "2026-01-03")
    assert sorted(quad for quad in source.lines() if "-erased-" in quad) == stones
    source.run([*ROWS[:5], row(7, "Un autre")], "2026-01-04")  # the file no longer has it
    assert sorted(quad for quad in source.lines() if "-erased-" in quad) == stones
    made = source.run([*ROWS, row(8, "Encore un autre")], "2026-01-05")
    assert sorted(quad for quad in source.lines() if "-erased-" in quad) == stones
    state = pl.read_parquet(made.records / "presence.parquet").filter(pl.col("reason") == "erased")
    assert state.select("hash", "state", "replaced_by").rows() == [(None, "gone", None)]
    records = pl.read_parquet(made.records / "record" / "*.parquet")
    assert not any("erased" in key for key in records["key"])
    ended = pl.read_parquet(made.records / "ended" / "*.parquet").filter(pl.col("kind") == "record")
    assert ended.select("row", "name", "reason", "class").rows() == [(None, None, "erased", "FormerEntity")]


def test_an_opaque_key_is_nobodys_and_of_its_key_alone(settings: Settings) -> None:
    matching.add_request(settings, "record", "1", "x", "me", "lieux")
    asked = matching.load(settings, "lieux")
    assert asked is not None
    keys = [asked.opaque(key) for key in ("lieux-1", "lieux-2", "lieux-1-carrier")]
    assert len(set(keys)) == 3
    assert all(re.fullmatch(r"lieux-erased-[0-9a-f]{32}", key) for key in keys)
    assert asked.opaque("lieux-1") == keys[0]
    assert replace(asked, key=b"another key that nobody knows").opaque("lieux-1") != keys[0]


def test_what_was_replaced_by_what_is_erased_does_not_name_it(source: Followed) -> None:
    source.run([*ROWS[:5], row("old5", "Chez Zénobie Quelconque")], "2026-01-01")
    source.run([*ROWS[:5], row("zeta9", "Chez Zénobie Quelconque")], "2026-01-02")
    assert any("isReplacedBy" in quad and "lieux-zeta9>" in quad for quad in source.lines())
    matching.add_request(source.settings, "record", "zeta9", "x", "me", "lieux")
    made = source.run([*ROWS[:5], row(7, "Un autre")], "2026-01-03")
    assert tombstones(made, "zeta9") == []
    assert any(
        "record/lieux-old5>" in quad and "isReplacedBy" in quad and "-erased-" in quad for quad in source.lines()
    )


# Retention --------------------------------------------------------------------------------------


def contents(source: Followed, name: str = "lieux") -> list[str]:
    """The dates of the snapshots whose bytes are kept."""
    folder = source.settings.data / "snapshots" / name / "default"
    return sorted(
        json.loads((path.parent / "snapshot.file.json").read_text())["retrieved"][:10]
        for path in folder.glob("*/content")
    )


def test_the_newest_bytes_are_kept(source: Followed) -> None:
    for n in range(5):
        source.run(ROWS[: n + 1], f"2026-01-0{n + 1}")
    assert contents(source) == ["2026-01-03", "2026-01-04", "2026-01-05"]
    source.card("retention: 1\n")
    source.run(day="2026-01-06")
    assert contents(source) == ["2026-01-05"]
    folder = source.settings.data / "snapshots" / "lieux" / "default"
    assert len(list(folder.glob("*/snapshot.file.json"))) == 5


def test_a_source_with_personal_data_keeps_no_bytes(source: Followed) -> None:
    source.card("retention: 0\n")
    good = source.run(ROWS, "2026-01-01")
    assert contents(source) == []
    said: list[tuple[str, str]] = []
    again = source.run(day="2026-01-02", notify=lambda _source, stage, state: said.append((stage, state)))
    assert again == good  # the same bytes are the same snapshot: nothing is made anew
    assert {state for _stage, state in said} == {"started", "skipped"}
    assert contents(source) == []
    source.card("retention: 0\ngrace: 9\n")  # the card has changed: the bytes are read again
    assert source.run(day="2026-01-03").snapshots == good.snapshots
    source.write(["x"], header="autre")
    with pytest.raises(DataError):
        source.run()
    source.run(ROWS[:5], "2026-01-05")
    assert contents(source) == []


def test_tidy_keeps_to_it(source: Followed) -> None:
    source.run(ROWS, "2026-01-01")
    source.card("retention: 0\n")
    project = source.project
    bytes_kept = retention.expired(project.settings.data / "snapshots", "lieux", 0)
    assert len(bytes_kept) == 1
    assert bytes_kept[0] in tidy.unused_paths(project, 5)
    tidy.delete(tidy.unused_paths(project, 5))
    assert contents(source) == []
    assert outcome.last_good(project, "lieux") is not None
    make_release(project)


# At the bounds ----------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose data folder is not there yet."""
    return replace(Settings.from_environment({}), data=tmp_path / "some" / "data", erasure_key=KEY)


def test_the_first_request_makes_the_list_and_the_next_is_added(settings: Settings) -> None:
    assert matching.add_request(settings, "siren", SIREN, "x", "me") is True
    assert matching.add_request(settings, "record", "1", "x", "me", "lieux") is True
    assert matching.add_request(settings, "siren", "552 100 554", "again", "me") is False
    lines = [json.loads(line) for line in settings.erasure_file.read_text(encoding="utf-8").splitlines()]
    assert [(line["kind"], line["source"], line["because"], line["by"]) for line in lines] == [
        ("siren", None, "x", "me"), ("record", "lieux", "x", "me"),
    ]  # fmt: skip


def test_the_identifier_of_a_record_is_taken_as_it_is(settings: Settings) -> None:
    matching.add_request(settings, "record", "Le lieu a", "x", "me", "lieux")
    asked = matching.load(settings, "lieux")
    assert asked is not None
    assert asked.covers("Le lieu a")
    assert not asked.covers("LELIEUA")


@pytest.mark.parametrize(("kind", "number"), [("siret", f"{SIREN}00013"), ("rna", "W391000001"), ("siren", SIREN)])
def test_a_number_covers_itself_however_it_is_written(settings: Settings, kind: str, number: str) -> None:
    matching.add_request(settings, kind, f" {number[:3]} {number[3:].lower()}", "x", "me")
    asked = matching.load(settings, "anything")
    assert asked is not None
    assert asked.covers("1", [number.lower()])
    assert not asked.covers("1", [f"{number[:-1]}9"])
    assert not asked.covers(number)


def test_a_siret_that_is_erased_is_not_its_siren(settings: Settings) -> None:
    matching.add_request(settings, "siret", f"{SIREN}00013", "x", "me")
    asked = matching.load(settings, "anything")
    assert asked is not None
    assert not asked.covers("1", [SIREN, f"{SIREN}00021"])


def test_a_key_of_sixteen_characters_is_long_enough(settings: Settings) -> None:
    matching.add_request(replace(settings, erasure_key="k" * 16), "siren", SIREN, "x", "me")
    assert matching.load(replace(settings, erasure_key="k" * 16), "lieux") is not None
    with pytest.raises(UsageError, match="too short"):
        matching.load(replace(settings, erasure_key="k" * 15), "lieux")


def test_a_broken_line_is_named_by_its_number(settings: Settings) -> None:
    matching.add_request(settings, "siren", SIREN, "x", "me")
    with settings.erasure_file.open("a", encoding="utf-8") as file:
        file.write('{"hash": "x"}\n')
    with pytest.raises(DataError, match="not whole") as caught:
        matching.load(settings, "lieux")
    assert caught.value.where == f"{settings.erasure_file}:2"


def tables(folder: Path, **given: list[dict[str, str | None]]) -> Path:
    for name, rows in given.items():
        (folder / name).mkdir(parents=True)
        pl.DataFrame(rows).write_parquet(folder / name / "part-00000.parquet")
    return folder


def test_which_records_of_the_tables_are_covered(settings: Settings, tmp_path: Path) -> None:
    for kind, value, source in (("siren", SIREN, None), ("rna", "W391000001", None), ("record", "7", "x")):
        matching.add_request(settings, kind, value, "x", "me", source)
    asked = matching.load(settings, "x")
    assert asked is not None
    records = [{"key": f"x-{n}", "identifier": f"{n}"} for n in range(8)]
    organizations = [
        {"record": "x-0", "key": f"siren-{SIREN}", "siret": None},
        {"record": "x-1", "key": "rna-W391000001", "siret": None},
        {"record": "x-2", "key": "x-2", "siret": f"{SIREN}00013"},
        {"record": "x-3", "key": "siren-356000000", "siret": None},
        {"record": "x-4", "key": "x-4", "siret": None},
    ]
    ended = [{"record": "x-5", "key": f"siren-{SIREN}"}, {"record": "x-4", "key": "x-4"}]
    made = tables(tmp_path / "all", record=records, organization=organizations, ended=ended)
    assert matching.erased_records(tables_of(made), asked) == {"x-0", "x-1", "x-2", "x-5", "x-7"}
    made = tables(tmp_path / "bare", record=records)
    assert matching.erased_records(tables_of(made), asked) == {"x-7"}
    made = tables(tmp_path / "ended", record=records, ended=ended)
    assert matching.erased_records(tables_of(made), asked) == {"x-5", "x-7"}
    assert matching.erased_records(tables_of(tmp_path / "nothing"), asked) == set()


def test_what_is_deleted_is_counted_and_no_more_than_is_too_much(tmp_path: Path) -> None:
    for n in range(3):
        snapshot = tmp_path / "lieux" / "default" / str(n)
        snapshot.mkdir(parents=True)
        (snapshot / "content").write_bytes(b"x" * (n + 10))
        (snapshot / "snapshot.file.json").write_text(json.dumps({"retrieved": f"2026-01-0{3 - n}"}))
    assert retention.prune(tmp_path, "lieux", 4) == 0
    assert retention.prune(tmp_path, "lieux", 3) == 0
    assert retention.prune(tmp_path, "lieux", 1) == 11 + 12  # the oldest ones have the highest numbers here
    assert [path.parent.name for path in tmp_path.rglob("content")] == ["0"]
    assert retention.prune(tmp_path, "lieux", 0) == 10
    assert retention.prune(tmp_path, "lieux", 0) == 0


def test_others_that_were_gone_keep_their_names(source: Followed) -> None:
    source.card("grace: 0\n")
    source.run(ROWS, "2026-01-01")
    source.run(ROWS[:4], "2026-01-02")
    matching.add_request(source.settings, "record", "zeta9", "x", "me", "lieux")
    source.run([*ROWS[:4], row(7, "Un autre")], "2026-01-03")
    kept = [quad for quad in source.lines() if "initiative/lieux-4>" in quad]
    assert any("label" in quad and "Le lieu e" in quad for quad in kept)
    assert any("end-reason/no-longer-at-source" in quad for quad in kept)
    assert any('"4"' in quad and "record/lieux-4>" in quad for quad in source.lines())
    assert not any(word in quad for quad in source.lines() for word in SECRETS)
    assert not any("organization/siren" in quad for quad in source.lines())


def test_who_has_the_name_and_place_of_an_erased_record_is_suspected() -> None:
    tables = {
        "record": pl.LazyFrame({"key": ["lieux-a", "lieux-b"], "identifier": ["a", "b"]}),
        "initiative": pl.LazyFrame(
            {"record": ["lieux-a", "lieux-b"], "name": ["Le Lieu", "Le lieu"], "commune": ["39300", "39198"]}
        ),
    }
    place = matching.request(KEY.encode(), "place", matching.name_and_place(Identity("le lieu", "39300")), "lieux")
    record = matching.request(KEY.encode(), "record", "z", "lieux")
    for requests, found in (((place, record), {"lieux-a"}), ((record,), set())):
        asked = matching.Erasures.of(ErasureList(KEY.encode(), requests), "lieux")
        assert asked is not None
        assert matching.suspected_records(tables.get, asked) == found
        assert matching.covered_records(tables.get, asked) == found
