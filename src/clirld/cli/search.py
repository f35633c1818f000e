"""`clirld search`: find things of a release by their words."""

from __future__ import annotations

import json
import sqlite3
import sys
from typing import Annotated

import typer

from clirld import stages
from clirld.cli.query import asked_release, print_table
from clirld.cli.terminal import AsJson, Data
from clirld.errors import DataError, UsageError
from clirld.search.find import Narrowed, SearchTimeout, find, kinds
from clirld.search.index import FILE
from clirld.search.near import meant, near_words
from clirld.settings import Settings
from clirld.web.search import results

_ANOTHER = "make another release: clirld release --force"


def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="Words, a name, a number or a code.")],
    kind: Annotated[
        str | None, typer.Option("--type", help="Only these: initiative, organization, territory, concept…")
    ] = None,
    territory: Annotated[
        str | None, typer.Option(metavar="KEY", help="Only in this territory, as in commune-39300.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Hits to show.")] = 20,
    identifier: Annotated[str | None, typer.Option("--release", metavar="ID", help="Ask this release.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Find things of a release by their words: names, numbers, descriptions."""
    settings = Settings.from_environment(data=data)
    index = asked_release(settings, identifier).folder / FILE
    if not index.is_file():
        raise DataError("this release has no search index", where=str(index), do=_ANOTHER)
    try:
        if kind and kind not in (known := kinds(index)):
            raise UsageError(f"no type {kind}", where="--type", do=f"use one of: {', '.join(sorted(known))}")
        if territory and not find(index, "", Narrowed(territory=territory), limit=1).found:  # it is in itself
            do = "give its key, the end of its IRI, as in commune-39300 or departement-39"
            raise UsageError(f"no territory {territory}", where="--territory", do=do)
        question, language, suggested = " ".join(words), settings.language, None
        narrowed = Narrowed(kind, territory)
        found = find(index, question, narrowed, around=True, language=language, limit=limit)
        if not found.found:  # no error: what was asked is answered
            near = near_words(index, question)
            suggested = meant(index, question, near, narrowed, around=True, language=language)
            do = (
                f"try “{suggested}”"
                if suggested
                else "try fewer words, the beginning of one, or without --type and --territory"
            )
            stages.give_notice(DataError("nothing was found", where=question[:80], do=do))
    except sqlite3.DatabaseError as problem:
        raise DataError("the search index is damaged", where=str(index), do=_ANOTHER) from problem
    except SearchTimeout:
        raise DataError("the search took too long", where=str(index), do="give longer or rarer words") from None
    as_table = sys.stdout.isatty() and not as_json
    answer = results.write(found.hits, "application/json" if as_table or as_json else "text/csv", suggested)
    if as_table and found.found:
        print_table(json.loads(answer))
    elif not as_table:
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
