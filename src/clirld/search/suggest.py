"""What somebody may have meant whose question finds nothing: words that the index does not have, as it has them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from clirld.search.find import MAX_CHARACTERS, SearchTimeout, find, opened
from clirld.search.words import expression, key

_LETTERS = re.compile(r"\w+")
_MIN_LETTERS = 4
"""Of a word that may be mistyped: too many words are near a shorter one."""
_MIN_LETTERS_FOR_TWO = 8
"""Of a word in which two letters may be wrong."""
_MAX_UNKNOWN = 3
"""Words of a question that may be mistyped: each reads the words of the index that begin with its letter."""
_KNOWN = "SELECT 1 FROM text WHERE text MATCH ? LIMIT 1"
_WORDS = "CREATE VIRTUAL TABLE temp.word USING fts5vocab(main, text, row)"
_BEGUN = "SELECT term, doc FROM temp.word WHERE term >= :first AND term < :first || char(1114111)"


def suggestion(
    index: Path, question: str, *, kind: str | None = None, territory: str | None = None, language: str = "fr"
) -> str | None:
    """The question with its unknown words as the index has them, where that finds something; else None.

    A word is taken for another that begins with the same letter and differs by one letter, or two of a long word, left
    out, added, changed or swapped (optimal string alignment distance); of several for the one that more things have.
    None too where it takes too long: that nothing was found is known by then. Raises sqlite3.DatabaseError where the
    index is not one.
    """
    with suppress(SearchTimeout):
        return _suggestion(index, question[:MAX_CHARACTERS], kind, territory, language)
    return None


def _suggestion(index: Path, question: str, kind: str | None, territory: str | None, language: str) -> str | None:
    asked = {key(text) for text in _LETTERS.findall(question)}
    with opened(index) as database:
        database.execute(_WORDS)
        unknown = [word for word in sorted(asked) if _may_be_mistyped(word) and not _is_known(database, word)]
        meant = {word: _nearest(database, word) for word in unknown[:_MAX_UNKNOWN]}
    if not unknown or len(unknown) > _MAX_UNKNOWN or not all(meant.values()):
        return None
    hits = find(index, _put(question, meant), kind=kind, territory=territory, language=language, limit=5).hits
    if not hits:
        return None
    # The index has words without their accents; the names that they find have them.
    named = " ".join(hit.label.text for hit in reversed(hits) if hit.label)
    written = {key(text): text.lower() for text in _LETTERS.findall(named)}
    return _put(question, {word: written.get(near or "", near) for word, near in meant.items()})


def _put(question: str, meant: Mapping[str, str | None]) -> str:
    return _LETTERS.sub(lambda match: meant.get(key(match[0])) or match[0], question)


def _may_be_mistyped(word: str) -> bool:
    return len(word) >= _MIN_LETTERS and word.isascii() and word.isalpha()


def _is_known(database: sqlite3.Connection, word: str) -> bool:
    return database.execute(_KNOWN, [expression(word)]).fetchone() is not None


def _nearest(database: sqlite3.Connection, word: str) -> str | None:
    from rapidfuzz import process  # only where nothing was found
    from rapidfuzz.distance import OSA

    things = {term: count for term, count in database.execute(_BEGUN, {"first": word[0]}) if term.isalpha()}
    cutoff = 2 if len(word) >= _MIN_LETTERS_FOR_TWO else 1
    near = process.extract(word, things.keys(), scorer=OSA.distance, score_cutoff=cutoff, limit=None)
    return min(near, key=lambda one: (one[1], -things[one[0]], one[0]))[0] if near else None
