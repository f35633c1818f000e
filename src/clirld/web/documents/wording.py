"""The sentences of the pages of initiatives, organizations and territories, in French and English: `wording.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from clirld import yamlfile
from clirld.french import plural
from clirld.query.failure import Language
from clirld.web import number_formats


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language. A sentence that counts has two forms, for one thing and for several."""

    language: Language
    texts: dict[str, str | list[str]]

    def __call__(self, name: str, count: int | None = None, **values: object) -> str:
        """A sentence by its name, with its values; `count` is written as a number of the language."""
        text = self.texts[name]
        if isinstance(text, list):
            text = plural(text[0], text[1], 0 if count is None else count, self.language)
        if count is not None:
            values["count"] = number_formats.number(count, self.language)
        return text.format(**values) if values else text


@cache
def words(language: Language) -> Words:
    """The sentences of a language."""
    shipped: dict[str, dict[str, Any]] = yamlfile.shipped(__package__, "wording.yaml")
    return Words(language, {name: texts[language] for name, texts in shipped.items()})
