"""`clirld reuse`: what it prints of the samples, and what it says where it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.errors import ClirldError, DataError
from tests.once import linked_copy


def reuse(*words: str) -> str:
    told = CliRunner().invoke(app.app, ["reuse", *words], catch_exceptions=False)
    assert told.exit_code == 0
    return told.stdout


@pytest.mark.parametrize(
    ("language", "need", "told"),
    [
        ("fr", "lieux où travailler", [
            "1. Pôle fictif du Val", "Même besoin : lieux où travailler.", "1. Écouter.", "Ville fictive du Val : ",
            "Levé ainsi : L'essai d'un an", "Preuve : compté. Selon : l'initiative elle-même.",
            "Changé : L'essai a lieu",
            "https://example.org/pole-du-val/rapport-2019.pdf",
        ]),
        ("en", "premises", ["Same need: places to work.", "Evidence: counted. According to: ", "1. Listen."]),
    ],
)  # fmt: skip
def test_the_samples_have_an_answer(
    samples: Path, monkeypatch: pytest.MonkeyPatch, language: str, need: str, told: list[str]
) -> None:
    monkeypatch.setenv("CLIRLD_LANGUAGE", language)
    text = reuse("--territory", "26281", "--need", need, "--data", str(samples))
    assert [part for part in told if part not in text] == []


def test_by_name(samples: Path) -> None:
    assert "\n1. Pôle fictif du Val" in reuse("--territory", "lons le saunier", "--data", str(samples))
    lille = json.loads(reuse("--territory", "Européenne de Lille", "--data", str(samples), "--json"))
    assert lille["territory"]["label"] == "Métropole Européenne de Lille"


def test_markdown_has_links_and_no_lost_bracket(samples: Path) -> None:
    text = reuse("--territory", "39300", "--need", "premises", "--limit", "1", "--markdown", "--data", str(samples))
    assert "1. [Pôle fictif du Val](https://w3id.org/clirld/id/initiative/capitalisation-pole-fictif-du-val)" in text
    assert "(https://example.org/pole-du-val/rapport-2019.pdf)" in text
    assert text.count("[") == text.count("]")


def test_for_a_program(samples: Path) -> None:
    found = json.loads(reuse("--territory", "39300", "--need", "premises", "--data", str(samples), "--json"))
    assert found["territory"]["iri"].endswith("/epci-200071116")
    first = found["cases"][0]
    assert first["match"]["is_own"]
    assert first["experience"]["outcomes"][0]["source"]["iri"].startswith("https://example.org/")
    asked = ["--practice", "recycling-centre", "--limit", "1", "--data", str(samples), "--json"]
    assert len(json.loads(reuse("--territory", "39300", *asked))["cases"]) == 1


def test_where_experience_is_missing(samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIRLD_LANGUAGE", "en")
    given = ["territory", "experience", "--data", str(samples)]
    found = json.loads(CliRunner().invoke(app.app, [*given, "--json"], catch_exceptions=False).stdout)
    process, every, listed = found["reach"]
    assert every["known"] < listed["known"]
    assert (process["known"], process["placed"], process["three"]) == (1, 1, 0)
    assert every["known"] > process["known"]
    assert 0 < process["one"] <= every["one"] <= listed["one"] <= found["groupings"]
    told = CliRunner().invoke(app.app, given, catch_exceptions=False).stdout
    assert "1 / 1" in told
    assert "same situation" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--territory", "99999"], "no commune and no grouping"),
        (["--territory", "departement-39"], "neither a commune nor a grouping"),
        (["--territory", "39300", "--need", "moon"], "no need is called “moon”"),
        (["--territory", "39300", "--release", "1"], "no release"),
    ],
)
def test_what_cannot_be_asked(samples: Path, words: list[str], said: str) -> None:
    with pytest.raises(ClirldError, match=said):
        reuse(*words, "--data", str(samples))


def test_a_damaged_store(samples: Path, tmp_path: Path) -> None:
    data = linked_copy(samples, tmp_path / "data")
    store = (data / "current").resolve() / "store"
    for path in store.glob("MANIFEST*"):
        path.unlink()
        path.write_bytes(b"damaged")
    with pytest.raises(DataError, match="store cannot be read"):
        reuse("--territory", "39300", "--data", str(data))
