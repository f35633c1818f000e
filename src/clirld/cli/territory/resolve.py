"""`clirld territory resolve`: what a code or a name of a commune meant on a day."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from clirld.cli.terminal import AsJson, Data, print_json
from clirld.cli.territory.harvested import day_of, stored_territories
from clirld.project import Project
from clirld.settings import Settings
from clirld.territory.history import History, Step, Version
from clirld.territory.resolve import Meaning
from clirld.territory.resolve import resolve as resolve_commune

_WORDS = {
    "fr": {
        "from": "depuis le {0}", "until": "jusqu'au {0}", "between": "du {0} au {1}", "always": "depuis avant 1943",
        "not_then": "pas une commune à cette date", "part": "partie de {0}", "today": "aujourd'hui : {0}",
        "partly": "en partie", "with_others": "avec d'autres", "nothing": "aucune commune connue",
        "and_more": "… ({0})", "colon": " : ",
    },
    "en": {
        "from": "since {0}", "until": "until {0}", "between": "from {0} to {1}", "always": "since before 1943",
        "not_then": "no commune on that day", "part": "part of {0}", "today": "today: {0}",
        "partly": "in part", "with_others": "with others", "nothing": "no commune known",
        "and_more": "… ({0})", "colon": ": ",
    },
}  # fmt: skip
_SHOWN = 3
"""Communes of a side of a change that are named."""


def resolve(
    code: Annotated[str, typer.Argument(metavar="CODE|NAME", help="INSEE code, or name, of a commune.")],
    at: Annotated[str | None, typer.Option(metavar="DATE", help="The day meant: 2014-03-01, or a year.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What a code or name of a commune meant on a day, what it is today, and by which changes."""
    project = Project.load(Settings.from_environment(data=data))
    day = day_of(at, "--at") if at else None
    stored = stored_territories(project)
    meanings = resolve_commune(stored.history, code, day)
    language = project.settings.message_language
    labels = {
        slug: concept.labels[language] for slug, concept in project.vocabulary.concepts["territory-change-kind"].items()
    }
    if as_json:
        print_json({"asked": code, "at": day, "found": [_as_data(m, stored.history, labels) for m in meanings]})
        return
    sys.stdout.write("\n".join(_told(meaning, stored.history, labels, _WORDS[language]) for meaning in meanings))


def _told(meaning: Meaning, history: History, labels: dict[str, str], words: dict[str, str]) -> str:
    version = meaning.version
    colon = words["colon"]
    lines = [f"{version.code} {version.name}{colon}{_period(version, words)}"]
    if meaning.part:
        lines.insert(0, f"{meaning.part}{colon}{words['part'].format(version.code)}")
    if not meaning.was_there:
        lines[-1] += f" ({words['not_then']})"
    today = []
    for target in meaning.today:
        notes = [words["partly"]] if not target.whole else [] if target.alone else [words["with_others"]]
        today.append(f"{target.code} {_name_today(history, target.code)}" + "".join(f" ({note})" for note in notes))
    lines.append(words["today"].format(" + ".join(today) or words["nothing"]))
    for step in meaning.steps:
        sides = [_side([*_units(step.before), *_others(step)], words), _side(_units(step.after), words)]
        lines.append(f"  {step.change.date}  {labels[step.change.kind]}{colon}{' → '.join(sides)}")
    return "\n".join(lines) + "\n"


def _period(version: Version, words: dict[str, str]) -> str:
    if version.start and version.end:
        return words["between"].format(version.start, version.end)
    if version.start:
        return words["from"].format(version.start)
    return words["until"].format(version.end) if version.end else words["always"]


def _side(units: list[tuple[str, str]], words: dict[str, str]) -> str:
    named = [f"{code} {name}" for code, name in units[:_SHOWN]]
    if len(units) > _SHOWN:
        named.append(words["and_more"].format(len(units)))
    return ", ".join(named) or "–"


def _units(versions: Iterable[Version]) -> list[tuple[str, str]]:
    return [(version.code, version.name) for version in versions]


def _others(step: Step) -> list[tuple[str, str]]:
    """What else went into the same change."""
    own = {version.code for version in step.before}
    return [(code, name) for code, name in step.change.befores.items() if code not in own]


def _name_today(history: History, code: str) -> str:
    return history.versions(code)[-1].name


def _as_data(meaning: Meaning, history: History, labels: dict[str, str]) -> dict[str, Any]:
    version = meaning.version

    def data(units: list[tuple[str, str]]) -> list[dict[str, str]]:
        return [{"code": code, "name": name} for code, name in units]

    return {
        "code": version.code,
        "name": version.name,
        "start": version.start,
        "end": version.end,
        "was_there": meaning.was_there,
        "part": meaning.part,
        "today": [
            {"code": one.code, "name": _name_today(history, one.code), "whole": one.whole, "alone": one.alone}
            for one in meaning.today
        ],
        "changes": [
            {
                "date": step.change.date,
                "kind": step.change.kind,
                "label": labels[step.change.kind],
                "before": data(_units(step.before)),
                "others_before": data(_others(step)),
                "after": data(_units(step.after)),
            }
            for step in meaning.steps
        ],
    }
