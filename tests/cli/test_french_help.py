"""Every command and option has its help in French, and nothing of a refusal stays in English."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clirld.cli import commands
from clirld.french import french
from clirld.query.failure import Failure

PROGRAM = [sys.executable, "-c", "import sys; sys.argv[0] = 'clirld'; from clirld.cli.app import main; main()"]


def clirld(*arguments: str, language: str = "fr", **more: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CLIRLD_LANGUAGE": language, **more}
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, env=environment, check=False)


def parts(one: Any, path: str = "clirld") -> Iterator[tuple[str, str]]:
    """Every text of help: of a command, its arguments and options, and of the commands below it."""
    if one.help:
        yield path, one.help
    for parameter in one.params:
        if parameter.name != "help":
            yield f"{path} {parameter.name}", getattr(parameter, "help", None) or ""
    for name, part in getattr(one, "commands", {}).items():
        yield from parts(part, f"{path} {name}")


def test_every_command_and_option_has_its_french() -> None:
    told = [part for name in commands.COMMANDS for part in parts(commands.load(name), f"clirld {name}")]
    whole = commands.command("en")
    told += [("clirld", whole.help), *(("clirld", one.help) for one in whole.params if one.name != "help")]
    lost = [(place, text) for place, text in told if not text]
    assert [place for place, _text in lost if not place.endswith(("siret", "rna"))] == []
    assert {text for _place, text in told if text} == set(commands.french_help())


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_the_list_says_of_a_command_what_its_help_begins_with(name: str) -> None:
    assert " ".join(commands.load(name).help.split("\n\n")[0].split()) == commands.COMMANDS[name].help


def test_help_in_both_languages() -> None:
    ran = clirld("run", "--help")
    assert ran.returncode == 0
    assert "Usage : clirld run" in ran.stdout
    assert "<textes>" in ran.stdout
    assert "list[str]" not in ran.stdout
    assert "Toutes les sources." in ran.stdout
    assert not re.search(r"Show this|Options:|default:|Arguments:", ran.stdout)
    assert "Run every source." in clirld("run", "--help", language="en").stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("run", "--foo"), "pas d'option --foo"),
        (("check",), "il manque SOURCE"),
        (("rum",), "pas de commande rum"),
        (("query", "-", "--data", "/nowhere/at/all"), "pas encore de version"),
        (("serve", "--port", "high"), "--port"),
        (("source", "new", "/tmp"), "c'est un dossier"),
        (("source", "new", "ftp://example.org/a.csv"), "ftp://"),
    ],
)
def test_refusals_in_french(arguments: tuple[str, ...], expected: str) -> None:
    ran = clirld(*arguments)
    assert ran.returncode in (1, 2)
    assert expected in ran.stderr
    assert not re.search(r"Traceback|Errno|Error|No such|Missing|Invalid|see “|there is|give ", ran.stderr), ran.stderr


def test_a_query_that_has_no_answer_says_so_in_french() -> None:
    for kind in ("syntax", "service", "update", "timeout"):
        failure = Failure(kind, 2, 3, {"near": "?s", "said": "", "limit": "10"})
        error = failure.error()
        assert error.fr == failure.text("what", "fr") != error.what
        assert error.do_fr == failure.text("do", "fr") != error.do
        assert french(error.where) == "ligne 2:3"


def test_an_unknown_language_is_an_error() -> None:
    ran = clirld("source", "list", language="de")
    assert (ran.returncode, "CLIRLD_LANGUAGE vaut « de »" in ran.stderr) == (2, True)


INTERRUPTED = """
import os, signal, sys, threading
sys.argv = ["clirld", "demo", "--no-serve", "--data", sys.argv[2]]
threading.Timer({delay}, os.killpg, (os.getpid(), signal.SIGINT)).start()
from clirld.cli.app import main
main()
"""


@pytest.mark.parametrize("delay", [0.1, 0.5, 1.5, 4.0])
def test_an_interruption_ends_with_a_sentence_from_the_first_moment_on(delay: float, tmp_path: Path) -> None:
    """Of the whole group, as Ctrl-C does: processes that validate must not answer with a traceback either."""
    environment = {**os.environ, "CLIRLD_LANGUAGE": "fr"}
    command = [sys.executable, "-c", INTERRUPTED.format(delay=delay), "x", str(tmp_path / "demo")]
    ran = subprocess.run(
        command, capture_output=True, text=True, env=environment, start_new_session=True, timeout=300, check=False
    )
    assert ran.returncode == 130
    assert "interrompu : " in ran.stderr
    assert "Traceback" not in ran.stderr
