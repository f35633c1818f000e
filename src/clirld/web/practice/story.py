"""The page of a process, with the case that it was drawn from: what its template shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from clirld.compare import words as figures_in_words
from clirld.french import spaced
from clirld.query.failure import Language
from clirld.reuse import likeness, told
from clirld.reuse.cases import Outcome, Process
from clirld.reuse.facts import TERRITORY, Facts, Named
from clirld.reuse.told import Told
from clirld.web import number_formats
from clirld.web.documents import lookup
from clirld.web.practice.citations import Citations
from clirld.web.practice.roles import role_table
from clirld.web.practice.score import ordered, score
from clirld.web.practice.wording import wording
from clirld.web.release import ServedRelease

_LIKE_SHOWN = 5
_LEVELS = ("claimed", "counted", "compared", "controlled", "independent", "replicated")
_ENOUGH = _LEVELS.index("compared")


@dataclass(frozen=True, slots=True)
class Alike:
    """A grouping that is like that of the case: its rank, and the group of figures that sets it apart most."""

    territory: Named
    key: str
    rank: int
    differs_most: str
    situations: list[Named]


@dataclass(frozen=True, slots=True)
class Around:
    """The groupings like that of a case, of how many, and those situations that it is in itself."""

    grouping: Named
    key: str
    situations: list[Named]
    alike: list[Alike]
    compared: int


@dataclass(frozen=True, slots=True)
class Read:
    """A case once read, with the texts that are in another language: a release does not change."""

    told: Told
    languages: dict[str, str]
    around: Around | None


def process_page(release: ServedRelease, iri: str, language: Language) -> dict[str, Any] | None:
    """What the page of a process shows; None for a process that was drawn from no case."""
    facts = Facts(lookup.open_store(release.store), language)
    initiative = told.initiative_of(facts, iri)
    if initiative is None:
        return None
    case = read_case(release.folder, release.store, initiative, language)
    process = next((one for one in case.told.experience.processes if one.iri == iri), None)
    if process is None:
        return None
    words = wording(language)
    citations = Citations()
    roles = role_table(case.told, process)
    return {
        "w": words,
        "told": case.told,
        "case": case.told.experience,
        "process": process,
        "title": spaced(process.text) if case.languages.get(process.text, language) == "fr" else process.text,
        "others": [one for one in case.told.experience.processes if one != process],
        "roles": roles,
        "score": score(case.told, process, words["phase-unsaid"]),
        "moments": ordered(case.told.experience.activities),
        "around": case.around,
        "needs": needs_asked(case.told),
        "cite": citations.number,
        "citations": citations.sources,
        "said": lambda text: said_in(text, case.languages, language),
        "step_numbers": {step.iri: n for n, step in enumerate(process.steps, 1)},
        "level": level,
        "is_shown_to_work": is_shown_to_work,
        "span": lambda start, end: span(start, end, language, words),
        "figure": lambda text: figure(text, language),
        "missing": missing(case.told, process, roles.rows, words),
    }


@lru_cache(maxsize=128)
def read_case(folder: Path, store: Path, initiative: str, language: Language) -> Read:
    """What a release tells of a case, in a language."""
    facts = Facts(lookup.open_store(store), language)
    found = told.told(facts, initiative)
    return Read(found, facts.languages, around(facts, folder, found))


def around(facts: Facts, folder: Path, found: Told) -> Around | None:
    """The groupings that are most like that of a case; None where it is in none, or cannot be compared."""
    figures = likeness.load(folder)
    key = next(iter(found.groupings), None)
    alike = figures.of(key) if figures and key else {}
    if not key or not alike:
        return None
    nearest = list(alike.items())[:_LIKE_SHOWN]
    return Around(
        facts.named(TERRITORY + key),
        key,
        facts.all_named(TERRITORY + key, "clir:hasSituation"),
        [
            Alike(
                facts.named(TERRITORY + other),
                other,
                one.rank,
                figures_in_words.group(one.differs_most, facts.language),
                facts.all_named(TERRITORY + other, "clir:hasSituation"),
            )
            for other, one in nearest
        ],
        len(alike),
    )


def needs_asked(found: Told) -> list[Named]:
    """The needs that a case answers, each once."""
    return list(dict.fromkeys(kind for need in found.experience.needs for kind in need.kinds))


def level(outcome: Outcome) -> int:
    """The level of evidence of an outcome, from 0; -1 where none is said."""
    names = [one.iri.rpartition("/")[2] for one in outcome.evidence]
    return max((_LEVELS.index(name) for name in names if name in _LEVELS), default=-1)


def is_shown_to_work(outcome: Outcome) -> bool:
    """Whether a source says that it worked and gives a compared figure at least: else it is only what is said."""
    judged = {one.iri.rpartition("/")[2] for one in outcome.kinds}
    return not judged.isdisjoint({"worked", "partly-worked"}) and level(outcome) >= _ENOUGH


def said_in(text: str, languages: dict[str, str], language: Language) -> Markup:
    """A text of a source, marked where it is in another language than the page."""
    own = languages.get(text, language)
    text = spaced(text) if own == "fr" else text
    return escape(text) if own == language else Markup('<span lang="{}">{}</span>').format(own, text)


def span(start: str, end: str, language: Language, words: dict[str, str]) -> str:
    """From when to when, as people write it; empty where neither is known."""
    one, two = (_day(text, language) for text in (start, end))
    if one and two and one != two:
        return f"{one} – {two}" if " " in one + two else f"{one}–{two}"
    if one:
        return one
    return words["until"].format(end=two) if two else ""


def figure(text: str, language: Language) -> str:
    """A number of the data without zeros that say nothing: 22.0 is 22."""
    whole, point, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    return number_formats.figure(f"{whole}{point if decimals else ''}{decimals}", language)


def _day(text: str, language: Language) -> str:
    return number_formats.date(text, language) if len(text) == len("2026-11-29") else text


def missing(found: Told, process: Process, rows: Sequence[Any], words: dict[str, str]) -> list[str]:
    """What a practitioner would ask and no source that was read says, in words."""
    case = found.experience
    asked: dict[str, Sequence[Any]] = {
        "obstacles": case.obstacles,
        "outcomes": case.outcomes,
        "resources": found.resources,
        "grants": found.grants,
        "governance": found.governance,
        "decision": found.decision,
        "needed": [process.resources, *(o for s in process.steps for o in found.expected[s.iri].resources)],
        "conditions": process.conditions,
        "adaptations": [one for scaling in found.scalings for one in scaling.adaptations],
        "transfer": [process.transfer] if process.transfer else [],
        "public": [row for row in rows if row.is_public and row.actors],
        "lessons": case.lessons,
    }
    return [words[f"no-{name}"] for name, told_of in asked.items() if not any(told_of)]
