"""The command line: exit codes, messages instead of tracebacks, JSON that a program can read."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from clirld import __version__, stages
from clirld.cli import app
from clirld.fetch import stage as fetching
from clirld.harvest import line
from clirld.link import matching
from clirld.release import published

CARD = """\
id: {name}
title: {{fr: Dispositifs, en: Programmes}}
description: {{fr: Des dispositifs, en: Some programmes}}
publisher: {{name: Publisher, url: https://example.org/}}
landing_page: https://example.org/{name}
license: https://creativecommons.org/licenses/by/4.0/
frequency: never
distributions:
  default: {{path: kept.csv, format: csv}}
records:
  - from: default
    table: programme
    columns: {{id: record.identifier, name: name, page: page, year: start_year}}
"""
FILE = "id,name,page,year\n{name}-1,Appel [/x] 1,https://example.org/1,2021\n{name}-2,,,\n{name}-3,C,https://example.org/3,[/1]\n"
SELECT = "SELECT ?s WHERE { ?s a <https://w3id.org/clirld/ontology#Programme> } ORDER BY ?s"


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sources, harvested and released; copied for each test."""
    home = tmp_path_factory.mktemp("made")
    for name in ("calls", "laws"):
        folder = home / "sources" / name
        folder.mkdir(parents=True)
        (folder / "source.yaml").write_text(CARD.format(name=name))
        (folder / "kept.csv").write_text(FILE.format(name=name))
        (folder / "sample.csv").write_text(FILE.format(name=name))
    (home / "mirror").mkdir()
    (home / "query.rq").write_text(SELECT)
    with pytest.MonkeyPatch.context() as patch:
        _settings(patch, home)
        patch.setattr(sys, "argv", ["clirld", "run", "--all"])
        with pytest.raises(SystemExit) as left:
            app.main()
        assert left.value.code == 0
    return home


def _settings(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in [name for name in os.environ if name.startswith("CLIRLD_")]:
        patch.delenv(name)
    for name, value in {"SOURCES": home / "sources", "DATA": home / "data", "LANGUAGE": "en", "WORKERS": 1}.items():
        patch.setenv(f"CLIRLD_{name}", str(value))
    patch.chdir(home)


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "home"
    shutil.copytree(made, copy, symlinks=True)
    _settings(monkeypatch, copy)
    return copy


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["clirld", *arguments])
        capsys.readouterr()
        code = 0
        try:
            app.main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
        return Ran(code, *capsys.readouterr())

    return run


NOTHING = ("--data", "empty")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "Usage"),
        (("--help",), 0, "run"),
        (("nothing",), 2, "No such command"),
        (("run",), 2, "name sources, or give --all"),
        (("run", "calls", "--all"), 2, "nothing to run, or too much"),
        (("run", "call"), 2, "did you mean calls?"),
        (("run", "--all", "--colour"), 2, "No such option"),
        (("run", "calls", "--mirror", "nowhere"), 2, "there is no such folder"),
        (("run", "calls"), 0, "nothing has changed"),
        (("run", "calls", "--no-publish"), 0, "calls"),
        (("check",), 2, "Missing argument"),
        (("check", "lawz"), 2, "did you mean laws?"),
        (("check", "calls"), 1, "no expected.ttl"),
        (("check", "calls", "--accept"), 0, "expected.ttl"),
        (("release",), 0, "nothing has changed"),
        (("release", "--force"), 0, "new release"),
        (("release", *NOTHING), 1, "no source has been harvested"),
        (("releases",), 0, "release"),
        (("releases", "--verify"), 0, "release"),
        (("releases", *NOTHING), 0, "release"),
        (("releases", "--use", "nothing"), 1, "no release nothing"),
        (("query", "query.rq"), 0, "calls"),
        (("query", "query.rq", "--release", "nothing"), 1, "no release"),
        (("query", "query.rq", *NOTHING), 1, "there is no release yet"),
        (("query", "query.rq", "--format", "pdf"), 2, "no format pdf for this query"),
        (("query", "query.rq", "--format", "ttl"), 2, "no format ttl for this query"),
        (("query", "nothing.rq"), 2, "cannot read the file"),
        (("query", "data"), 2, "cannot read the file"),
        (("query",), 2, "Missing argument"),
        (("source", "list"), 0, "calls"),
        (("source", "schema"), 0, "landing_page"),
        (("source",), 2, "Usage"),
        (("source", "new"), 2, "Missing argument"),
        (("serve", "--port", "x"), 2, "Invalid value for '--port'"),
        (("serve", "--port", "99999"), 2, "Invalid value for '--port'"),
        (("demo", "--port", "-1", "--no-serve"), 2, "Invalid value for '--port'"),
    ],
)
def test_exit_codes(run: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    ran = run(*arguments)
    assert (ran.code, "Traceback" in ran.err) == (code, False), ran
    assert said in " ".join((ran.out + ran.err).split())
    assert code == 0 or ran.err


def test_the_command_as_a_process_prints_no_colours_into_a_pipe_nor_where_none_are_wanted(home: Path) -> None:
    command = [sys.executable, "-c", "from clirld.cli.app import main; main()", "run", "call"]
    for environment in ({}, {"FORCE_COLOR": "1", "NO_COLOR": "1"}):
        ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
        assert ran.returncode == 2
        assert "no source call" in ran.stderr
        assert "\x1b[3" not in ran.stderr  # colours are 30 to 38
        assert "Traceback" not in ran.stderr


# JSON -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (
            ("run", "calls", "--json"),
            {"accounting", "absent", "by_hand", "issues", "stages", "failures", "release", "new"},
        ),
        (("check", "laws", "--json"), {"accounting", "issues", "missing", "unexpected"}),
        (("release", "--json"), {"release", "new"}),
        (("releases", "--json"), {"releases", "withdrawn", "damaged"}),
        (("query", "query.rq", "--json"), {"head", "results"}),
    ],
)
def test_json_is_all_that_is_on_standard_output(run: Run, arguments: tuple[str, ...], names: set[str]) -> None:
    run("check", "laws", "--accept")
    ran = run(*arguments)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out).keys() == names
    assert ran.out.endswith("\n") or arguments[0] == "query"


def test_json_of_a_run_counts_every_row(run: Run, home: Path) -> None:
    (home / "sources" / "calls" / "kept.csv").write_text(FILE.format(name="calls") + "calls-4,New,,\n")
    answer = json.loads(run("run", "--all", "--json").out)
    assert answer["new"] is True
    assert [account["id"] for account in answer["accounting"]] == ["calls", "laws"]
    for account in answer["accounting"]:
        assert account["rows_in"] == account["published"] + account["held"] + account["dropped"]
    assert answer["accounting"][0]["reasons"]["dropped"] == {"missing-name": 1}
    states = {(one["source"], one["stage"]): one["state"] for one in answer["stages"]}
    assert (states["calls", "records"], states["laws", "records"]) == ("done", "skipped")
    assert answer["failures"] == []


def test_json_of_the_sources(run: Run) -> None:
    assert [card["id"] for card in json.loads(run("source", "list", "--json").out)] == ["calls", "laws"]


def test_the_manifest_has_every_file_that_is_given_away(run: Run, home: Path) -> None:
    """Wherever the data folder is: one below a folder named store had none."""
    manifest = json.loads(run("run", "calls", "--data", "store/data", "--json").out)["release"]
    folder = home / "store" / "data" / "releases" / manifest["id"]
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    files -= {"manifest.json", "checksums.json"}
    own = ("store/", "pieces/")  # for the server, and for the release that comes next
    assert {entry["path"] for entry in manifest["files"]} == {name for name in files if not name.startswith(own)}


# Failures ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "content", "stage", "what"),
    [
        ("kept.csv", "id,title,page,year\n1,A,,\n", "records", "column “name” is gone"),
        ("source.yaml", CARD.format(name="calls").replace("page: page", "page: pages"), "card", "no column pages"),
    ],
)
def test_a_source_that_fails_does_not_stop_the_others(
    run: Run, home: Path, file: str, content: str, stage: str, what: str
) -> None:
    (home / "sources" / "calls" / file).write_text(content)
    (home / "sources" / "laws" / "kept.csv").write_text(FILE.format(name="laws") + "laws-4,New,,\n")
    ran = run("run", "--all", "--json")
    assert ran.code == 1
    assert what in ran.err
    assert "→" in ran.err
    answer = json.loads(ran.out)
    assert answer["failures"][0]["source"] == "calls"
    assert answer["failures"][0]["stage"] == stage
    assert [account["id"] for account in answer["accounting"]] == ["laws"]
    programmes = json.loads(run("query", "query.rq", "--json").out)["results"]["bindings"]
    assert any("calls" in row["s"]["value"] for row in programmes)  # what was published stays
    assert any("laws-4" in row["s"]["value"] for row in programmes) == (stage != "card")


def test_a_card_that_breaks_does_not_take_its_data_out_of_the_release(run: Run, home: Path) -> None:
    (home / "sources" / "calls" / "source.yaml").write_text("id: calls\n")
    for arguments in (("release", "--force"), ("run", "laws"), ("run", "laws", "calls")):
        ran = run(*arguments)
        assert ran.code == 1
        assert "calls has data but its card cannot be used" in ran.err
    shutil.rmtree(home / "data" / "harvests")
    assert run("run", "laws").code == 0
    assert run("run", "laws", "calls").code == 1


def test_a_card_that_cannot_be_used_is_told_of_in_the_list(run: Run, home: Path) -> None:
    (home / "sources" / "calls" / "source.yaml").write_text("id: calls\n")
    ran = run("source", "list")
    assert ran.code == 1
    assert ran.out.startswith("laws")
    assert "calls" in ran.err
    assert "source.yaml:1" in ran.err


def _broken_json(home: Path) -> None:
    (home / "data" / "harvests" / "calls.json").write_text('{"records": ')


def _list_json(home: Path) -> None:
    (home / "data" / "harvests" / "calls.json").write_text("[]")


def _no_outputs(home: Path) -> None:
    shutil.rmtree(home / "data" / "validated" / "calls")


def _no_records(home: Path) -> None:
    shutil.rmtree(home / "data" / "presence" / "calls")


def _broken_failure(home: Path) -> None:
    (home / "data" / "harvests" / "calls.failed.json").write_text("{")


def _broken_account(home: Path) -> None:
    for path in (home / "data" / "validated" / "calls").glob("*/account.json"):
        path.write_text("{}")


def _no_graph(home: Path) -> None:
    for path in (home / "data" / "validated" / "calls").glob("*/graph.nq"):
        path.unlink()


@pytest.mark.parametrize("damage", [_no_outputs, _no_records, _broken_failure])
def test_a_damaged_harvest_is_told_of_and_mended_by_running_its_source_again(
    run: Run, home: Path, damage: Callable[[Path], None]
) -> None:
    damage(home)
    ran = run("release", "--force")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert "clirld run calls" in ran.err
    assert run("run", "calls").code == 0
    assert run("release", "--force").code == 0


@pytest.mark.parametrize("damage", [_broken_json, _list_json])
def test_a_damaged_pointer_to_a_harvest_is_told_of_and_its_copy_used(
    run: Run, home: Path, damage: Callable[[Path], None]
) -> None:
    damage(home)
    ran = run("release", "--force")
    assert (ran.code, "its copy is used" in ran.err) == (0, True)


@pytest.mark.parametrize("damage", [_broken_account, _no_graph])
def test_a_damaged_output_is_a_message(run: Run, home: Path, damage: Callable[[Path], None]) -> None:
    damage(home)
    ran = run("release", "--force")
    assert (ran.code, "→" in ran.err) == (1, True)


def test_the_release_that_is_served_is_gone(run: Run, home: Path) -> None:
    shutil.rmtree(home / "data" / "releases")
    ran = run("query", "query.rq")
    assert (ran.code, "there is no release" in ran.err) == (1, True)
    assert run("releases").code == 0
    assert run("release").code == 0
    assert run("query", "query.rq").code == 0


@pytest.mark.parametrize("content", ["{", "[]", "{}", "\ufffd"])
def test_a_damaged_manifest(run: Run, home: Path, content: str) -> None:
    (home / "data" / "current").resolve().joinpath("manifest.json").write_text(content)
    for arguments in (("releases",), ("query", "query.rq")):
        ran = run(*arguments)
        assert (ran.code, "Traceback" in ran.err) == (1, False)
        assert "manifest.json" in ran.err
        assert "delete this release" in ran.err
    ran = run("release")
    assert (ran.code, "a new release is made" in ran.err) == (0, True)
    assert run("query", "query.rq").code == 0


def test_a_release_without_its_store(run: Run, home: Path) -> None:
    shutil.rmtree((home / "data" / "current").resolve() / "store")
    ran = run("query", "query.rq")
    assert (ran.code, "Traceback" in ran.err) == (1, False)
    assert ran.err.strip()


def test_a_changed_file_of_a_release(run: Run, home: Path) -> None:
    (home / "data" / "current").resolve().joinpath("catalog.ttl").write_text("")
    ran = run("releases", "--verify")
    assert (ran.code, "catalog.ttl" in ran.err) == (1, True)
    assert json.loads(run("releases", "--verify", "--json").out)["damaged"]


FULL = OSError(28, "No space left on device")


def _full(*_args: object, **_kwargs: object) -> None:
    raise FULL


@pytest.mark.parametrize("also_the_note", [False, True])
@pytest.mark.parametrize(
    ("module", "function"), [(fetching, "fetch_distribution"), (stages, "write_json"), (matching, "write")]
)
def test_a_full_disk(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, module: object, function: str, also_the_note: bool
) -> None:
    (home / "sources" / "calls" / "kept.csv").write_text(FILE.format(name="calls") + "calls-4,New,,\n")
    monkeypatch.setattr(module, function, _full)
    if also_the_note:
        monkeypatch.setattr(line, "record_failure", _full)
    ran = run("run", "--all")
    assert (ran.code, "Traceback" in ran.err) == (1, False)
    assert "No space left on device" in ran.err
    assert "free some disk" in ran.err
    assert published.damaged_files(published.load(home / "data" / "current")) == []
    assert not list((home / "data").rglob(".*"))


def test_a_folder_where_nothing_may_be_written(run: Run, home: Path) -> None:
    (home / "file").write_text("")
    for arguments in (("run", "calls", "--data", "file"), ("demo", "--no-serve", "--data", "file")):
        ran = run(*arguments)
        assert (ran.code, "Traceback" in ran.err) == (1, False)
        assert "file" in ran.err


def test_a_query_that_is_wrong(run: Run, home: Path) -> None:
    for text in ("SELECT * WHERE { ?s ?p }", "INSERT DATA { <a:a> <a:a> <a:a> }", "", "\0"):
        (home / "query.rq").write_text(text)
        ran = run("query", "query.rq")
        assert (ran.code, "Traceback" in ran.err, bool(ran.err)) == (1, False, True)
    (home / "query.rq").write_bytes(b"\xff\xfe")
    assert run("query", "query.rq").code == 2


def test_a_wrong_setting(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIRLD_RETRIES", "many")
    ran = run("release")
    assert (ran.code, "CLIRLD_RETRIES is “many”" in ran.err) == (2, True)


# What is shown ----------------------------------------------------------------------------------


def test_values_of_the_source_are_shown_as_they_are(run: Run, home: Path) -> None:
    """Square brackets and colons mean something to the library that draws the tables."""
    ran = run("check", "calls", "--accept")
    assert ran.code == 0, ran.err
    assert "“[/1]”" in ran.out
    (home / "query.rq").write_text('SELECT ("[/b] :heart:" AS ?x) WHERE {}')
    assert "[/b] :heart:" in run("query", "query.rq", "--format", "table").out


def test_a_path_is_printed_on_one_line(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = home / ("long-" * 20) / ("longer-" * 20)
    shutil.copytree(home / "sources", long)
    monkeypatch.setenv("CLIRLD_SOURCES", str(long))
    assert str(long / "calls" / "expected.ttl") in run("check", "calls", "--accept").out.splitlines()
    (long / "calls" / "expected.ttl").write_text("not Turtle")
    assert str(long / "calls" / "expected.ttl") in run("check", "calls").err.splitlines()[0]


def test_a_difference_from_what_is_expected(run: Run, home: Path) -> None:
    run("check", "calls", "--accept")
    (home / "sources" / "calls" / "sample.csv").write_text("id,name,page,year\ncalls-1,Other,,\n")
    ran = run("check", "calls")
    assert (ran.code, "Other" in "".join(line for line in ran.out.splitlines() if line[:2] in ("+ ", "- "))) == (
        1,
        False,
    )
    assert "--triples" in ran.err.splitlines()[-1]  # what to do stands last
    ran = run("check", "calls", "--triples")
    assert ran.code == 1
    assert any(line.startswith("+ ") and "Other" in line for line in ran.out.splitlines())
    assert any(line.startswith("- ") for line in ran.out.splitlines())
    assert "--accept" in ran.err


def test_check_names_what_comes_next_last(run: Run) -> None:
    run("check", "calls", "--accept")
    assert run("check", "calls").out.splitlines()[-1].endswith("clirld run calls")


def test_what_may_be_written_for_a_concept_is_listed(run: Run) -> None:
    assert re.search(r"^participation-role +\d+  participation\.role", run("source", "schemes").out, re.MULTILINE)
    assert re.search(r"^fablab +fab lab$", run("source", "schemes", "initiative-kind").out, re.MULTILINE)
    assert json.loads(run("source", "schemes", "status", "--json").out)["active"]["labels"]["fr"] == "en activité"
    assert json.loads(run("source", "schemes", "--json").out)["initiative-kind"] == [
        "initiative.kind",
        "correction.kind",
    ]
    ran = run("source", "schemes", "kinds")
    assert (ran.code, "there is no scheme kinds" in ran.err) == (2, True)


def test_check_does_not_send_to_run_a_source_of_which_little_would_be_published(run: Run, home: Path) -> None:
    rows = [*(f"calls-{n},A,," for n in range(2)), *(f"calls-{n},,," for n in range(2, 7))]
    (home / "sources" / "calls" / "sample.csv").write_text("\n".join(["id,name,page,year", *rows]) + "\n")
    first = run("check", "calls")
    assert "would be published: 2 of 7 rows of the sample" in first.out
    assert "correct the card first: little would be published" in first.err
    run("check", "calls", "--accept")
    *_, some, last = run("check", "calls").out.splitlines()
    assert some.startswith("would be published: 2 of 7 rows of the sample; of the others, mainly:")
    assert "(5 rows, missing-name, column name)" in some
    assert last.endswith("then: clirld check calls")


def test_check_does_not_pass_what_a_run_keeps_back(run: Run, home: Path) -> None:
    run("check", "calls", "--accept")
    card = home / "sources" / "calls" / "source.yaml"
    card.write_text(
        CARD.format(name="calls").replace("name: name", "name: ~").replace("year: start_year", "year: name")
    )
    (home / "sources" / "calls" / "sample.csv").write_text("id,name,page,year\ncalls-1,A,,\ncalls-2,B,,\n")
    ran = run("check", "calls", "--accept")
    assert (ran.code, "none of the 2 rows is published" in ran.err) == (1, True)
    assert "missing-name, column year" in ran.err


def test_the_version_is_said(run: Run) -> None:
    assert run("--version").out == f"clirld {__version__}\n"


# Runs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("run", "calls"), ("run", "--all"), ("check", "calls")])
def test_a_mirror_that_is_not_asked_is_told(run: Run, arguments: tuple[str, ...]) -> None:
    told = "kept by hand in their own folder, and not taken from the mirror: calls"
    run("check", "calls", "--accept")
    assert told in run(*arguments, "--mirror", "mirror").out
    assert told not in run(*arguments).out


def test_where_all_fails_nothing_is_released_and_no_empty_table_is_shown(run: Run, home: Path) -> None:
    broken, whole = "id\n1\n", (home / "sources" / "calls" / "kept.csv").read_text()
    releases = run("releases", "--json").out
    for content, code in ((broken, 1), (broken, 1), (whole, 0)):
        (home / "sources" / "calls" / "kept.csv").write_text(content)
        ran = run("run", "calls")
        assert (ran.code, "Every row read" in ran.out) == (code, code == 0)
        assert "new release" not in ran.out
        assert run("releases", "--json").out == releases
    (home / "sources" / "calls" / "kept.csv").write_text(broken)
    (home / "sources" / "laws" / "kept.csv").write_text(broken)
    assert run("run", "--all").out == ""
    (home / "sources" / "laws" / "kept.csv").write_text(whole.replace("calls", "laws") + "laws-4,New,,\n")
    assert "new release" in run("run", "--all").out  # of the one that did not fail, and it says that the other did


def test_stages_are_named_in_the_readers_language(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "calls · validate · " in run("run", "calls").err
    (home / "sources" / "calls" / "kept.csv").write_text("id\n1\n")
    monkeypatch.setenv("CLIRLD_LANGUAGE", "fr")
    told = run("run", "calls").err
    assert "calls · collecte · fait" in told
    assert "✗ calls · lignes · " in told
    assert [one["stage"] for one in json.loads(run("run", "calls", "--json").out)["failures"]] == ["records"]


@pytest.mark.parametrize(
    ("language", "would", "was", "freed", "nothing"),
    [
        ("fr", "serait supprimé : releases/", "supprimé : releases/", "Mio libérés", "rien à supprimer"),
        ("en", "would be deleted: releases/", "deleted: releases/", "MiB freed", "nothing to delete"),
    ],
)
def test_tidy_says_what_it_does(
    run: Run, language: str, would: str, was: str, freed: str, nothing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIRLD_LANGUAGE", language)
    for _again in range(2):
        run("release", "--force")
    assert run("tidy", "--keep", "1", "--dry-run").out.startswith(would)
    told = run("tidy", "--keep", "1").out
    assert told.startswith(was)
    assert freed in told
    assert run("tidy", "--keep", "1").out == f"{nothing}\n"


@pytest.mark.parametrize(
    "arguments", [("tidy",), ("release",), ("releases",), ("publish", "--to", "http://127.0.0.1:9")]
)
def test_a_data_folder_that_is_not_there_is_not_made(run: Run, home: Path, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments, "--data", "mistyped")
    assert ran.code == 0 if arguments == ("releases",) else ran.err
    assert not (home / "mistyped").exists()


def test_who_withdraws_is_told_of_stores_elsewhere(run: Run) -> None:
    name = json.loads(run("releases", "--json").out)["releases"][0]["id"]
    run("release", "--force")
    ran = run("releases", "--withdraw", name, "--because", "a column too many")
    assert "clirld publish --to ADDRESS" in ran.out
    assert f"{name} ✗ withdrawn on " in ran.out


# The demo ---------------------------------------------------------------------------------------


def test_a_demo_takes_no_folder_that_holds_something_else(run: Run, home: Path) -> None:
    before = sorted(path for path in (home / "data").rglob("*"))
    ran = run("demo", "--no-serve", "--data", "data")
    assert (ran.code, "something else than a demo" in ran.err) == (2, True)
    assert sorted(path for path in (home / "data").rglob("*")) == before
    for _again in range(2):
        assert run("demo", "--no-serve", "--data", "new", "--json").code == 0
    assert (run("demo", "--no-serve").code, (home / "data" / "demo").exists()) == (2, False)  # CLIRLD_DATA is the same


def test_a_demo_takes_the_data_folder_that_is_set_and_stands_in_the_way_of_no_other(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(home / "data")
    monkeypatch.setenv("CLIRLD_DATA", str(home / "set"))
    assert run("demo", "--no-serve", "--json").code == 0
    assert (home / "set" / "current").exists()
    assert not (home / "data").exists()
    monkeypatch.delenv("CLIRLD_DATA")
    for arguments in (("--data", "data"), (), ("--data", "data")):
        assert run("demo", "--no-serve", "--json", *arguments).code == 0
    assert (home / "data" / "current").exists()
    assert (home / "data" / "demo" / "current").exists()


def test_a_demo_of_other_samples_keeps_its_earlier_releases(run: Run, home: Path) -> None:
    def demo() -> str:
        return str(json.loads(run("demo", "--no-serve", "--json", "--data", "new").out)["release"]["id"])

    first = demo()
    sample = home / "sources" / "calls" / "sample.csv"
    lines = sample.read_text().splitlines(keepends=True)
    sample.write_text("".join(lines[:-1]) + "calls-9,Neuf,,\n")
    second = demo()
    assert second != first
    names = [one["id"] for one in json.loads(run("releases", "--json", "--data", "new").out)["releases"]]
    assert names == [second, first]
    rows = {name: run("query", "query.rq", "--format", "csv", "--data", "new", "--release", name).out for name in names}
    assert "calls-9" in rows[second]
    assert "calls-9" not in rows[first]
    assert lines[-1].split(",")[0] in rows[first]
    assert lines[-1].split(",")[0] not in rows[second]  # gone, and not missing for a time
