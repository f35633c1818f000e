"""What the pages of practice say, in French or English."""

from __future__ import annotations

import re
from functools import cache

from clirld import yamlfile
from clirld.query.failure import Language

_BEFORE = re.compile(r" (?=[:;?!»%])")
_AFTER = re.compile(r"(?<=«) ")


@cache
def wording(language: Language) -> dict[str, str]:
    """The words of one language, by name, French ones with the spaces that do not break."""
    said = {name: str(words[language]) for name, words in yamlfile.shipped(__package__, "wording.yaml").items()}
    return {name: spaced(text) for name, text in said.items()} if language == "fr" else said


def spaced(text: str) -> str:
    """French text with no-break spaces before : ; ? ! % » and after «."""
    return _AFTER.sub("\N{NO-BREAK SPACE}", _BEFORE.sub("\N{NO-BREAK SPACE}", text))
