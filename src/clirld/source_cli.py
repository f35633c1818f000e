"""`clirld source`: start a source, list the sources, and what a card may hold."""

from __future__ import annotations

from typing import Annotated

import typer

from clirld import line, source, tables
from clirld.project import Project
from clirld.settings import Settings
from clirld.terminal import AsJson, complain, print_json
from clirld.vocabulary import Vocabulary

app = typer.Typer(no_args_is_help=True, help="Add a source, and what a source card may hold.")


@app.command("new")
def new(
    place: Annotated[str, typer.Argument(metavar="URL|FILE", help="Where the registry's file is.")],
    identifier: Annotated[str | None, typer.Option("--id", help="Id of the source.")] = None,
) -> None:
    """Write the skeleton of a source: encoding, delimiter and columns as they look."""
    from clirld import skeleton  # sniffing is only needed here

    settings = Settings.from_environment()
    path = skeleton.new(
        place,
        project_sources=settings.sources,
        tables=tables.load(settings.ontology / "tables.yaml"),
        vocabulary=Vocabulary.load(settings.ontology),
        identifier=identifier,
        http=line.http_settings(settings),
    )
    typer.echo(str(path))


@app.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """List the sources."""
    project = Project.load(Settings.from_environment())
    language = "en" if project.settings.language == "en" else "fr"
    if as_json:
        print_json([one.card.model_dump(mode="json", by_alias=True) for one in project.sources.values()])
    for one in () if as_json else project.sources.values():
        typer.echo(f"{one.id:24} {one.card.frequency:10} {getattr(one.card.title, language)}")
    for name, error in project.broken.items():
        complain(error, name)
    if project.broken:
        raise typer.Exit(1)


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of source.yaml, for an editor."""
    typer.echo(source.json_schema(), nl=False)
