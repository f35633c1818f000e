"""`clirld territory`: what it prints, and what it says where it cannot."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.cli.territory.words import WORDS
from clirld.errors import ClirldError, DataError, UsageError
from clirld.territory import shares
from tests.conftest import PROJECT


def territory(*words: str) -> str:
    told = CliRunner().invoke(app.app, ["territory", *words], catch_exceptions=False)
    assert told.exit_code == 0
    return told.stdout


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", [
            "33110 Caudéran : jusqu'au 22 février 1965",
            "aujourd'hui : 33063 Bordeaux (avec d'autres)",
            "  22 février 1965  fusion simple : 33110 Caudéran, 33063 Bordeaux → 33063 Bordeaux",
        ]),
        ("en", [
            "33110 Caudéran: until 22 February 1965",
            "today: 33063 Bordeaux (with others)",
            "  22 February 1965  simple merger: 33110 Caudéran, 33063 Bordeaux → 33063 Bordeaux",
        ]),
    ],
)  # fmt: skip
def test_what_a_code_meant(samples: Path, monkeypatch: pytest.MonkeyPatch, language: str, told: list[str]) -> None:
    monkeypatch.setenv("CLIRLD_LANGUAGE", language)
    assert territory("resolve", "33110", "--at", "1960", "--data", str(samples)).splitlines() == told


def test_for_a_program(samples: Path) -> None:
    found = json.loads(territory("resolve", "8227", "--data", str(samples), "--json"))["found"]
    assert [(one["code"], one["whole"]) for one in found[0]["today"]] == [("08203", False), ("08454", False)]
    assert [one["date"] for one in found[0]["changes"]] == ["1968-03-02"]


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (["resolve", "33110", "--at", "yesterday"], UsageError, "yesterday is no day"),
        (["resolve", "99999"], DataError, "no commune has had the code"),
    ],
)
def test_what_cannot_be_told(samples: Path, words: list[str], error: type[ClirldError], said: str) -> None:
    with pytest.raises(error, match=said):
        territory(*words, "--data", str(samples))


def test_without_a_harvest(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not been harvested") as told:
        territory("resolve", "33110", "--data", str(tmp_path))
    assert "clirld run territories" in told.value.do


TABLE = """code;nom;habitants;sans emploi
33110;Caudéran;40 000;1000
33063;Bordeaux;250000;9000,5
08227;Hocmont;101;
8203;Guignicourt;120;10
99999;?;7;7
"""


def converted(data: Path, file: Path, *words: str) -> tuple[list[list[str]], str]:
    """The rows of the new table, and what is said of it."""
    told = CliRunner().invoke(
        app.app, ["territory", "convert", str(file), "--data", str(data), *words], catch_exceptions=False
    )
    assert told.exit_code == 0
    sign = ";" if ";" in told.stdout else ","
    return list(csv.reader(io.StringIO(told.stdout), delimiter=sign)), told.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_with_its_account(samples: Path, tmp_path: Path, encoding: str) -> None:
    file, out = tmp_path / "table.csv", tmp_path / "new.csv"
    file.write_text(TABLE, encoding=encoding)
    rows, said = converted(
        samples, file, "--code", "code", "--from", "1960", "--keep", "nom", "--rate", "sans emploi/habitants",
        "-o", str(out),
    )  # fmt: skip
    assert rows == []
    assert out.read_text(encoding="utf-8").splitlines() == [
        "code;nom_2025;nom;sans emploi;habitants;sans emploi/habitants;absent_1960",
        "08203;Guignicourt-sur-Vence;Guignicourt;10;120;0,083333;08227",
        "33063;Bordeaux;Caudéran | Bordeaux;10000,5;290000;0,034484;",
    ]
    account = out.with_suffix(".account.csv").read_text(encoding="utf-8").splitlines()
    assert account == [
        "ligne;code;code_lu;sort;communes",
        "2;33110;33110;passage à une autre commune (fusion, changement de code);33063",
        "3;33063;33063;même commune;33063",
        f"4;08227;08227;{WORDS['fr']['undivided']};08203 08454",
        "5;8203;08203;même commune;08203",
        "6;99999;;ce n'est pas un code de commune;",
    ]
    summary = json.loads(out.with_suffix(".account.json").read_text(encoding="utf-8"))
    assert summary["sums"]["habitants"] == {
        "read": "290228", "written": "290120", "withheld": "0", "left_out": {"not-a-code": "7", "undivided": "101"},
        "cells_missing": 0, "cells_marked": {}, "cells_unclean": 0, "cells_doubtful": 0, "unclean_examples": [],
    }  # fmt: skip
    assert "habitants : 290\u202f228 = 290\u202f120 (écrits) + 7 (" in said
    assert "ce n'est pas un code de commune : ligne 6 (99999)" in said
    assert not list(tmp_path.glob(".*"))


def test_the_year_is_guessed(samples: Path, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text(TABLE, encoding="utf-8")
    rows, said = converted(samples, file, "--code", "code", "--sum", "habitants")
    assert [row[0] for row in rows] == ["code", "08203", "33063"]
    assert rows[0][1] == "nom_2025"
    assert "5 lignes de 1943 à 1965 → 2 lignes aux communes de 2025" in said
    assert "33110 n'est plus le code d'une commune après 1965" in said


@pytest.mark.parametrize(
    ("year", "content", "said"),
    [
        # Too late: Caudéran is of Bordeaux since 1965.
        ("2000", TABLE, "! les codes ne sont pas de 2000, mais de 1943 à 1965 ; ne sont pas ceux de communes de 2000 : "
                        "ligne"),
        # Too early: Les Hauts-Talican is 60694 since 2024.
        ("2020", "code;habitants\n60694;9\n60054;8\n", "! les codes ne sont pas de 2020, mais de "),
        ("1960", TABLE, ""),
        ("2025", "code;habitants\n33063;9\n", ""),
    ],
)  # fmt: skip
def test_a_declared_year_that_the_codes_contradict_is_told(
    samples: Path, tmp_path: Path, year: str, content: str, said: str
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(content, encoding="utf-8")
    _rows, told = converted(samples, file, "--code", "code", "--from", year, "--sum", "habitants")
    assert said in told.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert ("les codes ne sont pas de" in told) == bool(said)


def test_a_census_of_a_file_divides(samples: Path, tmp_path: Path) -> None:
    """Les Hauts-Talican of 2020 is two communes since 2024, each within it."""
    file, census = tmp_path / "table.csv", tmp_path / "census.csv"
    file.write_text("code,n\n60054,101\n", encoding="utf-8")
    census.write_text("code,population\n60054,75\n60694,25\n", encoding="utf-8")
    words = ["--code", "code", "--from", "2020", "--sum", "n", "--census", str(census)]
    with pytest.raises(UsageError, match="the year of the census is not sure"):
        converted(samples, file, *words)
    rows, said = converted(samples, file, *words, "--census-year", "2025")
    assert rows[1:] == [["60054", "Beaumont-les-Nonains", "76"], ["60694", "Les Hauts-Talican", "25"]]
    assert "census.csv, 2025" in said
    census.write_text("code,population\n60054,75\n60054,25\n", encoding="utf-8")
    with pytest.raises(DataError, match="60054 is there twice"):
        converted(samples, file, *words, "--census-year", "2025")


@pytest.mark.parametrize(
    ("content", "words", "language", "rows"),
    [
        ("code;n\n33063;1,5\n", [], "en", ["code;name_2025;n", "33063;Bordeaux;1,5"]),
        ("code,n\n33063,1.5\n", [], "fr", ["code,nom_2025,n", "33063,Bordeaux,1.5"]),
        ("code\tn\n33063\t1\n33063\t0.5\n", [], "fr", ["code\tnom_2025\tn", "33063\tBordeaux\t1.5"]),
        (
            "code;n\n33063;1,5\n", ["--delimiter", "tab", "--decimal", "."], "fr",
            ["code\tnom_2025\tn", "33063\tBordeaux\t1.5"],
        ),
        ('code,n\n33063,"1,5"\n', [], "en", ["code,name_2025,n", '33063,Bordeaux,"1,5"']),
    ],
)  # fmt: skip
def test_a_table_is_written_as_it_was(
    samples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str,
    words: list[str],
    language: str,
    rows: list[str],
) -> None:
    monkeypatch.setenv("CLIRLD_LANGUAGE", language)
    file = tmp_path / "table.csv"
    file.write_text(content, encoding="utf-8")
    asked = ["--code", "code", "--from", "2020", "--sum", "n", *words, "--data", str(samples)]
    assert territory("convert", str(file), *asked).splitlines() == rows


def test_what_a_cell_says_instead_of_a_number_is_told(samples: Path, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("code;n\n33063;s\n08203;n.d.\n42218;x y\n33110;\n2B033;7\n", encoding="utf-8")
    _, said = converted(samples, file, "--code", "code", "--from", "1960", "--sum", "n")
    assert "  cellules vides : 1\n" in said
    assert "(secret, non disponible…) : 2 (« n.d. » 1, « s » 1)" in said
    assert "pas des nombres : 1, ligne 4 (x y)" in said


def test_a_grouping_is_told_by_its_communes_of_today(samples: Path) -> None:
    assert "\n  39300 Lons-le-Saunier\n" in territory("resolve", "200 071 116", "--data", str(samples))
    found = json.loads(territory("resolve", "200071116", "--data", str(samples), "--json"))
    assert {"code": "39300", "name": "Lons-le-Saunier"} in found["grouping"]["communes"]
    assert territory("resolve", found["grouping"]["name"], "--data", str(samples)).startswith("200071116 ")
    with pytest.raises(DataError, match="known for today only"):
        territory("resolve", "200071116", "--at", "2020", "--data", str(samples))


@pytest.mark.parametrize("asked", ["39", "Jura", "jura"])
def test_a_departement_is_said_to_be_one(samples: Path, asked: str) -> None:
    with pytest.raises(DataError, match="39 Jura is a département"):
        territory("resolve", asked, "--data", str(samples))


def test_namesakes_are_told_apart_by_their_departement(samples: Path) -> None:
    told = territory("resolve", "saint denis", "--data", str(samples))
    assert "93066 Saint-Denis (Seine-Saint-Denis) : " in told
    assert "97411 Saint-Denis (La Réunion) : " in told


def test_for_a_program_and_in_english(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIRLD_LANGUAGE", "en")
    file = tmp_path / "table.csv"
    file.write_text(TABLE, encoding="utf-8")
    told = territory(
        "convert", str(file), "--code", "code", "--data", str(samples), "--json", "-o", str(tmp_path / "n.csv")
    )
    assert json.loads(told)["outcomes"] == {"moved": 1, "not-a-code": 1, "same": 2, "undivided": 1}
    _, said = converted(samples, file, "--code", "code")
    assert "5 rows of 1943 to 1965 → 2 rows of the communes of 2025" in said


@pytest.mark.parametrize("language", ["fr", "en"])
def test_everything_that_may_be_said_has_words(language: str) -> None:
    assert set(get_args(shares.Outcome)) <= WORDS[language].keys()
    assert WORDS["fr"].keys() == WORDS["en"].keys()


@pytest.mark.parametrize(
    ("content", "words", "error", "said"),
    [
        (TABLE, ["--code", "insee"], UsageError, "no column insee"),
        (TABLE, ["--code", "code", "--sum", "habitant"], UsageError, "no column habitant"),
        (TABLE, ["--code", "code", "--from", "1901"], UsageError, "communes are known from 1943"),
        (TABLE, ["--code", "code", "--to", "2050"], UsageError, "communes are known from 1943"),
        (TABLE, ["--code", "code", "--from", "2014-05-01"], UsageError, "no year"),
        (TABLE, ["--code", "code", "--from", "then"], UsageError, "no day"),
        (TABLE, ["--code", "code", "--rate", "habitants"], UsageError, "no rate"),
        (TABLE, ["--code", "code", "--json"], UsageError, "the table needs a file"),
        (TABLE, ["--code", "code", "--census", "nowhere.csv"], DataError, "no such file"),
        (TABLE, ["--code", "nom"], DataError, "no row has a code of a commune"),
        (TABLE, ["--code", "code", "--from", "1960", "--sum", "nom"], DataError, "column nom has no number: row 2"),
        (TABLE, ["--code", "code", "-o", "nowhere/x.csv"], UsageError, "there is no folder nowhere"),
        (TABLE, ["--code", "code", "-o", "."], UsageError, r"\. is a folder"),
        (TABLE, ["--code", "code", "--delimiter", "ab"], UsageError, "ab cannot part cells"),
        (TABLE, ["--code", "code", "--decimal", "x"], UsageError, "x cannot part decimals"),
        (TABLE, ["--code", "code", "--from", "2100"], UsageError, "2100-01-01 is asked for"),
        (TABLE, ["--code", "code", "--from", "1900"], UsageError, "known from 1943-01-01"),
        (TABLE, ["--code", "code", "--from", "2014-03-01"], UsageError, "is no year"),
        (TABLE, ["--code", "code", "--from", "then"], UsageError, "then is no day"),
        ("", ["--code", "code"], DataError, "empty"),
        ("code;n\n", ["--code", "code"], DataError, "no row has a code"),
        ("code;n\n33110;1\n2B033;2\n93059;3\n", ["--code", "code"], DataError, r"cannot be told.*rows"),
    ],
)
def test_tables_that_cannot_be_converted(
    samples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str,
    words: list[str],
    error: type[ClirldError],
    said: str,
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=said) as told:
        converted(samples, file, *words)
    assert told.value.do
    assert ".part" not in str(told.value)
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_the_old_table_is_not_written_over(samples: Path, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text(TABLE, encoding="utf-8")
    with pytest.raises(UsageError, match="would replace the old one"):
        converted(samples, file, "--code", "code", "-o", str(file))
    with pytest.raises(DataError, match="no such file"):
        converted(samples, tmp_path / "nowhere.csv", "--code", "code")


def test_the_page_shows_what_is_printed(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (PROJECT / "docs" / "territories.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    shown = [part.partition("\n") for block in blocks for part in block.split("$ ")[1:]]
    assert len(shown) > 3
    monkeypatch.chdir(tmp_path)
    for command, _, output in shown:
        if command.startswith("cat "):
            subprocess.run(["bash", "-c", command], check=True)
            continue
        words = shlex.split(command)[1:]
        told = CliRunner().invoke(app.app, [*words, "--data", str(samples)], catch_exceptions=False)
        samples_are_told, _, said = told.stderr.partition("\n")
        assert samples_are_told.startswith("! ce sont les exemples")  # which the page says once
        assert (told.stdout + said).rstrip() == output.rstrip(), command
