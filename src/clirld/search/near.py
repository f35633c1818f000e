"""Words that are mistyped: what the index has instead, and what was then meant.

A word with one letter left out, added, changed or swapped with the next has one half as it is meant to be. So the words
that begin as it does, and those that end so (`ending` has them backwards), are few; only to these the distance is
measured: optimal string alignment, where a swap is one step. The idea is that of G. Navarro, “A guided tour to
approximate string matching”, ACM Computing Surveys 33(1), 2001, section 8: what is cut in k+1 pieces and has k errors
has one piece without any.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import product
from pathlib import Path

from clirld.search.find import EVERYTHING, MAX_CHARACTERS, Hit, Narrowed, SearchTimeout, expressions, find, opened, told
from clirld.search.words import expression, key, loose_words, may_be_mistyped, singular, without_article

_LETTERS = re.compile(r"\w+")
_MIN_LETTERS_FOR_TWO = 8
"""Of a word in which two letters may be wrong, where the first is right."""
_SHORT = 4
"""Letters of a word that has others near it by chance: « coop », « corp »."""
_MAX_WORDS = 6
"""Words of a question that are looked at: each costs two looks into the index."""
_MOST_NEAR = 60
"""Words that are taken for another at most, the nearest and most common first."""
_TRIED = 3
"""Of these, that are tried for what was meant."""
_KNOWN = "SELECT 1 FROM text WHERE text MATCH ? LIMIT 1"
_VOCABULARIES = """
CREATE VIRTUAL TABLE temp.word USING fts5vocab(main, text, row);
CREATE VIRTUAL TABLE temp.backwards USING fts5vocab(main, ending, row);
"""
_BEGUN = """
SELECT term, doc FROM temp.{table}
WHERE term >= :begun AND term < :begun || char(1114111) AND length(term) BETWEEN :length - :most AND :length + :most
"""

_NAMES = """
SELECT thing, population, words FROM text JOIN name ON name.thing = text.rowid JOIN thing ON thing.id = text.rowid
WHERE text MATCH '{{label name}} : (' || :words || ')' {facets} AND length(words) BETWEEN :least AND :longest
LIMIT 20000
"""
_OF_FACETS = "AND +text.rowid IN (SELECT rowid FROM facet WHERE facet MATCH :facets)"
_NEAR_NAMES = 8
_ARTICLE = len("les ")
_MOST_TRIED = 40
"""Ways to read a question of several words that are looked for, where more than one word is mistyped."""

Near = Mapping[str, Sequence[str]]
"""Words of a question, and those of the index that differ little from them, the nearest first."""


def near_words(index: Path, question: str, *, of_every: bool = False) -> Near:
    """Words of an index for those of a question that it does not have; where it has them all, for all that have some.

    With `of_every`, also for those that it has: one word that is mistyped may be another.

    A word of four letters may have one wrong, one of eight two if its first is right. Quoted ones and numbers are taken
    as they are written. Empty where nothing is near, or where it takes too long. Raises sqlite3.DatabaseError where the
    index is not one.
    """
    asked = [word for word in loose_words(question[:MAX_CHARACTERS]) if may_be_mistyped(word)][:_MAX_WORDS]
    if not asked:
        return {}
    with suppress(SearchTimeout), opened(index) as database:
        database.executescript(_VOCABULARIES)
        unknown = [word for word in asked if not _is_known(database, word)]
        near = {word: _near(database, word) for word in (not of_every and unknown) or asked}
        return {word: found for word, found in near.items() if found}
    return {}


def near_names(
    index: Path, question: str, near: Near, narrowed: Narrowed = EVERYTHING, *, language: str = "fr"
) -> list[Hit]:
    """Things whose name differs from the whole of a question by a letter, two of a long one, the nearest first.

    Of those as near, the places with more inhabitants come first, then as in any search. Empty where nothing is near,
    or where it takes too long. Raises sqlite3.DatabaseError where the index is not one.
    """
    from rapidfuzz.distance import OSA

    asked = expressions(question, narrowed, near, around=False)
    wanted = without_article(key(question[:MAX_CHARACTERS]))
    if not near or not asked["words"]:
        return []
    most = 2 if len(wanted) >= _MIN_LETTERS_FOR_TWO else 1
    with suppress(SearchTimeout), opened(index) as database:
        sql = _NAMES.format(facets=_OF_FACETS if asked["facets"] else "")
        around = {**asked, "least": len(wanted) - most, "longest": len(wanted) + most + _ARTICLE}
        nearest: dict[int, tuple[int, int, int]] = {}
        for number, population, name in database.execute(sql, around):
            distance = OSA.distance(wanted, without_article(name), score_cutoff=most)
            if 0 < distance <= most:
                nearest[number] = min((distance, -population, number), nearest.get(number, (9, 0, 0)))
        return [told(database, one, 0.0, language) for one in sorted(nearest, key=nearest.__getitem__)[:_NEAR_NAMES]]
    return []


def meant(
    index: Path,
    question: str,
    near: Near,
    narrowed: Narrowed = EVERYTHING,
    *,
    around: bool = False,
    language: str = "fr",
) -> str | None:
    """A question as it may have been meant, where that finds something; else None.

    It is the name that is nearest to the whole, or has the nearest words that find something together: others for
    those of `near`, and if that is not enough, for several at once.
    """
    question = question[:MAX_CHARACTERS]
    asked = partial(_meant, index, question, narrowed=narrowed, around=around, language=language)
    if found := asked(near):
        return found
    every = near_words(index, question, of_every=True)
    return asked(every, keeps=set(every) - set(near)) if every.keys() != near.keys() else None


def _meant(
    index: Path,
    question: str,
    near: Near,
    keeps: Collection[str] = (),
    *,
    narrowed: Narrowed,
    around: bool,
    language: str,
) -> str | None:
    """The same with some words near those of a question, of which those in `keeps` may be right as they are."""
    if not near:
        return None
    for hit in near_names(index, question, near, narrowed, language=language):
        if hit.label and not hit.is_gone:
            return _as_asked(" ".join(hit.label.text.lower().split()), question)
    with suppress(SearchTimeout):
        choices = [list(enumerate([*({word} & {*keeps}), *others[:_TRIED]])) for word, others in near.items()]
        # The nearest words first, the fewest others first.
        ways = sorted(product(*choices), key=lambda way: sum(rank for rank, _ in way))
        for way in ways[:_MOST_TRIED]:
            chosen = [(word, one) for word, (_, one) in zip(near, way, strict=True)]
            tried = _put(question, dict(chosen))
            hits = find(index, tried, narrowed, around=around, language=language, limit=5).hits
            if hits and _is_likely(chosen, hits):
                return _put(question, {word: _written(one, hits) for word, one in chosen})
    return None


def _is_likely(chosen: Sequence[tuple[str, str]], hits: Sequence[Hit]) -> bool:
    """Whether other words make sense: of several, and of short ones, that one name has them all."""
    others = {singular(one) for word, one in chosen if one != word}
    if len(others) < 2 and not any(len(word) <= _SHORT for word, one in chosen if one != word):
        return True
    return any(
        others <= {singular(key(text)) for text in _LETTERS.findall(hit.label.text)} for hit in hits if hit.label
    )


def _as_asked(name: str, question: str) -> str:
    """A name, without the article that it begins with where the question has none."""
    is_bare = key(question) == without_article(key(question))
    return name.partition(" ")[2] if is_bare and key(name) != without_article(key(name)) else name


def _written(word: str, hits: Sequence[Hit]) -> str:
    """A word as the names that it finds have it: with its accents, which the index has not, in the number they use."""
    names = " ".join(hit.label.text for hit in reversed(hits) if hit.label)
    written = {key(text): text.lower() for text in _LETTERS.findall(names)}
    in_number = {singular(one): text for one, text in written.items()}
    return written.get(word) or in_number.get(singular(word)) or word


def _put(question: str, other: Mapping[str, str]) -> str:
    return _LETTERS.sub(lambda match: other.get(key(match[0])) or match[0], question)


def _is_known(database: sqlite3.Connection, word: str) -> bool:
    return database.execute(_KNOWN, [expression(word)]).fetchone() is not None


def _near(database: sqlite3.Connection, word: str) -> list[str]:
    half = max((len(word) - 1) // 2, 2)
    begun = _terms(database, "word", word[:half], len(word), 1)
    ended = _terms(database, "backwards", word[: -half - 1 : -1], len(word), 1)
    found = _nearest(word, {**{term[::-1]: things for term, things in ended.items()}, **begun}, 1)
    if not found and len(word) >= _MIN_LETTERS_FOR_TWO:
        found = _nearest(word, _terms(database, "word", word[0], len(word), 2), 2)
    return found


def _terms(database: sqlite3.Connection, table: str, begun: str, length: int, most: int) -> dict[str, int]:
    asked = {"begun": begun, "length": length, "most": most}
    return {term: n for term, n in database.execute(_BEGUN.format(table=table), asked) if term.isalpha()}


def _nearest(word: str, things: Mapping[str, int], most: int) -> list[str]:
    from rapidfuzz import process  # only where nothing was found
    from rapidfuzz.distance import OSA

    others = [one for one in things if one != word]
    near = process.extract(word, others, scorer=OSA.distance, score_cutoff=most, limit=None)
    return [one[0] for one in sorted(near, key=lambda one: (one[1], -things[one[0]], one[0]))[:_MOST_NEAR]]
