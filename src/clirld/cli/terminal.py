"""What all commands share: the two consoles, JSON for programs, how an error is shown, and common options."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Sequence
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clirld import logs
from clirld.errors import ClirldError
from clirld.french import french

_WIDTH = 120
"""Columns of a table that goes to a file or a pipe; on a terminal it is the terminal's."""

if TYPE_CHECKING:
    from rich.console import Console

    out: Console
    err: Console


def __getattr__(name: str) -> Console:
    """`out` and `err`, the consoles, loaded when something is shown to people: a query down a pipe needs neither."""
    if name not in ("out", "err"):
        raise AttributeError(name)
    return _console(to_stderr=name == "err")


@cache
def _console(*, to_stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if to_stderr else sys.stdout
    return Console(stderr=to_stderr, width=None if stream.isatty() else _WIDTH, emoji=False)


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]
Mirror = Annotated[
    Path | None,
    typer.Option("--mirror", metavar="DIR", help="Take distributions from this folder instead of the network."),
]
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Where everything is kept (default: data).")]


def print_json(data: object) -> None:
    """Print data as JSON, the same bytes for the same data."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True))


def tell(text: str) -> None:
    """Say something on standard error: a sentence, or a line of JSON where CLIRLD_LOG asks for that."""
    if logs.as_json():
        sys.stderr.write(logs.line("told", "info", {"text": text.strip()}) + "\n")
    else:
        _console(to_stderr=True).print(text, highlight=False, soft_wrap=True, markup=False)


class _Notices(logging.Handler):
    """Shows what is wrong and was borne, as errors are shown; see `clirld.stages.give_notice`."""

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, ClirldError):
            print_error(record.msg, is_notice=True)


def show_notices() -> None:
    """From now on notices go to standard error."""
    logger = logging.getLogger("clirld")
    if not any(isinstance(handler, _Notices) for handler in logger.handlers):
        logger.addHandler(_Notices())


def print_error(error: ClirldError, about: str = "", *, is_notice: bool = False) -> None:
    """Show an error on standard error: what, where, what to do; in French unless CLIRLD_LANGUAGE is en.

    A line of JSON where CLIRLD_LOG asks for that.
    """
    from rich.markup import escape

    # Not from Settings: the error may be that they cannot be read.
    language = "en" if os.environ.get("CLIRLD_LANGUAGE") == "en" else "fr"
    told = in_language(error, language)
    if logs.as_json():
        level = "warning" if is_notice else "error"
        sys.stderr.write(logs.line("notice" if is_notice else "error", level, {"about": about, **told}) + "\n")
        return
    where = f"{told['where']}{': ' if language == 'en' else ' : '}" if told["where"] else ""
    do = f"\n  → {told['do']}" if told["do"] else ""
    text = f"{about + ' · ' if about else ''}{where}{told['what']}{do}"
    sign = "[yellow]![/]" if is_notice else "[red]✗[/]"
    _console(to_stderr=True).print(f"{sign} {escape(text)}", highlight=False, soft_wrap=True)


def print_failure(error: ClirldError, arguments: Sequence[str]) -> None:
    """Show what ends a command: in words on standard error and, for who asks for JSON, as JSON on standard output.

    So with --json standard output is JSON, whatever happens: `error` with `kind`, `what`, `where`, `do`, `exit_code`.
    """
    print_error(error)
    if "--json" in takewhile(lambda argument: argument != "--", arguments):
        language = "en" if os.environ.get("CLIRLD_LANGUAGE") == "en" else "fr"
        kind = {"kind": type(error).__name__, "exit_code": error.exit_code}
        print_json({"error": {**in_language(error, language), **kind}})


def in_language(error: ClirldError, language: str) -> dict[str, str]:
    """What an error says, in French unless English is asked for: `what`, `where` and `do`."""
    if language == "en":
        return {"what": error.what, "where": error.where, "do": error.do}
    what, do = error.fr or french(error.what), error.do_fr or french(error.do)
    return {"what": what, "where": french(error.where), "do": do}
