"""`clirld query`: ask a release a SPARQL query."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from clirld import stages
from clirld.cli import terminal
from clirld.cli.terminal import AsJson, Data
from clirld.errors import DataError, UsageError
from clirld.query.formats import media_type
from clirld.query.run import run
from clirld.query.syntax import outline
from clirld.query.text_search import is_cut
from clirld.release import published
from clirld.settings import Settings


def query(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A file with a SPARQL query, or - for standard input.")],
    format_name: Annotated[
        str | None, typer.Option("--format", help="table, csv, tsv, json, xml; ttl, nt, rdf, jsonld.")
    ] = None,
    identifier: Annotated[str | None, typer.Option("--release", metavar="ID", help="Ask this release.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Ask a release a SPARQL query."""
    settings = Settings.from_environment(data=data)
    print_answer(asked_release(settings, identifier), query_text(file), "json" if as_json else format_name, settings)


def asked_release(settings: Settings, identifier: str | None) -> published.Release:
    """The release of that id, else the one that is served. Raises ReleaseError or DataError where there is none."""
    release = published.load_kept(settings.data, identifier) if identifier else published.current(settings.data)
    if release is None:
        raise DataError("there is no release yet", where=str(settings.data), do="run “clirld run --all” first")
    return release


def query_text(file: str) -> str:
    """The text of a file, without a byte order mark, or of standard input for `-`.

    Raises UsageError where it cannot be read.
    """
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise UsageError(f"cannot read the file: {problem.strerror}", where=file, do="give a text file, or -") from None
    except UnicodeDecodeError:
        raise UsageError("the file is not UTF-8", where=file, do="give a text file, or -") from None


def print_answer(release: published.Release, text: str, format_name: str | None, settings: Settings) -> None:
    """Print the answer in the format asked for: a table for people, CSV or Turtle down a pipe."""
    form = outline(text).form
    is_graph = form in ("construct", "describe")
    as_table = format_name == "table" or (format_name is None and sys.stdout.isatty() and not is_graph)
    short_name = "json" if as_table else format_name or ("ttl" if is_graph else "csv")
    media = media_type(form, short_name)
    if form and media is None:
        raise UsageError(f"no format {short_name} for this query", where="--format", do="see “clirld query --help”")
    limits: dict[str, Any] = {"timeout": settings.query_timeout, "memory": settings.query_memory}
    answer = run(release.folder, text, media, **limits, tell_hits=notice_of_cut)
    if as_table:
        print_table(json.loads(answer))
    else:
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()


def notice_of_cut(hits: str) -> None:
    """Say that the answer is not about all that a search of the query found, where that is so."""
    if is_cut(hits):
        stages.give_notice(
            DataError(
                "a search found more things than it takes: the answer is about the first of them",
                where="text:query",
                do='give more words, or ask for more: text:query ("words" 5000)',
            )
        )


def print_table(results: Mapping[str, Any]) -> None:
    """SPARQL results, the JSON format as data, as a table for people."""
    from rich.markup import escape
    from rich.table import Table

    if "boolean" in results:
        terminal.out.print(str(results["boolean"]).lower())
        return
    table = Table()
    names = results["head"]["vars"]
    for name in names:
        table.add_column(name, overflow="fold")
    for row in results["results"]["bindings"]:
        table.add_row(*(escape(row[name]["value"]) if name in row else "" for name in names))
    terminal.out.print(table)
