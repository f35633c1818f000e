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


@lru_cache(maxsize=100_000)
def facet(name: str) -> str:
    """What the index says of a thing besides its texts, such as `type/initiative`, as one word of FTS5."""
    return re.sub(r"[^0-9a-z]", "\ue001", name.casefold())


def expression(question: str, near: Mapping[str, Sequence[str]] = MappingProxyType({})) -> str:
    """What FTS5 is asked (https://www.sqlite.org/fts5.html): all words, the last one as the beginning of a word.

    Singular and plural are asked for alike; what is written as it was asked has both forms, and comes first. Quoted
    words stand side by side in that order, as they are written. Empty without words. Whatever the question is, its
    words are quoted: it has no operators. `near` has other words that do as well, for those of the question that are
    not quoted.
    """
    parts = _parts(question, near)
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


def _begun(word: str, near: Sequence[str]) -> str:
    """A word that may be the beginning of another; an abbreviation also as it was written."""
    short = [one for one, whole in _ABBREVIATIONS.items() if whole == word]
    star = "*" if len(word) > 1 else ""  # too many begin with a letter
    return _any([f"{_quoted([one])}{star}" for one in (word, *short)], word, near)


def _either(word: str, near: Sequence[str]) -> str:
    """What is asked for a word, or its other number, or what is near it."""
    return _any([_quoted([word])], word, near)


def _any(asked: Sequence[str], word: str, near: Sequence[str]) -> str:
    either = [*asked, *map(_quoted, ([one] for one in (*number_free([word]), *near)))]
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
