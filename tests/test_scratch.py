"""Temporary folders go with their process, at the latest when the next one begins."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from clirld import scratch

_LIVE = """
import sys, tempfile
tempfile.tempdir = sys.argv[1]
from clirld import scratch
with scratch.temporary_folder() as folder:
    (folder / "erased").write_text("Jeanne Exemple")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_folder_is_gone_at_the_end(tmp_path: Path) -> None:
    with scratch.temporary_folder() as folder:
        assert list(folder.iterdir()) == []
        (folder / "a").write_text("a")
        scratch.sweep()
        assert (folder / "a").exists()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _LIVE, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        folder = Path(process.stdout.readline().strip())
        assert (folder / "erased").exists()
        scratch.sweep()
        assert (folder / "erased").exists()  # it lives
        process.send_signal(signal.SIGKILL)
    scratch.sweep()
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "lock").touch()
    (tmp_path / "clirld-link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "clirld-unlocked").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "clirld-unlocked" / "lock").symlink_to("/nowhere")
    scratch.sweep()
    assert len(list(tmp_path.rglob("*"))) == 6
