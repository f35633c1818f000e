"""Sentences about figures, in French and English: numbers as people write them, each with what it is and its year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from clirld import yamlfile
from clirld.compare.figures import OF_GROUPING
from clirld.compare.rules import Condition, Finding
from clirld.errors import MappingError

LANGUAGES = ("fr", "en")
_MORE_DECIMALS = 3
_BESIDE = {"%": "{}%", "€": "€{}"}
"""Units that English writes without a space."""


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
    """What a figure is, in words; of a commune's grouping, that it is the grouping's."""
    own = figure.removeprefix(OF_GROUPING)
    text = str(wording()[own][language])
    return text if own == figure else sentence("of-grouping", language, text)


def number(figure: str, value: float, language: str, more: int = 0) -> str:
    """A figure as people write it, with its unit: « −0,35 % », “1,200”; with `more` decimals than it usually has."""
    entry = wording()[figure]
    decimals = entry["decimals"] + more
    text = f"{value:{'+' if entry.get('sign') else ''},.{decimals}f}"
    if float(text.replace(",", "")) == 0:  # no « −0,0 »
        text = f"{0:.{decimals}f}"
    text = text.replace("-", "\N{MINUS SIGN}")
    if language == "fr":
        text = text.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")
    unit = entry.get(f"unit_{language}", entry["unit"])
    if language == "en" and unit in _BESIDE:
        return _BESIDE[unit].format(text)
    return f"{text}\N{NO-BREAK SPACE}{unit}" if unit else text


def numbers(figure: str, values: Sequence[float], language: str, *, are_alike: bool = False) -> list[str]:
    """Values of a figure, with so many decimals that those which differ look different, up to three more than usual.

    Of values that are told to be alike, it is enough that none looks like nought that is not.
    """
    for more in range(_MORE_DECIMALS + 1):
        told = [number(figure, value, language, more) for value in values]
        nought = number(figure, 0, language, more)
        is_plain = all(text != nought for text, value in zip(told, values, strict=True) if value)
        if is_plain if are_alike else len(set(told)) == len(set(values)):
            return told
    return told


def not_comparable(why: Mapping[str, str | list[str]], language: str) -> str:
    """Why a territory is compared with none: the kind `not_comparable`, and the groups of which too little is known."""
    missing = listed((group(one, language) for one in why.get("missing_groups", ())), language)
    return sentence(f"not-comparable-{why['not_comparable']}", language, missing)


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
    thresholds: dict[str, list[float]] = {}
    for one in conditions:
        thresholds.setdefault(one.figure, []).append(one.threshold)
    return [_condition(figure, figures[figure], several, language) for figure, several in thresholds.items()]


def _condition(figure: str, value: float, thresholds: list[float], language: str) -> str:
    """« chômage au recensement de 2021 : 14,2 % (au-dessus du seuil de 12,1 %) »."""
    told, *bounds = numbers(figure, [value, *thresholds], language)
    sides = (
        sentence("above" if value > one else "below" if value < one else "at", language, text)
        for one, text in zip(thresholds, bounds, strict=True)
    )
    what = f"{name(figure, language)}{sentence('colon', language)}{told}"
    return sentence("threshold", language, what, sentence("also", language).join(sides))


def listed(parts: Iterable[str], language: str) -> str:
    """Several parts of a sentence, one after another."""
    return sentence("and", language).join(parts)


def _capitalised(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""
