"""Errors in French, for the command line. The program raises them in English; `errors.fr.yaml` has their French."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

_HOLE = re.compile(r"\{(\d+)\}")


def french(text: str) -> str:
    """An error's `what` or `do` in French; what is not known stays as it is."""
    for pattern, template in _templates():
        if found := pattern.fullmatch(text):
            # What is filled in may be a message itself, as in “records.0.table: no table x”.
            parts = [french(part) if _says(part) else part for part in found.groups()]
            if not any(character.isalpha() for character in _HOLE.sub("", template)) and parts == list(found.groups()):
                continue  # “{0}: {1}” fits any text with a colon: it counts only around a message that is known
            return _HOLE.sub(lambda hole, parts=parts: parts[int(hole[1])], template)  # type: ignore[misc]
    return text


def _says(part: str) -> bool:
    return " " in part


@cache
def known() -> dict[str, str]:
    """English template → French template."""
    text = files("clirld").joinpath("errors.fr.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    """The templates as patterns, those that say most first."""
    said = sorted(known().items(), key=lambda pair: (-len(_HOLE.sub("", pair[0])), pair[0]))
    return [(_pattern(english), french_) for english, french_ in said]


def _pattern(template: str) -> re.Pattern[str]:
    pieces = _HOLE.split(template)
    return re.compile("".join("(.*?)" if n % 2 else re.escape(piece) for n, piece in enumerate(pieces)), re.DOTALL)
