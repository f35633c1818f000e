"""Words of a text as they are looked for: without accents, case, elisions; and a question as an expression of FTS5.

Texts of the index and questions go through the same functions, so that what is written alike is found alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from clirld.values.text import Signs

MAX_WORDS = 32
"""Words of a question that count, beside the whole of it, which may be a name."""

_MIN_PLURAL = 5
"""Letters of the shortest word that may be a plural: « bus », « SAS » and « mars » are none."""
_MIN_LETTERS = 4
"""Of a word that may be mistyped: too many words are near a shorter one."""
_APOSTROPHES = re.compile("['’ʼ‘′`´]")
_ELISION = re.compile(r"(?<!\w)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'")
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_ABBREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_ARTICLES = ("le", "la", "les")
"""With which a name is often written, and left out by whoever looks for it; « l' » is no word here."""
_LINKS = frozenset(
    ("a", "à", "au", "aux", "avec", "chez", "d", "dans", "de", "des", "du", "en", "et", "l", "la", "le", "les", "par",
     "pour", "sur", "un", "une", "at", "by", "for", "from", "in", "near", "of", "the")
)  # fmt: skip
"""Words that bind others: alone, or at the end of some words, they ask for nothing."""
_MIN_PIECE = 2
"""Letters of a piece of a word that a name may have in two: « Clus'Ter », « co-working »."""
_MAX_SPLIT = 20
"""Letters of the longest word that is looked for in two pieces."""
_MIN_SPLIT = 6
"""Letters of the shortest one: of a shorter one each piece is a common word."""
_JOINED = re.compile(r"\w+(?:[-'\u2010\u2011]\w+)+")
"""Words that others write as one."""
_NAMES = "{label name}"
"""Columns of the index where a word may be in two pieces: in a description « mais on » is no « maison »."""
_QUOTED = re.compile(r'"([^"]*)"|«([^»]*)»|“([^”]*)”')
_OFFICIAL_NUMBER = re.compile(r"\s*\d(?:[\s.]*\d){8}(?:(?:[\s.]*\d){5})?\s*")
_WORD = re.compile(r"[^\W_]+")
_SPACED = {code: " " for code in range(128) if not chr(code).isalnum()}
"""The same of a text in ASCII, in a fifth of the time."""


def words(text: str) -> list[str]:
    """The words of a text, folded: « L'Œuvre de St-Étienne » is oeuvre, de, saint, etienne.

    Of a text without a letter or digit, its signs are one word.
    """
    return _plain(text) or _signs(text)


def singular(word: str) -> str:
    """A folded word without the mark of a French plural: locaux is local, coopératives coopérative, tiers-lieux lieu.

    What is left need not be a word; it is only compared with the same of another. The plural rules of J. Savoy's French
    stemmers (“A stemming procedure and stopword list for general French corpora”, Journal of the American Society for
    Information Science 50(10), 1999, pp. 944-952), from five letters on instead of six, for « lieux » and « pôles »;
    -x only after u, where French has it, and not -ss. An English plural loses its s too. Numbers, codes and short words
    stay as they are.
    """
    if len(word) < _MIN_PLURAL or not (word.isascii() and word.isalpha()):
        return word
    if word.endswith("aux") and not word.endswith("eaux"):
        return f"{word[:-2]}l"
    return word[:-1] if word.endswith("ux") or (word.endswith("s") and not word.endswith("ss")) else word


def number_free(words: Iterable[str]) -> list[str]:
    """Words as the index has them beside what is written, singular or plural alike; short ones and codes have none."""
    return [free for word in words if (free := _number_free(word))]


def backwards(words: Iterable[str]) -> list[str]:
    """The words of names that may be mistyped, from their last letter on, each once."""
    return sorted({word[::-1] for word in words if may_be_mistyped(word)})


def may_be_mistyped(word: str) -> bool:
    """Whether a folded word is long enough to be known by the rest of its letters, and no number."""
    return len(word) >= _MIN_LETTERS and word.isascii() and word.isalpha()


@lru_cache(maxsize=100_000)
def _number_free(word: str) -> str | None:
    return f"\ue003{singular(word)}" if len(word) >= _MIN_PLURAL - 1 and word.isascii() and word.isalpha() else None


def key(text: str) -> str:
    """A name as it is compared with another: its words."""
    return " ".join(words(text))


def keys(text: str) -> list[str]:
    """A name as it is compared with another, with and without the article before it: as it is written first."""
    asked = key(text)
    bare = without_article(asked)
    return list(dict.fromkeys([asked, bare, *(f"{article} {bare}" for article in _ARTICLES)])) if asked else []


def without_article(name: str) -> str:
    """A key without the article that it begins with."""
    first, _, rest = name.partition(" ")
    return rest if rest and first in _ARTICLES else name


def is_link(word: str) -> bool:
    """Whether a word only binds others, as « de » does."""
    return all(one in _LINKS for one in words(_APOSTROPHES.sub(" ", word)))


def without_last_links(asked: Sequence[str]) -> list[str]:
    """Some words without those at their end that would bind others: « tiers lieux » of « tiers lieux de »."""
    end = len(asked)
    while end and is_link(asked[end - 1]):
        end -= 1
    return list(asked[:end])


@lru_cache(maxsize=100_000)
def facet(name: str) -> str:
    """What the index says of a thing besides its texts, such as `type/initiative`, as one word of FTS5."""
    return re.sub(r"[^0-9a-z]", "\ue001", name.casefold())


def expression(question: str, near: Mapping[str, Sequence[str]] = MappingProxyType({})) -> str:
    """What FTS5 is asked (https://www.sqlite.org/fts5.html): all words, the last one as the beginning of a word.

    Singular and plural are asked for alike; what is written as it was asked has both forms, and comes first. Quoted
    words stand side by side in that order, as they are written. Empty without words. Whatever the question is, its
    words are quoted: it has no operators. A name may have a word in two pieces. `near` has other words that do
    as well, for those of the question that are not quoted.
    """
    parts = _parts(question, _with_joined(question, near))
    if _OFFICIAL_NUMBER.fullmatch(question):
        joined = "".join(re.findall(r"\d", question))
        parts = [f"(({' AND '.join(parts)}) OR {_quoted([joined])}*)"]
    return " AND ".join(parts)


def loose_words(question: str) -> list[str]:
    """The words of a question that are not quoted, folded, each once."""
    return list(dict.fromkeys(_plain(_QUOTED.sub(" ", question))[:MAX_WORDS]))


def _parts(question: str, near: Mapping[str, Sequence[str]]) -> list[str]:
    parts: list[str] = []
    left, at = MAX_WORDS, 0
    for match in _QUOTED.finditer(question):
        loose, phrase = _plain(question[at : match.start()])[:left], _plain(match[match.lastindex or 0])
        parts += [_either(word, near.get(word, ())) for word in loose]
        left -= len(loose)
        parts += [_quoted(phrase[:left])] if phrase[:left] else []
        left -= len(phrase[:left])
        at = match.end()
    loose = _plain(question[at:])
    parts += [_either(word, near.get(word, ())) for word in loose[:left]]
    if loose and len(loose) <= left:
        parts[-1] = _begun(loose[-1], near.get(loose[-1], ()))
    return parts or [_quoted([sign]) for sign in _signs(question)]


def _with_joined(question: str, near: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What does for each word: of « co-working » also the whole, written as one word."""
    found = {word: list(others) for word, others in near.items()}
    for match in _JOINED.finditer(_APOSTROPHES.sub("'", question)):
        pieces = _plain(match[0])
        if len(pieces) > 1 and (len(joined := "".join(pieces)) <= _MAX_SPLIT):
            for piece in pieces:
                found.setdefault(piece, []).append(joined)
    return found


def _in_two(word: str) -> list[str]:
    """A word in two pieces, as a name may have it, as FTS5 is asked."""
    if not (_MIN_SPLIT <= len(word) <= _MAX_SPLIT and may_be_mistyped(word)):
        return []
    pieces = (_quoted([word[:at], word[at:]]) for at in range(_MIN_PIECE, len(word) - _MIN_PIECE + 1))
    return [f"{_NAMES} : ({' OR '.join(pieces)})"]


def _begun(word: str, near: Sequence[str]) -> str:
    """A word that may be the beginning of another; an abbreviation also as it was written."""
    short = [one for one, whole in _ABBREVIATIONS.items() if whole == word]
    star = "*" if len(word) > 1 else ""  # too many begin with a letter
    return _any([f"{_quoted([one])}{star}" for one in (word, *short)], word, near)


def _either(word: str, near: Sequence[str]) -> str:
    """What is asked for a word, or its other number, or what is near it."""
    return _any([_quoted([word])], word, near)


def _any(asked: Sequence[str], word: str, near: Sequence[str]) -> str:
    either = [*asked, *map(_quoted, ([one] for one in (*number_free([word]), *near))), *_in_two(word)]
    return f"({' OR '.join(either)})" if len(either) > 1 else either[0]


def _quoted(phrase: Sequence[str]) -> str:
    return f'"{" ".join(phrase)}"'


def _plain(text: str) -> list[str]:
    folded = _folded(text)
    found = folded.translate(_SPACED).split() if folded.isascii() else _WORD.findall(folded)
    if _ABBREVIATIONS.keys().isdisjoint(found):
        return found
    return [_ABBREVIATIONS.get(word, word) for word in found]


def _folded(text: str) -> str:
    lower = _APOSTROPHES.sub("'", text).casefold()
    if "'" in lower:
        lower = _ELISION.sub(" ", lower)
    if lower.isascii():
        return lower
    return lower.translate(_FOLDED)


def _folded_sign(sign: str) -> str:
    apart = unicodedata.normalize("NFKD", sign.translate(_LETTERS)).casefold()
    return "".join(one for one in apart if not unicodedata.combining(one))


_FOLDED = Signs(_folded_sign)
"""Sign by sign it is the same as of a text."""


def _signs(text: str) -> list[str]:
    """A name such as « ★ » as a word: its code points."""
    signs = "".join(text.split())[:MAX_WORDS]
    return ["\ue002" + signs.encode("utf-8", "surrogatepass").hex()] if signs else []
