"""`clirld grade`: the points, what is lost and what to do, in both languages; and what answers, where it is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pyoxigraph as ox
import pytest

from clirld.cli.app import main
from clirld.fetch.client import WebClient
from clirld.fetch.stage import http_settings
from clirld.release.grade import ask
from clirld.release.grade.described import Described
from clirld.settings import Settings


@pytest.fixture
def run(samples: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> object:
    def command(*arguments: str, language: str = "fr") -> tuple[int, str, str]:
        monkeypatch.setenv("CLIRLD_LANGUAGE", language)
        monkeypatch.setattr("sys.argv", ["clirld", "grade", "--data", str(samples), *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return command


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fr",
            ("MQA, la qualité des métadonnées selon data.europa.eu : ", "sur 405 (excellent)", "→ rien", "1 jeu de"),
        ),
        ("en", ("MQA, metadata quality as data.europa.eu sees it: ", "of 405 (excellent)", "→ nothing", "1 dataset")),
    ],
)
def test_what_is_lost_is_told(run, language: str, words: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    code, text, error = run(language=language)
    assert (code, error) == (0, "")
    for word in words:
        assert word in text
    assert "✓" in text


def test_json_names_all(run) -> None:  # type: ignore[no-untyped-def]
    code, text, _error = run("--json", language="en")
    told = {one["method"]: one for one in json.loads(text)["methods"]}
    assert code == 0
    assert told["mqa"]["of"] == 405
    assert told["mqa"]["rating"] == "excellent"
    lost = {one["id"]: one for one in told["mqa"]["indicators"] if one["points"] < one["of"]}
    assert lost["licenceAvailability"]["lost_by"] == ["clirld-by-permission"]
    assert all(one["do"] for one in lost.values())


def test_a_release_that_is_not_there(run) -> None:  # type: ignore[no-untyped-def]
    code, _text, error = run("--release", "20200101T000000Z-00000000")
    assert code == 1
    assert "→" in error


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = 404 if self.path == "/gone" else 200
        self.send_response(status)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        """Nothing: the test says what it saw."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_addresses_are_asked_and_what_is_gone_is_said(site: str) -> None:
    http = replace(http_settings(Settings.from_environment({})), retries=0, hosts=None)
    answers = dict(ask.ask([f"{site}/here", f"{site}/gone"], WebClient(http)))
    assert answers[f"{site}/here"] is None
    gone = answers[f"{site}/gone"]
    assert gone is not None
    assert "404" in gone.what


def test_what_is_asked_is_the_catalogue_first(samples: Path) -> None:
    release = (samples / "current").resolve()
    described = Described.read(release / "catalog.ttl")
    found = list(ask.addresses(described, ox.Store.read_only(str(release / "store"))))
    assert found[0] == "https://w3id.org/clirld/"
    assert "https://carteco-ess.org/annuaire" in found
    assert len(found) == len(set(found))
    assert not any(one.startswith("https://w3id.org/clirld/release/") for one in found)
