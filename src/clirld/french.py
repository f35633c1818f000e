"""French and English as people write them; and errors in French, for the command line.

The program raises errors in English; `errors.fr.yaml` has their French.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"

_PLACEHOLDER = re.compile(r"\{(\d+)\}")
_DAY = re.compile(r"(?<=\b[dl]e |\b[da]u )([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})(?![\w-])")
"""A day of a sentence, after its article: « le 2026-01-01 »."""
_BEFORE = re.compile(r" (?=[:;?!»%])")
_AFTER = re.compile(r"(?<=«) ")


def french(text: str) -> str:
    """An error's `what` or `do` in French; what is not known stays as it is. Days of its sentences are in words."""
    return _DAY.sub(lambda day: day_in_words(*map(int, day.groups())), _translated(text))


def day_in_words(year: int, month: int, day: int) -> str:
    """« 1er janvier 2026 »."""
    return f"{'1er' if day == 1 else day} {MONTHS.split()[month - 1]} {year}"


def plural(one: str, several: str, count: int, language: str) -> str:
    """The form of a word for a number of things: in French, none and one have the same."""
    return one if count == 1 or (count == 0 and language == "fr") else several


def grouped(count: int, language: str) -> str:
    """A whole number, its digits in groups of three."""
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}" if language == "fr" else ",")


def spaced(text: str) -> str:
    """French text with no-break spaces before : ; ? ! % » and after «."""
    return _AFTER.sub("\N{NO-BREAK SPACE}", _BEFORE.sub("\N{NO-BREAK SPACE}", text))


def spaced_words(said: Mapping[str, str], language: str) -> dict[str, str]:
    """Texts by name in a language, the French ones with their no-break spaces."""
    return {name: spaced(text) if language == "fr" else text for name, text in said.items()}


def _translated(text: str) -> str:
    place, colon, rest = text.partition(": ")
    if colon and not _is_sentence(place) and _specificity(rest) > _specificity(text):
        return f"{place} : {_translated(rest)}"  # “records.0.columns.x: by: label is for concepts, …”
    for pattern, template, _ in _templates():
        if match := pattern.fullmatch(text):
            # What is filled in may be a message itself, as in “records.0.table: no table x”.
            parts = [_translated(part) if _is_sentence(part) else part for part in match.groups()]
            has_words = any(character.isalpha() for character in _PLACEHOLDER.sub("", template))
            if not has_words and parts == list(match.groups()):
                continue  # “{0}: {1}” fits any text with a colon: it counts only around a message that is known
            return _PLACEHOLDER.sub(lambda hole, parts=parts: parts[int(hole[1])], template)  # type: ignore[misc]
    return text


def _specificity(text: str) -> int:
    """Length of the fixed text of the template that says most of a text; 0 where none fits."""
    return next((len(fixed) for pattern, _, fixed in _templates() if pattern.fullmatch(text)), 0)


def _is_sentence(part: str) -> bool:
    return " " in part


@cache
def translations() -> dict[str, str]:
    """English template → French template."""
    from clirld import yamlfile  # only for what is told: most commands have nothing to tell

    return dict(yamlfile.shipped("clirld", "errors.fr.yaml"))


@cache
def _templates() -> list[tuple[re.Pattern[str], str, str]]:
    """The templates as patterns, with their French and their fixed text, those that say most first."""
    # The longest fixed text first: “{0}: {1}” would match nearly every message. Then by name, for a fixed order.
    by_specificity = sorted(translations().items(), key=lambda pair: (-len(_PLACEHOLDER.sub("", pair[0])), pair[0]))
    return [(_pattern(english), in_french, _PLACEHOLDER.sub("", english)) for english, in_french in by_specificity]


def _pattern(template: str) -> re.Pattern[str]:
    pieces = _PLACEHOLDER.split(template)
    return re.compile("".join("(.*?)" if n % 2 else re.escape(piece) for n, piece in enumerate(pieces)), re.DOTALL)
