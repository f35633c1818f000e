"""Why rows are left out (`reason_messages.yaml`, or a shape's words), and whether they are named or only counted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Protocol

from clirld import yamlfile
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
    return dict(yamlfile.shipped(__package__, "reason_messages.yaml"))


@cache
def kinds() -> dict[str, tuple[str, ...]]:
    """The reasons whose rows are only `counted`, and those whose rows are `listed`."""
    return {kind: tuple(names) for kind, names in yamlfile.shipped(__package__, "reason_kinds.yaml").items()}


@cache
def is_listed(reason: str) -> bool:
    """Whether rows that are left out for a reason may be named; not where nothing is known of it."""
    if any(reason in names for names in kinds().values()):
        return reason in kinds()["listed"]
    return any(_filled_in(pattern, reason) for pattern in kinds()["listed"])


def _filled_in(pattern: str, reason: str) -> str | None:
    """What stands for {0} of a pattern in a reason; None where it is none of its."""
    start, placeholder, end = pattern.partition(_PLACEHOLDER)
    match = re.fullmatch(f"{re.escape(start)}(.+){re.escape(end)}", reason) if placeholder else None
    return match[1] if match else None


def label(reason: str, language: Language = "fr", shapes: Mapping[str, Bilingual] | None = None) -> str | None:
    """What a reason says, None where nothing is known of it. `shapes`, by name, are those that hold records back."""
    if reason in labels():
        return labels()[reason][language]
    shape = (shapes or {}).get(reason)
    if shape and (message := shape.message_fr if language == "fr" else shape.message_en):
        return message
    for pattern, texts in labels().items():
        if rest := _filled_in(pattern, reason):
            return texts[language].replace(_PLACEHOLDER, rest)
    return None


def labels_by_language(reason: str, shapes: Mapping[str, Bilingual] | None = None) -> dict[str, str]:
    """The label in both languages; the code itself where it has none."""
    return {language: label(reason, language, shapes) or reason for language in ("fr", "en")}
