"""The commands of `clirld contributions`."""

from __future__ import annotations

import typer

from clirld.cli.contributions.decisions import accept, ask, list_, reject, review, show
from clirld.cli.contributions.serve import moderate, serve, token

app = typer.Typer(help="Take what people add and correct, and decide on it.", no_args_is_help=True)
app.command()(serve)
app.command()(moderate)
app.command()(token)
app.command("list")(list_)
app.command()(show)
app.command()(review)
app.command()(accept)
app.command()(reject)
app.command()(ask)
