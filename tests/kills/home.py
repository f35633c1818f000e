"""A project of samples with a source that changes, and runs of it in child processes that can be killed."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import polars as pl
from pyoxigraph import Store

from clirld import stages
from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.harvest.lock import release_lock, source_lock
from clirld.project import Project
from clirld.release import published, tidy
from clirld.release.make import make_release
from clirld.settings import Settings
from clirld.validate import engine
from clirld.values.persons.first_names import first_names
from tests.followed import CARD, HEADER, row

ERASED = "Lieu effacé à jamais"
_KEY = "une clé d'essai de plus de seize caractères"
_ERASE = "import sys; sys.argv[0] = 'clirld'; from clirld.cli.app import main; main()"


class Home:
    """The data folder, its sources, and what is done with them. This process never uses Polars or a store itself:

    its children are forked, to save the seconds that loading takes, and a fork must not inherit their threads.
    """

    def __init__(self, folder: Path) -> None:
        self.settings = replace(
            Settings.from_environment({}),
            data=folder / "data",
            sources=folder / "sources",
            workers=1,
            erasure_key=_KEY,
        )
        self._temporary = folder / "tmp"
        self._temporary.mkdir()
        tempfile.tempdir = str(self._temporary)

    def prepare(self) -> None:
        """The sources, a first harvest with everything, and the erasure of a record of it."""
        shipped = Settings.from_environment({}).sources
        for name in ("territories", "ptce"):
            shutil.copytree(shipped / name, self.settings.sources / name)
        (self.settings.sources / "lieux").mkdir()
        (self.settings.sources / "lieux" / "source.yaml").write_text(CARD, encoding="utf-8")
        # Kept, for the children to have; none of it starts a thread.
        stages.program_fingerprint()
        Project.load(self.settings)
        engine.version()
        first_names()
        self._write(0)
        self._finish(self._fork(lambda: self._run(["territories", "ptce", "lieux"])))
        settings = {"SOURCES": self.settings.sources, "DATA": self.settings.data, "ERASURE_KEY": _KEY}
        environment = {**os.environ, **{f"CLIRLD_{name}": str(value) for name, value in settings.items()}}
        erase = [sys.executable, "-c", _ERASE, "erase", "lieux", "x1", "--because", "essai"]
        subprocess.run(erase, env=environment, check=True, capture_output=True)

    def complete_run(self, number: int) -> float:
        """A run that nobody kills, then tidying; gives the seconds of the run. Raises RuntimeError if it fails."""
        self._write(number)
        start = time.monotonic()
        self._finish(self._fork(lambda: self._run(["lieux"])))
        length = time.monotonic() - start
        self._finish(self._fork(self._tidy))
        return length

    def killed_run(self, number: int, seconds: float) -> bool:
        """A run that is killed after so many seconds; whether it had not ended by then."""
        self._write(number)
        child = self._fork(lambda: self._run(["lieux"]))
        ended = threading.Event()
        timer = threading.Timer(seconds, lambda: ended.is_set() or os.kill(child, signal.SIGKILL))
        timer.start()
        _pid, status = os.waitpid(child, 0)
        ended.set()
        timer.cancel()
        timer.join()
        return os.WIFSIGNALED(status)

    def is_served_whole(self) -> bool:
        """Whether what is served is whole, to the last byte, and its store answers."""

        def look() -> None:
            served = published.current(self.settings.data)
            if served is None or published.damaged_files(served):
                raise RuntimeError
            quads = sum(1 for _ in Store.read_only(str(served.folder / "store")))
            if quads != served.manifest["quads"]:
                raise RuntimeError

        with suppress(RuntimeError):
            self._finish(self._fork(look))
            return True
        return False

    def unfinished(self) -> list[Path]:
        """What is left of runs, here and in the folder of temporary files."""
        return [*self.settings.data.rglob(".*"), *self._temporary.iterdir()]

    def files_with_what_was_erased(self) -> list[str]:
        """Files in which the name of the erased record can be read."""
        found = Path(self._temporary.parent / "found")

        def look() -> None:
            paths = [path for path in self.settings.data.rglob("*") if path.is_file() and ERASED in _text(path)]
            found.write_text("\n".join(map(str, paths)))

        self._finish(self._fork(look))
        return found.read_text().split()

    def size(self) -> int:
        """Bytes of the data folder, each file once."""
        return sum({path.stat().st_ino: path.stat().st_size for path in self._files()}.values())

    def _files(self) -> list[Path]:
        return [path for path in self.settings.data.rglob("*") if path.is_file() and not path.is_symlink()]

    def _write(self, number: int) -> None:
        """The source's file: one row changes every time."""
        rows = [row(n, f"Lieu {'abcdefghijklmnopqrst'[n]}") for n in range(20)]
        rows[number % 20] = row(number % 20, f"Lieu changé {number}")
        path = self.settings.sources / "lieux" / "lieux.csv"
        path.write_text("\n".join([HEADER, *rows, row("x1", ERASED)]) + "\n", encoding="utf-8")

    def _run(self, names: list[str]) -> None:
        project = Project.load(self.settings)
        for name in names:
            line.harvest(project, project.sources[name], Origin(sample=name != "lieux"))
        if names == ["lieux"]:
            make_release(project)

    def _tidy(self) -> None:
        project = Project.load(self.settings)
        with release_lock(self.settings.data), source_lock(self.settings.data, "lieux"):
            tidy.delete(tidy.unused_paths(project, 1))

    def _fork(self, work: Callable[[], None]) -> int:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                work()
                code = 0
            except RuntimeError:
                code = 2
            except BaseException as problem:
                os.write(2, f"{type(problem).__name__}: {problem}\n".encode())
            finally:
                os._exit(code)
        return child

    def _finish(self, child: int) -> None:
        _pid, status = os.waitpid(child, 0)
        if status:
            raise RuntimeError(f"a run ended with {os.waitstatus_to_exitcode(status)}")


def _text(path: Path) -> str:
    if path.suffix == ".parquet":
        return str(pl.read_parquet(path).to_dicts())
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode(errors="replace")
