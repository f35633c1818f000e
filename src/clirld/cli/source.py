"""`clirld source`: start a source, list the sources, and what a card may hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clirld.card import source
from clirld.cli.terminal import AsJson, err, print_error, print_json
from clirld.errors import UsageError
from clirld.fetch.stage import http_settings
from clirld.project import Project
from clirld.settings import Settings
from clirld.vocabulary import tables
from clirld.vocabulary.terms import Vocabulary

if TYPE_CHECKING:
    from clirld.draft.new_source import Skeleton

app = typer.Typer(no_args_is_help=True, help="Add a source, and what a source card may hold.")


@app.command("new")
def new(
    place: Annotated[str, typer.Argument(metavar="URL|FILE", help="Where the registry's file is.")],
    identifier: Annotated[str | None, typer.Option("--id", help="Id of the source.")] = None,
) -> None:
    """Write the skeleton of a source: its columns as they look, what data.gouv.fr says of it, and a sample."""
    from clirld.draft import new_source  # sniffing is only needed here

    settings = Settings.from_environment()
    scheme, _separator, rest = place.partition("://")
    if rest and scheme.lower() not in ("http", "https"):
        do = "download the file, and give its path"
        raise UsageError(f"{scheme}:// is not asked here, only https:// and http://", where=place, do=do)
    if Path(place).is_dir():
        raise UsageError("it is a folder", where=place, do="give the path of one file in it")
    draft = new_source.write_skeleton(
        place,
        project_sources=settings.sources,
        tables=tables.load(settings.ontology / "tables.yaml"),
        vocabulary=Vocabulary.load(settings.ontology),
        identifier=identifier,
        http=http_settings(settings),
        portal=settings.datagouv.rstrip("/"),
    )
    typer.echo(str(draft.card))
    for step in _steps(draft, settings.message_language):
        err.print(step, markup=False, highlight=False, soft_wrap=True)


def _steps(draft: Skeleton, language: str) -> list[str]:
    """What a person does next."""
    name, steps = draft.identifier, _STEPS[language]
    sample = steps[1].format(draft.rows, draft.sample) if draft.sample else steps[2]
    return [steps[0].format(draft.to_fill), sample, *(line.format(name) for line in steps[3:])]


_STEPS = {
    "fr": (
        "1. Remplir les {} lignes « À COMPLÉTER » de la fiche, et relire les autres.",
        "2. Relire l'échantillon : {} lignes du vrai fichier, sans les colonnes personnelles ({}).\n"
        "   Il ne reste dans le dépôt que si la licence est ouverte ; sinon, le remplacer par des lignes inventées.",
        "2. Écrire un échantillon dans la forme du fichier, à côté de la fiche.",
        "3. clirld check {}              ce que l'échantillon devient, et chaque remarque",
        "4. clirld check {} --accept     quand tout est juste : écrit expected.ttl",
        "5. clirld run {}                moissonne le vrai fichier et publie",
    ),
    "en": (
        "1. Fill the {} lines marked “TO FILL” of the card, and read the others.",
        "2. Read the sample: {} rows of the real file, without its personal columns ({}).\n"
        "   It stays in the repository only if the licence is open; else put invented rows in its place.",
        "2. Write a sample in the layout of the file, beside the card.",
        "3. clirld check {}              what the sample becomes, and every issue",
        "4. clirld check {} --accept     once all is right: writes expected.ttl",
        "5. clirld run {}                harvests the real file and publishes",
    ),
}


@app.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """List the sources."""
    project = Project.load(Settings.from_environment())
    language = project.settings.message_language
    if as_json:
        print_json([entry.card.model_dump(mode="json", by_alias=True) for entry in project.sources.values()])
    for entry in () if as_json else project.sources.values():
        typer.echo(f"{entry.id:24} {entry.card.frequency:10} {getattr(entry.card.title, language)}")
    for name, error in project.card_errors.items():
        print_error(error, name)
    if project.card_errors:
        raise typer.Exit(1)


@app.command("schemes")
def schemes(
    scheme: Annotated[str | None, typer.Argument(metavar="SCHEME", help="Name of a scheme; else all.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what may be written for kinds, roles, statuses and the like: the schemes, or the concepts of one."""
    settings = Settings.from_environment()
    vocabulary = Vocabulary.load(settings.ontology)
    columns: dict[str, list[str]] = {}
    for table in tables.load(settings.ontology / "tables.yaml").values():
        for column in table.columns.values():
            if column.scheme:
                columns.setdefault(column.scheme, []).append(f"{table.name}.{column.name}")
    if scheme is not None and scheme not in vocabulary.concepts:
        raise UsageError(
            f"there is no scheme {scheme}", where="SCHEME", do=f"name one of: {', '.join(sorted(columns))}"
        )
    if scheme is None:
        if as_json:
            print_json(columns)
        for name, used in () if as_json else sorted(columns.items()):
            typer.echo(f"{name:22} {len(vocabulary.concepts[name]):4}  {', '.join(used)}")
        return
    concepts = vocabulary.concepts[scheme]
    if as_json:
        print_json({slug: {"labels": dict(one.labels), "notation": one.notation} for slug, one in concepts.items()})
    for slug, one in () if as_json else concepts.items():
        label = one.labels.get(settings.message_language, "")
        typer.echo(f"{slug:32} {label}{f' ({one.notation})' if one.notation else ''}")


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of source.yaml, for an editor."""
    typer.echo(source.json_schema(), nl=False)
