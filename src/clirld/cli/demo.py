"""`clirld demo`: the samples of all sources through the whole line, offline."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from clirld import stages
from clirld.cli import run
from clirld.cli.query import print_answer
from clirld.cli.serve import HOST, PORT, Port, serve_release
from clirld.cli.terminal import AsJson, out
from clirld.errors import UsageError
from clirld.fetch.stage import Origin
from clirld.harvest import outcome
from clirld.project import Project
from clirld.release import published
from clirld.settings import Settings

_EXAMPLE = "ptce-laureates.rq"
"""The example query of the demo."""
_FOLDER = Path("data") / "demo"
_MARKER = "demo.sha256"
"""File of a demo's folder: what it was made with."""


def demo(
    serving: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the result until interrupted.")] = True,
    port: Port = PORT,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DIR", help="Where all of the demo is kept (default: CLIRLD_DATA, else data/demo)."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the samples of all sources through the whole line, offline, and ask an example query."""
    is_default = data is None and not os.environ.get("CLIRLD_DATA")
    settings = Settings.from_environment(data=_FOLDER if is_default else data, stages="")
    settings = replace(settings, judgements=settings.judgements / "sample")
    project = Project.load(settings)
    _prepare_folder(settings, is_default=is_default)
    run.run_sources(project, [], Origin(sample=True), True, as_json)
    release = published.current(settings.data)
    if release and not as_json:
        text = (settings.queries / _EXAMPLE).read_text(encoding="utf-8")
        title = re.search(rf"# title-{settings.language}: (.*)", text)
        out.print(f"\n{title[1] if title else _EXAMPLE} (queries/{_EXAMPLE})", highlight=False)
        print_answer(release, text, "table", settings)
    if serving:
        serve_release(settings, HOST, port)


def _prepare_folder(settings: Settings, is_default: bool) -> None:
    """Forget the harvests of a demo of other samples or another program; a folder that holds anything else is refused.

    With the same ones they stay, and their stages are skipped. A demo is never a harvest of earlier samples too: what
    is gone from a sample would be published as missing. Releases stay in any case, as somebody may have cited them.
    """
    folder, marker = settings.data, settings.data / _MARKER
    if not is_default and folder.is_dir() and any(folder.iterdir()) and not marker.exists():
        do = "give a folder that is empty or not there: clirld demo --data DIR"
        raise UsageError("this folder holds something else than a demo", where=str(folder), do=do)
    inputs = _fingerprint(settings)
    if marker.is_file() and marker.read_text(encoding="utf-8") == inputs:
        return
    for name in ("harvests", "snapshots", *outcome.STAGES):
        if (folder / name).exists():
            shutil.rmtree(folder / name)
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(inputs, encoding="utf-8")


def _fingerprint(settings: Settings) -> str:
    folders = (settings.ontology, settings.shapes, settings.sources)
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return stages.fingerprint(stages.program_fingerprint(), stages.files_fingerprint(files))
