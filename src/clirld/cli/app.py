"""The command line: verbs only, no logic. Exit codes: 0 done, 1 a problem in the data, 2 called wrongly."""

from __future__ import annotations

import sys

import typer

from clirld.cli import accept, case, check, demo, erase, issues, query, release, run, serve, source, vocabulary
from clirld.cli.terminal import err, print_error
from clirld.errors import ClirldError, DataError

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


def main() -> None:
    """Run the command line; every error a person can act upon is a message, not a traceback."""
    try:
        app()
    except ClirldError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except OSError as problem:
        print_error(DataError(str(problem), do="check that it is there, the rights and the space on the disk"))
        sys.exit(1)
    except KeyboardInterrupt:
        err.print("interrompu / interrupted")
        sys.exit(130)  # 128 and SIGINT's 2, as shells have it
