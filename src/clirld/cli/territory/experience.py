"""`clirld territory experience`: how far the cases of a release reach, and where one would serve most."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from clirld.cli import terminal
from clirld.cli.query import asked_release
from clirld.cli.terminal import AsJson, Data, print_json
from clirld.errors import DataError
from clirld.french import grouped
from clirld.query.failure import Language
from clirld.reuse.facts import Facts
from clirld.reuse.likeness import load
from clirld.reuse.missing import Missing, missing
from clirld.reuse.wording import say
from clirld.settings import Settings


def experience(
    places: Annotated[int, typer.Option(min=0, max=1000, help="Places to name where a case would serve most.")] = 20,
    identifier: Annotated[str | None, typer.Option("--release", metavar="ID", help="Ask this release.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """For how many groupings of communes a case is near enough, and where another one would serve most."""
    from pyoxigraph import Store

    settings = Settings.from_environment(data=data)
    folder = asked_release(settings, identifier).folder
    likeness = load(folder)
    if likeness is None:
        raise DataError(
            "this release has no figures of territories",
            where=str(folder),
            do="run “clirld run territories statistics comparisons”, which give them",
        )
    language: Language = "en" if settings.message_language == "en" else "fr"
    try:
        found = missing(Facts(Store.read_only(str(folder / "store")), language), likeness, places)
    except (OSError, RuntimeError) as problem:
        do = "see “clirld releases”; make another release: clirld release --force"
        raise DataError("the store cannot be read", where=str(folder / "store"), do=do) from problem
    if as_json:
        print_json(asdict(found))
    else:
        _print(found, language)


def _print(found: Missing, language: Language) -> None:
    from rich.table import Table

    every = {"all": grouped(found.groupings, language), "some": grouped(found.in_a_situation, language)}
    terminal.out.print(say("reach", language, **every), highlight=False, soft_wrap=True)
    reach = Table(
        *(say(f"reach-{name}", language) for name in ("kind", "placed", "one", "three", "one-shared", "three-shared"))
    )
    for one in found.reach:
        counts = (one.one, one.three, one.one_shared, one.three_shared)
        wholes = (found.groupings, found.groupings, found.in_a_situation, found.in_a_situation)
        shares = [_share(count, whole, language) for count, whole in zip(counts, wholes, strict=True)]
        reach.add_row(say(f"reach-{one.kind}", language), f"{one.placed} / {one.known}", *shares)
    terminal.out.print(reach)
    if found.wanted:
        terminal.out.print(say("wanted", language), highlight=False, soft_wrap=True)
        wanted = Table(*(say(f"wanted-{name}", language) for name in ("territory", "situations", "serves", "left")))
        for place in found.wanted:
            situations = ", ".join(one.label for one in place.situations)
            wanted.add_row(
                place.territory.label, situations, grouped(place.serves, language), grouped(place.left, language)
            )
        terminal.out.print(wanted)


def _share(count: int, whole: int, language: Language) -> str:
    told = grouped(count, language)
    return say("share", language, count=told, percent=round(100 * count / whole)) if whole else told
