"""What the pages of practice say, in French or English."""

from __future__ import annotations

from functools import cache

from clirld import yamlfile
from clirld.french import spaced
from clirld.query.failure import Language


@cache
def wording(language: Language) -> dict[str, str]:
    """The words of one language, by name."""
    said = {name: str(words[language]) for name, words in yamlfile.shipped(__package__, "wording.yaml").items()}
    return {name: spaced(text) for name, text in said.items()} if language == "fr" else said
