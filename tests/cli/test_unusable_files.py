"""A file that a command cannot use ends in words that help, whichever command it was and whatever is in the file."""

from __future__ import annotations

import gzip
import random
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.errors import ClirldError

COMMANDS = {
    "link": ["link", "FILE", "--data", "DATA", "--out", "OUT"],
    "convert": ["territory", "convert", "FILE", "--code", "code", "--from", "2014", "--data", "DATA", "--out", "OUT"],
    "import": ["match", "import", "FILE", "--as", "essai", "--data", "DATA"],
    "query": ["query", "FILE", "--data", "DATA"],
    "replay": ["replay", "FILE", "--data", "DATA"],
    "check": ["case", "check", "FILE"],
    "new": ["source", "new", "FILE", "--id", "exemple"],
}
_CELLS = b"nom;code\nExemple;39300\n"
FILES = {
    "nothing": b"",
    "blank lines": b"\n\n\n",
    "bytes": random.Random(12).randbytes(5_000),
    "nul": b"a;b\0\0\0\0c\n\0\0;1\n",
    "packed": b"PK\x03\x04 and no more",
    "packed, nothing in it": b"PK\x05\x06" + bytes(18),
    "cut gzip": gzip.compress(_CELLS * 100)[:40],
    "cut parquet": b"PAR1 and no morePAR1",
    "not json": b"[",
    "json of numbers": b"[1, 2, 3]",
    "deep json": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "a line that is not json": b'{"nom": "a"}\n{"nom": "b"}\n{"nom": }\n',
    "not yaml": b"---\na: [b\n---\n",
    "half a query": b"SELECT * WHERE { ?s ?p }",
}


@pytest.fixture(scope="module")
def data(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("unusable") / "data"
    return Path(shutil.copytree(samples, copy, symlinks=True))


@pytest.mark.parametrize("content", FILES)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_breaks(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, content: str
) -> None:
    for folder in ("SOURCES", "JUDGEMENTS"):
        monkeypatch.setenv(f"CLIRLD_{folder}", str(tmp_path / folder.lower()))
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "file"
    file.write_bytes(FILES[content])
    words = {"FILE": str(file), "DATA": str(data), "OUT": str(tmp_path / "out.csv")}
    ended = CliRunner().invoke(app.app, [words.get(one, one) for one in COMMANDS[command]])
    assert ended.exit_code
    if not isinstance(ended.exception, SystemExit):  # not told in words already, as `case check` does
        assert isinstance(ended.exception, ClirldError), ended.exception
        assert ended.exception.do
        assert "source.yaml" not in ended.exception.do or command == "new"
    assert not (tmp_path / "out.csv").exists()
