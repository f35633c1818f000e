"""`clirld cite` and `clirld replay`: on a folder and on a server, and what is damaged, gone or not there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from clirld.cli import app, cite
from clirld.errors import ClirldError, DataError, QueryError, ReleaseError, UsageError
from clirld.release import citation
from tests.web.citable.releases import ERASED, GONE, LABEL, MIDDLE, NEW, OLD, WITHDRAWN, make_releases
from tests.web.served import serve_settings, serving

THINGS = "SELECT ?s { ?s ?p ?o }"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cited")
    make_releases(folder)
    for name in (OLD, MIDDLE, NEW):  # as a release that was made has them
        path = folder / "releases" / name / "manifest.json"
        manifest = {"version": name[-8:], "files": [], **json.loads(path.read_text())}
        path.write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="module")
def site(data: Path) -> Iterator[str]:
    with serving(data, serve_settings()) as address:
        yield address


@pytest.fixture(params=["folder", "server"])
def asked(request: pytest.FixtureRequest, data: Path) -> list[str]:
    """Who is asked: options of the commands."""
    return ["--data", str(data)] if request.param == "folder" else ["--endpoint", request.getfixturevalue("site")]


def call(*words: str, given: str = "") -> tuple[int, str]:
    told = CliRunner().invoke(app.app, words, input=given)
    if isinstance(told.exception, ClirldError):
        raise told.exception
    return told.exit_code, told.stdout


@pytest.mark.parametrize("name", citation.FORMATS)
def test_what_is_cited_is_replayed(asked: list[str], name: str, tmp_path: Path) -> None:
    code, text = call("cite", THINGS, "--format", name, *asked)
    assert code == 0
    (tmp_path / "cited").write_text(text)
    assert NEW in text
    code, told = call("replay", str(tmp_path / "cited"), *asked)
    assert code == 0
    assert told.count("réponse identique") == 2
    assert call("replay", "-", *asked, given=text) == (0, told)


def test_folder_and_server_cite_alike(data: Path, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for language in ("fr", "en"):
        monkeypatch.setenv("CLIRLD_LANGUAGE", language)
        here = call("cite", LABEL, "--release", OLD, "--data", str(data))
        assert here == call("cite", LABEL, "--release", OLD, "--endpoint", f"{site}/sparql")
        assert ("version citée" if language == "fr" else "release cited") in call(
            "replay", "-", "--data", str(data), given=here[1]
        )[1]


def test_what_has_changed_since_is_shown(asked: list[str]) -> None:
    _, text = call("cite", LABEL, "--release", OLD, *asked)
    code, told = call("replay", "-", *asked, given=text)
    assert code == cite.OTHER_NOW
    assert f"version citée, {OLD} : réponse identique" in told
    assert f"version actuelle, {NEW} : la réponse a changé, lignes ajoutées : 1, retirées : 1" in told
    assert f'+ "{NEW}"' in told.splitlines()
    assert f'- "{OLD}"' in told.splitlines()
    code, told = call("replay", "-", "--json", *asked, given=text)
    said: dict[str, Any] = json.loads(told)
    assert (code, said["then"]["same"], said["now"]["same"]) == (cite.OTHER_NOW, True, False)
    assert (said["now"]["added"], said["now"]["removed"]) == ([f'"{NEW}"'], [f'"{OLD}"'])


def test_many_changes_are_counted(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cite, "_SHOWN", 0)
    _, text = call("cite", LABEL, "--release", OLD, *asked)
    assert "+ … et 1 de plus" in call("replay", "-", *asked, given=text)[1]


def test_another_answer_than_the_one_cited(asked: list[str]) -> None:
    _, text = call("cite", LABEL, *asked)
    sha256 = citation.read(text, "x").sha256
    code, told = call("replay", "-", *asked, given=text.replace(sha256, "0" * 64))
    assert code == 1
    assert "une autre réponse que celle qui est citée" in told


@pytest.mark.parametrize(
    ("release", "word"),
    [
        (GONE, "ne la garde plus|existed"),
        (ERASED, "erased|effacées"),
        (WITHDRAWN, "withdrawn on 2026-05-01: une colonne|retirée le 1er mai 2026 : une colonne"),
        ("2025", "jamais|no release"),
    ],
)
def test_a_release_that_cannot_be_asked_is_told_and_the_current_one_is_asked(
    asked: list[str], release: str, word: str
) -> None:
    _, text = call("cite", "ASK {}", *asked)
    code, told = call("replay", "-", *asked, given=text.replace(NEW, release))
    assert code == 1
    assert f"version actuelle, {NEW} : réponse identique" in told
    with pytest.raises((ReleaseError, QueryError), match=word):
        call("cite", "ASK {}", "--release", release, *asked)
    code, told = call("replay", "-", "--json", *asked, given=text.replace(NEW, release))
    said: dict[str, Any] = json.loads(told)
    assert (code, said["then"], said["now"]["same"], said["now"]["added"]) == (1, None, True, None)
    assert said["problem"]["do"]
    assert "version" in said["problem"]["what"]
    assert not re.search("existed|erased|withdrawn|no release|never", said["problem"]["what"]), "in French by default"


@pytest.mark.parametrize(
    "text", ["", "no citation", "\x00", "https://w3id.org/clirld/release/2/sparql?query=ASK%7B%7D"]
)
def test_a_damaged_citation(asked: list[str], text: str) -> None:
    with pytest.raises(DataError, match="citation"):
        call("replay", "-", *asked, given=text)


@pytest.mark.parametrize("query", ["SELECT * {", "INSERT DATA { <a:a> <a:b> <a:c> }", "SELECT (NOW() AS ?x) {}"])
def test_what_cannot_be_cited(asked: list[str], query: str) -> None:
    with pytest.raises(QueryError):
        call("cite", query, *asked)


def test_a_query_in_a_file(asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text(LABEL)
    text = call("cite", LABEL, *asked)
    assert call("cite", str(tmp_path / "q.rq"), *asked) == text
    assert call("cite", "-", *asked, given=LABEL) == text
    with pytest.raises(UsageError, match="cannot read"):
        call("cite", str(tmp_path / "none.rq"), *asked)
    with pytest.raises(UsageError, match="cannot read"):
        call("replay", str(tmp_path / "none"), *asked)
    with pytest.raises(UsageError, match="no format"):
        call("cite", LABEL, "--format", "ris", *asked)


def test_an_endpoint_that_is_none(site: str) -> None:
    for address, message in (
        ("http://127.0.0.1:1", "does not answer: Connection refused"),
        ("nothing", "not an address"),
        (f"{site}/healthz", "answered"),
    ):
        with pytest.raises(ClirldError, match=f"{message}|pas de page à l'adresse"):
            call("cite", "ASK {}", "--endpoint", address)


def test_no_release_at_all(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no release"):
        call("cite", "ASK {}", "--data", str(tmp_path))
