"""`clirld demo`: the samples of all sources through the whole line, offline."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Annotated

import typer

from clirld.cli import run
from clirld.cli.query import print_answer
from clirld.cli.serve import HOST, PORT, Port, serve_release
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
    port: Port = PORT,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Run the samples of all sources through the whole line, offline, and ask an example query."""
    settings = Settings.from_environment(data=data or Path("data") / "demo")
    _prepare_folder(settings.data, is_default=data is None)
    project = Project.load(settings)
    run.run_sources(project, [], Origin(sample=True), True, as_json)
    release = published.current(settings.data)
    if release and not as_json:
        text = (settings.queries / _EXAMPLE).read_text(encoding="utf-8")
        title = re.search(rf"# title-{settings.language}: (.*)", text)
        out.print(f"\n{title[1] if title else _EXAMPLE} (queries/{_EXAMPLE})", highlight=False)
        print_answer(release, text, "table", settings)
    if serving:
        serve_release(settings, HOST, port)


def _prepare_folder(folder: Path, is_default: bool) -> None:
    """Empty the folder of an earlier demo; one that holds anything else is left alone."""
    marker = folder / "demo"
    if not is_default and folder.is_dir() and any(folder.iterdir()) and not marker.exists():
        do = "give a folder that is empty or not there: a demo empties the one it uses"
        raise UsageError("this folder holds something else than a demo", where=str(folder), do=do)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    marker.touch()
