"""Sentences about figures, in French and English: numbers as people write them, each with what it is and its year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from clirld import yamlfile
from clirld.compare.rules import Condition, Finding
from clirld.errors import MappingError

LANGUAGES = ("fr", "en")


@cache
def wording(path: Path = Path(__file__).parent / "figures.yaml") -> Mapping[str, Mapping[str, Any]]:
    """How each figure is said."""
    return {name: dict(entry) for name, entry in yamlfile.load(path, MappingError).data.items()}


@cache
def _sentences(path: Path = Path(__file__).parent / "sentences.yaml") -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    data = yamlfile.load(path, MappingError).data
    return {part: {name: dict(texts) for name, texts in data[part].items()} for part in ("sentences", "groups")}


def sentence(sentence_name: str, language: str, *values: object) -> str:
    """A sentence of `sentences.yaml` with these values."""
    return _sentences()["sentences"][sentence_name][language].format(*values)


def group(group_name: str, language: str) -> str:
    """What a group of features is, in words: as the scheme feature-group has it."""
    return _sentences()["groups"][group_name][language]


def name(figure: str, language: str) -> str:
    """What a figure is, in words."""
    return str(wording()[figure][language])


def number(figure: str, value: float, language: str) -> str:
    """A figure as people write it, with its unit: « −0,35 % », “1,200”."""
    entry = wording()[figure]
    text = f"{value:{'+' if entry.get('sign') else ''},.{entry['decimals']}f}"
    if float(text.replace(",", "")) == 0:  # no « −0,0 »
        text = f"{0:.{entry['decimals']}f}"
    text = text.replace("-", "\N{MINUS SIGN}")
    if language == "fr":
        text = text.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")
    unit = entry.get(f"unit_{language}", entry["unit"])
    return f"{text}\N{NO-BREAK SPACE}{unit}" if unit else text


def said(figure: str, value: float, language: str) -> str:
    """A figure with what it is: « chômage au recensement de 2021 : 14,2 % »."""
    return f"{name(figure, language)}{sentence('colon', language)}{number(figure, value, language)}"


def finding(found: Finding, figures: Mapping[str, float], language: str) -> str:
    """What a rule says of a territory: the answer, the figures that speak for it, and those near a threshold."""
    if found.answer == "cannot-be-said":
        return sentence("cannot-be-said", language, ", ".join(name(one, language) for one in found.missing))
    decisive = [one for one, holds in found.signs if holds == (found.answer == "holds")]
    parts = [sentence(found.answer, language), _capitalised(listed(_conditions(decisive, figures, language), language))]
    if found.near:
        parts.append(sentence("near", language, listed(_conditions(found.near, figures, language), language)))
    return " ".join(filter(None, parts))


def _conditions(conditions: Iterable[Condition], figures: Mapping[str, float], language: str) -> list[str]:
    thresholds: dict[str, list[str]] = {}
    for one in conditions:
        thresholds.setdefault(one.figure, []).append(number(one.figure, one.threshold, language))
    return [
        sentence(
            "thresholds" if len(numbers) > 1 else "threshold",
            language,
            said(figure, figures[figure], language),
            *numbers,
        )
        for figure, numbers in thresholds.items()
    ]


def listed(parts: Iterable[str], language: str) -> str:
    """Several parts of a sentence, one after another."""
    return sentence("and", language).join(parts)


def _capitalised(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""
