"""Which of several names is shown where there is room for one only: the written policy of `display.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from clirld import yamlfile

Name = tuple[str, str]
"""A text, and its language or nothing."""

_RULES: Mapping[str, Callable[[Name, str], int | str]] = {
    "language-of-reader": lambda name, language: 0 if name[1] == language else 2 if name[1] else 1,
    "not-in-capitals": lambda name, _language: int(name[0].isupper()),
    "alphabet": lambda name, _language: name[0],
}
"""What each rule of the policy compares names by: the least is shown."""


@cache
def rules() -> tuple[str, ...]:
    """The rules of the policy, in their order."""
    return tuple(yamlfile.shipped(__package__, "display.yaml")["names"])


def shown_name(names: Sequence[Name], language: str) -> str | None:
    """The name that a reader of a language is shown; None where there is none."""
    if len(names) < 2:  # of most things
        return names[0][0] if names else None
    return min(names, key=lambda name: [_RULES[rule](name, language) for rule in rules()])[0]
