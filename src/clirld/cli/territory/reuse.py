"""`clirld reuse`: what was tried in territories like mine, for a need like mine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from clirld.cli.query import asked_release
from clirld.cli.terminal import AsJson, Data, print_json
from clirld.errors import DataError
from clirld.query.failure import Language
from clirld.reuse.answer import DEFAULT_SHOWN, MOST_SHOWN, Answer, Question, answer, communes_in_words, ranks_in_words
from clirld.reuse.facts import Facts, Named
from clirld.reuse.likeness import load
from clirld.reuse.names import names_of
from clirld.reuse.places import Refused
from clirld.reuse.sections import Line, named_groups, named_place, sections
from clirld.reuse.wording import close_cases, say
from clirld.settings import Settings

Concepts = list[str] | None
_MOST_NAMED = 12
"""Initiatives of a kind that are listed of those that are only named; JSON has them all."""


def reuse(
    territory: Annotated[
        str,
        typer.Option(
            metavar="CODE|NAME", help="Insee code of a commune, SIREN of a grouping of communes (EPCI), or its name."
        ),
    ],
    need: Annotated[
        Concepts, typer.Option(metavar="NEED", help="A need, by its name or the end of its IRI; may be repeated.")
    ] = None,
    practice: Annotated[
        Concepts, typer.Option(metavar="FIELD", help="A practice field, in the same way; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_SHOWN, help="Cases to show.")] = DEFAULT_SHOWN,
    identifier: Annotated[str | None, typer.Option("--release", metavar="ID", help="Ask this release.")] = None,
    data: Data = None,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown, with links to what says so.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """What was tried in territories like mine for a need like mine, by whom, with which results, and what to adapt."""
    from pyoxigraph import Store

    settings = Settings.from_environment(data=data)
    folder = asked_release(settings, identifier).folder
    language: Language = "en" if settings.message_language == "en" else "fr"
    try:
        facts = Facts(Store.read_only(str(folder / "store")), language)
        found = answer(facts, load(folder), Question(territory, need or (), practice or (), limit), names_of(folder))
    except Refused as refused:
        raise refused.failure.error(where=f"--{refused.about}") from None
    except (OSError, RuntimeError) as problem:  # what pyoxigraph raises of a store that is damaged or not there
        do = "see “clirld releases”; make another release: clirld release --force"
        raise DataError("the store cannot be read", where=str(folder / "store"), do=do) from problem
    if as_json:
        print_json(asdict(found))
    else:
        sys.stdout.write("\n".join((_markdown if as_markdown else _told)(found, language)) + "\n")


def _told(found: Answer, language: Language) -> Iterator[str]:
    yield f"{say('for', language)}{say('colon', language)}{found.territory.label}"
    for name, things in (
        ("situations", found.situations),
        ("asked-needs", found.needs),
        ("asked-practices", found.practices),
    ):
        if things:
            yield f"{say(name, language)}{say('colon', language)}{', '.join(one.label for one in things)}"
    yield close_cases(found.close, len(found.named), found.known, language)
    yield from (f"! {note}" for note in _notes(found, language))
    for n, case in enumerate(found.cases, 1):
        kinds = ", ".join(one.label for one in case.kinds)
        yield f"\n{n}. {case.initiative.label}{f' ({kinds})' if kinds else ''}"
        yield f"   {case.initiative.iri}"
        if case.experience.description:
            yield f"   {' '.join(case.experience.description.split())}"
        for section in sections(case, language):
            yield f"   {section.title}"
            for line in section.lines:
                yield from _line(line, section.name)
    if found.others:
        yield f"\n{say('others-title', language)}\n   {say('others-help', language)}"
        yield from (
            f"   - {case.initiative.label} ({say('list', language).join(case.match.differs)})" for case in found.others
        )
    if found.named:
        yield f"\n{say('named-title', language)}\n   {say('named-help', language)}"
    for kind, ones in named_groups(found.named, language):
        yield f"   {kind[:1].upper()}{kind[1:]} ({len(ones)})"
        yield from (f"     - {one.initiative.label} ({named_place(one, language)})" for one in ones[:_MOST_NAMED])
        if len(ones) > _MOST_NAMED:
            yield f"     - {say('named-more', language, count=len(ones) - _MOST_NAMED)}"


def _markdown(found: Answer, language: Language) -> Iterator[str]:
    colon, count = say("colon", language), close_cases(found.close, len(found.named), found.known, language)
    yield f"**{say('for', language)} {_link(found.territory)}.** {count}."
    for name, things in (
        ("situations", found.situations),
        ("asked-needs", found.needs),
        ("asked-practices", found.practices),
    ):
        if things:
            yield f"{say(name, language)}{colon}{', '.join(map(_link, things))}."
    yield from _notes(found, language)
    for n, case in enumerate(found.cases, 1):
        yield f"\n{n}. {_link(case.initiative)}\n"
        for section in sections(case, language):
            yield f"    *{section.title}*\n"
            for line in section.lines:
                text = _link(Named(line.iri, line.text)) if section.name in ("sources", "read") else line.text
                said = f" ({_link(Named(line.source.iri, line.source.citation))})" if line.source else ""
                fact = f" [→]({line.iri})" if line.iri and section.name not in ("sources", "read") else ""
                yield f"    {'    ' * line.level}- {text}{said}{fact}"
            yield ""
    if found.others:
        yield f"\n*{say('others-title', language)}.* {say('others-help', language)}\n"
        for case in found.others:
            yield f"- {_link(case.initiative)} ({say('list', language).join(case.match.differs)})"
    if found.named:
        yield f"\n*{say('named-title', language)}.* {say('named-help', language)}\n"
    for kind, ones in named_groups(found.named, language):
        listed = [f"{_link(one.initiative)} ({named_place(one, language)})" for one in ones[:_MOST_NAMED]]
        more = [say("named-more", language, count=len(ones) - _MOST_NAMED)] if len(ones) > _MOST_NAMED else []
        yield f"- {kind[:1].upper()}{kind[1:]} ({len(ones)}){colon}{', '.join(listed + more)}."


def _notes(found: Answer, language: Language) -> list[str]:
    return list(filter(None, (*found.notes, communes_in_words(found, language), ranks_in_words(found, language))))


def _link(thing: Named) -> str:
    label = thing.label.replace("[", "(").replace("]", ")")
    return f"[{label}]({thing.iri.replace('(', '%28').replace(')', '%29')})"


def _line(line: Line, section: str) -> Iterator[str]:
    indent = "     " + "  " * line.level
    is_link = section in ("sources", "read")
    yield f"{indent}- {line.text}"
    if is_link and line.iri != line.text:
        yield f"{indent}  {line.iri}"
    if line.source:
        yield f"{indent}  [{line.source.citation}]"
