"""`clirld territory resolve`: what a code or a name of a commune meant on a day."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from clirld.cli.terminal import AsJson, Data, print_json
from clirld.cli.territory.harvested import known_day, stored_territories
from clirld.errors import DataError
from clirld.french import plural
from clirld.project import Project
from clirld.query.failure import Language
from clirld.search.words import key as folded
from clirld.settings import Settings
from clirld.territory.codes import has_no_movements
from clirld.territory.history import History, Step, Version
from clirld.territory.parts import Part
from clirld.territory.resolve import Meaning
from clirld.territory.resolve import resolve as resolve_commune
from clirld.territory.stored import Grouping, Stored
from clirld.web import number_formats

_WORDS = {
    "fr": {
        "from": "depuis le {0}", "until": "jusqu'au {0}", "between": "du {0} au {1}", "always": "depuis avant 1943",
        "no_movements": "le fichier de l'Insee ne dit rien de son passé, ni depuis quand c'est une commune",
        "not_then": "pas une commune à cette date", "part": "partie de {0}, {1}", "today": "aujourd'hui : {0}",
        "COMA": "commune associée", "COMD": "commune déléguée", "ARM": "arrondissement municipal",
        "partly": "en partie", "with_others": "avec d'autres", "nothing": "aucune commune connue",
        "and_more": "… ({0})", "colon": " : ", "grouping": "{0} {1} : intercommunalité de {2} aujourd'hui",
    },
    "en": {
        "from": "since {0}", "until": "until {0}", "between": "from {0} to {1}", "always": "since before 1943",
        "no_movements": "Insee's file says nothing of its past, nor since when it has been a commune",
        "not_then": "no commune on that day", "part": "part of {0}, {1}", "today": "today: {0}",
        "COMA": "associated commune", "COMD": "delegated commune", "ARM": "municipal arrondissement",
        "partly": "in part", "with_others": "with others", "nothing": "no commune known",
        "and_more": "… ({0})", "colon": ": ", "grouping": "{0} {1}: a grouping of {2} today",
    },
}  # fmt: skip
_SHOWN = 3
"""Communes of a side of a change that are named."""


def resolve(
    code: Annotated[
        str, typer.Argument(metavar="CODE|NAME", help="INSEE code or name of a commune; SIREN of a grouping.")
    ],
    at: Annotated[str | None, typer.Option(metavar="DATE", help="The day meant: 2014-03-01, or a year.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What a code or name of a commune meant on a day, what it is today, and by which changes; a grouping of today."""
    project = Project.load(Settings.from_environment(data=data))
    stored = stored_territories(project)
    day = known_day(at, "--at", stored.history) if at else None
    language = project.settings.message_language
    try:
        meanings = resolve_commune(stored.history, code, day)
    except DataError:
        if grouping := stored.grouping(code):
            _tell_grouping(grouping, code, at, language, as_json=as_json)
            return
        _check_departement(stored, code)
        raise
    labels = {
        slug: concept.labels[language] for slug, concept in project.vocabulary.concepts["territory-change-kind"].items()
    }
    if as_json:
        print_json({"asked": code, "at": day, "found": [_as_data(m, stored, labels) for m in meanings]})
        return
    telling = _Telling(stored, labels, language, are_namesakes=len(meanings) > 1)
    sys.stdout.write("\n".join(map(telling.told, meanings)))


def _tell_grouping(grouping: Grouping, asked: str, at: str | None, language: Language, *, as_json: bool) -> None:
    """The communes of a grouping. Raises DataError for a day: of other years no file at hand says them."""
    if at:
        raise DataError(
            f"the communes of groupings are known for today only, and {at} is asked for",
            where=f"{grouping.siren} {grouping.name}",
            do="leave --at out, or ask for each commune: what is known of other years is known of communes",
        )
    if as_json:
        communes = [{"code": code, "name": name} for code, name in grouping.communes.items()]
        told = {"siren": grouping.siren, "name": grouping.name, "communes": communes}
        print_json({"asked": asked, "at": None, "found": [], "grouping": told})
        return
    count = number_formats.number(len(grouping.communes), language)
    word = plural("commune", "communes", len(grouping.communes), language)
    title = _WORDS[language]["grouping"].format(grouping.siren, grouping.name, f"{count} {word}")
    lines = [title, *(f"  {code} {name}" for code, name in grouping.communes.items())]
    sys.stdout.write("\n".join(lines) + "\n")


def _check_departement(stored: Stored, asked: str) -> None:
    """Raise DataError where a département is asked for."""
    wanted = folded(asked)
    for number, name in stored.departements.items():
        if wanted and wanted in (folded(number), folded(name)):
            raise DataError(
                f"{number} {name} is a département, and it is communes that are followed through time",
                do="give the code or name of a commune, or the SIREN of a grouping of communes",
            )


@dataclass(frozen=True, slots=True)
class _Telling:
    """What is known, in words."""

    stored: Stored
    labels: Mapping[str, str]
    language: Language
    are_namesakes: bool

    def told(self, meaning: Meaning) -> str:
        """A commune, and what became of it, line by line."""
        words, history, version = _WORDS[self.language], self.stored.history, meaning.version
        colon = words["colon"]
        lines = [f"{self._titled(version.code, version.name, meaning)}{colon}{self._period(version)}"]
        if not meaning.was_there:
            lines[-1] += f" ({words['not_then']})"
        if meaning.part and meaning.whole:
            lines.insert(0 if meaning.whole is version else 1, self._part(meaning, meaning.part, meaning.whole))
        today = []
        for target in meaning.today:
            notes = [words["partly"]] if not target.whole else [] if target.alone else [words["with_others"]]
            named = f"{target.code} {_name_today(history, target.code)}"
            today.append(named + "".join(f" ({note})" for note in notes))
        lines.append(words["today"].format(" + ".join(today) or words["nothing"]))
        for step in meaning.steps:
            sides = [_side([*_units(step.before), *_others(step)], words), _side(_units(step.after), words)]
            when = number_formats.date(step.change.date, self.language)
            lines.append(f"  {when}  {self.labels[step.change.kind]}{colon}{' → '.join(sides)}")
        return "\n".join(lines) + "\n"

    def _titled(self, code: str, name: str, meaning: Meaning) -> str:
        where = f" ({_departement(self.stored, meaning)})" if self.are_namesakes else ""
        return f"{code} {name}".strip() + where

    def _part(self, meaning: Meaning, part: Part, whole: Version) -> str:
        words = _WORDS[self.language]
        kind = words[part.type]
        if part.start:
            kind += f" {self._between(part.start, part.end)}"
        of = words["part"].format(f"{whole.code} {whole.name}", kind)
        return f"{self._titled(part.code, part.name, meaning)}{words['colon']}{of}"

    def _period(self, version: Version) -> str:
        if version.start is None and version.end is None:
            is_silent = has_no_movements(self.stored.history, version.code)
            return _WORDS[self.language]["no_movements" if is_silent else "always"]
        return self._between(version.start, version.end)

    def _between(self, start: str | None, end: str | None) -> str:
        dates = [number_formats.date(day, self.language) for day in (start, end) if day]
        return _WORDS[self.language]["between" if start and end else "from" if start else "until"].format(*dates)


def _departement(stored: Stored, meaning: Meaning) -> str:
    """The département that it is in today: a code of before 1968 may begin with the number of another one."""
    return stored.departement(next((one.code for one in meaning.today), meaning.version.code))


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


def _as_data(meaning: Meaning, stored: Stored, labels: Mapping[str, str]) -> dict[str, Any]:
    version, part, whole = meaning.version, meaning.part, meaning.whole
    history = stored.history

    def data(units: list[tuple[str, str]]) -> list[dict[str, str]]:
        return [{"code": code, "name": name} for code, name in units]

    return {
        "code": version.code,
        "name": version.name,
        "departement": _departement(stored, meaning),
        "start": version.start,
        "end": version.end,
        "past_known": not has_no_movements(history, version.code),
        "was_there": meaning.was_there,
        "part": {
            "code": part.code,
            "name": part.name or None,
            "type": part.type,
            "start": part.start or None,
            "end": part.end,
            "of": whole.code,
        }
        if part and whole
        else None,
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
