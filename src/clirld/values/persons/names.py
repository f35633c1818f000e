"""Names of persons in a text or a cell, by civil titles, by what stands beside them and by a list of first names.

Surnames have no list: they are told by what stands beside them, so that the name of a person in the middle of a text
is found where a title, an office, or words that lead to somebody or tell what somebody does stand beside it. A first
name alone is found there too (« tenu par Jeanne »), but not where it may be the name of a place (« chez Jeanne »).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from clirld.values.characters import Span
from clirld.values.persons import phrases
from clirld.values.persons.first_names import (
    CAPITAL,
    INITIAL,
    NAME,
    NAMES,
    PARTICLES,
    is_first_name,
    is_no_surname,
    is_particle,
    words_of,
)
from clirld.values.text import unaccented

_RUN = re.compile(NAMES)
_NAME = re.compile(NAME)
_PARTICLE_AT_END = re.compile(rf"[ \u00a0](?:{PARTICLES})[ \u00a0]?$")
_PARTICLES_OF_SURNAMES = frozenset(["le", "de", "du", "el"])
_AND_IN_CAPITALS = re.compile(r" (?:ET|OU) ")
_CAPITALS = re.compile(rf"{CAPITAL}{{2}}")
_SPLIT = re.compile(r"\s*[,;/|–—]\s*|\s+-\s+|\s+")
_PERSONS_APART = re.compile(r"\s*(?:[,;/|&+]|\bet\b|\bou\b)\s*")
_AFTER_SAINT = re.compile(r"(?<!\w)(?:sainte?|ste?)[ -]$", re.IGNORECASE)
_INITIALED = re.compile(
    rf"{INITIAL}[ \u00a0]?(?:{PARTICLES}[ \u00a0]?)?{CAPITAL}[^\W\d_]{{2,}}(?:-{CAPITAL}[^\W\d_]+)?"
)
"""« J. Exemple »."""
_MIN_CELLS = 3
_MIN_SHARE = 0.5
_MAX_PERSONS = 12
_MAX_WORDS = 7
_ELIDED = re.compile(r"[ld]['’]")
_SOLE_TRADER = re.compile(r"(?:EIRL|EI|E\.I\.|(?i:entreprise individuelle))\s+")
_LETTERS = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")


def find(text: str) -> Iterator[Span]:
    """Where persons are named with a civil title, beside an office, or by words that lead to one (« auprès de »)."""
    if not phrases.may_hold(text):
        return
    yield from _titled(text)
    for match in phrases.AFTER_OFFICE.finditer(text):
        # « EMMAÜS FONDATEUR ABBÉ PIERRE » is a name.
        run = _RUN.match(text, match.end())
        is_strong = re.search(r"[:,(–—]|\bsont\b|\best\b", match["sign"]) is not None
        if run and (match[0] + run[0]).isupper() and not is_strong:
            continue
        if not _is_named_after(text, match.start()):
            yield from _persons(text, match.end(), surname_first=True, initials=":" in match["sign"])
    for match in phrases.AFTER_TOPIC.finditer(text) if ":" in text or "," in text else ():
        yield from _persons(text, match.end())
    # An expression that needs the sign takes long to find none in a text without it.
    for match in phrases.AFTER_OFFICE_SMALL.finditer(text) if ":" in text else ():
        if is_first_name(match["first"]):
            yield match.span("name")
    for match in phrases.LED_TO.finditer(text):
        yield from _persons(text, match.end(), initials=True)
    for match in phrases.BEFORE_OFFICE.finditer(text):
        if _length(match["name"]) and not _is_named_after(text, match.start("name")):
            yield from _persons(text, match.start("name"))
    for match in phrases.ALONE_BEFORE_OFFICE.finditer(text):
        if phrases.BEGINNING.search(text, 0, match.start()):
            yield from _persons(text, match.start("name"), initials=True)
    for match in phrases.WHO_DOES.finditer(text):
        is_told = match["all"] or phrases.BEGINNING.search(text, 0, match.start())
        if is_told and not _is_named_after(text, match.start()):
            yield from _persons(text, match.start("names"))


def _titled(text: str) -> Iterator[Span]:
    for match in phrases.TITLED.finditer(text):
        is_name = re.search(r"[^\W\d_]{2}", match["name"])
        if is_name and (_is_at_home(text, match) or not _is_named_after(text, match.start())):
            yield match.span()
            if re.match(r"(?i:mm|mmes|mlles|messieurs|mesdames|mesdemoiselles)\b", match[0]):
                yield from _next_titled(text, match.end())
    for match in phrases.TITLED_SMALL.finditer(text):
        if is_first_name(match["first"]):
            yield match.span()
    for match in phrases.TITLED_BY_TRADE.finditer(text):
        if _is_of_trade(match) and not _is_named_after(text, match.start()):
            yield match.span()
            if re.match(r"(?i:docteure?s|professeure?s|drs)", match[0]):
                yield from _next_titled(text, match.end())


def _is_at_home(text: str, titled: re.Match[str]) -> bool:
    """« chez Mme Jeanne Exemple », but not « Chez Mme Jeanne », which is a place's name."""
    words = [word[0] for word in _NAME.finditer(titled["name"])]
    is_whole = len(words) > 1 and any(map(is_first_name, words))
    return is_whole and re.search(r"(?i:\bchez\s$)", text[: titled.start()]) is not None


def _next_titled(text: str, at: int) -> Iterator[Span]:
    while following := phrases.NEXT_TITLED.match(text, at):
        yield following.span("name")
        at = following.end()


def _is_of_trade(match: re.Match[str]) -> bool:
    """Whether a title of a trade is a person's: not « DR Normandie », « Me Contacter », « Docteur Ordi »."""
    words = [word[0] for word in _NAME.finditer(match["name"]) if not is_particle(word[0])]
    if any(map(is_first_name, words)):
        return True
    if not words or is_no_surname(words[0]) or unaccented(words[0]) in words_of("not_titled"):
        return False
    # « Maître Composteur », « Me Joindre »: a trade or a verb.
    is_name = match["plain"] or (match["noun"] and not re.search(r"(?i:[eir]r|re|eur|ien)$", words[0]))
    return bool(is_name) and re.search(r"[^\W\d_]{2}", match["name"]) is not None


def _is_named_after(text: str, start: int) -> bool:
    return phrases.NAMED_AFTER.search(text, max(0, start - 30), start) is not None


def _persons(text: str, start: int, *, surname_first: bool = False, initials: bool = False) -> Iterator[Span]:
    """Names that stand one after another: « Jeanne, Jean et Camille Exemple ». Ends at what is none."""
    at = start
    while run := _RUN.match(text, at):
        length = _length(run[0], surname_first=surname_first, initials=initials)
        if not length:
            return
        yield at, at + length
        following = phrases.NEXT.match(text, at + length)
        if not following:
            return
        at = following.end()


def _length(run: str, *, surname_first: bool = False, initials: bool = False) -> int:
    """How much of some words with capitals is the name of one person, from the first; 0 where it is none."""
    run = _AND_IN_CAPITALS.split(run, 1)[0]
    words = [(word[0].rstrip("."), word.end()) for word in _NAME.finditer(run)]
    first, end = words[0]
    proper = [one for one in words[1:] if not is_particle(one[0])]  # « Yann Le Fictif »
    if is_first_name(first):
        if not proper:
            return 0 if first.lower() in words_of("not_alone") else end
        if is_no_surname(proper[0][0]):
            return 0
        for word, word_end in proper:
            if is_no_surname(word):
                break
            end = word_end
        return end
    if not proper or is_no_surname(proper[0][0]):
        return 0
    second, second_end = proper[0]
    if initials and re.fullmatch(rf"{CAPITAL}(?:\.?-?{CAPITAL})?", first) and _is_initial(run, first):
        return second_end if len(second) > 2 and second[1:].isalpha() else 0
    if surname_first or (first.isupper() and len(first) > 1 and not run.isupper()):
        return _length_surname_first(run, words)
    return 0


def _is_initial(run: str, first: str) -> bool:
    """« J. Exemple », « J Exemple », but not « L Atelier »."""
    return run[len(first) : len(first) + 1] == "." or first in "BEFGHIJKMNPRTV"


def _length_surname_first(run: str, words: list[tuple[str, int]]) -> int:
    """« EXEMPLE Jeanne », « Le Fictif Yann »."""
    if is_no_surname(words[0][0]) and words[0][0].lower() not in _PARTICLES_OF_SURNAMES:
        return 0
    for word, end in words[1:]:
        if is_no_surname(word):
            return 0
        if is_first_name(word):
            start = end - len(word)
            return 0 if _PARTICLE_AT_END.search(run, 0, start) else end  # « Bulle de Jeanne »
    return 0


def find_anywhere(text: str) -> Iterator[Span]:
    """Where a first name stands before a surname in the middle of a text: « projet de Jeanne Exemple ».

    Weaker than `find`, as places are named after persons, with or without a word that says so (« rue », « Saint »): for
    what is better left out than shown.
    """
    end = 0
    for word in _NAME.finditer(text):
        run = _RUN.match(text, word.start())
        if word.start() < end or not run or not is_first_name(word[0]):
            continue
        if _is_named_after(text, word.start()) or _AFTER_SAINT.search(text, 0, word.start()):
            continue
        if (length := _length(run[0])) > len(word[0]):
            end = word.start() + length
            yield word.start(), end


def is_listed_name(value: str) -> bool:
    """Whether a cell is a name as lists of persons write it, or several: SURNAME First name, First name SURNAME.

    Only where capitals or a sign tell the surname from the first name: « Jeanne Exemple » may be the name of a place.
    """
    if not _CAPITALS.search(value) or len(value) > 200:
        return False
    if _is_one_listed(value):
        return True
    parts = _PERSONS_APART.split(value.strip())
    return (
        len(parts) > 1
        and any(map(_is_one_listed, parts))
        and all(_is_one_listed(part) or is_first_name(part) for part in parts)
    )


def _is_one_listed(value: str) -> bool:
    words = _words(value) if _CAPITALS.search(value) else []
    if not words:
        return False
    surname = [word for word in words if word.isupper() and len(word) > 1]
    first = [word for word in words if word not in surname]
    proper = [word for word in surname if word.lower() not in _PARTICLES_OF_SURNAMES]
    return (
        0 < len(surname) < len(words)
        and len(first) <= 2
        and (words[: len(surname)] == surname or words[-len(surname) :] == surname)
        and all(is_first_name(word) for word in first)
        and not any(is_no_surname(word) for word in proper)
        and any(len(word) > 2 and re.search("[AEIOUYÀ-Ü]", word) for word in proper)
    )


def is_person_name(value: str) -> bool:
    """Whether a cell may be the name of a person: two to four words of which the first or the last is a first name.

    Weaker than `is_listed_name`: « Rosa Parks » is a place too. For a column, where most of its cells have to be so.
    """
    words = _words(value)
    return (
        len(words) >= 2
        and (is_first_name(words[0]) or is_first_name(words[-1]))
        and not any(is_no_surname(word) for word in words if not is_particle(word))
    )


def may_be_somebody(value: str) -> bool:
    """Whether a cell may be the name of a person or of several, however its letters are written: « jeanne exemple ».

    The weakest of all: for what is better left out than published, where nothing else says what is named.
    """
    if len(value) > 120:
        return False
    alone = _SOLE_TRADER.sub("", value.strip())
    may_be = _may_be_one(alone)
    if not may_be:
        parts = [part for part in _PERSONS_APART.split(alone) if part]
        may_be = parts != [alone] and 0 < len(parts) <= _MAX_PERSONS and all(map(_may_be_one, parts))
    return may_be and not is_namesake(alone)


def is_namesake(name: str) -> bool:
    """Whether a name is that of somebody whom places are named after: alone it is rather a place's."""
    return unaccented(name.strip()) in words_of("namesakes")


def _may_be_one(value: str) -> bool:
    words = [word for word in _SPLIT.split(value) if word]
    if not 0 < len(words) <= _MAX_WORDS or not all(map(_LETTERS.fullmatch, words)):
        return False
    first, last = unaccented(words[0]), unaccented(words[-1])
    if first in words_of("articles") or _ELIDED.match(first):  # « L'atelier de René »
        return False
    if len(words) == 1:
        return is_first_name(first) and first not in words_of("not_alone")
    proper = [word for word in words if not is_particle(word)]
    if len(proper) not in (2, 3) or not is_person_name(" ".join(word.capitalize() for word in words)):
        return False
    # « Bulle de Jeanne », « Bambouseraie du Guillaume », « Fabrique Nancy »: a thing, of somebody or of a town.
    is_of_something = is_particle(words[-2]) or last in words_of("not_alone")
    return is_first_name(first) or not is_of_something


def is_column_of_names(values: Iterable[str]) -> bool:
    """Whether most of the distinct cells of a column are names of persons: first and last, first alone, several."""
    distinct = {value.strip() for value in values if value.strip()}
    others = len(distinct) - int(_MIN_SHARE * len(distinct))
    """As many that are no names settle it."""
    is_other = (1 for value in distinct if not _is_somebody(value))
    return len(distinct) >= _MIN_CELLS and sum(islice(is_other, others)) < others


def _is_somebody(cell: str) -> bool:
    if is_person_name(cell) or is_first_name(cell) or may_be_somebody(cell) or _INITIALED.fullmatch(cell):
        return True
    return any(find(cell))


def _words(value: str) -> list[str]:
    """The words of a name, two to five, each with a capital or a particle; none for another text."""
    if len(value) > 60 or not any(map(str.isalpha, value)) or any(map(str.isdigit, value)):
        return []
    words = [word for word in _SPLIT.split(value.strip()) if word]
    names = [word for word in words if not re.fullmatch(PARTICLES, word) or word.isupper()]
    if not 2 <= len(words) <= 5 or not all(
        re.fullmatch(rf"(?:[dDlL]['’])?{CAPITAL}[^\W\d_]*(?:['’-][^\W\d_]+)*\.?", one) for one in names
    ):
        return []
    return names
