"""Which of several names is shown where there is room for one only: the written policy of `display.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from clirld import yamlfile
from clirld.settings import BASE

CONTRIBUTIONS = f"{BASE}graph/contributions"
"""The graph of what people sent and a moderator accepted: what it calls a thing of another source is a correction."""


class Name(NamedTuple):
    """A text, its language or nothing, and whether it is a correction that was accepted."""

    text: str
    language: str
    is_correction: bool = False


_RULES: Mapping[str, Callable[[Name, str], int | str]] = {
    "language-of-reader": lambda name, language: 0 if name.language == language else 2 if name.language else 1,
    "accepted-correction": lambda name, _language: int(not name.is_correction),
    "not-in-capitals": lambda name, _language: int(name.text.isupper()),
    "alphabet": lambda name, _language: name.text,
}
"""What each rule of the policy compares names by: the least is shown."""


@cache
def rules() -> tuple[str, ...]:
    """The rules of the policy, in their order."""
    return tuple(yamlfile.shipped(__package__, "display.yaml")["names"])


def shown_name(names: Sequence[Name], language: str) -> str | None:
    """The name that a reader of a language is shown; None where there is none."""
    if len(names) < 2:  # of most things
        return names[0].text if names else None
    return min(names, key=lambda name: [_RULES[rule](name, language) for rule in rules()]).text
