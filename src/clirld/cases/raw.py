"""What a case's file says before it is checked, where everything is in it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from clirld import yamlfile
from clirld.cases.field_types import Part
from clirld.values.text import fold

FieldPath = tuple[str | int, ...]
"""A place in a case: French names of fields, and numbers of items from 0."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where something is: a line of a file, or a row of one of its sheets."""

    file: str
    line: int | None = None
    sheet: str | None = None

    def text(self, language: str) -> str:
        """The place in words."""
        if self.sheet is not None:
            sheet, row = ("sheet", "row") if language == "en" else ("feuille", "ligne")
            return f"{self.file}, {sheet} “{self.sheet}”" + (f", {row} {self.line}" if self.line else "")
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a case. The words are in `problem_messages.yaml`; `detail` fills their {names}."""

    code: str
    location: Location
    detail: Mapping[str, str] = field(default_factory=dict)

    def message(self, language: str) -> str:
        """What is wrong."""
        return self._text("message", language)

    def advice(self, language: str) -> str:
        """What to do about it."""
        return self._text("advice", language)

    def _text(self, part: str, language: str) -> str:
        template: str = _messages()[self.code][part][language if language in ("fr", "en") else "fr"]
        return template.format_map(self.detail).strip()

    def as_data(self) -> dict[str, Any]:
        """The problem for a program to read."""
        both = {part: {language: self._text(part, language) for language in ("fr", "en")} for part in _PARTS}
        location = {"file": self.location.file, "line": self.location.line, "sheet": self.location.sheet}
        return {"code": self.code, **location, **both}


_PARTS = ("message", "advice")


@cache
def _messages() -> Any:
    return yamlfile.shipped(__package__, "problem_messages.yaml")


def codes() -> list[str]:
    """All codes of problems."""
    return list(_messages())


@dataclass(slots=True)
class RawCase:
    """What a file says, before it is checked: French names → text, lists of text, or lists of items."""

    slug: str
    file: str
    data: dict[str, Any] = field(default_factory=dict)
    locations: dict[FieldPath, Location] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def location(self, path: FieldPath) -> Location:
        """The place of the deepest part of `path` that is known."""
        while path and path not in self.locations:
            path = path[:-1]
        return self.locations.get(path, Location(self.file))

    def add_problem(self, code: str, path: FieldPath, **detail: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, self.location(path), detail))


def field_names(model: type[Part]) -> dict[str, str]:
    """The names of a model's fields, as they are compared → as they are written."""
    return {fold(name): name for _column, name, _info, _type in model.fields()}
