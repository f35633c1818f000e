"""`clirld vocabulary`: the documentation of the vocabulary as pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clirld.project import Project
from clirld.settings import Settings


def write(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the pages are written.")],
) -> None:
    """Write the documentation of the vocabulary as pages, in French and English."""
    from clirld.web import vocabulary_pages  # jinja2 is only needed here

    project = Project.load(Settings.from_environment())
    for path in vocabulary_pages.write(project.settings.ontology, project.mapping, folder):
        typer.echo(str(path))
