"""`clirld demo`: the samples of all sources through the whole line, offline."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Annotated

import typer

from clirld import stages
from clirld.cli import run
from clirld.cli.query import print_answer
from clirld.cli.serve import serve_release
from clirld.cli.terminal import AsJson, Data, out
from clirld.errors import UsageError
from clirld.fetch import Origin
from clirld.project import Project
from clirld.release import published
from clirld.settings import Settings

_EXAMPLE = "ptce-laureates.rq"
"""The example query of the demo."""


def demo(
    serving: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the result until interrupted.")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Run the samples of all sources through the whole line, offline, and ask an example query."""
    settings = Settings.from_environment(data=data or Path("data") / "demo")
    project = Project.load(settings)
    _prepare(settings, ours=data is None)
    run.take(project, [], Origin(sample=True), True, as_json)
    made = published.current(settings.data)
    if made and not as_json:
        text = (settings.queries / _EXAMPLE).read_text(encoding="utf-8")
        title = re.search(rf"# title-{settings.language}: (.*)", text)
        out.print(f"\n{title[1] if title else _EXAMPLE} (queries/{_EXAMPLE})", highlight=False)
        print_answer(made, text, "table", settings)
    if serving:
        serve_release(settings, "127.0.0.1", port)


def _prepare(settings: Settings, ours: bool) -> None:
    """Empty the folder of a demo of other samples or another program; one that holds anything else is left alone.

    With the same ones it stays, and its stages are skipped. A demo is never a harvest of earlier samples too: what is
    gone from a sample would be published as missing.
    """
    folder, mark = settings.data, settings.data / "demo"
    if not ours and folder.is_dir() and any(folder.iterdir()) and not mark.exists():
        do = "give a folder that is empty or not there: a demo empties the one it uses"
        raise UsageError("this folder holds something else than a demo", where=str(folder), do=do)
    inputs = _fingerprint(settings)
    if mark.is_file() and mark.read_text(encoding="utf-8") == inputs:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.write_text(inputs, encoding="utf-8")


def _fingerprint(settings: Settings) -> str:
    folders = (settings.ontology, settings.shapes, settings.sources)
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return stages.fingerprint(stages.program_fingerprint(), stages.files_fingerprint(files))
