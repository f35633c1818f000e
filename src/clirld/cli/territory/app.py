"""The commands of `clirld territory`."""

from __future__ import annotations

import typer

from clirld.cli.territory.convert import convert
from clirld.cli.territory.experience import experience
from clirld.cli.territory.like import like
from clirld.cli.territory.resolve import resolve

app = typer.Typer(
    help="What a commune was on a day, tables of one year brought to another, and which territories are alike.",
    no_args_is_help=True,
)
app.command()(resolve)
app.command()(convert)
app.command()(like)
app.command()(experience)
