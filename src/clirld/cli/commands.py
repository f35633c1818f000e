"""All commands in one application, and the same in French. The module of a command is loaded when it is called.

What a command needs may take a second to load: its help stands here too, so that the list of all needs none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import Any, NamedTuple

import typer
import typer.main
from typer.core import TyperGroup

from clirld import __version__, yamlfile


class Command(NamedTuple):
    """Where a command is, as `module:function` or `module:application`, and the first paragraph of its help."""

    place: str
    help: str


COMMANDS = {
    "run": Command("run:run", "Take sources through the whole line, from fetch to a new release."),
    "issues": Command(
        "issues:show",
        "Show what was noticed of the sources: their failures, rows left out, values that are unclean or were mended.",
    ),
    "accept": Command(
        "accept:accept",
        "Let pass what is kept back, saying why: the next release publishes it and tells so.",
    ),
    "erase": Command("erase:erase", "Leave a record out for ever: the list keeps a keyed hash, never the identifier."),
    "check": Command("check:check", "Check a source's card, columns, sample and shapes, without publishing anything."),
    "release": Command("releases.release:release", "Make a release of the last good harvests and serve it."),
    "releases": Command(
        "releases.release:releases", "List the releases, check them, go back to one, or withdraw some."
    ),
    "grade": Command(
        "releases.grade:grade",
        "Say what a release gives itself by the methods of others, and what to do for each point that is lost.",
    ),
    "publish": Command(
        "releases.publish:publish",
        "Bring a release into another store, graph by graph, or whole into object storage: only what changed.",
    ),
    "tidy": Command(
        "releases.release:tidy", "Delete old releases, and outputs of stages that nothing points at any more."
    ),
    "vocabulary": Command(
        "vocabulary:write", "Write the documentation of the vocabulary as pages, in French and English."
    ),
    "query": Command("query:query", "Ask a release a SPARQL query."),
    "registered": Command(
        "releases.registered:registered", "Say whether the queries that others rely on get what they rely on."
    ),
    "search": Command("search:search", "Find things of a release by their words: names, numbers, descriptions."),
    "territory": Command(
        "territory.app:app",
        "What a commune was on a day, tables of one year brought to another, and which territories are alike.",
    ),
    "reuse": Command(
        "territory.reuse:reuse",
        "What was tried in territories like mine for a need like mine, by whom, with which results, and what to adapt.",
    ),
    "link": Command(
        "own_table.link:link",
        "Link the rows of a table to initiatives, organizations and communes, each with its evidence. Nothing is sent.",
    ),
    "match": Command("match.app:app", "Say which records are one thing, and which are not."),
    "contributions": Command("contributions.app:app", "Take what people add and correct, and decide on it."),
    "cite": Command("cite:cite", "Cite the answer to a query: its release, date, licences, hash and address."),
    "replay": Command(
        "cite:replay", "Ask the query of a citation again: is its release's answer the same, and the current one's?"
    ),
    "serve": Command("serve:serve", "Serve the current release over HTTP, read-only, until interrupted."),
    "demo": Command(
        "demo:demo", "Run the samples of all sources through the whole line, offline, and ask an example query."
    ),
    "source": Command("source:app", "Add a source, and what a source card may hold."),
    "case": Command("case:app", "Write down a case of cooperation, without knowing RDF."),
}
"""In the order of the list."""


class _Commands(TyperGroup):
    """Knows its commands by name and help; the one that is called takes its place."""

    language = "en"

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, _listed, rest = super().resolve_command(ctx, args)
        if name is None:
            return name, None, rest
        loaded = load(name)
        if self.language != "en":
            _translate(loaded)
        return name, loaded, rest


_OPTIONS: dict[str, Any] = {"add_completion": False, "pretty_exceptions_enable": False, "rich_markup_mode": None}

app = typer.Typer(cls=_Commands, no_args_is_help=True, **_OPTIONS)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"clirld {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version of the program."
    ),
) -> None:
    """Linked open data of territorial cooperation."""


for _name, _command in COMMANDS.items():
    app.command(_name, help=_command.help)(lambda: None)


def load(name: str) -> Any:
    """A command as it is, with its arguments, and its commands where it has some."""
    module, _separator, attribute = COMMANDS[name].place.partition(":")
    found = getattr(import_module(f"{__package__}.{module}"), attribute)
    whole = typer.Typer(**_OPTIONS)
    if not isinstance(found, typer.Typer):
        whole.command(name)(found)
        return typer.main.get_command(whole)
    whole.add_typer(found, name=name)
    command: Any = typer.main.get_command(whole)
    return command.commands[name]


_LAYOUT = {
    "Usage: ": "Usage : ",
    "Arguments:": "Arguments :",
    "Options:": "Options :",
    "Commands:": "Commandes :",
    "Show this message and exit.": "Montrer cette aide.",
    "[required]": "[obligatoire]",
    "[default: ": "[par défaut : ",
}
"""The words that Typer itself writes; it has no translations."""

_TYPES = {
    "<str>": "<texte>",
    "<list[str]>": "<textes>",
    "<int>": "<nombre>",
    "<int range>": "<nombre>",
    "<float>": "<nombre>",
    "<path>": "<chemin>",
    "<file>": "<fichier>",
}
"""What Typer calls the types of values."""


_METAVARS = {
    "FILE": "FICHIER",
    "NAME": "NOM",
    "COLUMN": "COLONNE",
    "YEAR": "ANNÉE",
    "DATE": "JOUR",
    "DIR": "DOSSIER",
    "FOLDER": "DOSSIER",
    "FIELD": "CHAMP",
    "NEED": "BESOIN",
    "GROUP": "GROUPE",
    "KEY": "CLÉ",
    "NUMBER": "NUMÉRO",
    "ROLE": "QUALITÉ",
    "SIGN": "SIGNE",
    "QUERY": "REQUÊTE",
    "SCHEME": "LISTE",
    "WORDS": "MOTS",
    "IDENTIFIER": "IDENTIFIANT",
    "PART": "PARTIE",
    "BASE": "TOUT",
    "TARGET": "CHAMP",
}
"""The names of values, word by word; what is typed as it stands (all, guess) and what is French (SOURCE) stay."""


@cache
def french_help() -> dict[str, str]:
    """Help of a command, an argument or an option → the same in French."""
    return dict(yamlfile.shipped(__package__, "help.fr.yaml"))


def command(language: str) -> Any:
    """The application as a command, with its help in a language."""
    whole: Any = typer.main.get_command(app)
    if language != "en":
        whole.language = language
        _translate(whole)
    return whole


def _translate(one: Any) -> None:
    one.help = french_help().get(one.help or "", one.help)
    for parameter in one.params:
        text = getattr(parameter, "help", None) or ""
        parameter.help = french_help().get(text, text)
        if metavar := getattr(parameter, "metavar", None):
            parameter.metavar = translated_metavar(metavar)
        if show_type := getattr(parameter, "display_type", None):
            parameter.display_type = partial(_translated_type, show_type)
    show = one.get_help
    one.get_help = lambda context: _translated_layout(show(context))
    for part in getattr(one, "commands", {}).values():
        _translate(part)


def translated_metavar(metavar: str) -> str:
    """The name of a value in French: NAME|FILE.md is NOM|FICHIER.md."""
    return re.sub(r"[A-Za-z]+", lambda word: _METAVARS.get(word[0], word[0]), metavar)


def _translated_type(show: Callable[..., str | None], *context: Any) -> str | None:
    return _TYPES.get(shown, shown) if (shown := show(*context)) else shown


def _translated_layout(text: str) -> str:
    # A text may have been broken between two words of it.
    for english, translated in _LAYOUT.items():
        text = re.sub(r"\s+".join(map(re.escape, english.split(" "))), translated, text)
    return text
