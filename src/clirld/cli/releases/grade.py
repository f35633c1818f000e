"""`clirld grade`: what a release gives itself by the methods of others, and what to do for each point that is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from clirld.cli.query import asked_release
from clirld.cli.terminal import AsJson, Data, in_language, out, print_json
from clirld.release.grade import mqa
from clirld.release.grade import write as graded
from clirld.release.grade.marks import Mark, Total, said, totals, words
from clirld.settings import Settings

_LABELS = {
    "fr": {
        "release": "Version {}",
        "of": "{points} sur {of}",
        "dataset": "1 jeu de données : {names}",
        "datasets": "{count} jeux de données : {names}",
        "more": "{names}… (--json les nomme tous)",
        "asked": "Adresses demandées au réseau : {good} sur {all} répondent.",
        "none": "rien n'est perdu",
    },
    "en": {
        "release": "Release {}",
        "of": "{points} of {of}",
        "dataset": "1 dataset: {names}",
        "datasets": "{count} datasets: {names}",
        "more": "{names}… (--json names all)",
        "asked": "Addresses asked on the network: {good} of {all} answer.",
        "none": "nothing is lost",
    },
}
_RATINGS = {
    "excellent": {"fr": "excellent", "en": "excellent"},
    "good": {"fr": "bon", "en": "good"},
    "sufficient": {"fr": "suffisant", "en": "sufficient"},
    "bad": {"fr": "mauvais", "en": "bad"},
}
_NAMED = 4
"""Datasets that are named of those that lose a point."""


def grade(
    identifier: Annotated[str | None, typer.Option("--release", metavar="ID", help="Grade this release.")] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask the addresses of the catalogue and a sample of links, one after another.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Addresses that --ask asks at most.")] = 50,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say what a release gives itself by the methods of others, and what to do for each point that is lost."""
    settings = Settings.from_environment(data=data)
    release = asked_release(settings, identifier)
    # A release of before there were grades has none: then it gets one now.
    marks = graded.read(release.folder) or graded.marks_of(release.folder, release.manifest, settings.shapes)
    answers = _asked(settings, release.folder, limit) if ask else None
    language = settings.language
    if as_json:
        print_json(
            {
                "release": release.id,
                "methods": [_as_json(one, marks, language) for one in totals(marks)],
                **({"asked": answers} if answers is not None else {}),
            }
        )
        return
    labels = _LABELS[language]
    lines = [labels["release"].format(release.id)]
    for total in totals(marks):
        lines += ["", *_lines(total, marks, language)]
    if answers is not None:
        good = sum(not problem for problem in answers.values())
        lines += ["", labels["asked"].format(good=good, all=len(answers))]
        lines += [f"  ✗ {url}\n    {problem}" for url, problem in answers.items() if problem]
    for line in lines:
        out.print(line, highlight=False, soft_wrap=True, markup=False)


def _asked(settings: Settings, folder: Path, limit: int) -> dict[str, str]:
    """The addresses that were asked, each with why it does not answer, or nothing."""
    from clirld.fetch.client import WebClient
    from clirld.fetch.stage import http_settings
    from clirld.release.grade.ask import addresses, ask
    from clirld.release.grade.described import Described

    described = Described.read(folder / "catalog.ttl")
    urls = islice(addresses(described, graded.open_store(folder)), limit)
    client = WebClient(replace(http_settings(settings), retries=0))
    return {
        url: in_language(problem, settings.language)["what"] if problem else "" for url, problem in ask(urls, client)
    }


def _lines(total: Total, marks: Sequence[Mark], language: str) -> list[str]:
    labels, method = _LABELS[language], words()[total.method]
    rating = f" ({_RATINGS[mqa.rating(total.points)][language]})" if total.method == mqa.METHOD else ""
    points = labels["of"].format(points=_number(total.points, language), of=_number(total.of, language))
    colon = " : " if language == "fr" else ": "
    lines = [f"{method['title'][language]}{colon}{points}{rating}", f"  {method['note'][language]}"]
    for name, (given, of) in total.indicators.items():
        if given < of:
            lost = [one for one in marks if (one.method, one.indicator) == (total.method, name) and not one.is_whole]
            score = labels["of"].format(points=_number(given, language), of=_number(of, language))
            lines.append(f"  ✗ {said(total.method, name, 'title', language)}{colon}{score}")
            lines += [f"    {one.detail}" for one in lost if one.detail]
            if about := [one.about for one in lost if one.about]:
                lines.append(f"    {_datasets(about, labels)}")
            lines.append(f"    → {said(total.method, name, 'do', language)}")
    return lines if len(lines) > 2 else [*lines, f"  ✓ {labels['none']}"]


def _datasets(about: Sequence[str], labels: dict[str, str]) -> str:
    names = ", ".join(about[:_NAMED])
    if len(about) > _NAMED:
        names = labels["more"].format(names=names)
    return labels["dataset" if len(about) == 1 else "datasets"].format(count=len(about), names=names)


def _number(number: float, language: str) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "fr" else text


def _as_json(total: Total, marks: Sequence[Mark], language: str) -> dict[str, Any]:
    return {
        "method": total.method,
        "points": total.points,
        "of": total.of,
        "url": words()[total.method]["url"],
        **({"rating": mqa.rating(total.points)} if total.method == mqa.METHOD else {}),
        "indicators": [
            {
                "id": name,
                "points": points,
                "of": of,
                "title": said(total.method, name, "title", language),
                **({"do": said(total.method, name, "do", language)} if points < of else {}),
                "lost_by": [one.about for one in marks if _is_lost(one, total.method, name) and one.about],
                "detail": [one.detail for one in marks if _is_lost(one, total.method, name) and one.detail],
            }
            for name, (points, of) in total.indicators.items()
        ],
    }


def _is_lost(mark: Mark, method: str, indicator: str) -> bool:
    return (mark.method, mark.indicator) == (method, indicator) and not mark.is_whole
