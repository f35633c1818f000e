"""What the pages of practice say, in French or English."""

from __future__ import annotations

from functools import cache

from clirld import yamlfile
from clirld.french import spaced_words
from clirld.query.failure import Language
from clirld.web.documents.wording import words


class Words(dict[str, str]):
    """The words of one language, by name; called, the sentences of all pages of things (`documents/wording.yaml`)."""

    language: Language = "fr"

    def __call__(self, name: str, **values: object) -> str:
        """A sentence of all pages, with its values."""
        return words(self.language)(name, **values)  # type: ignore[arg-type]


@cache
def wording(language: Language) -> Words:
    """The words of one language."""
    said = {name: str(texts[language]) for name, texts in yamlfile.shipped(__package__, "wording.yaml").items()}
    found = Words(spaced_words(said, language))
    found.language = language
    return found
