"""The commands of `clirld match`."""

from __future__ import annotations

import typer

from clirld.cli.match.check import check
from clirld.cli.match.exchange import export, import_
from clirld.cli.match.review import review
from clirld.cli.match.split import split, withdraw

app = typer.Typer(help="Say which records are one thing, and which are not.", no_args_is_help=True)
app.command()(review)
app.command()(split)
app.command()(withdraw)
app.command("import")(import_)
app.command()(export)
app.command()(check)
