"""The year of a call, where the name of a recognition has it: not the year of the recognition, which may be later."""

from __future__ import annotations

import re

_YEAR = re.compile(r"(?<![\w-])(?:19|20)\d{2}(?![\w-])")


def call_year(label: str) -> str:
    """The one year that the name of a recognition has; empty where it has none, or several."""
    found = set(_YEAR.findall(label))
    return found.pop() if len(found) == 1 else ""
