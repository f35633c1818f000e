"""`clirld case`: what it writes, what it says, its exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from clirld.cli import app

MINIMAL = """\
---
titre: Atelier
genre: atelier partagé
lieu: commune 46102
selon: page
documents:
  - {id: page, titre: Page, url: https://example.org/}
---
"""


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("CLIRLD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CLIRLD_SOURCES", str(tmp_path / "sources"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> Run:
    def _run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["clirld", "case", *arguments])
        with pytest.raises(SystemExit) as left:
            app.main()
        said = capsys.readouterr()
        return Ran(int(left.value.code or 0), said.out, said.err)

    return _run


def kept(home: Path, name: str, text: str = MINIMAL) -> Path:
    path = home / "sources" / "capitalisation" / "cases" / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_new_writes_a_form_beside_the_others(run: Run, home: Path) -> None:
    ran = run("new", "pole-du-val")
    path = home / "sources" / "capitalisation" / "cases" / "pole-du-val.md"
    assert (ran.code, ran.out.strip()) == (0, str(path))
    assert path.read_text(encoding="utf-8").startswith("---\n# Fiche")
    again = run("new", "pole-du-val")
    assert again.code == 2
    assert "existe déjà" in again.err


def test_new_writes_a_form_where_it_is_told(run: Run, home: Path) -> None:
    assert run("new", "ici/mon-cas.md").code == 0
    assert (home / "ici" / "mon-cas.md").is_file()


def test_new_wants_a_name_that_can_be_a_key(run: Run) -> None:
    ran = run("new", "Pôle du Val")
    assert ran.code == 2
    assert "pole-du-val" in ran.err


def test_check_of_what_is_right(run: Run, home: Path) -> None:
    path = kept(home, "atelier")
    for argument in ("atelier", "all", str(path)):
        ran = run("check", argument)
        assert ran.code == 0
        assert ran.out == f"{path} : juste, 1 fait(s)\n"


def test_check_says_file_line_and_what_to_do_in_french(run: Run, home: Path) -> None:
    path = kept(home, "atelier", MINIMAL.replace("atelier partagé", "atelier partage-"))
    kept(home, "bon")
    assert run("check", "atelier").code == 0  # neither accents nor signs count
    path.write_text(MINIMAL.replace("atelier partagé", "atelier partagée"), encoding="utf-8")
    ran = run("check", "all")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert lines[0] == f"{path}:3: « genre » : valeur inconnue « atelier partagée »"
    assert lines[1].startswith("  → « atelier partagé » ? valeurs possibles : ")
    assert lines[-1] == "1 à corriger dans 1 cas sur 2"


def test_check_speaks_english_where_it_is_set(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(home, "atelier", MINIMAL.replace("titre: Atelier\n", ""))
    monkeypatch.setenv("CLIRLD_LANGUAGE", "en")
    ran = run("check", "atelier")
    assert ran.code == 1
    assert "“titre” is missing" in ran.out
    assert ran.out.endswith("1 to correct in 1 of 1 cases\n")


def test_check_for_programs(run: Run, home: Path) -> None:
    path = kept(home, "atelier", MINIMAL.replace("selon: page", "selon: pages"))
    kept(home, "bon")
    ran = run("check", "all", "--json")
    assert ran.code == 1
    wrong, right = json.loads(ran.out)
    assert wrong["file"] == str(path)
    assert wrong["facts"] == []
    (problem,) = wrong["problems"]
    assert (problem["code"], problem["line"], problem["sheet"]) == ("unknown-document", 5, None)
    assert set(problem["message"]) == set(problem["advice"]) == {"fr", "en"}
    assert right["problems"] == []
    assert right["facts"] == [{"table": "initiative", "identifier": "bon"}]


def test_a_case_elsewhere_may_refer_to_those_of_the_project_and_beside_it(run: Run, home: Path) -> None:
    kept(home, "atelier")
    text = MINIMAL.replace("selon: page\n", "selon: page\ninspirée de: [atelier, voisin]\n", 1)
    (home / "voisin.md").write_text(MINIMAL, encoding="utf-8")
    (home / "autre.md").write_text(text, encoding="utf-8")
    assert run("check", "autre.md").code == 0


def test_check_called_wrongly(run: Run, home: Path) -> None:
    nothing = run("check", "all")
    assert nothing.code == 2
    assert "pas encore de cas" in nothing.err
    kept(home, "atelier")
    absent = run("check", "atelie")
    assert absent.code == 2
    assert "atelier" in absent.err
    (home / "notes.txt").write_text("x")
    assert run("check", "notes.txt").code == 2
    assert run("check").code == 2


def test_template_empty_and_filled(run: Run, home: Path) -> None:
    assert run("template", "vide.xlsx").code == 0
    assert run("check", "vide.xlsx").code == 1
    kept(home, "atelier")
    assert run("template", "atelier.xlsx", "--from", "atelier").code == 0
    ran = run("check", "atelier.xlsx")
    assert (ran.code, ran.out) == (0, "atelier.xlsx : juste, 1 fait(s)\n")


def test_template_called_wrongly(run: Run, home: Path) -> None:
    assert run("template", "modele.ods").code == 2
    (home / "modele.xlsx").touch()
    assert run("template", "modele.xlsx").code == 2
    kept(home, "casse", "rien")
    ran = run("template", "autre.xlsx", "--from", "casse")
    assert ran.code == 1
    assert "casse.md:1" in ran.out
    assert not (home / "autre.xlsx").exists()


def test_schema_is_the_one_in_the_repository(run: Run, project: Path) -> None:
    assert run("schema").out == (project / "pipelines" / "case.schema.json").read_text(encoding="utf-8")
