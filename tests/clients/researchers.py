"""The worked example of docs/researchers.md, in Python with its picture, and in R with its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import PROJECT
from tests.test_docs import blocks, run

PAGE = PROJECT / "docs" / "researchers.md"
_PYTHON = PROJECT / ".venv-clients" / "bin" / "python"


def work_through(release: Path, _address: str) -> str:
    """Run all of the page on a release: its commands, its Python and its R; both have to find the same."""
    said = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        (folder / "data" / "demo").symlink_to(release.parent.resolve())
        for language, _note, body in blocks(PAGE):
            if language == "console":
                for line in body.splitlines():
                    run(line.removeprefix("$ "), folder)
        for language, interpreter, picture in (
            ("python", [str(_PYTHON), "-"], "fabriques-python.svg"),
            ("r", ["Rscript", "-"], "fabriques.svg"),
        ):
            if shutil.which(interpreter[0]) is None:
                said.append(f"{language} left out: no {interpreter[0]}")
                continue
            _run_program(language, interpreter, folder)
            assert "<svg" in (folder / picture).read_text(encoding="utf-8"), f"{picture} is no picture"
            said.append(f"{language} drew {picture}")
    return ", ".join(said)


def _run_program(language: str, interpreter: Sequence[str], folder: Path) -> None:
    program = "".join(body for of, note, body in blocks(PAGE) if of == language and not note.startswith("not run"))
    done = subprocess.run(interpreter, cwd=folder, input=program, capture_output=True, text=True)
    assert done.returncode == 0, f"{language}: {done.stderr[-500:]}"
