"""Why rows are left out, in words: every reason code has its label in `reasons.yaml`, or is the name of a shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Protocol

from ruamel.yaml import YAML

from clirld.issues import Language

_PLACEHOLDER = "{0}"


class Bilingual(Protocol):
    """What has a message in both languages, as a shape has."""

    @property
    def message_fr(self) -> str:
        """In French."""

    @property
    def message_en(self) -> str:
        """In English."""


@cache
def labels() -> dict[str, dict[str, str]]:
    """Reason → its label, by language."""
    text = files(__package__).joinpath("reasons.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))


def label(reason: str, language: Language = "fr", shapes: Mapping[str, Bilingual] | None = None) -> str | None:
    """What a reason says, None where nothing is known of it. `shapes`, by name, are those that hold records back."""
    if reason in labels():
        return labels()[reason][language]
    shape = (shapes or {}).get(reason)
    if shape and (message := shape.message_fr if language == "fr" else shape.message_en):
        return message
    for pattern, texts in labels().items():
        start, placeholder, end = pattern.partition(_PLACEHOLDER)
        if placeholder and (match := re.fullmatch(f"{re.escape(start)}(.+){re.escape(end)}", reason)):
            return texts[language].replace(_PLACEHOLDER, match[1])
    return None


def labels_by_language(reason: str, shapes: Mapping[str, Bilingual] | None = None) -> dict[str, str]:
    """The label in both languages; the code itself where it has none."""
    return {language: label(reason, language, shapes) or reason for language in ("fr", "en")}
