"""All commands in one application, and the same in French."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import typer
import typer.main

from clirld import yamlfile
from clirld.cli import accept, case, check, demo, erase, issues, query, release, run, serve, source, vocabulary

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(source.app, name="source")
app.add_typer(case.app, name="case")
app.command("run")(run.run)
app.command("issues")(issues.show)
app.command("accept")(accept.accept)
app.command("erase")(erase.erase)
app.command("check")(check.check)
app.command("release")(release.release)
app.command("releases")(release.releases)
app.command("tidy")(release.tidy)
app.command("vocabulary")(vocabulary.write)
app.command("query")(query.query)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)

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


@cache
def french_help() -> dict[str, str]:
    """Help of a command, an argument or an option → the same in French."""
    return dict(yamlfile.shipped(__package__, "help.fr.yaml"))


def command(language: str) -> Any:
    """The application as a command, with its help in a language."""
    whole = typer.main.get_command(app)
    if language != "en":
        _translate(whole)
    return whole


def _translate(one: Any) -> None:
    one.help = french_help().get(one.help or "", one.help)
    for parameter in one.params:
        text = getattr(parameter, "help", None) or ""
        parameter.help = french_help().get(text, text)
    show = one.get_help
    one.get_help = lambda context: _translated_layout(show(context))
    for part in getattr(one, "commands", {}).values():
        _translate(part)


def _translated_layout(text: str) -> str:
    # A text may have been broken between two words of it.
    for english, translated in _LAYOUT.items():
        text = re.sub(r"\s+".join(map(re.escape, english.split(" "))), translated, text)
    return text
