"""`clirld match`: decisions by one key are written at once, hidden until made, gone on with, and taken back."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import termios
from pathlib import Path
from select import select

import pytest
from click.testing import Result
from typer.testing import CliRunner

from clirld.cli import app
from clirld.errors import ClirldError
from clirld.link.judgements import sssom
from clirld.link.judgements.judgement import Judgement, in_force


class Table:
    """A reviewer's table: the release of the samples, and a folder of judgements."""

    def __init__(self, samples: Path, folder: Path) -> None:
        self.samples, self.folder = samples, folder

    def match(self, *words: str, keys: str = "", code: int = 0) -> str:
        data = ["--data", str(self.samples)]
        result: Result = CliRunner().invoke(app.app, ["match", *words, *data], input=keys, catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result.output

    def review(self, name: str, keys: str, *more: str) -> str:
        return self.match("review", "--as", name, "--table", "initiative", *more, keys=keys)

    @property
    def holding(self) -> list[Judgement]:
        ledger = sssom.read(self.folder)
        assert ledger.issues == []
        return in_force(ledger.judgements)


@pytest.fixture
def reviewer(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setenv("CLIRLD_LANGUAGE", "en")
    monkeypatch.setenv("CLIRLD_JUDGEMENTS", str(tmp_path / "judgements"))
    return Table(samples, tmp_path / "judgements")


def test_decisions_are_written_hidden_until_made_and_gone_on_with(reviewer: Table) -> None:
    told = reviewer.review("ada", "sc\ndn uq".replace("c\n", "cTwo doors.\n"))
    assert [one.says for one in reviewer.holding] == ["same", "different", "unsure"]
    assert [one.comment for one in reviewer.holding] == ["", "Two doors.", ""]
    assert all(one.subject_label and "clirld" in one.evidence for one in reviewer.holding)
    first_question, first_answer = told.split("[s]ame", 2)[:2]
    assert "the machine" not in first_question
    assert "the machine: " in first_answer
    again = reviewer.review("ada", "q")
    asked = {one.pair for one in reviewer.holding}
    assert not any(all(name.replace(":", "/") in again.partition("[s]ame")[0] for name in pair) for pair in asked)
    assert "the machine: " in reviewer.review("ada", "q", "--openly")


def test_a_decision_is_taken_back_and_made_anew(reviewer: Table) -> None:
    reviewer.review("ada", "bsbdq")
    (one,) = reviewer.holding
    assert one.says == "different"
    assert [found.says for found in sssom.read(reviewer.folder).judgements] == ["same", "different", "unsure"]


def test_a_second_person_judges_what_the_first_has_and_sees_it_only_then(reviewer: Table) -> None:
    reviewer.review("ada", "sdq")
    told = reviewer.review("bo", "ss", "--second")
    assert "reviewer:ada" not in told.partition("[s]ame")[0]
    assert "reviewer:ada: same" in told
    assert "agreed with others 1 times of 2" in told
    assert len(reviewer.holding) == 4
    checked = json.loads(reviewer.match("check", "--json", code=1))
    assert [one["code"] for one in checked["issues"] if one["source"] == "judgements"] == ["judgements-contradict"]
    assert len(checked["groups"]) == 1
    assert "judgements-contradict" in reviewer.match("check", code=1)


def test_taken_apart_withdrawn_exported_and_imported_again(reviewer: Table, tmp_path: Path) -> None:
    reviewer.review("ada", "ssq")
    one, other = reviewer.holding
    reviewer.match("split", one.subject, "--as", "bo", "--because", "Two buildings.")
    reviewer.match("withdraw", other.id, "--as", "bo")
    (left,) = reviewer.holding
    assert (left.says, left.pair, left.withdraws) == ("different", one.pair, (one.id,))
    reviewer.match("export", str(tmp_path / "out"))
    assert sssom.read(tmp_path / "out").judgements == [left]
    assert "imported: 0; there already: 1" in reviewer.match("import", str(tmp_path / "out" / "different.sssom.tsv"))
    export = tmp_path / "export.csv"
    export.write_text("record,match,judgment\ninitiative:x-1,initiative:x-2,matched\nx,y,matched\n")
    for count in (1, 0):
        assert f"imported: {count}; " in reviewer.match("import", str(export), "--as", "ada", code=1)
    assert [one.says for one in reviewer.holding] == ["same", "different"]


@pytest.mark.parametrize(
    "words",
    [
        ["review", "--as", "Ada Lovelace"],
        ["review", "--as", "ada", "--verdict", "perhaps"],
        ["split", "x", "--as", "ada"],
        ["split", "initiative:x", "--as", "ada"],
        ["withdraw", "x", "--as", "ada"],
        ["import", "nothing.csv", "--as", "ada"],
        ["import", __file__, "--as", "ada"],
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_written(reviewer: Table, words: list[str]) -> None:
    with pytest.raises(ClirldError):
        reviewer.match(*words)
    assert not reviewer.folder.exists()


def test_nothing_is_written_into_the_installed_program(reviewer: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.resources import files

    inside = Path(str(files("clirld").joinpath("_data", "judgements")))
    monkeypatch.setenv("CLIRLD_JUDGEMENTS", str(inside))
    with pytest.raises(ClirldError, match="installed program"):
        reviewer.review("ada", "s")
    assert not inside.exists()


def test_at_a_terminal_one_key_is_enough_and_an_interruption_ends_it(reviewer: Table) -> None:
    program = "import sys; sys.argv[0] = 'clirld'; from clirld.cli.app import main; main()"
    command = [sys.executable, "-c", program, "match", "review", "--as", "ada", "--data", str(reviewer.samples)]
    ours, theirs = os.openpty()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=_own_terminal) as process:
        os.close(theirs)
        for awaited, typed in ((b"[q]uit", b"c"), (b"published): ", "À côté.\n".encode()), (b"[q]uit", "éd".encode())):
            until(ours, awaited)
            os.write(ours, typed)
        until(ours, b"2 of")
        until(ours, b"[q]uit")
        os.write(ours, b"\x03")
        assert "interrupted" in until(ours, b"from there")
        process.wait(60)
    os.close(ours)
    (one,) = reviewer.holding
    assert (one.says, one.comment) == ("different", "À côté.")


def _own_terminal() -> None:
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def until(terminal: int, awaited: bytes) -> str:
    """What the program writes, up to what is awaited."""
    told = b""
    while awaited not in told:
        assert select([terminal], [], [], 60)[0], told
        told += os.read(terminal, 65536)
    return told.decode(errors="replace")
