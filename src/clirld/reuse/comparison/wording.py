"""The words of a comparison, in French and English: `wording.yaml`."""

from __future__ import annotations

from functools import cache

from clirld import yamlfile
from clirld.french import spaced_words
from clirld.query.failure import Language


@cache
def wording(language: str) -> dict[str, str]:
    """All words of a language by name, with the spaces of French that do not break."""
    said = {name: str(texts[language]) for name, texts in yamlfile.shipped(__package__, "wording.yaml").items()}
    return spaced_words(said, language)


def say(name: str, language: Language | str, **values: object) -> str:
    """A sentence with its values."""
    return wording(language)[name].format(**values)
