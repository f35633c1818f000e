"""Two runs of a source at once, and runs that are killed: nothing wrong is left, and the next run makes it right."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from clirld import stages
from clirld.errors import BusyError
from clirld.harvest import outcome
from clirld.harvest.lock import source_lock
from clirld.release import published
from clirld.settings import Settings
from tests.followed import Followed, followed, row

STAGES = ("fetch", "records", "presence", "map", "validate", "guards")
ROWS = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(8)]
CHANGED = [*ROWS[1:], row(77, "Un autre")]

CHILD = """\
import os, signal, sys
from clirld import stages
from clirld.fetch import download
from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.project import Project
from clirld.settings import Settings

stages.program_fingerprint = lambda: "program"
download.fetch_distribution.__kwdefaults__["now"] = lambda: "2026-01-02T06:00:00Z"
write_json = stages.write_json

def here(*place):
    if place == tuple(sys.argv[1:]):
        os.kill(os.getpid(), signal.SIGKILL)

def write(path, data):
    switch = path.name == "lieux.json"
    here("switch", "before" if switch else "")
    write_json(path, data)
    here("switch", "after" if switch else "")

stages.write_json = write
project = Project.load(Settings.from_environment())
line.harvest(project, project.sources["lieux"], Origin(), lambda _source, stage, state: here(stage, state))
"""

HOLD = """\
import sys, time
from pathlib import Path
from clirld.harvest.lock import source_lock
with source_lock(Path(sys.argv[1]), "lieux"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a first harvest."""
    folder = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patched:
        followed(folder, patched).run(ROWS, "2026-01-01")
    return folder


def again(prepared: Path, folder: Path, patched: pytest.MonkeyPatch) -> Followed:
    """A copy of it, in which the source has changed."""
    for name in ("data", "sources"):
        shutil.copytree(prepared / name, folder / name)
    settings = replace(Settings.from_environment({}), data=folder / "data", sources=folder / "sources", workers=1)
    patched.setattr(stages, "program_fingerprint", lambda: "program")
    source = Followed(settings, patched)
    source.write(CHANGED)
    source.on("2026-01-02")
    return source


@pytest.fixture(scope="module")
def undisturbed(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the second harvest makes when nothing disturbs it."""
    with pytest.MonkeyPatch.context() as patched:
        source = again(prepared, tmp_path_factory.mktemp("undisturbed"), patched)
        source.run()
        return source.lines()


@pytest.fixture
def source(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    return again(prepared, tmp_path, monkeypatch)


def environment(source: Followed) -> dict[str, str]:
    names = {"DATA": source.settings.data, "SOURCES": source.settings.sources, "LANGUAGE": "fr", "WORKERS": 1}
    return {**os.environ, **{f"CLIRLD_{name}": str(value) for name, value in names.items()}}


@pytest.mark.parametrize(
    ("stage", "state"),
    [*((stage, state) for stage in STAGES for state in ("started", "done")), ("switch", "before"), ("switch", "after")],
)
def test_a_run_that_is_killed_leaves_nothing_wrong(
    source: Followed, undisturbed: list[str], stage: str, state: str
) -> None:
    good, quads = outcome.last_good(source.project, "lieux"), source.lines()
    killed = subprocess.run([sys.executable, "-c", CHILD, stage, state], env=environment(source), check=False)
    assert killed.returncode == -signal.SIGKILL
    if (stage, state) == ("switch", "after"):
        assert source.lines() == undisturbed
    else:
        assert outcome.last_good(source.project, "lieux") == good
        assert source.lines() == quads
    made = source.run()
    assert source.lines() == undisturbed != quads
    assert made.account.summary()["missing"] == 1


def test_the_second_of_two_runs_says_so_and_stops(source: Followed) -> None:
    good = outcome.last_good(source.project, "lieux")
    command = [sys.executable, "-c", HOLD, str(source.settings.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            run = [sys.executable, "-c", "from clirld.cli.app import main; main()", "run", "lieux"]
            second = subprocess.run(run, env=environment(source), capture_output=True, text=True, check=False)
            assert second.returncode == 1
            assert "celle-ci la lui laisse, et n'en fait pas de version" in second.stderr
            assert "rien de nouveau" not in second.stderr  # it says one thing, and does it
            assert published.current(source.settings.data) is None
            assert outcome.last_good(source.project, "lieux") == good
            assert outcome.failure(source.project, "lieux") is None  # it is no failure of the source
        finally:
            holder.kill()
    assert source.run() != good  # the lock is gone with its process


def test_a_run_waits_a_little(tmp_path: Path) -> None:
    with source_lock(tmp_path, "a"), source_lock(tmp_path, "b"):
        start = time.monotonic()
        with pytest.raises(BusyError) as caught, source_lock(tmp_path, "a", timeout=0.2):
            pass
        assert time.monotonic() - start >= 0.2
        assert "wait until it is done, then run again" in caught.value.do
    with source_lock(tmp_path, "a"):
        pass
