"""Where the words of a question stand in a text, for a reader to see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clirld.search.words import singular, words

_LETTERS = re.compile(r"\w+")
_AROUND = 80
"""Characters before the first word that is found, where the text has to be cut."""

Piece = tuple[str, bool]
"""A piece of a text, and whether it is a word of the question."""


def marked(text: str, question: str) -> list[Piece]:
    """A text in pieces: what a question asks for, and what is between."""
    pieces: list[Piece] = []
    at = 0
    for start, end in _places(text, question):
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]


def excerpt(text: str, question: str, length: int = 280) -> list[Piece]:
    """The part of a text where the first word of the question is, at most `length` characters, in pieces."""
    text = " ".join(text.split())
    first = next(_places(text, question), (0, 0))[0]
    start = max(first - _AROUND, 0) if len(text) > length else 0
    start = text.rfind(" ", 0, start + 1) + 1
    end = start + length if start + length < len(text) else len(text)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + length // 2)
    return marked(f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}", question)


def _places(text: str, question: str) -> Iterator[tuple[int, int]]:
    wanted = set(words(question))
    begun = {word for word in wanted if len(word) > 2}
    wanted_singular = set(map(singular, wanted))
    for match in _LETTERS.finditer(text):
        for word in words(match[0]):
            if singular(word) in wanted_singular or word.startswith(tuple(begun)):
                yield match.span()
                break
