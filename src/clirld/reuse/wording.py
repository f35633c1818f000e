"""The words of the answer, in French and English: `wording.yaml`."""

from __future__ import annotations

from functools import cache

from clirld import yamlfile
from clirld.french import grouped, plural
from clirld.query.failure import Language


@cache
def wording(language: Language) -> dict[str, str]:
    """All words of a language by name."""
    return {name: texts[language] for name, texts in yamlfile.shipped(__package__, "wording.yaml").items()}


def say(name: str, language: Language, **values: object) -> str:
    """A sentence with its values."""
    return wording(language)[name].format(**values)


def close_cases(close: int, known: int, language: Language) -> str:
    """How many cases are close, of those there are."""
    name = plural("count-close-one", "count-close", close, language) if close else "count-close-none"
    return say(name, language, close=grouped(close, language), known=grouped(known, language))
