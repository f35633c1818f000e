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


def close_cases(close: int, named: int, known: int, language: Language) -> str:
    """How many cases are close, of those there are, and how many of them a registry only names."""
    if not close:
        return say("count-close-none", language, known=grouped(known, language))
    counts = {"told": close - named} | ({"named": named} if named else {})
    parts = [
        say(plural(f"{name}-one", f"{name}-many", count, language), language, count=grouped(count, language))
        for name, count in counts.items()
    ]
    return say("count-close", language, parts=", ".join(parts), known=grouped(known, language))
